//! `GET /forms/{code}/documents`: the documents of a form that this node holds, page by page in the order of their ids.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::api::{Refusal, json_response};
use tongpin_domain::form::{Definition, id_of};
use tongpin_domain::region::RegionCode;
use tongpin_store::{DocumentRow, FormFilter};

use super::form_of;
use crate::api::call::{Call, asked, page, rows_asked};

/// What can be asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    after: String,
    limit: Option<u64>,
    state: String,
    period: String,
    author: String,
    subject: String,
}

impl Asked {
    fn filter(&self) -> FormFilter {
        let list = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
        FormFilter {
            states: list(self.state.trim()),
            period: self.period.trim().to_owned(),
            author: self.author.trim().to_owned(),
            subjects: Some(list(self.subject.trim())).filter(|subjects| !subjects.is_empty()),
            ..FormFilter::default()
        }
    }
}

/// A page of documents. `next` is where the next one begins, null after the last.
pub(super) async fn get(
    call: Call,
    Path(code): Path<String>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    call.must(Scope::FormsRead).await?;
    let asked = asked(query)?;
    let rows = rows_asked(asked.limit);
    let form = form_of(&call, &code).await?;
    let (author, id) = asked.after.trim().split_once('/').unwrap_or_default();
    let after = if id.is_empty() { String::new() } else { format!("{code}/{id}") };
    let definition = &form.definition;
    let found = call.app.store().documents_after(definition, &asked.filter(), (&after, author), rows + 1).await?;
    let (page, more) = page(&found, rows);
    let next = page.last().filter(|_| more).map(|row| format!("{}/{}", row.author, id_of(&row.key)));
    let own = call.app.site.region();
    let shown: Vec<Value> = page.iter().map(|it| row(definition, it, &own)).collect();
    Ok(json_response(StatusCode::OK, &json!({ "documents": shown, "next": next })))
}

/// A document as a list tells it: the fields that a list can have, but for what is personal.
fn row(definition: &Definition, it: &DocumentRow, own: &RegionCode) -> Value {
    let told = definition.fields.iter().filter(|field| !field.personal);
    let values = told.filter_map(|field| Some((field.name.clone(), json!(it.values.get(&field.name)?))));
    json!({
        "id": id_of(&it.key),
        "author": it.author,
        "own": it.author == *own,
        "subject": it.subject,
        "subject_name": it.subject_name,
        "period": it.period,
        "state": it.state,
        "state_title": definition.flow.state(&it.state).map_or(&it.state, |state| &state.title),
        "document_version": it.version,
        "release": it.release,
        "changed_at": it.changed_at.to_string(),
        "values": values.collect::<Map<String, Value>>(),
    })
}
