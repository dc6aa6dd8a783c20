//! Planned publications, and drafts that are edited entry by entry.

use tongpin_domain::catalog::Difference;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_store::{Draft, DraftEdit, DraftEdited, DraftRow, PlannedRelease, Store};

use super::ground::{application, apply, audience, digest, entry, indicators, on_each, region, signed};

fn plan(at: i64) -> PlannedRelease {
    PlannedRelease {
        catalog: indicators(),
        draft: digest(7),
        approved_by: "审核岗（shenhe）".into(),
        account: "shenhe".into(),
        at: Moment(at),
        regions: Some(vec![region("320581"), region("320582")]),
        planned_at: Moment(at - 5),
        problem: String::new(),
    }
}

/// One plan a catalog: a new one takes its place, a reason is kept with it, cancelling says whether there was one.
#[tokio::test]
async fn one_plan_a_catalog() {
    on_each(async |store| {
        let id = indicators();
        store.plan_release(&plan(10)).await.unwrap();
        let later = PlannedRelease { regions: None, ..plan(20) };
        store.plan_release(&later).await.unwrap();
        assert_eq!(store.planned_releases().await.unwrap(), std::slice::from_ref(&later));
        store.planned_release_failed(&plan(10), "旧的").await.unwrap();
        assert_eq!(store.planned_release(&id).await.unwrap(), Some(later.clone()), "that one was replaced");
        store.planned_release_failed(&later, "草稿有改动").await.unwrap();
        let failed = PlannedRelease { problem: "草稿有改动".into(), ..later };
        assert_eq!(store.planned_release(&id).await.unwrap(), Some(failed));
        assert!(store.cancel_planned_release(&id).await.unwrap());
        assert!(!store.cancel_planned_release(&id).await.unwrap());
    })
    .await;
}

/// A plan ends with the draft that it is for, whichever way that goes.
#[tokio::test]
async fn a_plan_ends_with_its_draft() {
    on_each(async |store| {
        let id = indicators();
        store.replace_draft(&id, &[row("a", "{}")], "经办", Moment(1), "").await.unwrap();
        store.plan_release(&plan(10)).await.unwrap();
        store.replace_draft(&id, &[row("b", "{}")], "经办", Moment(2), "").await.unwrap();
        assert_eq!(store.planned_release(&id).await.unwrap(), Some(plan(10)), "it stays, to be told about");
        assert!(!store.discard_draft(&id, Some(Moment(1))).await.unwrap(), "somebody worked on it since");
        assert_eq!(store.planned_release(&id).await.unwrap(), Some(plan(10)));
        assert!(store.discard_draft(&id, Some(Moment(2))).await.unwrap());
        assert_eq!(store.planned_release(&id).await.unwrap(), None);
    })
    .await;
}

fn row(key: &str, body: &str) -> DraftRow {
    DraftRow { key: key.into(), audience: audience("*"), body: body.into() }
}

async fn edit(store: &Store, key: &str, seen: Digest, row: Option<&DraftRow>, by: &str, at: i64) -> DraftEdited {
    let edit = DraftEdit { key, seen, row, note: None, at: Moment(at) };
    store.edit_draft(&indicators(), &edit, by).await.unwrap()
}

/// The first edit begins a draft from what is published, not from what an earlier draft left behind; the next ones go
/// on with it, and everybody who edits is a drafter.
#[tokio::test]
async fn edits_begin_and_go_on() {
    on_each(async |store| {
        let id = indicators();
        store.replace_draft(&id, &[row("old", "{}")], "经办", Moment(1), "旧").await.unwrap();
        store.discard_draft(&id, None).await.unwrap();
        apply(store, 1, vec![entry("a", 1, "*"), entry("b", 1, "320581")], &[]).await;
        let published = DraftRow::from(store.entry(&id, "a").await.unwrap().unwrap());
        assert_eq!(store.draft_row(&id, "a").await.unwrap(), None, "there is no draft");

        let changed = row("a", r#"{"x":1}"#);
        assert_eq!(edit(store, "a", published.digest(), Some(&changed), "甲", 3).await, DraftEdited::Kept);
        assert_eq!(edit(store, "c", Digest::NONE, Some(&row("c", "{}")), "乙", 4).await, DraftEdited::Kept);
        let b = store.draft_row(&id, "b").await.unwrap().unwrap();
        assert_eq!(edit(store, "b", b.digest(), None, "丙", 5).await, DraftEdited::Kept);
        let draft = store.draft(&id).await.unwrap().unwrap();
        let keys: Vec<&str> = draft.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!((keys, draft.by.as_str(), draft.at), (vec!["a", "c"], "甲、乙、丙", Moment(5)));
        assert_eq!(store.draft_row(&id, "a").await.unwrap(), Some(changed));
        let infos = store.draft_infos(&region("320500")).await.unwrap();
        assert_eq!(
            infos.iter().map(|(name, draft)| (name.as_str(), draft.at)).collect::<Vec<_>>(),
            [("indicators", Moment(5))]
        );
        assert_eq!(store.draft_infos(&region("320581")).await.unwrap(), []);
    })
    .await;
}

/// Whoever edits what somebody else changed meanwhile overwrites nothing, begins no draft, and is told what is there.
#[tokio::test]
async fn edits_do_not_overtake_unseen() {
    on_each(async |store| {
        let id = indicators();
        apply(store, 1, vec![entry("a", 1, "*")], &[]).await;
        let published = DraftRow::from(store.entry(&id, "a").await.unwrap().unwrap());
        let mine = row("a", r#"{"x":1}"#);
        let told = edit(store, "a", digest(9), Some(&mine), "甲", 2).await;
        assert_eq!(told, DraftEdited::Overtaken(Some(published.clone())));
        assert_eq!(store.draft(&id).await.unwrap(), None);
        assert_eq!(edit(store, "a", published.digest(), None, "甲", 3).await, DraftEdited::Kept);
        assert_eq!(edit(store, "a", published.digest(), Some(&mine), "乙", 4).await, DraftEdited::Overtaken(None));
        assert_eq!(store.draft(&id).await.unwrap().unwrap().by, "甲");
    })
    .await;
}

/// A draft is replaced as it was seen, or not at all: neither where somebody worked on it meanwhile, nor where there
/// was none, nor where it is gone.
#[tokio::test]
async fn a_draft_is_replaced_as_it_was_seen() {
    on_each(async |store| {
        let id = indicators();
        let replace = async |seen: Option<&Draft>, key: &str, at: i64| {
            store.replace_seen_draft(&id, seen, &[row(key, "{}")], &["甲".into()], Moment(at), "").await.unwrap()
        };
        assert!(replace(None, "a", 1).await);
        let seen = store.draft(&id).await.unwrap();
        assert!(!replace(None, "b", 2).await, "there is one by now");
        assert!(replace(seen.as_ref(), "b", 3).await);
        assert!(!replace(seen.as_ref(), "c", 4).await, "it is another by now");
        let now = store.draft(&id).await.unwrap().unwrap();
        assert_eq!((now.entries[0].key.as_str(), now.at), ("b", Moment(3)));
        store.discard_draft(&id, None).await.unwrap();
        assert!(!replace(Some(&now), "c", 5).await, "it is gone");
        assert_eq!(store.draft(&id).await.unwrap(), None);
    })
    .await;
}

/// A draft is known by its entries, for whom they are, its drafters and its note.
#[tokio::test]
async fn drafts_are_known_by_their_digest() {
    on_each(async |store| {
        let id = indicators();
        let mut seen = std::collections::BTreeSet::new();
        let shared = DraftRow { audience: audience("320581"), ..row("a", "{}") };
        for (row, by, note) in [
            (row("a", "{}"), "甲", ""),
            (row("a", "{ }"), "甲", ""),
            (shared, "甲", ""),
            (row("a", "{}"), "乙", ""),
            (row("a", "{}"), "甲", "说明"),
        ] {
            store.replace_draft(&id, std::slice::from_ref(&row), by, Moment(1), note).await.unwrap();
            let digest = store.draft(&id).await.unwrap().unwrap().digest();
            assert!(seen.insert(digest), "{row:?} {by} {note}");
            store.replace_draft(&id, &[row], by, Moment(2), note).await.unwrap();
            assert_eq!(store.draft(&id).await.unwrap().unwrap().digest(), digest, "the time does not count");
        }
    })
    .await;
}

/// The newest release of each catalog of one publisher, in one answer.
#[tokio::test]
async fn newest_releases() {
    on_each(async |store| {
        apply(store, 1, vec![entry("a", 1, "*")], &[]).await;
        apply(store, 2, vec![entry("a", 2, "*")], &[]).await;
        let newest = store.newest_releases(&region("320500")).await.unwrap();
        assert_eq!(newest.iter().map(|signed| signed.release.number).collect::<Vec<_>>(), [2]);
        assert_eq!(store.newest_releases(&region("320581")).await.unwrap(), []);
    })
    .await;
}

/// A publication ends the draft that it was made of; what somebody drafted since then stays a draft.
#[tokio::test]
async fn later_edits_outlive_a_publication() {
    on_each(async |store| {
        let id = indicators();
        for (number, drafted_at, stays) in [(1, 5, false), (2, 4, true)] {
            store.replace_draft(&id, &[row("a", "{}")], "经办", Moment(5), "").await.unwrap();
            let difference = Difference { upserts: vec![entry("a", number, "*")], removals: Vec::new() };
            let releases = [signed(&id, number)];
            let application = application(&releases, &difference, number - 1, Moment(9));
            store.publish(&application, None, Moment(drafted_at)).await.unwrap();
            assert_eq!(store.draft(&id).await.unwrap().is_some(), stays, "release {number}");
        }
    })
    .await;
}
