//! 新建账号: a name and a person; the password is made here, shown once, and changed at the first sign-in.

use axum::response::Response;
use maud::html;
use tongpin_store::{Account, StoreError};

use super::named::Named;
use crate::account::{fresh, holders, temporary};
use crate::duty::Duty;
use crate::web::context::Context;
use crate::web::fields::{Fields, Posted};
use crate::web::me::hashed;
use crate::web::page_error::PageError;
use crate::web::shell::{Tone, check_box, corrections, notice, token};

/// The form.
pub(in crate::web) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&[Duty::System]).await?;
    form(&cx, &Fields::default(), &Named::default()).await
}

/// Whether the system administrator may name the security administrator: only while there is none.
async fn names_security(cx: &Context) -> Result<bool, PageError> {
    let accounts = cx.store().accounts().await?;
    Ok(holders(&accounts, Duty::Security) == 0)
}

async fn form(cx: &Context, typed: &Fields, wrong: &Named) -> Result<Response, PageError> {
    let lang = cx.lang();
    let bad = wrong.any();
    let label = lang.pick("指定为安全管理员", "Name it security administrator");
    let about = lang.pick("目前还没有安全管理员，由其授予各岗位", "there is none yet; it gives the duties");
    let body = html! {
        (corrections(bad, lang))
        form.card method="post" action="/accounts/new" {
            (token(&cx.signed))
            (wrong.draw(typed, "", lang))
            @if names_security(cx).await? {
                (check_box("security", "1", label, about, typed.checked("security")))
            }
            p.hint { (lang.pick("岗位由安全管理员另行授予。", "Duties are given by the security administrator.")) }
            button.main { (lang.pick("建立账号", "Make the account")) }
            " " a href="/accounts" { (lang.pick("取消", "Cancel")) }
        }
    };
    Ok(cx.page(lang.pick("新建账号", "New account")).correcting(bad).show(&body))
}

/// Makes the account and shows its password, this once.
pub(in crate::web) async fn post(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::System]).await?;
    let lang = cx.lang();
    let (name, display_name) = (typed.text("name"), typed.text("display_name"));
    let wrong = Named::check(&typed, lang);
    if wrong.any() {
        return form(&cx, &typed, &wrong).await;
    }
    let security = typed.checked("security") && names_security(&cx).await?;
    let password = temporary();
    let account = Account {
        password_hash: hashed(&password).await?,
        duties: if security { vec![Duty::Security.word().to_owned()] } else { Vec::new() },
        ..fresh(name, display_name, cx.now())
    };
    let detail = if security { format!("{display_name}；指定为安全管理员") } else { display_name.to_owned() };
    let draft = cx.audit_entry("account_new", &account.name, &detail);
    match cx.store().create_account(&account, &draft).await {
        Ok(()) => {}
        Err(StoreError::NameTaken { .. }) => {
            let name = lang.pick("这个登录名已经有了，请换一个", "the name is taken; choose another").to_owned();
            return form(&cx, &typed, &Named { name, ..wrong }).await;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(handed_over(&cx, &account, &password))
}

/// Shows a password this once, to be handed over.
pub(super) fn handed_over(cx: &Context, account: &Account, password: &str) -> Response {
    let lang = cx.lang();
    let body = html! {
        (notice(Tone::Good, lang.pick("账号已就绪。请把临时密码当面交给本人；此页离开后不再显示。",
            "The account is ready. Hand the password over in person; it is not shown again.")))
        dl {
            div { dt { (lang.pick("登录名", "Name")) } dd { (account.name) } }
            div { dt { (lang.pick("临时密码", "Temporary password")) } dd { code { (password) } } }
        }
    };
    cx.led_to(&format!("/accounts/{}", account.id), &body)
}
