//! A line that breaks again and again: every 64 KiB, handshake and all. What came through counts, in both directions,
//! so that everything arrives in the end.

use anyhow::Result;
use tongpin_domain::region::RegionCode;
use tongpin_link::uplink::Parent;
use tongpin_store::{Put, RecordRow};
use tongpin_tests::inprocess::{Member, TestClock, brisk, region, until};
use tongpin_tests::proxy::Proxy;

use crate::craft::noise;

/// What one connection carries.
const CARRIES: u64 = 64 * 1024;

/// A node that joined and follows its parent over a line that breaks.
async fn behind(line: &Proxy, parent: &Member, node: Member) -> Result<Member> {
    let (home, clock) = (node.folder().to_owned(), node.site.clock.clone());
    node.stop().await;
    line.break_after(CARRIES);
    let parent = Parent { region: parent.site.region(), address: line.address.clone() };
    Member::start_timed(&home, Some(parent), &clock, "127.0.0.1:0", brisk()).await
}

/// A first load of ten thousand entries, half a megabyte once packed, comes over such a line, in about as many pieces
/// as it has to: nothing that arrived is sent again.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_load_comes_down() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "530700", &clock).await?;
    let county = Member::apart(folder.path(), "530702", &hub, &clock).await?;
    hub.publish("indicators", &noise(10_000, 60)).await?;
    let id = hub.catalog("indicators");
    let line = Proxy::to(&hub.address).await?;
    let county = behind(&line, &hub, county).await?;
    county.holds(&id, 1).await?;
    assert_eq!(county.site.store.entries(&id).await?, hub.site.store.entries(&id).await?);
    let broken = line.broken();
    assert!((5..40).contains(&broken), "{broken} connections broke");
    Ok(())
}

/// A township's records, which a sound line would carry in two batches, go up over such a line.
#[tokio::test(flavor = "multi_thread")]
async fn records_go_up() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let county = Member::hub(folder.path(), "530803", &clock).await?;
    let township = Member::apart(folder.path(), "530803001", &county, &clock).await?;
    let rows: Vec<RecordRow> = noise(4_000, 100)
        .into_iter()
        .map(|(key, _, body)| RecordRow { kind: "project".into(), key, body: Some(body) })
        .collect();
    let own: RegionCode = region("530803001");
    township.site.store.put_records(&Put { own: &own, records: &rows, at: clock.now(), log: true }).await?;
    let line = Proxy::to(&county.address).await?;
    let township = behind(&line, &county, township).await?;
    until("all records are there", async || {
        Ok(county.site.store.position(&own, "records").await?.is_some_and(|position| position.seq == 4_000))
    })
    .await?;
    assert_eq!(county.site.store.records("project", Some(&own)).await?.len(), 4_000);
    assert!(line.broken() > 4, "{} connections broke", line.broken());
    until("the township knows it", async || Ok(township.site.store.acked("records").await? == 4_000)).await?;
    Ok(())
}
