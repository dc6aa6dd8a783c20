//! A step of a document begins the document of another form about the same, once and in the same stroke.

use serde_json::json;
use tongpin_domain::form::{DOCUMENT, Document};

use super::ground::{Ground, Reader};
use super::hidden;
use crate::ops::ground::row;
use crate::records;

const REVIEW: &str = r#"{"code":"review","title":"复核表","subject":{"of":"project","per":"quarter"},
    "fields":[{"name":"found","title":"问题","kind":"line"}],
    "flow":{"states":[{"name":"draft","title":"草稿","open":true},{"name":"found","title":"已发现问题","counts":true}],
    "steps":[{"name":"hand","title":"转整改","from":["draft"],"to":"found","level":"keeper","duty":"enter",
        "actions":["freeze","make"],"makes":"rectify"},
        {"name":"back","title":"撤回","from":["found"],"to":"draft","level":"keeper","duty":"enter"}]}}"#;
const RECTIFY: &str = r#"{"code":"rectify","title":"整改表","subject":{"of":"project","per":"year"},"fields":[
    {"name":"project","title":"项目名称","kind":"line","from":"project.name"},
    {"name":"plan","title":"措施","kind":"line","required":true}]}"#;
const AT: &str = "/forms/review/320581/x";

async fn take(clerk: &Reader, step: &str) -> super::ground::Shown {
    let asked = clerk.get(&format!("{AT}/step/{step}")).await.text;
    clerk.post(&format!("{AT}/step/{step}"), &[("version", &hidden(&asked, "version")), ("reason", "")]).await
}

async fn begun(ground: &Ground) -> Vec<Document> {
    let found = ground.desk.store.records(DOCUMENT, None).await.expect("readable");
    let all = found.iter().map(|record| serde_json::from_str(&record.body).expect("a document"));
    all.filter(|document: &Document| document.form == "rectify").collect()
}

/// Without the other form nothing is done and the step says why; with it a document about the same project begins for
/// the year of the quarter, filled in from the project; taken again the step begins no second one.
#[tokio::test]
async fn the_next_form_begins() {
    let ground = Ground::new().await;
    let clerk = ground.reader("enter").await;
    let project = records::load(&ground.desk.store).await.expect("readable").projects.remove(0).project;
    ground.desk.publish("forms", "review", REVIEW, 1).await;
    let document = json!({ "form": "review", "publisher": "320500", "release": 1, "id": "x", "subject": project.code,
        "subject_name": project.name, "period": "2026Q3", "version": 1, "turn": 0, "state": "draft",
        "given": { "found": "进度慢" }, "changed_at": 0 });
    ground.desk.put(&[row(DOCUMENT, "review/x", Ok(document.to_string()))]).await;
    let refused = take(&clerk, "hand").await;
    assert!(refused.status == 422 && refused.text.contains("本级还没有这张表单"), "{}", refused.text);
    assert!(clerk.get(AT).await.text.contains("草稿"), "nothing was done");

    ground.desk.publish("forms", "rectify", RECTIFY, 2).await;
    assert!(clerk.get(&format!("{AT}/step/hand")).await.text.contains("整改表"));
    assert_eq!(take(&clerk, "hand").await.status, 303);
    let [made] = begun(&ground).await.try_into().expect("one document");
    assert_eq!((&made.subject, made.period.as_str(), made.state.as_str()), (&project.code, "2026", "draft"));
    assert_eq!(made.derived.get("project"), Some(&project.name));
    let due = ("review/x".to_owned(), format!("转整改；生成单据 rectify/{}", made.id));
    let logged: Vec<_> =
        ground.logged("document_step").await.into_iter().map(|(_, subject, detail)| (subject, detail)).collect();
    assert!(logged.contains(&due), "{logged:?}");
    let to = format!("/forms/rectify/320581/{}", made.id);
    let page = clerk.get(AT).await.text;
    assert!(page.contains(&format!("href=\"{to}\"")) && page.contains("已发现问题"), "{page}");
    assert!(clerk.get(&to).await.text.contains("措施"));
    assert_eq!((take(&clerk, "back").await.status, take(&clerk, "hand").await.status), (303, 303));
    assert_eq!(begun(&ground).await, [made], "there is one already");
}
