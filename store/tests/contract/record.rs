//! Records: own ones are written where they differ, others' are applied once and in order.

use std::collections::BTreeMap;

use tongpin_domain::moment::Moment;
use tongpin_store::{Acceptance, Batch, Change, Expected, Keys, Position, Put, PutCounts, RECORDS, RecordRow, Store};

use super::ground::{on_each, region};

fn row(key: &str, body: Option<&str>) -> RecordRow {
    RecordRow { kind: "project".into(), key: key.into(), body: body.map(Into::into) }
}

fn change(key: &str, body: Option<&str>) -> Change {
    Change { kind: "project".into(), key: key.into(), body: body.map(Into::into), problem: None }
}

async fn put(store: &Store, records: &[RecordRow], log: bool) -> PutCounts {
    let own = region("320581101");
    let put = Put { own: &own, records, at: Moment(1), log };
    store.put_records(&put).await.unwrap()
}

async fn accept(store: &Store, incarnation: &str, first_seq: u64, changes: &[Change]) -> Acceptance {
    let author = region("320581101");
    let batch = Batch { author: &author, stream: RECORDS, incarnation, first_seq, changes };
    store.accept_records(&batch).await.unwrap()
}

async fn held(store: &Store) -> Vec<(String, String, u64)> {
    let records = store.records("project", None).await.unwrap();
    records.into_iter().map(|record| (record.key, record.body, record.seq)).collect()
}

fn seen(key: &str, body: &str, seq: u64) -> (String, String, u64) {
    (key.into(), body.into(), seq)
}

/// Only what differs is written and logged; the log is gapless and holds the changes, deletions among them.
#[tokio::test]
async fn own_records() {
    on_each(async |store| {
        let counts = put(store, &[row("a", Some("1")), row("b", Some("1")), row("a", Some("2"))], true).await;
        assert_eq!(counts, PutCounts { added: 2, ..PutCounts::default() });
        let again = [row("a", Some("2")), row("b", Some("3")), row("c", Some("1")), row("x", None)];
        let counts = put(store, &again, true).await;
        assert_eq!(counts, PutCounts { added: 1, changed: 1, unchanged: 2, removed: 0 });
        let counts = put(store, &[row("b", None)], true).await;
        assert_eq!(counts, PutCounts { removed: 1, ..PutCounts::default() });
        assert_eq!(put(store, &[row("c", Some("1"))], true).await.unchanged, 1);

        assert_eq!(held(store).await, [seen("a", "2", 1), seen("c", "1", 4)]);
        let log = store.outbox_after(RECORDS, 0, 99).await.unwrap();
        let log: Vec<_> = log.iter().map(|row| (row.seq, row.key.as_str(), row.body.as_deref())).collect();
        let due: [(u64, &str, Option<&[u8]>); 5] =
            [(1, "a", Some(b"2")), (2, "b", Some(b"1")), (3, "b", Some(b"3")), (4, "c", Some(b"1")), (5, "b", None)];
        assert_eq!(log, due);
    })
    .await;
}

/// A county's own records, which go nowhere, are not logged.
#[tokio::test]
async fn unlogged_records() {
    on_each(async |store| {
        put(store, &[row("a", Some("1"))], false).await;
        assert_eq!(store.outbox_last(RECORDS).await.unwrap(), 0);
        assert_eq!(held(store).await, [seen("a", "1", 0)]);
    })
    .await;
}

/// Each change is applied once: what comes again is skipped, what comes too early is refused.
#[tokio::test]
async fn changes_apply_once() {
    on_each(async |store| {
        let first = [change("a", Some("1")), change("b", Some("1")), change("a", Some("2"))];
        assert_eq!(accept(store, "i1", 1, &first).await, Acceptance::Accepted { seq: 3, applied: 3, skipped: 0 });
        assert_eq!(accept(store, "i1", 1, &first).await, Acceptance::Accepted { seq: 3, applied: 0, skipped: 3 });
        assert_eq!(accept(store, "i1", 5, &first).await, Acceptance::Gap { expected: 4 });
        let overlapping = [change("a", Some("stale")), change("b", None), change("c", Some("1"))];
        let outcome = accept(store, "i1", 3, &overlapping).await;
        assert_eq!(outcome, Acceptance::Accepted { seq: 5, applied: 2, skipped: 1 });
        assert_eq!(held(store).await, [seen("a", "2", 3), seen("c", "1", 5)]);
        let position = Position { stream: RECORDS.into(), incarnation: "i1".into(), seq: 5, mark: None };
        assert_eq!(store.positions(&region("320581101")).await.unwrap(), [position]);
        assert_eq!(store.position(&region("320581102"), RECORDS).await.unwrap(), None);
    })
    .await;
}

/// A restored author starts again from 1; what it does not send again is listed until it does.
#[tokio::test]
async fn a_new_incarnation_starts_again() {
    on_each(async |store| {
        let author = region("320581101");
        accept(store, "i1", 1, &[change("a", Some("1")), change("b", Some("1")), change("c", Some("1"))]).await;
        assert_eq!(accept(store, "i2", 4, &[change("a", Some("2"))]).await, Acceptance::Gap { expected: 1 });
        assert_eq!(store.left_behind(&author).await.unwrap(), []);
        accept(store, "i2", 1, &[change("a", Some("2")), change("d", Some("1"))]).await;
        let left: Vec<_> = store.left_behind(&author).await.unwrap().into_iter().map(|record| record.key).collect();
        assert_eq!(left, ["b", "c"]);
        accept(store, "i2", 3, &[change("b", Some("1")), change("c", None)]).await;
        assert_eq!(store.left_behind(&author).await.unwrap(), []);
        assert_eq!(held(store).await, [seen("a", "2", 1), seen("b", "1", 3), seen("d", "1", 2)]);
    })
    .await;
}

/// A record with a problem is set aside and does not hold up the rest; once sound it is back.
#[tokio::test]
async fn set_aside() {
    on_each(async |store| {
        let bad = Change { problem: Some("年初预算数 不是数字".into()), ..change("b", Some("{}")) };
        accept(store, "i1", 1, &[change("a", Some("1")), bad, change("c", Some("1"))]).await;
        assert_eq!(held(store).await.len(), 2);
        assert_eq!(store.count_records("project").await.unwrap(), 2);
        assert_eq!(store.record("project", "b").await.unwrap(), None);
        let aside = store.set_aside().await.unwrap();
        assert_eq!(aside.len(), 1);
        assert_eq!(aside[0].problem.as_deref(), Some("年初预算数 不是数字"));
        accept(store, "i1", 4, &[change("b", Some("2"))]).await;
        assert_eq!(store.set_aside().await.unwrap(), []);
        assert_eq!(store.count_records("project").await.unwrap(), 3);
    })
    .await;
}

/// Two authors may use one key; pages go on after the last key and never split one; an author's own can be asked for.
#[tokio::test]
async fn pages_and_authors() {
    on_each(async |store| {
        let (one, two) = (region("320581101"), region("320581102"));
        let changes: Vec<Change> = (0..1100).map(|n| change(&format!("P{n:04}"), Some("1"))).collect();
        accept(store, "i1", 1, &changes).await;
        let shared = [change("P0001", Some("2"))];
        let batch = Batch { author: &two, stream: RECORDS, incarnation: "j1", first_seq: 1, changes: &shared };
        store.accept_records(&batch).await.unwrap();

        assert_eq!(store.records("project", Some(&two)).await.unwrap().len(), 1);
        assert_eq!(store.records("project", Some(&one)).await.unwrap().len(), 1100);
        assert_eq!(store.records("indicator", None).await.unwrap(), []);
        assert_eq!(store.record("project", "P0001").await.unwrap().map(|record| record.author), Some(one));

        let (mut after, mut names) = (String::new(), Vec::new());
        loop {
            let page = store.records_page("project", &after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= 3);
            after.clone_from(&last.key);
            names.extend(page.into_iter().map(|record| (record.key, record.author)));
        }
        assert_eq!(names.len(), 1101);
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
    })
    .await;
}

/// What was seen before is compared and replaced in one step: another body, a line more or a line less, and nothing is
/// written; keys that only begin alike, and other authors, do not count.
#[tokio::test]
async fn written_only_if_as_expected() {
    on_each(async |store| {
        let own = region("320581");
        let line = |key: &str, body: &str| RecordRow { kind: "line".into(), ..row(key, Some(body)) };
        let records = [row("a", Some("1")), line("a/1", "1"), line("a/2", "1"), line("a0", "1"), line("b/1", "1")];
        let put = Put { own: &own, records: &records, at: Moment(1), log: false };
        store.put_records(&put).await.unwrap();
        accept(store, "i1", 1, &[change("a", Some("another author's"))]).await;

        let seen = |bodies: &[(&str, &str)]| -> BTreeMap<String, String> {
            bodies.iter().map(|(key, body)| ((*key).to_owned(), (*body).to_owned())).collect()
        };
        let lines = [("a/1", "1"), ("a/2", "1")];
        let write = async |project: &[(&str, &str)], lines: &[(&str, &str)], new: &str| {
            let expected = [
                Expected { kind: "project", keys: Keys::One("a"), bodies: seen(project) },
                Expected { kind: "line", keys: Keys::Below("a"), bodies: seen(lines) },
            ];
            let records = [row("a", Some(new))];
            store.put_expected(&Put { records: &records, ..put }, &expected).await.unwrap()
        };
        for (project, lines) in [
            (&[("a", "0")][..], &lines[..]),
            (&[], &lines),
            (&[("a", "1")], &lines[..1]),
            (&[("a", "1")], &[("a/1", "1"), ("a/2", "1"), ("a/3", "1")]),
        ] {
            assert_eq!(write(project, lines, "2").await, None);
        }
        assert_eq!(store.records("project", Some(&own)).await.unwrap()[0].body, "1");
        let counts = PutCounts { changed: 1, ..PutCounts::default() };
        assert_eq!(write(&[("a", "1")], &lines, "2").await, Some(counts));
        assert_eq!(write(&[("a", "1")], &lines, "3").await, None);
        assert_eq!(store.records("project", Some(&own)).await.unwrap()[0].body, "2");
        let below = store.records_at("line", Keys::Below("a")).await.unwrap();
        assert_eq!(below.iter().map(|record| record.key.as_str()).collect::<Vec<_>>(), ["a/1", "a/2"]);
        assert_eq!(store.records_at("project", Keys::One("a")).await.unwrap().len(), 2);

        // Keys that lie apart are compared and read together, those that nothing is under among them.
        let some = Keys::These(&["a/2", "b/1", "c/1"]);
        let found = store.records_at("line", some).await.unwrap();
        assert_eq!(found.iter().map(|record| record.key.as_str()).collect::<Vec<_>>(), ["a/2", "b/1"]);
        for (bodies, written) in [
            (&[("a/2", "1")][..], false),
            (&[("a/2", "1"), ("b/1", "1"), ("c/1", "1")], false),
            (&[("a/2", "1"), ("b/1", "1")], true),
        ] {
            let expected = [Expected { kind: "line", keys: some, bodies: seen(bodies) }];
            let records = [line("c/1", "1")];
            let put = store.put_expected(&Put { records: &records, ..put }, &expected).await.unwrap();
            assert_eq!(put.is_some(), written, "{bodies:?}");
        }
    })
    .await;
}

/// Records are counted by author and kind, what was set aside and what was left behind apart; and those of some keys
/// are read together.
#[tokio::test]
async fn counts_by_author() {
    on_each(async |store| {
        let county = region("320581");
        let own = [row("a", Some("1")), row("b", Some("1"))];
        let months = ["a/2024-11", "b/2024-11", "b/2024-10", "b/2024_11"];
        let months =
            months.map(|key| RecordRow { kind: "observation".into(), key: key.into(), body: Some("1".into()) });
        let put = Put { own: &county, records: &[&own[..], &months[..]].concat(), at: Moment(1), log: false };
        store.put_records(&put).await.unwrap();
        let broken = Change { problem: Some("?".into()), ..change("x", Some("1")) };
        accept(store, "i", 1, &[broken, change("y", Some("1"))]).await;
        let counts = store.record_counts().await.unwrap();
        let counts: Vec<_> =
            counts.iter().map(|it| (it.author.as_str(), it.kind.as_str(), it.sound, it.aside)).collect();
        assert_eq!(
            counts,
            [("320581", "observation", 4, 0), ("320581", "project", 2, 0), ("320581101", "project", 1, 1)]
        );
        let named =
            store.records_named("observation", &county, &["b/2024-10", "a/2024-11", "c/2024-11"]).await.unwrap();
        assert_eq!(named.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["a/2024-11", "b/2024-10"]);
        let town = region("320581101");
        assert_eq!(
            store.records_named("project", &town, &["x", "y", "a"]).await.unwrap().len(),
            1,
            "sound and its own"
        );
        assert_eq!(store.record_counts().await.unwrap()[2].left_behind, 0);
        accept(store, "i2", 1, &[change("y", Some("1"))]).await;
        assert_eq!(store.record_counts().await.unwrap()[2].left_behind, 1);
    })
    .await;
}
