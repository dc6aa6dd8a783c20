//! Shows what a county sees of how the city follows it: reminders until it has reported, and each step of a review.

use tongpin_domain::digest::Digest;
use tongpin_domain::guidance::{Notice, Question};
use tongpin_domain::moment::Moment;
use tongpin_domain::report::{Receipt, Verdict};
use tongpin_link::question;
use tongpin_store::{MyReport, ReceiptTaken, ReportState};

use super::ground::Ground;
use super::{REPORT, hidden};

const TITLE: &str = "2024年度项目支出绩效自评得分归集";

/// A reminder of the city, as its release brings it.
async fn reminded(ground: &Ground, of: &str, at: Moment, release: u64) {
    let notice = Notice {
        title: format!("催报：{TITLE}"),
        text: "请尽快上报。\n请于周五前报。".into(),
        by: "发布岗（fabu）".into(),
        at,
        answers: None,
        reminds: Some(of.into()),
    };
    let key = format!("r{release}");
    ground.desk.publish("notices", &key, &serde_json::to_string(&notice).expect("JSON"), release).await;
}

/// What the city answers about the newest report.
async fn answered(ground: &Ground, number: u64, verdict: Verdict, state: ReportState) {
    let MyReport { collection, revision, digest, .. } = ground.reports().await.pop().expect("a report");
    let (at, reasons) = (ground.app.site.now(), Vec::new());
    let (region, by) = (ground.app.site.region(), "市局-003".into());
    let about = Some((collection.as_str(), revision, state));
    let receipt = Receipt {
        number,
        collection: collection.clone(),
        region,
        revision,
        report: digest,
        verdict,
        reasons,
        by,
        at,
        held: None,
        question: None,
    };
    take(ground, &receipt, about).await;
}

async fn take(ground: &Ground, receipt: &Receipt, about: Option<(&str, u64, ReportState)>) {
    let taken = ReceiptTaken {
        parent: &ground.app.parent.region,
        number: receipt.number,
        payload: &serde_json::to_string(receipt).expect("JSON"),
        envelope: &[],
        at: receipt.at,
        about,
    };
    ground.desk.store.take_receipt(&taken).await.expect("writable");
}

/// A reminder stands before all else, once, with the way to the collection, until a report has left: then it is
/// settled, also if that report is returned, and only a later one counts. The notice itself stays.
#[tokio::test]
async fn reminded_until_it_has_reported() {
    let ground = Ground::new().await;
    let now = ground.app.site.now();
    reminded(&ground, "county-scores", now.plus_seconds(-3600), 1).await;
    reminded(&ground, "another", now, 2).await;
    let approves = ground.reader("approve").await;
    let task = format!("市级催报：{TITLE}，截止 2025-03-31");
    let page = approves.get("/").await.text;
    let list = page.split("id=\"todo\"").nth(1).and_then(|rest| rest.split("</ul>").next()).expect("a list");
    let first = list.split("<li").nth(1).expect("a task");
    assert!(first.contains(&task) && first.contains(r#"<a href="/collections/county-scores">去上报</a>"#), "{list}");
    assert!(first.contains("催报，已过截止日期") && list.matches(TITLE).count() == 1, "{list}");
    assert!(page.contains("与上级没有连通"), "worse things come after it");
    let list = approves.get("/questions").await.text;
    assert!(
        list.contains("催报</span>") && list.contains(r#"<a href="/collections/county-scores">打开此归集任务"#),
        "{list}"
    );
    assert!(approves.get("/collections").await.text.contains("市级催报</span>"));
    assert!(approves.get(REPORT).await.text.contains("请尽快上报"));
    assert!(!ground.reader("system").await.get("/").await.text.contains("市级催报"), "an administrator does no work");

    ground.desk.score().await;
    let content = hidden(&approves.get(REPORT).await.text, "content");
    assert_eq!(approves.post(REPORT, &[("confirm", "1"), ("content", &content)]).await.status, 303);
    assert!(!approves.get("/").await.text.contains("市级催报"));
    assert!(!approves.get("/collections").await.text.contains("市级催报"));
    answered(&ground, 1, Verdict::Returned, ReportState::Returned).await;
    let page = approves.get("/").await.text;
    assert!(!page.contains(&task) && page.contains("第 1 次上报被退回"), "{page}");
    reminded(&ground, "county-scores", ground.app.site.now().plus_seconds(3600), 3).await;
    let page = approves.get("/").await.text;
    assert!(page.contains(&task) && page.contains("第 1 次上报被退回"), "{page}");
    assert!(approves.get("/questions").await.text.contains("催报</span>"));
}

/// A report that waits for the city's officer is told as such and not as accepted, and nothing is owed; accepted, that
/// is told too, for a week.
#[tokio::test]
async fn received_then_accepted() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let approves = ground.reader("approve").await;
    let content = hidden(&approves.get(REPORT).await.text, "content");
    assert_eq!(approves.post(REPORT, &[("confirm", "1"), ("content", &content)]).await.status, 303);
    answered(&ground, 1, Verdict::Received, ReportState::Received).await;
    assert!(approves.get("/").await.text.contains(&format!("“{TITLE}”第 1 次上报上级已收，待审核")));
    let list = approves.get("/collections").await.text;
    assert!(list.contains("已收，待审核</span>") && !list.contains("已逾期</span>"), "{list}");
    let page = approves.get(REPORT).await.text;
    assert_eq!(page.matches("已收，待审核").count(), 3, "above, and in the history with its receipt: {page}");
    assert!(page.contains("无需重复上报"));

    answered(&ground, 2, Verdict::Accepted, ReportState::Accepted).await;
    assert!(approves.get("/").await.text.contains("第 1 次上报已接收（上级审核通过）"));
    let list = approves.get("/collections").await.text;
    assert!(list.contains("已接收</span>") && !list.contains("待审核</span>"), "{list}");
}

/// A report that the city's check accepts makes nothing to read here, as it always was.
#[tokio::test]
async fn accepted_by_the_check() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let approves = ground.reader("approve").await;
    let content = hidden(&approves.get(REPORT).await.text, "content");
    assert_eq!(approves.post(REPORT, &[("confirm", "1"), ("content", &content)]).await.status, 303);
    answered(&ground, 1, Verdict::Accepted, ReportState::Accepted).await;
    assert!(!approves.get("/").await.text.contains("次上报"));
}

/// A question that the city did not take in says so with the reason, and goes back into the form with its words; asked
/// anew it is another question.
#[tokio::test]
async fn a_refused_question_is_asked_anew() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let now = ground.app.site.now();
    let asked = Question::new(ground.app.site.region(), "口径", "按户还是按人？<b>", "enter（enter）", now);
    assert!(question::ask(&ground.app.site, &asked).await.expect("sent"));
    let payload = &ground.desk.store.my_questions().await.expect("readable")[0].payload;
    let receipt = |number, about: Digest| Receipt {
        number,
        collection: String::new(),
        region: ground.app.site.region(),
        revision: 0,
        report: Digest::NONE,
        verdict: Verdict::Returned,
        reasons: vec!["提问的签名无效：<i>证书未生效".into()],
        by: "系统校验".into(),
        at: now,
        held: None,
        question: Some(about),
    };
    take(&ground, &receipt(1, Digest::of(b"another")), None).await;
    assert!(enters.get("/questions").await.text.contains("正在送出"));
    take(&ground, &receipt(2, Digest::of(payload.as_bytes())), None).await;
    let page = enters.get("/questions").await.text;
    assert!(page.contains("未被接收</span>") && page.contains("提问的签名无效：&lt;i&gt;证书未生效"), "{page}");
    assert!(!ground.reader("read").await.get("/questions").await.text.contains("重新提问"));
    let (title, text) = (hidden(&page, "title"), hidden(&page, "text"));
    assert_eq!((title.as_str(), text.as_str()), ("口径", "按户还是按人？&lt;b&gt;"));
    let fields = [("title", "口径"), ("text", "按户还是按人？<b>")];
    let edit = enters.post("/questions", &[fields[0], fields[1], ("step", "edit")]).await;
    assert!(edit.status == 200 && edit.text.contains("value=\"口径\""), "{}", edit.text);
    let at = now.plus_seconds(-1).0.to_string();
    let sent = enters.post("/questions", &[fields[0], fields[1], ("at", &at), ("step", "send")]).await;
    assert_eq!(sent.status, 303);
    let page = enters.get("/questions").await.text;
    assert!(page.contains("未被接收") && page.contains("正在送出"), "{page}");
}
