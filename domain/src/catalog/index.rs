//! What a node holds of a catalog, as digests: how anyone checks that their copy is exactly what was signed.
//!
//! Frozen: the digests computed here are signed.

use std::collections::BTreeMap;

use super::{Audience, Difference, Entry, Part, Turnover};
use crate::digest::Digest;

/// A part's entries are spread over so many buckets, so that a changed entry costs its bucket and not the whole part.
const BUCKETS: usize = 1024;

/// The keys and entry digests of a catalog as one node holds it, grouped by audience.
///
/// It is small (about 100 bytes an entry) and is kept in memory, so that checking a difference of a few entries
/// neither reads nor hashes the whole catalog again.
///
/// A part's digest, as an auditor computes it: an entry belongs to the bucket that the first ten bits of its key's
/// SHA-256 name. A bucket's digest is the SHA-256 over its entries by ascending key, each as key and entry digest with
/// the length of each before it (see [`Digest::of_parts`]); an empty bucket's is 32 zero bytes. The part's digest is
/// the SHA-256 over the 1024 bucket digests in order.
#[derive(Debug, Clone, Default)]
pub struct CatalogIndex {
    audience_of: BTreeMap<String, Audience>,
    parts: BTreeMap<Audience, PartIndex>,
}

#[derive(Debug, Clone, Default)]
struct PartIndex {
    count: u64,
    /// Those that hold anything, by number.
    buckets: BTreeMap<usize, Bucket>,
}

#[derive(Debug, Clone, Default)]
struct Bucket {
    entries: BTreeMap<String, Digest>,
    /// `None` after an entry has changed, until it is asked for.
    digest: Option<Digest>,
}

impl Bucket {
    fn digest(&mut self) -> Digest {
        let fresh = || Digest::of_parts(self.entries.iter().flat_map(|(key, digest)| [key.as_bytes(), &digest.0[..]]));
        *self.digest.get_or_insert_with(fresh)
    }
}

fn bucket_of(key: &str) -> usize {
    let [first, second, ..] = Digest::of(key.as_bytes()).0;
    usize::from(u16::from_be_bytes([first, second]) >> 6)
}

impl PartIndex {
    fn insert(&mut self, key: &str, digest: Digest) {
        let bucket = self.buckets.entry(bucket_of(key)).or_default();
        bucket.digest = None;
        if let Some(held) = bucket.entries.get_mut(key) {
            *held = digest;
        } else {
            bucket.entries.insert(key.to_owned(), digest);
            self.count += 1;
        }
    }

    fn remove(&mut self, key: &str) {
        let number = bucket_of(key);
        let Some(bucket) = self.buckets.get_mut(&number) else { return };
        if bucket.entries.remove(key).is_some() {
            bucket.digest = None;
            self.count -= 1;
        }
        if bucket.entries.is_empty() {
            self.buckets.remove(&number);
        }
    }

    fn digest(&mut self) -> Digest {
        let mut all = vec![Digest::NONE.0; BUCKETS];
        for (number, bucket) in &mut self.buckets {
            if let Some(place) = all.get_mut(*number) {
                *place = bucket.digest().0;
            }
        }
        Digest::of(all.as_flattened())
    }
}

impl CatalogIndex {
    /// Indexes entries.
    #[must_use]
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut index = Self::default();
        for entry in entries {
            index.insert(entry);
        }
        index
    }

    /// Adds or replaces one entry, moving it between parts if its audience changed, and tells the audience it had.
    fn insert(&mut self, entry: &Entry) -> Option<Audience> {
        let Entry { key, audience, .. } = entry;
        let before = match self.audience_of.get_mut(key) {
            Some(held) => Some(std::mem::replace(held, audience.clone())),
            None => self.audience_of.insert(key.clone(), audience.clone()),
        };
        if let Some(old) = before.as_ref().filter(|old| *old != audience) {
            self.leave(old, key);
        }
        self.parts.entry(audience.clone()).or_default().insert(key, entry.digest());
        before
    }

    /// Removes one entry and tells the audience it had; an unknown key is no error.
    fn remove(&mut self, key: &str) -> Option<Audience> {
        let audience = self.audience_of.remove(key)?;
        self.leave(&audience, key);
        Some(audience)
    }

    fn leave(&mut self, audience: &Audience, key: &str) {
        let Some(part) = self.parts.get_mut(audience) else { return };
        part.remove(key);
        if part.count == 0 {
            self.parts.remove(audience);
        }
    }

    /// Applies a difference, and tells what it does not say itself.
    pub fn apply(&mut self, difference: &Difference) -> Turnover {
        let mut turnover = Turnover::default();
        for key in &difference.removals {
            if let Some(audience) = self.remove(key) {
                turnover.left.insert(key.clone(), audience);
            }
        }
        for entry in &difference.upserts {
            match self.insert(entry) {
                None => drop(turnover.added.insert(entry.key.clone())),
                Some(audience) if audience != entry.audience => {
                    turnover.left.insert(entry.key.clone(), audience);
                }
                Some(_) => {}
            }
        }
        turnover
    }

    /// The parts as a release lists them, sorted by audience. Only buckets that changed since the last call are hashed.
    #[must_use]
    pub fn parts(&mut self) -> Vec<Part> {
        let part = |(audience, part): (&Audience, &mut PartIndex)| Part {
            audience: audience.clone(),
            count: part.count,
            digest: part.digest(),
        };
        self.parts.iter_mut().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::difference;

    fn entry(key: &str, audience: &str, body: &str) -> Entry {
        let audience = Audience::try_from(audience.to_owned()).expect("an audience");
        Entry { key: key.into(), audience, release: 1, body: body.into() }
    }

    /// Following differences leads to the same parts as indexing the final state.
    #[test]
    fn index_follows_differences() {
        let first = [entry("a", "*", "{}"), entry("b", "*", "{}"), entry("c", "320581", "{}")];
        let second = [entry("a", "320581", "{}"), entry("b", "*", "{\"x\":1}"), entry("d", "*", "{}")];
        let step = difference(&first, &second, 2);
        assert_eq!(step.removals, ["c"]);
        assert_eq!(step.upserts.iter().map(|e| e.key.as_str()).collect::<Vec<_>>(), ["a", "b", "d"]);

        let mut index = CatalogIndex::new(&first);
        index.apply(&step);
        let fresh: Vec<Entry> = second.iter().map(|e| Entry { release: 2, ..e.clone() }).collect();
        assert_eq!(index.parts(), CatalogIndex::new(&fresh).parts());
        assert_eq!(index.parts().len(), 2);
    }

    proptest! {
        /// What is remembered between calls never differs from what is computed afresh.
        #[test]
        fn remembered_digests_are_those_computed_afresh(
            steps in prop::collection::vec(prop::collection::vec(("[a-f]{1,3}", 0..3_usize, "[xy]{0,2}"), 0..12), 1..6)
        ) {
            let audiences = ["*", "-", "320581"];
            let mut index = CatalogIndex::default();
            let mut held: Vec<Entry> = Vec::new();
            for (number, rows) in (1..).zip(steps) {
                let wanted: BTreeMap<_, _> = rows.into_iter().map(|row| (row.0, (row.1, row.2))).collect();
                let wanted: Vec<Entry> =
                    wanted.iter().map(|(key, (audience, body))| entry(key, audiences[*audience], body)).collect();
                let step = difference(&held, &wanted, number);
                index.apply(&step);
                held.retain(|entry| !step.removals.contains(&entry.key));
                held.retain(|entry| step.upserts.iter().all(|new| new.key != entry.key));
                held.extend(step.upserts);
                held.sort_by(|a, b| a.key.cmp(&b.key));
                prop_assert_eq!(index.parts(), CatalogIndex::new(&held).parts());
            }
        }
    }

    /// The digest that a reader of the documentation computes: these two were computed by Python's hashlib.
    #[test]
    fn digests_as_documented() {
        let one = CatalogIndex::new(&[entry("a", "*", "{}")]).parts();
        let two = CatalogIndex::new(&[entry("JY-11-001", "*", "{\"名\":1}"), entry("JY-21-001", "*", "{}")]).parts();
        assert_eq!(one[0].digest.to_string(), "829c302f5517575e2ec78f06f07f9d3274c0f9e3fd26c0cbeb0f0620fde4e50c");
        assert_eq!(
            (two[0].count, two[0].digest.to_string().as_str()),
            (2, "fbb65b6898cdbc1006e40996bff1d69782f7d4e29de282b5b4940d5931324819")
        );
    }

    /// A changed byte, key or version changes the part's digest.
    #[test]
    fn digest_covers_everything() {
        let base = CatalogIndex::new(&[entry("a", "*", "{}")]).parts();
        assert_ne!(base, CatalogIndex::new(&[entry("a", "*", "{ }")]).parts());
        assert_ne!(base, CatalogIndex::new(&[entry("b", "*", "{}")]).parts());
        assert_ne!(base, CatalogIndex::new(&[Entry { release: 2, ..entry("a", "*", "{}") }]).parts());
    }
}
