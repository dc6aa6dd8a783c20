//! `GET` and `PUT /projects/{code}/evaluation`: a project's self-evaluation by its form, as a clerk reads and writes it
//! on the page.

use std::collections::BTreeSet;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use tongpin_console::scope::Scope;
use tongpin_console::web::api::{Refusal, json_response};
use tongpin_domain::form::Given;

use super::call::{Call, from_json};
use super::condition::Condition;
use super::forms::given;
use super::idempotency::{Incoming, Request, Written};
use super::project::with_version;
use super::project_form::{Body, Told, known, sound};
use super::refused::{no_project, not_saved};
use crate::ops::evaluation::{self, Evaluation, Filled, at};
use crate::ops::saving::SaveError;
use crate::records;

const CONDITION: Condition = Condition {
    there: (
        "自评表随项目而有；填写须带 If-Match: \"版本\"",
        "a project has a self-evaluation from the start; write it with If-Match: \"version\"",
    ),
    missing: ("没有这个项目", "there is no such project"),
    changed: (
        "项目、指标或自评已被修改，未保存；请重新读取后再写",
        "the project, its indicators or the self-evaluation were changed, nothing was saved; read it again, then write",
    ),
    unsaid: ("须带 If-Match: \"版本\"", "send If-Match: \"version\""),
};

/// The self-evaluation as it is.
pub(super) async fn get(call: Call, Path(code): Path<String>) -> Result<Response, Refusal> {
    call.must(Scope::ProjectsRead).await?;
    let evaluation = open(&call, &code).await?;
    let version = evaluation.version();
    let body = told(&call, &evaluation, &evaluation.as_held(), &version);
    Ok(with_version(json_response(StatusCode::OK, &body), &version))
}

/// Writes it whole, but for the lines that are not sent.
pub(super) async fn put(Path(code): Path<String>, sent: Incoming) -> Result<Response, Refusal> {
    let request = sent.about(format!("{code}/evaluation"), Scope::ProjectsWrite).await?;
    sent.once(&request, Box::pin(replace(&sent.call, &request, &code))).await
}

async fn open(call: &Call, code: &str) -> Result<Evaluation, Refusal> {
    let store = call.app.store();
    let project = records::one(store, code).await?.ok_or_else(|| no_project(code))?;
    Ok(Evaluation::of(store, project).await?)
}

async fn replace(call: &Call, request: &Request<'_>, code: &str) -> Result<Written, Refusal> {
    let held = open(call, code).await?;
    if held.held.author != call.app.site.region() {
        return Err(not_saved(&SaveError::NotOurs(held.held.author)));
    }
    known(held.form.unknown())?;
    if held.held.lines.is_empty() {
        let (zh, en) =
            ("还没有绩效指标，不能自评；先用 PUT /api/v1/projects/{code} 写指标", "there are no indicators yet");
        return Err(Refusal::new(StatusCode::CONFLICT, "no_indicators", zh, en));
    }
    let body: Body = from_json(request.body)?;
    let filled = held.filled(given::read(held.definition(), &body.given, &held.given(), &BTreeSet::new())?);
    sound(held.faults(&filled), |place| text(&filled, place))?;
    // Whoever sends again what is there already has lost the answer, not the race.
    if held.is_changed_by(&filled) {
        let version = CONDITION.version(request, &held.version(), true)?;
        let step = evaluation::save(&call.app, &held, &version, &filled);
        call.write(code, "填写自评", step).await.map_err(|error| not_saved(&error))?;
    }
    let now = open(call, code).await?;
    let version = now.version();
    let body = told(call, &now, &now.as_held(), &version);
    Ok(Written { status: StatusCode::OK, version, body })
}

/// What was sent for a place, as it is told beside what is wrong with it.
fn text(filled: &Filled, place: &str) -> String {
    match at(&filled.given, place) {
        Some(Given::One(text)) => text,
        Some(Given::Several(texts)) => texts.join("、"),
        _ => String::new(),
    }
}

fn told(call: &Call, evaluation: &Evaluation, filled: &Filled, version: &str) -> serde_json::Value {
    let told = Told {
        project: &evaluation.held,
        definition: evaluation.definition(),
        release: evaluation.form.release(),
        given: &evaluation.given(),
        checked: &filled.checked,
        version,
    };
    told.json(call)
}
