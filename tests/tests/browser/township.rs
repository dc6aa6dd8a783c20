//! A township's month in the browser, up to the county that follows it; and a county's question, up to the answer.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use tongpin_tests::process::Bureau;

use crate::driver::Browser;
use crate::office_year::{APPROVER, CLERK, OfficeYear, PUBLISHER};

/// The smallest picture that is one.
const PICTURE: &[u8] =
    b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\
    \x7e\x9bU\x00\x00\x00\x0aIDATx\x9cc\x60\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB\
    \x60\x82";

/// Opens an address again and again until its page says something: what travels takes a moment.
async fn until(browser: &Browser, address: &str, words: &str) -> Result<()> {
    for _ in 0..150 {
        browser.goto(address).await?;
        if browser.text("main").await?.contains(words) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bail!("{address} does not come to say {words:?} but {}", browser.text("main").await?)
}

async fn at(year: &OfficeYear, bureau: &Bureau) -> Result<Option<Browser>> {
    let Some(browser) = Browser::open(year.page(bureau)?).await? else { return Ok(None) };
    browser.goto("/").await?;
    browser.sign_in(&CLERK).await?;
    Ok(Some(browser))
}

/// Keeps in mind what a reader sees a form say while it is sent, and whether its button can be pressed then.
const WATCHED: &str = "
    const form = document.querySelector('form.card'), told = form.querySelector('.under-way');
    const seen = () => (told.checkVisibility() ? told.innerText : '') + form.querySelector('.main').disabled;
    const watch = new MutationObserver(() => sessionStorage.setItem('seen', seen()));
    watch.observe(form, { attributes: true, subtree: true });
";

/// The clerk of the township reports spending, what was reached and a picture; a wrong amount is told at its field and
/// nothing else is lost; the county sees the month with the name of the picture, and the spending in the project.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_reaches_the_county() -> Result<()> {
    if Browser::open("http://127.0.0.1").await?.is_none() {
        return Ok(());
    }
    let year = OfficeYear::begin()?;
    let Some(office) = at(&year, year.office()).await? else { return Ok(()) };
    let Some(county) = at(&year, year.county()).await? else { return Ok(()) };
    office.press("本月填报").await?;
    office.look("township-month").await?;
    let project = office.find("tbody th a").await?;
    let name = project.text().await?;
    office.press(&name).await?;
    let code = office.path().await?.rsplit('/').next().context("a project's code")?.to_owned();
    office.look("township-report").await?;
    let picture = year.folder().join("现场.png");
    std::fs::write(&picture, PICTURE)?;
    office.fill(&[("spent", "一千块"), ("note", "第 4 季度验收")]).await?;
    office.find("[name=file]").await?.send_keys(picture.to_str().context("a path in UTF-8")?).await?;
    office.press("保存").await?;
    office.says(".notice.bad", "还没有保存").await?;
    office.says("main", "现场.png").await?;
    let kept = office.find("[name=note]").await?.prop("value").await?;
    anyhow::ensure!(kept.as_deref() == Some("第 4 季度验收"), "what was typed is kept: {kept:?}");
    office.look("township-report-wrong").await?;
    office.fill(&[("spent", "1000")]).await?;
    office.press("保存").await?;
    office.says(".notice.good", "已保存").await?;
    until(&office, "/month", "已送达县级").await?;
    office.look("township-month-reported").await?;

    until(&county, &format!("/projects/{code}"), "现场.png").await?;
    county.says("main", "第 4 季度验收").await?;
    county.look("county-project-of-township").await?;
    county.goto(&format!("/townships/{}", year.township)).await?;
    county.says("main", &name).await?;
    county.look("county-township").await?;

    // A file that is on its way says so, and is not sent twice.
    county.goto("/import").await?;
    county.client.execute(WATCHED, Vec::new()).await?;
    let table = year.folder().join("项目.csv");
    std::fs::write(&table, "项目代码,项目名称\n")?;
    county.find("[name=file]").await?.send_keys(table.to_str().context("a path in UTF-8")?).await?;
    county.press("检查并预览").await?;
    let seen = county.client.execute("return sessionStorage.getItem('seen')", Vec::new()).await?;
    let seen = seen.as_str().unwrap_or_default();
    anyhow::ensure!(seen.contains("正在上传并检查") && seen.ends_with("true"), "it says so, its button dull: {seen:?}");
    Ok(())
}

/// A county asks, sees what leaves and sends it; the city names an expert and answers; the county reads the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered() -> Result<()> {
    if Browser::open("http://127.0.0.1").await?.is_none() {
        return Ok(());
    }
    let year = OfficeYear::begin()?;
    let Some(county) = at(&year, year.county()).await? else { return Ok(()) };
    let Some(city) = at(&year, year.city()).await? else { return Ok(()) };
    county.press("指导").await?;
    county.fill(&[("title", "跨年度项目如何填报"), ("text", "项目跨两个年度，执行数按哪一年填？")]).await?;
    county.press("下一步：查看将要送出的内容").await?;
    county.says("main", "项目跨两个年度").await?;
    county.look("question-preview").await?;
    county.press("送出").await?;
    county.look("question-sent").await?;

    until(&city, "/questions", "跨年度项目如何填报").await?;
    city.press("跨年度项目如何填报").await?;
    city.look("question").await?;
    city.press("退出").await?;
    city.sign_in(&PUBLISHER).await?;
    until(&city, "/questions", "跨年度项目如何填报").await?;
    city.press("跨年度项目如何填报").await?;
    city.look("question-answering").await?;
    city.fill(&[("text", "按资金下达的年度分别填报。")]).await?;
    city.check("sure-answer").await?;
    city.press("发布答复").await?;
    city.look("question-answered").await?;

    until(&county, "/questions", "按资金下达的年度分别填报").await?;
    county.look("answer-read").await?;
    county.press("退出").await?;
    county.sign_in(&APPROVER).await?;
    county.says("main", "按资金下达的年度分别填报").await
}
