//! What a database knows of itself.

use super::ground::on_each;

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

/// The size is that of something, and a sound database passes its own check.
#[tokio::test]
async fn size_and_check() {
    on_each(async |store| {
        assert!(store.size_bytes().await.unwrap() > 4096);
        store.check().await.unwrap();
    })
    .await;
}
