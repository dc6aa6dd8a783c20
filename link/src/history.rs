//! What the advances of a catalog tell: past versions of its entries, and what brings a follower up to date.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::catalog::advance::{self, Advance};
use tongpin_domain::catalog::{Audience, CatalogId, Difference, Entry};
use tongpin_proto::packing::{self, Packed};
use tongpin_proto::v1;
use tongpin_store::{Store, StoredAdvance};

use crate::boxed;
use crate::error::LinkError;

/// An entry as it stood in a release, if this database knows it.
///
/// # Errors
/// The database cannot be read, or holds an advance that cannot be.
#[boxed]
pub async fn entry_at(store: &Store, id: &CatalogId, key: &str, number: u64) -> Result<Option<Entry>, LinkError> {
    if let Some(newest) = store.entry(id, key).await?.filter(|entry| entry.release <= number) {
        return Ok(Some(newest));
    }
    let stored = store.advances(id, 0, u64::MAX).await?;
    let (id, key) = (id.clone(), key.to_owned());
    blocking(move || Ok(advance::version_at(&unpack(&id, stored)?, &key, number))).await
}

/// One change of one entry: what it was before a release, and what it is since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The entry.
    pub key: String,
    /// The release that changed it.
    pub release: u64,
    /// The version before, `None` if it was not there.
    pub before: Option<Entry>,
    /// The version since, `None` if it went.
    pub after: Option<Entry>,
}

/// Every change of one entry that this database knows, ascending.
///
/// # Errors
/// As [`entry_at`].
#[boxed]
pub async fn changes_of(store: &Store, id: &CatalogId, key: &str) -> Result<Vec<Change>, LinkError> {
    let stored = store.advances(id, 0, u64::MAX).await?;
    let (id, key) = (id.clone(), key.to_owned());
    blocking(move || Ok(changes(unpack(&id, stored)?, &|other| other == key))).await
}

/// What one release changed, sorted by key; nothing if this database passed over it.
///
/// # Errors
/// As [`entry_at`].
#[boxed]
pub async fn changes_in(store: &Store, id: &CatalogId, number: u64) -> Result<Vec<Change>, LinkError> {
    let stored = store.advances(id, 0, number).await?;
    let id = id.clone();
    blocking(move || {
        let advances = unpack(&id, stored)?;
        let Some(last) = advances.last().filter(|last| last.to == number) else { return Ok(Vec::new()) };
        let upserts = last.difference.upserts.iter().map(|entry| &entry.key);
        let touched: BTreeSet<String> = upserts.chain(&last.difference.removals).cloned().collect();
        let mut found = changes(advances, &|key| touched.contains(key));
        found.retain(|change| change.release == number);
        Ok(found)
    })
    .await
}

/// The changes of the entries that are wanted, by release and key.
fn changes(advances: Vec<Advance>, wanted: &dyn Fn(&str) -> bool) -> Vec<Change> {
    let mut held: BTreeMap<String, Entry> = BTreeMap::new();
    let mut found = Vec::new();
    for Advance { to: release, difference, .. } in advances {
        let gone = difference.removals.into_iter().map(|key| (key, None));
        let come = difference.upserts.into_iter().map(|entry| (entry.key.clone(), Some(entry)));
        let steps: BTreeMap<String, Option<Entry>> = gone.chain(come).filter(|(key, _)| wanted(key)).collect();
        for (key, after) in steps {
            let before = match &after {
                Some(entry) => held.insert(key.clone(), entry.clone()),
                None => held.remove(&key),
            };
            found.push(Change { key, release, before, after });
        }
    }
    found
}

/// The step by which this database passed a release: what stood before it and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The release before; 0 if there was none.
    pub from: u64,
    /// The release after: a follower sometimes passes several at once.
    pub to: u64,
    /// The entries before, sorted by key.
    pub before: Vec<Entry>,
    /// The entries after, sorted by key.
    pub after: Vec<Entry>,
}

/// How this database passed a release, if it did.
///
/// # Errors
/// The database cannot be read, or holds an advance that cannot be.
#[boxed]
pub async fn passage(store: &Store, id: &CatalogId, number: u64) -> Result<Option<Passage>, LinkError> {
    let way = store.advance_numbers(id).await?;
    let Some(at) = way.iter().position(|(_, to)| *to >= number).filter(|_| number > 0) else { return Ok(None) };
    let earlier = way.get(..at).unwrap_or_default();
    // What was taken from nothing tells all that came before it.
    let start = earlier.iter().rposition(|(from, _)| *from == 0).unwrap_or(0);
    let after = start.checked_sub(1).and_then(|before| earlier.get(before)).map_or(0, |(_, to)| *to);
    let (from, to) = (earlier.last().map_or(0, |(_, to)| *to), way.get(at).map_or(number, |(_, to)| *to));
    let stored = store.advances(id, after, to).await?;
    let id = id.clone();
    let replay = move || {
        let advances = unpack(&id, stored)?;
        let before = advances.split_last().map_or(&[][..], |(_, before)| before);
        Ok(Passage { from, to, before: advance::alive_after(before), after: advance::alive_after(&advances) })
    };
    blocking(replay).await.map(Some)
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
        // They are of a later release if one was published meanwhile.
        if store.head(id).await?.is_some_and(|head| head.number == to) {
            upserts.retain(|entry| audiences.contains(&entry.audience));
            return Ok(Prepared { from: 0, packed: pack(Difference { upserts, removals: Vec::new() }).await? });
        }
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
#[boxed]
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

#[cfg(test)]
mod tests {
    use tongpin_domain::catalog::{CatalogIndex, Release, SignedRelease};
    use tongpin_domain::digest::Digest;
    use tongpin_domain::moment::Moment;
    use tongpin_domain::region::RegionCode;
    use tongpin_store::{Application, PackedDifference};

    use super::*;

    fn entry(key: &str, release: u64, to: &str) -> Entry {
        let audience = Audience::try_from(to.to_owned()).expect("an audience");
        Entry { key: key.into(), audience, release, body: format!("{{\"{key}\":{release}}}") }
    }

    fn id() -> CatalogId {
        CatalogId::new(RegionCode::new("320500").expect("a code"), "rules")
    }

    /// A database that came from nothing to release 1 and from there to release 3 at once.
    async fn follower(folder: &tempfile::TempDir) -> Store {
        let store = Store::open(folder.path().join("t.sqlite").to_str().expect("UTF-8")).await.expect("a database");
        let mut index = CatalogIndex::default();
        let first = vec![entry("a", 1, "*"), entry("b", 1, "*"), entry("c", 1, "320581")];
        let third = vec![entry("a", 3, "*"), entry("c", 3, "320582")];
        for (from, to, upserts, removals) in [(0, 1, first, Vec::new()), (1, 3, third, vec!["b".to_owned()])] {
            let difference = Difference { upserts, removals };
            let turnover = index.apply(&difference);
            let packed = pack(difference.clone()).await.expect("a small one");
            let signed = |number| SignedRelease {
                release: Release {
                    catalog: id(),
                    number,
                    previous: Digest::NONE,
                    parts: Vec::new(),
                    drafted_by: String::new(),
                    approved_by: String::new(),
                    note: String::new(),
                    signed_at: Moment(0),
                },
                digest: Digest::of(&number.to_be_bytes()),
                envelope: Vec::new(),
            };
            let releases: Vec<SignedRelease> = (from + 1..=to).map(signed).collect();
            let application = Application {
                releases: &releases,
                difference: &difference,
                turnover: &turnover,
                packed: PackedDifference { data: &packed.data, raw_length: packed.raw_length },
                full: false,
                staged: false,
                expected_head: from,
                at: Moment(0),
            };
            store.apply(&application).await.expect("the next release");
        }
        store
    }

    async fn asked(store: &Store, from: u64, to: u64, audiences: &[&str]) -> (u64, Vec<(String, u64)>, Vec<String>) {
        let all = ["*", "320581", "320582"];
        let accepted = audiences.iter().map(|to| Audience::try_from((*to).to_owned()).expect("an audience")).collect();
        let whole = audiences.len() == all.len();
        let prepared = difference(store, &id(), (from, to), accepted, whole).await.expect("a difference");
        let unpacked: v1::Difference =
            packing::unpack(&prepared.packed.data, prepared.packed.raw_length).expect("it unpacks");
        let found = Difference::try_from(unpacked).expect("a difference");
        (prepared.from, found.upserts.into_iter().map(|it| (it.key, it.release)).collect(), found.removals)
    }

    fn keys(pairs: &[(&str, u64)]) -> Vec<(String, u64)> {
        pairs.iter().map(|(key, release)| ((*key).to_owned(), *release)).collect()
    }

    /// A single advance that may be seen whole travels as the bytes that were kept; for part of the audiences it is
    /// packed anew; whoever is at a release that this database passed over gets everything, from nothing.
    #[tokio::test]
    async fn what_followers_are_sent() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let store = follower(&folder).await;
        let all = ["*", "320581", "320582"];
        assert_eq!(asked(&store, 1, 3, &all).await, (1, keys(&[("a", 3), ("c", 3)]), vec!["b".into()]));
        let kept = store.advances(&id(), 1, 3).await.expect("readable").remove(0).data;
        let sent = difference(&store, &id(), (1, 3), BTreeSet::new(), true).await.expect("a difference");
        assert_eq!(sent.packed.data, kept);

        let one = ["*", "320581"];
        let removed = vec!["b".to_owned(), "c".to_owned()];
        assert_eq!(asked(&store, 1, 3, &one).await, (1, keys(&[("a", 3)]), removed), "c moved away");
        assert_eq!(asked(&store, 1, 3, &["*"]).await.2, ["b"], "who never saw c is not told of it");
        assert_eq!(asked(&store, 2, 3, &one).await, (0, keys(&[("a", 3)]), Vec::new()));
        assert_eq!(asked(&store, 0, 3, &all).await, (0, keys(&[("a", 3), ("c", 3)]), Vec::new()));
        assert_eq!(asked(&store, 0, 1, &one).await, (0, keys(&[("a", 1), ("b", 1), ("c", 1)]), Vec::new()));
        assert!(difference(&store, &id(), (0, 2), BTreeSet::new(), true).await.is_err(), "2 was passed over");
    }

    /// Both sides of a step are told, also for a release that was passed over; what lies ahead is not known.
    #[tokio::test]
    async fn passages() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let store = follower(&folder).await;
        let told = async |number| passage(&store, &id(), number).await.expect("readable");
        let names = |entries: &[Entry]| {
            entries.iter().map(|entry| (entry.key.clone(), entry.release)).collect::<Vec<(String, u64)>>()
        };
        let first = told(1).await.expect("passed");
        assert_eq!((first.from, first.to, first.before.len()), (0, 1, 0));
        assert_eq!(names(&first.after), keys(&[("a", 1), ("b", 1), ("c", 1)]));
        let second = told(2).await.expect("passed over");
        assert_eq!((second.from, second.to), (1, 3));
        assert_eq!(names(&second.before), names(&first.after));
        assert_eq!(names(&second.after), keys(&[("a", 3), ("c", 3)]));
        assert_eq!(told(3).await, Some(second));
        assert_eq!((told(0).await, told(4).await), (None, None));
    }

    /// A past version is found by the release that brought it; what was removed meanwhile is found where it was.
    #[tokio::test]
    async fn past_versions() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let store = follower(&folder).await;
        let at = async |key: &str, number| {
            entry_at(&store, &id(), key, number).await.expect("readable").map(|entry| entry.release)
        };
        assert_eq!([at("a", 1).await, at("a", 2).await, at("a", 3).await], [Some(1), Some(1), Some(3)]);
        assert_eq!([at("b", 1).await, at("b", 3).await, at("x", 3).await], [Some(1), None, None]);
    }

    /// The changes of an entry tell both sides; those of a release name what it touched, and nothing of one that was
    /// passed over.
    #[tokio::test]
    async fn changes_with_both_sides() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let store = follower(&folder).await;
        let numbers = |changes: Vec<Change>| {
            let number = |entry: Option<Entry>| entry.map(|entry| entry.release);
            changes.into_iter().map(|it| (it.key, it.release, number(it.before), number(it.after))).collect::<Vec<_>>()
        };
        let of = numbers(changes_of(&store, &id(), "b").await.expect("readable"));
        assert_eq!(of, [("b".to_owned(), 1, None, Some(1)), ("b".to_owned(), 3, Some(1), None)]);
        let within = numbers(changes_in(&store, &id(), 3).await.expect("readable"));
        let expected = [("a", 3, Some(1), Some(3)), ("b", 3, Some(1), None), ("c", 3, Some(1), Some(3))]
            .map(|it| (it.0.to_owned(), it.1, it.2, it.3));
        assert_eq!(within, expected);
        assert_eq!(changes_in(&store, &id(), 2).await.expect("readable"), []);
        assert_eq!(changes_of(&store, &id(), "x").await.expect("readable"), []);
    }
}
