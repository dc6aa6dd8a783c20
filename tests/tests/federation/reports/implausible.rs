//! Signed reports whose figures cannot be true, that rest on what nobody published, or that say more than their form:
//! returned with a reason, never counted, and kept in bounds.

use anyhow::{Context, Result};
use tongpin_domain::partial::Partial;
use tongpin_domain::report::{Report, Verdict};
use tongpin_domain::score::RuleRef;
use tongpin_link::sealed::{self, Purpose};
use tongpin_store::{RETURNED_KEPT, ReportState};
use tongpin_tests::inprocess::region;

use super::{Asked, COLLECTION};

type Change = fn(&mut Report);

fn set(report: &mut Report, measure: &str, partial: Partial) {
    report.tables[0].answer.groups[0].measures.insert(measure.into(), partial);
}

fn weighted(weight: i64, weighted: i64) -> Partial {
    Partial::Weighted { weight: weight.into(), weighted: weighted.into() }
}

fn rule(publisher: &str, key: &str, release: u64) -> Vec<RuleRef> {
    vec![RuleRef { publisher: region(publisher), key: key.into(), release }]
}

/// Each way to be untrue, and a part of the reason that is given.
const UNTRUE: [(Change, &str); 11] = [
    (|it| set(it, "budget", Partial::Sum(70_000_000_000_000_000_000_000_000_000_i128.into())), "“budget”数值"),
    (|it| set(it, "budget", Partial::Sum((-1).into())), "应在 0 至"),
    (|it| set(it, "score_by_budget", weighted(-2_000_000_000, -173_182_000_000)), "“score_by_budget”数值"),
    (|it| set(it, "score_by_budget", weighted(2_000_000_000, 280_000_000_000)), "应在 0 至 200000000000 之间"),
    (|it| set(it, "budget_scored", Partial::Sum(2_200_000_000_i64.into())), "与“budget”前后矛盾"),
    (|it| it.collection_release.release = 99, "第 99 版不存在（现有第 1 版）"),
    (|it| it.collection_release.release = u64::MAX, "版不存在"),
    (|it| it.rules = rule("348100", "project-self-evaluation", 7), "第 7 版不存在"),
    (|it| it.rules = rule("348100", "another", 1), "“another”（348100 发布）第 1 版中没有"),
    (|it| it.rules = rule("110000", "project-self-evaluation", 1), "（110000 发布）第 1 版不存在"),
    (|it| it.approved_by = " ".into(), "没有写明审核人"),
];

/// Whatever cannot be true is returned with the reason at the county, and never counts; of what was returned only the
/// newest are kept, and the sound report that follows counts.
#[tokio::test(flavor = "multi_thread")]
async fn figures_that_cannot_be() -> Result<()> {
    let asked = Asked::new("348100", "348181").await?;
    for (change, reason) in UNTRUE.iter().chain(UNTRUE.iter().take(5)).chain(UNTRUE.iter().take(5)) {
        let mut told = asked.answer().await?;
        change(&mut told);
        assert_eq!(asked.decided(&told).await?.state, ReportState::Returned, "{reason}");
        let receipt = asked.receipts().await?.pop().context("a receipt")?;
        assert!(receipt.reasons.iter().any(|told| told.contains(reason)), "{:?} should hold {reason}", receipt.reasons);
    }
    assert_eq!(asked.counted().await?, Vec::<u64>::new());
    let kept = asked.hub.site.store.received_all(COLLECTION).await?.len();
    assert!(u64::try_from(kept)? <= RETURNED_KEPT, "{kept} are kept");
    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Accepted);
    assert_eq!(asked.counted().await?.len(), 1);
    Ok(())
}

/// A megabyte in a field that no collection declares, in one that stands deep inside, and in blanks, a revision that no
/// database counts to, and one far beyond the next are returned and not kept; the stream goes on.
#[tokio::test(flavor = "multi_thread")]
async fn more_than_its_form() -> Result<()> {
    let asked = Asked::new("348200", "348281").await?;
    let told = asked.answer().await?;
    let long = "x".repeat(1024 * 1024);
    let (mut outside, mut inside) = (serde_json::to_value(&told)?, serde_json::to_value(&told)?);
    outside["remark"] = long.clone().into();
    inside["tables"][0]["groups"][0]["remark"] = long.into();
    let blanks = format!("{}{}", serde_json::to_string(&told)?, " ".repeat(1024 * 1024));
    let revision = |revision| serde_json::to_string(&Report { revision, ..told.clone() });
    let cases = [
        (serde_json::to_string(&outside)?, "规定以外的内容（“remark”）"),
        (serde_json::to_string(&inside)?, "规定以外的内容（“remark”）"),
        (blanks, "其中规定的内容只有"),
        (revision(1 << 63)?, "上报次序"),
        (revision(u64::MAX)?, "上报次序"),
        (revision(1 << 40)?, "上报次序不衔接"),
    ];
    for (payload, reason) in cases {
        asked.send(&sealed::seal(&asked.county.site.identity(), Purpose::Report, payload.as_bytes())?).await?;
        let receipt = asked.receipts().await?.pop().context("a receipt")?;
        assert_eq!(receipt.verdict, Verdict::Returned);
        assert!(receipt.reasons[0].contains(reason), "{:?} should hold {reason}", receipt.reasons);
    }
    assert_eq!(asked.hub.site.store.received_all(COLLECTION).await?, []);
    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Accepted);
    Ok(())
}
