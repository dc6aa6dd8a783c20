//! What the advances of a catalog tell: past versions of its entries, and what brings a follower up to date.

use std::collections::BTreeSet;

use tongpin_domain::catalog::advance::{self, Advance};
use tongpin_domain::catalog::{Audience, CatalogId, Difference, Entry};
use tongpin_proto::packing::{self, Packed};
use tongpin_proto::v1;
use tongpin_store::{Store, StoredAdvance};

use crate::error::LinkError;

/// An entry as it stood in a release, if this database knows it.
///
/// # Errors
/// The database cannot be read, or holds an advance that cannot be.
pub async fn entry_at(store: &Store, id: &CatalogId, key: &str, number: u64) -> Result<Option<Entry>, LinkError> {
    if let Some(newest) = store.entry(id, key).await?.filter(|entry| entry.release <= number) {
        return Ok(Some(newest));
    }
    let stored = store.advances(id, 0, u64::MAX).await?;
    let (id, key) = (id.clone(), key.to_owned());
    blocking(move || Ok(advance::version_at(&unpack(&id, stored)?, &key, number))).await
}

/// A difference ready to be sent, and the release it starts from.
pub(crate) struct Prepared {
    /// What was asked for, or 0 if this database cannot tell what changed since and everything is sent.
    pub(crate) from: u64,
    pub(crate) packed: Packed,
}

/// What brings a holder of release `from` (0: of nothing) to release `to`, as far as the audiences go. If these are
/// all that there are (`whole`), a single advance is sent as it was packed.
///
/// # Errors
/// The database cannot be read or does not know the release, or nobody would take so much.
pub(crate) async fn difference(
    store: &Store,
    id: &CatalogId,
    (from, to): (u64, u64),
    audiences: BTreeSet<Audience>,
    whole: bool,
) -> Result<Prepared, LinkError> {
    if from > 0 {
        let stored = store.advances(id, from, to).await?;
        if advance::leads(stored.iter().map(|advance| (advance.from, advance.to)), from, to) {
            return merged(id, from, stored, audiences, whole).await;
        }
    }
    // From nothing, the way begins where this database last took everything.
    let mut way = store.advance_numbers(id).await?;
    way.retain(|(_, end)| *end <= to);
    way.drain(..way.iter().rposition(|(start, _)| *start == 0).unwrap_or(0));
    let newest = store.head(id).await?.is_some_and(|head| head.number == to);
    if newest && (way.len() != 1 || !whole) {
        let mut upserts = store.entries(id).await?;
        upserts.retain(|entry| audiences.contains(&entry.audience));
        return Ok(Prepared { from: 0, packed: pack(Difference { upserts, removals: Vec::new() }).await? });
    }
    if !advance::leads(way.iter().copied(), 0, to) {
        return Err(LinkError::Internal(format!("release {to} of {id} cannot be put together any more")));
    }
    let after = way.first().map_or(0, |(_, end)| end.saturating_sub(1));
    merged(id, 0, store.advances(id, after, to).await?, audiences, whole).await
}

async fn merged(
    id: &CatalogId,
    from: u64,
    mut stored: Vec<StoredAdvance>,
    audiences: BTreeSet<Audience>,
    whole: bool,
) -> Result<Prepared, LinkError> {
    if whole
        && stored.len() == 1
        && let Some(only) = stored.pop()
    {
        return Ok(Prepared { from, packed: Packed { data: only.data.into(), raw_length: only.raw_length } });
    }
    let id = id.clone();
    let merge = move || Ok(advance::merge(&unpack(&id, stored)?, &|audience| audiences.contains(audience)));
    Ok(Prepared { from, packed: pack(blocking(merge).await?).await? })
}

/// Packs a difference as it travels and is kept.
///
/// # Errors
/// Nobody would take so much.
pub async fn pack(difference: Difference) -> Result<Packed, LinkError> {
    blocking(move || Ok(packing::pack(&v1::Difference::from(difference), 3)?)).await
}

fn unpack(id: &CatalogId, stored: Vec<StoredAdvance>) -> Result<Vec<Advance>, LinkError> {
    let read = |stored: StoredAdvance| {
        let unreadable = |error: &dyn std::fmt::Display| {
            LinkError::Internal(format!("the advance of {id} to release {} cannot be read: {error}", stored.to))
        };
        let difference: v1::Difference =
            packing::unpack(&stored.data, stored.raw_length).map_err(|error| unreadable(&error))?;
        let difference = Difference::try_from(difference).map_err(|error| unreadable(&error))?;
        Ok(Advance { from: stored.from, to: stored.to, difference, turnover: stored.turnover })
    };
    stored.into_iter().map(read).collect()
}

/// A moment of a processor, off the threads that links share.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LinkError> + Send + 'static,
) -> Result<T, LinkError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| LinkError::Stopped)?
}
