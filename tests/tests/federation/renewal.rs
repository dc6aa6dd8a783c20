//! Certificates run out, programs are restarted: neither interrupts a federation that runs, and both can be mended in
//! one that did not.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use tongpin_link::identity::Identity;
use tongpin_link::tls::Clock;
use tongpin_link::uplink::{LinkState, Parent};
use tongpin_store::{Put, RecordRow};
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, region, until};
use tongpin_tests::logs::{self, logged};

const DAY: Duration = Duration::from_hours(24);

/// A hub that looks after its certificate twenty times a second.
async fn hub(folder: &Path, code: &str, clock: &Clock) -> Result<Member> {
    let data = folder.join(code);
    Identity::init(&data.join("identity"), &region(code), clock.now(), 3650 * DAY, 90 * DAY)?;
    Member::start_timed(&data, None, clock, "127.0.0.1:0", brisk()).await
}

/// A node that does.
async fn node(folder: &Path, code: &str, parent: &Member, clock: &Clock) -> Result<Member> {
    let data = folder.join(code);
    let joined = join(&data, &parent.invite(code).await?, clock).await?;
    Member::start_timed(&data, Some(joined.parent), clock, "127.0.0.1:0", brisk()).await
}

fn entry(key: &str) -> Vec<(String, String, String)> {
    vec![(key.to_owned(), "*".to_owned(), "{}".to_owned())]
}

/// Twenty weeks pass, a week at a time, and certificates live 90 days: hub, county and township renew theirs while they
/// run and store them, and no link is interrupted.
#[tokio::test(flavor = "multi_thread")]
async fn certificates_renew_while_running() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let times = TestClock::default();
    let clock = times.clock();
    let hub = hub(folder.path(), "332100", &clock).await?;
    let county = node(folder.path(), "332181", &hub, &clock).await?;
    let township = node(folder.path(), "332181101", &county, &clock).await?;
    let id = hub.catalog("indicators");
    hub.publish("indicators", &entry("K1")).await?;
    township.holds(&id, 1).await?;
    let members = [&hub, &county, &township];
    let first = members.map(|member| member.site.identity());
    let mut up_since = Vec::new();
    for member in [&county, &township] {
        up_since.push(LinkState::load(&member.site.store).await?.since);
    }

    for week in 1..=20 {
        times.advance(7 * DAY);
        for member in members {
            let what = format!("{} has renewed in week {week}", member.site.region());
            until(&what, async || Ok(!member.site.identity().renewal_due(clock.now()))).await?;
        }
    }
    for (member, first) in members.into_iter().zip(first) {
        // 20 weeks are 140 days: the first certificate has run out.
        assert!(first.not_after() < clock.now());
        let stored = Identity::load(&member.folder().join("identity"))?;
        assert_eq!(stored.fingerprint(), member.site.identity().fingerprint());
        assert_ne!(stored.fingerprint(), first.fingerprint());
    }
    for (member, since) in [&county, &township].into_iter().zip(up_since) {
        let state = LinkState::load(&member.site.store).await?;
        assert!(state.connected && state.since == since, "the link of {} was interrupted", member.site.region());
    }
    hub.publish("indicators", &entry("K2")).await?;
    township.holds(&id, 2).await?;
    // Whoever comes now is shown the hub's renewed certificate.
    node(folder.path(), "332182", &hub, &clock).await?.holds(&id, 2).await?;
    logged(&["the own certificate was renewed", "332100"]).await?;
    logged(&["a certificate was renewed", "child=332181101"]).await
}

/// A node that was away past its certificate's end is refused as expired, reads so, and is let back in by a token with
/// all it had. The hub, which was off as long, renews its own certificate as it starts.
#[tokio::test(flavor = "multi_thread")]
async fn away_past_the_end() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let times = TestClock::default();
    let clock = times.clock();
    let first = hub(folder.path(), "332200", &clock).await?;
    let away = node(folder.path(), "332281", &first, &clock).await?;
    let (id, data, address) = (first.catalog("indicators"), away.folder().to_owned(), first.address.clone());
    first.publish("indicators", &entry("K1")).await?;
    away.holds(&id, 1).await?;
    away.stop().await;
    let hub_data = first.folder().to_owned();
    first.stop().await;

    times.advance(100 * DAY);
    let hub = Member::start_timed(&hub_data, None, &clock, &address, brisk()).await?;
    until("the hub renews its own", async || Ok(hub.site.identity().not_after() > clock.now())).await?;
    hub.publish("indicators", &entry("K2")).await?;

    let parent = Parent { region: region("332200"), address };
    let back = Member::start_timed(&data, Some(parent), &clock, "127.0.0.1:0", brisk()).await?;
    let state = async || LinkState::load(&back.site.store).await;
    until("it reads why", async || Ok(state().await?.problem_zh.contains("到期"))).await?;
    assert!(state().await?.problem_zh.contains("重新邀请"), "{:?}", state().await?);
    logged(&["certificate refused", "claimed=332281", "xpired"]).await?;
    logged(&["the link to the parent is down", "region=332281", "our certificate expired"]).await?;
    back.stop().await;

    let joined = join(&data, &hub.invite("332281").await?, &clock).await?;
    let back = Member::start_timed(&data, Some(joined.parent), &clock, "127.0.0.1:0", brisk()).await?;
    back.holds(&id, 2).await?;
    assert_eq!(hub.site.store.children().await?.len(), 1);
    Ok(())
}

/// The county is stopped, then killed, and started again at the same address: township and hub find it by themselves,
/// what was written and published meanwhile arrives, and a token made before is good after.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_loses_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = hub(folder.path(), "332300", &clock).await?;
    let mut county = node(folder.path(), "332381", &hub, &clock).await?;
    let township = node(folder.path(), "332381101", &county, &clock).await?;
    let (id, data, address) = (hub.catalog("indicators"), county.folder().to_owned(), county.address.clone());
    let parent = Parent { region: region("332300"), address: hub.address.clone() };
    let token = county.invite("332381102").await?;

    for (round, key) in (1..).zip(["P1", "P2", "P3", "P4"]) {
        if round % 2 == 0 {
            county.stop().await;
        } else {
            county.crash().await;
        }
        let rows = [RecordRow { kind: "project".into(), key: key.into(), body: Some("{}".into()) }];
        let own = region("332381101");
        let put = Put { own: &own, records: &rows, at: clock.now(), log: true };
        township.site.store.put_records(&put).await?;
        hub.publish("indicators", &entry(key)).await?;
        county = Member::start_timed(&data, Some(parent.clone()), &clock, &address, brisk()).await?;
        township.holds(&id, round).await?;
        until("the record is up", async || Ok(county.site.store.record("project", key).await?.is_some())).await?;
    }
    assert_eq!(county.site.store.count_records("project").await?, 4);
    assert_eq!(county.site.store.positions(&region("332381101")).await?[0].seq, 4, "each record was taken once");
    join(&folder.path().join("332381102"), &token, &clock).await?;
    Ok(())
}

/// The hub is stopped and killed: its children come back to it without anybody's help and follow on.
#[tokio::test(flavor = "multi_thread")]
async fn children_come_back_to_a_restarted_hub() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let mut top = hub(folder.path(), "332400", &clock).await?;
    let nodes =
        [node(folder.path(), "332481", &top, &clock).await?, node(folder.path(), "332482", &top, &clock).await?];
    let (id, data, address) = (top.catalog("indicators"), top.folder().to_owned(), top.address.clone());
    for round in 1..=4 {
        top.publish("indicators", &entry(&format!("K{round}"))).await?;
        if round % 2 == 0 {
            top.stop().await;
        } else {
            top.crash().await;
        }
        top = Member::start_timed(&data, None, &clock, &address, brisk()).await?;
        for node in &nodes {
            node.holds(&id, round).await?;
        }
    }
    until("both are back", async || Ok(top.downlink.links().regions() == [region("332481"), region("332482")])).await?;
    let root = top.site.identity().root_fingerprint();
    assert!(nodes.iter().all(|node| node.site.identity().root_fingerprint() == root));
    Ok(())
}
