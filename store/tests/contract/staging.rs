//! Transfers that break off: what is held is gapless, and goes when it has served.

use tongpin_store::Staged;

use super::ground::{apply, entry, indicators, on_each};

/// Pieces are kept in order; a piece that does not fit is not written, and the answer says where to go on.
#[tokio::test]
async fn pieces_continue_each_other() {
    on_each(async |store| {
        let id = indicators();
        assert_eq!(store.staged(&id).await.unwrap(), None);
        assert_eq!(store.stage(b"one", &id, 0, b"abc").await.unwrap(), 3);
        assert_eq!(store.stage(b"one", &id, 5, b"later").await.unwrap(), 3);
        assert_eq!(store.stage(b"one", &id, 0, b"abc").await.unwrap(), 3);
        assert_eq!(store.stage(b"one", &id, 3, b"de").await.unwrap(), 5);
        let staged = Staged { transfer_id: b"one".to_vec(), bytes_have: 5 };
        assert_eq!(store.staged(&id).await.unwrap(), Some(staged));
        assert_eq!(store.staged_bytes(b"one").await.unwrap(), b"abcde");
        assert_eq!(store.staged_bytes(b"two").await.unwrap(), b"");
    })
    .await;
}

/// Another transfer of the catalog replaces the one before, and applying a release takes all of it away.
#[tokio::test]
async fn replaced_and_cleared() {
    on_each(async |store| {
        let id = indicators();
        store.stage(b"one", &id, 0, b"abc").await.unwrap();
        assert_eq!(store.stage(b"two", &id, 0, b"x").await.unwrap(), 1);
        assert_eq!(store.staged_bytes(b"one").await.unwrap(), b"");
        apply(store, 1, vec![entry("a", 1, "*")], &[]).await;
        assert_eq!(store.staged(&id).await.unwrap(), None);
        store.stage(b"three", &id, 0, b"x").await.unwrap();
        store.clear_staged(&id).await.unwrap();
        assert_eq!(store.staged(&id).await.unwrap(), None);
    })
    .await;
}
