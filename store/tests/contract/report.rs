//! Reports: kept and logged together, taken in once, answered with gapless receipts.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::{
    Approval, Approved, Arrival, Arrived, CollectionState, Minted, REPORTS, ReceiptTaken, Received, ReportState,
    Return, Store, StoreError, Submission, Taken, Topic, Verdict,
};

use super::ground::{digest, on_each, region};

pub(super) fn report(region: &RegionCode, revision: u64, content: u64) -> Received {
    Received {
        collection: "scores-2024".into(),
        region: region.clone(),
        revision,
        digest: digest(content),
        payload: format!("{{\"content\":{content}}}"),
        envelope: vec![1, 0, 2],
        received_at: Moment(5),
        verdict: Verdict::Accepted,
        reasons: Vec::new(),
        decided_by: "自动核对".into(),
        decided_at: Moment(5),
    }
}

#[allow(clippy::unnecessary_wraps, reason = "stands in for something that can fail")]
fn mint(number: u64) -> Result<Minted, String> {
    Ok(Minted { payload: format!("{{\"number\":{number}}}"), envelope: vec![9] })
}

pub(super) async fn arriving(
    store: &Store,
    incarnation: &str,
    seq: u64,
    received: Option<&Received>,
) -> Result<Arrived, StoreError> {
    let author = region("320581");
    let arrival = Arrival {
        author: &author,
        stream: REPORTS,
        incarnation,
        seq,
        mark: Digest::NONE,
        received,
        at: Moment(5),
        limit: None,
    };
    store.accept_report(&arrival, mint).await
}

async fn arrive(store: &Store, incarnation: &str, seq: u64, received: Option<&Received>) -> Arrived {
    arriving(store, incarnation, seq, received).await.unwrap()
}

async fn numbers(store: &Store, after: u64) -> Vec<u64> {
    let receipts = store.receipts_after(&region("320581"), after).await.unwrap();
    receipts.into_iter().map(|receipt| receipt.number).collect()
}

/// A report and its place in the stream are kept together; revisions only go up, and may skip what this database has
/// forgotten.
#[tokio::test]
async fn submitting() {
    on_each(async |store| {
        let submission = |revision| Submission {
            collection: "scores-2024",
            revision,
            digest: digest(revision),
            payload: "{}",
            envelope: b"signed",
            approved_by: "审核",
            at: Moment(1),
        };
        assert_eq!(store.submit_report(&submission(1)).await.unwrap(), 1);
        assert_eq!(store.submit_report(&submission(2)).await.unwrap(), 2);
        for wrong in [1, 2] {
            let error = store.submit_report(&submission(wrong)).await.unwrap_err();
            assert!(matches!(error, StoreError::Conflict { found: 2, .. }), "{error}");
        }
        assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 2);
        let mine = store.my_reports("scores-2024").await.unwrap();
        assert_eq!(mine.iter().map(|report| (report.revision, report.seq)).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
        let latest = store.my_latest().await.unwrap();
        assert_eq!(latest.len(), 1);
        assert_eq!((latest[0].revision, latest[0].state), (2, ReportState::Submitted));
        assert_eq!(store.submit_report(&submission(4)).await.unwrap(), 3);
        let error = store.submit_report(&submission(3)).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict { found: 4, .. }), "{error}");
    })
    .await;
}

/// Receipts are taken in order, once, and the report follows them.
#[tokio::test]
async fn receipts_at_the_child() {
    on_each(async |store| {
        let parent = region("320500");
        let submission = Submission {
            collection: "scores-2024",
            revision: 1,
            digest: digest(1),
            payload: "{}",
            envelope: b"signed",
            approved_by: "审核",
            at: Moment(1),
        };
        store.submit_report(&submission).await.unwrap();
        let take = async |number, state| {
            let about = Some(("scores-2024", 1, state));
            let taken = ReceiptTaken { parent: &parent, number, payload: "{}", envelope: b"r", at: Moment(2), about };
            store.take_receipt(&taken).await.unwrap()
        };
        assert_eq!(take(2, ReportState::Returned).await, Taken::Gap { expected: 1 });
        assert_eq!(take(1, ReportState::Accepted).await, Taken::New);
        assert_eq!(take(1, ReportState::Returned).await, Taken::Again);
        assert_eq!(store.my_latest().await.unwrap()[0].state, ReportState::Accepted);
        assert_eq!(take(2, ReportState::Returned).await, Taken::New);
        assert_eq!(store.my_latest().await.unwrap()[0].state, ReportState::Returned);
        assert_eq!(store.receipts_held(&parent).await.unwrap(), 2);
        assert_eq!(store.my_receipts().await.unwrap().len(), 2);
    })
    .await;
}

/// A report is taken in once, however often it comes; each gets one receipt, without gaps.
#[tokio::test]
async fn arrivals_count_once() {
    on_each(async |store| {
        let county = region("320581");
        let (first, second) = (report(&county, 1, 1), report(&county, 2, 2));
        assert_eq!(arrive(store, "i1", 2, Some(&second)).await, Arrived::Gap { expected: 1 });
        assert_eq!(arrive(store, "i1", 1, Some(&first)).await, Arrived::Kept { receipt: 1 });
        assert_eq!(arrive(store, "i1", 1, Some(&first)).await, Arrived::Again);
        assert_eq!(arrive(store, "i1", 2, Some(&second)).await, Arrived::Kept { receipt: 2 });
        assert_eq!(numbers(store, 0).await, [1, 2]);
        assert_eq!(numbers(store, 1).await, [2]);
        assert_eq!(store.received("scores-2024").await.unwrap(), std::slice::from_ref(&second));
        assert_eq!(store.received_all("scores-2024").await.unwrap(), [first.clone(), second]);
        assert_eq!(store.received_one("scores-2024", &county, 1).await.unwrap(), Some(first));
    })
    .await;
}

/// A restored county's reports are known again; one with other content under a known revision is not kept, but can be
/// answered, and the stream goes on.
#[tokio::test]
async fn a_restored_county() {
    on_each(async |store| {
        let county = region("320581");
        let first = report(&county, 1, 1);
        arrive(store, "i1", 1, Some(&first)).await;
        assert_eq!(arrive(store, "i2", 1, Some(&first)).await, Arrived::Moved);
        assert_eq!(
            store.position(&county, REPORTS).await.unwrap().map(|it| (it.incarnation, it.seq)),
            Some(("i2".into(), 1))
        );
        let other = report(&county, 1, 7);
        assert_eq!(arrive(store, "i2", 2, Some(&other)).await, Arrived::Clash { held: digest(1) });
        assert_eq!(arrive(store, "i2", 2, None).await, Arrived::Kept { receipt: 2 });
        assert_eq!(store.received_all("scores-2024").await.unwrap(), [first]);
        assert_eq!(arrive(store, "i2", 3, Some(&report(&county, 2, 2))).await, Arrived::Kept { receipt: 3 });
    })
    .await;
}

/// Without a receipt nothing is taken in.
#[tokio::test]
async fn no_receipt_no_report() {
    on_each(async |store| {
        let county = region("320581");
        let first = report(&county, 1, 1);
        let arrival = Arrival {
            author: &county,
            stream: REPORTS,
            incarnation: "i1",
            seq: 1,
            mark: Digest::NONE,
            received: Some(&first),
            at: Moment(5),
            limit: None,
        };
        let error = store.accept_report(&arrival, |_| Err("证书已过期".into())).await.unwrap_err();
        assert!(matches!(error, StoreError::Receipt { .. }), "{error}");
        assert_eq!(store.received_all("scores-2024").await.unwrap(), []);
        assert_eq!(store.position(&county, REPORTS).await.unwrap(), None);
        assert_eq!(arrive(store, "i1", 1, Some(&first)).await, Arrived::Kept { receipt: 1 });
    })
    .await;
}

/// A report that is given back no longer counts, the accepted one before it does, and the receipt says so.
#[tokio::test]
async fn returning() {
    on_each(async |store| {
        let county = region("320581");
        arrive(store, "i1", 1, Some(&report(&county, 1, 1))).await;
        arrive(store, "i1", 2, Some(&report(&county, 2, 2))).await;
        let reasons = ["满意度 低于填报口径".to_owned()];
        let back = Return {
            collection: "scores-2024",
            region: &county,
            revision: 2,
            reasons: &reasons,
            by: "市局审核",
            at: Moment(8),
        };
        assert_eq!(store.return_report(&back, mint).await.unwrap(), Some(3));
        let missing = Return { revision: 9, ..back };
        assert_eq!(store.return_report(&missing, mint).await.unwrap(), None);
        let counted = store.received("scores-2024").await.unwrap();
        assert_eq!(counted.iter().map(|report| report.revision).collect::<Vec<_>>(), [1]);
        let returned = store.received_one("scores-2024", &county, 2).await.unwrap().unwrap();
        assert_eq!((returned.verdict, returned.reasons), (Verdict::Returned, reasons.to_vec()));
        let marks = store.report_marks().await.unwrap();
        let marks: Vec<_> = marks.iter().map(|mark| (mark.revision, mark.verdict, mark.received_at)).collect();
        assert_eq!(marks, [(1, Verdict::Accepted, Moment(5)), (2, Verdict::Returned, Moment(5))]);
        assert_eq!(numbers(store, 2).await, [3]);
    })
    .await;
}

/// A report that waits does not count and does not take the place of an accepted one; accepted, it does, once, with a
/// receipt. One that was given back, or that a newer one replaced, is not accepted.
#[tokio::test]
async fn waiting_for_a_person() {
    on_each(async |store| {
        let county = region("320581");
        let waiting = |revision| Received { verdict: Verdict::Received, ..report(&county, revision, revision) };
        let approve = async |revision| {
            let approval =
                Approval { collection: "scores-2024", region: &county, revision, by: "市局审核", at: Moment(8) };
            store.approve_report(&approval, mint).await.unwrap()
        };
        let counted = async || -> Vec<u64> {
            store.received("scores-2024").await.unwrap().iter().map(|report| report.revision).collect()
        };
        assert_eq!(approve(1).await, Approved::Missing);
        assert_eq!(arrive(store, "i1", 1, Some(&waiting(1))).await, Arrived::Kept { receipt: 1 });
        assert_eq!(store.awaiting("scores-2024").await.unwrap(), std::slice::from_ref(&county));
        assert_eq!((counted().await, store.awaiting("other").await.unwrap()), (Vec::new(), Vec::new()));
        assert_eq!(approve(1).await, Approved::Done { receipt: 2 });
        assert_eq!(approve(1).await, Approved::Decided(Verdict::Accepted));
        assert_eq!((counted().await, store.awaiting("scores-2024").await.unwrap()), (vec![1], Vec::new()));
        let kept = store.received_one("scores-2024", &county, 1).await.unwrap().unwrap();
        assert_eq!((kept.decided_by.as_str(), kept.decided_at), ("市局审核", Moment(8)));

        arrive(store, "i1", 2, Some(&waiting(2))).await;
        arrive(store, "i1", 3, Some(&waiting(3))).await;
        assert_eq!(approve(2).await, Approved::Decided(Verdict::Replaced));
        assert_eq!(counted().await, [1]);
        let reasons = ["满意度 低于填报口径".to_owned()];
        let (region, at) = (&county, Moment(9));
        let back = Return { collection: "scores-2024", region, revision: 3, reasons: &reasons, by: "市局审核", at };
        assert_eq!(store.return_report(&back, mint).await.unwrap(), Some(5));
        assert_eq!(approve(3).await, Approved::Decided(Verdict::Returned));
        assert_eq!(store.awaiting("scores-2024").await.unwrap(), []);
        assert_eq!(numbers(store, 0).await, [1, 2, 3, 4, 5]);

        arrive(store, "i1", 4, Some(&waiting(4))).await;
        let approval = Approval { collection: "scores-2024", region: &county, revision: 4, by: "市局审核", at };
        let failing = store.approve_report(&approval, |_| Err("no key".into())).await;
        assert!(matches!(failing, Err(StoreError::Receipt { .. })), "{failing:?}");
        assert_eq!(store.awaiting("scores-2024").await.unwrap().len(), 1, "without a receipt nothing is accepted");

        // What the check returned replaces nothing: the one before it can still be accepted, once it is open.
        let wrong = Received { verdict: Verdict::Returned, ..report(&county, 5, 5) };
        arrive(store, "i1", 5, Some(&wrong)).await;
        assert_eq!(store.awaiting("scores-2024").await.unwrap(), std::slice::from_ref(&county));
        for (open, then) in [(false, Approved::Closed), (true, Approved::Done { receipt: 8 })] {
            let (collection, reason, by) = ("scores-2024".to_owned(), String::new(), "市局审核".to_owned());
            let state = CollectionState { collection, open, reason, by, at: Moment(10) };
            store.set_collection_state(&state).await.unwrap();
            assert_eq!(approve(4).await, then);
        }
        assert_eq!(counted().await, [4]);
    })
    .await;
}

/// Receipts that the child holds and this database, an older copy, does not know are filled in once, so that the next
/// one has a number that the child does not take for a known one.
#[tokio::test]
async fn a_restored_city() {
    on_each(async |store| {
        let author = region("320581");
        assert_eq!(store.receipts_made(&author).await.unwrap(), 0);
        arrive(store, "i1", 1, Some(&report(&author, 1, 1))).await;
        store.fill_receipts(&author, 3, Moment(6), mint).await.unwrap();
        store.fill_receipts(&author, 2, Moment(7), mint).await.unwrap();
        assert_eq!(numbers(store, 0).await, [1, 2, 3]);
        assert_eq!(store.receipts_made(&author).await.unwrap(), 3);
        assert_eq!(arrive(store, "i1", 2, Some(&report(&author, 2, 2))).await, Arrived::Kept { receipt: 4 });
        let failing = store.fill_receipts(&author, 9, Moment(8), |_| Err("no key".into())).await;
        assert!(matches!(failing, Err(StoreError::Receipt { .. })), "{failing:?}");
        assert_eq!(numbers(store, 4).await, [0; 0]);
    })
    .await;
}

/// A collection is opened, closed and reopened, with who and why.
#[tokio::test]
async fn collections() {
    on_each(async |store| {
        let mut state = CollectionState {
            collection: "scores-2024".into(),
            open: true,
            reason: String::new(),
            by: "市局".into(),
            at: Moment(1),
        };
        assert_eq!(store.collection_state("scores-2024").await.unwrap(), None);
        store.set_collection_state(&state).await.unwrap();
        state = CollectionState { open: false, reason: "汇总完成".into(), at: Moment(2), ..state };
        store.set_collection_state(&state).await.unwrap();
        assert_eq!(store.collection_state("scores-2024").await.unwrap(), Some(state.clone()));
        assert_eq!(store.collection_states().await.unwrap(), [state]);
    })
    .await;
}

/// What arrives together from several children is one commit, with a receipt each; where one of it is not simply taken
/// in, nothing is, and it is left to come one by one.
#[tokio::test]
async fn arriving_together() {
    on_each(async |store| {
        let counties = ["320581", "320582", "320583"].map(region);
        let reports: Vec<Received> = counties.iter().map(|county| report(county, 1, 1)).collect();
        let arrivals = |seq: u64, limit: Option<(&'static str, u64)>| -> Vec<Arrival<'_>> {
            let all = counties.iter().zip(&reports);
            all.map(|(author, received)| Arrival {
                author,
                stream: REPORTS,
                incarnation: "i1",
                seq,
                mark: Digest::NONE,
                received: Some(received),
                at: Moment(5),
                limit,
            })
            .collect()
        };
        let make = |_: usize, number: u64| mint(number);
        let gap = arrivals(2, None);
        assert_eq!(store.accept_reports(&gap, make).await.unwrap(), None);
        assert_eq!(store.accept_reports(&arrivals(1, Some(("arrivals", 0))), make).await.unwrap(), None);
        assert_eq!(store.received_all("scores-2024").await.unwrap(), []);
        assert_eq!(store.quotas(&counties[0]).await.unwrap(), [], "what was not taken in is not counted");

        let before = store.watch(|_| true);
        let taken = store.accept_reports(&arrivals(1, Some(("arrivals", 1))), make).await.unwrap();
        assert_eq!(taken, Some(vec![Arrived::Kept { receipt: 1 }; 3]));
        let told = counties.iter().cloned().map(Topic::Receipts).chain([Topic::Reports("scores-2024".into())]);
        assert_eq!(before.take(), told.collect());
        assert_eq!(store.received("scores-2024").await.unwrap().len(), 3);
        assert_eq!(store.reporting("scores-2024").await.unwrap(), counties);
        assert_eq!(store.received_from("scores-2024", &["320583", "320599"]).await.unwrap(), reports[2..]);
        assert_eq!(store.quotas(&counties[2]).await.unwrap()[0].used, 1);

        let spent = Arrival { limit: Some(("arrivals", 1)), received: None, ..arrivals(2, None)[0] };
        assert_eq!(store.accept_report(&spent, mint).await.unwrap(), Arrived::Spent);
        assert_eq!(store.quotas(&counties[0]).await.unwrap()[0].refused, 1);
        assert_eq!(numbers(store, 0).await, [1], "and the position stays for another day");
        let tomorrow = Arrival { at: Moment(5 + 86_400_000), ..spent };
        assert_eq!(store.accept_report(&tomorrow, mint).await.unwrap(), Arrived::Kept { receipt: 2 });
    })
    .await;
}
