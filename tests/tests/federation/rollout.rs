//! Roll-out: waves, parts that move, catalogs of tomorrow, a sender whose database was tampered with, and what the
//! publisher sees of its children meanwhile.

use anyhow::{Context, Result};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::sync::Refusal;
use tongpin_link::uplink::{LinkState, Parent};
use tongpin_store::{ChildState, Progress};
use tongpin_tests::inprocess::{Member, TestClock, region, until};
use tongpin_tests::logs;

use crate::craft::{row, rows};

async fn state_of(parent: &Member, child: &Member, id: &CatalogId) -> Result<Option<ChildState>> {
    let states = parent.site.store.child_states_of(&child.site.region()).await?;
    Ok(states.into_iter().find(|state| state.catalog == *id))
}

/// Waits until the parent knows that a child has applied a release.
async fn knows(parent: &Member, child: &Member, id: &CatalogId, number: u64) -> Result<()> {
    until(&format!("{id} {number} is known to be applied"), async || {
        let state = state_of(parent, child, id).await?;
        Ok(state.is_some_and(|state| state.progress == Progress::Applied && state.number == number))
    })
    .await
}

/// Runs one statement on a member's database behind its program's back.
async fn tamper(member: &Member, statement: &'static str) -> Result<u64> {
    let options = SqliteConnectOptions::new().filename(member.folder().join("tongpin.sqlite"));
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let done = sqlx::query(statement).execute(&mut connection).await?;
    connection.close().await?;
    Ok(done.rows_affected())
}

/// A release goes to one county first: the other keeps the old one until it is rolled out to everybody. The publisher
/// sees who has applied what.
#[tokio::test(flavor = "multi_thread")]
async fn waves() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "520100", &clock).await?;
    let first = Member::node(folder.path(), "520102", &hub, &clock).await?;
    let second = Member::node(folder.path(), "520103", &hub, &clock).await?;
    let township = Member::node(folder.path(), "520102101", &first, &clock).await?;
    let id = hub.catalog("rules");
    hub.publish("rules", &rows(3, "1")).await?;
    for member in [&first, &second, &township] {
        member.holds(&id, 1).await?;
    }

    hub.publish_to("rules", &rows(4, "2"), Some(&[region("520102")])).await?;
    first.holds(&id, 2).await?;
    township.holds(&id, 2).await?;
    knows(&hub, &first, &id, 2).await?;
    // Another catalog that goes to everybody comes after the wave on the same line: had release 2 been meant for the
    // second county too, it would have come before.
    hub.publish("experts", &rows(1, "1")).await?;
    second.holds(&hub.catalog("experts"), 1).await?;
    assert_eq!(second.site.store.head(&id).await?.map(|head| head.number), Some(1));
    assert_eq!(second.site.store.entries(&id).await?.len(), 3);
    knows(&hub, &second, &id, 1).await?;

    hub.site.store.allow(&id, 2, None, hub.site.now()).await?;
    second.holds(&id, 2).await?;
    knows(&hub, &second, &id, 2).await?;
    assert_eq!(second.site.store.entries(&id).await?, first.site.store.entries(&id).await?);
    Ok(())
}

/// An entry that moves from one county's part to another's leaves the first and arrives at the second; entries that
/// are for the publisher alone never travel.
#[tokio::test(flavor = "multi_thread")]
async fn parts_move() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "520200", &clock).await?;
    let first = Member::node(folder.path(), "520201", &hub, &clock).await?;
    let second = Member::node(folder.path(), "520203", &hub, &clock).await?;
    let here = Member::node(folder.path(), "520201101", &first, &clock).await?;
    let there = Member::node(folder.path(), "520201102", &first, &clock).await?;
    let id = hub.catalog("funds");
    let keys = async |member: &Member, number: u64| -> Result<Vec<String>> {
        member.holds(&id, number).await?;
        Ok(member.site.store.entries(&id).await?.into_iter().map(|entry| entry.key).collect())
    };
    let publish = async |audiences: [&str; 4]| {
        let rows: Vec<_> = ["A", "B", "C", "D"].iter().zip(audiences).map(|(key, to)| row(key, to, "{}")).collect();
        hub.publish("funds", &rows).await
    };

    publish(["*", "520201", "520201101", "-"]).await?;
    assert_eq!(keys(&first, 1).await?, ["A", "B", "C"]);
    assert_eq!(keys(&second, 1).await?, ["A"]);
    assert_eq!(keys(&here, 1).await?, ["A", "B", "C"]);
    assert_eq!(keys(&there, 1).await?, ["A", "B"]);

    publish(["*", "520203", "520201102", "520203"]).await?;
    assert_eq!(keys(&first, 2).await?, ["A", "C"]);
    assert_eq!(keys(&second, 2).await?, ["A", "B", "D"]);
    assert_eq!(keys(&here, 2).await?, ["A"]);
    assert_eq!(keys(&there, 2).await?, ["A", "C"]);

    publish(["-", "520201", "520201", "-"]).await?;
    assert_eq!(keys(&first, 3).await?, ["B", "C"]);
    assert_eq!(keys(&second, 3).await?, [""; 0]);
    assert_eq!(keys(&here, 3).await?, ["B", "C"]);
    Ok(())
}

/// A catalog that no program of today knows, and fields that none knows, reach the township byte for byte; a county's
/// own catalog travels beside the city's.
#[tokio::test(flavor = "multi_thread")]
async fn unknown_is_passed_on() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "520300", &clock).await?;
    let county = Member::node(folder.path(), "520302", &hub, &clock).await?;
    let township = Member::node(folder.path(), "520302101", &county, &clock).await?;
    let body = "{ \"b\":1.50,\"a\" : [1e2, null],\n \"未来\":\"\\u540c频\", \"b\":2 }";
    hub.publish("tomorrow", &[row("X/1", "*", body)]).await?;
    county.publish("tomorrow", &[row("X/1", "*", "{\"own\":true}")]).await?;

    let (id, own) = (hub.catalog("tomorrow"), county.catalog("tomorrow"));
    township.holds(&id, 1).await?;
    township.holds(&own, 1).await?;
    let held = township.site.store.entry(&id, "X/1").await?.context("it is there")?;
    assert_eq!(held.body, body);
    let held = township.site.store.entry(&own, "X/1").await?.context("it is there")?;
    assert_eq!(held.body, "{\"own\":true}");
    let envelope = async |member: &Member| -> Result<Vec<u8>> {
        Ok(member.site.store.release(&id, 1).await?.context("it is there")?.envelope)
    };
    assert_eq!(envelope(&township).await?, envelope(&hub).await?);
    assert_eq!(hub.site.store.head(&own).await?, None);
    Ok(())
}

/// A child that was away for several releases gets one difference with every release between, and stands where one
/// stands that never left.
#[tokio::test(flavor = "multi_thread")]
async fn several_missed() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "520400", &clock).await?;
    let stays = Member::node(folder.path(), "520402", &hub, &clock).await?;
    let leaves = Member::node(folder.path(), "520403", &hub, &clock).await?;
    let id = hub.catalog("indicators");
    hub.publish("indicators", &rows(50, "1")).await?;
    knows(&hub, &leaves, &id, 1).await?;
    let home = leaves.folder().to_owned();
    leaves.stop().await;
    for version in 2..=6 {
        let mut content = rows(50 - version, "1");
        content[version].2 = format!("{{\"v\":{version}}}");
        hub.publish("indicators", &content).await?;
    }
    stays.holds(&id, 6).await?;

    let parent = Parent { region: hub.site.region(), address: hub.address.clone() };
    let back = Member::start(&home, Some(parent), &clock, "127.0.0.1:0").await?;
    back.holds(&id, 6).await?;
    let chain = async |member: &Member| -> Result<Vec<_>> {
        let releases = member.site.store.releases(&id, 0, 9).await?;
        Ok(releases.into_iter().map(|signed| (signed.release.number, signed.digest)).collect())
    };
    assert_eq!(chain(&back).await?, chain(&hub).await?);
    assert_eq!(back.site.store.entries(&id).await?, stays.site.store.entries(&id).await?);
    logs::logged(&["applied", "child=520403", "number=6"]).await?;
    let applied = logs::captured(&["applied", "child=520403"]);
    assert_eq!(applied.len(), 2, "release 1, then one step to 6: {applied:?}");
    Ok(())
}

/// A parent whose database was changed behind its back cannot give that on: its child refuses, the parent sends
/// everything once more, and then shows who refused and why, in the log of both. The next honest release is taken.
#[tokio::test(flavor = "multi_thread")]
async fn tampered_parent() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "520500", &clock).await?;
    let id = hub.catalog("rules");
    let mut content = rows(5, "1");
    hub.publish("rules", &content[..4]).await?;
    hub.publish("rules", &content).await?;
    let changed = "UPDATE catalog_entry SET body = '{\"name\":\"指标 2\",\"v\":\"!\"}' WHERE key = 'K00002'";
    assert_eq!(tamper(&hub, changed).await?, 1);

    let county = Member::node(folder.path(), "520502", &hub, &clock).await?;
    until("the hub shows the refusal", async || {
        let state = state_of(&hub, &county, &id).await?;
        Ok(state.is_some_and(|state| state.progress == Progress::Refused && state.reason.contains("与签名不符")))
    })
    .await?;
    until("both ends logged it twice", async || {
        let ours = logs::captured(&["the child refuses a release", "child=520502", "code=CONTENT"]);
        let theirs = logs::captured(&["a release was refused", "520500/rules", "code=CONTENT"]);
        Ok(ours.len() == 2 && theirs.len() == 2)
    })
    .await?;
    assert_eq!(county.site.store.head(&id).await?, None);
    assert_eq!(county.site.store.entries(&id).await?, []);
    assert!(LinkState::load(&county.site.store).await?.connected, "a refused release does not end the link");
    assert!(Refusal::wants_everything("CONTENT"));

    // Another catalog is not held up, and the entry put right travels again under a new number.
    hub.publish("experts", &rows(1, "1")).await?;
    county.holds(&hub.catalog("experts"), 1).await?;
    let mended = "UPDATE catalog_entry SET body = '{\"name\":\"指标 2\",\"v\":\"1\"}' WHERE key = 'K00002'";
    assert_eq!(tamper(&hub, mended).await?, 1);
    content[4].2 = "{}".into();
    hub.publish("rules", &content).await?;
    county.holds(&id, 3).await?;
    assert_eq!(county.site.store.entries(&id).await?, hub.site.store.entries(&id).await?);
    knows(&hub, &county, &id, 3).await?;
    Ok(())
}
