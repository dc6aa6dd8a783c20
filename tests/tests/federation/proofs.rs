//! What a child shows of releases that its parent has lost: it counts as it was signed and in no other form, and what
//! does not leaves nothing behind.

use anyhow::{Context, Result, bail};
use tokio::time::timeout;
use tongpin_domain::digest::Digest;
use tongpin_proto::{packing, v1};
use tongpin_tests::inprocess::{Member, TestClock, until};
use tongpin_tests::line::Line;
use tongpin_tests::logs;

use crate::claims::{PATIENCE, call, prove_of, restored};
use crate::craft::{repacked, rows, signed_by, whole};

/// A proof, the number and digest of the release that it is to prove, and what the parent says of it.
struct Case {
    claimed: (u64, Digest),
    shown: v1::Transfer,
    reason: &'static str,
}

/// Content that was changed, shortened or added to after it was signed, releases that end before the one that was named
/// or at another of its number, and what is longer than any proof prove nothing, each for its own reason; what was
/// signed comes back afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_signed() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "522100", &clock).await?;
    let county = Member::apart(folder.path(), "522102", &hub, &clock).await?;
    let (own, id) = (county.site.region(), hub.catalog("rules"));
    hub.publish("rules", &rows(5, "1")).await?;
    let copy = folder.path().join("copy.sqlite");
    hub.site.store.backup_to(&copy).await?;
    let before = hub.site.store.entries(&id).await?;
    hub.publish("rules", &rows(5, "2")).await?;
    hub.publish("rules", &rows(6, "3")).await?;
    let head = hub.site.store.head(&id).await?.context("three releases")?;
    let lost = hub.site.store.entries(&id).await?;
    let shown = async |number| {
        let releases = hub.site.store.releases(&id, 1, number).await?;
        signed_by(&whole(&hub, &own, &id, 0, number).await?, &releases)
    };
    let (sound, short) = (shown(3).await?, shown(2).await?);
    let hub = restored(hub, &copy, &clock).await?;

    let forged = |change: fn(&mut v1::Difference)| repacked(&sound, change);
    let differs = "内容与签名不符";
    let honest = (3, head.digest);
    let cases = [
        Case { claimed: honest, shown: forged(|it| it.upserts[0].body = "{\"v\":\"9\"}".into())?, reason: differs },
        Case { claimed: honest, shown: forged(|it| drop(it.upserts.pop()))?, reason: differs },
        Case { claimed: honest, shown: forged(|it| it.upserts.push(extra()))?, reason: differs },
        Case { claimed: honest, shown: short, reason: "所附版本到第 2 版为止" },
        Case { claimed: (3, Digest([7; 32])), shown: sound.clone(), reason: "所附版本到第 3 版为止" },
        Case { claimed: (99, head.digest), shown: sound.clone(), reason: "所附版本到第 3 版为止" },
        Case {
            claimed: honest,
            shown: v1::Transfer { length: packing::LARGEST + 1, ..sound.clone() },
            reason: "所附内容的起点或长度不对",
        },
    ];
    for (which, Case { claimed, shown, reason }) in cases.into_iter().enumerate() {
        let line = asked(&hub, &county, claimed).await?;
        line.say(v1::upward::Body::Transfer(shown)).await?;
        let said = || logs::captured(&["not proven", "child=522102"]);
        until(&format!("case {which} is weighed"), async || Ok(said().len() > which)).await?;
        assert!(said()[which].contains(reason), "{which}: {}", said()[which]);
        assert_eq!(hub.site.store.entries(&id).await?, before, "case {which}");
        assert_eq!(hub.site.store.releases(&id, 0, 99).await?.len(), 1, "case {which}");
    }

    // More than it said it would send ends the link.
    let mut line = asked(&hub, &county, honest).await?;
    line.say(v1::upward::Body::Transfer(v1::Transfer { length: sound.length - 1, ..sound.clone() })).await?;
    let refused = loop {
        match timeout(PATIENCE, line.down.message()).await.context("it is taken")? {
            Ok(Some(_)) => {}
            Ok(None) => bail!("the link ended without a reason"),
            Err(refused) => break refused,
        }
    };
    assert!(refused.message().contains("longer than it said"), "{refused}");
    assert_eq!(hub.site.store.entries(&id).await?, before);

    let line = asked(&hub, &county, honest).await?;
    line.say(v1::upward::Body::Transfer(sound)).await?;
    hub.holds(&id, 3).await?;
    assert_eq!((hub.site.store.head(&id).await?, hub.site.store.entries(&id).await?), (Some(head), lost));
    Ok(())
}

/// A new link of a child that says it holds a release, up to where it is asked to prove it.
async fn asked(hub: &Member, child: &Member, (number, digest): (u64, Digest)) -> Result<Line> {
    let (publisher, digest) = (hub.site.region().to_string(), digest.0.to_vec().into());
    let heads = vec![v1::Head { publisher, catalog: "rules".into(), number, digest }];
    let mut line = call(hub, child, &hub.site.clock, heads).await?;
    let prove = prove_of(&mut line).await?;
    assert_eq!((prove.catalog.as_str(), prove.after), ("rules", 1));
    Ok(line)
}

/// An entry that nobody published.
fn extra() -> v1::Entry {
    v1::Entry { key: "EXTRA".into(), audience: "*".into(), release: 3, body: "{}".into() }
}
