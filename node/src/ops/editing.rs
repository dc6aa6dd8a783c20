//! Editing one project (编辑): saving it and its lines as a whole, if nobody else has in the meantime. Whatever page or
//! file a change comes from, it is saved here, so that a change of somebody else's is never lost unseen.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tongpin_domain::digest::Digest;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, Project, ProjectIndicator};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Expected, Keys, Put, Record, RecordRow};

use crate::app::App;
use crate::ops::project_forms::{self, HeldProjectForm};
use crate::ops::saving::SaveError;
use crate::ops::scoring;
use crate::records::{HeldProject, Raw};

/// What a page was made from: a digest of the project and its lines, as hexadecimal digits. A project that does not
/// exist yet has the empty version.
pub(crate) fn version(held: &HeldProject) -> String {
    let mut lines: Vec<&ProjectIndicator> = held.lines.iter().collect();
    lines.sort_by_key(|line| line.seq);
    // Plain data with text keys is always JSON.
    let project = serde_json::to_vec(&held.project).unwrap_or_default();
    let lines = lines.into_iter().map(|line| serde_json::to_vec(line).unwrap_or_default());
    let parts: Vec<Vec<u8>> = std::iter::once(project).chain(lines).collect();
    Digest::of_parts(parts.iter().map(Vec::as_slice)).to_string()
}

/// Saves a project and all its lines, and scores it anew. Lines that are not named are removed. `version` is what the
/// page was made from, empty for a new project.
///
/// # Errors
/// [`SaveError`]; then nothing was saved.
pub(crate) async fn save(
    app: &App,
    version: &str,
    project: &Project,
    lines: &[ProjectIndicator],
) -> Result<(), SaveError> {
    save_with_form(app, version, project, lines, None).await
}

/// Saves a project with all its lines, as [`save`] does, and in the same stroke what was filled in of a form of it,
/// if nobody changed that since its version was taken.
///
/// # Errors
/// [`SaveError`]; then nothing was saved.
pub(crate) async fn save_with_form(
    app: &App,
    version: &str,
    project: &Project,
    lines: &[ProjectIndicator],
    form: Option<&HeldProjectForm>,
) -> Result<(), SaveError> {
    let (store, own) = (app.store(), app.site.region());
    let raw = Raw::read(store, &project.code).await?;
    match raw.clone().project() {
        Some(held) if held.author != own => return Err(SaveError::NotOurs(held.author)),
        Some(held) if self::version(&held) != version => return Err(SaveError::Changed),
        None if !version.is_empty() => return Err(SaveError::Gone),
        None if raw.projects.iter().any(|record| record.author == own) => return Err(SaveError::Changed),
        _ => {}
    }
    let mut expected = vec![
        Expected { kind: PROJECT, keys: Keys::One(&project.code), bodies: bodies(&raw.projects, &own) },
        Expected { kind: PROJECT_INDICATOR, keys: Keys::Below(&project.code), bodies: bodies(&raw.lines, &own) },
    ];
    let mut records = rows(&raw, &own, project, lines)?;
    if let Some(form) = form {
        let (was, record) = project_forms::planned(store, &own, form).await?;
        let blank = form.form.given.is_empty() && was.is_empty();
        // What was looked at is still there, though nothing of it changes.
        if !blank && was.get(&record.key) != record.body.as_ref() {
            records.push(record);
        }
        let keys = Keys::One(&project.code);
        expected.push(Expected { kind: form.kind, keys, bodies: was });
    }
    let at = app.site.now();
    let log = app.records_go_up();
    let put = Put { own: &own, records: &records, at, log };
    if store.put_expected(&put, &expected).await?.is_none() {
        return Err(SaveError::Changed);
    }
    Ok(scoring::anew(store, &project.code, at).await?)
}

/// What the author has among these records, by key.
pub(crate) fn bodies(records: &[Record], own: &RegionCode) -> BTreeMap<String, String> {
    let own = records.iter().filter(|record| record.author == *own);
    own.map(|record| (record.key.clone(), record.body.clone())).collect()
}

/// The records to write, and the lines to remove.
fn rows(
    raw: &Raw,
    own: &RegionCode,
    project: &Project,
    lines: &[ProjectIndicator],
) -> Result<Vec<RecordRow>, serde_json::Error> {
    let mut rows = vec![row(PROJECT, project.record_key(), project)?];
    for line in lines {
        rows.push(row(PROJECT_INDICATOR, &line.record_key(), line)?);
    }
    let kept: BTreeSet<String> = lines.iter().map(ProjectIndicator::record_key).collect();
    // What is below a code that goes on behind a slash belongs to another project.
    let of_project = |record: &&Record| {
        let read = serde_json::from_str::<ProjectIndicator>(&record.body);
        record.author == *own && read.is_ok_and(|line| line.project_code == project.code)
    };
    let gone = raw.lines.iter().filter(of_project).filter(|record| !kept.contains(&record.key));
    rows.extend(gone.map(|record| RecordRow { kind: record.kind.clone(), key: record.key.clone(), body: None }));
    Ok(rows)
}

/// A record to write.
pub(crate) fn row(kind: &str, key: &str, record: &impl Serialize) -> Result<RecordRow, serde_json::Error> {
    Ok(RecordRow { kind: kind.to_owned(), key: key.to_owned(), body: Some(serde_json::to_string(record)?) })
}
