//! Shows that one step is taken with several documents: with those with which it can be, each by itself, and that the
//! others say why not.

use tongpin_domain::form::{DOCUMENT, Definition};
use tongpin_store::FormFilter;

use super::ground::{Ground, Reader};
use crate::ops::forms;
use crate::ops::ground::row;

const FORM: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter","several":true},
    "fields":[{"name":"issued","title":"下达资金","kind":"money","required":true}]}"#;

/// Four documents of this county: the second waits for approval, the last lacks what is required.
async fn ground() -> Ground {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "roads", FORM, 1).await;
    let document = |(id, state, given): (&str, &str, &str)| {
        let body = format!(
            r#"{{"form":"roads","publisher":"320500","release":1,"id":"{id}","subject":"320581","subject_name":"{id}路",
                "period":"2026Q3","version":1,"turn":0,"state":"{state}","given":{{{given}}},"changed_at":1}}"#
        );
        row(DOCUMENT, &format!("roads/{id}"), Ok(body))
    };
    let sum = r#""issued":"100.00""#;
    let all = [("a", "draft", sum), ("b", "review", sum), ("c", "draft", sum), ("d", "draft", "")];
    ground.desk.put(&all.map(document)).await;
    ground
}

/// The fields of the page that asks: the documents with which the step can be taken, and what it knew of them.
fn asked<'a>(page: &'a str, step: &'a str, reason: &'a str) -> Vec<(&'a str, &'a str)> {
    let values = |name: &'a str| page.split(name).skip(1).filter_map(|rest| rest.split('"').next());
    let documents = values("name=\"document\" value=\"").map(|value| ("document", value));
    let versions = values("name=\"version\" value=\"").map(|value| ("version", value));
    documents.chain(versions).chain([("step", step), ("reason", reason)]).collect()
}

async fn states(ground: &Ground) -> Vec<(String, String)> {
    let form = forms::find(&ground.desk.store, "roads").await.expect("readable").expect("published");
    let rows = ground.desk.store.documents_after(&form.definition, &FormFilter::default(), ("", ""), 9).await;
    rows.expect("readable").into_iter().map(|row| (row.subject_name, row.state)).collect()
}

async fn choose(reader: &Reader, step: &str) -> super::ground::Shown {
    let all = ["a", "b", "c", "d"].map(|id| format!("320581/{id}"));
    let mut fields: Vec<(&str, &str)> = all.iter().map(|document| ("document", document.as_str())).collect();
    fields.push(("step", step));
    reader.post("/forms/roads/bulk", &fields).await
}

/// Before anything is done each says whether it can be; then those that can are done, under one reason, and nobody
/// else's duty or decision is stepped over.
#[tokio::test]
async fn together() {
    let ground = ground().await;
    let (enters, approves, reads) =
        (ground.reader("enter").await, ground.reader("approve").await, ground.reader("read").await);
    let list = enters.get("/forms/roads").await.text;
    assert!(list.contains("value=\"320581/a\" aria-label=\"选择 a路\"") && list.contains(">送审</option>"), "{list}");
    assert!(!reads.get("/forms/roads").await.text.contains("name=\"document\""));

    let page = choose(&enters, "submit").await;
    assert_eq!(page.status, 200, "{}", page.text);
    for told in ["可以办理 2 份，不能办理 2 份", "单据现为“财政审核”", "还有必填项未填", "送审（2 份）"]
    {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    assert_eq!(states(&ground).await[0].1, "draft", "asking changes nothing");
    let done = enters.post("/forms/roads/bulk/take", &asked(&page.text, "submit", "齐了")).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/forms/roads"), "{}", done.text);
    assert!(enters.get("/forms/roads").await.text.contains("送审：已办理 2 份"));
    let now: Vec<String> = states(&ground).await.into_iter().map(|(_, state)| state).collect();
    assert_eq!(now, ["review", "review", "review", "draft"]);
    let logged = ground.logged("document_step").await;
    assert!(
        logged.iter().any(|(_, subject, detail)| subject == "roads/c" && detail == "送审：齐了（批量）"),
        "{logged:?}"
    );

    // Whoever may not is told so of each, and nothing is done.
    let refused = choose(&reads, "approve").await;
    assert!(refused.status == 422 && refused.text.contains("不能办理 4 份"), "{}", refused.text);
    // A step that wants a reason is taken with none; what somebody has changed since the page is left alone.
    let page = choose(&approves, "return").await;
    let none = approves.post("/forms/roads/bulk/take", &asked(&page.text, "return", "")).await;
    assert_eq!(none.status, 303);
    let told = approves.get("/forms/roads").await.text;
    assert!(told.contains("退回：已办理 0 份，3 份没有办理") && told.contains("请写明原因"), "{told}");
    let sent = asked(&page.text, "return", "里程请复核");
    let withdraw = "/forms/roads/320581/a/step/withdraw";
    let version = super::hidden(&enters.get(withdraw).await.text, "version");
    assert_eq!(enters.post(withdraw, &[("version", &version)]).await.status, 303);
    approves.post("/forms/roads/bulk/take", &sent).await;
    let told = approves.get("/forms/roads").await.text;
    assert!(told.contains("退回：已办理 2 份，1 份没有办理") && told.contains("已有他人修改"), "{told}");
    let now: Vec<String> = states(&ground).await.into_iter().map(|(_, state)| state).collect();
    assert_eq!(now, ["draft"; 4]);
    let nothing = approves.post("/forms/roads/bulk", &[("step", "return")]).await;
    assert_eq!(nothing.status, 303);
    assert!(approves.get("/forms/roads").await.text.contains("没有选中单据"));
}

/// A document of another release, under which the step leads elsewhere, is left alone, and the log says so of it as of
/// any step that was not taken.
#[tokio::test]
async fn another_release() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let page = choose(&enters, "submit").await;
    let mut next: Definition = serde_json::from_str(FORM).expect("a form");
    let mut flow = next.flow.clone();
    for step in flow.steps.iter_mut().filter(|step| step.name == "submit") {
        step.reason = true;
    }
    next.flow = flow;
    ground.desk.publish("forms", "roads", &serde_json::to_string(&next).expect("JSON"), 2).await;
    let done = enters.post("/forms/roads/bulk/take", &asked(&page.text, "submit", "齐了")).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(states(&ground).await[0].1, "draft");
    let logged = ground.logged("document_step").await;
    let why = "未办理送审：齐了（批量）：按表单的另一版填报，这一步有所不同；请打开单据单独办理";
    assert!(logged.iter().any(|(_, subject, detail)| subject == "roads/a" && detail == why), "{logged:?}");
}
