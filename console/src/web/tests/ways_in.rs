//! The ways in: the first start, signing in and out, the second factor, and what strangers get.

use tongpin_domain::digest::Digest;

use super::browser::{Browser, GOOD, Ground, hidden};
use crate::second_factor;

/// Until there is an account every page leads to the making of the first, which takes the printed code, says at each
/// field what is wrong, keeps what was typed, and closes for good.
#[tokio::test]
async fn first_start() {
    let ground = Ground::new().await;
    let mut browser = ground.browser();
    let script = browser.open("/app.js").await;
    assert!(script.status == 200 && script.path == "/app.js", "a browser refuses a script that is led to a page");
    assert_eq!(browser.open("/accounts").await.path, "/first");
    let wrong = [
        ("code", "AAAA-BBBB-CCCC"),
        ("name", "admin"),
        ("display_name", "信息科"),
        ("password", GOOD),
        ("again", GOOD),
    ];
    let shown = browser.send("/first", &wrong).await;
    assert!(shown.status == 422 && shown.text.contains("启用码不正确") && shown.text.contains("value=\"信息科\""));
    let code = ground.web.setup_code().expect("a code").to_owned();
    let weak =
        [("code", code.as_str()), ("name", "a b"), ("display_name", ""), ("password", "short"), ("again", "other")];
    let shown = browser.send("/first", &weak).await;
    assert_eq!(shown.status, 422);
    for told in ["须为 2 至 32 个字母", "请填写姓名或岗位", "密码至少 10 个字符", "两次输入的密码不同"]
    {
        assert!(shown.text.contains(told), "{told}");
    }
    assert!(!shown.text.contains("value=\"short\""), "no password comes back");
    let right =
        [("code", code.as_str()), ("name", "admin"), ("display_name", "信息科"), ("password", GOOD), ("again", GOOD)];
    let shown = browser.send("/first", &right).await;
    assert_eq!(shown.path, "/sign-in?made=1");
    assert!(shown.text.contains("账号已建立，请登录"), "{}", shown.text);
    assert_eq!(browser.open("/first").await.path, "/sign-in");
    assert_eq!(browser.sign_in("admin", GOOD).await.path, "/");
    assert!(browser.shown.text.contains("还没有安全管理员"));
    let logged = ground.logged("first_account").await;
    assert_eq!(logged.iter().map(|it| it.2).collect::<Vec<_>>(), [false, true]);
}

/// Without a session a page leads to signing in and from there to where the reader wanted to go, but nowhere else.
#[tokio::test]
async fn signing_in_and_out() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    assert_eq!(browser.open("/accounts").await.status, 200);
    let kept = browser.cookies.clone();
    assert_eq!(browser.send("/sign-out", &[]).await.path, "/sign-in");
    browser.cookies = kept;
    assert_eq!(
        browser.open("/accounts").await.path,
        "/sign-in?next=%2Faccounts",
        "the session is gone, not only its cookie"
    );
    let typed = [("name", "admin"), ("password", GOOD)];
    assert_eq!(browser.send("/sign-in", &typed).await.path, "/accounts");

    for elsewhere in ["//evil.example", "https://evil.example", "/%5Cevil.example", "/%09/evil.example"] {
        let mut stranger = ground.browser();
        stranger.open(&format!("/sign-in?next={elsewhere}")).await;
        assert_eq!(stranger.send("/sign-in", &typed).await.path, "/", "{elsewhere}");
    }
    let outs = ground.logged("sign_out").await;
    assert_eq!(outs.len(), 1);

    // Nor does the way in lead elsewhere whoever is in already, nor the choice of a language anybody.
    for elsewhere in ["//evil.example", "/%5Cevil.example", "/%09/evil.example"] {
        assert_eq!(browser.open(&format!("/sign-in?next={elsewhere}")).await.path, "/", "{elsewhere}");
        let chosen = serde_urlencoded::to_string([("lang", "zh"), ("back", elsewhere)]).expect("text");
        let here = [("sec-fetch-site", "same-origin")];
        assert_eq!(browser.ask("POST", "/lang", Some(chosen), &here).await.path, "/", "{elsewhere}");
    }
    assert_eq!(browser.open("/sign-in?next=%2Faccounts").await.path, "/accounts");
}

/// A wrong password, an unknown name and a stopped account look alike; after five failures an account's attempts wait,
/// but the right password is taken from wherever it comes, its owner is told, and a success afterwards starts anew. All
/// of it is written down.
#[tokio::test]
async fn guessing_is_slowed_down() {
    let ground = Ground::new().await;
    ground.administrator().await;
    let mut browser = ground.browser();
    let unknown = browser.sign_in("nobody", GOOD).await.text.clone();
    assert!(unknown.contains("登录名、密码或动态口令不正确，或账号已停用"));
    for _ in 0..5 {
        let shown = browser.sign_in("admin", "wrong").await;
        assert!(shown.status == 401 && shown.text.contains("登录名、密码或动态口令不正确，或账号已停用"));
    }
    assert_eq!(ground.web.throttle().waited(), 0);
    assert_eq!(browser.sign_in("admin", "wrong").await.status, 401);
    assert_eq!(ground.web.throttle().waited(), 2, "the sixth had to wait");
    let mut elsewhere = ground.browser_behind("10.9.9.9");
    assert_eq!(elsewhere.sign_in("admin", GOOD).await.path, "/", "nobody is shut out by another's failures");
    assert_eq!(ground.web.throttle().waited(), 2 + 4);
    assert!(elsewhere.shown.text.contains("本次登录之前有 6 次失败的登录"), "its owner is told");
    let mine = elsewhere.open("/me").await;
    assert_eq!(mine.text.matches("<li>").count(), 6, "and sees each, {}", mine.text);
    let refused: Vec<_> = ground.logged("sign_in").await.into_iter().filter(|it| !it.2).collect();
    assert_eq!(refused.len(), 7, "one unknown, six wrong");
    assert_eq!(browser.sign_in("admin", GOOD).await.path, "/");
    assert!(!browser.shown.text.contains("失败的登录"), "a success begins anew");
}

/// Whoever sits at an open page and guesses the present password, or a code, waits as one does who signs in.
#[tokio::test]
async fn guessing_at_an_open_page_is_slowed_down() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    for _ in 0..6 {
        browser.open("/me").await;
        let typed = [("old", "wrong"), ("password", "Other-2 Jue Xin"), ("again", "Other-2 Jue Xin")];
        assert_eq!(browser.send_form("/me", "value=\"password\"", &typed).await.status, 422);
    }
    assert_eq!(ground.web.throttle().waited(), 2);
    let account = ground.web.store().account_named("admin").await.expect("readable").expect("there");
    assert_eq!(account.failures, 6);
    assert!(ground.logged("password").await.iter().all(|it| !it.2 && it.1 == "现在的密码不正确"));
}

/// So does whoever guesses the code that turns the second factor off. Each failure counts for the address, too: with
/// those of signing in they make the twenty after which it waits.
#[tokio::test]
async fn guessing_codes_at_an_open_page_is_slowed_down() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    browser.open("/me").await;
    let (secret, _) = turn_on(&ground, &mut browser).await;
    let is_wrong = |code: &String| second_factor::check(&secret, code, ground.now()).is_none();
    let wrong = (0..4).map(|number| format!("{number:06}")).find(is_wrong).expect("three are right at once");
    for _ in 0..6 {
        browser.open("/me").await;
        assert_eq!(browser.send_form("/me", "factor_off", &[("code", &wrong)]).await.status, 422);
    }
    assert_eq!(ground.web.throttle().waited(), 2);
    assert_eq!(ground.logged("factor_off").await.iter().filter(|it| !it.2).count(), 6);
    let mut stranger = ground.browser();
    for number in 0..14 {
        assert_eq!(stranger.sign_in(&format!("name{number}"), "x").await.status, 401);
    }
    assert_eq!(ground.web.throttle().waited(), 2);
    assert_eq!(stranger.sign_in("nobody", "x").await.status, 401);
    assert_eq!(ground.web.throttle().waited(), 2 + 10);
}

/// Where a caller is, the log and the throttle take from the bureau's own proxy, and from nobody else.
#[tokio::test]
async fn behind_a_proxy() {
    let ground = Ground::new().await;
    ground.administrator().await;
    ground.browser_behind("10.9.9.9").sign_in("admin", "wrong").await;
    let forged = [("x-forwarded-for", "10.8.8.8"), ("x-forwarded-proto", "https")];
    let shown = ground.browser().ask("GET", "/sign-in", None, &forged).await.headers.clone();
    assert!(shown.get("strict-transport-security").is_none());
    let secured = ground.browser_behind("10.9.9.9").ask("GET", "/sign-in", None, &forged[1..]).await.headers.clone();
    assert_eq!(secured.get("strict-transport-security").and_then(|it| it.to_str().ok()), Some("max-age=31536000"));
    let filter = tongpin_store::AuditFilter { text: "10.9.9.9".into(), ..tongpin_store::AuditFilter::default() };
    assert_eq!(ground.web.store().audit_count(&filter).await.expect("readable"), 1);
}

/// After twenty failures in a minute from one address, whatever names it tries, its attempts wait; none is shut out.
#[tokio::test]
async fn an_address_is_slowed_down() {
    let ground = Ground::new().await;
    ground.administrator().await;
    let mut browser = ground.browser();
    for number in 0..20 {
        assert_eq!(browser.sign_in(&format!("name{number}"), "x").await.status, 401);
    }
    assert_eq!(ground.web.throttle().waited(), 0);
    assert_eq!(browser.sign_in("admin", GOOD).await.path, "/");
    assert_eq!(ground.web.throttle().waited(), 10);
    assert_eq!(ground.browser_behind("10.9.9.9").sign_in("admin", GOOD).await.path, "/");
    assert_eq!(ground.web.throttle().waited(), 10, "others do not wait with it");
}

/// A session ends after half an hour without a request, after half a day in any case, and a page that loads itself anew
/// does not keep it.
#[tokio::test]
async fn idle_sessions_end() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    ground.wait(29 * 60);
    assert_eq!(browser.open("/?auto=1").await.status, 200);
    ground.wait(2 * 60);
    assert!(browser.open("/").await.path.starts_with("/sign-in"));

    let ended = Digest::of(browser.cookies["tongpin_320581"].as_bytes());
    browser.sign_in("admin", GOOD).await;
    let kept = ground.web.store().session(&ended).await.expect("readable");
    assert_eq!(kept, None, "the next sign-in takes away what has ended");
    for _ in 0..25 {
        ground.wait(28 * 60);
        assert_eq!(browser.open("/").await.path, "/");
    }
    ground.wait(28 * 60);
    assert!(browser.open("/").await.path.starts_with("/sign-in"), "twelve hours are over");
}

/// The secret that a page offers.
fn offered(page: &str) -> String {
    hidden(page).into_iter().find(|(name, _)| name == "secret").expect("a secret").1
}

/// Turns the second factor on from the page that is shown; the secret, and the code that did it.
async fn turn_on(ground: &Ground, browser: &mut Browser) -> (Vec<u8>, String) {
    let secret = offered(&browser.shown.text);
    let secret = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, secret).expect("base64");
    let code = second_factor::code(&secret, ground.now());
    browser.send_form("/me", "factor_on", &[("code", &code)]).await;
    assert!(browser.shown.text.contains("已启用"));
    (secret, code)
}

/// The second factor is turned on with a code of its own, asked for from then on, refused when it is wrong or was used
/// before, and turned off with a code.
#[tokio::test]
async fn second_factors() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    browser.open("/me").await;
    assert!(browser.shown.text.contains("<svg") && !browser.shown.text.contains("<script>"));
    let before = offered(&browser.shown.text);
    let shown = browser.send_form("/me", "factor_on", &[("code", "000000")]).await;
    assert!(shown.status == 422 && shown.text.contains("与验证器显示的不符"));
    assert_eq!(offered(&shown.text), before, "the phone has taken it");
    let (secret, code) = turn_on(&ground, &mut browser).await;

    let mut other = ground.browser();
    assert_eq!(other.sign_in("admin", GOOD).await.status, 401);
    other.open("/sign-in").await;
    let spent = [("name", "admin"), ("password", GOOD), ("code", code.as_str())];
    assert_eq!(other.send("/sign-in", &spent).await.status, 401, "the code that turned it on did its work");
    ground.wait(60);
    let code = second_factor::code(&secret, ground.now());
    let with = [("name", "admin"), ("password", GOOD), ("code", code.as_str())];
    other.open("/sign-in").await;
    assert_eq!(other.send("/sign-in", &with).await.path, "/");
    let mut thief = ground.browser();
    thief.open("/sign-in").await;
    assert_eq!(thief.send("/sign-in", &with).await.status, 401, "a code is good once");
    browser.open("/me").await;
    let shown = browser.send_form("/me", "factor_off", &[("code", &code)]).await;
    assert!(shown.status == 422 && shown.text.contains("这个动态口令用过了"), "for whatever it is");

    ground.wait(60);
    browser.open("/me").await;
    let fresh = second_factor::code(&secret, ground.now());
    assert_eq!(browser.send_form("/me", "factor_off", &[("code", "000000")]).await.status, 422);
    browser.send_form("/me", "factor_off", &[("code", &fresh)]).await;
    assert!(browser.shown.text.contains("手机验证器"));
    assert_eq!(ground.browser().sign_in("admin", GOOD).await.path, "/");
}

/// A form without this session's token, or sent by another site, changes nothing; every answer forbids scripts, framing
/// and keeping; a strange host name is turned away.
#[tokio::test]
async fn forged_requests() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    browser.open("/accounts/new").await;
    let body = "name=evil&display_name=x".to_owned();
    let shown = browser.ask("POST", "/accounts/new", Some(body.clone()), &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(shown.status, 403);
    let token = hidden(&{ browser.open("/accounts/new").await.text.clone() });
    let csrf = token.iter().find(|(name, _)| name == "csrf").expect("a token").1.clone();
    let body = format!("csrf={csrf}&{body}");
    let shown = browser.ask("POST", "/accounts/new", Some(body), &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(shown.status, 403);
    assert_eq!(ground.web.store().count_accounts().await.expect("readable"), 1);

    for address in ["/", "/accounts", "/nowhere", "/sign-in", "/healthz"] {
        let headers = &browser.open(address).await.headers;
        for (name, value) in
            [("cache-control", "no-store"), ("x-frame-options", "DENY"), ("x-content-type-options", "nosniff")]
        {
            assert_eq!(headers.get(name).and_then(|it| it.to_str().ok()), Some(value), "{address}");
        }
        let policy = headers.get("content-security-policy").and_then(|it| it.to_str().ok()).expect("a policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'unsafe-inline';")
                && policy.contains("form-action 'self'")
        );
    }
    assert_eq!(browser.open("/nowhere").await.status, 404);
}

/// Every word is there in English too, and the choice is kept.
#[tokio::test]
async fn english() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    browser.open("/accounts").await;
    assert_eq!(browser.send("/lang", &[]).await.path, "/accounts");
    for address in ["/", "/me", "/accounts", "/accounts/new", "/nowhere"] {
        let shown = browser.open(address).await;
        assert!(shown.text.contains("<html lang=\"en\">"), "{address}");
        let chinese: String = shown.text.chars().filter(|letter| ('\u{4e00}'..='\u{9fff}').contains(letter)).collect();
        // What stays Chinese: the switch's own name, and what people typed.
        assert_eq!(chinese.replace("信息科", "").replace("中文", ""), "", "{address}");
    }
}

/// Whoever opens an address that only takes forms, by a bookmark or a reload, comes to the page that the form stands
/// on; any other request that no page takes is answered in our words.
#[tokio::test]
async fn addresses_of_forms() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    for (address, page) in [("/sign-out", "/"), ("/audit/check", "/audit"), ("/accounts/one-clerk", "/accounts")] {
        assert_eq!(browser.open(address).await.path, page, "{address}");
    }
    assert_eq!(browser.open("/tokens/some/revoke").await.path, "/tokens");
    let shown = browser.ask("PUT", "/me", None, &[]).await;
    assert!(shown.status == 405 && shown.text.contains("不能这样提交"), "{} {}", shown.status, shown.text);
}

/// What is refused before any page is made, whatever refuses it, is a page of ours with a way on, in the reader's
/// language, and never a library's words.
#[tokio::test]
async fn refused_before_there_is_a_page() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    let form = "application/x-www-form-urlencoded";
    let large = format!("csrf=x&name={}", "x".repeat(3 << 20));
    let odd = [
        ("/accounts/new", "text/plain", "name=x", 415, "提交的内容无法识别"),
        ("/accounts/new", form, "csrf=other&name=x", 403, "页面已过期"),
        ("/accounts/new", form, &large, 413, "提交的内容过大"),
        ("/accounts/%FF", form, "name=x", 400, "提交的内容无法识别"),
    ];
    for (address, kind, body, status, words) in odd {
        let headers = [("content-type", kind), ("sec-fetch-site", "same-origin")];
        let shown = browser.ask("POST", address, Some(body.to_owned()), &headers).await;
        assert!(shown.status == status && shown.text.contains(words), "{address} {}: {}", shown.status, shown.text);
        assert!(shown.text.contains("<h1>") && shown.text.contains("href=\"/\""), "{}", shown.text);
    }
}
