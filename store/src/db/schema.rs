//! The schema and its versions. Migrations go forward only; a database of a newer program is refused.

use super::{Kind, Store, Tx, settings};
use crate::error::StoreError;
use crate::meta;
use crate::record::{RECORDS, last_of};

/// The steps that lead from an empty database to the present schema. The first is what 0.1 wrote; a step that has been
/// published is never changed, whatever comes later is a step of its own.
const STEPS: &[&str] = &[
    include_str!("steps/0001_first.sql"),
    include_str!("steps/0002_attempts.sql"),
    include_str!("steps/0003_standing.sql"),
    include_str!("steps/0004_lives.sql"),
    include_str!("steps/0005_drafters.sql"),
    include_str!("steps/0006_witness.sql"),
    include_str!("steps/0007_review.sql"),
    include_str!("steps/0008_claims.sql"),
    include_str!("steps/0009_rescoring.sql"),
    include_str!("steps/0010_marks.sql"),
    include_str!("steps/0011_topics.sql"),
    include_str!("steps/0012_forms.sql"),
    include_str!("steps/0013_form_counts.sql"),
    include_str!("steps/0014_supplements.sql"),
];

/// What this program knows.
const KNOWN: u64 = STEPS.len() as u64;

/// Any number will do, as long as no other program on the same PostgreSQL server takes the same.
const ADVISORY_LOCK: &str = "SELECT pg_advisory_xact_lock(7420570)";

/// Brings schema and incarnation in order. Writes nothing when they are, so that a full disk does not keep anybody from
/// looking at the database.
pub(super) async fn settle(store: &Store) -> Result<(), StoreError> {
    if present(store).await? {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    if store.kind() == Kind::Postgres {
        settings(tx.connection(), ADVISORY_LOCK).await?;
    }
    let create = "CREATE TABLE IF NOT EXISTS meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)";
    settings(tx.connection(), create).await?;
    let found = version(meta::read(tx.connection(), meta::SCHEMA).await?)?;
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    for step in STEPS.iter().skip(done) {
        settings(tx.connection(), &dialect(step, store.kind())).await?;
    }
    meta::write(tx.connection(), meta::SCHEMA, &KNOWN.to_string()).await?;
    incarnate(&mut tx).await?;
    tx.commit().await
}

/// Whether there is nothing to do. A database without the table is a new one, or not one of ours at all: creating the
/// table tells.
async fn present(store: &Store) -> Result<bool, StoreError> {
    let mut connection = store.writer().await?;
    let found = match meta::read(&mut connection, meta::SCHEMA).await {
        Ok(found) => version(found)?,
        Err(StoreError::Database { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let restored = meta::read(&mut connection, meta::RESTORED).await?.is_some();
    Ok(found == KNOWN && !restored && meta::read(&mut connection, meta::INCARNATION).await?.is_some())
}

fn version(text: Option<String>) -> Result<u64, StoreError> {
    let Some(text) = text else { return Ok(0) };
    let found = text.parse().map_err(|_| StoreError::Inconsistent {
        table: "meta",
        column: "value",
        row: meta::SCHEMA.to_owned(),
        problem: format!("not a version: {text:?}"),
    })?;
    if found > KNOWN { Err(StoreError::NewerSchema { found, known: KNOWN }) } else { Ok(found) }
}

/// Gives a new database, or one restored from a copy, its own incarnation.
async fn incarnate(tx: &mut Tx) -> Result<(), StoreError> {
    let restored = meta::read(tx.connection(), meta::RESTORED).await?.is_some();
    if restored || meta::read(tx.connection(), meta::INCARNATION).await?.is_none() {
        let start = last_of(tx, RECORDS).await?;
        meta::incarnate(tx.connection(), &uuid::Uuid::now_v7().to_string(), start).await?;
    }
    Ok(())
}

/// The words that differ between the two. On PostgreSQL text sorts byte by byte, as SQLite and Rust sort it.
pub(crate) fn dialect(step: &str, kind: Kind) -> String {
    match kind {
        Kind::Sqlite => step.to_owned(),
        Kind::Postgres => {
            step.replace(" BLOB", " BYTEA").replace(") WITHOUT ROWID;", ");").replace(" TEXT", " TEXT COLLATE \"C\"")
        }
    }
}
