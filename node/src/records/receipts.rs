//! What the parent answered to reports (回执), as this node keeps it.

use tongpin_domain::moment::Moment;
use tongpin_domain::report::{Receipt, Verdict};
use tongpin_store::{MyReport, ReportState, Store, StoreError};

/// The parent's receipts. One of a newer form than this program knows is kept and not shown here.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn all(store: &Store) -> Result<Vec<Receipt>, StoreError> {
    let held = store.my_receipts().await?;
    Ok(held.iter().filter_map(|receipt| serde_json::from_str::<Receipt>(&receipt.payload).ok()).collect())
}

/// When a person accepted a report: then it was received to be looked at before.
pub(crate) fn passed(report: &MyReport, receipts: &[Receipt]) -> Option<Moment> {
    if report.state != ReportState::Accepted {
        return None;
    }
    let about = |receipt: &&Receipt| receipt.report == report.digest;
    let waited = receipts.iter().filter(about).any(|receipt| receipt.verdict == Verdict::Received);
    let newest = receipts.iter().filter(about).max_by_key(|receipt| receipt.number).filter(|_| waited);
    newest.map(|receipt| receipt.at)
}

/// Why the newest receipt returned a report; empty if it did not.
pub(crate) fn reasons(report: &MyReport, receipts: &[Receipt]) -> Vec<String> {
    if report.state != ReportState::Returned {
        return Vec::new();
    }
    let about = |receipt: &&Receipt| receipt.collection == report.collection && receipt.revision == report.revision;
    let newest = receipts.iter().filter(about).max_by_key(|receipt| receipt.number);
    newest.map(|receipt| receipt.reasons.clone()).unwrap_or_default()
}
