//! 草稿的逐条修改: one entry at a time, by several people at once, none of whom overwrites another unseen.

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;

use super::draft::{self, DraftRow};
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::person::{self, Person};
use crate::sql::sql;
use crate::topic::Topic;

/// What is to become of one entry.
#[derive(Debug, Clone, Copy)]
pub struct DraftEdit<'a> {
    /// The entry.
    pub key: &'a str,
    /// [`DraftRow::digest`] of the version that the editor saw, [`Digest::NONE`] if there was none.
    pub seen: Digest,
    /// Its new version; `None` takes it out.
    pub row: Option<&'a DraftRow>,
    /// The words that go with the release; `None` leaves those of the draft.
    pub note: Option<&'a str>,
    /// When.
    pub at: Moment,
}

/// What became of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftEdited {
    /// It is in the draft.
    Kept,
    /// Somebody else changed the entry meanwhile: nothing was written, and this is what stands there now.
    Overtaken(Option<DraftRow>),
}

impl Store {
    /// Changes one entry of a catalog's draft, which begins as what is published if there is none yet. `by`
    /// is one of its drafters from then on.
    pub async fn edit_draft(
        &self,
        id: &CatalogId,
        edit: &DraftEdit<'_>,
        by: impl Into<Person>,
    ) -> Result<DraftEdited, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&format!("draft {id}")).await?;
        let before = begin(&mut tx, id).await?;
        let now = row(&mut tx, id, edit.key).await?;
        if now.as_ref().map_or(Digest::NONE, DraftRow::digest) != edit.seen {
            return Ok(DraftEdited::Overtaken(now));
        }
        write(&mut tx, id, edit).await?;
        tx.touch(Topic::Draft(id.clone()));
        let note = edit.note.map(str::to_owned).or_else(|| before.as_ref().map(|draft| draft.note.clone()));
        let people = person::with(before.as_ref().map_or(&[], |draft| &draft.people), by.into());
        let text = "INSERT INTO draft_info (publisher, catalog, drafted_by, drafted_at, note, drafters) \
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (publisher, catalog) DO UPDATE SET \
            drafted_by = excluded.drafted_by, drafted_at = excluded.drafted_at, note = excluded.note, \
            drafters = excluded.drafters";
        let info = sql("draft_info", "editing a draft", text).shown(&id.publisher).text(&id.name);
        let info = info.text(&person::told(&people)).moment(edit.at).text(&note.unwrap_or_default());
        info.text(&person::pairs(&people)).run(tx.connection()).await?;
        tx.commit().await?;
        Ok(DraftEdited::Kept)
    }
}

/// The draft without its entries; if there is none, what is published is laid down as the rows of one.
async fn begin(tx: &mut Tx, id: &CatalogId) -> Result<Option<draft::Draft>, StoreError> {
    let query = sql("draft_info", "editing a draft", draft::INFO).shown(&id.publisher).text(&id.name);
    if let Some(line) = query.first(tx.connection()).await? {
        return draft::info(&line).map(Some);
    }
    draft::discard(tx, id).await?;
    let text = "INSERT INTO draft (publisher, catalog, key, audience, body) \
        SELECT publisher, catalog, key, audience, body FROM catalog_entry WHERE publisher = $1 AND catalog = $2";
    sql("draft", "beginning a draft", text).shown(&id.publisher).text(&id.name).run(tx.connection()).await?;
    Ok(None)
}

async fn row(tx: &mut Tx, id: &CatalogId, key: &str) -> Result<Option<DraftRow>, StoreError> {
    let text =
        "SELECT publisher, catalog, key, audience, body FROM draft WHERE publisher = $1 AND catalog = $2 AND key = $3";
    let query = sql("draft", "editing a draft", text).shown(&id.publisher).text(&id.name).text(key);
    let line = query.first(tx.connection()).await?;
    Ok(line.as_ref().map(draft::entry).transpose()?.map(Into::into))
}

async fn write(tx: &mut Tx, id: &CatalogId, edit: &DraftEdit<'_>) -> Result<(), StoreError> {
    let text = match edit.row {
        Some(_) => {
            "INSERT INTO draft (publisher, catalog, key, audience, body) VALUES ($1, $2, $3, $4, $5) \
            ON CONFLICT (publisher, catalog, key) DO UPDATE SET audience = excluded.audience, body = excluded.body"
        }
        None => "DELETE FROM draft WHERE publisher = $1 AND catalog = $2 AND key = $3",
    };
    let mut statement = sql("draft", "editing a draft", text).shown(&id.publisher).text(&id.name).text(edit.key);
    if let Some(row) = edit.row {
        statement = statement.shown(&row.audience).text(&row.body);
    }
    statement.run(tx.connection()).await?;
    Ok(())
}
