//! The advances by which this database came to the releases it holds: how a past version is found, and what is sent
//! to whoever is behind. Their differences are kept as they were packed, for whoever packed them to read.

use tongpin_domain::catalog::{CatalogId, Turnover};

use super::RELEASE;
use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, sql};

/// A difference as it travels. The store does not look inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedDifference<'a> {
    /// The packed bytes.
    pub data: &'a [u8],
    /// Their length before packing.
    pub raw_length: u64,
}

/// One advance of a catalog in this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAdvance {
    /// The release before it; 0 if it replaced everything.
    pub from: u64,
    /// The release after it.
    pub to: u64,
    /// What the difference alone does not tell.
    pub turnover: Turnover,
    /// The packed difference.
    pub data: Vec<u8>,
    /// Its length before packing.
    pub raw_length: u64,
}

fn advance(line: &Line) -> Result<StoredAdvance, StoreError> {
    Ok(StoredAdvance {
        from: line.number("from_number")?,
        to: line.number("number")?,
        turnover: line.json("turnover")?,
        data: line.bytes("packed")?,
        raw_length: line.number("raw_length")?,
    })
}

impl Store {
    /// The advances of a catalog that ended after one release and not after another, ascending.
    #[boxed]
    pub async fn advances(&self, id: &CatalogId, after: u64, upto: u64) -> Result<Vec<StoredAdvance>, StoreError> {
        let text = "SELECT publisher, catalog, number, from_number, raw_length, turnover, packed FROM catalog_release \
            WHERE publisher = $1 AND catalog = $2 AND number > $3 AND number <= $4 AND from_number IS NOT NULL \
            ORDER BY number";
        let query = sql(RELEASE, "reading advances", text).shown(&id.publisher).text(&id.name);
        query.number(after).number(upto).read(&mut *self.reader().await?, advance).await
    }

    /// Between which releases the advances of a catalog were, ascending.
    #[boxed]
    pub async fn advance_numbers(&self, id: &CatalogId) -> Result<Vec<(u64, u64)>, StoreError> {
        let text = "SELECT publisher, catalog, number, from_number FROM catalog_release \
            WHERE publisher = $1 AND catalog = $2 AND from_number IS NOT NULL ORDER BY number";
        let query = sql(RELEASE, "reading advances", text).shown(&id.publisher).text(&id.name);
        let numbers = |line: &Line| Ok((line.number("from_number")?, line.number("number")?));
        query.read(&mut *self.reader().await?, numbers).await
    }
}
