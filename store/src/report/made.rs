//! The receipts made for children: numbered for each child without gaps, whatever happens to this database.

use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::{Receipt, receipt};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{fits, sql};
use crate::topic::Topic;

const RECEIPT: &str = "receipt";
const LAST_RECEIPT: &str = "SELECT MAX(number) AS number FROM receipt WHERE region = $1";

/// A receipt's content and its signed envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minted {
    /// The content, as JSON.
    pub payload: String,
    /// The signed envelope.
    pub envelope: Vec<u8>,
}

/// The number of the last receipt for a child; until this transaction ends nobody else makes one.
async fn last_receipt(tx: &mut Tx, region: &RegionCode) -> Result<u64, StoreError> {
    tx.lock(&format!("receipts for {region}")).await?;
    let last = sql(RECEIPT, "reading receipts", LAST_RECEIPT).shown(region).first(tx.connection()).await?;
    Ok(last.map(|line| line.maybe_number("number")).transpose()?.flatten().unwrap_or(0))
}

/// Makes the next receipt for a child: its number is known only here, and it is part of what is signed.
pub(super) async fn mint(
    tx: &mut Tx,
    region: &RegionCode,
    at: Moment,
    make: impl FnOnce(u64) -> Result<Minted, String> + Send,
) -> Result<u64, StoreError> {
    let last = last_receipt(tx, region).await?;
    let number = fits("receipt number", last.saturating_add(1))?;
    let minted = make(number).map_err(|problem| StoreError::Receipt { problem })?;
    let text = "INSERT INTO receipt (region, number, made_at, payload, envelope) VALUES ($1, $2, $3, $4, $5)";
    let statement = sql(RECEIPT, "keeping a receipt", text).shown(region).number(number).moment(at);
    statement.text(&minted.payload).bytes(&minted.envelope).run(tx.connection()).await?;
    tx.touch(Topic::Receipts(region.clone()));
    Ok(number)
}

impl Store {
    /// Makes receipts for a child until the last of them has this number: the child holds them already, but this
    /// database, a copy older than they are, does not know what they said.
    ///
    /// # Errors
    /// [`StoreError::Receipt`] if a receipt cannot be made: then nothing was changed.
    pub async fn fill_receipts(
        &self,
        region: &RegionCode,
        upto: u64,
        at: Moment,
        make_receipt: impl Fn(u64) -> Result<Minted, String> + Send + Sync,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        while last_receipt(&mut tx, region).await? < upto {
            mint(&mut tx, region, at, &make_receipt).await?;
        }
        tx.commit().await
    }

    /// The number of the last receipt made for a child, 0 for none.
    #[boxed]
    pub async fn receipts_made(&self, region: &RegionCode) -> Result<u64, StoreError> {
        let query = sql(RECEIPT, "reading receipts", LAST_RECEIPT).shown(region);
        let line = query.first(&mut *self.reader().await?).await?;
        Ok(line.map(|line| line.maybe_number("number")).transpose()?.flatten().unwrap_or(0))
    }

    /// The receipts made for a child after a number, ascending.
    #[boxed]
    pub async fn receipts_after(&self, region: &RegionCode, number: u64) -> Result<Vec<Receipt>, StoreError> {
        let text = "SELECT region, number, made_at AS noted_at, payload, envelope FROM receipt \
            WHERE region = $1 AND number > $2 ORDER BY number";
        let query = sql(RECEIPT, "reading receipts", text).shown(region).number(number);
        query.read(&mut *self.reader().await?, receipt).await
    }
}
