//! Differences ready to send: computed and compressed once, whoever many children need them, and resumable because
//! equal input gives equal bytes.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use prost::Message;
use tokio::sync::OnceCell;
use tongpin_domain::catalog::{Audience, CatalogId, SignedRelease};
use tongpin_domain::digest::Digest;
use tongpin_domain::region::RegionCode;
use tongpin_proto::v1;
use tongpin_store::Store;

use crate::boxed;
use crate::error::LinkError;
use crate::history;

/// Bytes of a transfer that travel in one message. A transfer up to this size is whole in its first message.
///
/// gRPC keeps a buffer of the last message's size for each link, so messages are small even where transfers are large.
pub const CHUNK: usize = 16 * 1024;
/// How many prepared differences are kept.
const KEPT: usize = 64;

/// One prepared difference: everything but the releases between, which depend on what the child knows.
#[derive(Debug)]
pub struct Prepared {
    /// SHA-256 of `data`.
    pub id: Digest,
    /// The compressed `v1::Difference`.
    pub data: Bytes,
    /// Its length before compression.
    pub raw_length: u64,
    /// The release it starts from: the one asked for, or 0 if it brings everything.
    pub from: u64,
}

/// What leads from one release to another, read once: the signed releases, and whom their parts are for.
#[derive(Debug)]
struct Span {
    releases: Vec<v1::Signed>,
    audiences: BTreeSet<Audience>,
}

/// What decides a difference's content. Children that see the same audiences share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    catalog: CatalogId,
    from: u64,
    to: u64,
    audiences: BTreeSet<Audience>,
}

/// The prepared differences of one process.
#[derive(Default)]
pub struct Transfers {
    kept: Kept<Key, Prepared>,
    spans: Kept<(CatalogId, u64, u64), Span>,
}

/// Cells that are filled by whoever comes first; everybody else waits for that or finds it done.
struct Kept<K, V>(Mutex<HashMap<K, Arc<OnceCell<Arc<V>>>>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + std::hash::Hash, V> Kept<K, V> {
    fn cell(&self, key: K) -> Arc<OnceCell<Arc<V>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT && !kept.contains_key(&key) {
            // Old differences are rarely asked for again; those being prepared are held by whoever waits for them.
            kept.clear();
        }
        kept.entry(key).or_default().clone()
    }

    fn forget(&self, which: impl Fn(&K) -> bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|key, _| !which(key));
    }
}

impl Transfers {
    /// The difference of a catalog between two releases, as a node of `region` may see it.
    ///
    /// # Errors
    /// The database cannot be read, or the difference is larger than anybody would take.
    #[boxed]
    pub async fn prepare(
        &self,
        store: &Store,
        catalog: &CatalogId,
        from: u64,
        to: u64,
        region: &RegionCode,
    ) -> Result<Arc<Prepared>, LinkError> {
        let span = self.span(store, catalog, from, to).await?;
        let audiences: BTreeSet<Audience> =
            span.audiences.iter().filter(|audience| audience.reaches(region)).cloned().collect();
        let whole = audiences.len() == span.audiences.len();
        let cell = self.kept.cell(Key { catalog: catalog.clone(), from, to, audiences: audiences.clone() });
        cell.get_or_try_init(async || {
            let history::Prepared { from, packed } =
                history::difference(store, catalog, (from, to), audiences, whole).await?;
            let id = Digest::of(&packed.data);
            Ok(Arc::new(Prepared { id, data: packed.data, raw_length: packed.raw_length, from }))
        })
        .await
        .cloned()
    }

    /// The signed releases after `after` up to `to`, as they are sent to a child whose state is known.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn releases_between(
        &self,
        store: &Store,
        catalog: &CatalogId,
        after: u64,
        to: u64,
    ) -> Result<Vec<v1::Signed>, LinkError> {
        Ok(self.span(store, catalog, after, to).await?.releases.clone())
    }

    async fn span(&self, store: &Store, catalog: &CatalogId, from: u64, to: u64) -> Result<Arc<Span>, LinkError> {
        let cell = self.spans.cell((catalog.clone(), from, to));
        cell.get_or_try_init(async || {
            // Whoever holds nothing needs no chain: the newest release alone vouches for its content.
            let after = if from == 0 { to.saturating_sub(1) } else { from };
            let mut stored = store.releases(catalog, after.saturating_sub(1), to).await?;
            let ends = stored.iter().filter(|signed| [from, to].contains(&signed.release.number));
            let audiences = ends.flat_map(|signed| &signed.release.parts).map(|part| part.audience.clone()).collect();
            stored.retain(|signed| signed.release.number > after);
            Ok(Arc::new(Span { releases: decode(catalog, &stored)?, audiences }))
        })
        .await
        .cloned()
    }

    /// Forgets what was prepared of a catalog, because a child found that it is not what was signed: it is read from
    /// the database again, which somebody may have mended.
    pub fn forget(&self, catalog: &CatalogId) {
        self.kept.forget(|key| key.catalog == *catalog);
        self.spans.forget(|(of, _, _)| of == catalog);
    }
}

/// The messages that carry a transfer, from where the child already is.
///
/// `have` is what the child staged of an earlier attempt: its transfer's id and length.
pub fn messages(
    catalog: &CatalogId,
    to: u64,
    releases: Vec<v1::Signed>,
    prepared: &Prepared,
    have: Option<(Digest, u64)>,
) -> impl Iterator<Item = v1::downward::Body> + use<> {
    let length = prepared.data.len();
    let start = have
        .filter(|(id, _)| *id == prepared.id)
        .and_then(|(_, staged)| usize::try_from(staged).ok())
        .filter(|staged| *staged <= length)
        .unwrap_or(0);
    let end = length.min(start + CHUNK);
    let id = Bytes::copy_from_slice(&prepared.id.0);
    let first = v1::Transfer {
        publisher: catalog.publisher.to_string(),
        catalog: catalog.name.clone(),
        from: prepared.from,
        to,
        releases,
        id: id.clone(),
        length: length as u64,
        raw_length: prepared.raw_length,
        offset: start as u64,
        data: prepared.data.slice(start..end),
    };
    let data = prepared.data.clone();
    let rest = (end..length).step_by(CHUNK).map(move |offset| {
        let data = data.slice(offset..length.min(offset + CHUNK));
        v1::downward::Body::Chunk(v1::Chunk { id: id.clone(), offset: offset as u64, data })
    });
    std::iter::once(v1::downward::Body::Transfer(first)).chain(rest)
}

/// Every release up to `to` that this node has, for a child of which nobody knows where it is.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn whole_chain(store: &Store, catalog: &CatalogId, to: u64) -> Result<Vec<v1::Signed>, LinkError> {
    chain_after(store, catalog, 0, to).await
}

/// The releases of a catalog that this node has after one and up to another.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn chain_after(
    store: &Store,
    catalog: &CatalogId,
    after: u64,
    to: u64,
) -> Result<Vec<v1::Signed>, LinkError> {
    decode(catalog, &store.releases(catalog, after, to).await?)
}

fn decode(catalog: &CatalogId, stored: &[SignedRelease]) -> Result<Vec<v1::Signed>, LinkError> {
    stored
        .iter()
        .map(|release| v1::Signed::decode(release.envelope.as_slice()))
        .collect::<Result<_, _>>()
        .map_err(|error| LinkError::Internal(format!("a stored release of {catalog} cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(length: usize) -> Prepared {
        let data = Bytes::from(vec![7; length]);
        Prepared { id: Digest::of(&data), data, raw_length: 1, from: 0 }
    }

    fn sent(prepared: &Prepared, have: Option<(Digest, u64)>) -> Vec<(u64, usize)> {
        let catalog = CatalogId::new(RegionCode::new("320500").expect("a code"), "rules");
        messages(&catalog, 1, Vec::new(), prepared, have)
            .map(|body| match body {
                v1::downward::Body::Transfer(transfer) => (transfer.offset, transfer.data.len()),
                v1::downward::Body::Chunk(chunk) => (chunk.offset, chunk.data.len()),
                other => unreachable!("not part of a transfer: {other:?}"),
            })
            .collect()
    }

    /// A small transfer is one message; a large one continues in chunks without gap or overlap.
    #[test]
    fn chunks_cover_everything() {
        assert_eq!(sent(&prepared(10), None), [(0, 10)]);
        assert_eq!(sent(&prepared(0), None), [(0, 0)]);
        let chunk = CHUNK as u64;
        assert_eq!(sent(&prepared(2 * CHUNK + 5), None), [(0, CHUNK), (chunk, CHUNK), (2 * chunk, 5)]);
    }

    /// It goes on where it broke off, but only if it is the same transfer.
    #[test]
    fn resumes() {
        let whole = prepared(CHUNK + 100);
        let chunk = CHUNK as u64;
        assert_eq!(sent(&whole, Some((whole.id, chunk))), [(chunk, 100)]);
        assert_eq!(sent(&whole, Some((whole.id, chunk + 100))), [(chunk + 100, 0)]);
        assert_eq!(sent(&whole, Some((Digest::NONE, chunk))), [(0, CHUNK), (chunk, 100)]);
        assert_eq!(sent(&whole, Some((whole.id, chunk + 101))), [(0, CHUNK), (chunk, 100)]);
    }
}
