//! A call of the API: what each handler needs of it, taken from it at once.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tongpin_console::scope::Scope;
use tongpin_console::web::Web;
use tongpin_console::web::api::{Caller, Refusal};
use tongpin_store::StoreError;

use super::refused::internal;
use crate::app::App;

/// The console, the node, and the system that calls.
pub(super) struct Call {
    /// The console.
    pub(super) web: Web,
    /// The node.
    pub(super) app: App,
    /// Whose token it is.
    pub(super) caller: Caller,
}

impl FromRequestParts<Web> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Refusal> {
        let caller = Caller::from_request_parts(parts, web).await?;
        let app = Extension::<App>::from_request_parts(parts, web).await;
        let Extension(app) = app.map_err(|error| internal(&error))?;
        Ok(Self { web: web.clone(), app, caller })
    }
}

impl Call {
    /// Refuses what the token was not made for.
    ///
    /// # Errors
    /// The refusal.
    pub(super) async fn must(&self, scope: Scope) -> Result<(), Refusal> {
        self.caller.must(&self.web, scope).await
    }

    /// Changes something of a project, and enters it into the audit log under the token's name.
    ///
    /// # Errors
    /// Those of the step, and a failing database.
    pub(super) async fn write<T, E: From<StoreError>>(
        &self,
        subject: &str,
        detail: &str,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.caller.audited(&self.web, "api_write", subject, detail, step).await
    }
}

/// What stands behind the question mark, if all of it is known.
pub(super) fn asked<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Refusal> {
    query.map(|Query(asked)| asked).map_err(|rejection| {
        let zh = format!("网址参数有误（{rejection}）；见 /api 的接口说明");
        let en = format!("the query is wrong ({rejection}); see /api");
        Refusal::new(StatusCode::BAD_REQUEST, "bad_query", zh, en)
    })
}

/// Rows on a page unless another number is asked for, and the most that can be.
const USUAL: u64 = 100;
pub(super) const MOST: u64 = 500;

/// How many rows a page has.
pub(super) fn rows_asked(limit: Option<u64>) -> u64 {
    limit.unwrap_or(USUAL).clamp(1, MOST)
}

/// A page of what was found, and whether there is another: one row more than fits was asked for to tell.
pub(super) fn page<T>(found: &[T], rows: u64) -> (&[T], bool) {
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    found.split_at_checked(rows).map_or((found, false), |(page, rest)| (page, !rest.is_empty()))
}

/// Reads a body as the JSON that is expected.
pub(super) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        let zh = format!("请求内容不是所要求的 JSON（{error}）；见 /api 的接口说明");
        let en = format!("the body is not the JSON that is expected ({error}); see /api");
        Refusal::new(StatusCode::BAD_REQUEST, "bad_json", zh, en)
    })
}
