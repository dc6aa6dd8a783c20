//! 退回: a report goes back with reasons, in a signed receipt; its author sends a new revision.

use tongpin_domain::region::RegionCode;
use tongpin_link::report;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected;

/// Gives a report back; returns the number of the receipt, or `None` if there is no such report.
///
/// # Errors
/// The receipt cannot be signed, or the database cannot be read or written.
pub(crate) async fn give_back(
    app: &App,
    id: &str,
    region: &RegionCode,
    revision: u64,
    reasons: &[String],
    by: &str,
) -> Result<Option<u64>, Failure> {
    let sender = collected::sender(app, id, region, revision).await?;
    Ok(report::give_back(&app.site, id, &sender, revision, reasons, by).await?)
}
