//! Where a new report stands among its revisions. Author and parent may know different ones after either was restored
//! from an old copy, so the author also listens to what the parent says it holds.

use serde::{Deserialize, Serialize};

use super::Receipt;
use crate::digest::Digest;

/// The latest revision that one side has of a region's answer to a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Which revision.
    pub revision: u64,
    /// The digest of its signed bytes.
    pub digest: Digest,
}

impl Held {
    /// Nothing yet.
    pub const NONE: Self = Self { revision: 0, digest: Digest::NONE };
}

/// The place of a new report: its revision, and what it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// 1, 2, 3 …
    pub revision: u64,
    /// The digest of the revision that it follows, [`Digest::NONE`] for the first.
    pub replaces: Digest,
}

impl Place {
    /// The place after a revision.
    #[must_use]
    pub fn after(held: Held) -> Self {
        Self { revision: held.revision.saturating_add(1), replaces: held.digest }
    }
}

/// The place of the next report of a collection: after its author's latest, or after what the parent last said it
/// holds, if that is later. The author was then restored from an old copy and has forgotten what the parent has.
///
/// `receipts` are the parent's about this collection, in any order.
#[must_use]
pub fn next_place<'a>(own: Held, receipts: impl IntoIterator<Item = &'a Receipt>) -> Place {
    let told = receipts.into_iter().filter_map(|receipt| Some((receipt.number, receipt.held?)));
    let newest = told.max_by_key(|(number, _)| *number).map(|(_, held)| held);
    Place::after(newest.filter(|held| held.revision > own.revision).unwrap_or(own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Moment;
    use crate::region::RegionCode;
    use crate::report::Verdict;

    fn held(revision: u64, content: &str) -> Held {
        Held { revision, digest: Digest::of(content.as_bytes()) }
    }

    fn receipt(number: u64, held: Option<Held>) -> Receipt {
        Receipt {
            number,
            collection: "c".into(),
            region: RegionCode::new("320581").expect("a code"),
            revision: 2,
            report: Digest::NONE,
            verdict: Verdict::Returned,
            reasons: Vec::new(),
            by: String::new(),
            at: Moment(0),
            held,
            question: None,
        }
    }

    /// A report follows its author's latest; the first follows nothing.
    #[test]
    fn after_the_own_latest() {
        assert_eq!(next_place(Held::NONE, []), Place { revision: 1, replaces: Digest::NONE });
        let own = held(2, "own");
        assert_eq!(next_place(own, [&receipt(1, None)]), Place { revision: 3, replaces: own.digest });
    }

    /// What the parent holds beyond that is followed instead: what its newest word says, which other receipts after it
    /// do not take back.
    #[test]
    fn after_what_the_parent_holds() {
        let (older, newest) = (receipt(4, Some(held(9, "older"))), receipt(5, Some(held(3, "theirs"))));
        let place = next_place(held(2, "own"), [&newest, &receipt(6, None), &older]);
        assert_eq!(place, Place { revision: 4, replaces: Digest::of(b"theirs") });
    }

    /// Once the author has caught up, an old word of the parent no longer counts: not at the same number either, where
    /// the author's own is what the parent has.
    #[test]
    fn an_old_word_is_over() {
        let told = receipt(5, Some(held(3, "theirs")));
        for own in [held(3, "own"), held(4, "own")] {
            assert_eq!(next_place(own, [&told]), Place { revision: own.revision + 1, replaces: own.digest });
        }
    }
}
