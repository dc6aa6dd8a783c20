//! Reports that go beyond their collection, or that nobody vouches for: returned with the reason at both ends, and
//! never counted.

use std::time::Duration;

use anyhow::{Context, Result};
use prost::Message;
use tongpin_domain::partial::Partial;
use tongpin_domain::report::{Report, Verdict};
use tongpin_link::downlink::BatchReceiver;
use tongpin_link::sealed::{self, Purpose};
use tongpin_proto::{packing, v1};
use tongpin_store::{REPORTS, ReportState};
use tongpin_tests::inprocess::{Member, region};
use tongpin_tests::logs;

use super::{Asked, COLLECTION};

type Change = fn(&mut Report);

/// Each way to say more, or something else, than was asked, and a part of the reason that is given.
const BEYOND: [(Change, &str); 9] = [
    (
        |it| drop(it.tables[0].answer.groups[0].measures.insert("names".into(), Partial::Count(1))),
        "的“names”缺少、多余",
    ),
    (|it| drop(it.tables[0].answer.groups[0].measures.remove("budget")), "的“budget”缺少、多余"),
    (|it| it.tables[0].answer.groups[0].keys = vec!["341082".into()], "含有不属于上报地区的区划“341082”"),
    (|it| it.tables[0].answer.groups[0].keys.push("XM-9001-1".into()), "与任务规定的分组字段不符"),
    (|it| it.region = region("341082"), "上报地区 341082 与证书地区 341081 不符"),
    (|it| it.period = "2023".into(), "期间“2023”与任务不符"),
    (|it| it.tables.push(it.tables[0].clone()), "上报的表（regions、regions）与任务不符"),
    (|it| it.tables[0].answer.records = 7, "记录数前后矛盾（total）"),
    (|it| it.collection_release.release = 0, "没有名为“county-scores”的归集任务"),
];

/// Whatever goes beyond the collection is returned, with the reason in the log of both ends and in the receipt, and
/// never counts; the sound report that follows does.
#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_collection() -> Result<()> {
    logs::capture();
    let asked = Asked::new("341000", "341081").await?;
    for (index, (change, reason)) in BEYOND.iter().enumerate() {
        let mut told = asked.answer().await?;
        change(&mut told);
        let mine = asked.decided(&told).await?;
        assert_eq!(mine.state, ReportState::Returned, "{reason}");
        let receipt = asked.receipts().await?.pop().context("a receipt")?;
        assert_eq!((receipt.verdict, receipt.revision), (Verdict::Returned, index as u64 + 1));
        assert_eq!(receipt.reasons.len(), 1, "{:?}", receipt.reasons);
        assert!(receipt.reasons[0].contains(reason), "{:?} should hold {reason}", receipt.reasons);
        let revision = format!("revision={} ", index + 1);
        assert_eq!(logs::captured(&["a report was returned", "child=341081", &revision, reason]).len(), 1, "the city");
        logs::logged(&["the parent returned a report", "parent=341000", &revision, reason]).await?;
    }
    assert_eq!(asked.counted().await?, Vec::<u64>::new());
    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Accepted);
    assert_eq!(asked.counted().await?, [10]);
    Ok(())
}

/// A changed payload, a signature made for something else, one by another county, and mere noise are refused and not
/// kept; the stream goes on, and the next report is accepted.
#[tokio::test(flavor = "multi_thread")]
async fn forged_signatures() -> Result<()> {
    logs::capture();
    let asked = Asked::new("341100", "341181").await?;
    let other = Member::node(asked.folder.path(), "341182", &asked.hub, &asked.time.clock()).await?;
    let told = serde_json::to_vec(&asked.answer().await?)?;
    let own = asked.county.site.identity();

    let mut changed = sealed::seal(&own, Purpose::Report, &told)?;
    changed.payload = String::from_utf8(told.clone())?.replace("审核-002", "审核-999").into_bytes().into();
    let for_release = sealed::seal(&own, Purpose::Release, &told)?;
    let by_another = sealed::seal(&other.site.identity(), Purpose::Report, &told)?;
    let noise = sealed::seal(&own, Purpose::Report, b"not a report")?;
    let cases = [
        (changed, "上报的签名无效"),
        (for_release, "上报的签名无效"),
        (by_another, "上报由 341182 签名，不是 341181"),
        (noise, "上报内容无法识别"),
    ];
    for (signed, reason) in cases {
        asked.send(&signed).await?;
        let receipt = asked.receipts().await?.pop().context("a receipt")?;
        assert_eq!(receipt.verdict, Verdict::Returned);
        assert!(receipt.reasons[0].starts_with(reason), "{:?} should begin with {reason}", receipt.reasons);
        assert!(!logs::captured(&["a report was returned", "child=341181", reason]).is_empty(), "the city: {reason}");
        logs::logged(&["the parent returned a report", "parent=341100", reason]).await?;
    }
    assert_eq!(asked.hub.site.store.received_all(COLLECTION).await?, []);
    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Accepted);
    Ok(())
}

/// A report that waited for a line until its author's certificate had ended is still its author's: it is checked for
/// the moment it was made. One that names a moment outside that certificate's life is nobody's.
#[tokio::test(flavor = "multi_thread")]
async fn late_is_not_forged() -> Result<()> {
    let asked = Asked::new("341200", "341281").await?;
    let (own, author) = (asked.county.site.identity(), asked.county.site.region());
    let made_now = asked.answer().await?;
    asked.time.advance(Duration::from_hours(100 * 24));
    let made_later = Report { revision: 2, computed_at: asked.hub.site.now(), ..made_now.clone() };
    let mut envelopes = Vec::new();
    for report in [made_now, made_later] {
        envelopes.push(sealed::seal(&own, Purpose::Report, &serde_json::to_vec(&report)?)?.encode_to_vec());
    }
    let change = |body: Vec<u8>| v1::Change {
        kind: "report".into(),
        key: COLLECTION.into(),
        body: Some(body.into()),
        over: None,
    };
    let changes = v1::Changes { changes: envelopes.into_iter().map(change).collect() };
    let packed = packing::pack(&changes, 1)?;
    let (stream, incarnation) = (REPORTS.to_owned(), asked.county.site.store.incarnation().await?);
    let raw_length = packed.raw_length;
    let batch = v1::Batch { stream, incarnation, first: 1, data: packed.data, raw_length, lineage: Vec::new() };
    BatchReceiver::new(asked.hub.site.clone()).receive(&author, batch).await?;
    assert_eq!(asked.counted().await?, [1]);
    assert_eq!(asked.hub.site.store.received_all(COLLECTION).await?.len(), 1);
    let receipt = asked.hub.site.store.receipts_after(&author, 1).await?.pop().context("a second receipt")?;
    assert!(receipt.payload.contains("上报的签名无效"), "{}", receipt.payload);
    Ok(())
}
