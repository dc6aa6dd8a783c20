//! What an officer decides about a report that was taken in, and the receipt that tells its author.

use std::sync::Arc;

use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::{Receipt, Verdict};
use tongpin_store::{Approval, Approved, Minted, Received, Return};

use super::ReceiptDraft;
use crate::boxed;
use crate::downlink;
use crate::error::LinkError;
use crate::site::Site;

/// Writes and signs the receipt of a person's decision about a report, once its number is known.
fn minting(
    site: &Arc<Site>,
    about: Received,
    verdict: Verdict,
    reasons: &[String],
    by: &str,
    at: Moment,
) -> impl FnOnce(u64) -> Result<Minted, String> + Send + use<> {
    let draft = ReceiptDraft(Receipt {
        number: 0,
        collection: about.collection,
        region: about.region,
        revision: about.revision,
        report: about.digest,
        verdict,
        reasons: reasons.to_vec(),
        by: by.to_owned(),
        at,
        held: None,
        question: None,
    });
    let site = site.clone();
    move |number| downlink::mint_receipt(&site, number, &draft)
}

/// Returns a report that was accepted, or that waits (退回), with reasons, in a new receipt. `None` if there is no such
/// report.
///
/// # Errors
/// The receipt cannot be signed, or the database cannot be written.
#[boxed]
pub async fn give_back(
    site: &Arc<Site>,
    collection: &str,
    region: &RegionCode,
    revision: u64,
    reasons: &[String],
    by: &str,
) -> Result<Option<u64>, LinkError> {
    let Some(received) = site.store.received_one(collection, region, revision).await? else { return Ok(None) };
    let at = site.now();
    let mint = minting(site, received, Verdict::Returned, reasons, by, at);
    let returned = site.store.return_report(&Return { collection, region, revision, reasons, by, at }, mint).await?;
    Ok(returned)
}

/// Accepts a report that waits for a person (通过), in a new receipt.
///
/// # Errors
/// The receipt cannot be signed, or the database cannot be written.
#[boxed]
pub async fn accept(
    site: &Arc<Site>,
    collection: &str,
    region: &RegionCode,
    revision: u64,
    by: &str,
) -> Result<Approved, LinkError> {
    let Some(received) = site.store.received_one(collection, region, revision).await? else {
        return Ok(Approved::Missing);
    };
    let at = site.now();
    let mint = minting(site, received, Verdict::Accepted, &[], by, at);
    let approved = site.store.approve_report(&Approval { collection, region, revision, by, at }, mint).await?;
    Ok(approved)
}
