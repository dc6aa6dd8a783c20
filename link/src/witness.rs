//! 见证: a node signs how far its audit log goes, and its parent keeps it. Entries that are taken off the end of a log
//! later are missed there, whatever else was put right.

use prost::Message as _;
use serde::{Deserialize, Serialize};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_proto::v1;
use tongpin_store::{AuditDraft, LogEnd};

use crate::error::{LinkError, chain};
use crate::sealed::{self, Purpose};
use crate::site::Site;

/// What is signed, as JSON. It is frozen: a signature holds over these bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    region: RegionCode,
    number: u64,
    digest: Digest,
    at: Moment,
}

/// The signed end of this node's log, and its number.
///
/// # Errors
/// The database cannot be read, or it cannot be signed.
pub(crate) async fn told(site: &Site) -> Result<(u64, v1::Signed), LinkError> {
    let LogEnd { number, digest, at } = site.store.audit_end(site.now()).await?;
    let told = Told { region: site.region(), number, digest, at };
    let payload = serde_json::to_vec(&told).map_err(|error| LinkError::Internal(error.to_string()))?;
    Ok((number, sealed::seal(&site.identity(), Purpose::AuditHead, &payload)?))
}

/// Takes in what a child told, over a link or in a file: a file may come after what was told later. What is not signed
/// by it, or cannot be read, is passed over with a word in the log: it must not stop what else the child brings.
///
/// # Errors
/// The database cannot be read or written.
pub(crate) async fn hear(site: &Site, child: &RegionCode, signed: &v1::Signed, by_file: bool) -> Result<(), LinkError> {
    let now = site.now();
    let told = match read(site, child, signed) {
        Ok(told) => told,
        Err(why) => {
            tracing::warn!(%child, why, "the end of a child's audit log is passed over");
            return Ok(());
        }
    };
    let end = LogEnd { number: told.number, digest: told.digest, at: told.at };
    let held = site.store.witness(child).await?.map(|witness| witness.end);
    if by_file && held.is_some_and(|held| held.at > end.at) {
        return Ok(());
    }
    let before = held.map_or(0, |held| held.number);
    let detail = format!("审计日志由 {before} 条变为 {} 条；恢复备份会如此，否则请查明", told.number);
    let entry = AuditDraft {
        at: now,
        actor: "系统",
        address: "",
        action: "audit_back",
        subject: child.as_str(),
        detail: &detail,
        allowed: false,
    };
    let went_on = site.store.bear_witness(child, &end, &signed.encode_to_vec(), now, &entry).await?;
    if !went_on {
        tracing::error!(%child, number = told.number, before, "a child's audit log is shorter than it was, or another");
    }
    Ok(())
}

fn read(site: &Site, child: &RegionCode, signed: &v1::Signed) -> Result<Told, String> {
    let told: Told = serde_json::from_slice(&signed.payload).map_err(|error| error.to_string())?;
    // In a file it may have waited longer than its signer's certificate lived.
    let opened = sealed::open(site.identity().roots(), Purpose::AuditHead, signed, told.at);
    let opened = opened.map_err(|error| chain(&error))?;
    if opened.signer != *child || told.region != *child {
        return Err(format!("signed by {} for {}", opened.signer, told.region));
    }
    Ok(told)
}

/// What this node holds of a child's log, to tell the child.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn held(site: &Site, child: &RegionCode) -> Result<Option<v1::Witnessed>, LinkError> {
    let held = site.store.witness(child).await?;
    Ok(held.map(|held| v1::Witnessed {
        number: held.end.number,
        digest: held.end.digest.0.to_vec().into(),
        at_ms: held.end.at.0,
    }))
}

/// Keeps what the parent says that it holds of this node's log.
///
/// # Errors
/// The database cannot be written.
pub(crate) async fn note(site: &Site, held: &v1::Witnessed) -> Result<(), LinkError> {
    let Ok(digest) = <[u8; 32]>::try_from(held.digest.as_ref()) else { return Ok(()) };
    let end = LogEnd { number: held.number, digest: Digest(digest), at: Moment(held.at_ms) };
    Ok(site.store.set_witnessed(&end).await?)
}
