//! Guidance goes down: releases reach every level, each gets its parts, and nothing unsigned is taken.

use anyhow::Result;
use tongpin_tests::inprocess::{Member, TestClock, region};

fn rows(count: usize, version: &str) -> Vec<(String, String, String)> {
    (0..count)
        .map(|n| (format!("K{n:05}"), "*".to_owned(), format!("{{\"name\":\"指标 {n}\",\"v\":\"{version}\"}}")))
        .collect()
}

/// A release reaches county and township; the next one travels as a difference; each region gets its own part only.
#[tokio::test(flavor = "multi_thread")]
async fn releases_reach_every_level() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "320500", &clock).await?;
    let county = Member::node(folder.path(), "320581", &hub, &clock).await?;
    let other = Member::node(folder.path(), "320582", &hub, &clock).await?;
    let township = Member::node(folder.path(), "320581101", &county, &clock).await?;
    let id = hub.catalog("indicators");

    let mut first = rows(300, "1");
    first.push(("ONLY-581".into(), "320581".into(), "{}".into()));
    first.push(("ONLY-HUB".into(), "-".into(), "{}".into()));
    hub.publish("indicators", &first).await?;
    for member in [&county, &other, &township] {
        member.holds(&id, 1).await?;
    }
    assert_eq!(county.site.store.entries(&id).await?.len(), 301);
    assert_eq!(township.site.store.entries(&id).await?.len(), 301);
    assert_eq!(other.site.store.entries(&id).await?.len(), 300);

    let mut second = rows(300, "1");
    second[7].2 = "{\"name\":\"改\"}".into();
    second.remove(9);
    hub.publish("indicators", &second).await?;
    for member in [&county, &other, &township] {
        member.holds(&id, 2).await?;
        assert_eq!(member.site.store.entries(&id).await?.len(), 299);
        let changed = member.site.store.entry(&id, "K00007").await?.expect("it is there");
        assert_eq!((changed.release, changed.body.as_str()), (2, "{\"name\":\"改\"}"));
    }
    assert_eq!(hub.downlink.links().regions(), [region("320581"), region("320582")]);
    Ok(())
}
