//! The audit log: numbered without gaps, each entry linked to the one before, and tampering shows.

use sqlx::Connection as _;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_store::{AuditDraft, AuditEntry, AuditFilter, Store};

use super::account::draft;
use super::ground::{on_each, on_each_at, run};

/// A filter that lets everything through.
fn all() -> AuditFilter {
    AuditFilter::default()
}

async fn numbers(store: &Store, filter: &AuditFilter) -> Vec<u64> {
    let page = store.audit_page(filter, 0, 100).await.unwrap();
    assert_eq!(store.audit_count(filter).await.unwrap(), u64::try_from(page.len()).unwrap());
    page.into_iter().map(|entry| entry.number).collect()
}

/// Does to the database what no store does.
async fn tamper(url: &str, text: &str) {
    let mut connection = sqlx::AnyConnection::connect(url).await.unwrap();
    run(&mut connection, text.to_owned()).await;
    connection.close().await.unwrap();
}

/// Entries are kept whole, numbered from 1, and each is linked to the one before.
#[tokio::test]
async fn a_chain() {
    on_each(async |store| {
        assert_eq!(store.audit_broken_at().await.unwrap(), None);
        for at in [5, 3, 4] {
            let refused = AuditDraft { allowed: at != 3, detail: "口令不符", ..draft(at, "sign_in") };
            store.audit(&refused).await.unwrap();
        }
        let entries = store.audit_after(0, 99).await.unwrap();
        let mut previous = Digest::NONE;
        for (entry, (number, at)) in entries.iter().zip([(1, 5), (2, 3), (3, 4)]) {
            let due = AuditEntry {
                number,
                at: Moment(at),
                actor: "系统".into(),
                address: String::new(),
                action: "sign_in".into(),
                subject: "账号".into(),
                detail: "口令不符".into(),
                allowed: at != 3,
                previous,
                digest: entry.computed_digest(),
            };
            assert_eq!(*entry, due);
            previous = entry.digest;
        }
        assert_eq!(entries.len(), 3);
        assert_eq!(store.audit_after(1, 1).await.unwrap(), entries[1..2]);
        assert_eq!(store.audit_broken_at().await.unwrap(), None);
    })
    .await;
}

/// The digest is frozen: this one was computed by hand, with Python's hashlib over each part after its length.
#[test]
fn a_known_digest() {
    let entry = AuditEntry {
        number: 1,
        at: Moment(1_735_689_600_000),
        actor: "jingban".into(),
        address: "10.0.0.7".into(),
        action: "sign_in".into(),
        subject: "账号 jingban".into(),
        detail: "口令不符".into(),
        allowed: false,
        previous: Digest::NONE,
        digest: Digest::NONE,
    };
    let known = "1ac1df0e7ac31545d918bcdda8f998f6cf86eff01ee79896d50b5f2b37678764";
    assert_eq!(entry.computed_digest().to_string(), known);
}

/// An entry belongs to its transaction: what was undone leaves no number behind.
#[tokio::test]
async fn undone_with_its_transaction() {
    on_each(async |store| {
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.audit(&draft(1, "undone")).await.unwrap(), 1);
        assert_eq!(tx.audit(&draft(1, "undone")).await.unwrap(), 2);
        drop(tx);
        assert_eq!(store.audit(&draft(2, "done")).await.unwrap(), 1);
        assert_eq!(store.audit_broken_at().await.unwrap(), None);
    })
    .await;
}

/// Many writers at once, some of them as other processes: no number is given twice or left out, and the chain holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers() {
    on_each_at(async |store, url| {
        let other = Store::open(url).await.unwrap();
        let writers = [store, &other, store, &other].map(|store| {
            let store = store.clone();
            tokio::spawn(async move {
                for at in 0..10 {
                    store.audit(&draft(at, "sign_in")).await.unwrap();
                }
            })
        });
        for writer in writers {
            writer.await.unwrap();
        }
        assert_eq!(numbers(store, &all()).await, (1..=40).rev().collect::<Vec<_>>());
        assert_eq!(store.audit_broken_at().await.unwrap(), None);
        other.close().await;
    })
    .await;
}

/// A text is found in each of four columns, in either case, and the characters that LIKE knows stand for themselves.
#[tokio::test]
async fn found_by_text() {
    on_each(async |store| {
        let plain = draft(1, "sign_in");
        let drafts = [
            AuditDraft { actor: "Zhang", ..plain },
            AuditDraft { subject: "a zhang b", ..plain },
            AuditDraft { detail: "100%_ok", address: "10.0.0.7", ..plain },
            AuditDraft { detail: "1000xok", address: "10.0.0.77", ..plain },
            AuditDraft { action: "zhang", detail: "a\\b", ..plain },
            AuditDraft { actor: "x\0y", ..plain },
        ];
        for draft in &drafts {
            store.audit(draft).await.unwrap();
        }
        let found = async |text: &str| numbers(store, &AuditFilter { text: text.into(), ..all() }).await;
        assert_eq!(found("ZHANG").await, [2, 1]);
        assert_eq!(found("0.0.7").await, [4, 3]);
        assert_eq!(found("0%").await, [3]);
        assert_eq!(found("_").await, [3]);
        assert_eq!(found("\\").await, [5]);
        assert_eq!(found("x\0y").await, [6]);
        assert_eq!(found("系统").await, [5, 4, 3, 2]);
        assert_eq!(found("").await, [6, 5, 4, 3, 2, 1]);
        assert_eq!(store.audit_broken_at().await.unwrap(), None);
    })
    .await;
}

/// The other conditions narrow down, alone and together: the exact action, what was refused, from a moment until
/// before another.
#[tokio::test]
async fn narrowed_down() {
    on_each(async |store| {
        for at in 1..=6 {
            let action = if at % 2 == 0 { "sign_in" } else { "sign_in_again" };
            store.audit(&AuditDraft { allowed: at > 3, ..draft(at, action) }).await.unwrap();
        }
        let even = AuditFilter { action: "sign_in".into(), ..all() };
        assert_eq!(numbers(store, &even).await, [6, 4, 2]);
        assert_eq!(numbers(store, &AuditFilter { action: "sign".into(), ..all() }).await, [0_u64; 0]);
        assert_eq!(numbers(store, &AuditFilter { refused_only: true, ..all() }).await, [3, 2, 1]);
        let from = Some(Moment(2));
        assert_eq!(numbers(store, &AuditFilter { from, ..all() }).await, [6, 5, 4, 3, 2]);
        let until = Some(Moment(5));
        assert_eq!(numbers(store, &AuditFilter { until, ..all() }).await, [4, 3, 2, 1]);
        assert_eq!(numbers(store, &AuditFilter { from, until, refused_only: true, ..even.clone() }).await, [2]);
        assert_eq!(numbers(store, &AuditFilter { text: "nobody".into(), ..even }).await, [0_u64; 0]);
    })
    .await;
}

/// Pages come newest first and join without overlap, of what the filter lets through.
#[tokio::test]
async fn pages() {
    on_each(async |store| {
        for at in 1..=7 {
            store.audit(&AuditDraft { allowed: at == 5, ..draft(at, "sign_in") }).await.unwrap();
        }
        let filter = AuditFilter { refused_only: true, ..all() };
        let mut pages = Vec::new();
        for offset in [0, 4, 8] {
            let page = store.audit_page(&filter, offset, 4).await.unwrap();
            pages.push(page.into_iter().map(|entry| entry.number).collect::<Vec<_>>());
        }
        assert_eq!(pages, [vec![7, 6, 4, 3], vec![2, 1], vec![]]);
        assert_eq!(store.audit_count(&filter).await.unwrap(), 6);
    })
    .await;
}

/// Whatever is done to one row shows, at its number: a change of any column, a removal in the middle or at the end; and
/// entries added afterwards do not cover it.
#[tokio::test]
async fn tampering_shows() {
    let cases = [
        ("UPDATE audit SET at = at + 1 WHERE number = 2", 2),
        ("UPDATE audit SET actor = 'x' WHERE number = 3", 3),
        ("UPDATE audit SET address = 'x' WHERE number = 3", 3),
        ("UPDATE audit SET action = 'x' WHERE number = 3", 3),
        ("UPDATE audit SET subject = 'x' WHERE number = 1", 1),
        ("UPDATE audit SET detail = 'x' WHERE number = 5", 5),
        ("UPDATE audit SET allowed = 0 WHERE number = 4", 4),
        ("UPDATE audit SET digest = previous WHERE number = 2", 2),
        ("UPDATE audit SET previous = digest WHERE number = 2", 2),
        ("UPDATE audit SET number = 9 WHERE number = 5", 5),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 5", 5),
        ("DELETE FROM audit WHERE number >= 4", 4),
        ("DELETE FROM audit", 1),
    ];
    for (text, number) in cases {
        on_each_at(async |store, url| {
            for at in 1..=5 {
                store.audit(&draft(at, "sign_in")).await.unwrap();
            }
            assert_eq!(store.audit_broken_at().await.unwrap(), None);
            tamper(url, text).await;
            assert_eq!(store.audit_broken_at().await.unwrap(), Some(number), "{text}");
            store.audit(&draft(9, "sign_in")).await.unwrap();
            assert_eq!(store.audit_broken_at().await.unwrap(), Some(number), "{text}");
        })
        .await;
    }
}

/// A last entry that was written anew, with a digest that fits its new contents, shows as well: its true digest is kept
/// apart.
#[tokio::test]
async fn a_new_end_shows() {
    on_each_at(async |store, url| {
        store.audit(&draft(1, "sign_in")).await.unwrap();
        store.audit(&draft(2, "sign_in")).await.unwrap();
        let mut forged = store.audit_after(1, 1).await.unwrap().remove(0);
        forged.actor = "x".into();
        let bytes = if url.starts_with("sqlite") { "x'" } else { "'\\x" };
        let digest = forged.computed_digest();
        let text = format!("UPDATE audit SET actor = 'x', digest = {bytes}{digest}' WHERE number = 2");
        tamper(url, &text).await;
        assert_eq!(store.audit_after(1, 1).await.unwrap()[0].digest, digest);
        assert_eq!(store.audit_broken_at().await.unwrap(), Some(2));
    })
    .await;
}

/// A long log is checked to its end, page after page.
#[tokio::test]
async fn a_long_log() {
    on_each_at(async |store, url| {
        let mut tx = store.begin().await.unwrap();
        for at in 1..=2001 {
            tx.audit(&draft(at, "sign_in")).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(store.audit_broken_at().await.unwrap(), None);
        tamper(url, "UPDATE audit SET detail = 'x' WHERE number = 2001").await;
        assert_eq!(store.audit_broken_at().await.unwrap(), Some(2001));
    })
    .await;
}

/// What is about one subject is found through the index, exactly that subject and newest first, of one action or of
/// all, done or refused.
#[tokio::test]
async fn about_a_subject() {
    on_each(async |store| {
        for (at, subject, action, allowed) in [
            (1, "XM1", "goal_save", true),
            (2, "XM10", "goal_save", true),
            (3, "XM1", "score", true),
            (4, "XM1", "score", false),
        ] {
            store.audit(&AuditDraft { subject, allowed, ..draft(at, action) }).await.unwrap();
        }
        let about = async |action: &str, allowed: bool, limit: u64| {
            let found = store.audit_about("XM1", action, allowed, limit).await.unwrap();
            found.into_iter().map(|entry| entry.number).collect::<Vec<_>>()
        };
        assert_eq!(about("", true, 9).await, [3, 1]);
        assert_eq!(about("", true, 1).await, [3]);
        assert_eq!(about("goal_save", true, 9).await, [1]);
        assert_eq!(about("", false, 9).await, [4]);
        if store.path().is_some() {
            let plan = store.audit_about_plan().await.unwrap().join("; ");
            assert_eq!(plan, "SEARCH audit USING INDEX audit_subject (subject=?)");
        }
    })
    .await;
}
