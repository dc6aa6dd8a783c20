//! Editing one project (编辑): saving it and its lines as a whole, if nobody else has in the meantime. Whatever page or
//! file a change comes from, it is saved here, so that a change of somebody else's is never lost unseen.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tongpin_domain::digest::Digest;
use tongpin_domain::goal::GOAL;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, Project, ProjectIndicator};
use tongpin_domain::region::{self, RegionCode};
use tongpin_store::{Expected, Keys, Put, Record, RecordRow, StoreError};

use crate::goals::{self, HeldGoal};
use crate::office::Office;
use crate::records::{HeldProject, Raw};
use crate::scoring::{self, ScoreError};

/// A project was not saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaveError {
    /// Somebody saved it since the page was made.
    #[error("the project was changed in the meantime")]
    Changed,
    /// It is another bureau's record.
    #[error("the project is a record of {0}")]
    NotOurs(RegionCode),
    /// It is no longer there.
    #[error("the project is gone")]
    Gone,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record could not be written as text.
    #[error("a record could not be written as JSON")]
    Internal(#[from] serde_json::Error),
}

impl From<ScoreError> for SaveError {
    fn from(error: ScoreError) -> Self {
        match error {
            ScoreError::Store(error) => Self::Store(error),
            ScoreError::Internal(error) => Self::Internal(error),
        }
    }
}

impl Say for SaveError {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Changed => (
                "已有他人修改并保存了此项目，本次未保存；请核对后再保存".to_owned(),
                "somebody else has saved this project in the meantime; compare, then save again".to_owned(),
            ),
            Self::NotOurs(author) => (
                format!("此项目由 {author} 登记并上送，只能由其修改；如有错误，请通知该单位更正"),
                format!("{author} keeps this project, and only {author} may change it; ask them to correct it"),
            ),
            Self::Gone => (
                "此项目已被删除，本次未保存；仍需保留的，请重新登记".to_owned(),
                "this project has been removed; enter it again if it is still needed".to_owned(),
            ),
            Self::Store(error) => return error.say(lang),
            Self::Internal(error) => (
                format!("程序内部错误（{error}），未保存；请联系技术支持"),
                format!("an internal error ({error}); nothing was saved, ask for support"),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

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
    office: &Office,
    version: &str,
    project: &Project,
    lines: &[ProjectIndicator],
) -> Result<(), SaveError> {
    save_with_goal(office, version, project, lines, None).await
}

/// Saves a project with all its lines, as [`save`] does, and in the same stroke its goal, if that is still what `goal`
/// names.
///
/// # Errors
/// [`SaveError`]; then nothing was saved.
pub(crate) async fn save_with_goal(
    office: &Office,
    version: &str,
    project: &Project,
    lines: &[ProjectIndicator],
    goal: Option<&HeldGoal>,
) -> Result<(), SaveError> {
    let (store, own) = (office.store(), office.site.region());
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
    if let Some(goal) = goal {
        let (was, record) = goals::planned(store, &own, &goal.version, &goal.goal).await?;
        let keys = Keys::One(&project.code);
        expected.push(Expected { kind: GOAL, keys, bodies: was });
        records.push(record);
    }
    let at = office.site.now();
    let log = region::records_go_up(&own, &office.parent.region);
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
