//! 首次启用: the one page that opens while there is no account, and makes the first: the system administrator.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use tongpin_store::Account;

use super::Web;
use super::accounts::named::Named;
use super::fields::{Fields, same};
use super::me::{check_pair, hashed};
use super::page_error::PageError;
use super::shell::{Field, Page, corrections};
use super::sign_in::busy;
use super::visitor::Visitor;
use crate::account::fresh;
use crate::duty::Duty;

/// What is wrong with each field, empty where nothing is.
#[derive(Default)]
struct Wrong {
    code: String,
    named: Named,
    password: String,
    again: String,
}

impl Wrong {
    fn any(&self) -> bool {
        let others = [&self.code, &self.password, &self.again];
        self.named.any() || others.iter().any(|problem| !problem.is_empty())
    }
}

/// The form, as long as it is of use.
pub(super) async fn get(State(web): State<Web>, visitor: Visitor) -> Result<Response, PageError> {
    closed(&web).await?;
    Ok(form(&web, &visitor, &Fields::default(), &Wrong::default()))
}

/// Once there is an account the page is closed for good.
async fn closed(web: &Web) -> Result<(), PageError> {
    let count = web.store().count_accounts().await?;
    if count > 0 { Err(Redirect::to("/sign-in").into()) } else { Ok(()) }
}

fn form(web: &Web, visitor: &Visitor, typed: &Fields, wrong: &Wrong) -> Response {
    let lang = visitor.lang;
    let code = Field {
        name: "code",
        label: lang.pick("启用码", "Set-up code"),
        value: typed.text("code"),
        hint: lang.pick(
            "启动 serve 时显示在终端上，形如 ABCD-EFGH-JKLM",
            "printed by serve when it started, as ABCD-EFGH-JKLM",
        ),
        error: &wrong.code,
        ..Field::default()
    };
    let password = password_field(lang.pick("密码", "Password"), lang, &wrong.password);
    let again = Field {
        name: "again",
        label: lang.pick("再输一遍密码", "Password once more"),
        kind: "password",
        error: &wrong.again,
        fill: "new-password",
        ..Field::default()
    };
    let any = wrong.any();
    let body = html! {
        p { (lang.pick("这是首次启用。请建立系统管理员账号；之后由它建立其他账号，并指定安全管理员。",
            "This is the first start. Make the system administrator's account; it makes the others and names the security administrator.")) }
        (corrections(any, lang))
        form.card method="post" action="/first" {
            (code.draw()) (wrong.named.draw(typed, "username", lang)) (password.draw()) (again.draw())
            button.main { (lang.pick("建立账号", "Make the account")) }
        }
    };
    Page::new(web, visitor, lang.pick("首次启用", "First start")).correcting(any).show(&body)
}

/// A box for a new password.
pub(super) fn password_field<'a>(label: &'a str, lang: tongpin_domain::lang::Lang, error: &'a str) -> Field<'a> {
    let hint = lang.pick(
        "至少 10 个字符，含大写、小写、数字、其他字符中的三类",
        "ten characters or more, with three of: upper case, lower case, digits, others",
    );
    Field { name: "password", label, kind: "password", hint, error, fill: "new-password", ..Field::default() }
}

/// Makes the account.
pub(super) async fn post(State(web): State<Web>, visitor: Visitor, typed: Fields) -> Result<Response, PageError> {
    closed(&web).await?;
    let lang = visitor.lang;
    if !web.throttle().lets(&visitor.address, 0, web.now()).await {
        return Ok(form(&web, &visitor, &typed, &Wrong { code: busy(lang).into(), ..Wrong::default() }));
    }
    let code = typed.text("code").to_uppercase();
    let right = web.setup_code().is_some_and(|due| same(&code, due));
    let (password, again) = check_pair(&typed, typed.text("name"), lang);
    let wrong = Wrong {
        code: if right {
            String::new()
        } else {
            lang.pick("启用码不正确；请看 serve 启动时的输出", "not the code that serve printed").into()
        },
        named: Named::check(&typed, lang),
        password,
        again,
    };
    if !right {
        web.throttle().failed(&visitor.address, web.now());
        let shown: String = typed.text("name").chars().take(60).collect();
        visitor.audit(&web, &shown, "first_account", "", "启用码不正确", false).await?;
        // A stranger is told nothing but that.
        return Ok(form(&web, &visitor, &typed, &Wrong { code: wrong.code, ..Wrong::default() }));
    }
    if wrong.any() {
        return Ok(form(&web, &visitor, &typed, &wrong));
    }
    let password_hash = hashed(typed.raw("password")).await?;
    let account = Account {
        duties: vec![Duty::System.word().to_owned()],
        password_hash,
        password_set_at: Some(web.now()),
        ..fresh(typed.text("name"), typed.text("display_name"), web.now())
    };
    let draft = visitor.audit_entry(&web, &account.name, "first_account", &account.name, "系统管理员");
    let made = web.store().create_first_account(&account, &draft).await?;
    tracing::info!(name = account.name, made, "the first administrator's account");
    Ok(Redirect::to("/sign-in?made=1").into_response())
}
