//! What an officer decides about a report that was taken in: accepting one that waits, or giving one back. Either makes
//! a receipt in the same transaction.

use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::made::{Minted, mint};
use super::received::{RECEIVED, Verdict, json};
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::sql;
use crate::topic::Topic;

/// 退回: a report that an officer gives back.
#[derive(Debug, Clone, Copy)]
pub struct Return<'a> {
    /// The collection it answers.
    pub collection: &'a str,
    /// Whose it is.
    pub region: &'a RegionCode,
    /// Which revision.
    pub revision: u64,
    /// Why.
    pub reasons: &'a [String],
    /// Who decided.
    pub by: &'a str,
    /// When.
    pub at: Moment,
}

/// 通过: a report that waits and that an officer accepts.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// The collection it answers.
    pub collection: &'a str,
    /// Whose it is.
    pub region: &'a RegionCode,
    /// Which revision.
    pub revision: u64,
    /// Who decided.
    pub by: &'a str,
    /// When.
    pub at: Moment,
}

/// What became of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approved {
    /// It counts from now on.
    Done {
        /// The number of the receipt that says so.
        receipt: u64,
    },
    /// There is no such report; nothing was written.
    Missing,
    /// It does not wait any more: somebody accepted it or gave it back, or a newer one took its place. Nothing was
    /// written.
    Decided(Verdict),
    /// The collection is closed; nothing was written.
    Closed,
}

impl Store {
    /// Gives a report back with reasons, with a receipt that says so; returns the receipt's number, or `None` if there
    /// is no such report.
    ///
    /// # Errors
    /// [`StoreError::Receipt`] if the receipt cannot be made: then nothing was changed.
    pub async fn return_report(
        &self,
        back: &Return<'_>,
        make_receipt: impl FnOnce(u64) -> Result<Minted, String> + Send,
    ) -> Result<Option<u64>, StoreError> {
        let text = "UPDATE received SET verdict = $4, reasons = $5, decided_by = $6, decided_at = $7 \
            WHERE collection = $1 AND region = $2 AND revision = $3";
        let mut tx = self.begin().await?;
        let statement = sql(RECEIVED, "returning a report", text).text(back.collection).shown(back.region);
        let statement = statement.number(back.revision).text(Verdict::Returned.word()).text(&json(back.reasons));
        if statement.text(back.by).moment(back.at).run(tx.connection()).await? == 0 {
            return Ok(None);
        }
        let receipt = mint(&mut tx, back.region, back.at, make_receipt).await?;
        tx.touch(Topic::Reports(back.collection.to_owned()));
        tx.commit().await?;
        Ok(Some(receipt))
    }

    /// Accepts a report that waits, with a receipt that says so. One that was given back is not accepted any more: its
    /// author sends a new revision. While the collection is closed nothing is accepted.
    ///
    /// # Errors
    /// [`StoreError::Receipt`] if the receipt cannot be made: then nothing was changed.
    pub async fn approve_report(
        &self,
        approval: &Approval<'_>,
        make_receipt: impl FnOnce(u64) -> Result<Minted, String> + Send,
    ) -> Result<Approved, StoreError> {
        let Approval { collection, region, revision, by, at } = *approval;
        let mut tx = self.begin().await?;
        // The conditions stand in the statement, so that of two officers at the same moment one comes too late.
        let text = "UPDATE received SET verdict = $4, decided_by = $5, decided_at = $6 \
            WHERE collection = $1 AND region = $2 AND revision = $3 AND verdict = $7 AND NOT EXISTS \
            (SELECT 1 FROM collection_state AS s WHERE s.collection = $1 AND s.state = $8)";
        let statement = sql(RECEIVED, "accepting a report", text).text(collection).shown(region).number(revision);
        let statement = statement.text(Verdict::Accepted.word()).text(by).moment(at).text(Verdict::Received.word());
        let statement = statement.text("closed");
        if statement.run(tx.connection()).await? > 0 {
            let receipt = mint(&mut tx, region, at, make_receipt).await?;
            tx.touch(Topic::Reports(collection.to_owned()));
            tx.commit().await?;
            return Ok(Approved::Done { receipt });
        }
        drop(tx);
        let Some(kept) = self.received_one(collection, region, revision).await? else { return Ok(Approved::Missing) };
        if kept.verdict == Verdict::Received { Ok(Approved::Closed) } else { Ok(Approved::Decided(kept.verdict)) }
    }
}
