//! Crashes, crowds and full disks: all of a transaction or nothing, and the store goes on.

use std::path::Path;

use tempfile::TempDir;
use tongpin_domain::catalog::Difference;
use tongpin_domain::moment::Moment;
use tongpin_store::{REPORTS, Store, StoreError};

use super::ground::{application, apply, entry, indicators, keys, on_each, open, signed};

/// A transaction that is dropped has never been, and the next one can begin at once.
#[tokio::test]
async fn a_dropped_transaction_has_never_been() {
    on_each(async |store| {
        let mut tx = store.begin().await.unwrap();
        tx.set_meta("k", "v").await.unwrap();
        tx.append(REPORTS, "report", "c", Some(b"x"), Moment(1)).await.unwrap();
        drop(tx);
        store.set_meta("other", "v").await.unwrap();
        assert_eq!(store.meta("k").await.unwrap(), None);
        assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 0);
    })
    .await;
}

/// What a process leaves on disk when it is killed: the files as they are at that moment, without any goodbye.
async fn as_if_killed(folder: &TempDir) -> (TempDir, Store) {
    let other = TempDir::new().unwrap();
    for name in ["node.db", "node.db-wal"] {
        let from = folder.path().join(name);
        if Path::new(&from).exists() {
            std::fs::copy(&from, other.path().join(name)).unwrap();
        }
    }
    let store = open(&other).await;
    (other, store)
}

/// Killed within a transaction: nothing of it is there. Killed after it was answered: all of it is.
#[tokio::test]
async fn killed() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    apply(&store, 1, vec![entry("a", 1, "*")], &[]).await;
    let mut tx = store.begin().await.unwrap();
    // 24 MB, more than the cache holds, so that a part of it is on disk before it is committed.
    let body = vec![7; 40_000];
    for number in 0..600 {
        tx.append(REPORTS, "report", "c", Some(&body), Moment(number)).await.unwrap();
    }
    let (_other, survivor) = as_if_killed(&folder).await;
    assert_eq!(keys(&survivor.entries(&indicators()).await.unwrap()), [("a", 1)]);
    assert_eq!(survivor.outbox_last(REPORTS).await.unwrap(), 0);
    survivor.check().await.unwrap();

    tx.commit().await.unwrap();
    let (_other, survivor) = as_if_killed(&folder).await;
    assert_eq!(survivor.outbox_last(REPORTS).await.unwrap(), 600);
    assert_eq!(survivor.incarnation().await.unwrap(), store.incarnation().await.unwrap());
    survivor.check().await.unwrap();
}

/// Eight writers at once, each on its own connections as other processes would be: nobody fails, no number is given
/// twice, none is left out.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_writers() {
    on_each(async |store| {
        let mut stores = vec![store.clone(); 4];
        if let Some(path) = store.path() {
            for _ in 0..4 {
                stores.push(Store::open(path.to_str().unwrap()).await.unwrap());
            }
        } else {
            stores.extend(vec![store.clone(); 4]);
        }
        let writers = stores.into_iter().map(|store| {
            tokio::spawn(async move {
                let mut seqs = Vec::new();
                for at in 0..25 {
                    seqs.push(store.append(REPORTS, "report", "c", Some(b"x"), Moment(at)).await.unwrap());
                }
                seqs
            })
        });
        let mut seqs = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            seqs.extend(writer.await.unwrap());
        }
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=200).collect::<Vec<_>>());
    })
    .await;
}

/// Two who publish the same number at once: one does, the other is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_publishers() {
    on_each(async |store| {
        let attempts = ["a", "b"].map(|key| {
            let store = store.clone();
            tokio::spawn(async move {
                let difference = Difference { upserts: vec![entry(key, 1, "*")], removals: Vec::new() };
                let releases = [signed(&indicators(), 1)];
                let at = Moment(1);
                store.apply(&application(&releases, &difference, 0, at)).await
            })
        });
        let mut won = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert!(matches!(error, StoreError::Conflict { found: 1, .. }), "{error}"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(store.entries(&indicators()).await.unwrap().len(), 1);
    })
    .await;
}

/// While one writes, others read the state before, without waiting.
#[tokio::test]
async fn readers_do_not_wait() {
    on_each(async |store| {
        let mut tx = store.begin().await.unwrap();
        tx.set_meta("k", "v").await.unwrap();
        assert_eq!(store.meta("k").await.unwrap(), None);
        tx.commit().await.unwrap();
        assert_eq!(store.meta("k").await.unwrap().as_deref(), Some("v"));
    })
    .await;
}

/// A full disk is said plainly and leaves nothing half done; when there is room again the same store goes on.
#[tokio::test]
async fn a_full_disk() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    apply(&store, 1, vec![entry("a", 1, "*")], &[]).await;
    store.limit_pages(80).await.unwrap();
    let large = vec![7; 1_000_000];
    for _ in 0..2 {
        store.limit_pages(80).await.unwrap();
        let error = store.append(REPORTS, "report", "c", Some(&large), Moment(1)).await.unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        assert!(error.worth_a_retry());
    }
    assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 0);
    assert_eq!(keys(&store.entries(&indicators()).await.unwrap()), [("a", 1)]);
    store.limit_pages(1_000_000).await.unwrap();
    assert_eq!(store.append(REPORTS, "report", "c", Some(&large), Moment(1)).await.unwrap(), 1);
    store.check().await.unwrap();
}
