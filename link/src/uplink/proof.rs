//! Proving to a parent what this node holds of the parent's own catalogs: a parent that went back to a backup gets the
//! releases that it lost from those whom it gave them to.

use std::collections::BTreeSet;

use tongpin_domain::catalog::{Audience, CatalogId, Difference};
use tongpin_domain::digest::Digest;
use tongpin_domain::region::RegionCode;
use tongpin_proto::{convert, v1};

use crate::error::{LinkError, chain};
use crate::history;
use crate::site::Site;
use crate::transfer::{self, Prepared};

/// The messages that prove what the parent asks about: the signed releases after the one that it has, and all that this
/// node holds of the newest; or one that says why there are none.
///
/// # Errors
/// A question that cannot be read.
pub(super) async fn answer(
    site: &Site,
    parent: &RegionCode,
    asked: v1::Prove,
) -> Result<Vec<v1::upward::Body>, LinkError> {
    let catalog = convert::catalog(&asked.publisher, &asked.catalog)?;
    match prove(site, parent, &catalog, asked.after).await {
        Ok(messages) => Ok(messages),
        Err(error) => {
            let detail = chain(&error);
            tracing::warn!(catalog = %catalog, after = asked.after, reason = detail, "what is held could not be proven");
            let (publisher, catalog) = (asked.publisher, asked.catalog);
            Ok(vec![v1::upward::Body::Unproven(v1::Unproven { publisher, catalog, detail })])
        }
    }
}

async fn prove(
    site: &Site,
    parent: &RegionCode,
    catalog: &CatalogId,
    after: u64,
) -> Result<Vec<v1::upward::Body>, LinkError> {
    if catalog.publisher != *parent {
        return Err(LinkError::Protocol(format!("{parent} asks for a catalog of {}", catalog.publisher)));
    }
    let head = site.store.head(catalog).await?.filter(|head| head.number > after);
    let Some(head) = head else {
        return Err(LinkError::Protocol(format!("nothing is held of {catalog} after release {after}")));
    };
    let releases = transfer::chain_after(&site.store, catalog, after, head.number).await?;
    let upserts = site.store.entries(catalog).await?;
    let own = site.region();
    let audiences: BTreeSet<&Audience> = upserts.iter().map(|entry| &entry.audience).collect();
    if let Some(beyond) = audiences.into_iter().find(|audience| !audience.reaches(&own)) {
        return Err(LinkError::Internal(format!("{catalog} holds entries for {beyond}")));
    }
    let packed = history::pack(Difference { upserts, removals: Vec::new() }).await?;
    let id = Digest::of(&packed.data);
    let prepared = Prepared { id, data: packed.data, raw_length: packed.raw_length, from: 0 };
    tracing::info!(catalog = %catalog, after, number = head.number, "the parent asked for what it lost");
    let messages = transfer::messages(catalog, head.number, releases, &prepared, None);
    let upward = messages.filter_map(|message| match message {
        v1::downward::Body::Transfer(transfer) => Some(v1::upward::Body::Transfer(transfer)),
        v1::downward::Body::Chunk(chunk) => Some(v1::upward::Body::Chunk(chunk)),
        _ => None,
    });
    Ok(upward.collect())
}
