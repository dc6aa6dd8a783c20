//! A city that lost its database and has no backup begins anew under its old root.

use anyhow::Result;
use tongpin_tests::inprocess::{Member, TestClock, brisk, join};

use crate::craft::rows;

/// Who joined before is let in by a new token alone; the releases that it holds come back with it, and the next one
/// goes on from their number.
#[tokio::test(flavor = "multi_thread")]
async fn releases_come_back() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "521700", &clock).await?;
    let own = folder.path().join("521702");
    let joined = join(&own, &hub.invite("521702").await?, &clock).await?;
    let county = Member::start_timed(&own, Some(joined.parent), &clock, "127.0.0.1:0", brisk()).await?;
    let id = hub.catalog("rules");
    for number in ["1", "2"] {
        hub.publish("rules", &rows(5, number)).await?;
    }
    county.holds(&id, 2).await?;
    let (home, root) = (hub.folder().to_owned(), hub.site.identity().root_fingerprint());
    let entries = hub.site.store.entries(&id).await?;
    hub.stop().await;
    county.stop().await;
    for beside in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(home.join(format!("tongpin.sqlite{beside}")));
    }

    let hub = Member::start(&home, None, &clock, "127.0.0.1:0").await?;
    assert_eq!(hub.site.identity().root_fingerprint(), root);
    assert_eq!(hub.site.store.head(&id).await?, None);
    let joined = join(&own, &hub.invite("521702").await?, &clock).await?;
    let county = Member::start_timed(&own, Some(joined.parent), &clock, "127.0.0.1:0", brisk()).await?;
    hub.holds(&id, 2).await?;
    assert_eq!(hub.site.store.entries(&id).await?, entries);
    assert_eq!(hub.publish("rules", &rows(5, "3")).await?, 3);
    county.holds(&id, 3).await
}
