//! Why nothing was done with a document, as a system is told it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::Value;
use tongpin_console::web::api::Refusal;
use tongpin_domain::form::{FieldProblem, Given, Place, StepFault};
use tongpin_domain::intake::{Problem, Words};
use tongpin_domain::lang::{Lang, Say};

use crate::api::typed::{problem, refused};
use crate::ops::forms::FormError;

/// Values that cannot be read, each at its place with what was sent.
pub(super) fn unread(problems: &[FieldProblem], given: &BTreeMap<String, Given>) -> Refusal {
    let told = |it: &FieldProblem| -> Problem {
        let words = Words::new(it.fault.say(Lang::Zh), it.fault.say(Lang::En));
        problem(0, &it.place.to_string(), &found(given, &it.place), words)
    };
    refused(&problems.iter().map(told).collect::<Vec<_>>())
}

fn found(given: &BTreeMap<String, Given>, place: &Place) -> String {
    match given.get(&place.field) {
        Some(Given::One(text)) => text.clone(),
        Some(Given::Several(texts)) => texts.join("、"),
        Some(Given::Rows(rows)) => {
            let row = rows.iter().find(|row| Some(&row.id) == place.row.as_ref());
            let cell = row.zip(place.inner.as_ref()).and_then(|(row, inner)| row.cells.get(inner));
            cell.cloned().unwrap_or_default()
        }
        Some(Given::Files(_)) | None => String::new(),
    }
}

/// What was not done, with a word for programs.
pub(super) fn not_done(error: &FormError, given: &BTreeMap<String, Given>) -> Refusal {
    let (status, code) = match error {
        FormError::Unreadable(problems) => return unread(problems, given),
        FormError::Changed => (StatusCode::PRECONDITION_FAILED, "changed"),
        FormError::NotOurs(_) => (StatusCode::FORBIDDEN, "not_ours"),
        FormError::Closed(_) => (StatusCode::CONFLICT, "closed"),
        FormError::Figures(_) => (StatusCode::CONFLICT, "figures"),
        FormError::Unknown(_) => (StatusCode::CONFLICT, "form_unknown"),
        FormError::Exists(_) => (StatusCode::CONFLICT, "exists"),
        FormError::Subject { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "subject"),
        FormError::Step(fault) => of_step(fault),
        FormError::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "database"),
        FormError::Publish(_) | FormError::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    };
    if status.is_server_error() {
        tracing::error!(%error, "a document could not be written");
    }
    let refusal = Refusal::new(status, code, error.say(Lang::Zh), error.say(Lang::En));
    match error {
        FormError::Exists(id) => refusal.with("id", Value::from(id.as_str())),
        _ => refusal,
    }
}

fn of_step(fault: &StepFault) -> (StatusCode, &'static str) {
    match fault {
        StepFault::NoStep(_) => (StatusCode::NOT_FOUND, "no_such_step"),
        StepFault::State(_) => (StatusCode::CONFLICT, "state"),
        StepFault::Level(_) => (StatusCode::FORBIDDEN, "step_level"),
        StepFault::Duty(_) => (StatusCode::FORBIDDEN, "step_duty"),
        StepFault::SamePerson(_) => (StatusCode::FORBIDDEN, "same_person"),
        StepFault::Blocked => (StatusCode::UNPROCESSABLE_ENTITY, "blocked"),
        StepFault::NoReason => (StatusCode::UNPROCESSABLE_ENTITY, "reason_missing"),
        StepFault::Newest => (StatusCode::CONFLICT, "newest"),
        StepFault::Unknown(_) => (StatusCode::CONFLICT, "form_unknown"),
    }
}
