//! Streams: gapless numbers, acknowledgements that hold within one incarnation, and a list of what left.

use tongpin_domain::moment::Moment;
use tongpin_store::{RECORDS, REPORTS, SentRow};

use super::ground::on_each;

/// Each stream counts for itself, from 1, and is read from any place on.
#[tokio::test]
async fn streams_are_gapless() {
    on_each(async |store| {
        for seq in 1..=5 {
            assert_eq!(store.append(REPORTS, "report", "c", Some(b"x"), Moment(1)).await.unwrap(), seq);
        }
        assert_eq!(store.append(RECORDS, "project", "p", None, Moment(1)).await.unwrap(), 1);
        let seqs = async |after, limit| {
            let rows = store.outbox_after(REPORTS, after, limit).await.unwrap();
            rows.into_iter().map(|row| row.seq).collect::<Vec<_>>()
        };
        assert_eq!(seqs(0, 2).await, [1, 2]);
        assert_eq!(seqs(3, 99).await, [4, 5]);
        assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 5);
        assert_eq!(store.outbox_last("nothing").await.unwrap(), 0);
    })
    .await;
}

/// Several appends in one transaction count on; if it is dropped, their numbers are given out again.
#[tokio::test]
async fn appending_within_a_transaction() {
    on_each(async |store| {
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.append(REPORTS, "report", "c", Some(b"x"), Moment(1)).await.unwrap(), 1);
        assert_eq!(tx.append(REPORTS, "report", "d", Some(b"x"), Moment(1)).await.unwrap(), 2);
        drop(tx);
        assert_eq!(store.append(REPORTS, "report", "e", Some(b"x"), Moment(1)).await.unwrap(), 1);
    })
    .await;
}

/// An acknowledgement only ever moves forward, and does not count for a new incarnation.
#[tokio::test]
async fn acknowledgements() {
    on_each(async |store| {
        for _ in 0..4 {
            store.append(REPORTS, "report", "c", Some(b"x"), Moment(1)).await.unwrap();
        }
        assert_eq!(store.acked(REPORTS).await.unwrap(), 0);
        assert_eq!(store.last_acked_at().await.unwrap(), None);
        store.mark_acked(REPORTS, 3, Moment(7)).await.unwrap();
        store.mark_acked(REPORTS, 2, Moment(8)).await.unwrap();
        store.mark_acked(REPORTS, 3, Moment(9)).await.unwrap();
        assert_eq!(store.acked(REPORTS).await.unwrap(), 3);
        assert_eq!(store.acked(RECORDS).await.unwrap(), 0);
        assert_eq!(store.last_acked_at().await.unwrap(), Some(Moment(7)));
        store.renew_incarnation("second").await.unwrap();
        assert_eq!(store.acked(REPORTS).await.unwrap(), 0);
        store.mark_acked(REPORTS, 1, Moment(10)).await.unwrap();
        assert_eq!(store.acked(REPORTS).await.unwrap(), 1);
    })
    .await;
}

/// What left is listed newest first over all streams, with its size and when it was first acknowledged.
#[tokio::test]
async fn what_was_sent() {
    on_each(async |store| {
        store.append(REPORTS, "report", "c", Some(b"first"), Moment(1)).await.unwrap();
        store.append(RECORDS, "project", "p", None, Moment(2)).await.unwrap();
        store.append(REPORTS, "report", "c", Some(b"second"), Moment(3)).await.unwrap();
        store.mark_acked(REPORTS, 1, Moment(4)).await.unwrap();
        let sent = |stream: &str, seq, kind: &str, key: &str, bytes, at, acked_at: Option<i64>| SentRow {
            stream: stream.into(),
            seq,
            kind: kind.into(),
            key: key.into(),
            bytes,
            created_at: Moment(at),
            acked_at: acked_at.map(Moment),
        };
        let all = [
            sent(REPORTS, 2, "report", "c", 6, 3, None),
            sent(RECORDS, 1, "project", "p", 0, 2, None),
            sent(REPORTS, 1, "report", "c", 5, 1, Some(4)),
        ];
        assert_eq!(store.sent_log(9).await.unwrap(), all);
        assert_eq!(store.sent_log(1).await.unwrap(), all[..1]);
    })
    .await;
}
