//! The releases that this node refused, kept until a later one was applied: its own people must see what its parent
//! sees.

use serde::{Deserialize, Serialize};
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::sync::Refusal;
use tongpin_store::Store;

use super::state::{read, write};
use crate::boxed;
use crate::error::LinkError;
use crate::site::Site;

const REFUSED: &str = "uplink.refused";

/// A release that this node refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The catalog.
    pub catalog: CatalogId,
    /// The release.
    pub number: u64,
    /// Why, in Chinese.
    pub reason_zh: String,
    /// The same in English.
    pub reason_en: String,
    /// When it was refused last.
    pub at: Moment,
}

impl Refused {
    /// What was refused and has not been applied since.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn load(store: &Store) -> Result<Vec<Self>, LinkError> {
        let mut standing = Vec::new();
        for refused in read::<Vec<Self>>(store, REFUSED).await?.unwrap_or_default() {
            let held = store.head(&refused.catalog).await?.map_or(0, |head| head.number);
            if held < refused.number {
                standing.push(refused);
            }
        }
        Ok(standing)
    }
}

/// Writes a refusal down, in the place of an earlier one of the same catalog.
pub(super) async fn note(site: &Site, catalog: &CatalogId, number: u64, refusal: &Refusal) -> Result<(), LinkError> {
    let mut standing = Refused::load(&site.store).await?;
    standing.retain(|refused| refused.catalog != *catalog);
    standing.push(Refused {
        catalog: catalog.clone(),
        number,
        reason_zh: refusal.say(Lang::Zh),
        reason_en: refusal.say(Lang::En),
        at: site.now(),
    });
    write(&site.store, REFUSED, &standing).await
}
