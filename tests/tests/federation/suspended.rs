//! A county that the city has revoked certifies nobody, and its townships know.

use anyhow::Result;
use tongpin_link::admin;
use tongpin_link::uplink::{Parent, Suspension, Warning};
use tongpin_store::{Put, RecordRow};
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, region, until};

/// The city revokes a county: the county enrols and invites no township any more, says why, and its township reads it,
/// while the township's records go on reaching it. Once it is let in again all of that is over.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_travels_down() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "337100", &clock).await?;
    let start = async |code: &str, parent: Parent, listen: &str| {
        Member::start_timed(&folder.path().join(code), Some(parent), &clock, listen, brisk()).await
    };
    let joined = join(&folder.path().join("337181"), &hub.invite("337181").await?, &clock).await?;
    let county = start("337181", joined.parent.clone(), "127.0.0.1:0").await?;
    let below = join(&folder.path().join("337181101"), &county.invite("337181101").await?, &clock).await?;
    let township = start("337181101", below.parent.clone(), "127.0.0.1:0").await?;
    let open = county.invite("337181102").await?;
    until("the township is up", async || Ok(!county.downlink.links().regions().is_empty())).await?;

    admin::revoke(&hub.site, &region("337181"), "机构撤并").await?;
    until("the county knows", async || Ok(Suspension::load(&county.site.store).await?.is_some())).await?;
    let told = async || Warning::standing(&township.site.store, clock.now()).await;
    until("the township knows", async || Ok(told().await?.iter().any(|one| one.code == "SUSPENDED"))).await?;
    assert_eq!(told().await?[0].detail, "337181");
    let other = folder.path().join("337181102");
    let refused = join(&other, &open, &clock).await.expect_err("a county that is shut out").to_string();
    assert!(refused.contains("337181 is revoked by its parent"), "{refused}");
    let invited = admin::invite(&county.site, &region("337181103"), "127.0.0.1:1", 7, "经办-001").await;
    assert!(invited.is_err_and(|error| error.to_string().contains("is revoked by its parent")));
    let rows = [RecordRow { kind: "project".into(), key: "P1".into(), body: Some("{}".into()) }];
    let put = Put { own: &region("337181101"), records: &rows, at: clock.now(), log: true };
    township.site.store.put_records(&put).await?;
    until("records go on", async || Ok(county.site.store.count_records("project").await? == 1)).await?;

    let address = county.address.clone();
    county.stop().await;
    join(&folder.path().join("337181"), &hub.invite("337181").await?, &clock).await?;
    let county = start("337181", joined.parent, &address).await?;
    until("the county is in again", async || Ok(Suspension::load(&county.site.store).await?.is_none())).await?;
    until("the township knows that too", async || Ok(told().await?.is_empty())).await?;
    join(&other, &open, &clock).await?;
    Ok(())
}
