//! Where a reader stands: what a page's handler needs of every request, taken from it at once.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::{AuditDraft, Person, Store};

use super::page_error::PageError;
use super::reasoned::Reasoned;
use super::visitor::{Signed, Visitor};
use super::{Fields, Page, Tone, Web, notice};
use crate::duty::Duty;

/// The console, what its program works on, and who calls. `A` is the extractor of a program's own state, such as
/// `Extension<Arc<App>>`; the console's own pages need none.
pub struct Context<A = ()> {
    /// The console.
    pub web: Web,
    /// What the program's pages work on.
    pub app: A,
    /// The reader, as anybody who calls.
    pub visitor: Visitor,
    /// The reader's account and duties.
    pub signed: Signed,
}

impl<A: FromRequestParts<Web>> FromRequestParts<Web> for Context<A> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let signed = Signed::from_request_parts(parts, web).await.map_err(IntoResponse::into_response)?;
        let visitor = Visitor::from_request_parts(parts, web).await.map_err(IntoResponse::into_response)?;
        let app = A::from_request_parts(parts, web).await.map_err(IntoResponse::into_response)?;
        Ok(Self { web: web.clone(), app, visitor, signed })
    }
}

impl<A> Context<A> {
    /// The reader's language.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.visitor.lang
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.web.now()
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.web.store()
    }

    /// The reader, as records keep it.
    #[must_use]
    pub fn person(&self) -> Person {
        self.signed.person()
    }

    /// Whether the reader holds one of these duties.
    #[must_use]
    pub fn may(&self, duties: &[Duty]) -> bool {
        self.signed.may(duties)
    }

    /// Refuses whoever holds none of these duties, and writes that down.
    ///
    /// # Errors
    /// The page that says so.
    pub async fn must(&self, duties: &[Duty]) -> Result<(), PageError> {
        if self.may(duties) {
            return Ok(());
        }
        let names = |lang| duties.iter().map(|duty| duty.name(lang)).collect::<Vec<_>>();
        let detail = format!("须有岗位：{}", names(Lang::Zh).join("、"));
        self.audit("page_refused", &self.visitor.path, &detail, false).await?;
        let lang = self.lang();
        let body = html! {
            p { (lang.pick("打开此页须有岗位：", "This page is for: ")) (names(lang).join(lang.pick("、", ", "))) }
            p { (lang.pick("如确有需要，请联系安全管理员授予岗位。此次访问已记入审计日志。",
                "If you need it, ask the security administrator. This attempt was written into the audit log.")) }
            p { a href="/" { (lang.pick("返回首页", "Back to the first page")) } }
        };
        let title = lang.pick("没有权限", "Not yours to open");
        Err(self.page(title).status(StatusCode::FORBIDDEN).show(&body).into())
    }

    /// What the audit log keeps of something that the reader does.
    #[must_use]
    pub fn audit_entry<'a>(&'a self, action: &'a str, subject: &'a str, detail: &'a str) -> AuditDraft<'a> {
        self.visitor.audit_entry(&self.web, &self.signed.account.name, action, subject, detail)
    }

    /// Writes something into the audit log that changes nothing else; what changes something is done within
    /// [`Store::audited`], with [`Context::audit_entry`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn audit(&self, action: &str, subject: &str, detail: &str, allowed: bool) -> Result<(), PageError> {
        self.visitor.audit(&self.web, &self.signed.account.name, action, subject, detail, allowed).await
    }

    /// A page of this title.
    #[must_use]
    pub fn page<'a>(&'a self, title: &'a str) -> Page<'a> {
        Page::new(&self.web, &self.visitor, title)
    }

    /// Leads the reader to a page of this console, which says once what was done.
    #[must_use]
    pub fn done(&self, address: &str, said: &str) -> Response {
        self.led_to(address, &notice(Tone::Good, said))
    }

    /// As [`Context::done`], for more than a sentence.
    #[must_use]
    pub fn led_to(&self, address: &str, said: &Markup) -> Response {
        self.web.flash().keep(self.signed.token_hash, address, said, self.now());
        self.back(address)
    }

    /// Sends the reader to a page of this console, with nothing to say there.
    #[must_use]
    pub fn back(&self, address: &str) -> Response {
        Redirect::to(address).into_response()
    }

    /// A page that only says why there is nothing else on it.
    #[must_use]
    pub fn refused(&self, title: &str, why: &str, status: StatusCode) -> Response {
        self.visitor.refused(&self.web, title, why, status)
    }

    /// The page that tells why another could not be made.
    #[must_use]
    pub fn cannot(&self, why: &str, status: StatusCode) -> Response {
        self.visitor.cannot(&self.web, why, status)
    }

    /// The page with only a form of a step that is hard to undo, asking for what was not given; none if nothing lacks.
    #[must_use]
    pub fn lacking(&self, form: &Reasoned<'_>, typed: &Fields) -> Option<Response> {
        form.lacking(&self.web, &self.visitor, &self.signed, typed)
    }
}
