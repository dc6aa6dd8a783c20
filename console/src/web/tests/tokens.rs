//! Tokens of departments' systems: who makes them, what they open, and when they stop.

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use super::browser::{Browser, GOOD, Ground};
use crate::scope::Scope;
use crate::web::Web;
use crate::web::api::{Caller, Refusal};

/// An API of one address.
pub(super) fn api() -> Router<Web> {
    Router::new().route(
        "/name",
        get(async |State(web): State<Web>, caller: Caller| -> Result<String, Refusal> {
            caller.must(&web, Scope::ProjectsRead).await?;
            Ok(caller.name)
        }),
    )
}

/// The browser of the security administrator.
async fn security(ground: &Ground) -> Browser {
    let mut admin = ground.administrator().await;
    assert_eq!(admin.open("/tokens").await.status, 403);
    admin.open("/accounts/new").await;
    let fields = [("name", "anquan"), ("display_name", "岗位"), ("security", "1")];
    let shown = &admin.send("/accounts/new", &fields).await.text;
    let password = shown.split("<code>").nth(1).and_then(|it| it.split("</code>").next()).expect("shown").to_owned();
    let mut browser = ground.browser();
    browser.sign_in("anquan", &password).await;
    browser.send_form("/me", "password", &[("old", &password), ("password", GOOD), ("again", GOOD)]).await;
    browser
}

/// Makes a token and takes its secret from the page that shows it once.
async fn made(browser: &mut Browser, name: &str, scope: &str, until: &str) -> String {
    browser.open("/tokens").await;
    let shown = browser.send("/tokens", &[("name", name), ("scope", scope), ("until", until)]).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let secret = shown.text.split("<code>").nth(1).and_then(|it| it.split("</code>").next()).expect("shown");
    assert!(secret.starts_with("tp_") && secret.len() == 46, "{secret}");
    secret.to_owned()
}

/// Status and text of a call with a token.
async fn call(ground: &Ground, secret: &str) -> (u16, String) {
    let value = format!("Bearer {secret}");
    let mut system = ground.browser();
    let shown = system.ask("GET", "/api/v1/name", None, &[("authorization", &value)]).await;
    (shown.status, shown.text.clone())
}

/// The form says what is wrong with each field and keeps what was typed; a name is used once.
#[tokio::test]
async fn the_form() {
    let ground = Ground::new().await;
    let mut browser = security(&ground).await;
    // The tests' clock stands on 2027-01-15, in the afternoon.
    for (name, scope, until, said) in [
        ("", "projects:read", "2027-12-31", "请填写系统名称"),
        ("住建局", "", "2027-12-31", "请至少选一项权限"),
        ("住建局", "projects:*", "2027-12-31", "请至少选一项权限"),
        ("住建局", "projects:read", "", "日期，如 2026-12-31"),
        ("住建局", "projects:read", "2027-01-14", "这一天已过"),
        ("住建局", "projects:read", "2029-01-16", "最长两年"),
    ] {
        browser.open("/tokens").await;
        let shown = browser.send("/tokens", &[("name", name), ("scope", scope), ("until", until)]).await;
        assert_eq!(shown.status, 422, "{said}");
        assert!(shown.text.contains(said) && shown.text.contains(&format!("value=\"{until}\"")), "{said}");
    }
    assert!(ground.logged("token_new").await.is_empty());
    let secret = made(&mut browser, "住建局", "projects:read", "2029-01-15").await;
    let list = &browser.open("/tokens").await.text;
    assert!(list.contains("住建局") && list.contains("读取项目") && !list.contains(&secret));
    let again = [("name", "住建局"), ("scope", "projects:read"), ("until", "2027-12-31")];
    assert!(browser.send("/tokens", &again).await.text.contains("这个名称用过了"));
    let due = ("anquan".to_owned(), "权限：读取项目；有效期至 2029-01-15".to_owned(), true);
    assert_eq!(ground.logged("token_new").await, [due]);
}

/// A token opens what it was made for, under its name, until the end of its last day; what it was not made for is
/// refused and written down.
#[tokio::test]
async fn scope_and_end() {
    let ground = Ground::new().await;
    let mut browser = security(&ground).await;
    let reads = made(&mut browser, "住建局", "projects:read", "2027-01-15").await;
    let other = made(&mut browser, "教育局", "changes:read", "2027-12-31").await;
    assert_eq!(call(&ground, &reads).await, (200, "住建局".into()));
    let refused = call(&ground, &other).await;
    assert!(refused.0 == 403 && refused.1.contains("\"scope_missing\""), "{refused:?}");
    let due = ("令牌 教育局".to_owned(), "须有权限：projects:read".to_owned(), false);
    assert_eq!(ground.logged("api_refused").await, [due]);
    assert!(browser.open("/tokens").await.text.contains("2027-01-15 16:00:00"), "when it was used last");
    // Midnight in China is eight hours away.
    ground.wait(8 * 3600 - 1);
    assert_eq!(call(&ground, &reads).await.0, 200);
    ground.wait(1);
    let ended = call(&ground, &reads).await;
    assert!(ended.0 == 401 && ended.1.contains("\"token_invalid\""), "{ended:?}");
    let last = ground.logged("api_refused").await.pop().expect("logged");
    assert_eq!((last.1.as_str(), last.2), ("令牌已到期", false));
}

/// A revoked token is good no more from the next call on, and revoking wants to be meant.
#[tokio::test]
async fn revoked() {
    let ground = Ground::new().await;
    let mut browser = security(&ground).await;
    let secret = made(&mut browser, "住建局", "projects:read", "2027-12-31").await;
    let id = ground.web.store().api_tokens().await.expect("readable")[0].id.clone();
    let address = format!("/tokens/{id}/revoke");
    browser.open("/tokens").await;
    assert_eq!(browser.send(&address, &[]).await.status, 422);
    assert_eq!(call(&ground, &secret).await.0, 200);
    browser.open("/tokens").await;
    assert_eq!(browser.send(&address, &[("sure", "1")]).await.path, "/tokens");
    assert!(browser.shown.text.contains("已吊销"));
    assert_eq!(call(&ground, &secret).await.0, 401);
    assert_eq!(ground.logged("token_revoke").await, [("anquan".to_owned(), String::new(), true)]);
}

/// A session opens nothing of the API, whatever else is wrong is told as JSON, and even before the first account
/// nobody is led to a page.
#[tokio::test]
async fn cookies_mean_nothing() {
    let ground = Ground::new().await;
    assert!(call(&ground, "tp_none").await.1.contains("\"token_invalid\""));
    let mut browser = security(&ground).await;
    let secret = made(&mut browser, "住建局", "projects:read", "2027-12-31").await;
    let shown = browser.open("/api/v1/name").await;
    assert!(shown.status == 401 && shown.text.contains("\"token_missing\""), "{}", shown.text);
    assert_eq!(shown.headers.get("www-authenticate").and_then(|it| it.to_str().ok()), Some("Bearer"));
    let value = format!("Bearer {secret}");
    let mut system = ground.browser();
    for (method, address, status, code) in
        [("GET", "/api/v1/nothing", 404, "no_such_address"), ("DELETE", "/api/v1/name", 405, "method_not_allowed")]
    {
        let shown = system.ask(method, address, None, &[("authorization", &value)]).await;
        assert_eq!(shown.status, status);
        assert!(shown.text.contains(code), "{}", shown.text);
    }
}

/// An address that brings wrong tokens is told to wait and fills no log, but a good one is taken from it all the while,
/// and people sign in.
#[tokio::test]
async fn wrong_tokens() {
    let ground = Ground::new().await;
    let mut browser = security(&ground).await;
    let secret = made(&mut browser, "住建局", "projects:read", "2027-12-31").await;
    for _ in 0..20 {
        assert_eq!(call(&ground, "tp_wrong").await.0, 401);
    }
    assert_eq!(call(&ground, "tp_wrong").await.0, 429);
    assert_eq!(call(&ground, &secret).await.0, 200, "one system's fault does not stop another at its address");
    assert_eq!(ground.logged("api_refused").await.len(), 20, "what is not looked at is not written down");
    assert_eq!(ground.browser().sign_in("anquan", GOOD).await.path, "/");
    assert_eq!(ground.web.throttle().waited(), 0);
    ground.wait(60);
    assert_eq!(call(&ground, "tp_wrong").await.0, 401);
}
