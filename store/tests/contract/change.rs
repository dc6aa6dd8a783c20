//! Which projects changed, in the order of their last changes.

use tongpin_domain::moment::Moment;
use tongpin_store::{Put, RecordRow, Store};

use super::ground::{on_each, region};

async fn put(store: &Store, at: i64, rows: &[(&str, &str, Option<&str>)]) {
    let row = |(kind, key, body): &(&str, &str, Option<&str>)| RecordRow {
        kind: (*kind).to_owned(),
        key: (*key).to_owned(),
        body: body.map(str::to_owned),
    };
    let records: Vec<RecordRow> = rows.iter().map(row).collect();
    store.put_records(&Put { own: &region("320581"), records: &records, at: Moment(at), log: false }).await.unwrap();
}

/// Each project stands once, where it changed last, and a change of a line or of a month is its project's. What did not
/// change, and what is no project's, is not told.
#[tokio::test]
async fn last_changes() {
    on_each(async |store| {
        let seen = async |after, limit| {
            let changes = store.project_changes(&region("320581"), after, limit).await.unwrap();
            changes.into_iter().map(|it| (it.seq, it.project, it.at.0, it.removed)).collect::<Vec<_>>()
        };
        let due = |seq, project: &str, at, removed| (seq, project.to_owned(), at, removed);
        assert_eq!(store.last_project_change().await.unwrap(), 0);
        let both = [("project", "P1", Some("{}")), ("project_indicator", "P1/001", Some("{}"))];
        put(store, 10, &both).await;
        put(store, 20, &[("project", "P2", Some("{}")), ("observation", "O1", Some("{}"))]).await;
        assert_eq!(seen(0, 9).await, [due(1, "P1", 10, false), due(2, "P2", 20, false)]);
        put(store, 30, &both).await;
        assert_eq!(store.last_project_change().await.unwrap(), 2);
        put(store, 40, &[("project_indicator", "P1/001", Some("{\"a\":1}"))]).await;
        assert_eq!(seen(0, 9).await, [due(2, "P2", 20, false), due(3, "P1", 40, false)]);
        assert_eq!(seen(2, 9).await, [due(3, "P1", 40, false)]);
        assert_eq!(seen(0, 1).await, [due(2, "P2", 20, false)]);
        put(store, 50, &[("project", "P2", None)]).await;
        assert_eq!(seen(3, 9).await, [due(4, "P2", 50, true)]);
        assert_eq!(store.last_project_change().await.unwrap(), 4);
        put(store, 60, &[("observation", "P1/2024-05", Some("{}"))]).await;
        assert_eq!(seen(4, 9).await, [due(5, "P1", 60, false)]);
    })
    .await;
}
