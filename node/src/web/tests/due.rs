//! Scores that follow from changed records: by themselves, across an end of the program, and told
//! wherever they are old.

use std::time::Duration;

use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_domain::rules::RuleSet;

use super::ground::Ground;
use crate::background::rescoring;
use crate::ops::ground::row;

/// Waits until nothing is at work any more.
async fn idle(ground: &Ground) {
    let told = async {
        while ground.app.rescoring.standing().is_running() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("it ends");
}

/// What was marked when the program ended is scored at its next start; how far that is, and a failure, is told on the
/// scores' page and on that of importing, and what is made good is told no more.
#[tokio::test]
async fn scores_follow_behind_the_page() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let store = &ground.desk.store;
    assert!(store.scored_codes().await.expect("readable").is_empty());
    assert_eq!(store.count_due().await.expect("readable"), 6);
    rescoring::start(&ground.app);
    idle(&ground).await;
    assert_eq!(store.scored_codes().await.expect("readable").len(), 6);
    assert_eq!(store.count_due().await.expect("readable"), 0);
    let standing = ground.app.rescoring.standing();
    assert_eq!((standing.done, standing.total), (6, 6));
    assert!(!enters.get("/scores").await.text.contains("正在评分"));

    let run = ground.app.rescoring.begin();
    run.expect(20_000);
    run.done(3_200);
    for address in ["/scores", "/import"] {
        let page = enters.get(address).await.text;
        assert!(page.contains("正在评分 3,200 / 20,000") && page.contains("data-live"), "{address}: {page}");
    }
    run.end(Some(("磁盘已满".into(), "the disk is full".into())));
    for address in ["/scores", "/import"] {
        let page = enters.get(address).await.text;
        assert!(page.contains("评分中断：磁盘已满") && !page.contains("正在评分"), "{address}: {page}");
    }
    rescoring::start(&ground.app);
    idle(&ground).await;
    assert!(!enters.get("/scores").await.text.contains("评分中断"));
}

/// A record that changes without a score beside it makes the score old everywhere: in both lists, their files, the
/// first page and `status`; then it is scored, and nothing is old any more. Newer rules are told as well,
/// and do not change a score unasked.
#[tokio::test]
async fn old_scores_are_told() {
    let ground = Ground::new().await;
    let (store, reader) = (&ground.desk.store, ground.reader("read").await);
    ground.desk.score().await;
    let line = store.records(PROJECT_INDICATOR, None).await.expect("readable").remove(0);
    let body = line.body.replacen("\"name\":\"", "\"name\":\"新", 1);
    ground.desk.put(&[row(PROJECT_INDICATOR, &line.key, Ok(body))]).await;
    for address in ["/scores", "/projects", "/scores/export.csv", "/projects?format=csv", "/"] {
        let text = reader.get(address).await.text;
        assert!(text.contains("待重算"), "{address}: {text}");
    }
    rescoring::start(&ground.app);
    idle(&ground).await;
    for address in ["/scores", "/projects", "/scores/export.csv", "/"] {
        assert!(!reader.get(address).await.text.contains("待重算"), "{address}");
    }
    let sheet = store.score(line.key.rsplit_once('/').expect("a line").0).await.expect("readable").expect("one").sheet;
    assert!(sheet.contains("\"name\":\"新"));

    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/rules.toml"));
    let mut rules = RuleSet::from_toml(&text.expect("a sample")).expect("sound");
    rules.title.push('二');
    let rules = serde_json::to_string(&rules).expect("JSON");
    ground.desk.publish("rules", "project-self-evaluation", &rules, 2).await;
    rescoring::start(&ground.app);
    idle(&ground).await;
    assert!(store.scores().await.expect("readable").iter().all(|score| score.rules_release == 1));
    for address in ["/scores", "/projects", "/scores/export.csv"] {
        assert!(reader.get(address).await.text.contains("按旧版规则"), "{address}");
    }
}

/// A project without lines and score has nothing to be scored, and one for whose year there are no rules waits for
/// them; neither keeps the others from their scores.
#[tokio::test]
async fn what_cannot_be_scored_waits() {
    let ground = Ground::new().await;
    let store = &ground.desk.store;
    let project = store.records(PROJECT, None).await.expect("readable").remove(0);
    let line = store.records(PROJECT_INDICATOR, None).await.expect("readable").remove(0);
    let later = project.body.replace("\"fiscal_year\":2024", "\"fiscal_year\":1999");
    assert_ne!(later, project.body);
    ground
        .desk
        .put(&[
            row(PROJECT, "A-bare", Ok(project.body.replace(&project.key, "A-bare"))),
            row(PROJECT, "A-later", Ok(later.replace(&project.key, "A-later"))),
            row(
                PROJECT_INDICATOR,
                "A-later/001",
                Ok(line.body.replace(line.key.split('/').next().expect("a code"), "A-later")),
            ),
        ])
        .await;
    for _ in 0..2 {
        rescoring::start(&ground.app);
        idle(&ground).await;
    }
    assert_eq!(store.scored_codes().await.expect("readable").len(), 6);
    assert_eq!(store.due_after("", 9).await.expect("readable"), ["A-later"]);
    assert_eq!(ground.app.rescoring.standing().failure(tongpin_domain::lang::Lang::Zh), None);
}
