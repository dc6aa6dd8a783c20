//! 本级增补: every release of what a bureau adds to a form from above, and what follows from a new one.

use std::collections::BTreeMap;

use tongpin_domain::catalog::{CatalogId, Entry};
use tongpin_domain::form::{Definition, Supplement, is_name};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::{definition, making, turn};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Statement, fits, run_pieces, sql, tuples};

const SUPPLEMENT: &str = "form_supplement";

/// What an entry adds, if it can be read.
fn readable(code: &str, body: &str) -> Option<Supplement> {
    let supplement: Supplement = serde_json::from_str(body).ok()?;
    (supplement.code == code && is_name(code)).then_some(supplement)
}

/// Keeps the releases that came, and widens the tables of the forms that they add to.
pub(super) async fn apply(tx: &mut Tx, id: &CatalogId, entries: &[Entry], at: Moment) -> Result<(), StoreError> {
    for entry in entries {
        fits("release number", entry.release)?;
    }
    let database = tx.kind();
    let statement = |chunk: &[Entry]| {
        let text = format!(
            "INSERT INTO form_supplement (publisher, code, release, body) VALUES {} \
             ON CONFLICT (publisher, code, release) DO UPDATE SET body = excluded.body",
            tuples(database, chunk.len(), 4)
        );
        let row = |statement: Statement, entry: &Entry| {
            statement.shown(&id.publisher).text(&entry.key).number(entry.release).text(&entry.body)
        };
        Ok(chunk.iter().fold(sql(SUPPLEMENT, "keeping supplements", text), row))
    };
    run_pieces(tx.connection(), entries, statement).await?;
    definition::forget(tx, entries);
    // In one order, so that two who take turns of several forms never wait for each other.
    let sorted: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.key.as_str(), entry)).collect();
    for (code, entry) in sorted {
        let Some(supplement) = readable(code, &entry.body) else { continue };
        tx.lock(&turn(code)).await?;
        let newest: BTreeMap<RegionCode, Definition> = definition::all(tx, code).await?.into_iter().collect();
        for (publisher, form) in newest.iter().filter(|(publisher, _)| **publisher != id.publisher) {
            if let Ok(whole) = form.with(&supplement) {
                making::settle(tx, publisher, &whole, at).await?;
            }
        }
    }
    Ok(())
}

/// Widens the tables of a form by what is added to it here.
pub(super) async fn widen(
    tx: &mut Tx,
    (publisher, form): (&RegionCode, &Definition),
    at: Moment,
) -> Result<(), StoreError> {
    let text = "SELECT release, body FROM form_supplement WHERE publisher <> $1 AND code = $2 ORDER BY release";
    let query = sql(SUPPLEMENT, "reading supplements", text).shown(publisher).text(&form.code);
    for body in query.read(tx.connection(), |line| line.text("body")).await? {
        if let Some(Ok(whole)) = readable(&form.code, &body).map(|supplement| form.with(&supplement)) {
            making::settle(tx, publisher, &whole, at).await?;
        }
    }
    Ok(())
}

/// A release of what is added to a publisher's form, or the next one that is held, with its number.
pub(super) async fn find(
    tx: &mut Tx,
    publisher: &RegionCode,
    code: &str,
    release: u64,
) -> Result<Option<(u64, Supplement)>, StoreError> {
    if release == 0 {
        return Ok(None);
    }
    let text = "SELECT release, body FROM form_supplement WHERE publisher <> $1 AND code = $2 AND release >= $3 \
        ORDER BY release, publisher LIMIT 1";
    let query = sql(SUPPLEMENT, "reading a supplement", text).shown(publisher).text(code).number(release);
    let Some(line) = query.first(tx.connection()).await? else { return Ok(None) };
    let (release, read) = (line.number("release")?, readable(code, &line.text("body")?));
    Ok(read.map(|supplement| (release, supplement)))
}

impl Store {
    /// A release of what is added to a publisher's form, as it was published.
    #[boxed]
    pub async fn form_supplement(
        &self,
        form_of: &RegionCode,
        code: &str,
        release: u64,
    ) -> Result<Option<String>, StoreError> {
        let text = "SELECT publisher, body FROM form_supplement WHERE publisher <> $1 AND code = $2 AND release = $3 \
            ORDER BY publisher LIMIT 1";
        let query = sql(SUPPLEMENT, "reading a supplement", text).shown(form_of).text(code).number(release);
        query.first(&mut *self.reader().await?).await?.map(|line| line.text("body")).transpose()
    }
}
