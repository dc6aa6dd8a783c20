//! Whoever watches is told of what concerns it, by this process and by others on one database, and of nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use tongpin_domain::moment::Moment;
use tongpin_store::{Others, RECORDS, REPORTS, Store, Topic};

use super::ground::{indicators, on_each, on_each_at, region};

fn outbox(stream: &str) -> BTreeSet<Topic> {
    BTreeSet::from([Topic::Outbox(stream.to_owned())])
}

async fn append(store: &Store, stream: &str) {
    store.append(stream, "report", "c", Some(b"x"), Moment(1)).await.unwrap();
}

/// A commit tells at once what it changed; notes that nobody waits for, and what was undone, tell nothing.
#[tokio::test]
async fn within_a_process() {
    on_each(async |store| {
        let all = store.watch(|_| true);
        let reports = store.watch(|topic| *topic == Topic::Outbox(REPORTS.to_owned()));
        append(store, RECORDS).await;
        assert!(reports.take().is_empty(), "another stream");
        append(store, REPORTS).await;
        assert_eq!(reports.changed().await, outbox(REPORTS));
        assert_eq!(all.take().len(), 2);

        store.told().await;
        let before = store.change_count().await.unwrap();
        store.mark_acked(REPORTS, 1, Moment(2)).await.unwrap();
        store.stage(b"t", &indicators(), 0, b"x").await.unwrap();
        store.note_meta("uplink.state", "heard").await.unwrap();
        store.note_children(&[], &[]).await.unwrap();
        let mut undone = store.begin().await.unwrap();
        undone.set_meta("a", "b").await.unwrap();
        drop(undone);
        store.told().await;
        assert!(all.take().is_empty());
        assert_eq!(store.change_count().await.unwrap(), before);
    })
    .await;
}

/// Asks until others have been heard of.
async fn hear(others: &mut Others) {
    tokio::time::timeout(Duration::from_secs(10), others.hear()).await.expect("in time").unwrap();
}

/// What another process commits between this one's commit and its word of that is heard, though it is the same topic
/// and this process speaks last.
#[tokio::test]
async fn who_speaks_last_hides_nobody() {
    on_each_at(async |store, url| {
        let other = Store::open(url).await.unwrap();
        let mut others = store.others().await.unwrap();
        let watch = store.watch(|topic| *topic == Topic::Outbox(REPORTS.to_owned()));
        for _ in 0..10 {
            // The other one has begun to gather before this one does, and so speaks first.
            other.set_meta("a moment", "earlier").await.unwrap();
            append(store, REPORTS).await;
            assert_eq!(watch.take(), outbox(REPORTS));
            append(&other, REPORTS).await;
            let heard = async {
                while watch.take().is_empty() {
                    hear(&mut others).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(5), heard).await.expect("the other's is heard of");
            store.told().await;
            other.told().await;
            hear(&mut others).await;
            drop(watch.take());
        }
        other.close().await;
    })
    .await;
}

/// What another process commits is heard, once, by those whom it concerns; what this process committed is not told to
/// it a second time.
#[tokio::test]
async fn between_processes() {
    on_each_at(async |store, url| {
        let other = Store::open(url).await.unwrap();
        let mut others = store.others().await.unwrap();
        let watch = store.watch(|topic| matches!(topic, Topic::Outbox(_) | Topic::Standing(_)));
        append(store, REPORTS).await;
        assert_eq!(watch.take(), outbox(REPORTS));
        append(&other, RECORDS).await;
        other.revoke(&region("320581"), Moment(3), "停用").await.unwrap();
        other.set_meta("nobody", "waits").await.unwrap();
        other.told().await;
        let mut heard = BTreeSet::new();
        while heard.len() < 2 {
            hear(&mut others).await;
            heard.extend(watch.take());
        }
        let told = [Topic::Outbox(RECORDS.to_owned()), Topic::Standing(region("320581"))];
        assert_eq!(heard, BTreeSet::from(told), "and not what this process wrote");
        hear(&mut others).await;
        assert!(watch.take().is_empty(), "once");
        other.close().await;
    })
    .await;
}

/// After a quiet time nobody looks any more, and what another process commits is heard soon all the same.
#[tokio::test]
async fn after_a_quiet_time() {
    on_each_at(async |store, url| {
        let other = Store::open(url).await.unwrap();
        let mut others = store.others().await.unwrap();
        let watch = store.watch(|topic| *topic == Topic::Outbox(REPORTS.to_owned()));
        let quiet = async {
            loop {
                others.hear().await.unwrap();
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(5), quiet).await.is_err(), "nobody writes");
        let heard = async {
            while watch.take().is_empty() {
                hear(&mut others).await;
            }
        };
        let written = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            append(&other, REPORTS).await;
        };
        let (heard, ()) = tokio::join!(tokio::time::timeout(Duration::from_secs(3), heard), written);
        heard.expect("it is heard of");
        other.close().await;
    })
    .await;
}
