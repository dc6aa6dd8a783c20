//! 新建账号: a name and a person; the password is made here, shown once, and changed at the first sign-in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use tongpin_store::{Account, StoreError};

use crate::account::{check_display_name, check_name, fresh, holders, temporary};
use crate::duty::Duty;
use crate::web::Web;
use crate::web::fields::{Fields, Posted};
use crate::web::me::hashed;
use crate::web::shell::{Field, Page, Tone, check_box, notice, token};
use crate::web::visitor::{Signed, Visitor};

/// What is wrong with each field, empty where nothing is.
#[derive(Default)]
struct Wrong {
    name: String,
    display_name: String,
}

/// The form.
pub(in crate::web) async fn get(
    State(web): State<Web>,
    visitor: Visitor,
    signed: Signed,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::System]).await?;
    form(&web, &visitor, &signed, &Fields::default(), &Wrong::default()).await
}

/// Whether the system administrator may name the security administrator: only while there is none.
async fn names_security(web: &Web, visitor: &Visitor) -> Result<bool, Response> {
    let accounts = web.store().accounts().await.map_err(|error| visitor.failed(error))?;
    Ok(holders(&accounts, Duty::Security) == 0)
}

async fn form(
    web: &Web,
    visitor: &Visitor,
    signed: &Signed,
    typed: &Fields,
    wrong: &Wrong,
) -> Result<Response, Response> {
    let lang = visitor.lang;
    let name = Field {
        name: "name",
        label: lang.pick("登录名", "Name to sign in with"),
        value: typed.text("name"),
        hint: lang.pick(
            "字母、数字、汉字或 . - _，2 至 32 个；建立后不能更改",
            "2 to 32 letters, digits, or . - _; it cannot be changed",
        ),
        error: &wrong.name,
        ..Field::default()
    };
    let display_name = Field {
        name: "display_name",
        label: lang.pick("姓名或岗位", "Person or post"),
        value: typed.text("display_name"),
        hint: lang.pick("例如：预算科经办", "such as: budget division, entering"),
        error: &wrong.display_name,
        ..Field::default()
    };
    let bad = !wrong.name.is_empty() || !wrong.display_name.is_empty();
    let label = lang.pick("指定为安全管理员", "Name it security administrator");
    let about = lang.pick("目前还没有安全管理员，由其授予各岗位", "there is none yet; it gives the duties");
    let body = html! {
        @if bad { (notice(Tone::Bad, lang.pick("有内容需要更正，见下方标注", "something is to be corrected; see below"))) }
        form.card method="post" action="/accounts/new" {
            (token(signed))
            (name.draw()) (display_name.draw())
            @if names_security(web, visitor).await? {
                (check_box("security", "1", label, about, typed.checked("security")))
            }
            p.hint { (lang.pick("岗位由安全管理员另行授予。", "Duties are given by the security administrator.")) }
            button.main { (lang.pick("建立账号", "Make the account")) }
            " " a href="/accounts" { (lang.pick("取消", "Cancel")) }
        }
    };
    let mut response = Page::new(web, visitor, lang.pick("新建账号", "New account")).show(&body);
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Makes the account and shows its password, this once.
pub(in crate::web) async fn post(
    State(web): State<Web>,
    visitor: Visitor,
    signed: Signed,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::System]).await?;
    let lang = visitor.lang;
    let (name, display_name) = (typed.text("name"), typed.text("display_name"));
    let wrong = Wrong { name: check_name(name, lang), display_name: check_display_name(display_name, lang) };
    if !wrong.name.is_empty() || !wrong.display_name.is_empty() {
        return form(&web, &visitor, &signed, &typed, &wrong).await;
    }
    let security = typed.checked("security") && names_security(&web, &visitor).await?;
    let password = temporary();
    let account = Account {
        password_hash: hashed(&password).await?,
        duties: if security { vec![Duty::Security.word().to_owned()] } else { Vec::new() },
        ..fresh(name, display_name, web.now())
    };
    let detail = if security { format!("{display_name}；指定为安全管理员") } else { display_name.to_owned() };
    let draft = visitor.draft(&web, &signed.account.name, "account_new", &account.name, &detail);
    match web.store().create_account(&account, &draft).await {
        Ok(()) => {}
        Err(StoreError::NameTaken { .. }) => {
            let name = lang.pick("这个登录名已经有了，请换一个", "the name is taken; choose another").to_owned();
            return form(&web, &visitor, &signed, &typed, &Wrong { name, ..wrong }).await;
        }
        Err(error) => return Err(visitor.failed(error)),
    }
    Ok(handed_over(&web, &visitor, &account, &password))
}

/// Shows a password this once, to be handed over.
pub(super) fn handed_over(web: &Web, visitor: &Visitor, account: &Account, password: &str) -> Response {
    let lang = visitor.lang;
    let body = html! {
        (notice(Tone::Good, lang.pick("账号已就绪。请把临时密码当面交给本人；此页离开后不再显示。",
            "The account is ready. Hand the password over in person; it is not shown again.")))
        dl {
            div { dt { (lang.pick("登录名", "Name")) } dd { (account.name) } }
            div { dt { (lang.pick("临时密码", "Temporary password")) } dd { code { (password) } } }
        }
    };
    visitor.led_to(web, &format!("/accounts/{}", account.id), &body)
}
