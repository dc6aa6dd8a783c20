//! Shows how the city answers what counties ask, and lets them know what all should know.

use tongpin_domain::catalog::Audience;
use tongpin_domain::digest::Digest;
use tongpin_domain::guidance::{NOTICES, Notice, Question};
use tongpin_store::{AskedQuestion, QuestionArrival};

use super::*;

/// A question of 常熟 as it would arrive.
async fn asked(ground: &Ground) -> Question {
    let region = RegionCode::new("320581").expect("a code");
    let at = clock::now();
    let question = Question::new(region.clone(), "满意度的口径", "按户还是按人？<b>", "经办岗（jingban）", at);
    let row = AskedQuestion {
        key: question.key.clone(),
        region: region.clone(),
        payload: serde_json::to_string(&question).expect("JSON"),
        envelope: vec![1],
        received_at: at,
        expert: String::new(),
        noted_by: String::new(),
    };
    let arrival = QuestionArrival { author: &region, incarnation: "i1", seq: 1, mark: Digest::NONE, question: &row };
    ground.app.store().accept_question(&arrival).await.expect("writable");
    question
}

async fn published(ground: &Ground) -> Vec<(Audience, Notice)> {
    let entries = ground.app.store().entries(&ground.app.catalog(NOTICES)).await.expect("readable");
    entries.iter().map(|entry| (entry.audience.clone(), serde_json::from_str(&entry.body).expect("JSON"))).collect()
}

/// An open question is named on the first page; one person answers it, to whoever asked, and it is open no longer.
#[tokio::test]
async fn answered_by_one() {
    let ground = Ground::new().await;
    let question = asked(&ground).await;
    let address = format!("/questions/{}", question.key);
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    assert!(publisher.open("/").await.1.contains("有 1 个提问等待答复"));
    let (_, list) = publisher.open("/questions").await;
    assert!(list.contains(&format!("href=\"{address}\"")) && list.contains("待答复</span>"), "{list}");
    let (_, page) = publisher.open(&address).await;
    assert!(page.contains("按户还是按人？&lt;b&gt;") && page.contains("value=\"答复：满意度的口径\""), "{page}");

    let answer = format!("{address}/answer");
    let fields = [("title", "答复：满意度的口径"), ("text", "按户统计。"), ("to", "one"), ("sure", "1")];
    let (status, page) = publisher.send(&answer, &fields[..3]).await;
    assert!(status == 422 && page.contains("请勾选“确认”") && page.contains("按户统计。"), "{page}");
    let (status, page) = publisher.send(&answer, &[fields[0], ("text", ""), fields[3]]).await;
    assert!(status == 422 && page.contains("请写内容"), "{page}");
    let reader = ground.reader("chakan", &[Duty::Read]).await;
    assert_eq!(reader.send(&answer, &fields).await.0, 403);
    assert!(published(&ground).await.is_empty());

    let (status, page) = publisher.send(&answer, &fields).await;
    assert!(status == 303 && page.contains("答复已发布"), "{page}");
    let all = published(&ground).await;
    assert_eq!((all.len(), all[0].0.to_string(), all[0].1.text.as_str()), (1, "320581".into(), "按户统计。"));
    assert_eq!(all[0].1.answers, Some(question.key));
    assert!(publisher.open("/questions").await.1.contains("已答复</span>"));
    assert!(!publisher.open("/").await.1.contains("等待答复"));
    let logged = ground.logged("question_answer").await;
    assert_eq!(logged, [("fabu".into(), "第 1 版".into(), true)]);
    assert_eq!(reader.open("/questions/320581-none").await.0, 404);
}

/// A notice goes to everybody or to those who are chosen; who chooses nobody is told and loses nothing. A draft of
/// somebody else is not published along with it.
#[tokio::test]
async fn notices_to_all_or_some() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    clerk.import("regions", "regions.csv", REGIONS).await;
    publisher.send("/catalogs/regions/publish", &[("sure", "1")]).await;
    let fields = [("title", "培训安排"), ("text", "周三上午。\r\n带笔。"), ("sure", "1")];
    let (status, page) = publisher.send("/questions/notices", &fields).await;
    assert!(status == 422 && page.contains("请选择发给谁") && page.contains("value=\"培训安排\""), "{page}");
    assert_eq!(clerk.send("/questions/notices", &fields).await.0, 403);

    for to in ["all", "320581"] {
        let all: Vec<_> = fields.into_iter().chain([("to", to)]).collect();
        let (status, page) = publisher.send("/questions/notices", &all).await;
        assert!(status == 303 && page.contains("已发布，正在送达各单位"), "{page}");
        let page = publisher.open("/questions").await.1;
        assert!(!page.contains("已发布，正在送达各单位"), "to load the page again sends and says nothing again");
    }
    let all = published(&ground).await;
    let mut audiences: Vec<String> = all.iter().map(|(audience, _)| audience.to_string()).collect();
    audiences.sort();
    assert_eq!(audiences, ["*", "320581"]);
    assert_eq!(all[0].1.text, "周三上午。\n带笔。");
    let release = ground.app.store().release(&ground.app.catalog(NOTICES), 2).await.expect("readable");
    let release = release.expect("published").release;
    assert_eq!((release.drafted_by.as_str(), release.approved_by.as_str()), ("fabu岗（fabu）", "fabu岗（fabu）"));

    let id = ground.app.catalog(NOTICES);
    ground.app.store().replace_draft(&id, &[], "另一人", clock::now(), "").await.expect("writable");
    let all: Vec<_> = fields.into_iter().chain([("to", "all")]).collect();
    let (status, page) = publisher.send("/questions/notices", &all).await;
    assert!(status == 422 && page.contains("另一人 未发布的草稿"), "{page}");
    assert_eq!(published(&ground).await.len(), 2);
}

/// An expert of the roster is noted on a question and shown in the list; a name that is on no roster is not.
#[tokio::test]
async fn an_expert_is_noted() {
    let ground = Ground::new().await;
    let question = asked(&ground).await;
    let (clerk, publisher) =
        (ground.reader("jingban", &[Duty::Enter]).await, ground.reader("fabu", &[Duty::Publish]).await);
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/experts.csv");
    let roster = std::fs::read_to_string(samples).expect("a sample");
    clerk.import("experts", "experts.csv", &roster).await;
    publisher.send("/catalogs/experts/publish", &[("sure", "1")]).await;
    let experts = ground.app.experts().await.expect("readable");
    let name = format!("{} {}", experts[0].expert_id, experts[0].display_name);
    let address = format!("/questions/{}/expert", question.key);
    let (status, page) = clerk.send(&address, &[("expert", "张三")]).await;
    assert!(status == 422 && page.contains("请从专家库名单中选择"), "{page}");
    let (status, page) = clerk.send(&address, &[("expert", &name)]).await;
    assert!(status == 303 && page.contains("已保存") && page.contains("指定人："), "{page}");
    assert!(clerk.open("/questions").await.1.contains(&name));
}
