//! `GET` and `PUT /projects/{code}/goal`: a project's goal by its form, as a clerk reads and writes it on the page.

use std::collections::BTreeSet;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use tongpin_console::scope::Scope;
use tongpin_console::web::api::{Refusal, json_response};
use tongpin_domain::project_form::GOAL;

use super::call::{Call, from_json};
use super::condition::Condition;
use super::forms::given;
use super::idempotency::{Incoming, Request, Written};
use super::project::with_version;
use super::project_form::{Body, Told, known, sound};
use super::refused::{no_project, not_saved};
use crate::ops::project_forms::{self, HeldProjectForm};
use crate::ops::saving::SaveError;
use crate::records::goal_form::GoalForm;
use crate::records::{self, HeldProject};

const CONDITION: Condition = Condition {
    there: ("绩效目标已填写；修改须带 If-Match", "the goal is there already; change it with If-Match"),
    missing: (
        "还没有填写绩效目标；首次填写须带 If-None-Match: *",
        "there is no goal yet; write it with If-None-Match: *",
    ),
    changed: (
        "绩效目标已被修改，未保存；请重新读取后再写",
        "the goal was changed, nothing was saved; read it again, then write",
    ),
    unsaid: (
        "须带 If-Match: \"版本\"（修改）或 If-None-Match: *（首次填写）之一",
        "send either If-Match: \"version\" to change or If-None-Match: * to write the first",
    ),
};

/// The goal as it is.
pub(super) async fn get(call: Call, Path(code): Path<String>) -> Result<Response, Refusal> {
    call.must(Scope::ProjectsRead).await?;
    let (project, form, held) = open(&call, &code).await?;
    let body = told(&call, &project, &form, &held);
    Ok(with_version(json_response(StatusCode::OK, &body), &held.version))
}

/// Writes it whole.
pub(super) async fn put(Path(code): Path<String>, sent: Incoming) -> Result<Response, Refusal> {
    let request = sent.about(format!("{code}/goal"), Scope::ProjectsWrite).await?;
    sent.once(&request, Box::pin(replace(&sent.call, &request, &code))).await
}

async fn open(call: &Call, code: &str) -> Result<(HeldProject, GoalForm, HeldProjectForm), Refusal> {
    let store = call.app.store();
    let project = records::one(store, code).await?.ok_or_else(|| no_project(code))?;
    let (form, held) = (GoalForm::load(store).await?, project_forms::read(store, GOAL, &project.author, code).await?);
    Ok((project, form, held))
}

async fn replace(call: &Call, request: &Request<'_>, code: &str) -> Result<Written, Refusal> {
    let (project, form, held) = open(call, code).await?;
    if project.author != call.app.site.region() {
        return Err(not_saved(&SaveError::NotOurs(project.author)));
    }
    known(form.unknown())?;
    let body: Body = from_json(request.body)?;
    let before = &held.form.given;
    let given = given::read(form.definition(), &body.given, before, &BTreeSet::new())?;
    let checked = form.checked(&project.project, &given, before);
    sound(checked.faults(), |name| body.given.get(name).map(ToString::to_string).unwrap_or_default())?;
    let goal = form.goal(code, &checked, &given);
    let there = !held.version.is_empty();
    // Whoever sends again what is there already has lost the answer, not the race.
    if !there || goal != held.form {
        let version = CONDITION.version(request, &held.version, there)?;
        let made = HeldProjectForm { form: goal, version, ..held };
        let step = project_forms::save(&call.app, &made);
        call.write(code, "填写绩效目标", step).await.map_err(|error| not_saved(&error))?;
    }
    let (project, form, held) = open(call, code).await?;
    let status = if there { StatusCode::OK } else { StatusCode::CREATED };
    Ok(Written { status, version: held.version.clone(), body: told(call, &project, &form, &held) })
}

fn told(call: &Call, project: &HeldProject, form: &GoalForm, held: &HeldProjectForm) -> Value {
    let given = &held.form.given;
    let checked = form.checked(&project.project, given, given);
    let (definition, release, version) = (form.definition(), form.release(), &held.version);
    Told { project, definition, release, given, checked: &checked, version }.json(call)
}
