//! Large transfers: what arrived is kept across a broken line, a crash or a full disk, and a node that was killed at
//! any moment stands where one stands that was not.

use std::time::Duration;

use anyhow::{Context, Result};
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::digest::Digest;
use tongpin_link::tls::Clock;
use tongpin_link::transfer::{self, CHUNK, Transfers};
use tongpin_link::uplink::{Intake, LinkState, Parent};
use tongpin_store::Progress;
use tongpin_tests::inprocess::{Member, TestClock, brisk, until};
use tongpin_tests::logs;

use crate::craft::{carried, feed, noise, row, rows};

async fn follow(node: Member, parent: &Member, clock: &Clock) -> Result<Member> {
    let home = node.folder().to_owned();
    node.stop().await;
    let parent = Parent { region: parent.site.region(), address: parent.address.clone() };
    Member::start_timed(&home, Some(parent), clock, "127.0.0.1:0", brisk()).await
}

async fn same(one: &Member, other: &Member, id: &CatalogId) -> Result<()> {
    assert_eq!(one.site.store.entries(id).await?, other.site.store.entries(id).await?);
    assert_eq!(one.site.store.head(id).await?, other.site.store.head(id).await?);
    Ok(())
}

/// A transfer that broke off is kept, in pieces, across a restart; the next one, by hand or over a link, begins with
/// the first byte that is missing.
#[tokio::test(flavor = "multi_thread")]
async fn goes_on_where_it_broke_off() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "530100", &clock).await?;
    let by_hand = Member::apart(folder.path(), "530102", &hub, &clock).await?;
    let by_wire = Member::apart(folder.path(), "530103", &hub, &clock).await?;
    let id = hub.catalog("indicators");
    hub.publish("indicators", &noise(100, 60_000)).await?;
    let parent = hub.site.region();
    let mut kept = 0;
    for node in [&by_hand, &by_wire] {
        let pieces = carried(&hub, &node.site.region(), &id, 0, 1).await?;
        let most = pieces.len() - 1;
        assert!(most > 12, "noise of 6 MB packs to 4.5 MB, in pieces of 256 KiB: {most}");
        let mut intake = Intake::new(node.site.clone(), parent.clone());
        assert_eq!(feed(&mut intake, pieces.into_iter().take(most)).await?, "MORE");
        assert_eq!(node.site.store.head(&id).await?, None);
        kept = node.site.store.staged(&id).await?.context("kept in pieces")?.bytes_have;
        // Several pieces may be written at once, but never is more than half of this kept in memory alone.
        assert!(usize::try_from(kept)? > most * CHUNK / 2, "{kept}");
    }

    let staged = by_hand.site.store.staged(&id).await?.context("kept")?;
    let have = (Digest::from_bytes(&staged.transfer_id).context("a digest")?, staged.bytes_have);
    let store = &hub.site.store;
    let prepared = Transfers::default().prepare(store, &id, 0, 1, &by_hand.site.region()).await?;
    let releases = transfer::Transfers::default().releases_between(store, &id, 0, 1).await?;
    let rest: Vec<_> = transfer::messages(&id, 1, releases, &prepared, Some(have)).collect();
    let mut intake = Intake::new(by_hand.site.clone(), parent.clone());
    assert_eq!(feed(&mut intake, rest).await?, "APPLIED 1");
    same(&by_hand, &hub, &id).await?;
    assert_eq!(by_hand.site.store.staged(&id).await?, None);

    let by_wire = follow(by_wire, &hub, &clock).await?;
    by_wire.holds(&id, 1).await?;
    same(&by_wire, &hub, &id).await?;
    let offset = format!("offset={kept} ");
    let went_on = logs::captured(&["a transfer goes on where it broke off", "530100/indicators", &offset]);
    assert_eq!(went_on.len(), 2, "both went on after what was kept: {went_on:?}");
    Ok(())
}

/// What is kept of a transfer is not mixed with another: if the publisher went on meanwhile, the new one starts anew.
#[tokio::test(flavor = "multi_thread")]
async fn another_release_meanwhile() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "530300", &clock).await?;
    let county = Member::apart(folder.path(), "530302", &hub, &clock).await?;
    let id = hub.catalog("indicators");
    let mut content = noise(15, 60_000);
    hub.publish("indicators", &content).await?;
    let pieces = carried(&hub, &county.site.region(), &id, 0, 1).await?;
    let mut intake = Intake::new(county.site.clone(), hub.site.region());
    assert_eq!(feed(&mut intake, pieces.into_iter().take(2)).await?, "MORE");
    content[0].2 = "{}".into();
    hub.publish("indicators", &content).await?;

    let county = follow(county, &hub, &clock).await?;
    county.holds(&id, 2).await?;
    same(&county, &hub, &id).await?;
    assert_eq!(logs::captured(&["goes on where it broke off", "530300/indicators"]), [""; 0]);
    Ok(())
}

/// A node that crashes in the middle of a transfer begins the next link with the bytes it kept.
#[tokio::test(flavor = "multi_thread")]
async fn crash_in_the_middle() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "530400", &clock).await?;
    let county = Member::node(folder.path(), "530402", &hub, &clock).await?;
    let home = county.folder().to_owned();
    let id = hub.catalog("indicators");
    hub.publish("indicators", &noise(60, 100_000)).await?;
    until("a few pieces are kept", async || Ok(county.site.store.staged(&id).await?.is_some())).await?;
    county.crash().await;

    let parent = Parent { region: hub.site.region(), address: hub.address.clone() };
    let county = Member::start(&home, Some(parent), &clock, "127.0.0.1:0").await?;
    county.holds(&id, 1).await?;
    same(&county, &hub, &id).await?;
    assert_eq!(logs::captured(&["goes on where it broke off", "530400/indicators"]).len(), 1);
    Ok(())
}

/// A node whose disk is full says so to its parent, keeps what it has, and takes the release once there is space:
/// small releases that fail at the end, and large ones that fail in the middle.
#[tokio::test(flavor = "multi_thread")]
async fn full_disk() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "530500", &clock).await?;
    let county = Member::apart(folder.path(), "530502", &hub, &clock).await?;
    let county = follow(county, &hub, &clock).await?;
    let store = &county.site.store;
    let (small, large) = (hub.catalog("rules"), hub.catalog("indicators"));
    hub.publish("rules", &[row("A", "*", "{}")]).await?;
    county.holds(&small, 1).await?;

    let refused = async |id: &CatalogId, number: u64| {
        until("the hub shows why", async || {
            let states = hub.site.store.child_states().await?;
            Ok(states.iter().any(|state| {
                let why = state.reason.contains("磁盘空间");
                state.catalog == *id && state.number == number && state.progress == Progress::Refused && why
            }))
        })
        .await
    };
    // Room for forty pages of 4 KiB: not for 300 KB of entries, and not for the second piece of a large transfer.
    let used = u32::try_from(store.size_bytes().await? / 4096)?;
    store.limit_pages(used + 40).await?;
    hub.publish("rules", &rows(4_000, "2")).await?;
    refused(&small, 2).await?;
    assert_eq!(store.head(&small).await?.map(|head| head.number), Some(1));
    assert_eq!(store.entries(&small).await?.len(), 1);
    hub.publish("indicators", &noise(20, 60_000)).await?;
    refused(&large, 1).await?;
    assert!(!logs::captured(&["a release was refused", "530500/indicators", "STORAGE"]).is_empty());
    logs::logged(&["the child refuses a release", "child=530502", "STORAGE"]).await?;

    store.limit_pages(1 << 30).await?;
    county.holds(&small, 2).await?;
    county.holds(&large, 1).await?;
    same(&county, &hub, &small).await?;
    same(&county, &hub, &large).await?;
    until("the link is up again", async || Ok(LinkState::load(store).await?.connected)).await?;
    Ok(())
}

/// A county killed and started again fifteen times, at moments of no order, while releases are published, ends with
/// the same catalogs, the same chain and the same versions as one that was left alone.
#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "530600", &clock).await?;
    let calm = Member::node(folder.path(), "530602", &hub, &clock).await?;
    let mut county = Member::node(folder.path(), "530603", &hub, &clock).await?;
    let home = county.folder().to_owned();
    let id = hub.catalog("rules");
    hub.publish("rules", &rows(200, "0")).await?;
    calm.holds(&id, 1).await?;
    // Both begin with the first release, so that both hold the whole chain.
    county.holds(&id, 1).await?;
    for round in 1..=15_u64 {
        let mut content = rows(200, "0");
        content.truncate(200 - usize::try_from(round)?);
        content[0].2 = format!("{{\"round\":{round}}}");
        hub.publish("rules", &content).await?;
        // The moment of the crash wanders over the few milliseconds that fetching and applying take.
        tokio::time::sleep(Duration::from_millis(round * 37 % 23)).await;
        county.crash().await;
        let parent = Parent { region: hub.site.region(), address: hub.address.clone() };
        county = Member::start_timed(&home, Some(parent), &clock, "127.0.0.1:0", brisk()).await?;
    }
    county.holds(&id, 16).await?;
    calm.holds(&id, 16).await?;
    same(&county, &calm, &id).await?;
    let chain = async |member: &Member| -> Result<Vec<Digest>> {
        Ok(member.site.store.releases(&id, 0, 99).await?.into_iter().map(|signed| signed.digest).collect())
    };
    assert_eq!(chain(&county).await?, chain(&calm).await?);
    county.site.store.check().await?;
    Ok(())
}
