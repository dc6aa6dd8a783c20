//! `GET /projects/{code}`: one project whole, with its version and how it was scored.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::api::{Refusal, json_response};
use tongpin_store::Store;

use super::call::Call;
use super::refused::{internal, no_project};
use crate::ops::editing;
use crate::records;

/// The project, its lines and its score.
pub(super) async fn get(call: Call, Path(code): Path<String>) -> Result<Response, Refusal> {
    call.must(Scope::ProjectsRead).await?;
    let held = records::one(call.app.store(), &code).await?.ok_or_else(|| no_project(&code))?;
    let version = editing::version(&held);
    let body = json!({
        "project": held.project,
        "lines": held.lines,
        "author": held.author,
        "own": held.author == call.app.site.region(),
        "version": version,
        "score": score(call.app.store(), &code).await?,
    });
    Ok(with_version(json_response(StatusCode::OK, &body), &version))
}

/// The sheet of the kept score, when it was computed and whether the records have changed since; null if there is none.
async fn score(store: &Store, code: &str) -> Result<Value, Refusal> {
    let Some(row) = store.score(code).await? else { return Ok(Value::Null) };
    let mut sheet: Value = serde_json::from_str(&row.sheet).map_err(|error| internal(&error))?;
    if let Some(sheet) = sheet.as_object_mut() {
        sheet.insert("scored_at".into(), row.at.to_string().into());
        sheet.insert("stale".into(), (!store.due_of(&[code]).await?.is_empty()).into());
    }
    Ok(sheet)
}

/// The answer with its version as an entity tag.
pub(super) fn with_version(mut response: Response, version: &str) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
