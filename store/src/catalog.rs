//! Catalogs as this database holds them: releases with the bytes that were signed, the entries of the newest one, the
//! advances that led there, and drafts.

mod advance;
mod apply;
mod draft;
mod edit;

use sqlx::sqlite::SqliteRow;
use sqlx::{AnyConnection, Row as _};
use tongpin_domain::catalog::{Audience, CatalogId, Entry, Head, SignedRelease};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

pub use advance::{PackedDifference, StoredAdvance};
pub use apply::Application;
pub use draft::{Draft, DraftRow};
pub use edit::{DraftEdit, DraftEdited};

use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, listed, sql};

const ENTRY: &str = "catalog_entry";
const RELEASE: &str = "catalog_release";
const ENTRIES: &str =
    "SELECT key, release, audience, body FROM catalog_entry WHERE publisher = $1 AND catalog = $2 ORDER BY key";

/// Reads an entry from a row that has its columns.
pub(crate) fn entry(line: &Line) -> Result<Entry, StoreError> {
    Ok(Entry {
        key: line.text("key")?,
        audience: audience(line)?,
        release: line.number("release")?,
        body: line.text("body")?,
    })
}

/// Columns by their place in [`ENTRIES`]: a look-up by name for each of many rows is what this path avoids.
fn bulk_entry(row: &SqliteRow) -> Result<Entry, sqlx::Error> {
    let wrong = |key: &str, error: &dyn std::fmt::Display| sqlx::Error::Decode(format!("{key}: {error}").into());
    let key: String = row.try_get(0)?;
    let release = u64::try_from(row.try_get::<i64, _>(1)?).map_err(|error| wrong(&key, &error))?;
    let audience = Audience::try_from(row.try_get::<String, _>(2)?).map_err(|error| wrong(&key, &error))?;
    Ok(Entry { key, audience, release, body: row.try_get(3)? })
}

pub(crate) fn audience(line: &Line) -> Result<Audience, StoreError> {
    Audience::try_from(line.text("audience")?).map_err(|error| line.wrong("audience", error))
}

pub(crate) fn catalog_id(line: &Line) -> Result<CatalogId, StoreError> {
    Ok(CatalogId::new(line.region("publisher")?, line.text("catalog")?))
}

pub(crate) fn head(line: &Line) -> Result<Head, StoreError> {
    Ok(Head { catalog: catalog_id(line)?, number: line.number("number")?, digest: line.digest("digest")? })
}

fn signed(line: &Line) -> Result<SignedRelease, StoreError> {
    Ok(SignedRelease {
        release: line.json("manifest")?,
        digest: line.digest("digest")?,
        envelope: line.bytes("envelope")?,
    })
}

/// The newest release held of a catalog.
pub(crate) async fn head_of(connection: &mut AnyConnection, id: &CatalogId) -> Result<Option<Head>, StoreError> {
    let text = "SELECT publisher, catalog, number, digest FROM catalog_release \
        WHERE publisher = $1 AND catalog = $2 ORDER BY number DESC LIMIT 1";
    let line = sql(RELEASE, "reading a head", text).shown(&id.publisher).text(&id.name).first(connection).await?;
    line.as_ref().map(head).transpose()
}

impl Store {
    /// The newest release held of every catalog, sorted by publisher and name.
    #[boxed]
    pub async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        let text = "SELECT publisher, catalog, number, digest FROM catalog_release AS r WHERE number = \
            (SELECT MAX(n.number) FROM catalog_release AS n WHERE n.publisher = r.publisher AND n.catalog = r.catalog) \
            ORDER BY publisher, catalog";
        sql(RELEASE, "reading heads", text).read(&mut *self.reader().await?, head).await
    }

    /// Number and digest of every release held, sorted by publisher, name and number.
    #[boxed]
    pub async fn release_digests(&self) -> Result<Vec<Head>, StoreError> {
        let text = "SELECT publisher, catalog, number, digest FROM catalog_release ORDER BY publisher, catalog, number";
        sql(RELEASE, "reading releases", text).read(&mut *self.reader().await?, head).await
    }

    /// Number and digest of the releases of one catalog that are held and come after one, ascending.
    #[boxed]
    pub async fn release_digests_after(&self, id: &CatalogId, number: u64) -> Result<Vec<Head>, StoreError> {
        let text = "SELECT publisher, catalog, number, digest FROM catalog_release \
            WHERE publisher = $1 AND catalog = $2 AND number > $3 ORDER BY number";
        let query = sql(RELEASE, "reading releases", text).shown(&id.publisher).text(&id.name).number(number);
        query.read(&mut *self.reader().await?, head).await
    }

    /// The newest release held of one catalog.
    #[boxed]
    pub async fn head(&self, id: &CatalogId) -> Result<Option<Head>, StoreError> {
        head_of(&mut *self.reader().await?, id).await
    }

    /// One release as it was signed.
    #[boxed]
    pub async fn release(&self, id: &CatalogId, number: u64) -> Result<Option<SignedRelease>, StoreError> {
        let Some(before) = number.checked_sub(1) else { return Ok(None) };
        Ok(self.releases(id, before, number).await?.pop())
    }

    /// The newest release of every catalog of a publisher, sorted by name.
    #[boxed]
    pub async fn newest_releases(&self, publisher: &RegionCode) -> Result<Vec<SignedRelease>, StoreError> {
        let text = "SELECT publisher, catalog, number, digest, manifest, envelope FROM catalog_release AS r \
            WHERE publisher = $1 AND number = (SELECT MAX(n.number) FROM catalog_release AS n \
            WHERE n.publisher = r.publisher AND n.catalog = r.catalog) ORDER BY catalog";
        sql(RELEASE, "reading releases", text).shown(publisher).read(&mut *self.reader().await?, signed).await
    }

    /// The releases with `after < number <= upto`, ascending.
    #[boxed]
    pub async fn releases(&self, id: &CatalogId, after: u64, upto: u64) -> Result<Vec<SignedRelease>, StoreError> {
        let text = "SELECT publisher, catalog, number, digest, manifest, envelope FROM catalog_release \
            WHERE publisher = $1 AND catalog = $2 AND number > $3 AND number <= $4 ORDER BY number";
        let query = sql(RELEASE, "reading releases", text).shown(&id.publisher).text(&id.name);
        query.number(after).number(upto).read(&mut *self.reader().await?, signed).await
    }

    /// The entries of the newest release, sorted by key.
    #[boxed]
    pub async fn entries(&self, id: &CatalogId) -> Result<Vec<Entry>, StoreError> {
        if let Some(bulk) = self.bulk() {
            let query = sqlx::query(ENTRIES).bind(id.publisher.to_string()).bind(&id.name);
            let entries = query.try_map(|row| bulk_entry(&row)).fetch_all(bulk).await;
            return entries.map_err(|source| StoreError::database("reading entries", source));
        }
        let query = sql(ENTRY, "reading entries", ENTRIES).shown(&id.publisher).text(&id.name);
        query.read(&mut *self.reader().await?, entry).await
    }

    /// One entry of the newest release.
    #[boxed]
    pub async fn entry(&self, id: &CatalogId, key: &str) -> Result<Option<Entry>, StoreError> {
        let text = "SELECT key, release, audience, body FROM catalog_entry \
            WHERE publisher = $1 AND catalog = $2 AND key = $3";
        let query = sql(ENTRY, "reading an entry", text).shown(&id.publisher).text(&id.name).text(key);
        query.first(&mut *self.reader().await?).await?.as_ref().map(entry).transpose()
    }

    /// The entries of some keys of the newest release, sorted by key.
    #[boxed]
    pub async fn entries_named(&self, id: &CatalogId, keys: &[&str]) -> Result<Vec<Entry>, StoreError> {
        let text = format!(
            "SELECT key, release, audience, body FROM catalog_entry \
             WHERE publisher = $1 AND catalog = $2 AND key IN {} ORDER BY key",
            listed(self.kind(), 3)
        );
        let query = sql(ENTRY, "reading entries", text).shown(&id.publisher).text(&id.name).list(keys);
        query.read(&mut *self.reader().await?, entry).await
    }

    /// When a release was applied here.
    #[boxed]
    pub async fn applied_at(&self, id: &CatalogId, number: u64) -> Result<Option<Moment>, StoreError> {
        let text = "SELECT publisher, catalog, number, applied_at FROM catalog_release \
            WHERE publisher = $1 AND catalog = $2 AND number = $3";
        let query = sql(RELEASE, "reading a release", text).shown(&id.publisher).text(&id.name).number(number);
        query.first(&mut *self.reader().await?).await?.map(|line| line.moment("applied_at")).transpose()
    }
}
