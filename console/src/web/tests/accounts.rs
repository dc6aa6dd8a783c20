//! Accounts and duties: who makes them, who gives them what, what nobody may be given, and what the log says of it.

use super::browser::{Browser, GOOD, Ground};

/// Takes the temporary password from the page that shows it once.
fn temporary(page: &str) -> String {
    let rest = page.split("<code>").nth(1).expect("a password");
    rest.split("</code>").next().expect("its end").to_owned()
}

/// Makes an account in the administrator's browser and returns a browser in which it has chosen its own password.
async fn member(ground: &Ground, admin: &mut Browser, name: &str, fields: &[(&str, &str)]) -> Browser {
    admin.open("/accounts/new").await;
    let all: Vec<(&str, &str)> = [("name", name), ("display_name", "岗位")].iter().chain(fields).copied().collect();
    let password = temporary(&admin.send("/accounts/new", &all).await.text);
    let mut browser = ground.browser();
    assert_eq!(browser.sign_in(name, &password).await.path, "/me");
    assert_eq!(browser.open("/accounts").await.path, "/me", "the own password comes first");
    let change = [("old", password.as_str()), ("password", GOOD), ("again", GOOD)];
    assert_eq!(browser.send_form("/me", "password", &change).await.path, "/");
    browser
}

async fn id_of(ground: &Ground, name: &str) -> String {
    ground.web.store().account_named(name).await.expect("readable").expect("there").id
}

async fn give(ground: &Ground, security: &mut Browser, name: &str, duties: &[&str]) -> u16 {
    let page = format!("/accounts/{}", id_of(ground, name).await);
    security.open(&page).await;
    let fields: Vec<(&str, &str)> = duties.iter().map(|duty| ("duty", *duty)).collect();
    security.send_form(&page, "duties", &fields).await.status
}

/// The system administrator names the first security administrator; that one gives duties, keeps the three apart, and
/// each opens what is theirs and nothing else. Refusals are in the log that the auditor reads, checks and exports.
#[tokio::test]
async fn three_administrators() {
    let ground = Ground::new().await;
    let mut admin = ground.administrator().await;
    let mut security = member(&ground, &mut admin, "anquan", &[("security", "1")]).await;
    assert!(!admin.open("/accounts/new").await.text.contains("指定为安全管理员"), "once is enough");
    let mut auditor = member(&ground, &mut admin, "shenji", &[]).await;
    assert_eq!(auditor.open("/audit").await.status, 403);

    assert_eq!(give(&ground, &mut security, "shenji", &["audit", "enter"]).await, 422);
    assert!(security.shown.text.contains("不能兼任业务岗位"));
    assert_eq!(give(&ground, &mut security, "shenji", &["audit", "system"]).await, 422);
    assert!(security.shown.text.contains("须分设"));
    assert_eq!(give(&ground, &mut security, "shenji", &["audit"]).await, 200);

    assert_eq!(auditor.open("/audit").await.status, 200, "what was given is there at once");
    assert_eq!(auditor.open("/accounts").await.status, 403);
    assert_eq!(admin.open("/audit").await.status, 403);
    assert_eq!(security.open("/accounts/new").await.status, 403);
    let shown = auditor.open("/audit?action=page_refused").await.text.clone();
    for told in ["越权访问", "须有岗位：审计员", "须有岗位：系统管理员、安全管理员", "anquan", "admin"]
    {
        assert!(shown.contains(told), "{told}");
    }
    let shown = auditor.send("/audit/check", &[]).await;
    assert!(shown.text.contains("日志完整"));
    assert!(
        !auditor.open("/audit").await.text.contains("日志完整"),
        "said once: to load the page again checks nothing"
    );
    for page in ["18446744073709551615", "1000000", "-1", "x"] {
        let shown = auditor.open(&format!("/audit?page={page}")).await;
        assert!(shown.status == 200 && shown.text.contains("核验完整性"), "{page}");
    }
    let exported = auditor.send("/audit/export.csv", &[]).await;
    assert_eq!(exported.headers.get("content-type").and_then(|it| it.to_str().ok()), Some("text/csv; charset=utf-8"));
    assert!(exported.text.starts_with("\u{feff}序号,时间,账号"));
    let due = ground.web.store().audit_count(&tongpin_store::AuditFilter::default()).await.expect("readable");
    assert_eq!(exported.text.lines().count() as u64, due + 1, "a line each and the header");
    assert!(exported.text.contains("（未授予） → 审计员"));
}

/// One account does not enter and approve, unless the security administrator has said that there is one clerk only;
/// when that holds no more, an account with both is shown as to be decided, to it and to the administrator.
#[tokio::test]
async fn entering_and_approving() {
    let ground = Ground::new().await;
    let mut admin = ground.administrator().await;
    let mut security = member(&ground, &mut admin, "anquan", &[("security", "1")]).await;
    let mut clerk = member(&ground, &mut admin, "jingban", &[]).await;
    assert_eq!(give(&ground, &mut security, "jingban", &["enter", "approve"]).await, 422);
    assert!(security.shown.text.contains("经办和审核须由两个账号分别担任"));
    security.open("/accounts").await;
    assert_eq!(security.send("/accounts/one-clerk", &[("one", "1")]).await.path, "/accounts");
    assert!(security.shown.text.contains("已登记：本单位只有一名经办人员"));
    assert_eq!(give(&ground, &mut security, "jingban", &["enter", "approve"]).await, 200);
    assert!(!clerk.open("/").await.text.contains("不能审核"));

    security.open("/accounts").await;
    security.send("/accounts/one-clerk", &[]).await;
    assert!(security.shown.text.contains("待决定：经办与审核不能兼任"));
    assert!(security.open("/").await.text.contains("账号 jingban 同时有经办和审核岗位"));
    assert!(clerk.open("/").await.text.contains("在安全管理员决定之前只能经办，不能审核"));
    let check = crate::doctor::accounts(ground.web.store(), tongpin_domain::lang::Lang::Zh).await.expect("readable");
    assert_eq!(check.state, crate::state::State::Warn);
    assert!(check.detail.contains("jingban") && check.advice.is_some_and(|it| it.contains("收回其中一个")));
    let logged: Vec<_> = ground.logged("one_clerk").await.into_iter().map(|it| it.1).collect();
    assert_eq!(logged, ["登记：只有一名经办人员，一人经办并审核", "取消登记：经办与审核分设"]);
}

/// An administrator cannot change the own account, form by form or by hand, nor do the other's work.
#[tokio::test]
async fn nobody_serves_himself() {
    let ground = Ground::new().await;
    let mut admin = ground.administrator().await;
    let mut security = member(&ground, &mut admin, "anquan", &[("security", "1")]).await;
    let own = format!("/accounts/{}", id_of(&ground, "anquan").await);
    assert!(security.open(&own).await.text.contains("须由另一位管理员修改"));
    let csrf = super::browser::hidden(&security.shown.text).into_iter().find(|it| it.0 == "csrf").expect("a token").1;
    let ask = |what: &str| Some(format!("csrf={csrf}&what={what}&duty=system&sure=1"));
    let here = [("sec-fetch-site", "same-origin")];
    assert_eq!(security.ask("POST", &own, ask("duties"), &here).await.status, 422);
    let other = format!("/accounts/{}", id_of(&ground, "admin").await);
    assert_eq!(security.ask("POST", &other, ask("stop"), &here).await.status, 403);
    assert!(ground.web.store().account_named("admin").await.expect("readable").expect("there").active);

    // That there is one clerk only is not said by whoever makes the accounts.
    assert!(!admin.open("/accounts").await.text.contains("action=\"/accounts/one-clerk\""));
    admin.open("/accounts/new").await;
    let csrf = super::browser::hidden(&admin.shown.text).into_iter().find(|it| it.0 == "csrf").expect("a token").1;
    let one = Some(format!("csrf={csrf}&one=1"));
    assert_eq!(admin.ask("POST", "/accounts/one-clerk", one, &here).await.status, 403);
    assert!(!ground.web.store().one_clerk().await.expect("readable"));
}

/// Stopping an account ends its sessions at once and keeps it out; the last of the administrators cannot be stopped; a
/// reset gives a temporary password and takes the second factor away.
#[tokio::test]
async fn stop_start_reset() {
    let ground = Ground::new().await;
    let mut admin = ground.administrator().await;
    member(&ground, &mut admin, "anquan", &[("security", "1")]).await;
    let mut clerk = member(&ground, &mut admin, "jingban", &[]).await;
    let page = format!("/accounts/{}", id_of(&ground, "jingban").await);
    admin.open(&page).await;
    assert_eq!(admin.send_form(&page, "\"stop\"", &[]).await.status, 422, "not without being sure");
    admin.send_form(&page, "\"stop\"", &[("sure", "1")]).await;
    assert!(clerk.open("/").await.path.starts_with("/sign-in"));
    assert_eq!(clerk.sign_in("jingban", GOOD).await.status, 401);
    admin.open(&page).await;
    admin.send_form(&page, "\"start\"", &[("sure", "1")]).await;
    ground.wait(31);
    assert_eq!(clerk.sign_in("jingban", GOOD).await.path, "/");

    admin.open(&page).await;
    let password = temporary(&admin.send_form(&page, "\"reset\"", &[("sure", "1")]).await.text);
    assert!(clerk.open("/").await.path.starts_with("/sign-in"));
    assert_eq!(clerk.sign_in("jingban", GOOD).await.status, 401);
    assert_eq!(clerk.sign_in("jingban", &password).await.path, "/me");

    let last = format!("/accounts/{}", id_of(&ground, "anquan").await);
    admin.open(&last).await;
    assert_eq!(admin.send_form(&last, "\"stop\"", &[("sure", "1")]).await.status, 422);
    assert!(admin.shown.text.contains("最后一个管理员"));
}

/// A name that is taken is told at its field; script in a name is text wherever it is shown.
#[tokio::test]
async fn names() {
    let ground = Ground::new().await;
    let mut admin = ground.administrator().await;
    admin.open("/accounts/new").await;
    let evil = "<script>alert(1)</script>";
    let shown = admin.send("/accounts/new", &[("name", "admin"), ("display_name", evil)]).await;
    assert!(shown.status == 422 && shown.text.contains("这个登录名已经有了"));
    admin.send("/accounts/new", &[("name", "other"), ("display_name", evil)]).await;
    let shown = admin.open("/accounts").await;
    assert!(!shown.text.contains("<script>") && shown.text.contains("&lt;script&gt;"));
}
