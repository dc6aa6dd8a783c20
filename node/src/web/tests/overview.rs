//! Shows that the first page names what is to be done, with the page where it is done, and to whom.

use tongpin_domain::report::{Receipt, Verdict};
use tongpin_store::{ReceiptTaken, ReportState};

use super::ground::Ground;
use super::{REPORT, hidden};
use crate::answer::ground::code;

/// What is overdue, unscored and down comes first, each with its page; an administrator sees the link and no work.
#[tokio::test]
async fn what_is_due_comes_first() {
    let ground = Ground::new().await;
    let page = ground.reader("enter").await.get("/").await.text;
    let place = |text: &str| page.find(text).unwrap_or_else(|| unreachable!("{text} is not on {page}"));
    let overdue = place("“2024年度项目支出绩效自评得分归集”已过截止日期");
    assert!(overdue < place("6 个项目还没有评分") && place("6 个项目还没有评分") < place("连接与运行情况"));
    assert!(page.contains(r#"<a href="/collections/county-scores">去上报</a>"#), "{page}");
    assert!(page.contains(r#"<a href="/scores">去评分</a>"#) && page.contains("与上级没有连通"));
    let keeper = ground.reader("system").await.get("/").await.text;
    assert!(keeper.contains("与上级没有连通") && !keeper.contains("去上报") && !keeper.contains("项目绩效指标"));
}

/// A report that was returned is named with the reason; scores name what is incomplete with the way there.
#[tokio::test]
async fn returned_with_the_reason() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let approves = ground.reader("approve").await;
    let page = approves.get("/").await.text;
    assert!(!page.contains("还没有评分"), "{page}");
    let content = hidden(&approves.get(REPORT).await.text, "content");
    assert_eq!(approves.post(REPORT, &[("content", &content), ("confirm", "1")]).await.status, 303);
    assert!(approves.get("/").await.text.contains("第 1 次上报等待上级回执"));
    let report = &ground.reports().await[0];
    let parent = code("320500");
    let receipt = Receipt {
        number: 1,
        collection: report.collection.clone(),
        region: code("320581"),
        revision: 1,
        report: report.digest,
        verdict: Verdict::Returned,
        reasons: vec!["完成值与台账不符".into()],
        by: "专家001".into(),
        at: report.at,
        held: None,
        question: None,
    };
    let payload = serde_json::to_string(&receipt).expect("JSON");
    let taken = ReceiptTaken {
        parent: &parent,
        number: 1,
        payload: &payload,
        envelope: &[],
        at: report.at,
        about: Some(("county-scores", 1, ReportState::Returned)),
    };
    ground.desk.store.take_receipt(&taken).await.expect("writable");
    let page = approves.get("/").await.text;
    assert!(page.contains("第 1 次上报被退回") && page.contains("退回原因：完成值与台账不符"), "{page}");
}
