//! Writing bundles: what a node has for its parent, and what it has for a child.

use std::sync::Arc;

use prost::Message;
use tongpin_domain::catalog::Head;
use tongpin_domain::region::{self, RegionCode};
use tongpin_domain::sync::Step;
use tongpin_proto::{packing, v1};
use tongpin_store::{ChildStatus, Progress};

use super::BundleError;
use super::last_words::{self, Committed};
use crate::boxed;
use crate::downlink::{BatchReceiver, Board};
use crate::error::LinkError;
use crate::recall::{self, Answers};
use crate::sealed::{self, Purpose};
use crate::site::Site;
use crate::transfer::{self, Transfers};
use crate::uplink::{self, Parent};

/// How much of the outbox goes into one bundle, packed bytes; the next one goes on after it was acknowledged.
const FILL: usize = 64 * 1024 * 1024;

/// Writes what this node has for its parent.
///
/// # Errors
/// The database cannot be read, or it cannot be signed.
#[boxed]
pub async fn for_parent(site: &Arc<Site>, parent: &Parent) -> Result<Vec<u8>, BundleError> {
    let incarnation = site.store.incarnation().await?;
    let mut upward = vec![v1::upward::Body::Hello(uplink::hello(site, parent, &incarnation).await?)];
    if region::records_go_up(&site.region(), &parent.region) {
        let lineage = uplink::lineage(site).await?;
        upward.push(v1::upward::Body::Recall(v1::Recall { lineage }));
    }
    let mut filled = 0;
    for stream in uplink::streams(&site.region(), &parent.region) {
        let mut cursor = Committed::after(&site.store, &parent.region, &incarnation, stream).await?;
        while filled < FILL {
            let Some((batch, last)) = uplink::batch_after(site, stream, &incarnation, cursor).await? else { break };
            filled += batch.data.len();
            cursor = last;
            upward.push(v1::upward::Body::Batch(batch));
        }
    }
    let upward = upward.into_iter().map(|body| v1::Upward { body: Some(body) }).collect();
    let content = v1::BundleContent {
        sender: site.region().to_string(),
        receiver: parent.region.to_string(),
        written_ms: site.now().0,
        upward,
        downward: Vec::new(),
    };
    write(site, &content)
}

/// Writes what this node has for a child: what it lacks of the catalogs as far as this node knows, what has been
/// committed of its streams, and its receipts.
///
/// # Errors
/// [`BundleError::NotJoined`], or the database cannot be read, or it cannot be signed.
#[boxed]
pub async fn for_child(site: &Arc<Site>, child: &RegionCode) -> Result<Vec<u8>, BundleError> {
    if site.store.child(child).await?.is_none_or(|child| child.status == ChildStatus::Invited) {
        return Err(BundleError::NotJoined(child.clone()));
    }
    let board = Board::load(site).await?;
    let held: Vec<Head> = applied_heads(site, child).await?;
    let transfers = Transfers::default();
    let mut downward = Vec::new();
    for step in board.plan(child, &held) {
        let Step::Send { catalog, from, to } = step else { continue };
        // Bundles already on their way may have brought the child further than it told: then it needs the whole chain.
        let releases = match from {
            0 => transfer::whole_chain(&site.store, &catalog, to).await?,
            _ => transfers.releases_between(&site.store, &catalog, from, to).await?,
        };
        let prepared = transfers.prepare(&site.store, &catalog, from, to, child).await?;
        downward.extend(transfer::messages(&catalog, to, releases, &prepared, None));
    }
    let desk = BatchReceiver::new(site.clone());
    for position in desk.positions(child).await? {
        let acknowledged = v1::Acknowledged { position: Some(position), expected: 0 };
        downward.push(v1::downward::Body::Acknowledged(acknowledged));
    }
    if let Some(returned) = Answers::by_file(site, child).await? {
        downward.extend(returned.into_iter().map(v1::downward::Body::Returned));
    }
    let held = recall::decisions(site, child).await?;
    if !held.is_empty() {
        downward.push(v1::downward::Body::Returned(v1::Returned { held, ..v1::Returned::default() }));
    }
    let held = last_words::receipts_held(&site.store, child).await?;
    downward.extend(desk.receipts_after(child, held).await?.into_iter().map(v1::downward::Body::Receipt));
    let downward = downward.into_iter().map(|body| v1::Downward { body: Some(body) }).collect();
    let content = v1::BundleContent {
        sender: site.region().to_string(),
        receiver: child.to_string(),
        written_ms: site.now().0,
        upward: Vec::new(),
        downward,
    };
    write(site, &content)
}

async fn applied_heads(site: &Site, child: &RegionCode) -> Result<Vec<Head>, LinkError> {
    let states = site.store.child_states_of(child).await?;
    // What it says it holds beyond this database is no reason to send it everything.
    let applied = states.into_iter().filter(|state| matches!(state.progress, Progress::Applied | Progress::Claimed));
    Ok(applied.map(|state| Head { catalog: state.catalog, number: state.number, digest: state.digest }).collect())
}

fn write(site: &Site, content: &v1::BundleContent) -> Result<Vec<u8>, BundleError> {
    let packed = packing::pack(content, 3).map_err(LinkError::from)?;
    let signed = sealed::seal(&site.identity(), Purpose::Bundle, &packed.data).map_err(LinkError::from)?;
    Ok(v1::Bundle { signed: Some(signed), raw_length: packed.raw_length }.encode_to_vec())
}
