//! What is on offer, read from the database once per change and shared by all links: no query per link.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tongpin_domain::catalog::{CatalogId, Head};
use tongpin_domain::digest::Digest;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::sync::{self, Step};
use tongpin_store::{Progress, Rollout};

use crate::error::LinkError;
use crate::site::Site;
use crate::uplink::Suspension;

/// The releases this node holds, whom they were rolled out to, and the newest receipt of each child.
#[derive(Debug, Default)]
pub(crate) struct Board {
    digests: BTreeMap<CatalogId, BTreeMap<u64, Digest>>,
    rollouts: Vec<Rollout>,
    receipts: HashMap<RegionCode, u64>,
    decided: Vec<RegionCode>,
    own: Option<RegionCode>,
    regions: Arc<Regions>,
    /// This bureau is shut out by its own parent.
    pub(crate) suspended: bool,
}

impl Board {
    /// Reads the present state.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn load(site: &Site) -> Result<Self, LinkError> {
        let store = &site.store;
        let suspended = Suspension::load(store).await?.is_some();
        let (heads, rollouts, receipts, decided) = tokio::try_join!(
            store.release_digests(),
            store.rollouts(),
            store.receipt_numbers(),
            store.chosen_authors()
        )?;
        let mut digests: BTreeMap<CatalogId, BTreeMap<u64, Digest>> = BTreeMap::new();
        for head in heads {
            digests.entry(head.catalog).or_default().insert(head.number, head.digest);
        }
        Ok(Self {
            digests,
            rollouts,
            receipts: receipts.into_iter().collect(),
            decided,
            own: Some(site.region()),
            regions: site.regions().await?,
            suspended,
        })
    }

    /// What a child should have: of this node's own catalogs what was rolled out to it, of others' what this node has.
    #[must_use]
    pub(crate) fn due(&self, child: &RegionCode) -> Vec<Head> {
        self.digests
            .iter()
            .filter_map(|(catalog, releases)| {
                let number = if Some(&catalog.publisher) == self.own.as_ref() {
                    self.rolled_out(catalog, child)?
                } else {
                    *releases.last_key_value()?.0
                };
                let digest = *releases.get(&number)?;
                Some(Head { catalog: catalog.clone(), number, digest })
            })
            .collect()
    }

    fn rolled_out(&self, catalog: &CatalogId, child: &RegionCode) -> Option<u64> {
        let reaches =
            |rollout: &&Rollout| rollout.region.as_ref().is_none_or(|region| self.regions.within(child, region));
        let given = self.rollouts.iter().filter(|rollout| rollout.catalog == *catalog).filter(reaches);
        given.map(|rollout| rollout.number).max()
    }

    /// Whether it was read: an empty one greets the first child of all.
    pub(crate) fn is_read(&self) -> bool {
        self.own.is_some()
    }

    /// How far what a child says of a head is believed: a head that is known here it can only have from here. One that
    /// is not is only what it says, and of a catalog that is not for it not even that is kept (`None`).
    #[must_use]
    pub(crate) fn believed(&self, child: &RegionCode, head: &Head) -> Option<Progress> {
        let known = self.digests.get(&head.catalog);
        if known.and_then(|releases| releases.get(&head.number)) == Some(&head.digest) {
            return Some(Progress::Applied);
        }
        let storable = i64::try_from(head.number).is_ok();
        (storable && self.is_due(child, &head.catalog)).then_some(Progress::Claimed)
    }

    /// Whether a child should have anything of a catalog.
    #[must_use]
    pub(crate) fn is_due(&self, child: &RegionCode, catalog: &CatalogId) -> bool {
        if Some(&catalog.publisher) == self.own.as_ref() {
            self.digests.contains_key(catalog) && self.rolled_out(catalog, child).is_some()
        } else {
            self.digests.contains_key(catalog)
        }
    }

    /// Whether a child says of one of this node's own catalogs that it holds a release beyond all that are known here.
    #[must_use]
    pub(crate) fn is_beyond(&self, head: &Head) -> bool {
        let newest = self.digests.get(&head.catalog).and_then(|releases| releases.last_key_value());
        self.own.as_ref() == Some(&head.catalog.publisher)
            && i64::try_from(head.number).is_ok()
            && newest.is_none_or(|(newest, _)| head.number > *newest)
    }

    /// What to do about each catalog of a child.
    #[must_use]
    pub(crate) fn plan(&self, child: &RegionCode, has: &[Head]) -> Vec<Step> {
        sync::plan(&self.due(child), has, |catalog, number| self.digests.get(catalog)?.get(&number).copied())
    }

    /// Whether something was decided about a child's records that it has not carried out.
    #[must_use]
    pub(crate) fn is_decided(&self, child: &RegionCode) -> bool {
        self.decided.contains(child)
    }

    /// The newest receipt written for a child, 0 for none.
    #[must_use]
    pub(crate) fn newest_receipt(&self, child: &RegionCode) -> u64 {
        self.receipts.get(child).copied().unwrap_or(0)
    }
}
