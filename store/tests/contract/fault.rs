//! What a simulation puts around the durable step happens there, and nothing that was not committed is told.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tongpin_domain::moment::Moment;
use tongpin_store::{DurableStep, REPORTS, Topic};

use super::ground::on_each;

/// Fails before (1) or after (2) the next commit.
#[derive(Debug, Default)]
struct Once(AtomicU8);

impl Once {
    fn fails(&self, place: u8) -> io::Result<()> {
        let now = self.0.compare_exchange(place, 0, Ordering::Relaxed, Ordering::Relaxed);
        if now.is_ok() { Err(io::Error::other("as the simulation has it")) } else { Ok(()) }
    }
}

impl DurableStep for Once {
    fn before(&self) -> io::Result<()> {
        self.fails(1)
    }

    fn after(&self) -> io::Result<()> {
        self.fails(2)
    }
}

/// A commit that fails leaves nothing; one whose answer is lost is there, and is heard of like another process's.
#[tokio::test]
async fn around_a_commit() {
    on_each(async |store| {
        let once = Arc::new(Once::default());
        store.around_commits(once.clone());
        let mut others = store.others().await.unwrap();
        let watch = store.watch(|topic| matches!(topic, Topic::Outbox(_)));
        let append = async || store.append(REPORTS, "report", "c", Some(b"x"), Moment(1)).await;

        once.0.store(1, Ordering::Relaxed);
        append().await.unwrap_err();
        assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 0);

        once.0.store(2, Ordering::Relaxed);
        append().await.unwrap_err();
        assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 1);
        assert!(watch.take().is_empty(), "whoever committed it believes that it failed");
        if store.path().is_some() {
            others.hear().await.unwrap();
            assert_eq!(watch.take().len(), 1, "and yet it is not missed");
        }
        assert_eq!(append().await.unwrap(), 2);
    })
    .await;
}
