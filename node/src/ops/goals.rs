//! A project's goal (绩效目标) as a record of its own.

use std::collections::BTreeMap;

use tongpin_domain::digest::Digest;
use tongpin_domain::goal::{GOAL, Goal};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Expected, Keys, Put, Record, RecordRow, Store, StoreError};

use crate::app::App;
use crate::ops::saving::SaveError;

/// A goal as it is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeldGoal {
    /// The goal; blank if there is none yet.
    pub(crate) goal: Goal,
    /// What a page was made from, empty if there is none yet.
    pub(crate) version: String,
}

/// The goal that the author of a project has written for it.
pub(crate) async fn read(store: &Store, author: &RegionCode, code: &str) -> Result<HeldGoal, StoreError> {
    let blank = Goal::of(code);
    Ok(match record(store, author, code).await? {
        // One that cannot be read is written anew by whoever fills the form in.
        Some(record) => HeldGoal {
            goal: serde_json::from_str(&record.body).unwrap_or(blank),
            version: Digest::of(record.body.as_bytes()).to_string(),
        },
        None => HeldGoal { goal: blank, version: String::new() },
    })
}

async fn record(store: &Store, author: &RegionCode, code: &str) -> Result<Option<Record>, StoreError> {
    let records = store.records_at(GOAL, Keys::One(code)).await?;
    Ok(records.into_iter().find(|record| record.author == *author))
}

/// What there must be for a goal to be saved, and the record to write, if nobody changed it since `version` was taken.
///
/// # Errors
/// [`SaveError`], above all [`SaveError::Changed`].
pub(crate) async fn planned(
    store: &Store,
    own: &RegionCode,
    version: &str,
    goal: &Goal,
) -> Result<(BTreeMap<String, String>, RecordRow), SaveError> {
    let held = record(store, own, &goal.project_code).await?;
    let now = held.as_ref().map(|record| Digest::of(record.body.as_bytes()).to_string()).unwrap_or_default();
    if now != version {
        return Err(SaveError::Changed);
    }
    let body = Some(serde_json::to_string(goal)?);
    let row = RecordRow { kind: GOAL.to_owned(), key: goal.project_code.clone(), body };
    Ok((held.map(|record| (record.key, record.body)).into_iter().collect(), row))
}

/// Saves a goal if nobody changed it since `version` was taken.
///
/// # Errors
/// [`SaveError`]; then nothing was saved.
pub(crate) async fn save(app: &App, version: &str, goal: &Goal) -> Result<(), SaveError> {
    let (store, own) = (app.store(), app.site.region());
    let (bodies, record) = planned(store, &own, version, goal).await?;
    let expected = [Expected { kind: GOAL, keys: Keys::One(&goal.project_code), bodies }];
    let log = app.records_go_up();
    let put = Put { own: &own, records: &[record], at: app.site.now(), log };
    match store.put_expected(&put, &expected).await? {
        Some(_) => Ok(()),
        None => Err(SaveError::Changed),
    }
}
