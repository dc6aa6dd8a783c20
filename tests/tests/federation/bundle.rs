//! Exchange by files alone: nodes that never meet over a network stand where connected ones stand, whatever happens to
//! the files on the way.

use anyhow::{Context, Result};
use prost::Message as _;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::report::{CollectionRef, Receipt, Report, Verdict};
use tongpin_link::bundle::{self, BundleError, Taken};
use tongpin_link::report;
use tongpin_link::sealed::{self, Purpose};
use tongpin_link::uplink::Parent;
use tongpin_proto::v1;
use tongpin_store::{Progress, Put, RECORDS, REPORTS, RecordRow};
use tongpin_tests::inprocess::{Member, TestClock, region, until};

use crate::craft::{row, rows};

pub(crate) async fn parent_of(node: &Member) -> Result<Parent> {
    Parent::load(&node.site.store).await?.context("it has joined")
}

/// Carries what a parent has for a child.
pub(crate) async fn down(parent: &Member, child: &Member) -> Result<Taken> {
    let file = bundle::for_child(&parent.site, &child.site.region()).await?;
    Ok(bundle::take(&child.site, Some(&parent_of(child).await?), &file).await?)
}

/// Carries what a child has for its parent.
pub(crate) async fn up(child: &Member, parent: &Member) -> Result<Taken> {
    let file = bundle::for_parent(&child.site, &parent_of(child).await?).await?;
    Ok(bundle::take(&parent.site, None, &file).await?)
}

pub(crate) async fn write_records(node: &Member, from: usize, count: usize) -> Result<()> {
    let records: Vec<RecordRow> = (from..from + count)
        .map(|n| RecordRow { kind: "project".into(), key: format!("P{n:03}"), body: Some(format!("{{\"n\":{n}}}")) })
        .collect();
    let own = node.site.region();
    let put = Put { own: &own, records: &records, at: node.site.now(), log: true };
    node.site.store.put_records(&put).await?;
    Ok(())
}

/// A report to a collection that nobody opened: it is returned, which is an answer like any other.
fn a_report(of: &Member, revision: u64) -> Report {
    Report {
        collection: "无此任务".into(),
        collection_release: CollectionRef { publisher: region("320500"), release: 1 },
        region: of.site.region(),
        period: "2025".into(),
        revision,
        replaces: Digest::NONE,
        tables: Vec::new(),
        rules: Vec::new(),
        computed_at: of.site.now(),
        approved_by: "审核".into(),
    }
}

/// Releases, records, reports and receipts carried as files lead to the same state as over links, and a file that is
/// taken in twice changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn equal_to_links() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "540100", &clock).await?;
    let wired = Member::node(folder.path(), "540102", &hub, &clock).await?;
    let apart = Member::apart(folder.path(), "540103", &hub, &clock).await?;
    let wired_town = Member::node(folder.path(), "540102101", &wired, &clock).await?;
    let apart_town = Member::apart(folder.path(), "540103101", &apart, &clock).await?;
    let id = hub.catalog("rules");
    for (wired, apart) in [(&wired, &apart), (&wired_town, &apart_town)] {
        report::submit(&wired.site, &a_report(wired, 1)).await?;
        report::submit(&apart.site, &a_report(apart, 1)).await?;
    }
    for town in [&wired_town, &apart_town] {
        write_records(town, 0, 30).await?;
    }

    hub.publish("rules", &rows(40, "1")).await?;
    let first_down = bundle::for_child(&hub.site, &apart.site.region()).await?;
    let taken = bundle::take(&apart.site, Some(&parent_of(&apart).await?), &first_down).await?;
    assert_eq!(taken.outcomes, ["目录 rules 已应用第 1 版"]);
    hub.publish("rules", &[rows(39, "1"), vec![row("NEW", "*", "{}")]].concat()).await?;
    let first_up = bundle::for_parent(&apart.site, &parent_of(&apart).await?).await?;
    let taken = bundle::take(&hub.site, None, &first_up).await?;
    assert_eq!(taken.outcomes, ["reports：已收到第 1 条"]);
    assert_eq!(down(&hub, &apart).await?.outcomes, ["目录 rules 已应用第 2 版"]);
    assert_eq!(down(&apart, &apart_town).await?.outcomes, ["目录 rules 已应用第 2 版"]);
    assert_eq!(up(&apart_town, &apart).await?.outcomes, ["records：已收到第 30 条", "reports：已收到第 1 条"]);
    down(&apart, &apart_town).await?;
    up(&apart, &hub).await?;

    wired_town.holds(&id, 2).await?;
    until("the wired ones are answered", async || {
        let mut all = true;
        for node in [&wired, &wired_town] {
            all &= node.site.store.my_receipts().await?.len() == 1 && node.site.store.acked(REPORTS).await? == 1;
        }
        let known = hub.site.store.child_states_of(&wired.site.region()).await?;
        all &= known.iter().any(|state| state.number == 2 && state.progress == Progress::Applied);
        Ok(all && wired_town.site.store.acked(RECORDS).await? == 30)
    })
    .await?;
    for (wired, apart) in [(&wired, &apart), (&wired_town, &apart_town)] {
        assert_eq!(state(wired, &hub).await?, state(apart, &hub).await?);
    }
    assert_eq!(apart_town.site.store.acked(RECORDS).await?, 30);

    let before = (state(&apart, &hub).await?, hub.site.store.received_all("无此任务").await?);
    bundle::take(&hub.site, None, &first_up).await?;
    let again = bundle::take(&apart.site, Some(&parent_of(&apart).await?), &first_down).await?;
    assert!(again.outcomes[0].contains("未应用"), "release 2 is held by now: {:?}", again.outcomes);
    assert_eq!((state(&apart, &hub).await?, hub.site.store.received_all("无此任务").await?), before);
    Ok(())
}

/// What must not depend on how it came: catalogs, records, what became of reports, and the receipts' verdicts.
async fn state(node: &Member, hub: &Member) -> Result<impl PartialEq + std::fmt::Debug + use<>> {
    let store = &node.site.store;
    let id = hub.catalog("rules");
    let records: Vec<_> = store.records("project", None).await?;
    let records: Vec<_> = records.into_iter().map(|record| (record.key, record.body, record.seq)).collect();
    let reports: Vec<_> = store.my_latest().await?.into_iter().map(|mine| (mine.revision, mine.state)).collect();
    let receipts = store.my_receipts().await?;
    let receipts: Result<Vec<(u64, Verdict, Vec<String>)>, serde_json::Error> = receipts
        .iter()
        .map(|receipt| serde_json::from_str::<Receipt>(&receipt.payload))
        .map(|receipt| receipt.map(|receipt| (receipt.number, receipt.verdict, receipt.reasons)))
        .collect();
    let known = hub.site.store.child_states().await?.into_iter().filter(|known| known.region == node.site.region());
    let known: Vec<_> = known.map(|known| (known.catalog, known.number, known.progress == Progress::Applied)).collect();
    Ok((store.head(&id).await?, store.entries(&id).await?, records, reports, receipts?, known))
}

/// Files that cross on the way: releases written before the child answered still lead to the newest state, an older
/// file taken later is refused with the reason, and records with a gap before them wait for the older file.
#[tokio::test(flavor = "multi_thread")]
async fn late_and_out_of_order() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "540200", &clock).await?;
    let county = Member::apart(folder.path(), "540202", &hub, &clock).await?;
    let town = Member::apart(folder.path(), "540202101", &county, &clock).await?;
    let id = hub.catalog("rules");
    let parent = parent_of(&county).await?;
    let mut files = Vec::new();
    for version in ["1", "2", "3", "4"] {
        hub.publish("rules", &rows(5, version)).await?;
        files.push(bundle::for_child(&hub.site, &county.site.region()).await?);
    }
    let take = async |file: usize| bundle::take(&county.site, Some(&parent), &files[file]).await;
    assert_eq!(take(0).await?.outcomes, ["目录 rules 已应用第 1 版"]);
    assert_eq!(take(2).await?.outcomes, ["目录 rules 已应用第 3 版"], "written when nobody knew of release 1");
    let late = take(1).await?.outcomes;
    assert!(late[0].starts_with("目录 rules 第 2 版未应用") && late[0].contains("不高于现有版本 3"), "{late:?}");
    assert_eq!(take(2).await?.outcomes, ["目录 rules 已应用第 3 版"], "taken twice is no refusal");
    assert_eq!(take(3).await?.outcomes, ["目录 rules 已应用第 4 版"]);
    let numbers: Vec<u64> =
        county.site.store.releases(&id, 0, 9).await?.iter().map(|signed| signed.release.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4], "the chain has no gap, whichever files came");

    write_records(&town, 0, 3).await?;
    let first = bundle::for_parent(&town.site, &parent_of(&town).await?).await?;
    // The township's county answers a copy of it that is then lost with its disk: here it never saw the first file.
    town.site.store.mark_acked(RECORDS, 3, town.site.now()).await?;
    write_records(&town, 3, 2).await?;
    let second = bundle::for_parent(&town.site, &parent_of(&town).await?).await?;
    let gap = bundle::take(&county.site, None, &second).await?.outcomes;
    assert_eq!(gap, ["records：缺第 1 条，从第 4 条起未接收；请先导入较早的文件"]);
    assert_eq!(county.site.store.count_records("project").await?, 0);
    assert_eq!(bundle::take(&county.site, None, &first).await?.outcomes, ["records：已收到第 3 条"]);
    assert_eq!(bundle::take(&county.site, None, &second).await?.outcomes, ["records：已收到第 5 条"]);
    assert_eq!(county.site.store.count_records("project").await?, 5);
    Ok(())
}

/// Files that are damaged, for somebody else, from somebody else or from nobody known are refused, and say why.
#[tokio::test(flavor = "multi_thread")]
async fn refused_files() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "540300", &clock).await?;
    let county = Member::apart(folder.path(), "540302", &hub, &clock).await?;
    let other = Member::apart(folder.path(), "540303", &hub, &clock).await?;
    let town = Member::apart(folder.path(), "540302101", &county, &clock).await?;
    let elsewhere = Member::hub(&folder.path().join("elsewhere"), "540300", &clock).await?;
    let stranger = Member::apart(&folder.path().join("elsewhere"), "540302", &elsewhere, &clock).await?;
    hub.publish("rules", &rows(5, "1")).await?;
    elsewhere.publish("rules", &rows(5, "!")).await?;
    let said = |error: BundleError| error.say(Lang::Zh);
    let take = async |at: &Member, file: &[u8]| {
        let parent = Parent::load(&at.site.store).await?;
        anyhow::Ok(bundle::take(&at.site, parent.as_ref(), file).await)
    };

    let good = bundle::for_child(&hub.site, &county.site.region()).await?;
    for place in [0, good.len() / 3, good.len() / 2, good.len() - 1] {
        let mut damaged = good.clone();
        damaged[place] ^= 0x10;
        assert!(take(&county, &damaged).await?.is_err(), "byte {place}");
        assert!(take(&county, &good[..place]).await?.is_err(), "cut at {place}");
    }
    let error = take(&county, b"PK\x03\x04 a spreadsheet").await?.expect_err("not a bundle");
    assert!(said(error).contains("已损坏"));
    let error = take(&other, &good).await?.expect_err("for another county");
    assert!(matches!(&error, BundleError::Receiver(region) if region == "540302"), "{error}");
    assert!(said(error).contains("540302"));

    let forged = bundle::for_child(&elsewhere.site, &stranger.site.region()).await?;
    let error = take(&county, &forged).await?.expect_err("signed under another root");
    assert!(said(error).contains("签名校验未通过"));
    let forged = bundle::for_parent(&stranger.site, &parent_of(&stranger).await?).await?;
    assert!(take(&hub, &forged).await?.is_err(), "a namesake of another federation");
    // A township writes to its grandparent: properly signed, but no child of the hub.
    let mut grandparent = parent_of(&town).await?;
    grandparent.region = region("540300");
    let file = bundle::for_parent(&town.site, &grandparent).await?;
    let error = take(&hub, &file).await?.expect_err("not a child");
    assert!(said(error).contains("不是本级签发"));
    // A county poses as the parent of its neighbour.
    let neighbour = Parent { region: region("540303"), ..parent_of(&county).await? };
    let posing = bundle::for_parent(&county.site, &neighbour).await?;
    assert!(take(&other, &posing).await?.is_err(), "only the parent writes downward");

    let file = bundle::for_parent(&other.site, &parent_of(&other).await?).await?;
    hub.site.store.revoke(&region("540303"), hub.site.now(), "测试").await?;
    hub.site.admission.reload(&hub.site.store).await?;
    let error = take(&hub, &file).await?.expect_err("revoked");
    assert!(said(error).contains("吊销"));

    for node in [&county, &other] {
        assert_eq!(node.site.store.heads().await?, []);
    }
    assert!(hub.site.store.child_states().await?.is_empty());
    assert_eq!(take(&county, &good).await??.outcomes, ["目录 rules 已应用第 1 版"]);
    Ok(())
}

/// A file that would take far more memory than its length is refused before it is read: outside of its seal, where
/// anybody may have added to it, and inside, be the seal good or not.
#[tokio::test(flavor = "multi_thread")]
async fn heavy_files() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "541400", &clock).await?;
    let county = Member::apart(folder.path(), "541402", &hub, &clock).await?;
    let parent = parent_of(&county).await?;
    let honest = bundle::for_child(&hub.site, &county.site.region()).await?;
    let refused = async |file: Vec<u8>| match bundle::take(&county.site, Some(&parent), &file).await {
        Err(BundleError::Damaged(reason)) => anyhow::Ok(reason),
        other => anyhow::bail!("not refused for its weight: {other:?}"),
    };

    let bundle = v1::Bundle::decode(honest.as_slice())?;
    let signed = bundle.signed.clone().context("it is signed")?;
    // Two bytes each, two megabytes in all.
    let nothing = signed.signature.slice(..0);
    let signed = v1::Signed { chain: vec![nothing; 1_000_000], ..signed };
    let outside = v1::Bundle { signed: Some(signed), ..bundle }.encode_to_vec();
    assert!(refused(outside).await?.contains("hold lists of"));

    let content = v1::BundleContent {
        sender: hub.site.region().to_string(),
        receiver: county.site.region().to_string(),
        downward: vec![v1::Downward::default(); 1_000_000],
        ..Default::default()
    };
    let raw = content.encode_to_vec();
    let sealed = sealed::seal(&hub.site.identity(), Purpose::Bundle, &zstd::bulk::compress(&raw, 3)?)?;
    let inside = v1::Bundle { signed: Some(sealed), raw_length: raw.len() as u64 }.encode_to_vec();
    assert!(inside.len() < 4 * 1024, "{} bytes", inside.len());
    assert!(refused(inside).await?.contains("hold lists of"));

    bundle::take(&county.site, Some(&parent), &honest).await?;
    Ok(())
}

/// Nothing is written for a region that never joined, invited or not, and the officer reads what to do first.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_for_strangers() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let hub = Member::hub(folder.path(), "541300", &TestClock::default().clock()).await?;
    hub.invite("541302").await?;
    for code in ["541301", "541302"] {
        let error = bundle::for_child(&hub.site, &region(code)).await.expect_err("a stranger");
        assert!(matches!(&error, BundleError::NotJoined(child) if *child == region(code)), "{error}");
        assert!(error.say(Lang::Zh).starts_with(&format!("{code} 没有加入过本级")), "{}", error.say(Lang::Zh));
        assert!(error.say(Lang::Zh).contains(&format!("invite {code}")));
    }
    Ok(())
}
