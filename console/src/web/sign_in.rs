//! 登录与退出: name and password, and the second factor of whoever set one up.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Deserialize;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;
use tongpin_store::{Account, AuditDraft, SessionRow};

use super::Web;
use super::context::Context;
use super::fields::{Fields, Posted};
use super::next_page::inside;
use super::page_error::PageError;
use super::shell::{Field, Page, Tone, notice};
use super::visitor::{LANG_COOKIE, Visitor, cookie, forget_ended};
use crate::{password, random, second_factor};

/// How long a browser keeps what language its reader wants, seconds.
const LANG_LIFE: i64 = 365 * 24 * 3600;
/// How long a browser keeps a session's cookie; the session itself ends sooner.
const COOKIE_LIFE: i64 = 12 * 3600;

/// Where to go after signing in.
#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
    /// The first account has just been made.
    #[serde(default)]
    made: String,
}

/// The form.
pub(super) async fn get(State(web): State<Web>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    if visitor.signed.is_some() {
        return Redirect::to(inside(&asked.next)).into_response();
    }
    let made = visitor.lang.pick("账号已建立，请登录", "The account is made; sign in with it");
    let told = (!asked.made.is_empty()).then_some((Tone::Good, made));
    form(&web, &visitor, "", &asked.next, told, StatusCode::OK)
}

fn form(
    web: &Web,
    visitor: &Visitor,
    name: &str,
    next: &str,
    told: Option<(Tone, &str)>,
    status: StatusCode,
) -> Response {
    let lang = visitor.lang;
    let name_field =
        Field {
            name: "name", label: lang.pick("登录名", "Name"), value: name, fill: "username", ..Field::default()
        };
    let password_field = Field {
        name: "password",
        label: lang.pick("密码", "Password"),
        kind: "password",
        fill: "current-password",
        ..Field::default()
    };
    let code_field = Field {
        name: "code",
        label: lang.pick("动态口令（如已启用）", "Code (if set up)"),
        fill: "one-time-code",
        hint: lang.pick(
            "手机验证器上的 6 位数字；未启用的留空",
            "six digits from your authenticator; empty if you have none",
        ),
        ..Field::default()
    };
    let body = html! {
        @if let Some((tone, text)) = told { (notice(tone, text)) }
        form.card method="post" action="/sign-in" {
            input type="hidden" name="next" value=(next);
            (name_field.draw()) (password_field.draw()) (code_field.draw())
            button.main { (lang.pick("登录", "Sign in")) }
        }
    };
    Page::new(web, visitor, lang.pick("登录", "Sign in")).status(status).show(&body)
}

/// Checks what was typed, and opens a session. What is wrong is not told: name, password and code fail alike.
pub(super) async fn post(State(web): State<Web>, visitor: Visitor, fields: Fields) -> Result<Response, PageError> {
    let (lang, now) = (visitor.lang, web.now());
    let (name, next) = (fields.text("name").to_owned(), fields.raw("next").to_owned());
    let refuse = |problem: &str, status| form(&web, &visitor, &name, &next, Some((Tone::Bad, problem)), status);
    let known = async || web.store().account_named(&name).await;
    let failures = known().await?.map_or(0, |account| account.failures);
    if !web.throttle().lets(&visitor.address, failures, now).await {
        return Ok(refuse(busy(lang), StatusCode::TOO_MANY_REQUESTS));
    }
    // It is read after the wait: it may have been stopped, or its password changed.
    let account = known().await?;
    let typed = fields.raw("password").to_owned();
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let checked = tokio::task::spawn_blocking(move || password::matches(&typed, hash.as_deref())).await;
    let right = checked.unwrap_or(false);
    let opened = match account.filter(|account| right && account.active) {
        Some(account) => open(&web, &visitor, &account, fields.text("code")).await?,
        None => None,
    };
    let Some(secret) = opened else {
        web.throttle().failed(&visitor.address, now);
        failed(&web, &visitor, &name).await?;
        let wrong = lang.pick(
            "登录名、密码或动态口令不正确，或账号已停用",
            "name, password or code is wrong, or the account is stopped",
        );
        return Ok(refuse(wrong, StatusCode::UNAUTHORIZED));
    };
    let mut response = Redirect::to(inside(&next)).into_response();
    cookie(response.headers_mut(), &web.cookie(), &secret, COOKIE_LIFE);
    Ok(response)
}

/// Opens a session and returns its secret, unless the second factor is wrong or was used before.
async fn open(web: &Web, visitor: &Visitor, account: &Account, code: &str) -> Result<Option<String>, PageError> {
    let now = web.now();
    let step = match &account.totp_secret {
        None => None,
        Some(secret) => match second_factor::check(secret, code, now) {
            Some(step) => Some(step),
            None => return Ok(None),
        },
    };
    forget_ended(web).await?;
    let secret = random::secret();
    let session = SessionRow {
        token_hash: Digest::of(secret.as_bytes()),
        account: account.id.clone(),
        csrf: random::secret(),
        created_at: now,
        last_seen: now,
        address: visitor.address.clone(),
    };
    let draft = visitor.audit_entry(web, &account.name, "sign_in", &account.name, "");
    let opened = web.store().sign_in(&account.id, &session, step, &draft).await;
    Ok(opened?.then_some(secret))
}

async fn failed(web: &Web, visitor: &Visitor, name: &str) -> Result<(), PageError> {
    let shown: String = name.chars().take(60).collect();
    let known = web.store().account_named(name).await?;
    // Under the account's name whoever has the account finds the attempts at it.
    let about = known.as_ref().map_or("", |account| &account.name);
    let draft = visitor.audit_entry(web, &shown, "sign_in", about, "登录名、密码或动态口令不正确，或账号已停用");
    let draft = AuditDraft { allowed: false, ..draft };
    let noted = match &known {
        Some(account) => web.store().note_failure(&account.id, web.now(), &draft).await,
        None => web.store().audit(&draft).await.map(drop),
    };
    Ok(noted?)
}

/// Ends the session.
pub(super) async fn out(cx: Context, Posted(_): Posted) -> Result<Response, PageError> {
    let draft = cx.audit_entry("sign_out", &cx.signed.account.name, "");
    cx.store().end_session(&cx.signed.token_hash, &draft).await?;
    let mut response = Redirect::to("/sign-in").into_response();
    cookie(response.headers_mut(), &cx.web.cookie(), "", 0);
    Ok(response)
}

/// Keeps the language that a browser wants.
pub(super) async fn lang(fields: Fields) -> Response {
    let mut response = Redirect::to(inside(fields.raw("back"))).into_response();
    let lang = if fields.raw("lang") == "en" { "en" } else { "zh" };
    cookie(response.headers_mut(), LANG_COOKIE, lang, LANG_LIFE);
    response
}

/// What is said where too many wait at once.
pub(super) fn busy(lang: Lang) -> &'static str {
    lang.pick("同时等待验证的登录太多，请稍后再试", "too many attempts wait at once; try again a little later")
}
