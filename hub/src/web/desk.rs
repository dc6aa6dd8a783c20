//! Where a reader stands: what every page of the city's own needs of a request, taken from it at once.

use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use maud::Markup;
use tongpin_console::duty::Duty;
use tongpin_console::web::{Page, Signed, Visitor, Web};
use tongpin_domain::lang::Lang;
use tongpin_store::AuditDraft;

use super::failed;
use crate::app::App;
use crate::failure::Failure;

/// The console, the hub, and who calls.
pub(super) struct Desk {
    pub(super) web: Web,
    pub(super) app: Arc<App>,
    pub(super) visitor: Visitor,
    pub(super) signed: Signed,
}

impl FromRequestParts<Web> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let Extension(app) = Extension::from_request_parts(parts, web).await.map_err(IntoResponse::into_response)?;
        let visitor = Visitor::from_request_parts(parts, web).await.map_err(IntoResponse::into_response)?;
        let signed = Signed::from_request_parts(parts, web).await.map_err(IntoResponse::into_response)?;
        Ok(Self { web: web.clone(), app, visitor, signed })
    }
}

impl Desk {
    pub(super) fn lang(&self) -> Lang {
        self.visitor.lang
    }

    /// Refuses whoever holds none of these duties, with the page that says so.
    pub(super) async fn must(&self, duties: &[Duty]) -> Result<(), Response> {
        self.visitor.must(&self.web, &self.signed, duties).await
    }

    /// What was read, or the page that tells of the failure.
    #[expect(clippy::result_large_err, reason = "a handler answers with the response itself")]
    pub(super) fn told<T>(&self, outcome: Result<T, impl Into<Failure>>) -> Result<T, Response> {
        outcome.map_err(|error| failed(&self.web, &self.visitor, &error.into()))
    }

    /// What the audit log keeps of something that the reader does.
    pub(super) fn entry<'a>(&'a self, action: &'a str, subject: &'a str, detail: &'a str) -> AuditDraft<'a> {
        self.visitor.draft(&self.web, &self.signed.account.name, action, subject, detail)
    }

    /// Writes into the audit log what changed nothing: what changes something is done within `Store::audited`.
    pub(super) async fn audit(&self, action: &str, subject: &str, detail: &str, done: bool) -> Result<(), Response> {
        self.visitor.audit(&self.web, &self.signed.account.name, action, subject, detail, done).await
    }

    /// Leads the reader to a page, which says once what was done.
    pub(super) fn done(&self, address: &str, said: &str) -> Response {
        self.visitor.done(&self.web, address, said)
    }

    /// A page.
    pub(super) fn page(&self, title: &str, status: StatusCode, body: &Markup) -> Response {
        let mut response = Page::new(&self.web, &self.visitor, title).show(body);
        *response.status_mut() = status;
        response
    }
}
