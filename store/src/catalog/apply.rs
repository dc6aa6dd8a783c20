//! Switching a catalog to a new release: everything in one transaction, so that nobody ever sees half a library.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::catalog::{CatalogId, Difference, Entry, Head, SignedRelease};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::{ENTRY, PAST, RELEASE, draft, head_of};
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{CHUNK, fits, sql, tuples, variables};
use crate::{rollout, staging};

/// A checked difference, ready to be applied.
#[derive(Debug, Clone, Copy)]
pub struct Application<'a> {
    /// The releases it leads through, ascending; the last becomes the head. All of one catalog.
    pub releases: &'a [SignedRelease],
    /// What changes. With `full`, the upserts are all that is to be there.
    pub difference: &'a Difference,
    /// Replace everything that is held.
    pub full: bool,
    /// The head that the difference starts from, 0 for none.
    pub expected_head: u64,
    /// When.
    pub at: Moment,
}

impl Store {
    /// Applies a difference in one transaction, forgets what was staged for the catalog, and returns the new head.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the head is not the expected one, or no release is given.
    pub async fn apply(&self, application: &Application<'_>) -> Result<Head, StoreError> {
        let mut tx = self.begin().await?;
        let head = switch(&mut tx, application).await?;
        tx.commit_noticed().await?;
        Ok(head)
    }

    /// Applies a publisher's own release, rolls it out to some regions or (`None`) to everybody, and ends its draft,
    /// all in one transaction.
    ///
    /// # Errors
    /// As [`Store::apply`].
    pub async fn publish(
        &self,
        application: &Application<'_>,
        regions: Option<&[RegionCode]>,
    ) -> Result<Head, StoreError> {
        let mut tx = self.begin().await?;
        let head = switch(&mut tx, application).await?;
        rollout::allow(&mut tx, &head.catalog, head.number, regions, application.at).await?;
        draft::end(&mut tx, &head.catalog).await?;
        tx.commit_noticed().await?;
        Ok(head)
    }
}

async fn switch(tx: &mut Tx, application: &Application<'_>) -> Result<Head, StoreError> {
    let expected = application.expected_head;
    let Some(last) = application.releases.last() else {
        return Err(StoreError::Conflict { what: "an empty list of releases".into(), expected, found: 0 });
    };
    let id = &last.release.catalog;
    let number = fits("release number", last.release.number)?;
    tx.take_turn(&format!("catalog {id}")).await?;
    let found = head_of(tx.connection(), id).await?.map_or(0, |head| head.number);
    if found != expected || number <= found {
        return Err(StoreError::Conflict { what: id.to_string(), expected, found });
    }
    if found > 0 {
        close(tx, id, application, number).await?;
    }
    insert(tx, id, &application.difference.upserts).await?;
    for signed in application.releases.iter().filter(|signed| signed.release.number > found) {
        record(tx, signed, application.at).await?;
    }
    staging::clear(tx, id).await?;
    Ok(Head { catalog: id.clone(), number, digest: last.digest })
}

/// Archives the versions that are superseded, each as ended by the release that brought its successor, and archives
/// and deletes what is removed, as ended by the new head.
async fn close(tx: &mut Tx, id: &CatalogId, application: &Application<'_>, number: u64) -> Result<(), StoreError> {
    let mut ending: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for entry in &application.difference.upserts {
        ending.entry(entry.release).or_default().push(&entry.key);
    }
    for (release, keys) in &ending {
        archive(tx, id, *release, keys, "AND release <> $3").await?;
    }
    let others = if application.full { unnamed(tx, id, &application.difference.upserts).await? } else { Vec::new() };
    let removed = others.iter().chain(&application.difference.removals).map(String::as_str);
    let removed: Vec<&str> = removed.collect();
    archive(tx, id, number, &removed, "").await?;
    for chunk in removed.chunks(CHUNK) {
        let keys = variables(3, chunk.len());
        let text = format!("DELETE FROM catalog_entry WHERE publisher = $1 AND catalog = $2 AND key IN ({keys})");
        let statement = sql(ENTRY, "removing entries", text).kept(chunk.len() == CHUNK);
        let statement = statement.shown(&id.publisher).text(&id.name);
        chunk.iter().fold(statement, |statement, key| statement.text(key)).run(tx.connection()).await?;
    }
    Ok(())
}

/// The keys that are alive but not among the upserts.
async fn unnamed(tx: &mut Tx, id: &CatalogId, upserts: &[Entry]) -> Result<Vec<String>, StoreError> {
    let named: BTreeSet<&str> = upserts.iter().map(|entry| entry.key.as_str()).collect();
    let text = "SELECT key FROM catalog_entry WHERE publisher = $1 AND catalog = $2";
    let query = sql(ENTRY, "reading keys", text).shown(&id.publisher).text(&id.name);
    let mut keys = query.read(tx.connection(), |line| line.text("key")).await?;
    keys.retain(|key| !named.contains(key.as_str()));
    Ok(keys)
}

async fn archive(tx: &mut Tx, id: &CatalogId, until: u64, keys: &[&str], unless: &str) -> Result<(), StoreError> {
    let until = fits("release number", until)?;
    for chunk in keys.chunks(CHUNK) {
        let text = format!(
            "INSERT INTO catalog_past (publisher, catalog, until, key, release, audience, body) \
             SELECT publisher, catalog, CAST($3 AS BIGINT), key, release, audience, body FROM catalog_entry \
             WHERE publisher = $1 AND catalog = $2 {unless} AND key IN ({}) \
             ON CONFLICT (publisher, catalog, until, key, release) DO NOTHING",
            variables(4, chunk.len())
        );
        let statement = sql(PAST, "archiving entries", text).kept(chunk.len() == CHUNK);
        let statement = statement.shown(&id.publisher).text(&id.name).number(until);
        chunk.iter().fold(statement, |statement, key| statement.text(key)).run(tx.connection()).await?;
    }
    Ok(())
}

/// Writes versions in the place of those before them.
async fn insert(tx: &mut Tx, id: &CatalogId, entries: &[Entry]) -> Result<(), StoreError> {
    let publisher = id.publisher.to_string();
    for chunk in entries.chunks(CHUNK) {
        let text = format!(
            "INSERT INTO catalog_entry (publisher, catalog, key, release, audience, body) VALUES {} \
             ON CONFLICT (publisher, catalog, key) \
             DO UPDATE SET release = excluded.release, audience = excluded.audience, body = excluded.body",
            tuples(tx.kind(), chunk.len(), 6)
        );
        let mut statement = sql(ENTRY, "writing entries", text).kept(chunk.len() == CHUNK);
        for entry in chunk {
            let release = fits("release number", entry.release)?;
            statement = statement.text(&publisher).text(&id.name).text(&entry.key).number(release);
            statement = statement.shown(&entry.audience).text(&entry.body);
        }
        statement.run(tx.connection()).await?;
    }
    Ok(())
}

async fn record(tx: &mut Tx, signed: &SignedRelease, at: Moment) -> Result<(), StoreError> {
    let release = &signed.release;
    let number = fits("release number", release.number)?;
    let manifest = serde_json::to_string(release).map_err(|error| StoreError::Inconsistent {
        table: RELEASE,
        column: "manifest",
        row: format!("{}/{number}", release.catalog),
        problem: error.to_string(),
    })?;
    let text = "INSERT INTO catalog_release \
        (publisher, catalog, number, digest, previous, applied_at, manifest, envelope) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let statement = sql(RELEASE, "writing a release", text).shown(&release.catalog.publisher);
    let statement = statement.text(&release.catalog.name).number(number);
    let statement = statement.digest(&signed.digest).digest(&release.previous).moment(at);
    statement.text(&manifest).bytes(&signed.envelope).run(tx.connection()).await?;
    Ok(())
}
