//! The node's API for departments' own systems, as JSON: projects, what is reported of them by month, and what changed.
//! What a page may do is done here by the same functions; what a file must be is demanded here by the same checks.

mod changes;
pub(crate) mod guide;
mod idempotency;
mod observations;
mod project;
mod projects;
mod report;
mod typed;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query};
use axum::http::StatusCode;
use axum::routing::get;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tongpin_console::web::Web;
use tongpin_console::web::api::Refusal;
use tongpin_domain::lang::{Lang, Say};

use crate::app::App;
use crate::ops::saving::SaveError;

/// Writes go one after another: of two that carry one key, the second finds the first one's answer.
#[derive(Debug, Clone, Default)]
struct Turn(Arc<Mutex<()>>);

/// Every address, below where the console puts the API. `openapi.json` documents each of them, and a test holds that.
pub(crate) fn routes(app: &App) -> Router<Web> {
    Router::new()
        .route("/projects", get(projects::get))
        .route("/projects/{code}", get(project::get).put(write::put))
        .route("/projects/{code}/actuals", axum::routing::patch(write::actuals))
        .route("/projects/{code}/observations", get(observations::of_project))
        .route("/projects/{code}/observations/{month}", axum::routing::put(report::put))
        .route("/observations", get(observations::get))
        .route("/changes", get(changes::get))
        .layer(Extension(app.clone()))
        .layer(Extension(Turn::default()))
}

/// What stands behind the question mark, if all of it is known.
fn asked<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Refusal> {
    query.map(|Query(asked)| asked).map_err(|rejection| {
        let zh = format!("网址参数有误（{rejection}）；见 /api 的接口说明");
        let en = format!("the query is wrong ({rejection}); see /api");
        Refusal::new(StatusCode::BAD_REQUEST, "bad_query", zh, en)
    })
}

/// Reads a body as the JSON that is expected.
fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        let zh = format!("请求内容不是所要求的 JSON（{error}）；见 /api 的接口说明");
        let en = format!("the body is not the JSON that is expected ({error}); see /api");
        Refusal::new(StatusCode::BAD_REQUEST, "bad_json", zh, en)
    })
}

fn no_project(code: &str) -> Refusal {
    let zh = format!("没有代码为“{code}”的项目");
    Refusal::new(StatusCode::NOT_FOUND, "no_such_project", zh, format!("no project {code:?}"))
}

fn not_saved(error: &SaveError) -> Refusal {
    let (status, code) = match error {
        SaveError::Changed => (StatusCode::PRECONDITION_FAILED, "changed"),
        SaveError::NotOurs(_) => (StatusCode::FORBIDDEN, "not_ours"),
        SaveError::Gone => (StatusCode::PRECONDITION_FAILED, "gone"),
        SaveError::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "database"),
        SaveError::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    };
    if status.is_server_error() {
        tracing::error!(%error, "a project could not be saved");
    }
    Refusal::new(status, code, error.say(Lang::Zh), error.say(Lang::En))
}

fn internal(error: &impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a call could not be answered");
    let (zh, en) = ("程序内部错误，请联系维护人员", "an internal error; ask for support");
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", zh, en)
}
