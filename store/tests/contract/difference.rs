//! Differences: what one audience needs to get from one release to another, and nothing else.

use std::collections::BTreeMap;

use tongpin_domain::catalog::{Audience, Difference, Entry};
use tongpin_store::Store;

use super::ground::{apply, entry, indicators, keys, on_each, region};

/// Four releases in which entries appear, change, move between audiences, go, and come back.
async fn fill(store: &Store) {
    let first = ["all", "changes", "goes", "moves_away", "moves_here", "theirs"];
    let to = ["*", "*", "*", "320581", "320582", "320582"];
    apply(store, 1, first.iter().zip(to).map(|(key, to)| entry(key, 1, to)).collect(), &[]).await;
    apply(store, 2, vec![entry("changes", 2, "*"), entry("moves_away", 2, "320582")], &["goes"]).await;
    apply(store, 3, vec![entry("changes", 3, "*"), entry("moves_here", 3, "320581")], &[]).await;
    apply(store, 4, vec![entry("goes", 4, "*"), entry("theirs", 4, "320582")], &["all"]).await;
}

fn here(audience: &Audience) -> bool {
    audience.reaches(&region("320581"))
}

/// From nothing everything that the audience sees; from a release only what is new to it. What moved to others is a
/// removal, what others see is not mentioned.
#[tokio::test]
async fn by_hand() {
    on_each(async |store| {
        let id = indicators();
        fill(store).await;
        let all = store.difference(&id, 0, 1, &here).await.unwrap();
        assert_eq!(keys(&all.upserts), [("all", 1), ("changes", 1), ("goes", 1), ("moves_away", 1)]);
        assert_eq!(all.removals, Vec::<String>::new());

        let second = store.difference(&id, 1, 2, &here).await.unwrap();
        assert_eq!(keys(&second.upserts), [("changes", 2)]);
        assert_eq!(second.removals, ["goes", "moves_away"]);

        let later = store.difference(&id, 1, 4, &here).await.unwrap();
        assert_eq!(keys(&later.upserts), [("changes", 3), ("goes", 4), ("moves_here", 3)]);
        assert_eq!(later.removals, ["all", "moves_away"]);
        assert!(store.difference(&id, 4, 4, &here).await.unwrap().is_empty());
    })
    .await;
}

fn follow(held: &[Entry], step: &Difference) -> Vec<Entry> {
    let mut by_key: BTreeMap<String, Entry> = held.iter().map(|entry| (entry.key.clone(), entry.clone())).collect();
    step.removals.iter().for_each(|key| assert!(by_key.remove(key).is_some(), "{key} was not there to be removed"));
    by_key.extend(step.upserts.iter().map(|entry| (entry.key.clone(), entry.clone())));
    by_key.into_values().collect()
}

/// Whatever the start and the end, a holder who follows the difference holds what one who starts anew is given.
#[tokio::test]
async fn every_way_leads_to_the_same() {
    on_each(async |store| {
        let id = indicators();
        fill(store).await;
        for from in 1..=4 {
            let held = store.difference(&id, 0, from, &here).await.unwrap().upserts;
            for to in from..=4 {
                let step = store.difference(&id, from, to, &here).await.unwrap();
                let fresh = store.difference(&id, 0, to, &here).await.unwrap().upserts;
                assert_eq!(follow(&held, &step), fresh, "from {from} to {to}");
            }
        }
    })
    .await;
}

/// A node that skipped releases keeps no two versions of one entry alive at once, whichever release is asked for.
#[tokio::test]
async fn skipped_releases_leave_no_doubles() {
    on_each(async |store| {
        use super::ground::signed;
        use tongpin_domain::moment::Moment;
        use tongpin_store::Application;
        let id = indicators();
        apply(store, 1, vec![entry("a", 1, "*"), entry("b", 1, "*")], &[]).await;
        let difference = Difference { upserts: vec![entry("a", 2, "*"), entry("b", 4, "*")], removals: Vec::new() };
        let releases = [signed(&id, 2), signed(&id, 3), signed(&id, 4)];
        let application =
            Application { releases: &releases, difference: &difference, full: false, expected_head: 1, at: Moment(4) };
        store.apply(&application).await.unwrap();
        assert_eq!(keys(&store.entries_at(&id, 1).await.unwrap()), [("a", 1), ("b", 1)]);
        assert_eq!(keys(&store.entries_at(&id, 3).await.unwrap()), [("a", 2), ("b", 1)]);
        assert_eq!(keys(&store.entries_at(&id, 4).await.unwrap()), [("a", 2), ("b", 4)]);
    })
    .await;
}
