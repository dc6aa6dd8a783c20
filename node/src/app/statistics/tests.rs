//! Shows that what is kept follows what changes.

use tongpin_store::{Batch, Change, Life, Past, Put, RECORDS, RecordRow};

use super::*;
use crate::ops::ground::{TestNode, row};

/// What was read once is not read again until records change.
#[tokio::test]
async fn read_once() {
    let desk = TestNode::open().await;
    let statistics = Statistics::default();
    let read = async || statistics.read(&desk.store).await.expect("readable");
    let first = read().await;
    desk.store.set_meta("something", "else").await.expect("writable");
    assert!(Arc::ptr_eq(&first, &read().await));
    desk.put(&[row("other", "x", Ok("{}".into()))]).await;
    assert!(!Arc::ptr_eq(&first, &read().await));
}

/// What a worker follows change by change is what reading all records tells: after a project that uses another
/// indicator, one that cannot be read, one that is gone, and one that another bureau registers as well.
#[tokio::test]
async fn followed_change_by_change() {
    let desk = TestNode::open().await;
    let statistics = Statistics::default();
    statistics.follow(&desk.store, None).await.expect("readable");
    let own = crate::ops::ground::code("320581");
    let lines = desk.store.records(PROJECT_INDICATOR, Some(&own)).await.expect("readable");
    let projects = desk.store.records(PROJECT, Some(&own)).await.expect("readable");
    let last = lines.last().expect("a line");
    let mut line: serde_json::Value = serde_json::from_str(&last.body).expect("JSON");
    line["indicator_code"] = "ZB-NEW".into();
    let township = crate::ops::ground::code("320581101");
    let change = |body: &str| Change {
        kind: PROJECT.into(),
        key: projects[2].key.clone(),
        body: Some(body.to_owned()),
        problem: None,
    };
    let second = [change(&projects[2].body)];
    let batch = Batch { author: &township, stream: RECORDS, incarnation: "first", first_seq: 1, changes: &second };
    let watch = desk.store.watch(concerns_records);
    desk.put(&[row(PROJECT_INDICATOR, &last.key, Ok(line.to_string()))]).await;
    desk.put(&[row(PROJECT, &projects[1].key, Ok(r#"{"project_code":"P"}"#.into()))]).await;
    let gone = [RecordRow { kind: PROJECT.into(), key: projects[0].key.clone(), body: None }];
    let put = Put { own: &own, records: &gone, at: Moment(1), log: true };
    desk.store.put_records(&put).await.expect("writable");
    desk.store.accept_records(&batch).await.expect("taken");
    let changed = watch.take();
    assert!(changed.iter().filter(|it| matches!(it, Topic::Project(_))).count() >= 3, "{changed:?}");
    statistics.follow(&desk.store, Some(&changed)).await.expect("readable");

    let (followed, all) =
        (statistics.read(&desk.store).await.expect("readable"), Read::all(&desk.store).await.expect("readable"));
    assert_eq!((followed.used.times("ZB-NEW"), all.used.times("ZB-NEW")), (1, 1));
    assert_eq!(followed.uses, all.uses);
    assert_eq!(followed.set_aside().collect::<Vec<_>>(), all.set_aside().collect::<Vec<_>>());
    assert_eq!(followed.set_aside().count(), 2);
    assert_eq!(followed.received(), all.received());
    assert!(!followed.uses.contains_key(&projects[0].key));
}

/// A report that cannot be read is set aside like any other record, and only that one.
#[tokio::test]
async fn unreadable_reports() {
    let desk = TestNode::open().await;
    let sound = r#"{"project_code":"P","year":2024,"month":1,"spent":"1","reported_at":0,"changed_at":0}"#;
    desk.put(&[row(OBSERVATION, "P/2024-01", Ok(sound.into())), row(OBSERVATION, "P/2024-02", Ok(sound.into()))]).await;
    let read = Statistics::default().read(&desk.store).await.expect("readable");
    let aside: Vec<_> = read.set_aside().filter(|it| it.kind == OBSERVATION).map(|it| it.key.as_str()).collect();
    assert_eq!(aside, ["P/2024-02"]);
    let counts = read.received().values().next().expect("an author");
    assert_eq!((counts[OBSERVATION].sound, counts[PROJECT].sound), (2, 6));
}

/// What a township has not sent again is counted without reading records, and is the same number as read ahead.
#[tokio::test]
async fn left_behind_is_counted() {
    let desk = TestNode::open().await;
    // A township wrote two projects, and was restored from a copy made after the first.
    let author = crate::ops::ground::code("320581101");
    let life = |incarnation: &str, start| Life { incarnation: incarnation.to_owned(), start };
    let change = |key: &str| Change {
        kind: PROJECT.into(),
        key: key.into(),
        body: Some("{}".into()),
        problem: Some("不完整".into()),
    };
    for (lineage, changes) in [
        (&[life("first", 0)][..], &[change("A"), change("B")][..]),
        (&[life("first", 0), life("second", 1)], &[change("A"), change("C")]),
    ] {
        let incarnation = lineage.last().map_or("", |life| life.incarnation.as_str());
        let batch = Batch { author: &author, stream: RECORDS, incarnation, first_seq: 1, changes };
        desk.store.accept_told(&batch, Past { lineage, ..Past::default() }).await.expect("taken");
    }
    let statistics = Statistics::default();
    let left = async || statistics.left_behind(&desk.store).await.expect("readable");
    let counted = left().await;
    assert!(lock(&statistics.followed).is_none() && statistics.read.kept_now().is_none());
    assert_eq!(counted.get(&author), Some(&1), "what was written after the copy");
    statistics.follow(&desk.store, None).await.expect("readable");
    assert_eq!(left().await, counted);
}

/// Counts of reports by month follow each change at once.
#[tokio::test]
async fn months_counted_at_once() {
    let desk = TestNode::open().await;
    let statistics = Statistics::default();
    let (author, month) = (crate::ops::ground::code("320581"), "2024-11".parse().expect("a month"));
    let now = Moment(1_735_700_000_000);
    let counted = async || statistics.month(&desk.store, &author, month).await.expect("readable");
    let owed = async || statistics.owed(&desk.store, &author, 2024, now).await.expect("readable");
    let (first, before) = (counted().await, owed().await);
    assert_eq!((first.reported, before), (0, Owed { overdue: first.due * 11, reported_at: None }));
    let project = desk.store.records(PROJECT, Some(&author)).await.expect("readable");
    let project = project.iter().find(|it| it.body.contains("\"fiscal_year\":2024")).expect("one of 2024");
    let body = format!(
        r#"{{"project_code":"{}","year":2024,"month":11,"spent":"1","reported_at":0,"changed_at":7}}"#,
        project.key
    );
    desk.put(&[row(OBSERVATION, &format!("{}/2024-11", project.key), Ok(body))]).await;
    assert_eq!(counted().await.reported, 1);
    assert_eq!(owed().await, Owed { overdue: before.overdue - 1, reported_at: Some(Moment(7)) });
}

/// Counts follow each change at once.
#[tokio::test]
async fn counted_at_once() {
    let desk = TestNode::open().await;
    let statistics = Statistics::default();
    let first = statistics.now(&desk.store).await.expect("readable");
    assert!(Arc::ptr_eq(&first, &statistics.now(&desk.store).await.expect("readable")));
    desk.put(&[row("form", "x/1", Ok("{}".into()))]).await;
    let after = statistics.now(&desk.store).await.expect("readable");
    assert!(Arc::ptr_eq(&first, &after), "no document changes what is counted of projects");
    assert_eq!((first.records[PROJECT], first.projects.by_status["UNSCORED"]), (6, 6));
    desk.score().await;
    let scored = statistics.now(&desk.store).await.expect("readable");
    assert!(!scored.projects.by_status.contains_key("UNSCORED") && scored.projects.by_status["SCORED"] > 0);
}
