//! `PUT /projects/{code}` and `PATCH /projects/{code}/actuals`: a department's system writes what a clerk would enter.
//! Whoever writes says which version it saw, so that no clerk's change is lost unseen.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::api::Refusal;
use tongpin_domain::project::{Project, ProjectIndicator};

use super::call::Call;
use super::condition::Condition;
use super::idempotency::{Incoming, Request, Written};
use super::refused::{no_project, not_saved};
use super::typed;
use crate::app::App;
use crate::ops::editing;
use crate::ops::saving::SaveError;
use crate::records::HeldProject;
use crate::records::kept_form::RecordForms;
use crate::sheets::catalog_check::CatalogCheck;
use crate::sheets::entry;
use crate::{guidance, records};

/// How often actuals are put in again when somebody saved the project at the same moment.
const ATTEMPTS: usize = 3;

const CONDITION: Condition = Condition {
    there: ("项目已存在；修改须带 If-Match", "the project is there already; change it with If-Match"),
    missing: ("没有这个项目；新建须带 If-None-Match: *", "no such project; make it with If-None-Match: *"),
    changed: (
        "项目已被修改，未保存；请重新读取后再写",
        "the project was changed, nothing was saved; read it again, then write",
    ),
    unsaid: (
        "须带 If-Match: \"版本\"（修改）或 If-None-Match: *（新建）之一",
        "send either If-Match: \"version\" to change or If-None-Match: * to make a project",
    ),
};

/// Makes or replaces a project with all its lines.
pub(super) async fn put(Path(code): Path<String>, sent: Incoming) -> Result<Response, Refusal> {
    let request = sent.about(&code, Scope::ProjectsWrite).await?;
    sent.once(&request, Box::pin(replace(&sent.call, &request))).await
}

async fn replace(call: &Call, request: &Request<'_>) -> Result<Written, Refusal> {
    let app = &call.app;
    let (store, own, code) = (app.store(), app.site.region(), request.code.as_str());
    let held = records::one(store, code).await?;
    if let Some(held) = held.as_ref().filter(|held| held.author != own) {
        return Err(not_saved(&SaveError::NotOurs(held.author.clone())));
    }
    let regions = guidance::regions(store).await?;
    let months = entry::months::of_one(store, code).await?;
    let known = CatalogCheck::load(store).await?;
    let forms = RecordForms::load(store).await?;
    let whole = typed::whole(request.body, code, &own, &regions, held.as_ref(), (&months, &forms), &known)?;
    let same = held.as_ref().is_some_and(|held| held.project == whole.project && held.lines == whole.lines);
    // Whoever sends again what is there already has lost the answer, not the race.
    if !same {
        let version = expected(request, held.as_ref())?;
        let detail = format!("{}：{} 行指标", if held.is_some() { "修改项目" } else { "新建项目" }, whole.lines.len());
        let step = editing::save(app, &version, &whole.project, &whole.lines);
        call.write(code, &detail, step).await.map_err(|error| not_saved(&error))?;
    }
    let status = if held.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    done(app, status, &whole.project, &whole.lines, whole.warnings).await
}

/// The version that the caller saw, if it is the present one; empty for a new project.
fn expected(request: &Request<'_>, held: Option<&HeldProject>) -> Result<String, Refusal> {
    CONDITION.version(request, &held.map(editing::version).unwrap_or_default(), held.is_some())
}

/// Puts actuals, and reasons for deviations, into lines that are there.
pub(super) async fn actuals(Path(code): Path<String>, sent: Incoming) -> Result<Response, Refusal> {
    let request = sent.about(&code, Scope::ProjectsWrite).await?;
    sent.once(&request, Box::pin(fill(&sent.call, &request))).await
}

async fn fill(call: &Call, request: &Request<'_>) -> Result<Written, Refusal> {
    let app = &call.app;
    let (own, code) = (app.site.region(), request.code.as_str());
    let mut attempt = 1;
    loop {
        let held = records::one(app.store(), code).await?.ok_or_else(|| no_project(code))?;
        if held.author != own {
            return Err(not_saved(&SaveError::NotOurs(held.author)));
        }
        let lines = typed::with_actuals(request.body, &held.lines)?;
        if lines == held.lines {
            return done(app, StatusCode::OK, &held.project, &lines, json!([])).await;
        }
        let bound = request.header("if-match").is_some();
        let version = if bound { expected(request, Some(&held))? } else { editing::version(&held) };
        let count = lines.iter().zip(&held.lines).filter(|(new, old)| new != old).count();
        let detail = format!("填报完成值：{count} 行");
        let step = editing::save(app, &version, &held.project, &lines);
        match call.write(code, &detail, step).await {
            Ok(()) => {
                return done(app, StatusCode::OK, &held.project, &lines, json!([])).await;
            }
            Err(SaveError::Changed) if !bound && attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(not_saved(&error)),
        }
    }
}

/// What the caller is told: the new version, and the score that came of it.
async fn done(
    app: &App,
    status: StatusCode,
    project: &Project,
    lines: &[ProjectIndicator],
    warnings: Value,
) -> Result<Written, Refusal> {
    let held =
        HeldProject { author: app.site.region(), project: project.clone(), lines: lines.to_vec(), reviews: Vec::new() };
    let version = editing::version(&held);
    let score = scored(app, &project.code).await?;
    let body = json!({ "project_code": project.code, "version": version, "score": score, "warnings": warnings });
    Ok(Written { status, version, body })
}

/// The score that a project has after a write; null if there is none.
pub(super) async fn scored(app: &App, code: &str) -> Result<Value, Refusal> {
    let Some(row) = app.store().score(code).await? else { return Ok(Value::Null) };
    let rating = if row.rating.is_empty() { Value::Null } else { row.rating.into() };
    Ok(json!({ "status": row.status, "total": row.total, "rating": rating }))
}
