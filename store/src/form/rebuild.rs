//! Making the rows of a form from its records again, all of them.

use serde::{Deserialize, Serialize};
use tongpin_domain::form::{DOCUMENT, is_name};
use tongpin_domain::moment::Moment;

use super::count::{self, COUNTED, Changes};
use super::land::{Held, arrived, held, list};
use super::table;
use super::{DOCUMENTS, definition, making, supplement, turn};
use crate::boxed;
use crate::db::{Kind, Store, Tx, settings};
use crate::error::StoreError;
use crate::meta;
use crate::record::Keys;
use crate::sql::sql;

/// The record after which one goes on, and how many were listed up to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    key: String,
    author: String,
    done: u64,
}

impl Mark {
    fn moved(&mut self, last: &Held) {
        (self.key, self.author) = (last.key.clone(), last.author.clone());
    }
}

/// So many at a time that nobody waits long for the lock.
fn chunk(kind: Kind) -> u64 {
    match kind {
        Kind::Sqlite => 1_000,
        Kind::Postgres => 500,
    }
}

/// The records of a form after a mark, sorted.
async fn following(tx: &mut Tx, code: &str, after: &Mark) -> Result<Vec<Held>, StoreError> {
    let text = format!(
        "SELECT key, author, body FROM record WHERE kind = '{DOCUMENT}' AND key >= $1 AND key <= $2 \
         AND (key, author) > ($3, $4) AND problem IS NULL ORDER BY key, author LIMIT $5"
    );
    let (first, last) = Keys::ends_below(code);
    let first = if after.key > first { &after.key } else { &first };
    let query = sql("record", "reading documents", text).text(first).text(&last).text(&after.key).text(&after.author);
    query.number(chunk(tx.kind())).read(tx.connection(), held).await
}

impl Store {
    /// Makes the rows of a form anew from its records, and returns how many documents are listed then; 0 if it has no
    /// tables and none can be made. Lists stay whole meanwhile: a piece is taken away and written in one transaction,
    /// and what was broken off goes on where it stopped.
    #[boxed]
    pub async fn rebuild_form(&self, code: &str, at: Moment) -> Result<u64, StoreError> {
        if !is_name(code) || !self.settle_form(code, at).await? {
            return Ok(0);
        }
        let key = format!("form_rebuild.{code}");
        let mut mark: Mark =
            self.meta(&key).await?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        loop {
            let mut tx = self.begin().await?;
            let more = again(&mut tx, code, &mut mark).await?;
            if more {
                meta::write(tx.connection(), &key, &serde_json::json!(mark).to_string()).await?;
            } else {
                let forget = sql("meta", "forgetting a mark", "DELETE FROM meta WHERE key = $1").text(&key);
                forget.run(tx.connection()).await?;
                // So that the database knows what its index is worth.
                settings(tx.connection(), &format!("ANALYZE f_{code}")).await?;
            }
            tx.touch_records(std::iter::once(DOCUMENT));
            tx.commit().await?;
            if !more {
                return Ok(mark.done);
            }
        }
    }

    /// Makes the tables of a form from every release that is held of it, and says whether there are any. Where it has
    /// none yet, they are those of the publisher that stands highest.
    async fn settle_form(&self, code: &str, at: Moment) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&turn(code)).await?;
        let all = definition::all(&mut tx, code).await?;
        let owner = match table::read(tx.connection(), code).await? {
            Some(table) => Some(table.publisher),
            None => all.iter().map(|(publisher, _)| publisher).min_by_key(|it| (it.level(), *it)).cloned(),
        };
        let Some(owner) = owner else { return Ok(false) };
        for (_, definition) in all.iter().filter(|(publisher, _)| *publisher == owner) {
            making::settle(&mut tx, &owner, definition, at).await?;
            supplement::widen(&mut tx, (&owner, definition), at).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Writes one piece anew, and says whether another may follow.
async fn again(tx: &mut Tx, code: &str, mark: &mut Mark) -> Result<bool, StoreError> {
    tx.lock(&turn(code)).await?;
    let Some(table) = table::read(tx.connection(), code).await? else { return Ok(false) };
    let records = following(tx, code, mark).await?;
    let last = records.last();
    // Rows whose record is gone are taken away with those of the same piece.
    let upto = if last.is_some() { "AND (key, author) <= ($3, $4)" } else { "" };
    let which = format!("WHERE (key, author) > ($1, $2) {upto}");
    let named = |text: String| {
        let statement = sql(DOCUMENTS, "listing documents anew", text).text(&mark.key).text(&mark.author);
        last.into_iter().fold(statement, |statement, last| statement.text(&last.key).text(&last.author))
    };
    let mut changes = Changes::default();
    changes.take(tx, named(format!("DELETE FROM {} {which} RETURNING {COUNTED}", table.name()))).await?;
    for rows in &table.shape.rows {
        named(format!("DELETE FROM {} {which}", rows.name)).run(tx.connection()).await?;
    }
    let Some(last) = last else {
        count::all(tx, &table).await?;
        return Ok(false);
    };
    mark.moved(last);
    mark.done = mark.done.saturating_add(list(tx, &table, &arrived(&records), changes).await?);
    Ok(true)
}
