//! 上报: reports as their author keeps them, as their receiver keeps them, and the receipts between the two.

mod collection;
mod decided;
mod made;
mod mine;
mod received;
mod stall;

pub use collection::CollectionState;
pub use decided::{Approval, Approved, Return};
pub use made::Minted;
pub use mine::{MyReport, ReceiptTaken, ReportState, Submission, Taken};
pub use received::{Arrival, Arrived, RETURNED_KEPT, Received, ReportMark, Verdict};
pub use stall::Stall;

use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::error::StoreError;
use crate::sql::Line;

/// 回执: what the receiver of a report answered, signed by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The other side: the child where it is made, the parent where it is held.
    pub region: RegionCode,
    /// 1, 2, 3 … without gaps for each child.
    pub number: u64,
    /// The content, as JSON.
    pub payload: String,
    /// The signed envelope.
    pub envelope: Vec<u8>,
    /// When it was made, or taken.
    pub at: Moment,
}

/// Reads a receipt from a row with the columns `region`, `number`, `payload`, `envelope` and `noted_at`.
fn receipt(line: &Line) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        region: line.region("region")?,
        number: line.number("number")?,
        payload: line.text("payload")?,
        envelope: line.bytes("envelope")?,
        at: line.moment("noted_at")?,
    })
}
