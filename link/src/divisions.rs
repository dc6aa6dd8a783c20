//! The divisions as the catalogs held here tell them: what a code stands for, and which it had before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tongpin_domain::catalog::Head;
use tongpin_domain::region::{Region, RegionCode, Regions};
use tongpin_store::{Child, Store, StoreError};

use crate::boxed;
use crate::site::Site;

/// The catalog that they are kept in.
pub(crate) const CATALOG: &str = "regions";

/// The divisions of all publishers, the highest level first, so that a lower one adds to what is told above. An entry
/// that cannot be read is passed over, with a word in the log.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn read(store: &Store) -> Result<Regions, StoreError> {
    of(store, &heads(store).await?).await
}

async fn heads(store: &Store) -> Result<Vec<Head>, StoreError> {
    let mut heads = store.heads().await?;
    heads.retain(|head| head.catalog.name == CATALOG);
    heads.sort_by_key(|head| (head.catalog.publisher.level(), head.catalog.publisher.clone()));
    Ok(heads)
}

async fn of(store: &Store, heads: &[Head]) -> Result<Regions, StoreError> {
    let mut found = Vec::new();
    for head in heads {
        for entry in store.entries(&head.catalog).await? {
            match serde_json::from_str::<Region>(&entry.body) {
                Ok(region) => found.push(region),
                Err(error) => tracing::warn!(key = entry.key, %error, "a division is passed over: it cannot be read"),
            }
        }
    }
    Ok(Regions::new(found))
}

/// The divisions as they were read last, and of which releases.
#[derive(Debug, Default)]
pub(crate) struct Divisions {
    read: ArcSwap<(Vec<Head>, Arc<Regions>)>,
}

impl Site {
    /// The divisions as the catalogs held here tell them, read again only when a release brought others.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn regions(&self) -> Result<Arc<Regions>, StoreError> {
        let heads = heads(&self.store).await?;
        let held = self.divisions.read.load_full();
        if held.0 == heads {
            return Ok(Arc::clone(&held.1));
        }
        let fresh = Arc::new(of(&self.store, &heads).await?);
        self.divisions.read.store(Arc::new((heads, Arc::clone(&fresh))));
        Ok(fresh)
    }

    /// The codes by which the nodes of these divisions go: one that joined before its division got a new code keeps the
    /// former one in its certificate. A division without a node is named as it is now, for when it joins.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn addressed(&self, wanted: &[RegionCode]) -> Result<Vec<RegionCode>, StoreError> {
        let addresses = self.addresses().await?;
        let all: BTreeSet<RegionCode> = wanted.iter().flat_map(|code| addresses.of(code)).collect();
        Ok(all.into_iter().collect())
    }

    /// By which codes nodes go, read once for many divisions.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn addresses(&self) -> Result<Addresses, StoreError> {
        let (regions, own) = (self.regions().await?, self.region());
        let (joined, invited): (Vec<_>, Vec<_>) =
            self.store.children().await?.into_iter().partition(|child| child.fingerprint.is_some());
        let of = |children: Vec<Child>| {
            let mut known: BTreeMap<RegionCode, Vec<RegionCode>> = BTreeMap::new();
            for child in children {
                known.entry(regions.current(&child.region)).or_default().push(child.region);
            }
            known
        };
        let (joined, invited) = (of(joined), of(invited));
        Ok(Addresses { joined, invited, regions, own })
    }
}

/// By which codes the nodes of divisions go.
pub(crate) struct Addresses {
    /// The codes in the certificates of those that have joined, by the present code.
    joined: BTreeMap<RegionCode, Vec<RegionCode>>,
    /// Those that were invited and have not joined.
    invited: BTreeMap<RegionCode, Vec<RegionCode>>,
    regions: Arc<Regions>,
    own: RegionCode,
}

impl Addresses {
    /// The codes of a division's nodes, the newest last; never none.
    pub(crate) fn of(&self, code: &RegionCode) -> Vec<RegionCode> {
        let now = self.regions.current(code);
        for known in [&self.joined, &self.invited] {
            if let Some(found) = known.get(&now) {
                return found.clone();
            }
            // Further down: what lies inside a node's division is named inside its code.
            let above = known.iter().filter(|(present, _)| now.within(present)).flat_map(|(_, codes)| codes);
            let found: Vec<RegionCode> = above.filter_map(|node| self.regions.inside(code, node)).collect();
            if !found.is_empty() {
                return found;
            }
        }
        vec![if now.within(&self.own) { now } else { code.clone() }]
    }
}
