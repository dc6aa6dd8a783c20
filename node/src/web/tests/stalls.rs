//! What keeps a report from leaving by itself is told where people look, once in the log, and gone when its cause is.

use std::collections::BTreeSet;

use tongpin_console::duty::Duty;
use tongpin_console::web::Signed;
use tongpin_domain::digest::Digest;
use tongpin_domain::egress::EgressContract;
use tongpin_domain::lang::Lang;
use tongpin_domain::project::PROJECT;
use tongpin_store::{RecordRow, Stall};

use super::ground::Ground;
use crate::app::App;
use crate::background::auto_submit;
use crate::command::doctor::submitting;
use crate::ops::ground::row;
use crate::ops::summary::Summary;
use crate::ops::unasked::Unasked;

const ID: &str = "county-scores";

/// What keeps it, in Chinese.
async fn why(app: &App) -> Option<String> {
    auto_submit::look(app).await.expect("looked");
    let stalls = app.store().stalls().await.expect("readable");
    assert!(stalls.len() < 2 && stalls.iter().all(|stall| stall.collection == ID), "{stalls:?}");
    stalls.into_iter().next().map(|stall| stall.zh)
}

/// Scores that are missing, then old, then a contract that does not allow it: each is told on the first page, on the
/// page of the collection and by `status`; the scores are asked for; and once nothing keeps it any more it leaves.
#[tokio::test]
async fn told_until_it_is_gone() {
    let ground = Ground::new().await;
    let (store, reader) = (&ground.desk.store, ground.reader("read").await);
    let mut app = ground.app.clone();
    assert_eq!(why(&app).await, None, "nothing is allowed to leave by itself");
    app.settings.own.auto_submit = vec![ID.to_owned(), "not-asked".to_owned()];
    let unscored = why(&app).await.expect("no scores");
    assert!(unscored.contains("有 6 个项目还没有评分") && unscored.ends_with("原因消除后自动上报"), "{unscored}");
    for address in ["/", "/collections/county-scores"] {
        let page = reader.get(address).await.text;
        assert!(page.contains("未能自动上报") && page.contains("有 6 个项目还没有评分"), "{address}: {page}");
    }
    let told = reader.get("/").await.text;
    assert!(told.contains(r#"href="/collections/county-scores">查看"#), "{told}");
    let summary = Summary::gather(&app).await.expect("readable");
    assert_eq!(summary.unasked, [Unasked("not-asked".to_owned())]);
    assert_eq!(summary.stalls.iter().map(|line| line.collection.as_str()).collect::<Vec<_>>(), [ID]);

    // The same reason is not noted anew, and does not mark again what somebody has looked at.
    let known = Stall { since: tongpin_domain::moment::Moment(5), ..store.stalls().await.expect("readable").remove(0) };
    store.stalled(&known).await.expect("writable");
    assert_eq!(why(&app).await, Some(unscored));
    assert_eq!(store.stalls().await.expect("readable"), [known]);

    ground.desk.score().await;
    assert_eq!(store.count_due().await.expect("readable"), 0);
    let record = store.records(PROJECT, None).await.expect("readable").remove(0);
    let changed = record.body.replacen("\"executed\":\"", "\"executed\":\"1", 1);
    assert_ne!(changed, record.body);
    ground.desk.put(&[row(PROJECT, &record.key, Ok(changed))]).await;
    assert!(why(&app).await.expect("an old score").contains("有 1 个项目的评分待重算"));
    assert_eq!(store.due_after("", 9).await.expect("readable"), [record.key]);
    ground.desk.score().await;

    let contract = app.settings.own.egress.clone();
    app.settings.own.egress = EgressContract { records: [].into(), ..EgressContract::default() };
    assert!(why(&app).await.expect("refused").contains("出域约定不允许上报"));
    assert!(ground.reports().await.is_empty());
    app.settings.own.egress = contract;
    assert_eq!(why(&app).await, None);
    assert_eq!(ground.reports().await.len(), 1);
    assert!(!reader.get("/").await.text.contains("未能自动上报"));
    assert_eq!(why(&app).await, None);
    assert_eq!(ground.reports().await.len(), 1, "the same is not reported twice");
}

/// No project in the period is a report that a person makes; and what an earlier configuration allowed is told no more.
#[tokio::test]
async fn nothing_to_report() {
    let ground = Ground::new().await;
    let text = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/collections/county-scores.toml"));
    let read = tongpin_domain::intake::entry_from_toml("collections", "c.toml", &text.expect("a sample"));
    let body = read.accepted[0].1.body.replace("\"period\":\"2024\"", "\"period\":\"2031\"");
    ground.desk.publish("collections", ID, &body, 2).await;
    let mut app = ground.app.clone();
    app.settings.own.auto_submit = vec![ID.to_owned()];
    let told = why(&app).await.expect("no projects");
    assert!(told.contains("“零个项目”不自动上报"), "{told}");
    app.settings.own.auto_submit = Vec::new();
    assert_eq!(why(&app).await, None);
}

/// A report of less than half the records of the one before needs a person: it is a task with its link, and gone once
/// the records are back.
#[tokio::test]
async fn shrunk() {
    let ground = Ground::new().await;
    let (store, reader) = (&ground.desk.store, ground.reader("read").await);
    let mut app = ground.app.clone();
    app.settings.own.auto_submit = vec![ID.to_owned()];
    ground.desk.score().await;
    assert_eq!(why(&app).await, None);
    assert_eq!(ground.reports().await.len(), 1);
    // Two of six projects are left.
    let projects = store.records(PROJECT, None).await.expect("readable");
    assert_eq!(projects.len(), 6);
    let gone: Vec<_> =
        projects[2..].iter().map(|it| RecordRow { kind: it.kind.clone(), key: it.key.clone(), body: None }).collect();
    ground.desk.put(&gone).await;
    ground.desk.score().await;
    let told = why(&app).await.expect("far fewer");
    assert!(told.contains("6 条变为 2 条"), "{told}");
    let page = reader.get("/").await.text;
    assert!(page.contains("未能自动上报") && page.contains("6 条变为 2 条"), "{page}");
    assert!(page.contains(r#"href="/collections/county-scores">查看"#), "{page}");
    assert_eq!(ground.reports().await.len(), 1);
}

/// What nobody asks for is told where the system administrator looks: on the first page, by `status` and by `doctor`,
/// with what to do; and `doctor` names what is kept back as well.
#[tokio::test]
async fn asked_by_nobody() {
    let ground = Ground::new().await;
    let mut app = ground.app.clone();
    app.settings.own.auto_submit = vec![ID.to_owned(), "county-score".to_owned()];
    why(&app).await.expect("no scores");
    let first = async |duty: Duty| {
        ground.reader(duty.word()).await;
        let accounts = ground.desk.store.accounts().await.expect("readable");
        let account = accounts.into_iter().find(|account| account.name == duty.word()).expect("just made");
        let (duties, csrf) = (BTreeSet::from([duty]), String::new());
        let signed = Signed { account, duties, alone: false, undecided: false, csrf, token_hash: Digest::NONE };
        crate::web::overview::make(&app, Lang::Zh, &signed).await.body.into_string()
    };
    let told = "“county-score”没有对应的归集任务，不会自动上报；请核对是否写错";
    let page = first(Duty::System).await;
    assert!(page.contains(told), "{page}");
    assert!(!first(Duty::Enter).await.contains(told), "no clerk can mend it");
    let checks = submitting(&app, Lang::Zh).await;
    let said: Vec<(&str, bool)> = checks.iter().map(|it| (it.detail.as_str(), it.advice.is_some())).collect();
    assert!(said[0].0.contains("“county-score”没有对应的归集任务") && said[0].1, "{said:?}");
    assert!(said[1].0.starts_with("county-scores：有 6 个项目还没有评分") && said.len() == 2, "{said:?}");
    app.settings.own.auto_submit.clear();
    why(&app).await;
    assert_eq!(submitting(&app, Lang::Zh).await, []);
}
