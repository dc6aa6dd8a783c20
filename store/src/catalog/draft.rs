//! 草稿: what a publisher is preparing, one draft per catalog.

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use tongpin_domain::catalog::{Audience, CatalogId, Entry};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::{audience, catalog_id};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::person::{self, Person};
use crate::planned;
use crate::sql::{Line, pieces, sql, tuples};
use crate::topic::Topic;

/// A draft with all its entries: one row without an entry if it has none.
const WHOLE: &str = "SELECT i.publisher, i.catalog, d.key, d.audience, d.body, i.drafted_by, i.drafted_at, i.note, i.drafters \
    FROM draft_info AS i LEFT JOIN draft AS d ON d.publisher = i.publisher AND d.catalog = i.catalog \
    WHERE i.publisher = $1 AND i.catalog = $2 ORDER BY d.key";

/// A draft without its entries.
pub(super) const INFO: &str = "SELECT publisher, catalog, drafted_by, drafted_at, note, drafters FROM draft_info WHERE publisher = $1 AND catalog = $2";

/// One entry of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// Unique within the catalog; of two rows with one key the last counts.
    pub key: String,
    /// Whom it will be for.
    pub audience: Audience,
    /// A JSON object.
    pub body: String,
}

impl DraftRow {
    /// What one version of an entry in a draft is known by. It is kept nowhere: an editor's form carries it, to tell
    /// whether somebody else changed the entry meanwhile.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_parts([self.key.as_bytes(), self.audience.to_string().as_bytes(), self.body.as_bytes()])
    }
}

impl From<Entry> for DraftRow {
    fn from(Entry { key, audience, body, .. }: Entry) -> Self {
        Self { key, audience, body }
    }
}

/// A draft as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What would be published, sorted by key; the version of each is still 0.
    pub entries: Vec<Entry>,
    /// 经办: who drafted it, for readers.
    pub by: String,
    /// The same people, to be told from who approves.
    pub people: Vec<Person>,
    /// When.
    pub at: Moment,
    /// What changes, for readers.
    pub note: String,
}

impl Draft {
    /// What this draft is known by: its entries, its drafters and its note. Whoever approves it approves exactly this.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let audiences: Vec<String> = self.entries.iter().map(|entry| entry.audience.to_string()).collect();
        let rows = self
            .entries
            .iter()
            .zip(&audiences)
            .flat_map(|(entry, audience)| [entry.key.as_bytes(), audience.as_bytes(), entry.body.as_bytes()]);
        Digest::of_parts([self.by.as_bytes(), self.note.as_bytes()].into_iter().chain(rows))
    }
}

/// Ends a draft, unless somebody worked on it after a moment, and says whether there was one to end. Its rows mean
/// nothing from then on; the next draft of the catalog replaces them, so that a publication does not wait for their
/// removal.
pub(super) async fn end(tx: &mut Tx, id: &CatalogId, until: Option<Moment>) -> Result<bool, StoreError> {
    let text = "DELETE FROM draft_info WHERE publisher = $1 AND catalog = $2 AND drafted_at <= $3";
    let statement = sql("draft_info", "ending a draft", text).shown(&id.publisher).text(&id.name);
    Ok(statement.moment(until.unwrap_or(Moment(i64::MAX))).run(tx.connection()).await? > 0)
}

pub(super) async fn discard(tx: &mut Tx, id: &CatalogId) -> Result<bool, StoreError> {
    let text = "DELETE FROM draft WHERE publisher = $1 AND catalog = $2";
    sql("draft", "discarding a draft", text).shown(&id.publisher).text(&id.name).run(tx.connection()).await?;
    end(tx, id, None).await
}

pub(super) fn info(line: &Line) -> Result<Draft, StoreError> {
    let (by, at, note) = (line.text("drafted_by")?, line.moment("drafted_at")?, line.text("note")?);
    let people = person::people(line.json("drafters")?, &by);
    Ok(Draft { entries: Vec::new(), by, people, at, note })
}

pub(super) fn entry(line: &Line) -> Result<Entry, StoreError> {
    Ok(Entry { key: line.text("key")?, audience: audience(line)?, release: 0, body: line.text("body")? })
}

/// Columns by their place in [`WHOLE`]: a look-up by name for each of many rows is what this path avoids.
fn bulk_row(draft: &mut Option<Draft>, row: &SqliteRow) -> Result<Option<Entry>, sqlx::Error> {
    if draft.is_none() {
        let (by, at, note): (String, _, _) = (row.try_get(5)?, Moment(row.try_get(6)?), row.try_get(7)?);
        let stored = serde_json::from_str(&row.try_get::<String, _>(8)?);
        let people = person::people(stored.map_err(|error| sqlx::Error::Decode(error.into()))?, &by);
        *draft = Some(Draft { entries: Vec::new(), by, people, at, note });
    }
    let Some(key) = row.try_get::<Option<String>, _>(2)? else { return Ok(None) };
    let audience = Audience::try_from(row.try_get::<String, _>(3)?)
        .map_err(|error| sqlx::Error::Decode(format!("{key}: {error}").into()))?;
    Ok(Some(Entry { key, audience, release: 0, body: row.try_get(4)? }))
}

/// Lays down a draft where there may be one.
async fn lay(
    tx: &mut Tx,
    id: &CatalogId,
    rows: &[DraftRow],
    by: &[Person],
    at: Moment,
    note: &str,
) -> Result<(), StoreError> {
    let rows: BTreeMap<&str, &DraftRow> = rows.iter().map(|row| (row.key.as_str(), row)).collect();
    let rows: Vec<&DraftRow> = rows.into_values().collect();
    let publisher = id.publisher.to_string();
    discard(tx, id).await?;
    tx.touch(Topic::Draft(id.clone()));
    for chunk in pieces(&rows) {
        let text = format!(
            "INSERT INTO draft (publisher, catalog, key, audience, body) VALUES {}",
            tuples(tx.kind(), chunk.len(), 5)
        );
        let mut statement = sql("draft", "writing a draft", text);
        for row in chunk {
            statement = statement.text(&publisher).text(&id.name).text(&row.key);
            statement = statement.shown(&row.audience).text(&row.body);
        }
        statement.run(tx.connection()).await?;
    }
    let text = "INSERT INTO draft_info (publisher, catalog, drafted_by, drafted_at, note, drafters) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    let info = sql("draft_info", "writing a draft", text).text(&publisher).text(&id.name).text(&person::told(by));
    info.moment(at).text(note).text(&person::pairs(by)).run(tx.connection()).await?;
    Ok(())
}

impl Store {
    /// Replaces the draft of a catalog.
    pub async fn replace_draft(
        &self,
        id: &CatalogId,
        rows: &[DraftRow],
        by: impl Into<Person>,
        at: Moment,
        note: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&format!("draft {id}")).await?;
        lay(&mut tx, id, rows, &[by.into()], at, note).await?;
        tx.commit().await
    }

    /// Replaces the draft of a catalog if it is still the one that was seen, `None` for none, and says whether it was.
    /// Who works on a draft leaves a name and a time in it: its entries need not be compared.
    #[boxed]
    pub async fn replace_seen_draft(
        &self,
        id: &CatalogId,
        seen: Option<&Draft>,
        rows: &[DraftRow],
        by: &[Person],
        at: Moment,
        note: &str,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&format!("draft {id}")).await?;
        let query = sql("draft_info", "replacing a draft", INFO).shown(&id.publisher).text(&id.name);
        let now = query.first(tx.connection()).await?.as_ref().map(info).transpose()?;
        let known = |draft: &Draft| (draft.by.clone(), draft.at, draft.note.clone());
        if now.as_ref().map(known) != seen.map(known) {
            return Ok(false);
        }
        lay(&mut tx, id, rows, by, at, note).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The draft of a catalog, if there is one. It is read in one statement, so that a replacement in between cannot
    /// mix two drafts.
    #[boxed]
    pub async fn draft(&self, id: &CatalogId) -> Result<Option<Draft>, StoreError> {
        if let Some(bulk) = self.bulk() {
            let mut draft = None;
            let read = |row| bulk_row(&mut draft, &row);
            let query = sqlx::query(WHOLE).bind(id.publisher.to_string()).bind(&id.name).try_map(read);
            let entries = query.fetch_all(bulk).await;
            let entries = entries.map_err(|source| StoreError::database("reading a draft", source))?;
            return Ok(draft.map(|draft| Draft { entries: entries.into_iter().flatten().collect(), ..draft }));
        }
        let query = sql("draft", "reading a draft", WHOLE).shown(&id.publisher).text(&id.name);
        let lines = query.all(&mut *self.reader().await?).await?;
        let Some(first) = lines.first() else { return Ok(None) };
        let head = info(first)?;
        let mut entries = Vec::with_capacity(lines.len());
        for line in &lines {
            // A draft that retires everything has no entries, and its one row none either.
            if line.maybe_text("key")?.is_some() {
                entries.push(entry(line)?);
            }
        }
        Ok(Some(Draft { entries, ..head }))
    }

    /// Who drafted a catalog's draft and when, if there is one: without its entries.
    #[boxed]
    pub async fn draft_info(&self, id: &CatalogId) -> Result<Option<Draft>, StoreError> {
        let query = sql("draft_info", "reading a draft", INFO).shown(&id.publisher).text(&id.name);
        query.first(&mut *self.reader().await?).await?.as_ref().map(info).transpose()
    }

    /// The catalogs that have a draft.
    #[boxed]
    pub async fn drafts(&self) -> Result<Vec<CatalogId>, StoreError> {
        let text = "SELECT publisher, catalog FROM draft_info ORDER BY publisher, catalog";
        sql("draft_info", "reading drafts", text).read(&mut *self.reader().await?, catalog_id).await
    }

    /// One entry of a catalog's draft, if there is such a draft and it has the entry.
    #[boxed]
    pub async fn draft_row(&self, id: &CatalogId, key: &str) -> Result<Option<DraftRow>, StoreError> {
        let text = "SELECT d.publisher, d.catalog, d.key, d.audience, d.body FROM draft AS d JOIN draft_info AS i \
            ON i.publisher = d.publisher AND i.catalog = d.catalog \
            WHERE d.publisher = $1 AND d.catalog = $2 AND d.key = $3";
        let query = sql("draft", "reading a draft", text).shown(&id.publisher).text(&id.name).text(key);
        Ok(query.first(&mut *self.reader().await?).await?.as_ref().map(entry).transpose()?.map(Into::into))
    }

    /// Whose catalogs have a draft, with who drafted each and when, sorted by name: without the entries.
    #[boxed]
    pub async fn draft_infos(&self, publisher: &RegionCode) -> Result<Vec<(String, Draft)>, StoreError> {
        let text = "SELECT publisher, catalog, drafted_by, drafted_at, note, drafters FROM draft_info \
            WHERE publisher = $1 ORDER BY catalog";
        let info = |line: &Line| Ok((line.text("catalog")?, info(line)?));
        sql("draft_info", "reading drafts", text).shown(publisher).read(&mut *self.reader().await?, info).await
    }

    /// Discards a draft and what was planned for it, unless somebody has worked on it since it was `seen` with this
    /// time in it, and says whether there was one to discard.
    #[boxed]
    pub async fn discard_draft(&self, id: &CatalogId, seen: Option<Moment>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&format!("draft {id}")).await?;
        let query = sql("draft_info", "discarding a draft", INFO).shown(&id.publisher).text(&id.name);
        let held = query.first(tx.connection()).await?.as_ref().map(info).transpose()?;
        if held.zip(seen).is_some_and(|(held, seen)| held.at != seen) {
            return Ok(false);
        }
        let was_there = discard(&mut tx, id).await?;
        if planned::end(&mut tx, id).await? || was_there {
            tx.touch(Topic::Draft(id.clone()));
            tx.commit().await?;
        }
        Ok(was_there)
    }
}
