//! 接口令牌: the security administrator gives departments' own systems a way in, for a time and for a purpose. A
//! token's secret is shown once; only its hash is kept.

use std::collections::BTreeSet;

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::{ApiToken, StoreError};

use super::api::MARK;
use super::audit::day;
use super::context::Context;
use super::fields::{Fields, Posted};
use super::page_error::PageError;
use super::shell::{Field, Tone, check_box, corrections, notice, token};
use super::visitor::Signed;
use crate::duty::Duty;
use crate::random;
use crate::scope::Scope;

/// The longest life of a token, days: two years, one of them a leap year.
const LONGEST_DAYS: i64 = 731;
const DAY_SECONDS: i64 = 24 * 3600;

/// What is wrong with each field, empty where nothing is.
#[derive(Default)]
struct Wrong {
    name: String,
    scope: String,
    until: String,
    sure: String,
}

impl Wrong {
    fn any(&self) -> bool {
        [&self.name, &self.scope, &self.until, &self.sure].iter().any(|problem| !problem.is_empty())
    }
}

/// The tokens, and the form for another.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&[Duty::Security]).await?;
    show(&cx, &Fields::default(), &Wrong::default()).await
}

async fn show(cx: &Context, typed: &Fields, wrong: &Wrong) -> Result<Response, PageError> {
    let lang = cx.lang();
    let tokens = cx.store().api_tokens().await?;
    let body = html! {
        p { (lang.pick("部门自有系统凭令牌调用接口，只能做令牌所列的事；每次写入都记入审计日志。",
            "Departments' own systems call the API with a token, which lets them do what it lists; every write is in the audit log."))
            " " a href="/api" { (lang.pick("接口说明", "How to call it")) } }
        @if !wrong.sure.is_empty() { (notice(Tone::Bad, &wrong.sure)) }
        @else { (corrections(wrong.any(), lang)) }
        h2 { (lang.pick("已发放的令牌", "Tokens")) }
        @if tokens.is_empty() { p.empty { (lang.pick("还没有令牌；请在下方为一个系统发放", "none yet; give one out below")) } }
        @else { (list(&tokens, cx.now(), &cx.signed, lang)) }
        h2 { (lang.pick("发放令牌", "A new token")) }
        (form(lang, &cx.signed, typed, wrong))
    };
    Ok(cx.page(lang.pick("接口令牌", "API tokens")).correcting(wrong.any()).show(&body))
}

fn list(tokens: &[ApiToken], now: Moment, signed: &Signed, lang: Lang) -> Markup {
    let live = |token: &ApiToken| token.revoked_at.is_none() && token.expires_at > now;
    let state = |token: &ApiToken| match token.revoked_at {
        Some(_) => ("mark bad", lang.pick("已吊销", "revoked")),
        None if token.expires_at <= now => ("mark warn", lang.pick("已到期", "ended")),
        None => ("mark good", lang.pick("有效", "good")),
    };
    let scopes = |token: &ApiToken| {
        let names = token.scopes.iter().map(|word| Scope::of_word(word).map_or(word.as_str(), |it| it.name(lang)));
        names.collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("系统", "system")) }
                th scope="col" { (lang.pick("权限", "scopes")) }
                th scope="col" { (lang.pick("状态", "state")) }
                th scope="col" { (lang.pick("到期", "until")) }
                th scope="col" { (lang.pick("最近使用", "last used")) }
                th scope="col" { (lang.pick("发放人", "made by")) }
                th scope="col" { (lang.pick("吊销", "revoke")) }
            } }
            tbody { @for it in tokens { tr {
                @let (class, word) = state(it);
                th scope="row" { (it.name) }
                td { (scopes(it)) }
                td { span class=(class) { (word) } }
                td.when { (it.expires_at) }
                td.when { (it.last_used.map_or_else(|| lang.pick("从未", "never").to_owned(), |at| at.to_string())) }
                td { (it.created_by) }
                td { @if live(it) { (revoke_form(it, signed, lang)) } @else { "—" } }
            } } }
        } }
    }
}

fn revoke_form(it: &ApiToken, signed: &Signed, lang: Lang) -> Markup {
    let sure = format!("sure-{}", it.id);
    html! {
        form.row method="post" action=(format!("/tokens/{}/revoke", it.id)) {
            (token(signed))
            label for=(sure) { input type="checkbox" id=(sure) name="sure" value="1" required; " " (lang.pick("确认", "I am sure")) }
            button.danger aria-label=(format!("{} {}", lang.pick("吊销", "Revoke"), it.name)) { (lang.pick("吊销", "Revoke")) }
        }
    }
}

fn form(lang: Lang, signed: &Signed, typed: &Fields, wrong: &Wrong) -> Markup {
    let name = Field {
        name: "name",
        label: lang.pick("系统名称", "The system's name"),
        value: typed.text("name"),
        hint: lang.pick(
            "部门和系统，如 住建局项目库；审计日志以此名记录，不能与以前的重复",
            "department and system; the audit log uses it, and no two are alike",
        ),
        error: &wrong.name,
        ..Field::default()
    };
    let until = Field {
        name: "until",
        label: lang.pick("有效期至（当日有效）", "Good until the end of"),
        kind: "date",
        value: typed.text("until"),
        hint: lang.pick("如 2026-12-31，最长两年", "such as 2026-12-31, two years at most"),
        error: &wrong.until,
        ..Field::default()
    };
    let chosen: BTreeSet<&str> = typed.all("scope").collect();
    html! {
        form.card method="post" action="/tokens" {
            (token(signed))
            (name.draw())
            fieldset {
                legend { (lang.pick("权限", "Scopes")) }
                @for scope in Scope::ALL {
                    (check_box("scope", scope.word(), scope.name(lang), scope.about(lang), chosen.contains(scope.word())))
                }
                @if !wrong.scope.is_empty() { p.error { (wrong.scope) } }
            }
            (until.draw())
            button.main { (lang.pick("发放令牌", "Make the token")) }
        }
    }
}

/// What is wrong with a name.
fn check_name(name: &str, lang: Lang) -> &'static str {
    match name.chars().count() {
        0 => lang.pick("请填写系统名称", "name the system"),
        1..=60 if !name.chars().any(char::is_control) => "",
        _ => lang.pick("最长 60 个字", "60 characters at most"),
    }
}

/// The first moment after a day in China.
fn end_of(text: &str, now: Moment, lang: Lang) -> Result<Moment, String> {
    let day = day(text).ok_or_else(|| lang.pick("日期，如 2026-12-31", "a date such as 2026-12-31").to_owned())?;
    let end = Moment(day.unix_timestamp().saturating_mul(1000)).plus_seconds(DAY_SECONDS);
    if end <= now {
        return Err(lang.pick("这一天已过，请填以后的日期", "that day is over; give a later one").to_owned());
    }
    if end > now.plus_seconds((LONGEST_DAYS + 1) * DAY_SECONDS) {
        return Err(lang.pick("最长两年，到期可另发", "two years at most; another can be made then").to_owned());
    }
    Ok(end)
}

/// Makes a token and shows its secret, this once.
pub(super) async fn post(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Security]).await?;
    let (lang, now, name) = (cx.lang(), cx.now(), typed.text("name"));
    let scopes: BTreeSet<Scope> = typed.all("scope").filter_map(Scope::of_word).collect();
    let none = lang.pick("请至少选一项权限", "choose one at least");
    let end = end_of(typed.text("until"), now, lang);
    let wrong = Wrong {
        name: check_name(name, lang).to_owned(),
        scope: if scopes.is_empty() { none.to_owned() } else { String::new() },
        until: end.clone().err().unwrap_or_default(),
        sure: String::new(),
    };
    let Ok(expires_at) = end.and_then(|end| if wrong.any() { Err(String::new()) } else { Ok(end) }) else {
        return show(&cx, &typed, &wrong).await;
    };
    let secret = format!("{MARK}{}", random::secret());
    let new = ApiToken {
        id: uuid::Uuid::now_v7().to_string(),
        name: name.to_owned(),
        scopes: scopes.iter().map(|scope| scope.word().to_owned()).collect(),
        created_by: cx.signed.account.name.clone(),
        created_at: now,
        expires_at,
        revoked_at: None,
        last_used: None,
    };
    let names: Vec<&str> = scopes.iter().map(|scope| scope.name(Lang::Zh)).collect();
    let detail = format!("权限：{}；有效期至 {}", names.join("、"), typed.text("until"));
    let draft = cx.audit_entry("token_new", name, &detail);
    match cx.store().create_api_token(&new, &Digest::of(secret.as_bytes()), &draft).await {
        Ok(()) => Ok(handed_over(&cx, &new, &secret)),
        Err(StoreError::NameTaken { .. }) => {
            let taken = lang.pick("这个名称用过了，请换一个，如加上年份", "the name was used before; choose another");
            let wrong = Wrong { name: taken.to_owned(), ..Wrong::default() };
            show(&cx, &typed, &wrong).await
        }
        Err(error) => Err(error.into()),
    }
}

fn handed_over(cx: &Context, new: &ApiToken, secret: &str) -> Response {
    let lang = cx.lang();
    let body = html! {
        (notice(Tone::Good, lang.pick("令牌已发放。请立即交给该系统的管理人员；此页离开后不再显示。",
            "The token is ready. Hand it over now; it is not shown again.")))
        dl {
            div { dt { (lang.pick("系统", "System")) } dd { (new.name) } }
            div { dt { (lang.pick("令牌", "Token")) } dd { code { (secret) } } }
            div { dt { (lang.pick("到期", "Until")) } dd { (new.expires_at) } }
        }
        p { a href="/api" { (lang.pick("接口说明", "How to call it")) } }
    };
    cx.led_to("/tokens", &body)
}

/// Revokes a token, from its next call on.
pub(super) async fn revoke(cx: Context, Path(id): Path<String>, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Security]).await?;
    if !typed.checked("sure") {
        let sure = cx.lang().pick("吊销后该系统立即不能调用，且不能恢复；请勾选“确认”", "check that you are sure");
        let wrong = Wrong { sure: sure.to_owned(), ..Wrong::default() };
        return show(&cx, &Fields::default(), &wrong).await;
    }
    let tokens = cx.store().api_tokens().await?;
    if let Some(found) = tokens.iter().find(|token| token.id == id) {
        let draft = cx.audit_entry("token_revoke", &found.name, "");
        cx.store().revoke_api_token(&id, cx.now(), &draft).await?;
        let (zh, en) = (format!("令牌“{}”已吊销", found.name), format!("the token {:?} is revoked", found.name));
        return Ok(cx.done("/tokens", cx.lang().pick(&zh, &en)));
    }
    Ok(cx.back("/tokens"))
}
