//! The divisions as the catalogs held here tell them: what a code stands for, and which it had before.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tongpin_domain::catalog::Head;
use tongpin_domain::region::{Region, RegionCode, Regions};
use tongpin_store::{Child, Store, StoreError};

use crate::site::Site;

/// The catalog that they are kept in.
const CATALOG: &str = "regions";

/// The divisions of all publishers, the highest level first, so that a lower one adds to what is told above. An entry
/// that cannot be read is passed over, with a word in the log.
///
/// # Errors
/// The database cannot be read.
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
    pub async fn addressed(&self, wanted: &[RegionCode]) -> Result<Vec<RegionCode>, StoreError> {
        let regions = self.regions().await?;
        let children = self.store.children().await?;
        let (joined, invited): (Vec<_>, Vec<_>) = children.iter().partition(|child| child.fingerprint.is_some());
        let own = self.region();
        let mut all = Vec::new();
        for code in wanted {
            let known = |some: &[&Child]| -> Vec<RegionCode> {
                let above = some.iter().map(|child| &child.region).filter(|child| regions.within(code, child));
                above.filter_map(|child| regions.inside(code, child)).collect()
            };
            let mut found = known(&joined);
            if found.is_empty() {
                found = known(&invited);
            }
            if found.is_empty() {
                let now = regions.current(code);
                found.push(if now.within(&own) { now } else { code.clone() });
            }
            all.append(&mut found);
        }
        all.sort();
        all.dedup();
        Ok(all)
    }
}
