//! Shows that a question leaves only as it was seen, and that answers and notices are read where they belong.

use tongpin_domain::guidance::{Notice, Question};
use tongpin_domain::moment::Moment;
use tongpin_store::REPORTS;

use super::ground::Ground;
use super::hidden;

const TITLE: (&str, &str) = ("title", "满意度的口径");
const TEXT: (&str, &str) = ("text", "满意度按户还是按人统计？\r\n<b>第二行</b>");

/// What is typed is shown word for word before anything leaves; sending it sends exactly that, once, and names who did.
#[tokio::test]
async fn seen_before_it_leaves() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let page = enters.post("/questions", &[TITLE, TEXT, ("step", "preview")]).await;
    assert!(page.status == 200 && page.text.contains("尚未送出") && page.text.contains("&lt;b&gt;第二行&lt;/b&gt;"));
    assert_eq!(ground.desk.store.outbox_last(REPORTS).await.expect("readable"), 0);

    let at = hidden(&page.text, "at");
    let edit = enters.post("/questions", &[TITLE, TEXT, ("at", &at), ("step", "edit")]).await;
    assert!(edit.text.contains("value=\"满意度的口径\"") && edit.text.contains("满意度按户还是按人统计？"));
    for _ in 0..2 {
        let sent = enters.post("/questions", &[TITLE, TEXT, ("at", &at), ("step", "send")]).await;
        assert_eq!((sent.status, sent.location.as_str()), (303, "/questions?sent=1"));
    }
    let mine = ground.desk.store.my_questions().await.expect("readable");
    let question: Question = serde_json::from_str(&mine[0].payload).expect("JSON");
    assert_eq!((mine.len(), question.text.as_str()), (1, "满意度按户还是按人统计？\n<b>第二行</b>"));
    assert!(page.text.contains(&question.key) && question.asked_by == "enter（enter）");
    assert_eq!(ground.logged("question_ask").await, [("enter".into(), question.key, "满意度的口径".into())]);
    assert!(enters.get("/questions").await.text.contains("正在送出"));
}

/// What is too long, unseen or seen long ago does not leave, and nothing typed is lost; a reader asks nothing.
#[tokio::test]
async fn not_sent() {
    let ground = Ground::new().await;
    let approves = ground.reader("approve").await;
    let long = "字".repeat(2001);
    let page = approves.post("/questions", &[("title", ""), ("text", &long), ("step", "send")]).await;
    assert!(page.status == 422 && page.text.contains("请写标题") && page.text.contains("内容最长 2000 个字"));
    assert!(page.text.contains(&long));
    for at in ["", "1", "x", "1900000000000"] {
        let page = approves.post("/questions", &[TITLE, TEXT, ("at", at), ("step", "send")]).await;
        assert!(page.status == 409 && page.text.contains("请重新核对") && page.text.contains(TITLE.1), "{at}");
    }
    let reader = ground.reader("read").await;
    assert_eq!(reader.post("/questions", &[TITLE, TEXT, ("step", "preview")]).await.status, 403);
    assert!(!reader.get("/questions").await.text.contains("下一步"));
    assert_eq!(ground.reader("audit").await.get("/questions").await.status, 403);
    assert_eq!(ground.desk.store.outbox_last(REPORTS).await.expect("readable"), 0);
}

/// A notice stands on the first page as long as it is new, an answer with its question.
#[tokio::test]
async fn answers_and_notices() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let page = enters.post("/questions", &[TITLE, TEXT, ("step", "preview")]).await;
    let at = hidden(&page.text, "at");
    enters.post("/questions", &[TITLE, TEXT, ("at", &at), ("step", "send")]).await;
    let key = ground.desk.store.my_questions().await.expect("readable")[0].key.clone();
    let now = ground.app.site.now();
    let told = |title: &str, at: Moment, answers: Option<String>| {
        let notice =
            Notice {
                title: title.into(), text: "按户。".into(), by: "发布岗".into(), at, answers, reminds: None
            };
        serde_json::to_string(&notice).expect("JSON")
    };
    ground.desk.publish("notices", "a", &told("培训安排", now, None), 1).await;
    ground.desk.publish("notices", "b", &told("去年的通知", now.plus_seconds(-40 * 86_400), None), 2).await;
    ground.desk.publish("notices", "c", &told("答复：满意度的口径", now, Some(key)), 3).await;
    let first = enters.get("/").await.text;
    assert!(first.contains("培训安排") && first.contains("答复：满意度的口径"), "{first}");
    assert!(!first.contains("去年的通知"));
    let page = enters.get("/questions").await.text;
    assert!(page.contains("去年的通知") && page.contains("已答复") && !page.contains("正在送出"), "{page}");
}
