//! Shows that the first page names what is to be done, with the page where it is done, and to whom.

use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, Project};
use tongpin_domain::report::{Receipt, Verdict};
use tongpin_store::{Batch, Change, Past, RECORDS, ReceiptTaken, ReportState};

use super::ground::Ground;
use super::{REPORT, hidden};
use crate::background::prefetch;
use crate::ops::ground::{code, row};

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
    answered(&ground, Verdict::Returned, ReportState::Returned, &["完成值与台账不符"]).await;
    let page = approves.get("/").await.text;
    assert!(page.contains("第 1 次上报被退回") && page.contains("退回原因：完成值与台账不符"), "{page}");
}

/// What the parent answers about the first report.
async fn answered(ground: &Ground, verdict: Verdict, state: ReportState, reasons: &[&str]) {
    let report = &ground.reports().await[0];
    let parent = code("320500");
    let receipt = Receipt {
        number: 1,
        collection: report.collection.clone(),
        region: code("320581"),
        revision: 1,
        report: report.digest,
        verdict,
        reasons: reasons.iter().map(|&reason| reason.to_owned()).collect(),
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
        about: Some(("county-scores", 1, state)),
    };
    ground.desk.store.take_receipt(&taken).await.expect("writable");
}

/// Projects without a reason for a deviation are counted, and the way from there lists these and no others; the list,
/// the project and its score say it in the same words.
#[tokio::test]
async fn missing_reasons_are_found() {
    let ground = Ground::new().await;
    // Reasons for low execution alone, which are the project's and no line's.
    let held = ground.desk.store.records(PROJECT, None).await.expect("readable");
    let low = held.iter().find(|record| record.key.ends_with("103")).expect("a project");
    let mut project: Project = serde_json::from_str(&low.body).expect("a project");
    project.money.executed = tongpin_domain::money::Fen(100).into();
    project.execution_reason = String::new();
    ground.desk.put(&[row(PROJECT, &low.key, serde_json::to_string(&project))]).await;
    ground.desk.score().await;
    let sheet = ground.desk.store.score(&low.key).await.expect("readable").expect("a score").sheet;
    let sheet: tongpin_domain::score::ScoreSheet = serde_json::from_str(&sheet).expect("a sheet");
    assert!(sheet.execution_reason_missing && sheet.lines.iter().all(|line| !line.reason_missing));
    let reader = ground.reader("enter").await;
    let list = reader.get("/scores?reason=missing").await.text;
    let rows = list.split("<tbody>").nth(1).expect("rows");
    let of_project = rows.split("<tr>").find(|row| row.contains(&low.key)).expect("its row");
    assert!(of_project.contains("未说明偏差原因"), "{of_project}");

    let mut lines = ground.desk.store.records(PROJECT_INDICATOR, None).await.expect("readable");
    lines.retain(|line| line.body.contains("deviation_reason"));
    let emptied = lines.iter().map(|line| {
        let mut body: serde_json::Value = serde_json::from_str(&line.body).expect("JSON");
        body["deviation_reason"] = "".into();
        row(PROJECT_INDICATOR, &line.key, Ok(body.to_string()))
    });
    ground.desk.put(&emptied.collect::<Vec<_>>()).await;
    ground.desk.score().await;
    let scores = ground.desk.store.scores().await.expect("readable");
    let (owing, others): (Vec<_>, Vec<_>) = scores.iter().partition(|score| score.reason_missing);
    assert!(!owing.is_empty() && !others.is_empty(), "some owe a reason, and some do not");
    let told = format!("{} 个项目未说明偏差原因 <a href=\"/scores?reason=missing\">查看</a>", owing.len());
    let page = reader.get("/").await.text;
    assert!(page.contains(&told), "{told}: {page}");
    let list = reader.get("/scores?reason=missing").await.text;
    let linked = |code: &str| list.contains(&format!("href=\"/scores/{code}\""));
    assert!(owing.iter().all(|score| linked(&score.project_code)), "{list}");
    assert!(!others.iter().any(|score| linked(&score.project_code)), "{list}");
    let rows = list.split("<tbody>").nth(1).expect("rows");
    assert_eq!(rows.matches("未说明偏差原因").count(), owing.len(), "{rows}");
    for of in ["projects", "scores"] {
        let page = reader.get(&format!("/{of}/{}", owing[0].project_code)).await.text;
        assert!(page.contains("未说明偏差原因"), "{page}");
    }
    // Methods are called by their names; what programs call them by is behind the words.
    let page = reader.get(&format!("/scores/{}", owing[0].project_code)).await.text;
    assert!(page.contains("<td title=\"PROP_UP\">比例法</td>"), "{page}");
    assert!(!page.contains("<td>PROP_UP"), "{page}");
}

/// Figures that change after the parent has taken a report are told as something that can be corrected, with the way
/// there, until the correction has left.
#[tokio::test]
async fn changed_after_the_report() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let approves = ground.reader("approve").await;
    let content = hidden(&approves.get(REPORT).await.text, "content");
    assert_eq!(approves.post(REPORT, &[("content", &content), ("confirm", "1")]).await.status, 303);
    answered(&ground, Verdict::Accepted, ReportState::Accepted, &[]).await;
    let app = &ground.app;
    let anew = || crate::app::App { statistics: std::sync::Arc::default(), ..app.clone() };
    let unchanged = anew();
    prefetch::compare_reports(&unchanged).await.expect("readable");
    assert!(unchanged.statistics.correctable.known().is_empty(), "nothing has changed");
    let held = ground.desk.store.records(PROJECT, None).await.expect("readable");
    let mut project: Project = serde_json::from_str(&held[0].body).expect("a project");
    project.money.executed = tongpin_domain::money::Fen(100).into();
    ground.desk.put(&[row(PROJECT, &project.code, serde_json::to_string(&project))]).await;
    ground.desk.score().await;
    prefetch::compare_reports(app).await.expect("readable");
    let page = approves.get("/").await.text;
    let told = "第 1 次上报后数据有变化，可更正上报 <a href=\"/collections/county-scores\">";
    assert!(page.contains(told), "{page}");
    let content = hidden(&approves.get(REPORT).await.text, "content");
    let sent = approves.post(REPORT, &[("content", &content), ("confirm", "1")]).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert!(!approves.get("/").await.text.contains("数据有变化"), "the correction has left");
}

/// A township's project is named with the township and not as something to fill in here.
#[tokio::test]
async fn a_townships_projects_are_its_own_to_fill_in() {
    let ground = Ground::new().await;
    let held = ground.desk.store.records(PROJECT, None).await.expect("readable");
    let mut project: Project = serde_json::from_str(&held[0].body).expect("a project");
    project.code = "T-1".into();
    project.money.executed = tongpin_domain::money::Amount::default();
    let author = code("320581101");
    let body = serde_json::to_string(&project).expect("JSON");
    let change = |kind: &str, key: &str, body: String| {
        let (kind, key) = (kind.to_owned(), key.replace(&held[0].key, "T-1"));
        Change { kind, key, body: Some(body.replace(&held[0].key, "T-1")), problem: None }
    };
    let lines = ground.desk.store.records(PROJECT_INDICATOR, None).await.expect("readable");
    let lines = lines.iter().filter(|line| line.key.starts_with(&held[0].key));
    let mut changes = vec![change(PROJECT, "T-1", body)];
    changes.extend(lines.map(|line| change(PROJECT_INDICATOR, &line.key, line.body.clone())));
    let (stream, incarnation) = (RECORDS, "first");
    let batch = Batch { author: &author, stream, incarnation, first_seq: 1, changes: &changes };
    ground.desk.store.accept_told(&batch, Past::default()).await.expect("taken");
    ground.desk.score().await;
    let reader = ground.reader("enter").await;
    let page = reader.get("/").await.text;
    let to = "/projects?status=INCOMPLETE&amp;author=320581101";
    assert!(
        page.contains(&format!("320581101有 1 个项目未完成填报，由320581101填报 <a href=\"{to}\">查看</a>")),
        "{page}"
    );
    assert!(!page.contains("去填报"), "{page}");
    let list = reader.get("/projects?status=INCOMPLETE&author=320581101").await.text;
    assert!(list.contains("href=\"/projects/T-1\"") && list.contains("共 1 条"), "{list}");
    let list = reader.get("/projects?status=INCOMPLETE&author=320581").await.text;
    assert!(!list.contains("href=\"/projects/T-1\""), "{list}");
}
