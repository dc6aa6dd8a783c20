//! The console as people meet it: a real hub, a real browser, real keys; every page is looked at and checked by axe.
//!
//! Without `chromium` and `chromedriver` the tests say so and pass, unless `TONGPIN_TEST_BROWSER=required`.

mod blank_forms;
mod driver;
mod every_page;
mod forms;
mod look;
mod office_year;
mod people;
mod township;
mod whole_way;

use anyhow::{Result, ensure};
use tempfile::TempDir;
use tongpin_tests::process::{Bureau, Program, Running};

use driver::Browser;
use people::{ADMINISTRATOR, AUDITOR, CLERK, SECURITY};

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// A hub that nobody has an account at yet.
fn hub() -> Result<(TempDir, Running)> {
    let folder = tempfile::tempdir()?;
    let hub = Bureau::new(Program::Hub, folder.path(), "hub");
    hub.run(&["init", "--region", "320500", "--name", "苏州市"])?;
    let running = hub.serve()?;
    Ok((folder, running))
}

/// Three administrators set the console up in the browser, a clerk gets a duty, what is not hers stays closed, and the
/// auditor finds it all in a log that is whole.
#[tokio::test(flavor = "multi_thread")]
async fn set_up_by_three_and_audited() -> Result<()> {
    let (_folder, hub) = hub()?;
    let Some(browser) = Browser::open(&hub.page).await? else { return Ok(()) };

    browser.first_start(&hub.setup_code).await?;
    browser.sign_in(&ADMINISTRATOR).await?;
    browser.says(".notice.warn", "还没有安全管理员").await?;
    browser.look("overview-administrator").await?;
    let given = browser.make(&SECURITY, true).await?;
    browser.press("退出").await?;
    browser.look("sign-in").await?;

    browser.choose_own_password(&SECURITY, &given).await?;
    browser.says(".notice.warn", "还没有审计员").await?;
    browser.look("overview-security").await?;
    browser.press("退出").await?;

    browser.sign_in(&ADMINISTRATOR).await?;
    let clerks = browser.make(&CLERK, false).await?;
    let auditors = browser.make(&AUDITOR, false).await?;
    browser.press("返回账号列表").await?;
    browser.look("accounts").await?;
    browser.press(CLERK.name).await?;
    browser.look("account-reset-and-stop").await?;
    browser.press("退出").await?;

    browser.sign_in(&SECURITY).await?;
    browser.give(&AUDITOR, "duty-audit").await?;
    browser.give(&CLERK, "duty-enter").await?;
    browser.look("accounts-with-duties").await?;
    browser.press("退出").await?;

    browser.choose_own_password(&CLERK, &clerks).await?;
    browser.look("overview-clerk").await?;
    for (address, heading, name) in [
        ("/catalogs", "目录发布", "catalogs"),
        ("/catalogs/regions", "区划", "catalog"),
        ("/collections", "归集", "collections"),
        ("/analysis", "汇总分析", "analysis"),
        ("/questions", "指导", "hub-questions"),
        ("/nodes", "节点", "nodes"),
    ] {
        browser.goto(address).await?;
        browser.says("h1", heading).await?;
        browser.look(name).await?;
    }
    browser.goto("/audit").await?;
    browser.says("h1", "没有权限").await?;
    browser.look("refused").await?;
    browser.goto("/nowhere").await?;
    browser.says("h1", "没有此页").await?;
    browser.look("no-such-page").await?;
    browser.press("退出").await?;

    browser.choose_own_password(&AUDITOR, &auditors).await?;
    browser.audit().await
}

/// Whoever has only a keyboard sees where it is and signs in with Tab and Enter alone.
#[tokio::test(flavor = "multi_thread")]
async fn signed_in_by_keyboard() -> Result<()> {
    let (_folder, hub) = hub()?;
    let Some(browser) = Browser::open(&hub.page).await? else { return Ok(()) };
    browser.make_first(&hub.setup_code).await?;
    browser.is_at("/sign-in").await?;

    browser.key(TAB).await?;
    ensure!(browser.focus().await?.0 == "跳到正文", "the first stop leads past the menu");
    browser.look("sign-in-skip").await?;
    for (field, typed) in [("name", ADMINISTRATOR.name), ("password", ADMINISTRATOR.password)] {
        browser.tab_to(field).await?;
        for letter in typed.chars() {
            browser.key(letter).await?;
        }
    }
    browser.tab_to("登录").await?;
    browser.through(browser.key(ENTER)).await?;
    browser.is_at("/").await?;
    browser.says(".who", ADMINISTRATOR.display_name).await
}

/// One press turns the console to English, from any page and for every page, and another turns it back.
#[tokio::test(flavor = "multi_thread")]
async fn in_english() -> Result<()> {
    let (_folder, hub) = hub()?;
    let Some(browser) = Browser::open(&hub.page).await? else { return Ok(()) };
    browser.make_first(&hub.setup_code).await?;
    browser.press("English").await?;
    browser.is_at("/sign-in").await?;
    browser.says("h1", "Sign in").await?;
    browser.look("en-sign-in").await?;

    browser.fill(&[("name", ADMINISTRATOR.name), ("password", ADMINISTRATOR.password)]).await?;
    browser.press("Sign in").await?;
    browser.says(".notice.warn", "there is no security administrator yet").await?;
    ensure!(
        browser.find("html").await?.attr("lang").await?.as_deref() == Some("en"),
        "the page says that it is English"
    );
    browser.look("en-overview").await?;
    for (place, name) in [("/accounts", "en-accounts"), ("/accounts/new", "en-accounts-new"), ("/me", "en-me")] {
        browser.goto(place).await?;
        browser.look(name).await?;
    }
    browser.press("中文").await?;
    browser.is_at("/me").await?;
    browser.says("h1", "我的账号").await
}
