//! 表单的各个版本: every release of a form that was ever held here, and what follows from a new one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongpin_domain::catalog::{CatalogId, Entry};
use tongpin_domain::form::{Definition, Edition, is_name};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::{making, supplement, turn};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Statement, fits, run_pieces, sql, tuples};

const DEFINITION: &str = "form_definition";

/// Publisher, code, and release with that of what is added to it.
type Name = (RegionCode, String, Edition);

/// Definitions that were read before. A release never changes, so that nothing has to be forgotten; there are as many
/// as forms and years.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    read: Mutex<HashMap<Name, Arc<Definition>>>,
}

impl Definitions {
    /// Each value is replaced whole, so that a panic leaves nothing half done.
    fn all(&self) -> MutexGuard<'_, HashMap<Name, Arc<Definition>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an entry defines, if tables can be made from it.
fn readable(code: &str, body: &str) -> Option<Definition> {
    let definition: Definition = serde_json::from_str(body).ok()?;
    (definition.code == code && is_name(code)).then_some(definition)
}

/// Keeps the releases of forms that came, and makes and widens their tables. What waited for them is listed after that,
/// see [`Store::list_waiting`].
pub(super) async fn apply(tx: &mut Tx, id: &CatalogId, entries: &[Entry], at: Moment) -> Result<(), StoreError> {
    keep(tx, &id.publisher, entries).await?;
    // In one order, so that two who take turns of several forms never wait for each other.
    let sorted: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.key.as_str(), entry)).collect();
    for (code, entry) in sorted {
        let Some(definition) = readable(code, &entry.body) else { continue };
        tx.lock(&turn(code)).await?;
        making::settle(tx, &id.publisher, &definition, at).await?;
        supplement::widen(tx, (&id.publisher, &definition), at).await?;
    }
    Ok(())
}

async fn keep(tx: &mut Tx, publisher: &RegionCode, entries: &[Entry]) -> Result<(), StoreError> {
    for entry in entries {
        fits("release number", entry.release)?;
    }
    forget(tx, entries);
    let database = tx.kind();
    let statement = |chunk: &[Entry]| {
        let text = format!(
            "INSERT INTO form_definition (publisher, code, release, body) VALUES {} \
             ON CONFLICT (publisher, code, release) DO UPDATE SET body = excluded.body",
            tuples(database, chunk.len(), 4)
        );
        let row = |statement: Statement, entry: &Entry| {
            statement.shown(publisher).text(&entry.key).number(entry.release).text(&entry.body)
        };
        Ok(chunk.iter().fold(sql(DEFINITION, "keeping definitions", text), row))
    };
    run_pieces(tx.connection(), entries, statement).await
}

/// Forgets what was read of some forms: a damaged entry is repaired under its own number.
pub(super) fn forget(tx: &mut Tx, entries: &[Entry]) {
    tx.definitions().all().retain(|(_, code, _), _| entries.iter().all(|entry| entry.key != *code));
}

/// What a document is filled in by: the definition of a release with what was added to it; see [`alone`].
pub(super) async fn find(
    tx: &mut Tx,
    publisher: &RegionCode,
    code: &str,
    edition: Edition,
) -> Result<Option<Arc<Definition>>, StoreError> {
    let name = (publisher.clone(), code.to_owned(), edition);
    let known = tx.definitions().all().get(&name).cloned();
    if known.is_some() {
        return Ok(known);
    }
    let Some((release, definition)) = alone(tx, publisher, code, edition.release).await? else { return Ok(None) };
    let (added, definition) = match supplement::find(tx, publisher, code, edition.added).await? {
        _ if edition.added == 0 => (0, definition),
        Some((added, supplement)) => (added, definition.supplemented(&supplement)),
        None => return Ok(None),
    };
    let definition = Arc::new(definition);
    if (Edition { release, added }) == edition {
        tx.definitions().all().insert(name, definition.clone());
    }
    Ok(Some(definition))
}

/// The definition of a release, or of the next one that is held: one that passed by while this node was away is a part
/// of those after it, because fields are only ever added.
async fn alone(
    tx: &mut Tx,
    publisher: &RegionCode,
    code: &str,
    release: u64,
) -> Result<Option<(u64, Definition)>, StoreError> {
    let text = "SELECT publisher, code, release, body FROM form_definition \
        WHERE publisher = $1 AND code = $2 AND release >= $3 ORDER BY release LIMIT 1";
    let query = sql(DEFINITION, "reading a definition", text).shown(publisher).text(code).number(release);
    let Some(line) = query.first(tx.connection()).await? else { return Ok(None) };
    let definition = readable(code, &line.text("body")?);
    let release = line.number("release")?;
    Ok(definition.map(|definition| (release, definition)))
}

/// Every release of a form that can be read, the oldest first, with its publisher.
pub(super) async fn all(tx: &mut Tx, code: &str) -> Result<Vec<(RegionCode, Definition)>, StoreError> {
    let text = "SELECT publisher, code, release, body FROM form_definition WHERE code = $1 ORDER BY release, publisher";
    let query = sql(DEFINITION, "reading definitions", text).text(code);
    let read = query.read(tx.connection(), |line| Ok((line.region("publisher")?, line.text("body")?))).await?;
    Ok(read.into_iter().filter_map(|(publisher, body)| Some((publisher, readable(code, &body)?))).collect())
}

impl Store {
    /// A release of a form, as it was published.
    #[boxed]
    pub async fn form_definition(
        &self,
        publisher: &RegionCode,
        code: &str,
        release: u64,
    ) -> Result<Option<String>, StoreError> {
        let text = "SELECT publisher, code, release, body FROM form_definition \
            WHERE publisher = $1 AND code = $2 AND release = $3";
        let query = sql(DEFINITION, "reading a definition", text).shown(publisher).text(code).number(release);
        query.first(&mut *self.reader().await?).await?.map(|line| line.text("body")).transpose()
    }
}
