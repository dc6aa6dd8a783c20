//! What the other side last told about itself in a file. Over a link both tell at the beginning; files are written
//! long after the other side's last word, so that word is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::Store;

use crate::error::LinkError;

/// What a parent had committed of this node's streams when it wrote its newest bundle that came here.
///
/// It is kept beside the acknowledgements because it may go back: a parent restored from an old copy has to be sent
/// again what it had acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Committed {
    written_at: Moment,
    incarnation: String,
    numbers: BTreeMap<String, u64>,
}

impl Committed {
    /// Of a bundle written at this moment, for a database of this incarnation.
    pub(super) fn new(written_at: Moment, incarnation: &str) -> Self {
        Self { written_at, incarnation: incarnation.to_owned(), numbers: BTreeMap::new() }
    }

    /// Notes a stream. One that is not noted was not begun.
    pub(super) fn note(&mut self, stream: &str, number: u64) {
        self.numbers.insert(stream.to_owned(), number);
    }

    /// Keeps it, unless a bundle written later came earlier.
    pub(super) async fn keep(&self, store: &Store, parent: &RegionCode) -> Result<(), LinkError> {
        let kept = Self::load(store, parent).await?;
        if kept.is_some_and(|kept| kept.written_at > self.written_at) {
            return Ok(());
        }
        let text = serde_json::to_string(self).map_err(|error| LinkError::Internal(error.to_string()))?;
        Ok(store.set_meta(&committed_key(parent), &text).await?)
    }

    async fn load(store: &Store, parent: &RegionCode) -> Result<Option<Self>, LinkError> {
        let text = store.meta(&committed_key(parent)).await?;
        // What an unknown version of this program left is as good as nothing: then the acknowledgements count.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// After which number of a stream to go on: what the parent told last, or what it acknowledged if it never wrote.
    pub(super) async fn after(
        store: &Store,
        parent: &RegionCode,
        incarnation: &str,
        stream: &str,
    ) -> Result<u64, LinkError> {
        match Self::load(store, parent).await? {
            Some(kept) if kept.incarnation == incarnation => Ok(kept.numbers.get(stream).copied().unwrap_or(0)),
            _ => Ok(store.acked(stream).await?),
        }
    }
}

fn committed_key(parent: &RegionCode) -> String {
    format!("bundle.committed.{parent}")
}

/// What a child told in its newest bundle that came here. An older one that comes later tells nothing new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Heard {
    written_at: Moment,
    receipts_held: u64,
}

fn heard_key(child: &RegionCode) -> String {
    format!("bundle.heard.{child}")
}

async fn heard(store: &Store, child: &RegionCode) -> Result<Option<Heard>, LinkError> {
    let text = store.meta(&heard_key(child)).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// The newest receipt that a child said it holds, 0 if it never wrote.
pub(super) async fn receipts_held(store: &Store, child: &RegionCode) -> Result<u64, LinkError> {
    Ok(heard(store, child).await?.map_or(0, |heard| heard.receipts_held))
}

/// Keeps what a child tells, and answers whether it is news: false for a bundle written before one that came earlier.
pub(super) async fn hear(
    store: &Store,
    child: &RegionCode,
    written_at: Moment,
    receipts_held: u64,
) -> Result<bool, LinkError> {
    if heard(store, child).await?.is_some_and(|heard| heard.written_at > written_at) {
        return Ok(false);
    }
    let heard = Heard { written_at, receipts_held };
    let text = serde_json::to_string(&heard).map_err(|error| LinkError::Internal(error.to_string()))?;
    store.set_meta(&heard_key(child), &text).await?;
    Ok(true)
}
