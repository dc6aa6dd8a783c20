//! What a county adds to a form, in whatever order it arrives.

use tongpin_domain::form::SUPPLEMENTS;

use super::*;

const ADDED: &str = r#"{"code":"roads","fields":[{"name":"builder","title":"施工单位","kind":"line"}],
    "columns":{"parts":[{"name":"km","title":"里程","kind":"decimal"}]}}"#;

async fn add(store: &Store, number: u64, body: &str) {
    publish(store, &catalog("320581", SUPPLEMENTS), number, &[("roads", body)], &[]).await;
}

fn filled(id: &str, added: u64) -> String {
    let given = r#"{"builder":"甲公司","parts":[{"id":"r1","cells":{"km":"2.5"}}]}"#;
    document(id, 1, given).replacen(r#""release":1,"#, &format!(r#""release":1,"added":{added},"#), 1)
}

async fn listed(store: &Store) -> [usize; 2] {
    let values = |lines: Vec<FormLine>| lines.into_iter().filter(|line| line.values[0].is_some()).count();
    [values(lines(store, None, &["builder"]).await), values(lines(store, Some("parts"), &["parts.km"]).await)]
}

/// The form first, then what is added, then documents; or what is added first; or documents before either: lists show
/// what was filled in under what is added, and nothing of that under the form alone.
#[tokio::test]
async fn arriving() {
    on_each(async |store| {
        publish_form(store, 1, FIRST).await;
        add(store, 1, ADDED).await;
        put(store, &[("roads/1", Some(filled("1", 1))), ("roads/2", Some(filled("2", 0)))]).await;
        assert_eq!(listed(store).await, [1, 1]);
        // What it is filled in under is not here yet: it is listed once that comes.
        put(store, &[("roads/3", Some(filled("3", 2)))]).await;
        assert_eq!(page(store, FIRST, &FormFilter::default()).await.len(), 2);
        add(store, 2, &ADDED.replace("施工单位", "施工企业")).await;
        assert_eq!(listed(store).await, [2, 2]);
        store.rebuild_form("roads", Moment(9)).await.unwrap();
        assert_eq!(listed(store).await, [2, 2]);
        let kept = store.form_supplement(&region("320500"), "roads", 1).await.unwrap();
        assert_eq!(kept.as_deref(), Some(ADDED));
        assert_eq!(store.form_supplement(&region("320581"), "roads", 1).await.unwrap(), None, "not to one's own form");
    })
    .await;
    on_each(async |store| {
        add(store, 1, ADDED).await;
        put(store, &[("roads/1", Some(filled("1", 1)))]).await;
        publish_form(store, 1, FIRST).await;
        store.list_waiting().await.unwrap();
        put(store, &[("roads/2", Some(filled("2", 1)))]).await;
        assert_eq!(listed(store).await[1], 2);
    })
    .await;
}
