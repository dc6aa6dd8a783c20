//! What was filled in of a form of which a project has one (绩效目标, 绩效自评), as a record of its own.

use std::collections::BTreeMap;

use tongpin_domain::digest::Digest;
use tongpin_domain::project_form::ProjectForm;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Expected, Keys, Put, Record, RecordRow, Store, StoreError};

use crate::app::App;
use crate::ops::saving::SaveError;

/// Such a form as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct HeldProjectForm {
    /// The kind of its record.
    pub(crate) kind: &'static str,
    /// What was filled in; blank if nothing was yet.
    pub(crate) form: ProjectForm,
    /// What a page was made from, empty if there is none yet.
    pub(crate) version: String,
}

/// What the author of a project has filled in for it.
pub(crate) async fn read(
    store: &Store,
    kind: &'static str,
    author: &RegionCode,
    code: &str,
) -> Result<HeldProjectForm, StoreError> {
    let blank = ProjectForm::of(code);
    Ok(match record(store, kind, author, code).await? {
        // One that cannot be read is written anew by whoever fills the form in.
        Some(record) => HeldProjectForm {
            kind,
            form: serde_json::from_str(&record.body).unwrap_or(blank),
            version: Digest::of(record.body.as_bytes()).to_string(),
        },
        None => HeldProjectForm { kind, form: blank, version: String::new() },
    })
}

async fn record(store: &Store, kind: &str, author: &RegionCode, code: &str) -> Result<Option<Record>, StoreError> {
    let records = store.records_at(kind, Keys::One(code)).await?;
    Ok(records.into_iter().find(|record| record.author == *author))
}

/// What there must be for a form to be saved, and the record to write, if nobody changed it since its version was
/// taken.
///
/// # Errors
/// [`SaveError`], above all [`SaveError::Changed`].
pub(crate) async fn planned(
    store: &Store,
    own: &RegionCode,
    made: &HeldProjectForm,
) -> Result<(BTreeMap<String, String>, RecordRow), SaveError> {
    let HeldProjectForm { kind, form, version } = made;
    let held = record(store, kind, own, &form.project_code).await?;
    let now = held.as_ref().map(|record| Digest::of(record.body.as_bytes()).to_string()).unwrap_or_default();
    if now != *version {
        return Err(SaveError::Changed);
    }
    let body = Some(serde_json::to_string(form)?);
    let row = RecordRow { kind: (*kind).to_owned(), key: form.project_code.clone(), body };
    Ok((held.map(|record| (record.key, record.body)).into_iter().collect(), row))
}

/// Saves a form if nobody changed it since its version was taken.
///
/// # Errors
/// [`SaveError`]; then nothing was saved.
pub(crate) async fn save(app: &App, made: &HeldProjectForm) -> Result<(), SaveError> {
    let (store, own) = (app.store(), app.site.region());
    let (bodies, record) = planned(store, &own, made).await?;
    let expected = [Expected { kind: made.kind, keys: Keys::One(&made.form.project_code), bodies }];
    let log = app.records_go_up();
    let put = Put { own: &own, records: &[record], at: app.site.now(), log };
    match store.put_expected(&put, &expected).await? {
        Some(_) => Ok(()),
        None => Err(SaveError::Changed),
    }
}
