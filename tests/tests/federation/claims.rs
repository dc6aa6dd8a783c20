//! What a child says counts only with proof: a hub that went back to a backup gets its releases back from those who
//! hold them, and whoever says more than is so is shown, and holds up nobody.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use prost::Message;
use tokio::time::timeout;
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::digest::Digest;
use tongpin_domain::guidance::Question;
use tongpin_link::LinkError;
use tongpin_link::downlink::{BatchReceiver, Quota};
use tongpin_link::sealed::{self, Purpose};
use tongpin_link::tls::Clock;
use tongpin_link::uplink::Intake;
use tongpin_proto::{packing, v1};
use tongpin_store::{ChildState, Progress, QUESTION, REPORTS};
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, region, until};
use tongpin_tests::line::Line;
use tongpin_tests::logs;

use crate::craft::{Down, carried, noise, resigned, row, rows};

/// How long an answer may take that comes at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Stops a bureau and starts it again on a copy of its database.
pub(crate) async fn restored(member: Member, copy: &Path, clock: &Clock) -> Result<Member> {
    let (home, address) = (member.folder().to_owned(), member.address.clone());
    member.stop().await;
    for rest in ["tongpin.sqlite-wal", "tongpin.sqlite-shm"] {
        let _ = std::fs::remove_file(home.join(rest));
    }
    std::fs::copy(copy, home.join("tongpin.sqlite"))?;
    Member::start(&home, None, clock, &address).await
}

/// A catalog with entries for everybody and for each of two counties.
fn content(version: &str) -> Vec<(String, String, String)> {
    let mut content = rows(5, version);
    for county in ["521602", "521603"] {
        content.push(row(&format!("OF-{county}"), county, &format!("{{\"v\":\"{version}\"}}")));
    }
    content
}

/// A hub that went back to a backup two releases old has all of them again once those who hold the parts have come, and
/// publishes the next number, which everybody takes.
#[tokio::test(flavor = "multi_thread")]
async fn lost_releases_come_back() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "521600", &clock).await?;
    // They try again soon whatever became of the last attempt.
    let follow = async |code: &str| {
        let own = folder.path().join(code);
        let joined = join(&own, &hub.invite(code).await?, &clock).await?;
        Member::start_timed(&own, Some(joined.parent), &clock, "127.0.0.1:0", brisk()).await
    };
    let counties = [follow("521602").await?, follow("521603").await?];
    let id = hub.catalog("rules");
    hub.publish("rules", &content("1")).await?;
    let copy = folder.path().join("copy.sqlite");
    hub.site.store.backup_to(&copy).await?;
    hub.publish("rules", &content("2")).await?;
    hub.publish("rules", &content("3")).await?;
    for county in &counties {
        county.holds(&id, 3).await?;
    }
    let (entries, head) = (hub.site.store.entries(&id).await?, hub.site.store.head(&id).await?);

    let hub = restored(hub, &copy, &clock).await?;
    hub.holds(&id, 3).await.with_context(|| logs::captured(&["52160"]).join("\n"))?;
    assert_eq!(hub.site.store.head(&id).await?, head);
    assert_eq!(hub.site.store.entries(&id).await?, entries);
    logs::logged(&["releases that were lost here came back from below", "521600/rules"]).await?;
    assert_eq!(hub.publish("rules", &content("4")).await?, 4);
    for county in &counties {
        county.holds(&id, 4).await?;
    }
    Ok(())
}

/// Who began to follow late holds the newest release and none before it: its part is taken, and the releases between
/// from another, whichever comes first.
#[tokio::test(flavor = "multi_thread")]
async fn who_came_late_helps() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "521700", &clock).await?;
    let homes = ["521702", "521703"].map(|code| folder.path().join(code));
    let early = join(&homes[0], &hub.invite("521702").await?, &clock).await?.parent;
    let late = join(&homes[1], &hub.invite("521703").await?, &clock).await?.parent;
    let follow = async |home, parent| Member::start_timed(home, Some(parent), &clock, "127.0.0.1:0", brisk()).await;
    let content = |version: &str| {
        let of = |code: &str| row(&format!("OF-{code}"), code, &format!("{{\"v\":\"{version}\"}}"));
        [rows(5, version), vec![of("521702"), of("521703")]].concat()
    };
    let id = hub.catalog("rules");
    hub.publish("rules", &content("1")).await?;
    let early = follow(&homes[0], early).await?;
    early.holds(&id, 1).await?;
    let copy = folder.path().join("copy.sqlite");
    hub.site.store.backup_to(&copy).await?;
    hub.publish("rules", &content("2")).await?;
    early.holds(&id, 2).await?;
    hub.publish("rules", &content("3")).await?;
    early.holds(&id, 3).await?;
    let late = follow(&homes[1], late).await?;
    late.holds(&id, 3).await?;
    assert_eq!(late.site.store.releases(&id, 0, 9).await?.len(), 1);
    let held = (hub.site.store.entries(&id).await?, hub.site.store.releases(&id, 0, 9).await?);

    let hub = restored(hub, &copy, &clock).await?;
    hub.holds(&id, 3).await?;
    assert_eq!((hub.site.store.entries(&id).await?, hub.site.store.releases(&id, 0, 9).await?), held);
    Ok(())
}

/// Calls the hub as a child, by hand.
pub(crate) async fn call(hub: &Member, child: &Member, clock: &Clock, heads: Vec<v1::Head>) -> Result<Line> {
    Line::open(&child.site.identity(), hub.site.region(), &hub.address, clock, heads).await
}

/// Reads until the hub asks for a proof.
pub(crate) async fn prove_of(line: &mut Line) -> Result<v1::Prove> {
    loop {
        let body = timeout(PATIENCE, line.hear()).await.context("nothing was asked")??;
        if let v1::downward::Body::Prove(asked) = body {
            return Ok(asked);
        }
    }
}

async fn claim(hub: &Member, child: &Member, id: &CatalogId) -> Result<Option<ChildState>> {
    let states = hub.site.store.child_states_of(&child.site.region()).await?;
    Ok(states.into_iter().find(|state| state.catalog == *id && state.progress == Progress::Claimed))
}

/// A child that says it holds release 99, and shows a release that it signed itself, is shown as unproven and holds up
/// nobody; of catalogs that do not exist nothing is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_lie_holds_up_nobody() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "521700", &clock).await?;
    let liar = Member::apart(folder.path(), "521702", &hub, &clock).await?;
    let id = hub.catalog("rules");
    hub.publish("rules", &rows(3, "1")).await?;
    let forged = resigned(&hub, &id, 1, &liar.site.identity(), |release| release.number = 99).await?;
    let head = |catalog: &str, number| v1::Head {
        publisher: "521700".into(),
        catalog: catalog.into(),
        number,
        digest: forged.digest.0.to_vec().into(),
    };
    let heads = vec![head("rules", 99), head("nonsense", 7), head("absurd", u64::MAX)];
    let mut line = call(&hub, &liar, &clock, heads).await?;
    let mut prove = prove_of(&mut line).await?;
    if prove.catalog != "rules" {
        prove = prove_of(&mut line).await?;
    }
    assert_eq!((prove.catalog.as_str(), prove.after), ("rules", 1));
    until("the claim is shown", async || Ok(claim(&hub, &liar, &id).await?.is_some())).await?;
    assert_eq!(hub.publish("rules", &rows(4, "2")).await?, 2, "a mere claim holds up nobody");

    let envelope = v1::Signed::decode(forged.envelope.as_slice())?;
    let data = packing::pack(&v1::Difference::default(), 1)?;
    line.say(v1::upward::Body::Transfer(v1::Transfer {
        publisher: "521700".into(),
        catalog: "rules".into(),
        to: 99,
        releases: vec![envelope],
        id: Digest::of(&data.data).0.to_vec().into(),
        length: data.data.len() as u64,
        raw_length: data.raw_length,
        data: data.data,
        ..v1::Transfer::default()
    }))
    .await?;
    logs::logged(&["not proven", "child=521702", "签名无效"]).await?;
    line.say(v1::upward::Body::Applied(v1::Applied { head: Some(head("invented", 5)) })).await?;
    line.say(v1::upward::Body::Condition(v1::Condition::default())).await?;
    until("the reason is shown", async || {
        Ok(claim(&hub, &liar, &id).await?.is_some_and(|state| state.reason.contains("签名无效")))
    })
    .await?;
    assert_eq!(hub.site.store.head(&id).await?.map(|head| head.number), Some(2));
    assert_eq!(hub.publish("rules", &rows(5, "3")).await?, 3);
    let known = hub.site.store.child_states_of(&liar.site.region()).await?;
    assert!(known.iter().all(|state| state.catalog == id), "{known:?}");
    Ok(())
}

/// A transfer that comes in pieces is not kept before its signatures hold: the first piece is refused, what follows is
/// passed over, and nothing is staged.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_staged_unsigned() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "521800", &clock).await?;
    let county = Member::apart(folder.path(), "521802", &hub, &clock).await?;
    let id = hub.catalog("indicators");
    hub.publish("indicators", &noise(60, 10_000)).await?;
    let mut messages = carried(&hub, &county.site.region(), &id, 0, 1).await?;
    assert!(messages.len() > 20, "it comes in pieces");
    if let Some(Down::Transfer(transfer)) = messages.first_mut() {
        transfer.releases[0].signature.clear();
    }
    let mut intake = Intake::new(county.site.clone(), hub.site.region());
    let mut answers = Vec::new();
    for message in messages {
        answers.extend(match message {
            Down::Transfer(transfer) => intake.begin(transfer).await?,
            Down::Chunk(chunk) => intake.go_on(chunk).await?,
            _ => None,
        });
        assert_eq!(county.site.store.all_staged().await?, []);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(matches!(&answers[0], v1::upward::Body::Refused(refused) if refused.code == "SIGNATURE"), "{answers:?}");
    Ok(())
}

/// A question of a county, as it travels.
pub(crate) fn asking(county: &Member, number: u64) -> Result<v1::Change> {
    let site = &county.site;
    let question = Question::new(site.region(), "问题", &format!("第 {number} 问"), "经办-001", site.now());
    let signed = sealed::seal(&site.identity(), Purpose::Question, serde_json::to_string(&question)?.as_bytes())?;
    let (kind, body) = (QUESTION.to_owned(), Some(signed.encode_to_vec().into()));
    Ok(v1::Change { kind, key: question.key, body, over: None })
}

/// What a county says, from a number of its outbox on.
pub(crate) async fn batch(county: &Member, first: u64, changes: Vec<v1::Change>) -> Result<v1::Batch> {
    let packed = packing::pack(&v1::Changes { changes }, 1)?;
    let (stream, incarnation) = (REPORTS.to_owned(), county.site.store.incarnation().await?);
    let (data, raw_length) = (packed.data, packed.raw_length);
    Ok(v1::Batch { stream, incarnation, first, data, raw_length, lineage: Vec::new() })
}

/// What a child sends beyond a day's quota is kept by the child and not here; it is taken in the next day, and no other
/// child has less for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_days_arrivals_have_bounds() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let turning = TestClock::default();
    let clock = turning.clock();
    let hub = Member::hub(folder.path(), "522000", &clock).await?;
    let [busy, other] = [
        Member::apart(folder.path(), "522002", &hub, &clock).await?,
        Member::apart(folder.path(), "522003", &hub, &clock).await?,
    ];
    let (desk, own, most) = (BatchReceiver::new(hub.site.clone()), busy.site.region(), Quota::Arrivals.most());
    let word = Quota::Arrivals.word();
    assert!(hub.site.store.use_quota(&own, word, (most - 1, most), hub.site.now()).await?);
    // Each is refused by a receipt, which is kept.
    let unreadable = |key: &str| {
        let (kind, body) = (QUESTION.to_owned(), Some(vec![0xFF; 40].into()));
        v1::Change { kind, key: key.to_owned(), body, over: None }
    };
    let two = vec![unreadable("1"), unreadable("2")];
    let refused = desk.receive(&own, batch(&busy, 1, two).await?).await;
    assert!(matches!(refused, Err(LinkError::Quota { most: 500, .. })), "{refused:?}");
    assert_eq!(hub.site.store.receipts_made(&own).await?, 1, "of the one that there was room for");
    desk.receive(&other.site.region(), batch(&other, 1, vec![unreadable("1")]).await?).await?;
    turning.advance(Duration::from_hours(24));
    desk.receive(&own, batch(&busy, 2, vec![unreadable("2")]).await?).await?;
    assert_eq!(hub.site.store.receipts_made(&own).await?, 2);
    Ok(())
}
/// Receipts that a child only says it holds are made up for in bounds, and its questions are taken in bounds: the one
/// beyond them is answered in words, and counted.
#[tokio::test(flavor = "multi_thread")]
async fn words_have_bounds() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "521900", &clock).await?;
    let county = Member::apart(folder.path(), "521902", &hub, &clock).await?;
    let (desk, own) = (BatchReceiver::new(hub.site.clone()), region("521902"));
    timeout(PATIENCE, desk.settle_receipts(&own, 1 << 40)).await.context("they are made up for without end")??;
    assert_eq!(hub.site.store.receipts_made(&own).await?, 0);
    desk.settle_receipts(&own, 3).await?;
    assert_eq!(hub.site.store.receipts_made(&own).await?, 3);

    let most = Quota::Questions.most();
    let mut changes = Vec::new();
    for number in 0..=most {
        changes.push(asking(&county, number)?);
    }
    desk.receive(&own, batch(&county, 1, changes).await?).await?;
    assert_eq!(hub.site.store.questions().await?.len() as u64, most);
    let told = hub.site.store.receipts_after(&own, 3).await?.pop().context("a receipt")?;
    assert!(told.payload.contains("今日提问已达上限"), "{}", told.payload);
    let refused: Vec<(String, u64)> =
        hub.site.store.quotas(&own).await?.into_iter().map(|quota| (quota.what, quota.refused)).collect();
    assert!(
        refused.contains(&("questions".to_owned(), 1)) && refused.contains(&("receipts".to_owned(), 1)),
        "{refused:?}"
    );
    Ok(())
}
