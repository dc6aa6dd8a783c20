//! 账号: who may sign in. The system administrator makes, stops and starts accounts; the security administrator gives
//! duties. Nobody does both, and nobody changes the own account here.

pub(super) mod edit;
pub(super) mod named;
pub(super) mod new;

use axum::response::Response;
use maud::{Markup, html};
use tongpin_domain::lang::Lang;
use tongpin_store::Account;

use super::context::Context;
use super::fields::Posted;
use super::page_error::PageError;
use super::shell::{Tone, check_box, notice, token};
use super::visitor::Signed;
use crate::account::{duties_of, holders, said, state, to_decide, undecided};
use crate::duty::Duty;

/// Whom these pages are for.
const ADMINISTRATORS: [Duty; 2] = [Duty::System, Duty::Security];

/// What an administrator has to do yet, shown on the first page.
pub(super) async fn advice(cx: &Context) -> Markup {
    let lang = cx.lang();
    let failed = html! { (failures(&cx.signed, lang)) @if cx.signed.undecided { (notice(Tone::Warn, its_own(lang))) } };
    if !cx.may(&ADMINISTRATORS) {
        return failed;
    }
    let Ok(accounts) = cx.store().accounts().await else { return failed };
    let lacks = |duty| holders(&accounts, duty) == 0;
    let one_clerk = cx.store().one_clerk().await.unwrap_or(false);
    let undecided = undecided(&accounts, one_clerk);
    html! {
        (failed)
        @if lacks(Duty::Security) && cx.may(&[Duty::System]) {
            (notice(Tone::Warn, lang.pick("还没有安全管理员：请到“账号”新建一个，并指定其为安全管理员，由其授予各岗位",
                "there is no security administrator yet: make an account under Accounts and name it as such; it gives the duties")))
        }
        @if !undecided.is_empty() && cx.may(&[Duty::Security]) {
            (notice(Tone::Warn, &to_decide(&undecided, lang)))
        }
        @if lacks(Duty::Audit) && cx.may(&[Duty::Security]) {
            (notice(Tone::Warn, lang.pick("还没有审计员：请到“账号”为一个账号授予审计员岗位",
                "there is no auditor yet: give that duty to an account under Accounts")))
        }
    }
}

/// What whoever holds both duties is told.
fn its_own(lang: Lang) -> &'static str {
    lang.pick(
        "本账号同时有经办和审核岗位：在安全管理员决定之前只能经办，不能审核",
        "this account may enter and approve: until the security administrator decides, it only enters",
    )
}

/// What its owner is told of others who tried to get in.
fn failures(signed: &Signed, lang: Lang) -> Markup {
    let Account { failures_before: count, last_failure, .. } = &signed.account;
    let at = last_failure.map(|at| at.to_string()).unwrap_or_default();
    let zh =
        format!("本次登录之前有 {count} 次失败的登录，最近一次 {at}。不是本人所为的，请到“我的账号”查看并修改密码");
    let en = format!(
        "{count} sign-ins failed before this one, the last at {at}; if it was not you, see My account and change the password"
    );
    html! { @if *count > 0 { (notice(Tone::Warn, lang.pick(&zh, &en))) } }
}

/// The list.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&ADMINISTRATORS).await?;
    let lang = cx.lang();
    let accounts = cx.store().accounts().await?;
    let one_clerk = cx.store().one_clerk().await?;
    let undecided: Vec<&str> = undecided(&accounts, one_clerk).iter().map(|account| account.id.as_str()).collect();
    let body = html! {
        @if cx.may(&[Duty::System]) {
            p { a.button href="/accounts/new" { (lang.pick("新建账号", "New account")) } }
        }
        div.wide {
            table {
                thead { tr {
                    th scope="col" { (lang.pick("登录名", "name")) }
                    th scope="col" { (lang.pick("姓名或岗位", "person or post")) }
                    th scope="col" { (lang.pick("岗位", "duties")) }
                    th scope="col" { (lang.pick("状态", "state")) }
                    th scope="col" { (lang.pick("动态口令", "second factor")) }
                    th scope="col" { (lang.pick("最近登录", "last signed in")) }
                } }
                tbody {
                    @for account in &accounts {
                        tr {
                            th scope="row" { a href=(format!("/accounts/{}", account.id)) { (account.name) } }
                            td { (account.display_name) }
                            td {
                                (said(&duties_of(account), lang))
                                @if undecided.contains(&account.id.as_str()) { " " span class="mark warn" { (lang.pick("待决定：经办与审核不能兼任", "to be decided: it enters and approves")) } }
                            }
                            td { (state(account, lang)) }
                            td { (lang.pick(if account.totp_secret.is_some() { "已启用" } else { "未启用" },
                                if account.totp_secret.is_some() { "on" } else { "off" })) }
                            td { (account.last_sign_in.map_or_else(|| lang.pick("从未", "never").to_owned(), |at| at.to_string())) }
                        }
                    }
                }
            }
        }
        (one_clerk_form(&cx, one_clerk))
    };
    Ok(cx.page(lang.pick("账号", "Accounts")).show(&body))
}

/// Where the security administrator says that there is one clerk only; others read what holds.
fn one_clerk_form(cx: &Context, one: bool) -> Markup {
    let lang = cx.lang();
    let about = lang.pick(
        "登记后一个账号可以同时担任经办和审核，每次这样的审核都在审计日志和文件上注明“一人经办并审核”",
        "one account may then enter and approve; the log and the documents say so each time",
    );
    html! {
        h2 { (lang.pick("经办与审核分设", "Who enters does not approve")) }
        p { @if one { (lang.pick("已登记：本单位只有一名经办人员，一人经办并审核。", "This bureau has one clerk only, who enters and approves.")) }
            @else { (lang.pick("经办和审核须由两个账号分别担任。", "One account enters and another approves.")) } }
        @if cx.may(&[Duty::Security]) {
            form.card method="post" action="/accounts/one-clerk" {
                (token(&cx.signed))
                (check_box("one", "1", lang.pick("本单位只有一名经办人员", "This bureau has one clerk only"), about, one))
                button { (lang.pick("保存", "Save")) }
            }
        }
    }
}

/// Keeps whether the bureau has one clerk only.
pub(super) async fn one_clerk(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Security]).await?;
    let one = typed.checked("one");
    let detail = if one {
        "登记：只有一名经办人员，一人经办并审核"
    } else {
        "取消登记：经办与审核分设"
    };
    let draft = cx.audit_entry("one_clerk", "", detail);
    cx.store().set_one_clerk(one, &draft).await?;
    Ok(cx.done("/accounts", cx.lang().pick(detail, "saved")))
}
