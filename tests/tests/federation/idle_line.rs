//! A line on which nothing happens: both ends still know that it holds, and how their clocks stand.

use std::time::Duration;

use anyhow::{Context, Result};
use tongpin_domain::moment::Moment;
use tongpin_link::uplink::LinkState;
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, until};

/// Hours pass without a word to send, and the child still knows that the parent answered a moment ago. When the
/// parent's clock is moved it learns that too, on the same link.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_line_is_heard_of() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (hub_time, node_time) = (TestClock::default(), TestClock::default());
    let hub = Member::hub(folder.path(), "335000", &hub_time.clock()).await?;
    let (own, clock) = (folder.path().join("335081"), node_time.clock());
    let joined = join(&own, &hub.invite("335081").await?, &clock).await?;
    let node = Member::start_timed(&own, Some(joined.parent), &clock, "127.0.0.1:0", brisk()).await?;
    let state = async || LinkState::load(&node.site.store).await;
    until("the link is up", async || Ok(state().await?.connected)).await?;
    let since = state().await?.since.context("a moment")?;

    let hours = Duration::from_hours(3);
    hub_time.advance(hours);
    node_time.advance(hours);
    let after = Moment(since.0 + 3 * 3600 * 1000);
    until("an answer after three hours", async || Ok(state().await?.last_success >= Some(after))).await?;
    assert!(state().await?.clock_offset_ms.is_some_and(|offset| offset.abs() < 30_000));

    // A minute and a half, less what a message may take.
    hub_time.advance(Duration::from_secs(90));
    until("the parent's clock is ahead", async || Ok(state().await?.clock_offset_ms >= Some(60_000))).await?;
    let now = state().await?;
    assert_eq!((now.connected, now.since), (true, Some(since)));
    Ok(())
}
