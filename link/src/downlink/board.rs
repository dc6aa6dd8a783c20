//! What is on offer: the releases that this node holds and whom they were rolled out to, in memory for all links, and
//! brought up to date catalog by catalog. A link whose child should now have something else is woken, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use tongpin_domain::catalog::{CatalogId, Head};
use tongpin_domain::digest::Digest;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::sync::{self, Step};
use tongpin_store::{Progress, Rollout, Topic};

use super::live::{LiveLinks, Look};
use crate::divisions;
use crate::error::LinkError;
use crate::reconcile::{Job, Problem, Reconciler};
use crate::site::Site;
use crate::uplink::{self, Suspension};

/// What is on offer of one catalog.
#[derive(Debug, Default)]
struct Offer {
    digests: BTreeMap<u64, Digest>,
    rollouts: Vec<Rollout>,
}

/// What is on offer.
#[derive(Debug, Default, Clone)]
pub(crate) struct Board {
    offers: BTreeMap<CatalogId, Arc<Offer>>,
    own: Option<RegionCode>,
    regions: Arc<Regions>,
    /// This bureau is shut out by its own parent.
    pub(crate) suspended: bool,
}

impl Board {
    /// Reads all of it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn load(site: &Site) -> Result<Self, LinkError> {
        let mut offers: BTreeMap<CatalogId, Offer> = BTreeMap::new();
        for head in site.store.release_digests().await? {
            offers.entry(head.catalog).or_default().digests.insert(head.number, head.digest);
        }
        for rollout in site.store.rollouts().await? {
            offers.entry(rollout.catalog.clone()).or_default().rollouts.push(rollout);
        }
        Ok(Self {
            offers: offers.into_iter().map(|(id, offer)| (id, Arc::new(offer))).collect(),
            own: Some(site.region()),
            regions: site.regions().await?,
            suspended: Suspension::load(&site.store).await?.is_some(),
        })
    }

    /// Reads one catalog again: of its releases, which never change, only those that came since.
    async fn update(&mut self, site: &Site, id: &CatalogId) -> Result<(), LinkError> {
        let held = self.offers.get(id);
        let mut digests = held.map(|offer| offer.digests.clone()).unwrap_or_default();
        let newest = digests.last_key_value().map_or(0, |(number, _)| *number);
        for head in site.store.release_digests_after(id, newest).await? {
            digests.insert(head.number, head.digest);
        }
        let rollouts = site.store.rollouts_of(id).await?;
        self.offers.insert(id.clone(), Arc::new(Offer { digests, rollouts }));
        Ok(())
    }

    /// What a child should have: of this node's own catalogs what was rolled out to it, of others' what this node has.
    #[must_use]
    pub(crate) fn due(&self, child: &RegionCode) -> Vec<Head> {
        self.offers.keys().filter_map(|id| self.due_of(child, id)).collect()
    }

    /// The same of one catalog.
    fn due_of(&self, child: &RegionCode, id: &CatalogId) -> Option<Head> {
        let offer = self.offers.get(id)?;
        let number = if Some(&id.publisher) == self.own.as_ref() {
            self.rolled_out(offer, child)?
        } else {
            *offer.digests.last_key_value()?.0
        };
        Some(Head { catalog: id.clone(), number, digest: *offer.digests.get(&number)? })
    }

    fn rolled_out(&self, offer: &Offer, child: &RegionCode) -> Option<u64> {
        let reaches =
            |rollout: &&Rollout| rollout.region.as_ref().is_none_or(|region| self.regions.within(child, region));
        offer.rollouts.iter().filter(reaches).map(|rollout| rollout.number).max()
    }

    fn digest(&self, id: &CatalogId, number: u64) -> Option<&Digest> {
        self.offers.get(id)?.digests.get(&number)
    }

    /// Whether it was read: an empty one greets the first child of all.
    pub(crate) fn is_read(&self) -> bool {
        self.own.is_some()
    }

    /// How far what a child says of a head is believed: a head that is known here it can only have from here. One that
    /// is not is only what it says, and of a catalog that is not for it not even that is kept (`None`).
    #[must_use]
    pub(crate) fn believed(&self, child: &RegionCode, head: &Head) -> Option<Progress> {
        if self.digest(&head.catalog, head.number) == Some(&head.digest) {
            return Some(Progress::Applied);
        }
        let storable = i64::try_from(head.number).is_ok();
        (storable && self.is_due(child, &head.catalog)).then_some(Progress::Claimed)
    }

    /// Whether a child should have anything of a catalog.
    #[must_use]
    pub(crate) fn is_due(&self, child: &RegionCode, id: &CatalogId) -> bool {
        let Some(offer) = self.offers.get(id).filter(|offer| !offer.digests.is_empty()) else { return false };
        Some(&id.publisher) != self.own.as_ref() || self.rolled_out(offer, child).is_some()
    }

    /// Whether a child says of one of this node's own catalogs that it holds a release beyond all that are known here.
    #[must_use]
    pub(crate) fn is_beyond(&self, head: &Head) -> bool {
        let newest = self.offers.get(&head.catalog).and_then(|offer| offer.digests.last_key_value());
        self.own.as_ref() == Some(&head.catalog.publisher)
            && i64::try_from(head.number).is_ok()
            && newest.is_none_or(|(newest, _)| head.number > *newest)
    }

    /// What to do about each catalog of a child.
    #[must_use]
    pub(crate) fn plan(&self, child: &RegionCode, has: &[Head]) -> Vec<Step> {
        sync::plan(&self.due(child), has, |catalog, number| self.digest(catalog, number).copied())
    }
}

/// 下发公告: keeps the board up to date, and wakes the links that it concerns.
pub(super) struct KeepBoard {
    pub(super) site: Arc<Site>,
    pub(super) links: Arc<LiveLinks>,
    pub(super) board: Arc<ArcSwap<Board>>,
    /// A link found the board unread.
    pub(super) unread: Arc<Notify>,
}

impl Reconciler for KeepBoard {
    fn job(&self) -> Job {
        let every = std::time::Duration::from_mins(1);
        let gather = std::time::Duration::ZERO;
        Job { name: "offers", zh: "下发", en: "what is on offer", every, gather }
    }

    fn concerns(topic: &Topic) -> bool {
        match topic {
            Topic::Catalog(_) | Topic::Receipts(_) | Topic::Decisions(_) => true,
            Topic::Setting(key) => key == uplink::warned::SUSPENSION,
            _ => false,
        }
    }

    fn nudge(&self) -> Option<Arc<Notify>> {
        Some(self.unread.clone())
    }

    async fn look(&mut self, changed: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        // Where nobody follows, nothing is read: the first link finds the board unread, and says so. One that comes
        // just now has found it read, and is among the links when they are counted again.
        if self.links.is_empty() {
            self.board.store(Arc::default());
            if self.links.is_empty() {
                return Ok(());
            }
        }
        let Some(changed) = changed.filter(|_| self.board.load().is_read()) else {
            self.board.store(Arc::new(Board::load(&self.site).await?));
            self.links.wake_all(Look::ALL);
            return Ok(());
        };
        let before = self.board.load_full();
        let mut board = Board::clone(&before);
        let (mut catalogs, mut all) = (Vec::new(), false);
        for topic in changed {
            match topic {
                Topic::Receipts(child) => self.links.wake(child, Look::RECEIPTS),
                Topic::Decisions(child) => self.links.wake(child, Look::DECISIONS),
                Topic::Catalog(id) => {
                    board.update(&self.site, id).await?;
                    if id.name == divisions::CATALOG {
                        board.regions = self.site.regions().await?;
                        all = true;
                    }
                    catalogs.push(id);
                }
                _ => {
                    board.suspended = Suspension::load(&self.site.store).await?.is_some();
                    all = true;
                }
            }
        }
        if catalogs.is_empty() && !all {
            return Ok(());
        }
        let board = Arc::new(board);
        self.board.store(board.clone());
        if all {
            self.links.wake_all(Look::OFFERS);
            return Ok(());
        }
        // Whoever spoke of what is not known here hears of it, too: it may be known by now.
        let concerns = |child: &RegionCode, claims: bool| {
            claims || catalogs.iter().any(|id| before.due_of(child, id) != board.due_of(child, id))
        };
        self.links.wake_those(Look::OFFERS, concerns);
        Ok(())
    }
}
