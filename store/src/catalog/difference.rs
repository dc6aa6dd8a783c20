//! What leads from one release of a catalog to another, for those who may see it.

use std::collections::BTreeSet;

use sqlx::AnyConnection;
use tongpin_domain::catalog::{Audience, CatalogId, Difference, Entry};

use super::{ENTRY, PAST, audience, entry};
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::sql;

/// The versions alive at release `number` that came after release `from`, sorted by key.
///
/// Neither statement sorts: asked to, SQLite would walk the whole catalog in the order of its keys to find a few new
/// entries, instead of using the index on releases. From the very start on everything is wanted, and `release + 0`
/// keeps the databases from that index.
pub(super) async fn alive(
    connection: &mut AnyConnection,
    id: &CatalogId,
    from: u64,
    number: u64,
) -> Result<Vec<Entry>, StoreError> {
    let newest = if from == 0 {
        "SELECT key, release, audience, body FROM catalog_entry WHERE publisher = $1 AND catalog = $2 \
         AND release + 0 > $3 AND release + 0 <= $4"
    } else {
        "SELECT key, release, audience, body FROM catalog_entry WHERE publisher = $1 AND catalog = $2 \
         AND release > $3 AND release <= $4"
    };
    let query = sql(ENTRY, "reading entries", newest).shown(&id.publisher).text(&id.name).number(from).number(number);
    let mut found = query.read(connection, entry).await?;
    let past = "SELECT key, release, audience, body FROM catalog_past WHERE publisher = $1 AND catalog = $2 \
        AND until > $4 AND release > $3 AND release <= $4";
    let query = sql(PAST, "reading entries", past).shown(&id.publisher).text(&id.name).number(from).number(number);
    found.extend(query.read(connection, entry).await?);
    found.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(found)
}

impl Store {
    /// What brings a holder of release `from` (0: of nothing) to release `to`, as far as `audiences` accepts. Both
    /// lists are sorted by key.
    ///
    /// An entry alive at both with the same version is in neither list. An entry that moved to an audience that is
    /// not accepted is a removal.
    pub async fn difference(
        &self,
        id: &CatalogId,
        from: u64,
        to: u64,
        audiences: &(dyn Fn(&Audience) -> bool + Send + Sync),
    ) -> Result<Difference, StoreError> {
        let read = async |connection: &mut AnyConnection| {
            let newer = alive(connection, id, from, to).await?;
            let text = "SELECT key, release, audience FROM catalog_past WHERE publisher = $1 AND catalog = $2 \
                AND until > $3 AND until <= $4 AND release <= $3 ORDER BY key";
            let ended = sql(PAST, "reading what ended", text).shown(&id.publisher).text(&id.name);
            let ended = ended.number(from).number(to);
            Ok((newer, ended.read(connection, |line| Ok((line.text("key")?, audience(line)?))).await?))
        };
        let (mut upserts, ended): (_, Vec<(String, Audience)>) = self.reading(read).await?;
        upserts.retain(|entry| audiences(&entry.audience));

        // What ended after `from` is alive at `to` only as a newer version, and those were just read.
        let stay: BTreeSet<&str> = upserts.iter().map(|entry| entry.key.as_str()).collect();
        let gone = ended.into_iter().filter(|(key, audience)| audiences(audience) && !stay.contains(key.as_str()));
        let mut removals: Vec<String> = gone.map(|(key, _)| key).collect();
        removals.dedup();
        Ok(Difference { upserts, removals })
    }
}
