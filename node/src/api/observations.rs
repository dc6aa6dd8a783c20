//! `GET /projects/{code}/observations` and `GET /observations`: what was reported by month, of one project or of all
//! that this node holds, page by page.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::api::{Refusal, json_response};
use tongpin_domain::observation::Observation;
use tongpin_domain::region::RegionCode;

use super::call::{Call, asked, page, rows_asked};
use super::project::with_version;
use super::refused::no_project;
use crate::ops::months::ReportedProject;
use crate::records;
use crate::records::observations;

/// What can be asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    after: String,
    limit: Option<u64>,
    year: Option<i32>,
    month: Option<u8>,
}

/// All months of one project. The version is there where they can be written: it stands for the project and its months.
pub(super) async fn of_project(call: Call, Path(code): Path<String>) -> Result<Response, Refusal> {
    call.must(Scope::ObservationsRead).await?;
    let held = records::one(call.app.store(), &code).await?.ok_or_else(|| no_project(&code))?;
    let (author, own) = (held.author, call.app.site.region());
    let version = ReportedProject::read(&call.app, &code).await?.map(|opened| opened.version());
    let found = observations::of_project(call.app.store(), &code).await?;
    let shown: Vec<Value> = found.iter().map(|it| row(it, &author, &own)).collect();
    let body = json!({
        "project_code": code,
        "author": author,
        "own": author == own,
        "version": version,
        "observations": shown,
    });
    let response = json_response(StatusCode::OK, &body);
    Ok(match version {
        Some(version) => with_version(response, &version),
        None => response,
    })
}

/// A page of reports, sorted by project and month. `next` is where the next one begins, null after the last.
pub(super) async fn get(call: Call, query: Result<Query<Asked>, QueryRejection>) -> Result<Response, Refusal> {
    call.must(Scope::ObservationsRead).await?;
    let asked = asked(query)?;
    let rows = rows_asked(asked.limit);
    let own = call.app.site.region();
    let found = call.app.store().observations_page(asked.after.trim(), asked.year, asked.month, rows + 1).await?;
    let (page, more) = page(&found, rows);
    let next = page.last().filter(|_| more).map(|record| record.key.as_str());
    let read = page.iter().filter_map(|record| Some((observations::read(record).ok()?, &record.author)));
    let shown: Vec<Value> = read.map(|(it, author)| row(&it, author, &own)).collect();
    Ok(json_response(StatusCode::OK, &json!({ "observations": shown, "next": next })))
}

/// A report as it is told. Evidence is told by name, digest and size; the files stay where they were handed in.
pub(super) fn row(it: &Observation, author: &RegionCode, own: &RegionCode) -> Value {
    json!({
        "project_code": it.project_code,
        "year": it.year,
        "month": it.month,
        "spent": it.spent,
        "outputs": it.outputs,
        "note": it.note,
        "more": it.more,
        "evidence": it.evidence,
        "reported_by": it.reported_by,
        "reported_at": it.reported_at.to_string(),
        "changed_at": it.changed_at.to_string(),
        "author": author,
        "own": author == own,
    })
}
