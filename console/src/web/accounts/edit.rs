//! 账号详情: the system administrator stops, starts and resets; the security administrator gives and takes duties.

use std::collections::BTreeSet;

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_domain::lang::Lang;
use tongpin_store::Account;

use super::ADMINISTRATORS;
use super::new::handed_over;
use crate::account::{duties_of, is_last_administrator, said, state, temporary};
use crate::duty::{Duty, together};
use crate::web::context::Context;
use crate::web::fields::{Fields, Posted};
use crate::web::form::{sure, unsure};
use crate::web::me::{attempts, hashed};
use crate::web::page_error::PageError;
use crate::web::shell::{Tone, check_box, notice, token};

/// The account of this address.
async fn find(cx: &Context, id: &str) -> Result<Account, PageError> {
    let found = cx.store().account(id).await?;
    found.ok_or_else(|| Redirect::to("/accounts").into())
}

/// The page.
pub(in crate::web) async fn get(cx: Context, Path(id): Path<String>) -> Result<Response, PageError> {
    cx.must(&ADMINISTRATORS).await?;
    let account = find(&cx, &id).await?;
    show(&cx, &account, &duties_of(&account), "").await
}

async fn show(cx: &Context, account: &Account, chosen: &BTreeSet<Duty>, problem: &str) -> Result<Response, PageError> {
    let lang = cx.lang();
    let attempts = attempts(cx, account).await?;
    let own = account.id == cx.signed.account.id;
    let body = html! {
        @if !problem.is_empty() { (notice(Tone::Bad, problem)) }
        dl {
            div { dt { (lang.pick("登录名", "Name")) } dd { (account.name) } }
            div { dt { (lang.pick("姓名或岗位", "Person or post")) } dd { (account.display_name) } }
            div { dt { (lang.pick("岗位", "Duties")) } dd { (said(&duties_of(account), lang)) } }
            div { dt { (lang.pick("状态", "State")) } dd { (state(account, lang)) } }
            div { dt { (lang.pick("连续失败次数", "Failures in a row")) } dd { (account.failures) } }
            @if let Some(at) = account.last_failure { div { dt { (lang.pick("最近一次失败", "Last failure")) } dd { (at) } } }
            div { dt { (lang.pick("建立时间", "Made")) } dd { (account.created_at) } }
        }
        @if own {
            p { (lang.pick("这是您自己的账号，须由另一位管理员修改。", "This is your own account; another administrator changes it.")) }
        } @else if cx.may(&[Duty::Security]) {
            (duty_form(cx, account, chosen))
        } @else {
            (state_forms(cx, account))
        }
        (attempts)
        p { a href="/accounts" { (lang.pick("返回账号列表", "Back to the accounts")) } }
    };
    Ok(cx.page(&account.name).correcting(!problem.is_empty()).show(&body))
}

fn duty_form(cx: &Context, account: &Account, chosen: &BTreeSet<Duty>) -> Markup {
    let lang = cx.lang();
    html! {
        h2 { (lang.pick("授予岗位", "Duties")) }
        form.card method="post" action=(format!("/accounts/{}", account.id)) {
            (token(&cx.signed))
            input type="hidden" name="what" value="duties";
            fieldset {
                legend { (lang.pick("岗位", "Duties")) }
                @for duty in &cx.web.program().duties {
                    (check_box("duty", duty.word(), duty.name(lang), duty.about(lang), chosen.contains(duty)))
                }
            }
            button.main { (lang.pick("保存岗位", "Save the duties")) }
        }
    }
}

fn state_forms(cx: &Context, account: &Account) -> Markup {
    let lang = cx.lang();
    let one = |what: &str, word: &str, about: &str| {
        html! {
            form.card method="post" action=(format!("/accounts/{}", account.id)) {
                (token(&cx.signed))
                input type="hidden" name="what" value=(what);
                p { (about) }
                (sure(lang, &format!("sure-{what}")))
                button class=[(what != "start").then_some("danger")] { (word) }
            }
        }
    };
    html! {
        h2 { (lang.pick("重置与停用", "Reset and stop")) }
        @if account.active {
            (one("reset", lang.pick("重置密码", "Reset the password"),
                lang.pick("另设临时密码并停用动态口令，本人下次登录时须改密码；现有会话立即结束。",
                    "Makes a temporary password and turns the second factor off; present sessions end at once.")))
            (one("stop", lang.pick("停用账号", "Stop the account"),
                lang.pick("停用后不能登录，现有会话立即结束；以后可以重新启用。",
                    "Nobody can sign in with it, and present sessions end at once; it can be started again.")))
        } @else {
            (one("start", lang.pick("重新启用", "Start it again"), lang.pick("启用后可用原密码登录。", "It takes its old password.")))
        }
    }
}

/// Changes what was asked.
pub(in crate::web) async fn post(
    cx: Context,
    Path(id): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    let what = typed.raw("what").to_owned();
    let duty = if what == "duties" { Duty::Security } else { Duty::System };
    cx.must(&[duty]).await?;
    let account = find(&cx, &id).await?;
    if account.id == cx.signed.account.id {
        return show(&cx, &account, &duties_of(&account), own(cx.lang())).await;
    }
    if what == "duties" {
        return give(&cx, account, &typed).await;
    }
    if !typed.checked("sure") {
        return show(&cx, &account, &duties_of(&account), unsure(cx.lang())).await;
    }
    match what.as_str() {
        "reset" => reset(&cx, account).await,
        "stop" | "start" => turn(&cx, account, what == "start").await,
        _ => Ok(Redirect::to("/accounts").into_response()),
    }
}

fn own(lang: Lang) -> &'static str {
    lang.pick("自己的账号须由另一位管理员修改", "another administrator changes your own account")
}

async fn give(cx: &Context, account: Account, typed: &Fields) -> Result<Response, PageError> {
    let lang = cx.lang();
    let offered = |duty: &Duty| cx.web.program().duties.contains(duty);
    let chosen: BTreeSet<Duty> = typed.all("duty").filter_map(Duty::of_word).filter(offered).collect();
    let one_clerk = cx.store().one_clerk().await?;
    if let Err(clash) = together(&chosen, one_clerk) {
        return show(cx, &account, &chosen, clash.say(lang)).await;
    }
    let before = duties_of(&account);
    let detail = format!("{} → {}", said(&before, Lang::Zh), said(&chosen, Lang::Zh));
    let words = chosen.iter().map(|duty| duty.word().to_owned()).collect();
    let account = Account { duties: words, ..account };
    keep(cx, &account, "account_duties", &detail).await?;
    let name = &account.name;
    let done = [
        format!("{name} 的岗位已保存：{}", said(&chosen, Lang::Zh)),
        format!("{name} now: {}", said(&chosen, Lang::En)),
    ];
    Ok(cx.done("/accounts", lang.pick(&done[0], &done[1])))
}

async fn reset(cx: &Context, account: Account) -> Result<Response, PageError> {
    let password = temporary();
    let password_hash = hashed(&password).await?;
    let account = Account { password_hash, password_set_at: None, totp_secret: None, ..account };
    let draft = cx.audit_entry("account_reset", &account.name, "");
    cx.store().change_password(&account, None, &draft).await?;
    Ok(handed_over(cx, &account, &password))
}

async fn turn(cx: &Context, account: Account, on: bool) -> Result<Response, PageError> {
    let lang = cx.lang();
    let accounts = cx.store().accounts().await?;
    if !on && is_last_administrator(&accounts, &account) {
        let said = lang.pick(
            "这是最后一个管理员，停用后无人能管理账号；请先另设一个",
            "it is the last of its kind; name another first",
        );
        return show(cx, &account, &duties_of(&account), said).await;
    }
    let action = if on { "account_start" } else { "account_stop" };
    let account = Account { active: on, ..account };
    keep(cx, &account, action, "").await?;
    let (zh, en) = if on { ("已启用", "was started") } else { ("已停用", "was stopped") };
    let (zh, en) = (format!("账号 {} {zh}", account.name), format!("account {} {en}", account.name));
    Ok(cx.done("/accounts", lang.pick(&zh, &en)))
}

async fn keep(cx: &Context, account: &Account, action: &str, detail: &str) -> Result<(), PageError> {
    let draft = cx.audit_entry(action, &account.name, detail);
    cx.store().update_account(account, &draft).await?;
    Ok(())
}
