//! A project's page shows the documents about it: how each stands, with the figures of its form's list.

use serde_json::json;
use tongpin_domain::form::DOCUMENT;

use super::ground::Ground;
use crate::ops::ground::row;
use crate::records;

const FORM: &str = r#"{"code":"rectify","title":"整改表","subject":{"of":"project","per":"year"},
    "layout":{"money":"wan"},"list":{"columns":["problem","returned","clerk"]},"fields":[
    {"name":"problem","title":"问题","kind":"line"},
    {"name":"returned","title":"收回资金","kind":"money"},
    {"name":"plan","title":"措施","kind":"line"},
    {"name":"clerk","title":"填报人","kind":"person","personal":true}]}"#;

/// The document about it is shown with its state and the fields of the list, amounts in the unit of the sheet; those of
/// another project, fields that the list does not name and what is personal are not.
#[tokio::test]
async fn documents_about_a_project() {
    let ground = Ground::new().await;
    let reader = ground.reader("read").await;
    let projects = records::load(&ground.desk.store).await.expect("readable").projects;
    let (one, other) = (&projects[0].project.code, &projects[1].project.code);
    let page = format!("/projects/{one}");
    ground.desk.publish("forms", "rectify", FORM, 1).await;
    assert!(!reader.get(&page).await.text.contains("相关单据"), "there is none yet");
    let document = |subject: &str, problem: &str| {
        json!({ "form": "rectify", "publisher": "320500", "release": 1, "id": problem, "subject": subject,
            "subject_name": "某项目", "period": "2026", "version": 1, "turn": 1, "state": "review", "changed_at": 0,
            "given": { "problem": problem, "returned": "12345600.00", "plan": "按月调度", "clerk": "张三" } })
    };
    let rows = [(one, "slow"), (other, "unspent")].map(|(subject, problem)| {
        row(DOCUMENT, &format!("rectify/{problem}"), Ok(document(subject, problem).to_string()))
    });
    ground.desk.put(&rows).await;
    let shown = reader.get(&page).await.text;
    let section = shown.split("相关单据").nth(1).and_then(|rest| rest.split("<h2>").next()).expect("a section");
    for due in
        ["/forms/rectify/320581/slow", "整改表", "2026年度", "财政审核", "问题：slow", "收回资金（万元）：1,234.56"]
    {
        assert!(section.contains(due), "{due} in {section}");
    }
    for other in ["unspent", "措施", "张三", "填报人"] {
        assert!(!section.contains(other), "{other} in {section}");
    }
}
