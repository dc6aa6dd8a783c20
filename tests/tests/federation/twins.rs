//! Two machines with one identity, as when a data folder was copied: the first stays, the second is told, both ends and
//! the parent know; a real move to another machine, and a line that broke unnoticed, keep nobody out.

use std::path::Path;

use anyhow::{Context, Result};
use tongpin_domain::lang::Lang;
use tongpin_link::Timing;
use tongpin_link::admin;
use tongpin_link::tls::Clock;
use tongpin_link::uplink::{LinkState, Parent, Warning};
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, region, until};
use tongpin_tests::proxy::{Loss, Proxy};

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let (entry, into) = (entry?.path(), to);
        let target = into.join(entry.file_name().context("a name")?);
        if entry.is_dir() {
            copy(&entry, &target)?;
        } else {
            std::fs::copy(&entry, target)?;
        }
    }
    Ok(())
}

async fn start(folder: &Path, parent: &Parent, clock: &Clock) -> Result<Member> {
    Member::start_timed(folder, Some(parent.clone()), clock, "127.0.0.1:0", brisk()).await
}

/// A county's folder is copied and both run: the copy is turned away and reads why, the county is told and its link is
/// not disturbed, the city names both. Once the county is stopped the copy takes its place by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_copied_folder_is_turned_away() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "336100", &clock).await?;
    let (own, copied) = (folder.path().join("336181"), folder.path().join("copied"));
    let parent = join(&own, &hub.invite("336181").await?, &clock).await?.parent;
    copy(&own, &copied)?;
    let first = start(&own, &parent, &clock).await?;
    until("the first is up", async || Ok(LinkState::load(&first.site.store).await?.connected)).await?;
    let since = LinkState::load(&first.site.store).await?.since;

    let second = start(&copied, &parent, &clock).await?;
    let problem = async || Ok::<_, anyhow::Error>(LinkState::load(&second.site.store).await?.problem_zh);
    until("the second reads why", async || Ok(problem().await?.contains("另一台机器（127.0.0.1）"))).await?;
    let warned = async || Warning::standing(&first.site.store, clock.now()).await;
    until("the first is told", async || Ok(warned().await?.iter().any(|one| one.code == "TWIN"))).await?;
    let node = admin::node(&hub.site, &region("336181")).await?;
    let said = admin::twin_said("某县", &node, clock.now(), Lang::Zh).context("the city names it")?;
    assert!(said.contains("同时在两台机器上使用") && said.contains("127.0.0.1"), "{said}");
    let state = LinkState::load(&first.site.store).await?;
    assert_eq!((state.connected, state.since), (true, since), "the first is not disturbed");
    assert!(!LinkState::load(&second.site.store).await?.connected);

    first.stop().await;
    until("the second takes over", async || Ok(LinkState::load(&second.site.store).await?.connected)).await
}

/// A county's machine dies and the line keeps that from the city, whose side of the old link hangs: the next run of the
/// program, on whatever machine, is let in as soon as the old one fails to show that it is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_hangs_keeps_nobody_out() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = folder.path().join("336200");
    std::fs::create_dir_all(&hub)?;
    let hub = {
        Member::hub(folder.path(), "336200", &clock).await?.stop().await;
        let timing = Timing { proof: std::time::Duration::from_millis(200), ..brisk() };
        Member::start_timed(&hub, None, &clock, "127.0.0.1:0", timing).await?
    };
    let own = folder.path().join("336281");
    let parent = join(&own, &hub.invite("336281").await?, &clock).await?.parent;
    let line = Proxy::to(&hub.address).await?;
    let behind = Parent { address: line.address.clone(), ..parent.clone() };
    let first = start(&own, &behind, &clock).await?;
    until("the first is up", async || Ok(LinkState::load(&first.site.store).await?.connected)).await?;
    line.lose(Loss::Requests);
    until("words are lost", async || Ok(line.lost() > 0)).await?;
    let copied = folder.path().join("copied");
    copy(&own, &copied)?;
    let second = start(&copied, &parent, &clock).await?;
    until("the second is in", async || Ok(LinkState::load(&second.site.store).await?.connected)).await
}
