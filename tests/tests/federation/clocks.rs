//! A clock that goes wrong for a while: no certificate that others can use is replaced by one that they cannot, and
//! what a wrong clock has spoilt mends itself.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;
use tongpin_link::Timing;
use tongpin_link::clock_watch::Jump;
use tongpin_link::identity::{Identity, Standing};
use tongpin_link::tls::Clock;
use tongpin_link::uplink::LinkState;
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, region, until};
use tongpin_tests::logs::{self, logged};

const DAY: Duration = Duration::from_hours(24);

async fn hub(folder: &Path, code: &str, clock: &Clock, settle: Duration) -> Result<Member> {
    let data = folder.join(code);
    Identity::init(&data.join("identity"), &region(code), clock.now(), 3650 * DAY, 90 * DAY)?;
    Member::start_timed(&data, None, clock, "127.0.0.1:0", Timing { settle, ..brisk() }).await
}

async fn node(folder: &Path, code: &str, parent: &Member, clock: &Clock) -> Result<Member> {
    settling(folder, code, parent, clock, brisk().settle).await
}

/// A node that waits so long until it believes a clock that was set.
async fn settling(folder: &Path, code: &str, parent: &Member, clock: &Clock, settle: Duration) -> Result<Member> {
    let data = folder.join(code);
    let joined = join(&data, &parent.invite(code).await?, clock).await?;
    let timing = Timing { settle, ..brisk() };
    Member::start_timed(&data, Some(joined.parent), clock, "127.0.0.1:0", timing).await
}

/// The city's clock stands 70 days ahead for a while and goes back: it is noticed and named, the certificate stays, the
/// county is not disturbed, and a county that comes afterwards is let in.
#[tokio::test(flavor = "multi_thread")]
async fn a_jump_is_waited_out() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (hub_time, clock) = (TestClock::default(), TestClock::default().clock());
    let hub = hub(folder.path(), "338100", &hub_time.clock(), Duration::from_hours(1)).await?;
    let county = node(folder.path(), "338181", &hub, &clock).await?;
    until("the county is up", async || Ok(LinkState::load(&county.site.store).await?.connected)).await?;
    let before = hub.site.identity().fingerprint();

    hub_time.advance(70 * DAY);
    until("the jump is named", async || Ok(Jump::load(&hub.site.store).await?.is_some())).await?;
    assert!(hub.site.identity().renewal_due(hub.site.clock.now()), "by its own clock it would be due");
    assert_eq!(hub.site.identity().fingerprint(), before);
    hub_time.retreat(70 * DAY);
    until("it is over", async || Ok(Jump::load(&hub.site.store).await?.is_none())).await?;
    assert_eq!(hub.site.identity().fingerprint(), before);
    let other = node(folder.path(), "338182", &hub, &clock).await?;
    until("another is up", async || Ok(LinkState::load(&other.site.store).await?.connected)).await
}

/// The city's clock is 200 days ahead and stays there, while a county is connected whose clock says otherwise: its
/// certificate is not replaced by one that would not be valid at the county.
#[tokio::test(flavor = "multi_thread")]
async fn those_connected_object() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let (hub_time, clock) = (TestClock::default(), TestClock::default().clock());
    let hub = hub(folder.path(), "338200", &hub_time.clock(), Duration::from_secs(2)).await?;
    let county = node(folder.path(), "338281", &hub, &clock).await?;
    until("the county is up", async || Ok(LinkState::load(&county.site.store).await?.connected)).await?;
    let before = hub.site.identity().fingerprint();
    hub_time.advance(200 * DAY);
    logged(&["the own certificate is not renewed: by the clocks of those connected"]).await?;
    assert_eq!(hub.site.identity().fingerprint(), before);
    Ok(())
}

/// With nobody connected a city cannot know better: 70 days ahead it renews, and what it makes is valid when the clock
/// is right again; 200 days ahead it makes one that is not, and mends that by itself once its clock goes back.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_wrong_clock_made_mends_itself() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (hub_time, clock) = (TestClock::default(), TestClock::default().clock());
    let hub = hub(folder.path(), "338300", &hub_time.clock(), Duration::from_millis(100)).await?;
    let renewed =
        async |from: [u8; 32]| until("it is renewed", async || Ok(hub.site.identity().fingerprint() != from)).await;
    let first = hub.site.identity();
    hub_time.advance(70 * DAY);
    renewed(first.fingerprint()).await?;
    hub_time.retreat(70 * DAY);
    let second = hub.site.identity();
    assert!(matches!(second.standing(clock.now()), Standing::Valid { .. }), "{:?}", second.standing(clock.now()));

    hub_time.advance(200 * DAY);
    renewed(second.fingerprint()).await?;
    let third = hub.site.identity();
    assert!(matches!(third.standing(clock.now()), Standing::NotYetValid { .. }), "{:?}", third.standing(clock.now()));
    hub_time.retreat(200 * DAY);
    renewed(third.fingerprint()).await?;
    let county = node(folder.path(), "338381", &hub, &clock).await?;
    until("a county is up", async || Ok(LinkState::load(&county.site.store).await?.connected)).await
}

/// A county whose own clock jumps 70 days ahead, to where its certificate would be due, and stays there, renews it over
/// the link that is up, but not before it has watched its clock for the whole time.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_waits_out_its_own_jump() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (node_time, clock) = (TestClock::default(), TestClock::default().clock());
    let hub = hub(folder.path(), "338400", &clock, brisk().settle).await?;
    let settle = Duration::from_secs(2);
    let county = settling(folder.path(), "338481", &hub, &node_time.clock(), settle).await?;
    until("the county is up", async || Ok(LinkState::load(&county.site.store).await?.connected)).await?;
    let (before, begun) = (county.site.identity().fingerprint(), Instant::now());
    node_time.advance(70 * DAY);
    assert!(county.site.identity().renewal_due(county.site.now()), "by its own clock it is due");
    until("it is renewed", async || Ok(county.site.identity().fingerprint() != before)).await?;
    assert!(begun.elapsed() >= settle, "renewed after {:?}", begun.elapsed());
    assert!(LinkState::load(&county.site.store).await?.connected);
    Ok(())
}

/// A county whose clock stands 200 days ahead asks for new certificates again and again, and puts none in place of its
/// own: by its clock each of them has run out before it came.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_takes_no_certificate_that_its_clock_denies() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (node_time, clock) = (TestClock::default(), TestClock::default().clock());
    let hub = hub(folder.path(), "338500", &clock, brisk().settle).await?;
    let county = node(folder.path(), "338581", &hub, &node_time.clock()).await?;
    until("the county is up", async || Ok(LinkState::load(&county.site.store).await?.connected)).await?;
    let before = county.site.identity().fingerprint();
    node_time.advance(200 * DAY);
    // It asks for one after it has done with the one before.
    let own = region("338581");
    until("it has asked", async || Ok(hub.site.store.certificates(&own).await?.len() >= 4)).await?;
    assert_eq!(county.site.identity().fingerprint(), before);
    assert_eq!(Identity::load(&county.folder().join("identity"))?.fingerprint(), before);
    Ok(())
}
