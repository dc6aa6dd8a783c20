//! What a parent holds of a child's audit log, and what a node does with what its parent holds.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_store::{Agreement, AuditDraft, AuditFilter, LogEnd};

use super::ground::{on_each, region};

fn end(number: u64, mark: u8) -> LogEnd {
    LogEnd { number, digest: Digest([mark; 32]), at: Moment(i64::try_from(number).unwrap()) }
}

fn entry(action: &'static str) -> AuditDraft<'static> {
    AuditDraft { at: Moment(7), actor: "系统", address: "", action, subject: "320581", detail: "", allowed: false }
}

/// The longest log that came is held; a shorter one, or another of its length, is noted and entered once, and takes the
/// place of nothing; a longer one later does, and the note stays.
#[tokio::test]
async fn the_longest_is_held() {
    on_each(async |store| {
        let child = region("320581");
        assert_eq!(store.witness(&child).await.unwrap(), None);
        let hear = async |end: LogEnd, at: i64| {
            store.bear_witness(&child, &end, b"signed", Moment(at), &entry("audit_back")).await.unwrap()
        };
        assert!(hear(end(5, 1), 10).await && hear(end(5, 1), 11).await && hear(end(9, 2), 12).await);
        let held = store.witness(&child).await.unwrap().unwrap();
        assert_eq!((held.end, held.seen_at, held.back), (end(9, 2), Moment(12), None));
        assert!(!hear(end(8, 3), 13).await && !hear(end(8, 3), 14).await);
        let held = store.witness(&child).await.unwrap().unwrap();
        assert_eq!((held.end, held.back), (end(9, 2), Some((8, Moment(13)))));
        assert!(!hear(end(9, 4), 15).await, "as long, and another");
        assert!(hear(end(12, 5), 16).await);
        let held = store.witness(&child).await.unwrap().unwrap();
        assert_eq!((held.end, held.back), (end(12, 5), Some((9, Moment(15)))));
        assert_eq!(store.audit_count(&AuditFilter::default()).await.unwrap(), 2, "each was entered once");
    })
    .await;
}

/// A log from which the end was taken, with what is kept apart put right, looks whole by itself; what the parent holds
/// tells otherwise.
#[tokio::test]
async fn a_cut_is_missed() {
    on_each(async |store| {
        assert_eq!(store.witnessed().await.unwrap(), Agreement::Unknown);
        for _ in 0..5 {
            store.audit(&entry("sign_in")).await.unwrap();
        }
        let seen = store.audit_end(Moment(8)).await.unwrap();
        assert_eq!(seen.number, 5);
        store.set_witnessed(&seen).await.unwrap();
        store.audit(&entry("sign_in")).await.unwrap();
        assert_eq!(store.witnessed().await.unwrap(), Agreement::Agrees(seen));
        if store.path().is_some() {
            store.cut_log(3).await.unwrap();
            assert_eq!(store.audit_broken_at().await.unwrap(), None, "by itself it looks whole");
            assert_eq!(store.witnessed().await.unwrap(), Agreement::Differs(seen));
            store.audit(&entry("sign_out")).await.unwrap();
            store.audit(&entry("sign_out")).await.unwrap();
            assert_eq!(store.audit_end(Moment(8)).await.unwrap().number, 5, "as many, and others");
            assert_eq!(store.witnessed().await.unwrap(), Agreement::Differs(seen));
        }
    })
    .await;
}
