//! 我的账号: the own password, and the second factor.

use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use maud::{Markup, html};
use tongpin_domain::lang::Lang;
use tongpin_store::{Account, AuditDraft};

use super::context::Context;
use super::fields::{Fields, Posted};
use super::first::password_field;
use super::page_error::PageError;
use super::refusal;
use super::shell::{Field, Tone, corrections, notice, qr, token};
use super::sign_in::busy;
use super::visitor::Signed;
use crate::{password, random, second_factor};

/// How many failed attempts are shown.
const ATTEMPTS: u64 = 10;

/// What is wrong with each field, empty where nothing is.
#[derive(Default)]
struct Wrong {
    old: String,
    password: String,
    again: String,
    code: String,
}

/// The page.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    show(&cx, &Wrong::default(), None).await
}

/// `offered` is a secret that was shown already, when its code was wrong: the phone has taken it by then.
async fn show(cx: &Context, wrong: &Wrong, offered: Option<&[u8]>) -> Result<Response, PageError> {
    let lang = cx.lang();
    let attempts = attempts(cx, &cx.signed.account).await?;
    let must = cx.signed.account.password_set_at.is_none();
    let duties: Vec<&str> = cx.signed.duties.iter().map(|duty| duty.name(lang)).collect();
    let bad = [&wrong.old, &wrong.password, &wrong.again, &wrong.code].iter().any(|problem| !problem.is_empty());
    let body = html! {
        @if must {
            (notice(Tone::Warn, lang.pick("这是别人为您设的临时密码，请先改成自己的密码",
                "somebody else chose this password; choose your own first")))
        }
        (corrections(bad, lang))
        p {
            (lang.pick("登录名 ", "Name ")) strong { (cx.signed.account.name) } (lang.pick("，岗位：", ", duties: "))
            @if duties.is_empty() { (lang.pick("尚未授予，请联系安全管理员", "none yet; ask the security administrator")) }
            @else { (duties.join(lang.pick("、", ", "))) }
        }
        (password_form(lang, &cx.signed, wrong))
        @if !must { (factor_form(cx, wrong, offered)) }
        (attempts)
    };
    Ok(cx.page(lang.pick("我的账号", "My account")).correcting(bad).show(&body))
}

/// Who tried to get in as this account and failed, lately: for its owner and for administrators.
pub(super) async fn attempts(cx: &Context, account: &Account) -> Result<Markup, PageError> {
    let lang = cx.lang();
    let found = cx.store().audit_about(&account.name, "sign_in", false, ATTEMPTS).await;
    let found = found?;
    Ok(html! {
        h2 { (lang.pick("最近失败的登录", "Sign-ins that failed lately")) }
        @if found.is_empty() { p.empty { (lang.pick("没有", "none")) } }
        @else {
            p.hint { (lang.pick("不是本人所为的，请修改密码、启用动态口令，并告知系统管理员。账号不会因此被锁，只是登录要等几秒。",
                "If it was not you, change the password, turn the second factor on and tell the system administrator. Nobody is locked out; signing in takes some seconds.")) }
            ul { @for one in &found { li { (one.at) " " (one.address) } } }
        }
    })
}

fn password_form(lang: Lang, signed: &Signed, wrong: &Wrong) -> Markup {
    let old = Field {
        name: "old",
        label: lang.pick("现在的密码", "Present password"),
        kind: "password",
        error: &wrong.old,
        fill: "current-password",
        ..Field::default()
    };
    let again = Field {
        name: "again",
        label: lang.pick("再输一遍新密码", "New password once more"),
        kind: "password",
        error: &wrong.again,
        fill: "new-password",
        ..Field::default()
    };
    html! {
        h2 { (lang.pick("修改密码", "Change the password")) }
        form.card method="post" action="/me" {
            (token(signed))
            input type="hidden" name="what" value="password";
            (old.draw()) (password_field(lang.pick("新密码", "New password"), lang, &wrong.password).draw()) (again.draw())
            button.main { (lang.pick("修改密码", "Change it")) }
        }
    }
}

fn factor_form(cx: &Context, wrong: &Wrong, offered: Option<&[u8]>) -> Markup {
    let (lang, signed) = (cx.lang(), &cx.signed);
    let code = Field {
        name: "code",
        label: lang.pick("验证器上的 6 位数字", "The six digits of the authenticator"),
        error: &wrong.code,
        fill: "one-time-code",
        ..Field::default()
    };
    if signed.account.totp_secret.is_some() {
        return html! {
            h2 { (lang.pick("动态口令", "Second factor")) }
            p { (lang.pick("已启用。停用须再输一次当前的动态口令。", "It is on. To turn it off, type the present code.")) }
            form.card method="post" action="/me" {
                (token(signed))
                input type="hidden" name="what" value="factor_off";
                (code.draw())
                button { (lang.pick("停用动态口令", "Turn it off")) }
            }
        };
    }
    let secret = offered.map_or_else(|| random::bytes::<{ second_factor::SECRET_BYTES }>().to_vec(), <[u8]>::to_vec);
    let issuer = lang.pick("同频", "Tongpin").to_owned() + " " + &cx.web.program().region;
    let address = second_factor::address(&secret, &issuer, &signed.account.name);
    html! {
        h2 { (lang.pick("动态口令", "Second factor")) }
        p { (lang.pick("用手机验证器扫描下图，再输入它显示的 6 位数字，即可启用。启用后登录时除密码外还要输入动态口令。",
            "Scan this with an authenticator and type the six digits it shows. From then on signing in takes both.")) }
        form.card method="post" action="/me" {
            (token(signed))
            input type="hidden" name="what" value="factor_on";
            input type="hidden" name="secret" value=(URL_SAFE_NO_PAD.encode(&secret));
            (qr(&address, lang.pick("动态口令的二维码", "QR code of the second factor")))
            p.hint { (lang.pick("不能扫描时，手工录入：", "or by hand: ")) code { (by_hand(&address)) } }
            (code.draw())
            button { (lang.pick("启用动态口令", "Turn it on")) }
        }
    }
}

/// The secret as an authenticator takes it by hand: what stands behind `secret=`.
fn by_hand(address: &str) -> &str {
    let rest = address.split_once("secret=").map_or("", |(_, rest)| rest);
    rest.split('&').next().unwrap_or_default()
}

/// Changes what was asked.
pub(super) async fn post(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    match typed.raw("what") {
        "factor_on" => factor_on(&cx, &typed).await,
        "factor_off" => factor_off(&cx, &typed).await,
        _ => change_password(&cx, &typed).await,
    }
}

async fn change_password(cx: &Context, typed: &Fields) -> Result<Response, PageError> {
    let lang = cx.lang();
    let Some(account) = waited(cx).await? else {
        let wrong = Wrong { old: busy(lang).into(), ..Wrong::default() };
        return show(cx, &wrong, None).await;
    };
    let (old, hash) = (typed.raw("old").to_owned(), account.password_hash.clone());
    let known = tokio::task::spawn_blocking(move || password::matches(&old, Some(&hash))).await.unwrap_or(false);
    let (problem, again) = check_pair(typed, &cx.signed.account.name, lang);
    let unchanged = typed.raw("password") == typed.raw("old");
    let wrong = Wrong {
        old: if known {
            String::new()
        } else {
            lang.pick("现在的密码不正确", "not the present password").into()
        },
        password: if problem.is_empty() && unchanged {
            lang.pick("新密码不能与现在的相同", "the new password must differ from the present one").into()
        } else {
            problem
        },
        again,
        code: String::new(),
    };
    if [&wrong.old, &wrong.password, &wrong.again].iter().any(|problem| !problem.is_empty()) {
        if known {
            cx.audit("password", &account.name, "", false).await?;
        } else {
            failed(cx, &account, "password", "现在的密码不正确").await?;
        }
        return show(cx, &wrong, None).await;
    }
    let password_hash = hashed(typed.raw("password")).await?;
    let account = Account { password_hash, password_set_at: Some(cx.now()), ..account };
    let draft = cx.audit_entry("password", &account.name, "");
    let changed = cx.store().change_password(&account, Some(&cx.signed.token_hash), &draft).await;
    changed?;
    Ok(cx.done("/", lang.pick("密码已修改", "the password is changed")))
}

/// The account as it stands after the wait that its failures ask for, as when somebody signs in; `None` if too many
/// wait already.
async fn waited(cx: &Context) -> Result<Option<Account>, PageError> {
    if !cx.web.throttle().lets(&cx.visitor.address, cx.signed.account.failures, cx.now()).await {
        return Ok(None);
    }
    let found = cx.store().account(&cx.signed.account.id).await?;
    match found.filter(|account| account.active) {
        Some(account) => Ok(Some(account)),
        None => Err(Redirect::to("/sign-in").into()),
    }
}

/// Counts a failure as one of signing in: who sits at an open page does not guess faster than who has none.
async fn failed(cx: &Context, account: &Account, action: &str, why: &str) -> Result<(), PageError> {
    cx.web.throttle().failed(&cx.visitor.address, cx.now());
    let draft = cx.audit_entry(action, &account.name, why);
    let noted = cx.store().note_failure(&account.id, cx.now(), &AuditDraft { allowed: false, ..draft }).await;
    Ok(noted?)
}

async fn factor_on(cx: &Context, typed: &Fields) -> Result<Response, PageError> {
    let secret = URL_SAFE_NO_PAD.decode(typed.raw("secret")).unwrap_or_default();
    let fits = secret.len() == second_factor::SECRET_BYTES && cx.signed.account.totp_secret.is_none();
    let step = second_factor::check(&secret, typed.text("code"), cx.now()).filter(|_| fits);
    let account = Account { totp_secret: Some(secret.clone()), ..cx.signed.account.clone() };
    if let Some(step) = step
        && keep(cx, &account, step, "factor_on").await?
    {
        return Ok(cx.done("/me", cx.lang().pick("动态口令已启用", "the second factor is on")));
    }
    let code = if step.is_some() {
        used(cx.lang())
    } else {
        cx.lang().pick("与验证器显示的不符；请核对手机时间后重试", "not what it shows; check the phone's clock")
    };
    let offered = fits.then_some(secret.as_slice());
    show(cx, &Wrong { code: code.into(), ..Wrong::default() }, offered).await
}

/// What is said of a code that did its work already.
fn used(lang: Lang) -> &'static str {
    lang.pick("这个动态口令用过了，每个只能用一次；请等验证器显示下一个", "that code was used; wait for the next one")
}

async fn factor_off(cx: &Context, typed: &Fields) -> Result<Response, PageError> {
    let lang = cx.lang();
    let Some(account) = waited(cx).await? else {
        let wrong = Wrong { code: busy(lang).into(), ..Wrong::default() };
        return show(cx, &wrong, None).await;
    };
    let checked = |secret: &Vec<u8>| second_factor::check(secret, typed.text("code"), cx.now());
    let step = account.totp_secret.as_ref().and_then(checked);
    let without = Account { totp_secret: None, ..account.clone() };
    if let Some(step) = step
        && keep(cx, &without, step, "factor_off").await?
    {
        return Ok(cx.done("/me", lang.pick("动态口令已停用", "the second factor is off")));
    }
    failed(cx, &account, "factor_off", "动态口令不正确或用过了").await?;
    let code = if step.is_some() { used(lang) } else { lang.pick("动态口令不正确", "not the present code") };
    show(cx, &Wrong { code: code.into(), ..Wrong::default() }, None).await
}

/// Keeps the account and uses up the code, unless it was used up before.
async fn keep(cx: &Context, account: &Account, step: u64, action: &str) -> Result<bool, PageError> {
    let draft = cx.audit_entry(action, &account.name, "");
    Ok(cx.store().update_account_by_code(account, step, &draft).await?)
}

/// What is wrong with a new password and with its repetition.
pub(super) fn check_pair(typed: &Fields, name: &str, lang: Lang) -> (String, String) {
    let problem = password::check(typed.raw("password"), name).err().map_or("", |weak| weak.say(lang));
    let differs = typed.raw("password") != typed.raw("again");
    let again = if differs { lang.pick("两次输入的密码不同", "the two differ") } else { "" };
    (problem.to_owned(), again.to_owned())
}

/// Hashes a password away from the threads that serve pages.
pub(super) async fn hashed(typed: &str) -> Result<String, PageError> {
    let typed = typed.to_owned();
    let made = tokio::task::spawn_blocking(move || password::hash(&typed)).await;
    made.ok().and_then(Result::ok).ok_or_else(|| {
        let en = "the password could not be kept; try again";
        refusal::bare(StatusCode::INTERNAL_SERVER_ERROR, "密码无法保存，请稍后重试", en).into()
    })
}
