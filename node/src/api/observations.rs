//! `GET /projects/{code}/observations` and `GET /observations`: what was reported by month, of one project or of all
//! that this node holds, page by page.

use std::collections::HashMap;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::Web;
use tongpin_console::web::api::{Caller, Refusal, json_response};
use tongpin_domain::observation::{OBSERVATION, Observation};
use tongpin_domain::project::PROJECT;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Record, Store, StoreError};

use super::project::with_version;
use super::{asked, no_project};
use crate::observations::{self, Opened};
use crate::office::Office;
use crate::records;

/// Reports on a page unless another number is asked for, and the most that can be.
const USUAL: u64 = 100;
const MOST: u64 = 500;

/// What can be asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    after: String,
    limit: Option<u64>,
    year: Option<i32>,
    month: Option<u8>,
}

impl Asked {
    fn wants(&self, it: &Observation) -> bool {
        self.year.is_none_or(|year| it.year == year) && self.month.is_none_or(|month| it.month == month)
    }
}

/// All months of one project. The version is there where they can be written: it stands for the project and its months.
pub(super) async fn of_project(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    caller: Caller,
    Path(code): Path<String>,
) -> Result<Response, Refusal> {
    caller.must(&web, Scope::ObservationsRead).await?;
    let held = records::one(office.store(), &code).await?.ok_or_else(|| no_project(&code))?;
    let (author, own) = (held.author, office.site.region());
    let version = Opened::read(&office, &code).await?.map(|opened| opened.version());
    let found = observations::of_project(office.store(), &code).await?;
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
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    caller: Caller,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    caller.must(&web, Scope::ObservationsRead).await?;
    let asked = asked(query)?;
    let limit = asked.limit.unwrap_or(USUAL).clamp(1, MOST);
    let full = usize::try_from(limit).unwrap_or(usize::MAX);
    let (store, own) = (office.store(), office.site.region());
    let mut keepers = Keepers::default();
    let (mut shown, mut after) = (Vec::<Value>::new(), asked.after.trim().to_owned());
    let mut more = true;
    'pages: while more {
        let page = store.records_page(OBSERVATION, &after, MOST).await?;
        more = !page.is_empty();
        let mut page = page.into_iter().peekable();
        while let Some(record) = page.next() {
            if let Some(it) = keepers.read(store, &record).await?.filter(|it| asked.wants(it)) {
                if shown.len() == full {
                    break 'pages;
                }
                shown.push(row(&it, &record.author, &own));
            }
            // Records of one key are one place: the next page begins behind all of them.
            if page.peek().is_none_or(|next| next.key != record.key) {
                after = record.key;
            }
        }
    }
    let next = if more { Value::from(after) } else { Value::Null };
    Ok(json_response(StatusCode::OK, &json!({ "observations": shown, "next": next })))
}

/// Which bureau keeps each project, asked once.
#[derive(Default)]
struct Keepers(HashMap<String, Option<RegionCode>>);

impl Keepers {
    /// A report, if it can be read and is one of the bureau that keeps the project, as on the pages.
    async fn read(&mut self, store: &Store, record: &Record) -> Result<Option<Observation>, StoreError> {
        let Ok(it) = observations::read(record) else { return Ok(None) };
        if !self.0.contains_key(&it.project_code) {
            let keeper = store.record(PROJECT, &it.project_code).await?.map(|project| project.author);
            self.0.insert(it.project_code.clone(), keeper);
        }
        let keeper = self.0.get(&it.project_code).and_then(Option::as_ref);
        Ok((keeper == Some(&record.author)).then_some(it))
    }
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
        "evidence": it.evidence,
        "reported_by": it.reported_by,
        "reported_at": it.reported_at.to_string(),
        "changed_at": it.changed_at.to_string(),
        "author": author,
        "own": author == own,
    })
}
