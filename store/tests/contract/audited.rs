//! A change and its audit entry are one: both are there or neither, whatever happens between two lines.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tokio::task::yield_now;
use tongpin_domain::moment::Moment;
use tongpin_store::{AuditDraft, REPORTS, Store, StoreError};

use super::account::draft;
use super::ground::{on_each, on_each_at, open};

/// Where a child process finds the database that it is to change until it is killed.
const CHILD: &str = "TONGPIN_TEST_AUDITED_CHILD";

/// What is in the log: subjects, and whether it was done.
async fn entered(store: &Store) -> Vec<(String, bool)> {
    assert_eq!(store.audit_broken_at().await.unwrap(), None);
    let entries = store.audit_after(0, 10_000).await.unwrap();
    entries.into_iter().map(|entry| (entry.subject, entry.allowed)).collect()
}

fn about(subject: &str) -> AuditDraft<'_> {
    AuditDraft { subject, ..draft(1, "change") }
}

async fn change(store: &Store, key: &str) -> Result<u64, StoreError> {
    store.append(REPORTS, "report", key, Some(b"x"), Moment(1)).await
}

fn done(subject: &str) -> (String, bool) {
    (subject.to_owned(), true)
}

/// The entry is in the transaction that makes the change: it is seen with it, not before, and is all that is entered.
#[tokio::test]
async fn with_the_change() {
    on_each(async |store| {
        let step = async {
            let mut tx = store.begin().await?;
            tx.append(REPORTS, "report", "a", Some(b"x"), Moment(1)).await?;
            assert!(entered(store).await.is_empty());
            tx.commit().await?;
            assert_eq!(entered(store).await, [done("a")]);
            Ok::<_, StoreError>(())
        };
        store.audited(&about("a"), step).await.unwrap();
        assert_eq!(entered(store).await, [done("a")]);
    })
    .await;
}

/// A transaction that is dropped takes its entry along: neither stands. The entry then goes with the next one, and if
/// there is none, and the step failed, it is not entered.
#[tokio::test]
async fn neither() {
    on_each(async |store| {
        let dropped = async {
            let mut tx = store.begin().await?;
            tx.append(REPORTS, "report", "a", Some(b"x"), Moment(1)).await?;
            drop(tx);
            Ok::<_, StoreError>(())
        };
        let failed = async {
            dropped.await?;
            Err::<(), _>(StoreError::NameTaken { name: "a".into() })
        };
        assert!(store.audited(&about("a"), failed).await.is_err());
        assert!(entered(store).await.is_empty());
        assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 0);

        let again = async {
            drop(store.begin().await?);
            change(store, "b").await
        };
        store.audited(&about("b"), again).await.unwrap();
        assert_eq!(entered(store).await, [done("b")]);
    })
    .await;
}

/// Where the entry finds no room the change is not made either. Tried again where there is room, both are.
#[tokio::test]
async fn no_room_for_the_entry() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.limit_pages(80).await.unwrap();
    let large = "x".repeat(1_000_000);
    let step = async {
        let error = change(&store, "a").await.unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        assert_eq!(store.outbox_last(REPORTS).await?, 0);
        store.limit_pages(1_000_000).await?;
        change(&store, "a").await
    };
    store.audited(&AuditDraft { detail: &large, ..about("a") }, step).await.unwrap();
    assert_eq!(entered(&store).await, [done("a")]);
    assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 1);
}

/// A step of several transactions is entered once, with the first; one that fails afterwards stays entered, because its
/// change stands.
#[tokio::test]
async fn once() {
    on_each(async |store| {
        let step = async {
            change(store, "a").await?;
            assert_eq!(entered(store).await, [done("a")]);
            change(store, "b").await?;
            Err::<(), _>(StoreError::NameTaken { name: "a".into() })
        };
        assert!(store.audited(&about("a"), step).await.is_err());
        assert_eq!(entered(store).await, [done("a")]);
        assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 2);
    })
    .await;
}

/// What changed nothing is entered by itself: as done, or as its caller says.
#[tokio::test]
async fn without_a_change() {
    on_each(async |store| {
        let nothing = async || Ok::<_, StoreError>(());
        store.audited(&about("done"), nothing()).await.unwrap();
        store.audited_as(&about("refused"), nothing(), |_| Some(false)).await.unwrap();
        store.audited_as(&about("untold"), nothing(), |_| None).await.unwrap();
        let failing = async || Err::<(), _>(StoreError::NameTaken { name: "a".into() });
        store.audited_as(&about("failed"), failing(), |done| Some(done.is_ok())).await.unwrap_err();
        let expected = [("done", true), ("refused", false), ("failed", false)];
        assert_eq!(entered(store).await, expected.map(|(subject, allowed)| (subject.to_owned(), allowed)));
    })
    .await;
}

/// A refusal that is entered within a step does not take the step's own entry along.
#[tokio::test]
async fn a_refusal_within() {
    on_each(async |store| {
        let step = async {
            store.audit(&AuditDraft { allowed: false, ..about("within") }).await?;
            assert_eq!(entered(store).await, [("within".to_owned(), false)]);
            change(store, "a").await
        };
        store.audited(&about("a"), step).await.unwrap();
        assert_eq!(entered(store).await, [("within".to_owned(), false), done("a")]);
    })
    .await;
}

/// Two requests at once, a worker beside them, and another database: nobody takes what waits for somebody else, even
/// where their transactions come in between.
#[tokio::test]
async fn nobody_elses() {
    on_each(async |store| {
        let folder = TempDir::new().unwrap();
        let other = open(&folder).await;
        let request = |own: &'static str| {
            let (store, other) = (store.clone(), other.clone());
            tokio::spawn(async move {
                let step = async {
                    yield_now().await;
                    change(&other, own).await?;
                    let worker = store.clone();
                    tokio::spawn(async move { change(&worker, "worker").await.unwrap() }).await.unwrap();
                    let before = entered(&store).await;
                    assert!(!before.contains(&done(own)), "{before:?}");
                    yield_now().await;
                    change(&store, own).await
                };
                store.audited(&about(own), step).await.unwrap();
            })
        };
        let requests = [request("first"), request("second")];
        change(store, "worker").await.unwrap();
        for request in requests {
            request.await.unwrap();
        }
        let mut found = entered(store).await;
        found.sort();
        assert_eq!(found, [done("first"), done("second")]);
        assert!(entered(&other).await.is_empty());
        other.close().await;
    })
    .await;
}

/// A process that makes audited changes is killed again and again, within a step and between two, a moment after it
/// said where it is: each change has its entry, each entry its change, and the chain holds.
#[tokio::test]
async fn killed_between_two_lines() {
    if let Ok(url) = std::env::var(CHILD) {
        let store = Store::open(&url).await.unwrap();
        for number in 0u64.. {
            let key = number.to_string();
            let step = async {
                change(&store, &key).await?;
                println!("within");
                Ok::<_, StoreError>(())
            };
            store.audited(&about(&key), step).await.unwrap();
            println!("after");
        }
    }
    on_each_at(async |store, url| {
        let mut changes = 0;
        for round in 0..20 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "contract::audited::killed_between_two_lines", "--nocapture"])
                .env(CHILD, url)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
            let said = said.filter(|line| line.ends_with("within") || line.ends_with("after"));
            let last = said.take(3 + round % 4).last().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            let entries = u64::try_from(entered(store).await.len()).unwrap();
            assert_eq!(store.outbox_last(REPORTS).await.unwrap(), entries, "killed {last:?} in round {round}");
            changes += 2 + u64::try_from(round % 4 / 2).unwrap();
            assert!(entries >= changes, "{entries} of {changes}");
        }
    })
    .await;
}
