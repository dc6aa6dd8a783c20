//! Catalogs: releases switch as a whole, advances stay, drafts are replaced as a whole.

use tongpin_domain::catalog::{Difference, Head, Turnover};
use tongpin_domain::moment::Moment;
use tongpin_store::{Application, DraftRow, PackedDifference, Rollout, StoreError, StoredAdvance};

use super::ground::{application, apply, audience, digest, entry, indicators, keys, on_each, signed};
use tongpin_domain::region::RegionCode;

/// A release becomes the head with its entries, exactly as they were given; the next one supersedes and removes.
#[tokio::test]
async fn releases() {
    on_each(async |store| {
        let id = indicators();
        assert_eq!(store.head(&id).await.unwrap(), None);
        apply(store, 1, vec![entry("a", 1, "*"), entry("b", 1, "320581"), entry("指标", 1, "-")], &[]).await;
        apply(store, 2, vec![entry("a", 2, "*"), entry("c", 2, "*")], &["b"]).await;

        let head = Head { catalog: id.clone(), number: 2, digest: digest(2) };
        assert_eq!(store.head(&id).await.unwrap(), Some(head.clone()));
        assert_eq!(store.heads().await.unwrap(), [head]);
        assert_eq!(store.entries(&id).await.unwrap(), [entry("a", 2, "*"), entry("c", 2, "*"), entry("指标", 1, "-")]);
        assert_eq!(store.entry(&id, "a").await.unwrap(), Some(entry("a", 2, "*")));
        assert_eq!(store.entry(&id, "b").await.unwrap(), None);
        assert_eq!(store.release(&id, 1).await.unwrap(), Some(signed(&id, 1)));
        assert_eq!(store.release(&id, 3).await.unwrap(), None);
        assert_eq!(store.releases(&id, 0, 9).await.unwrap(), [signed(&id, 1), signed(&id, 2)]);
        assert_eq!(store.releases(&id, 1, 2).await.unwrap(), [signed(&id, 2)]);
        assert_eq!(store.applied_at(&id, 2).await.unwrap(), Some(Moment(2)));
    })
    .await;
}

/// Each advance is kept as it was packed, with what it says beside the difference; one from nothing needs no more.
#[tokio::test]
async fn advances() {
    on_each(async |store| {
        let id = indicators();
        apply(store, 1, vec![entry("a", 1, "*")], &[]).await;
        let turnover = Turnover {
            added: ["b".to_owned()].into(),
            left: [("a".to_owned(), audience("*")), ("指标".to_owned(), audience("320581"))].into(),
        };
        let difference = Difference { upserts: vec![entry("b", 4, "*")], removals: vec!["a".into()] };
        let releases = [signed(&id, 3), signed(&id, 4)];
        let packed = PackedDifference { data: b"\0packed\xff", raw_length: 7 };
        let application =
            Application { turnover: &turnover, packed, ..application(&releases, &difference, 1, Moment(9)) };
        store.apply(&application).await.unwrap();

        let kept = store.advances(&id, 1, 4).await.unwrap();
        let data = b"\0packed\xff".to_vec();
        assert_eq!(kept, [StoredAdvance { from: 1, to: 4, turnover, data, raw_length: 7 }]);
        let all = store.advances(&id, 0, u64::MAX).await.unwrap();
        assert_eq!(all.iter().map(|it| (it.from, it.to)).collect::<Vec<_>>(), [(0, 1), (1, 4)]);
        assert_eq!(all[0].turnover, Turnover::default());
        assert_eq!(store.advances(&id, 0, 3).await.unwrap().len(), 1);
        assert_eq!(store.advance_numbers(&id).await.unwrap(), [(0, 1), (1, 4)]);
    })
    .await;
}

/// A difference that starts from another head than the one held is refused, and leaves nothing behind.
#[tokio::test]
async fn another_head_is_a_conflict() {
    on_each(async |store| {
        let id = indicators();
        apply(store, 1, vec![entry("a", 1, "*")], &[]).await;
        let difference = Difference { upserts: vec![entry("x", 3, "*")], removals: vec!["a".into()] };
        for (number, expected_head, found) in [(3, 2, 1), (1, 0, 1), (1, 1, 1)] {
            let releases = [signed(&id, number)];
            let at = Moment(9);
            let error = store.apply(&application(&releases, &difference, expected_head, at)).await.unwrap_err();
            let StoreError::Conflict { expected, found: seen, .. } = error else { panic!("{error}") };
            assert_eq!((expected, seen), (expected_head, found));
        }
        assert_eq!(keys(&store.entries(&id).await.unwrap()), [("a", 1)]);
    })
    .await;
}

/// A full replacement keeps what is the same, repairs what is not, and ends what is not named; a node that was away
/// gets several releases at once.
#[tokio::test]
async fn full_replacement_and_several_releases() {
    on_each(async |store| {
        let id = indicators();
        let mut wrong = entry("b", 1, "*");
        wrong.body = "{}".into();
        apply(store, 1, vec![entry("a", 1, "*"), wrong, entry("c", 1, "*")], &[]).await;
        let upserts = vec![entry("a", 1, "*"), entry("b", 1, "*"), entry("d", 2, "*"), entry("e", 3, "320581")];
        let difference = Difference { upserts: upserts.clone(), removals: Vec::new() };
        let releases = [signed(&id, 2), signed(&id, 3)];
        let application = Application { full: true, ..application(&releases, &difference, 1, Moment(3)) };
        assert_eq!(store.apply(&application).await.unwrap().number, 3);
        assert_eq!(store.entries(&id).await.unwrap(), upserts);
        assert_eq!(store.advance_numbers(&id).await.unwrap(), [(0, 1), (0, 3)]);
        assert_eq!(store.releases(&id, 0, 3).await.unwrap().len(), 3);
    })
    .await;
}

/// More rows than one statement takes arrive whole and in order of their bytes, whatever language they are in.
#[tokio::test]
async fn many_rows() {
    on_each(async |store| {
        let id = indicators();
        let mut all: Vec<_> = (0..1203).map(|n| entry(&format!("K{n:05}"), 1, "*")).collect();
        all.extend([entry("a_b", 1, "*"), entry("aB", 1, "*"), entry("ä", 1, "*"), entry("满意度", 1, "*")]);
        all.sort_by(|a, b| a.key.cmp(&b.key));
        apply(store, 1, all.clone(), &[]).await;
        assert_eq!(store.entries(&id).await.unwrap(), all);
        let removals: Vec<String> = (0..601).map(|n| format!("K{n:05}")).collect();
        let removals: Vec<&str> = removals.iter().map(String::as_str).collect();
        apply(store, 2, Vec::new(), &removals).await;
        assert_eq!(store.entries(&id).await.unwrap(), all[601..]);
    })
    .await;
}

/// A draft is replaced and read as a whole, an empty one is one, and publishing takes it away.
#[tokio::test]
async fn drafts() {
    on_each(async |store| {
        let id = indicators();
        let row = |key: &str, body: &str| DraftRow { key: key.into(), audience: audience("320581"), body: body.into() };
        assert_eq!(store.draft(&id).await.unwrap(), None);
        store.replace_draft(&id, &[row("z", "{}")], "经办", Moment(1), "旧").await.unwrap();
        let rows = [row("b", "{}"), row("a", "{}"), row("b", "{\"last\":1}")];
        store.replace_draft(&id, &rows, "经办", Moment(2), "新").await.unwrap();
        let draft = store.draft(&id).await.unwrap().unwrap();
        assert_eq!(keys(&draft.entries), [("a", 0), ("b", 0)]);
        assert_eq!(draft.entries[1].body, "{\"last\":1}");
        assert_eq!((draft.by.as_str(), draft.at, draft.note.as_str()), ("经办", Moment(2), "新"));
        assert_eq!(store.drafts().await.unwrap(), std::slice::from_ref(&id));
        let info = store.draft_info(&id).await.unwrap().unwrap();
        assert_eq!((info.by.as_str(), info.at, info.note.as_str(), info.entries.len()), ("经办", Moment(2), "新", 0));

        store.replace_draft(&id, &[], "经办", Moment(3), "全部停用").await.unwrap();
        assert_eq!(store.draft(&id).await.unwrap().map(|draft| draft.entries.len()), Some(0));

        let difference = Difference { upserts: vec![entry("a", 1, "*")], removals: Vec::new() };
        let releases = [signed(&id, 1)];
        let application = application(&releases, &difference, 0, Moment(4));
        let county = RegionCode::new("320581").unwrap();
        store.publish(&application, Some(std::slice::from_ref(&county)), Moment(9)).await.unwrap();
        let rollout = Rollout { catalog: id.clone(), number: 1, region: Some(county) };
        assert_eq!(store.rollouts().await.unwrap(), [rollout]);
        assert_eq!(store.draft(&id).await.unwrap(), None);
        assert_eq!(store.draft_info(&id).await.unwrap(), None);
        assert!(!store.discard_draft(&id, None).await.unwrap());

        // What a published draft left behind does not come back with the next one.
        store.replace_draft(&id, &[row("k", "{}")], "经办", Moment(5), "").await.unwrap();
        assert_eq!(keys(&store.draft(&id).await.unwrap().unwrap().entries), [("k", 0)]);
    })
    .await;
}
