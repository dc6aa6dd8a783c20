//! What a system is told in place of an answer.

use axum::http::StatusCode;
use tongpin_console::web::api::Refusal;
use tongpin_domain::lang::{Lang, Say};

use crate::ops::saving::SaveError;

pub(super) fn no_project(code: &str) -> Refusal {
    let zh = format!("没有代码为“{code}”的项目");
    Refusal::new(StatusCode::NOT_FOUND, "no_such_project", zh, format!("no project {code:?}"))
}

pub(super) fn not_saved(error: &SaveError) -> Refusal {
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

pub(super) fn internal(error: &impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a call could not be answered");
    let (zh, en) = ("程序内部错误，请联系维护人员", "an internal error; ask for support");
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", zh, en)
}
