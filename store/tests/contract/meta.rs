//! What a database knows of itself, and how others notice changes.

use tongpin_domain::moment::Moment;
use tongpin_store::REPORTS;

use super::ground::{indicators, on_each};

/// Named texts are kept and replaced.
#[tokio::test]
async fn texts() {
    on_each(async |store| {
        assert_eq!(store.meta("parent").await.unwrap(), None);
        store.set_meta("parent", "320500").await.unwrap();
        store.set_meta("parent", "320000").await.unwrap();
        assert_eq!(store.meta("parent").await.unwrap().as_deref(), Some("320000"));
    })
    .await;
}

/// A database has an incarnation from the start, keeps it, and remembers the one before when it gets another.
#[tokio::test]
async fn incarnations() {
    on_each(async |store| {
        let first = store.incarnation().await.unwrap();
        assert_eq!(first.len(), 36, "{first}");
        assert_eq!(store.previous_incarnation().await.unwrap(), None);
        store.renew_incarnation("another").await.unwrap();
        assert_eq!(store.incarnation().await.unwrap(), "another");
        assert_eq!(store.previous_incarnation().await.unwrap(), Some(first));
    })
    .await;
}

/// The pulse beats with what others wait for, not with mere notes, and not for what was undone.
#[tokio::test]
async fn pulse() {
    on_each(async |store| {
        let before = store.pulse().await.unwrap();
        store.append(REPORTS, "report", "c", Some(b"x"), Moment(1)).await.unwrap();
        assert_eq!(store.pulse().await.unwrap(), before + 1);
        store.mark_acked(REPORTS, 1, Moment(2)).await.unwrap();
        store.stage(b"t", &indicators(), 0, b"x").await.unwrap();
        assert_eq!(store.pulse().await.unwrap(), before + 1);
        assert_eq!(store.bump_pulse().await.unwrap(), before + 2);
    })
    .await;
}

/// The size is that of something, and a sound database passes its own check.
#[tokio::test]
async fn size_and_check() {
    on_each(async |store| {
        assert!(store.size_bytes().await.unwrap() > 4096);
        store.check().await.unwrap();
    })
    .await;
}
