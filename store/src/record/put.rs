//! Writing this node's own records: only what differs is written, and logged if it is to go up.

use std::collections::{BTreeMap, HashMap};

use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::change;
use super::outbox::{Entry, append_all, next_seq};
use super::write::{RecordWrite, write_records};
use super::{Keys, OWN_RECORDS, RECORD, RECORDS, typist};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{listed, sql};

/// A record to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// `project`, `indicator` …
    pub kind: String,
    /// Unique within the kind; of two rows with one key the last counts.
    pub key: String,
    /// A JSON object, or `None` to delete the record.
    pub body: Option<String>,
}

/// What to write, and as whom.
#[derive(Debug, Clone, Copy)]
pub struct Put<'a> {
    /// This node's region: the author.
    pub own: &'a RegionCode,
    /// The records.
    pub records: &'a [RecordRow],
    /// When.
    pub at: Moment,
    /// Append the changes to the stream of records, because they go up to a county.
    pub log: bool,
}

/// What the author must still hold for something to be written: what somebody saw before deciding on it.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// The kind.
    pub kind: &'a str,
    /// Which keys were looked at.
    pub keys: Keys<'a>,
    /// What was there: bodies by key.
    pub bodies: BTreeMap<String, String>,
}

/// What writing changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PutCounts {
    /// Records that are new.
    pub added: u64,
    /// Records that got another body.
    pub changed: u64,
    /// Records that were the same already, or were to be deleted and were not there.
    pub unchanged: u64,
    /// Records that were deleted.
    pub removed: u64,
}

impl Store {
    /// Writes records of this node in one transaction. What is unchanged is neither written nor logged.
    #[boxed]
    pub async fn put_records(&self, put: &Put<'_>) -> Result<PutCounts, StoreError> {
        // Expecting nothing is never disappointed.
        Ok(self.put_expected(put, &[]).await?.unwrap_or_default())
    }

    /// Writes records of this node as [`Store::put_records`] does, if what it holds is what is expected. `None` if it
    /// is not: then nothing was written. Comparing and writing are one transaction.
    #[boxed]
    pub async fn put_expected(
        &self,
        put: &Put<'_>,
        expected: &[Expected<'_>],
    ) -> Result<Option<PutCounts>, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(OWN_RECORDS).await?;
        for expected in expected {
            if !holds(&mut tx, put.own, expected).await? {
                return Ok(None);
            }
        }
        let rows: BTreeMap<(&str, &str), &RecordRow> =
            put.records.iter().map(|row| ((row.kind.as_str(), row.key.as_str()), row)).collect();
        let held = bodies(&mut tx, put.own, rows.keys().copied()).await?;
        let mut counts = PutCounts::default();
        let mut changes = Vec::new();
        for (name, row) in rows {
            let before = held.get(&(name.0.to_owned(), name.1.to_owned()));
            match (before, &row.body) {
                (None, None) => counts.unchanged += 1,
                (Some(old), Some(new)) if old == new => counts.unchanged += 1,
                (None, Some(_)) => counts.added += 1,
                (Some(_), Some(_)) => counts.changed += 1,
                (Some(_), None) => counts.removed += 1,
            }
            if before != row.body.as_ref() {
                changes.push(row);
            }
        }
        if changes.is_empty() {
            return Ok(Some(counts));
        }
        let first = if put.log { Some(log(&mut tx, put, &changes).await?) } else { None };
        let writes = changes.iter().zip(0u64..).map(|(row, place)| RecordWrite {
            kind: &row.kind,
            key: &row.key,
            body: row.body.as_deref(),
            problem: None,
            seq: first.map_or(0, |first| first.saturating_add(place)),
            life: 0,
        });
        write_records(&mut tx, put.own, &writes.collect::<Vec<_>>()).await?;
        change::note(&mut tx, &changes, put.at).await?;
        typist::note(&mut tx, &changes, &held).await?;
        tx.commit().await?;
        Ok(Some(counts))
    }
}

/// Whether the author holds exactly these bodies under these keys.
async fn holds(tx: &mut Tx, author: &RegionCode, expected: &Expected<'_>) -> Result<bool, StoreError> {
    let which = expected.keys.condition(tx.kind(), 3);
    let text = format!("SELECT key, body FROM record WHERE author = $1 AND kind = $2 AND {which}");
    let query = expected.keys.bound(sql(RECORD, "comparing records", text).shown(author).text(expected.kind));
    let held = query.read(tx.connection(), |line| Ok((line.text("key")?, line.text("body")?))).await?;
    Ok(held.into_iter().collect::<BTreeMap<_, _>>() == expected.bodies)
}

/// Appends the changes to the stream of records and returns the first of their numbers.
pub(super) async fn log(tx: &mut Tx, put: &Put<'_>, changes: &[&RecordRow]) -> Result<u64, StoreError> {
    let first = next_seq(tx, RECORDS).await?;
    let entries: Vec<Entry<'_>> = changes
        .iter()
        .map(|row| Entry { kind: &row.kind, key: &row.key, body: row.body.as_deref().map(str::as_bytes) })
        .collect();
    append_all(tx, RECORDS, first, &entries, put.at).await?;
    Ok(first)
}

/// The bodies that the author has under these names.
pub(super) async fn bodies<'a>(
    tx: &mut Tx,
    author: &RegionCode,
    names: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<HashMap<(String, String), String>, StoreError> {
    let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (kind, key) in names {
        by_kind.entry(kind).or_default().push(key);
    }
    let mut found = HashMap::new();
    let text =
        format!("SELECT key, body FROM record WHERE author = $1 AND kind = $2 AND key IN {}", listed(tx.kind(), 3));
    for (kind, keys) in by_kind {
        let query = sql(RECORD, "comparing records", text.clone()).shown(author).text(kind).list(&keys);
        for line in query.all(tx.connection()).await? {
            found.insert((kind.to_owned(), line.text("key")?), line.text("body")?);
        }
    }
    Ok(found)
}
