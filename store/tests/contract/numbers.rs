//! Numbers that no column can hold: each is refused by its name, and no other number is written in its place.

use std::fmt::Debug;

use tongpin_domain::catalog::Difference;
use tongpin_domain::moment::Moment;
use tongpin_store::{
    Apart, AuditDraft, ChildState, Choice, Life, LogEnd, MyReport, PackedDifference, Progress, REPORTS, ReportState,
    Settlement, Settling, StoreError, Submission, Written,
};

use super::ground::{application, apply, digest, entry, indicators, on_each, region, signed};

/// The first number beyond a 64-bit signed column.
const BEYOND: u64 = 1 << 63;

/// Asserts that this number was refused under this name.
fn refused<T: Debug>(result: Result<T, StoreError>, of: &str) {
    match result.unwrap_err() {
        StoreError::TooLarge { what, number } => assert_eq!((what, number), (of, BEYOND)),
        other => panic!("{of}: {other:?}"),
    }
}

/// Releases, whether the last, one on the way or that of an entry, the length of what was packed, and what is said of
/// them in roll-outs and of children.
#[tokio::test]
async fn releases() {
    on_each(async |store| {
        let (id, nothing) = (indicators(), Difference::default());
        let [beyond, own] = [BEYOND, 1].map(|number| signed(&id, number));
        let only = std::slice::from_ref(&beyond);
        refused(store.apply(&application(only, &nothing, 0, Moment(1))).await, "release number");
        refused(
            store.apply(&application(&[beyond.clone(), own.clone()], &nothing, 0, Moment(1))).await,
            "release number",
        );
        let difference = Difference { upserts: vec![entry("a", BEYOND, "*")], removals: Vec::new() };
        let own = [own];
        refused(store.apply(&application(&own, &difference, 0, Moment(1))).await, "release number");
        let mut long = application(&own, &nothing, 0, Moment(1));
        long.packed = PackedDifference { data: &[7], raw_length: BEYOND };
        refused(store.apply(&long).await, "length");
        refused(store.allow(&id, BEYOND, None, Moment(1)).await, "release number");
        let (progress, reason) = (Progress::Claimed, String::new());
        let region = region("320581");
        let state = ChildState {
            region,
            catalog: id.clone(),
            number: BEYOND,
            digest: digest(1),
            progress,
            reason,
            at: Moment(1),
        };
        refused(store.note_children(&[state], &[]).await, "release number");

        assert_eq!((store.heads().await.unwrap(), store.entries(&id).await.unwrap()), (vec![], vec![]));
        assert_eq!((store.rollouts().await.unwrap(), store.child_states().await.unwrap()), (vec![], vec![]));
        apply(store, 1, Vec::new(), &[]).await;
    })
    .await;
}

/// Revisions of own reports and those of others, what is acknowledged, and what was taken back.
#[tokio::test]
async fn reports() {
    on_each(async |store| {
        let submission = Submission {
            collection: "scores-2024",
            revision: BEYOND,
            digest: digest(1),
            payload: "{}",
            envelope: b"signed",
            approved_by: "审核",
            at: Moment(1),
        };
        refused(store.submit_report(&submission).await, "revision");
        assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 0);
        let lost = MyReport {
            collection: "scores-2024".into(),
            revision: 1,
            digest: digest(1),
            payload: "{}".into(),
            envelope: b"signed".to_vec(),
            state: ReportState::Submitted,
            approved_by: "审核".into(),
            at: Moment(1),
            seq: 1,
        };
        refused(store.take_back_report(&MyReport { revision: BEYOND, ..lost.clone() }).await, "revision");
        refused(store.take_back_report(&MyReport { seq: BEYOND, ..lost }).await, "sequence number");
        assert_eq!(store.my_reports("scores-2024").await.unwrap(), []);
        refused(store.mark_acked(REPORTS, BEYOND, Moment(1)).await, "sequence number");
        assert_eq!(store.acked(REPORTS).await.unwrap(), 0);
        let received = super::report::report(&region("320581"), BEYOND, 1);
        refused(super::report::arriving(store, "i1", 1, Some(&received)).await, "revision");
        assert_eq!(store.received_all("scores-2024").await.unwrap(), []);
        assert_eq!(store.receipts_made(&region("320581")).await.unwrap(), 0);
    })
    .await;
}

/// Where a life of an author's database began, what a parent returns, and what of it a person settles.
#[tokio::test]
async fn lives() {
    on_each(async |store| {
        let own = region("320581101");
        let life = |incarnation: &str, start| Life { incarnation: incarnation.into(), start };
        refused(store.begin_life(&own, &[life("i1", 0), life("i2", BEYOND)]).await, "sequence number");
        assert_eq!(store.positions(&own).await.unwrap(), []);

        let over = Written { incarnation: "old".into(), number: BEYOND };
        let apart = Apart { written: over.clone(), body: Some("2".into()), older: false };
        let returned = [("project".to_owned(), "a".to_owned(), apart)];
        refused(store.keep_returned(&own, true, &returned).await, "sequence number");
        assert_eq!(store.returned(&own).await.unwrap(), []);
        let (kind, key, there) = ("project".to_owned(), "a".to_owned(), Some("2".to_owned()));
        let settlements = [Settlement { kind, key, over, there, choice: Choice::Parent, seen: 0 }];
        let settling = Settling { own: &own, settlements: &settlements, at: Moment(1) };
        refused(store.settle(&settling).await, "sequence number");
        assert_eq!(store.records("project", None).await.unwrap(), []);
    })
    .await;
}

/// How far an audit log goes, how much of a quota was used, and the release that a score stands by.
#[tokio::test]
async fn others() {
    on_each(async |store| {
        let child = region("320581");
        let log = LogEnd { number: BEYOND, digest: digest(1), at: Moment(1) };
        let about = AuditDraft {
            at: Moment(1),
            actor: "系统",
            address: "",
            action: "audit_back",
            subject: "",
            detail: "",
            allowed: false,
        };
        refused(store.bear_witness(&child, &log, b"signed", Moment(1), &about).await, "audit number");
        assert_eq!(store.witness(&child).await.unwrap(), None);
        refused(store.use_quota(&child, "questions", (BEYOND, u64::MAX), Moment(1)).await, "quota");
        assert_eq!(store.quotas(&child).await.unwrap(), []);
        let mut score = super::score::score("P1", None);
        score.rules_release = BEYOND;
        let computed = super::score::computed(store, &[score]).await;
        refused(store.replace_scores(&computed).await, "release number");
        assert_eq!(store.scores().await.unwrap(), []);
    })
    .await;
}
