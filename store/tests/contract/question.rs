//! Questions: kept and logged together, taken in once, with a note of who shall look at them.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_store::{
    Acceptance, Arrival, Arrived, AskedQuestion, Asking, Minted, QUESTION, QuestionArrival, REPORTS, Store,
};

use super::ground::{on_each, region};

fn asking(key: &str) -> Asking<'_> {
    Asking { key, payload: "{\"title\":\"口径\"}", envelope: b"signed", by: "经办岗（jingban）", at: Moment(1) }
}

fn question(key: &str) -> AskedQuestion {
    AskedQuestion {
        key: key.into(),
        region: region("320581"),
        payload: "{\"title\":\"口径\"}".into(),
        envelope: vec![1, 0, 2],
        received_at: Moment(5),
        expert: String::new(),
        noted_by: String::new(),
    }
}

async fn arrive(store: &Store, incarnation: &str, seq: u64, question: &AskedQuestion) -> Acceptance {
    let author = region("320581");
    store
        .accept_question(&QuestionArrival { author: &author, incarnation, seq, mark: Digest::NONE, question })
        .await
        .unwrap()
}

/// What cannot be kept as a question.
async fn refused(store: &Store, incarnation: &str, seq: u64) -> Arrived {
    let author = region("320581");
    let arrival = Arrival {
        author: &author,
        stream: REPORTS,
        incarnation,
        seq,
        mark: Digest::NONE,
        received: None,
        at: Moment(5),
        limit: None,
    };
    let mint = |number| Ok(Minted { payload: format!("{{\"number\":{number}}}"), envelope: vec![9] });
    store.accept_report(&arrival, mint).await.unwrap()
}

/// A question and its place in the stream are kept together; the same one again is not sent again.
#[tokio::test]
async fn asking_once() {
    on_each(async |store| {
        assert!(store.ask(&asking("320581-a")).await.unwrap());
        assert!(!store.ask(&asking("320581-a")).await.unwrap());
        assert!(store.ask(&asking("320581-b")).await.unwrap());
        let mine = store.my_questions().await.unwrap();
        let seen: Vec<_> = mine.iter().map(|question| (question.key.as_str(), question.seq)).collect();
        assert_eq!(seen, [("320581-b", 2), ("320581-a", 1)]);
        assert_eq!(mine[1].sent_by, "经办岗（jingban）");
        let sent = store.sent_log(9).await.unwrap();
        let sent: Vec<_> = sent.iter().map(|row| (row.stream.as_str(), row.kind.as_str(), row.key.as_str())).collect();
        assert_eq!(sent, [(REPORTS, QUESTION, "320581-b"), (REPORTS, QUESTION, "320581-a")]);
    })
    .await;
}

/// A question is taken in once, also when its author's database comes back in another incarnation; a gap writes
/// nothing, and what cannot be kept gets one receipt and does not stop the stream.
#[tokio::test]
async fn taking_in() {
    on_each(async |store| {
        let first = question("320581-a");
        let accepted = |applied, skipped, seq| Acceptance::Accepted { seq, applied, skipped };
        assert_eq!(arrive(store, "i1", 2, &first).await, Acceptance::Gap { expected: 1 });
        assert_eq!(store.questions().await.unwrap(), []);
        assert_eq!(arrive(store, "i1", 1, &first).await, accepted(1, 0, 1));
        assert_eq!(arrive(store, "i1", 1, &first).await, accepted(0, 1, 1));
        assert_eq!(refused(store, "i1", 2).await, Arrived::Kept { receipt: 1 });
        assert_eq!(refused(store, "i1", 2).await, Arrived::Again);
        assert_eq!(arrive(store, "i1", 3, &question("320581-b")).await, accepted(1, 0, 3));
        assert_eq!(arrive(store, "i2", 1, &first).await, accepted(0, 1, 1));
        assert_eq!(store.questions().await.unwrap(), [first, question("320581-b")]);
        let position = store.position(&region("320581"), REPORTS).await.unwrap().unwrap();
        assert_eq!((position.incarnation.as_str(), position.seq), ("i2", 1));
    })
    .await;
}

/// The note of an expert stays with its question, can be taken back, and is not made for a question that is not there.
#[tokio::test]
async fn noting_an_expert() {
    on_each(async |store| {
        arrive(store, "i1", 1, &question("320581-a")).await;
        let county = region("320581");
        assert!(store.note_expert(&county, "320581-a", "专家001", "审核岗").await.unwrap());
        assert!(!store.note_expert(&county, "320581-x", "专家001", "审核岗").await.unwrap());
        assert!(!store.note_expert(&region("320582"), "320581-a", "专家002", "审核岗").await.unwrap());
        let noted = store.questions().await.unwrap();
        assert_eq!((noted[0].expert.as_str(), noted[0].noted_by.as_str()), ("专家001", "审核岗"));
        assert!(store.note_expert(&county, "320581-a", "", "审核岗").await.unwrap());
        assert_eq!(store.questions().await.unwrap()[0].expert, "");
    })
    .await;
}
