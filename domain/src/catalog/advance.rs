//! The advances by which a database came to the release it holds: each catalog's history, and what is sent to whoever
//! is behind.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Audience, Difference, Entry};

/// One advance of a catalog, as one database made it: the publisher from each release to the next, a follower
/// sometimes over several at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// The release before it; 0 if it replaced everything.
    pub from: u64,
    /// The release after it.
    pub to: u64,
    /// What it changed.
    pub difference: Difference,
    /// What the difference alone does not tell.
    pub turnover: Turnover,
}

/// What a difference does not tell of the entries it touches: which were not there before, and which left a part. An
/// advance from nothing needs neither.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turnover {
    /// Keys that were not there before.
    pub added: BTreeSet<String>,
    /// Keys that were removed, or moved to another audience, with the audience they had.
    pub left: BTreeMap<String, Audience>,
}

/// Whether the advances lead from one release to another without a gap.
#[must_use]
pub fn leads(advances: impl IntoIterator<Item = (u64, u64)>, from: u64, to: u64) -> bool {
    let end = advances.into_iter().try_fold(from, |at, (from, to)| (from == at && to > from).then_some(to));
    end == Some(to)
}

/// What brings a holder of the first advance's start to the last one's end, as far as `accepts` goes. Both lists are
/// sorted by key. The advances must follow each other without a gap.
///
/// An entry that moved to an audience that is not accepted is a removal; what was never accepted is not mentioned.
#[must_use]
pub fn merge(advances: &[Advance], accepts: &dyn Fn(&Audience) -> bool) -> Difference {
    struct Fate<'a> {
        /// Whether the holder has a version of it at the start.
        held: bool,
        last: Option<&'a Entry>,
    }
    let mut fates: BTreeMap<&str, Fate<'_>> = BTreeMap::new();
    for advance in advances {
        let Turnover { added, left } = &advance.turnover;
        for key in &advance.difference.removals {
            let held = left.get(key).is_some_and(accepts);
            fates.entry(key).or_insert(Fate { held, last: None }).last = None;
        }
        for entry in &advance.difference.upserts {
            let before = left.get(&entry.key).unwrap_or(&entry.audience);
            let held = advance.from > 0 && !added.contains(&entry.key) && accepts(before);
            fates.entry(&entry.key).or_insert(Fate { held, last: None }).last = Some(entry);
        }
    }
    let mut merged = Difference::default();
    for (key, fate) in fates {
        match fate.last.filter(|entry| accepts(&entry.audience)) {
            Some(entry) => merged.upserts.push(entry.clone()),
            None if fate.held => merged.removals.push(key.to_owned()),
            None => {}
        }
    }
    merged
}

/// The version of an entry that was alive at a release, as far as these advances tell: all that a database made up to
/// its present release, ascending. A version counts from the release that brought it, however late it came here.
#[must_use]
pub fn version_at(advances: &[Advance], key: &str, number: u64) -> Option<Entry> {
    let mut alive: Option<&Entry> = None;
    for advance in advances {
        let newer = advance.difference.upserts.iter().find(|entry| entry.key == key);
        let gone = newer.is_none() && (advance.from == 0 || advance.difference.removals.iter().any(|it| it == key));
        match newer {
            Some(entry) if entry.release <= number => alive = Some(entry),
            _ if gone && advance.to <= number => alive = None,
            _ => {}
        }
    }
    alive.cloned()
}

/// All entries that were alive after the last of these advances, sorted by key.
#[must_use]
pub fn alive_after(advances: &[Advance]) -> Vec<Entry> {
    let mut alive: BTreeMap<&str, &Entry> = BTreeMap::new();
    for advance in advances {
        if advance.from == 0 {
            alive.clear();
        }
        for key in &advance.difference.removals {
            alive.remove(key.as_str());
        }
        alive.extend(advance.difference.upserts.iter().map(|entry| (entry.key.as_str(), entry)));
    }
    alive.into_values().cloned().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::{CatalogIndex, difference};

    fn entry(key: &str, release: u64, to: &str) -> Entry {
        let audience = Audience::try_from(to.to_owned()).expect("an audience");
        Entry { key: key.into(), audience, release, body: format!("{{\"{key}\":{release}}}") }
    }

    fn here(audience: &Audience) -> bool {
        audience.reaches(&crate::region::RegionCode::new("320581").expect("a code"))
    }

    /// The advances of a publisher whose catalog is, release by release, these entries.
    fn publisher(states: &[Vec<Entry>]) -> Vec<Advance> {
        let (mut held, mut index) = (Vec::new(), CatalogIndex::default());
        let mut advances = Vec::new();
        for (state, to) in states.iter().zip(1..) {
            let difference = difference(&held, state, to);
            let turnover = index.apply(&difference);
            let fresh = |entry: &Entry| difference.upserts.iter().find(|it| it.key == entry.key).cloned();
            let old = |entry: &Entry| held.iter().find(|it: &&Entry| it.key == entry.key).cloned();
            held = state.iter().filter_map(|entry| fresh(entry).or_else(|| old(entry))).collect();
            advances.push(Advance { from: to - 1, to, difference, turnover });
        }
        advances
    }

    /// Four releases in which entries appear, change, move between audiences, go, and come back.
    fn four() -> Vec<Advance> {
        let e = entry;
        let start = ["all", "changes", "goes", "moves_away", "moves_here", "theirs"];
        let to = ["*", "*", "*", "320581", "320582", "320582"];
        let first: Vec<Entry> = start.iter().zip(to).map(|(key, to)| e(key, 1, to)).collect();
        let with = |state: &[Entry], changed: &[Entry], gone: &str| -> Vec<Entry> {
            let stays = |it: &&Entry| it.key != gone && changed.iter().all(|new| new.key != it.key);
            let mut next: Vec<Entry> = state.iter().filter(stays).cloned().chain(changed.to_vec()).collect();
            next.sort_by(|a, b| a.key.cmp(&b.key));
            next
        };
        let second = with(&first, &[e("changes", 2, "*"), e("moves_away", 2, "320582")], "goes");
        let third = with(&second, &[e("changes", 3, "*"), e("moves_here", 3, "320581")], "");
        let fourth = with(&third, &[e("goes", 4, "*"), e("theirs", 4, "320582")], "all");
        publisher(&[first, second, third, fourth])
    }

    fn keys(entries: &[Entry]) -> Vec<(&str, u64)> {
        entries.iter().map(|entry| (entry.key.as_str(), entry.release)).collect()
    }

    /// From nothing everything that the audience sees; from a release only what is new to it. What moved to others is a
    /// removal, what others see is not mentioned.
    #[test]
    fn by_hand() {
        let all = four();
        let first = merge(&all[..1], &here);
        assert_eq!(keys(&first.upserts), [("all", 1), ("changes", 1), ("goes", 1), ("moves_away", 1)]);
        assert_eq!(first.removals, Vec::<String>::new());
        let second = merge(&all[1..2], &here);
        assert_eq!(keys(&second.upserts), [("changes", 2)]);
        assert_eq!(second.removals, ["goes", "moves_away"]);
        let later = merge(&all[1..], &here);
        assert_eq!(keys(&later.upserts), [("changes", 3), ("goes", 4), ("moves_here", 3)]);
        assert_eq!(later.removals, ["all", "moves_away"]);
        assert!(merge(&[], &here).is_empty());
    }

    /// The version alive at each release, after removals and returns.
    #[test]
    fn versions() {
        let all = four();
        let at = |key, number| version_at(&all, key, number).map(|entry| entry.release);
        assert_eq!([1, 2, 3, 4].map(|number| at("changes", number)), [Some(1), Some(2), Some(3), Some(3)]);
        assert_eq!([0, 1, 2, 3, 4].map(|number| at("goes", number)), [None, Some(1), None, None, Some(4)]);
        assert_eq!([3, 4].map(|number| at("all", number)), [Some(1), None]);
        assert_eq!(at("unknown", 4), None);
    }

    /// What is alive after each release, also where a follower took everything anew.
    #[test]
    fn alive() {
        let all = four();
        let at = |count: usize| alive_after(&all[..count]);
        assert_eq!(at(0), []);
        let second = [("all", 1), ("changes", 2), ("moves_away", 2), ("moves_here", 1), ("theirs", 1)];
        assert_eq!(keys(&at(2)), second);
        let difference = Difference { upserts: vec![entry("new", 5, "*")], removals: Vec::new() };
        let anew = Advance { from: 0, to: 5, difference, turnover: Turnover::default() };
        assert_eq!(keys(&alive_after(&[all[0].clone(), anew])), [("new", 5)]);
    }

    /// A follower that skipped releases finds a version by the release that brought it, and one that took everything
    /// anew does not find what is no longer there.
    #[test]
    fn versions_of_a_follower() {
        let advance = |from, to, upserts, removals: &[&str]| {
            let removals = removals.iter().map(|key| (*key).to_owned()).collect();
            Advance { from, to, difference: Difference { upserts, removals }, turnover: Turnover::default() }
        };
        let all = [
            advance(0, 1, vec![entry("a", 1, "*"), entry("b", 1, "*")], &[]),
            advance(1, 4, vec![entry("a", 2, "*"), entry("b", 4, "*")], &[]),
            advance(0, 6, vec![entry("a", 2, "*")], &[]),
        ];
        let at = |key, number| version_at(&all, key, number).map(|entry| entry.release);
        assert_eq!([1, 2, 3, 9].map(|number| at("a", number)), [Some(1), Some(2), Some(2), Some(2)]);
        assert_eq!([3, 4, 5, 6].map(|number| at("b", number)), [Some(1), Some(4), Some(4), None]);
        assert!(leads([(0, 1), (1, 4)], 0, 4) && leads([(1, 4)], 1, 4) && leads([], 4, 4));
        assert!(!leads([(0, 1), (1, 4), (0, 6)], 0, 6) && !leads([(1, 4)], 2, 4) && !leads([(0, 1)], 0, 4));
    }

    fn follow(held: &[Entry], step: &Difference) -> Vec<Entry> {
        let mut by_key: BTreeMap<String, Entry> = held.iter().map(|entry| (entry.key.clone(), entry.clone())).collect();
        step.removals.iter().for_each(|key| assert!(by_key.remove(key).is_some(), "{key} was not there"));
        by_key.extend(step.upserts.iter().map(|entry| (entry.key.clone(), entry.clone())));
        by_key.into_values().collect()
    }

    proptest! {
        /// Whatever the releases, the start and the end: a holder who follows the merged difference holds what one who
        /// starts anew is given, and is told of no key that it never saw.
        #[test]
        fn every_way_leads_to_the_same(
            states in prop::collection::vec(
                prop::collection::btree_map("[a-d]", (0..4_usize, 0..3_u8), 0..5), 1..6)
        ) {
            let to = ["*", "-", "320581", "320582"];
            let of = |state: &BTreeMap<String, (usize, u8)>| state.iter().map(|(key, (audience, body))| {
                Entry { body: format!("{{\"x\":{body}}}"), ..entry(key, 0, to[*audience]) }
            }).collect::<Vec<_>>();
            let all = publisher(&states.iter().map(of).collect::<Vec<_>>());
            for from in 0..=all.len() {
                let held = merge(&all[..from], &here).upserts;
                for to in from..=all.len() {
                    let fresh = merge(&all[..to], &here).upserts;
                    prop_assert_eq!(follow(&held, &merge(&all[from..to], &here)), fresh);
                }
            }
        }
    }
}
