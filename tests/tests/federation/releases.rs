//! Releases that are not what their publisher signed, or not what comes next: each is refused with its code, changes
//! nothing, and does not keep the honest one out.

use anyhow::Result;
use tempfile::TempDir;
use tongpin_domain::catalog::{Audience, CatalogId};
use tongpin_domain::digest::Digest;
use tongpin_domain::region::RegionCode;
use tongpin_link::LinkError;
use tongpin_link::sealed::{self, Purpose};
use tongpin_link::uplink::Intake;
use tongpin_proto::v1;
use tongpin_tests::inprocess::{Member, TestClock, region};
use tongpin_tests::logs;

use crate::craft::{Down, feed, held, repacked, resigned, row, rows, signed_by, whole};

/// A city, a county that takes only what the test hands it, and a catalog with entries for all, for the county and
/// for its neighbour.
struct Desk {
    folder: TempDir,
    hub: Member,
    county: Member,
    child: RegionCode,
    id: CatalogId,
    intake: Intake,
}

impl Desk {
    async fn new(city: &str, county: &str) -> Result<Self> {
        logs::capture();
        let folder = tempfile::tempdir()?;
        let clock = TestClock::default().clock();
        let hub = Member::hub(folder.path(), city, &clock).await?;
        let county = Member::apart(folder.path(), county, &hub, &clock).await?;
        let intake = Intake::new(county.site.clone(), hub.site.region());
        Ok(Self { folder, id: hub.catalog("indicators"), child: county.site.region(), hub, county, intake })
    }

    async fn publish(&self, version: &str) -> Result<u64> {
        let mut content = rows(20, version);
        content.push(row("OURS", self.child.as_str(), "{}"));
        self.hub.publish("indicators", &content).await
    }

    async fn honest(&self, from: u64, to: u64) -> Result<v1::Transfer> {
        whole(&self.hub, &self.child, &self.id, from, to).await
    }

    async fn take(&mut self, transfer: v1::Transfer) -> Result<String> {
        feed(&mut self.intake, [Down::Transfer(transfer)]).await
    }

    /// Hands over each transfer and checks its code, the log, and that nothing changed.
    async fn refuses(&mut self, wrong: Vec<(&str, &str, v1::Transfer)>) -> Result<()> {
        let before = held(&self.county, &self.id).await?;
        let city = self.hub.site.region().to_string();
        for (what, code, transfer) in wrong {
            let logged = logs::captured(&["a release was refused", &city, code]).len();
            assert_eq!(self.take(transfer).await?, code, "{what}");
            assert_eq!(held(&self.county, &self.id).await?, before, "{what}");
            assert_eq!(logs::captured(&["a release was refused", &city, code]).len(), logged + 1, "{what}");
        }
        Ok(())
    }
}

/// Content that is not what was signed is refused, whether it was damaged on the way or changed with care.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_content() -> Result<()> {
    let mut desk = Desk::new("510100", "510104").await?;
    desk.publish("1").await?;
    let honest = desk.honest(0, 1).await?;
    let changed = |change: &dyn Fn(&mut v1::Difference)| repacked(&honest, change);
    let mut flipped = honest.data.to_vec();
    flipped[0] ^= 1;
    let damaged = v1::Transfer { data: flipped.clone().into(), ..honest.clone() };
    let not_packed = v1::Transfer { id: Digest::of(&flipped).0.to_vec().into(), ..damaged.clone() };
    let neighbours = v1::Entry { key: "THEIRS".into(), audience: "510105".into(), release: 1, body: "{}".into() };
    let wrong = vec![
        ("a byte flipped on the way", "MALFORMED", damaged),
        ("bytes that do not unpack", "MALFORMED", not_packed),
        ("another length than declared", "MALFORMED", v1::Transfer { raw_length: 7, ..honest.clone() }),
        ("a body changed", "CONTENT", changed(&|all| all.upserts[3].body = "{\"name\":\"改\"}".into())?),
        ("a version changed", "MALFORMED", changed(&|all| all.upserts[3].release = 2)?),
        ("an entry left out", "CONTENT", changed(&|all| drop(all.upserts.remove(3)))?),
        ("our own part left out", "CONTENT", changed(&|all| all.upserts.retain(|entry| entry.key != "OURS"))?),
        ("an entry of a neighbour", "CONTENT", changed(&|all| all.upserts.push(neighbours.clone()))?),
        ("an entry moved to another part", "CONTENT", changed(&|all| all.upserts[0].audience = "510104".into())?),
        ("an entry twice", "MALFORMED", changed(&|all| all.upserts.push(all.upserts[0].clone()))?),
        ("an audience that is none", "MALFORMED", changed(&|all| all.upserts[0].audience = "all".into())?),
    ];
    desk.refuses(wrong).await?;

    // More bytes than any node takes are refused too, and what still comes of them is passed over; a piece that belongs
    // nowhere ends the link.
    let endless = v1::Transfer { length: u64::MAX, ..honest.clone() };
    let answer = desk.intake.begin(endless).await?;
    assert!(matches!(answer, Some(v1::upward::Body::Refused(refused)) if refused.code == "MALFORMED"));
    let rest = v1::Chunk { id: honest.id.clone(), offset: 5, data: honest.data.slice(5..) };
    assert_eq!(desk.intake.go_on(rest.clone()).await?, None);
    let stray = v1::Chunk { id: vec![9; 32].into(), ..rest };
    assert!(matches!(desk.intake.go_on(stray).await, Err(LinkError::Protocol(_))));

    assert_eq!(desk.take(honest).await?, "APPLIED 1");
    assert_eq!(desk.county.site.store.entries(&desk.id).await?.len(), 21);
    Ok(())
}

/// Only the publisher's own signature over these very bytes counts, and only a publisher above us publishes for us.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_signature() -> Result<()> {
    let mut desk = Desk::new("510300", "510302").await?;
    desk.publish("1").await?;
    let clock = TestClock::default().clock();
    let sibling = Member::apart(desk.folder.path(), "510303", &desk.hub, &clock).await?;
    let impostor = Member::hub(&desk.folder.path().join("elsewhere"), "510300", &clock).await?;
    sibling.publish("indicators", &rows(1, "1")).await?;
    desk.county.publish("notes", &rows(1, "1")).await?;

    let honest = desk.honest(0, 1).await?;
    let envelope = |change: &dyn Fn(&mut v1::Signed)| {
        let mut transfer = honest.clone();
        change(&mut transfer.releases[0]);
        transfer
    };
    let by_sibling = resigned(&desk.hub, &desk.id, 1, &sibling.site.identity(), |_| ()).await?;
    let by_impostor = resigned(&desk.hub, &desk.id, 1, &impostor.site.identity(), |_| ()).await?;
    let as_report = sealed::seal(&desk.hub.site.identity(), Purpose::Report, &honest.releases[0].payload)?;
    let ten_years = 10 * 366 * 24 * 3600;
    let future = resigned(&desk.hub, &desk.id, 1, &desk.hub.site.identity(), |release| {
        release.signed_at = release.signed_at.plus_seconds(ten_years);
    })
    .await?;
    let retold = String::from_utf8_lossy(&honest.releases[0].payload).replace("经办", "别人");
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    };
    let of_sibling = whole(&sibling, &desk.child, &sibling.catalog("indicators"), 0, 1).await?;
    let of_ours = whole(&desk.county, &desk.child, &desk.county.catalog("notes"), 0, 1).await?;
    let wrong = vec![
        (
            "a signature with a flipped bit",
            "SIGNATURE",
            envelope(&|signed| signed.signature = flip(&signed.signature).into()),
        ),
        ("no signature", "SIGNATURE", envelope(&|signed| signed.signature.clear())),
        ("another payload", "SIGNATURE", envelope(&|signed| signed.payload = retold.clone().into())),
        ("not a release at all", "SIGNATURE", envelope(&|signed| signed.payload = "{}".into())),
        ("no certificates", "SIGNATURE", envelope(&|signed| signed.chain.clear())),
        ("a damaged certificate", "SIGNATURE", envelope(&|signed| signed.chain[0] = flip(&signed.chain[0]).into())),
        ("signed by a county", "SIGNATURE", signed_by(&honest, &[by_sibling])?),
        ("signed under another root", "SIGNATURE", signed_by(&honest, &[by_impostor])?),
        ("signed as something else", "SIGNATURE", v1::Transfer { releases: vec![as_report], ..honest.clone() }),
        ("signed when the certificate had ended", "SIGNATURE", signed_by(&honest, &[future])?),
        ("a publisher that is not above us", "SIGNATURE", of_sibling),
    ];
    desk.refuses(wrong).await?;
    assert_eq!(desk.take(of_ours).await?, "SIGNATURE", "our own catalog never comes from outside");

    assert_eq!(desk.take(honest).await?, "APPLIED 1");
    Ok(())
}

/// Numbers only rise, one by one, along the chain; what is signed but does not come next is refused.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_number_or_chain() -> Result<()> {
    let mut desk = Desk::new("510400", "510402").await?;
    for version in ["1", "2", "3", "4"] {
        desk.publish(version).await?;
    }
    let (first, second) = (desk.honest(0, 1).await?, desk.honest(1, 2).await?);
    assert_eq!(desk.take(first.clone()).await?, "APPLIED 1");
    assert_eq!(desk.take(second.clone()).await?, "APPLIED 2");

    let third = desk.honest(2, 3).await?;
    let everything = desk.honest(0, 3).await?;
    let hub = desk.hub.site.identity();
    let other_third = resigned(&desk.hub, &desk.id, 3, &hub, |release| release.previous = Digest::of(b"?")).await?;
    let other_second = resigned(&desk.hub, &desk.id, 2, &hub, |release| release.note = "另一份".into()).await?;
    let of_rules = resigned(&desk.hub, &desk.id, 3, &hub, |release| release.catalog.name = "rules".into()).await?;
    let all = desk.hub.site.store.releases(&desk.id, 0, 4).await?;
    let forked = [
        other_second.clone(),
        resigned(&desk.hub, &desk.id, 3, &hub, |release| {
            release.previous = other_second.digest;
        })
        .await?,
    ];
    let wrong = vec![
        ("an older release", "ROLLBACK", first),
        ("an older release whole", "ROLLBACK", desk.honest(0, 1).await?),
        ("a number we hold, other content", "ROLLBACK", signed_by(&second, &[other_second])?),
        ("a number left out", "CHAIN", desk.honest(3, 4).await?),
        ("a number left out, everything sent", "CHAIN", desk.honest(0, 4).await?),
        ("another release before it", "CHAIN", signed_by(&third, &[other_third])?),
        ("a fork that began before us", "CHAIN", signed_by(&third, &forked)?),
        ("a gap inside", "CHAIN", signed_by(&desk.honest(2, 4).await?, &[all[3].clone()])?),
        ("in the wrong order", "CHAIN", signed_by(&desk.honest(2, 4).await?, &[all[3].clone(), all[2].clone()])?),
        ("a release of another catalog", "CHAIN", signed_by(&third, &[of_rules])?),
        ("no release", "MALFORMED", signed_by(&third, &[])?),
        ("another release than announced", "MALFORMED", v1::Transfer { to: 4, ..third.clone() }),
        ("a difference from elsewhere", "START", v1::Transfer { from: 1, ..third.clone() }),
        ("a difference from the future", "START", v1::Transfer { from: 3, ..third.clone() }),
    ];
    desk.refuses(wrong).await?;

    // The very release that is held is no rollback: it came again, and nothing is left to do.
    let before = held(&desk.county, &desk.id).await?;
    assert_eq!(desk.take(second).await?, "APPLIED 2");
    assert_eq!(held(&desk.county, &desk.id).await?, before);
    // The whole chain with everything brings up to date whoever stands anywhere on it.
    assert_eq!(desk.take(signed_by(&everything, &all[..3])?).await?, "APPLIED 3");
    assert_eq!(desk.take(desk.honest(3, 4).await?).await?, "APPLIED 4");
    let ours = desk.county.site.store.entries(&desk.id).await?;
    assert_eq!(ours, desk.hub.site.store.entries(&desk.id).await?);
    assert!(ours.iter().any(|entry| entry.audience == Audience::Region(region("510402"))));
    Ok(())
}
