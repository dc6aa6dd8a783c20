//! Forms over the API: described, filled in, handed on and read, with the checks and the flow of the pages; what a
//! system is not told, and what is left to people. And what the first page says of such documents.

use serde_json::{Value, json};
use tongpin_domain::form::DOCUMENT;
use tongpin_store::{Batch, Change, RECORDS};

use super::{System, fields, tag};
use crate::api::guide;
use crate::ops::ground::code;

const FORM: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter"},"fields":[
    {"name":"issued","title":"下达资金","kind":"money","required":true},
    {"name":"done","title":"完工","kind":"yes_no"},
    {"name":"parts","title":"路段","kind":"rows","fields":[
        {"name":"km","title":"里程","kind":"decimal","places":3},
        {"name":"paid","title":"已支付","kind":"money"},
        {"name":"driver","title":"驾驶员","kind":"person","personal":true}]},
    {"name":"paid_total","title":"已支付合计","kind":"money","derived":{"total":"parts.paid"}},
    {"name":"opinion","title":"县级意见","kind":"line","level":"county"},
    {"name":"clerk","title":"填报人","kind":"person","personal":true}],
    "checks":[{"name":"overpaid","when":{"field":"paid_total","above":"issued"},"then":"block",
        "says":"已支付超过下达资金","at":"paid_total"}]}"#;
const ALL: &str = "/api/v1/forms/roads/documents";

async fn system() -> System {
    let system = System::new().await;
    system.ground.desk.publish("forms", "roads", FORM, 1).await;
    system
}

async fn post(system: &System, address: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
    let (shown, told) = system.call("POST", address, headers, body).await;
    (shown.status, told)
}

fn filled() -> Value {
    json!({ "period": "2026Q4", "given": {
        "issued": "120万元", "done": true, "clerk": "张三",
        "parts": [{ "cells": { "km": 12.5, "paid": "300000", "driver": "李四" } }, { "cells": { "paid": 50000 } }],
    } })
}

fn address(told: &Value) -> String {
    format!("{ALL}/320581/{}", told["id"].as_str().expect("an id"))
}

/// A document begun over the API as filled in above.
async fn begun(system: &System) -> (String, Value) {
    let (status, told) = post(system, ALL, &[], &filled()).await;
    assert_eq!(status, 201, "{told}");
    (address(&told), told)
}

/// The forms in force are told with their definitions, so that a system finds the fields there.
#[tokio::test]
async fn described() {
    let system = system().await;
    let (status, told) = system.get("/api/v1/forms").await;
    let form = &told["forms"][0];
    assert_eq!(
        (status, &form["code"], &form["release"], &form["publisher"]),
        (200, &json!("roads"), &json!(1), &json!("320500"))
    );
    assert_eq!(form["definition"]["fields"][2]["fields"][1]["title"], "已支付");
    assert_eq!(form["definition"]["flow"]["steps"][0]["name"], "submit");
    assert_eq!(system.get("/api/v1/forms/none/documents").await.1["code"], "no_such_form");
    let (status, told) = system.get(&format!("{ALL}/320581/none")).await;
    assert_eq!((status, &told["code"]), (404, &json!("no_such_document")));
}

/// A document is begun once a quarter with its values as they are kept, what follows from them is told, what is
/// personal is not, and the one that is there already is named.
#[tokio::test]
async fn a_document_is_begun() {
    let system = system().await;
    let (address, told) = begun(&system).await;
    assert_eq!((&told["given"]["issued"], &told["given"]["done"]), (&json!("1200000.00"), &json!("yes")));
    let rows = &told["given"]["parts"];
    assert_eq!((&rows[0]["id"], &rows[0]["cells"]), (&json!("n1"), &json!({ "km": "12.500", "paid": "300000.00" })));
    assert_eq!(told["derived"]["paid_total"], "350000.00");
    assert_eq!((&told["withheld"], &told["missing"]), (&json!(["parts.driver", "clerk"]), &json!([])));
    assert_eq!((&told["state"], &told["open"], &told["own"]), (&json!("draft"), &json!(true), &json!(true)));
    assert_eq!(told["steps"][0]["step"], "submit");
    let due = ("令牌 住建局".to_owned(), "roads".to_owned(), "新建单据“路况表”： 2026Q4".to_owned());
    assert_eq!(system.ground.logged("api_write").await, [due]);
    let (shown, read) = system.call("GET", &address, &[], &Value::Null).await;
    assert!(shown.head.contains(&format!("etag: {}", tag(&told))), "{}", shown.head);
    assert_eq!(read, told);

    let (status, again) = post(&system, ALL, &[], &filled()).await;
    assert_eq!((status, &again["code"], &again["id"]), (409, &json!("exists"), &told["id"]));
    let (status, wrong) = post(&system, ALL, &[], &json!({ "period": "2026-12", "given": {} })).await;
    assert_eq!((status, &wrong["code"]), (422, &json!("subject")));
    let other = format!("{ALL}/320581/my-own");
    let next = json!({ "period": "2026Q3", "given": {} });
    let (status, wrong) = system.put(&other, ("If-None-Match", "*"), &next).await;
    let says = wrong["message_zh"].as_str().expect("words");
    let id = says.rsplit(' ').next().expect("an id").to_owned();
    assert_eq!((status, id.starts_with("2026q3-")), (422, true), "{wrong}");
    let (status, made) = system.put(&format!("{ALL}/320581/{id}"), ("If-None-Match", "*"), &next).await;
    assert_eq!((status, &made["id"], &made["missing"]), (201, &json!(id), &json!(["issued"])), "{made}");
}

/// What is answered has the fields that the document of the API names, and no other.
#[tokio::test]
async fn answers_are_documented() {
    let system = system().await;
    let (_, told) = begun(&system).await;
    let (_, page) = system.get(ALL).await;
    let (_, forms) = system.get("/api/v1/forms").await;
    let schemas = &guide::document()["components"]["schemas"];
    let answers = [
        ("Document", &told),
        ("Step", &told["steps"][0]),
        ("DocumentPage", &page),
        ("DocumentRow", &page["documents"][0]),
        ("FormList", &forms),
        ("Form", &forms["forms"][0]),
    ];
    for (name, answer) in answers {
        assert_eq!(fields(&schemas[name]["properties"]), fields(answer), "{name}");
    }
}

/// A system is told what would change under a new release, but for what is personal, and moves its document there; the
/// document of the API names every field of that.
#[tokio::test]
async fn a_document_moves_to_a_new_release() {
    let system = system().await;
    let (address, told) = begun(&system).await;
    let renew = format!("{address}/steps/renew");
    assert_eq!(told["renewal"], Value::Null);
    let (status, refused) = post(&system, &renew, &[], &Value::Null).await;
    assert_eq!((status, &refused["code"]), (409, &json!("newest")));
    let next = FORM.replace(r#"{"total":"parts.paid"}"#, r#"{"product":["issued",{"number":"0.5"}]}"#).replace(
        r#"{"name":"clerk","title":"填报人","kind":"person","personal":true}"#,
        r#"{"name":"tel","title":"电话","kind":"line"}"#,
    );
    system.ground.desk.publish("forms", "roads", &next, 2).await;
    let (_, told) = system.get(&address).await;
    let renewal = &told["renewal"];
    assert_eq!((&renewal["step"], &renewal["release"], &told["release"]), (&json!("renew"), &json!(2), &json!(1)));
    let lines: Vec<Value> = renewal["differences"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|it| json!([it["place"], it["becomes"], it["before"], it["after"]]))
        .collect();
    assert_eq!(
        lines,
        [
            json!(["paid_total", "figure", "350,000.00", "600,000.00"]),
            json!(["tel", "added", "", ""]),
            json!(["clerk", "gone", null, null]),
        ]
    );
    let schemas = &guide::document()["components"]["schemas"];
    for (name, answer) in [("Renewal", renewal), ("Difference", &renewal["differences"][0])] {
        assert_eq!(fields(&schemas[name]["properties"]), fields(answer), "{name}");
    }
    // A release that came after the document was looked at is not taken for the one that was.
    system.ground.desk.publish("forms", "roads", &next, 3).await;
    let (status, refused) = post(&system, &renew, &[], &json!({ "release": 2 })).await;
    assert_eq!((status, &refused["code"], &refused["release"]), (409, &json!("release"), &json!(3)), "{refused}");
    assert!(refused["message_zh"].as_str().is_some_and(|says| says.contains("您看的是第 2 版")), "{refused}");
    assert!(fields(&schemas["Refusal"]["properties"]).is_superset(&fields(&refused)), "{refused}");
    assert_eq!(system.get(&address).await.1["release"], json!(1), "nothing was done");
    let (status, moved) = post(&system, &renew, &[("If-Match", &*tag(&told))], &json!({ "release": 3 })).await;
    assert_eq!((status, &moved["release"], &moved["document_version"]), (200, &json!(3), &json!(2)), "{moved}");
    assert_eq!((&moved["derived"]["paid_total"], &moved["renewal"]), (&json!("600000.00"), &Value::Null));
}

/// Whatever is wrong is told by its place and nothing is kept: values that cannot be read, fields that the form lacks,
/// that are calculated, or that another level fills in.
#[tokio::test]
async fn problems_by_place() {
    let system = system().await;
    let sent = json!({ "period": "2026Q4", "given": { "colour": "red", "issued": [1],
        "opinion": "同意", "parts": [{ "cells": { "kilo": 1 } }, 7] } });
    let (status, refused) = post(&system, ALL, &[], &sent).await;
    assert_eq!((status, &refused["code"]), (422, &json!("problems")));
    let places = |refused: &Value| {
        let all = refused["problems"].as_array().expect("problems").iter();
        all.map(|it| it["field"].as_str().expect("a place").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(places(&refused), ["colour", "issued", "opinion", "parts.2", "parts.n1.kilo"]);
    let unread = json!({ "period": "2026Q4", "given": { "issued": "约一百万", "paid_total": "5",
        "parts": [{ "id": "r9", "cells": { "km": "长" } }] } });
    let (status, refused) = post(&system, ALL, &[], &unread).await;
    assert_eq!((status, places(&refused)), (422, vec!["issued".into(), "paid_total".into(), "parts.r9.km".into()]));
    assert_eq!(refused["problems"][0]["found"], "约一百万");
    assert_eq!(system.get(ALL).await.1["documents"], json!([]));
}

/// A change needs the version that was seen; what was read can be written back and changes nothing; what is not sent is
/// blank, but for what a system is not told. The same key does it once.
#[tokio::test]
async fn a_document_is_changed() {
    let system = system().await;
    let (address, told) = begun(&system).await;
    let body = |given: &Value| json!({ "given": given });
    let (status, same) = system.put(&address, ("If-Match", "\"old\""), &body(&told["given"])).await;
    assert_eq!((status, &same["version"]), (200, &told["version"]), "nothing to save");
    let mut given = told["given"].clone();
    given["parts"].as_array_mut().expect("rows").remove(1);
    given.as_object_mut().expect("fields").remove("done");
    assert_eq!(system.put(&address, ("X-None", ""), &body(&given)).await.0, 428);
    let (status, refused) = system.put(&address, ("If-Match", "\"old\""), &body(&given)).await;
    assert_eq!((status, &refused["version"]), (412, &told["version"]));
    assert_eq!(system.put(&address, ("If-None-Match", "*"), &body(&given)).await.0, 412);
    let headers = [("If-Match", &*tag(&told)), ("Idempotency-Key", "k1")];
    let (shown, saved) = system.call("PUT", &address, &headers, &body(&given)).await;
    assert_eq!((shown.status, &saved["derived"]["paid_total"]), (200, &json!("300000.00")), "{saved}");
    assert_eq!(saved["given"].get("done"), None);
    let (again, replayed) = system.call("PUT", &address, &headers, &body(&given)).await;
    assert!(again.head.contains("idempotency-replayed: true") && replayed == saved);
    let held = system.ground.desk.store.records(DOCUMENT, None).await.expect("readable");
    assert!(held[0].body.contains("张三") && held[0].body.contains("李四"), "{}", held[0].body);
    let moved = json!({ "period": "2026Q3", "given": given });
    let (status, refused) = system.put(&address, ("If-Match", "*"), &moved).await;
    assert_eq!((status, &refused["problems"][0]["field"]), (422, &json!("period")));
    assert_eq!(system.ground.logged("api_write").await.len(), 2);
}

/// A system hands a document on once it is complete, may take it back, and approves nothing; what it handed on is
/// closed to it, and the log says what it tried.
#[tokio::test]
async fn steps() {
    let system = system().await;
    let (address, told) = begun(&system).await;
    let submit = format!("{address}/steps/submit");
    let mut over = told["given"].clone();
    over["issued"] = json!(1);
    assert_eq!(system.put(&address, ("If-Match", "*"), &json!({ "given": over })).await.0, 200);
    let (status, blocked) = post(&system, &submit, &[], &Value::Null).await;
    assert_eq!(
        (status, &blocked["code"], &blocked["findings"]),
        (422, &json!("blocked"), &json!(["已支付超过下达资金"]))
    );
    assert_eq!(system.put(&address, ("If-Match", "*"), &json!({ "given": told["given"] })).await.0, 200);
    let (status, old) = post(&system, &submit, &[("If-Match", "\"old\"")], &json!({})).await;
    assert_eq!((status, &old["code"]), (412, &json!("changed")));
    let (status, sent) = post(&system, &submit, &[], &json!({ "reason": "三季度" })).await;
    assert_eq!((status, &sent["state"], &sent["open"]), (200, &json!("review"), &json!(false)), "{sent}");
    assert_eq!((&sent["history"][0]["by"], &sent["history"][0]["reason"]), (&json!("令牌 住建局"), &json!("三季度")));
    assert_eq!(sent["steps"].as_array().map(Vec::len), Some(1), "what is left to it is taking it back");
    for (step, code, due) in [("approve", "step_duty", 403), ("submit", "state", 409), ("jump", "no_such_step", 404)] {
        let (status, refused) = post(&system, &format!("{address}/steps/{step}"), &[], &Value::Null).await;
        assert_eq!((status, refused["code"].as_str()), (due, Some(code)), "{refused}");
    }
    // What the county is asked for it fills in now, and nothing else.
    let (status, refused) = system.put(&address, ("If-Match", "*"), &json!({ "given": over })).await;
    assert_eq!((status, &refused["problems"][0]["field"]), (422, &json!("issued")), "{refused}");
    let mut opinion = told["given"].clone();
    opinion["opinion"] = json!("同意");
    let (status, filled) = system.put(&address, ("If-Match", "*"), &json!({ "given": opinion })).await;
    assert_eq!((status, &filled["given"]["opinion"], &filled["state"]), (200, &json!("同意"), &json!("review")));
    let log = system.ground.logged("api_write").await;
    assert!(log.iter().any(|(_, _, detail)| detail.starts_with("未办理批复")), "{log:?}");
    let (status, back) = post(&system, &format!("{address}/steps/withdraw"), &[], &Value::Null).await;
    assert_eq!((status, &back["state"]), (200, &json!("draft")));
}

/// Where the county is asked for nothing, what was handed on is closed to a system; the same again is no change.
#[tokio::test]
async fn closed() {
    let system = System::new().await;
    let form = FORM.replace(r#"{"name":"opinion","title":"县级意见","kind":"line","level":"county"},"#, "");
    system.ground.desk.publish("forms", "roads", &form, 1).await;
    let (address, told) = begun(&system).await;
    assert_eq!(post(&system, &format!("{address}/steps/submit"), &[], &Value::Null).await.0, 200);
    let mut over = told["given"].clone();
    over["issued"] = json!(1);
    let (status, refused) = system.put(&address, ("If-Match", "*"), &json!({ "given": over })).await;
    assert_eq!((status, &refused["code"]), (409, &json!("closed")), "{refused}");
    assert_eq!(system.put(&address, ("If-Match", "*"), &json!({ "given": told["given"] })).await.0, 200);
}

/// Pages follow each other without gaps or doubles, filtered as asked; a township's document is read and not written,
/// and nothing personal is in either.
#[tokio::test]
async fn pages_of_documents() {
    let system = system().await;
    let (address, told) = begun(&system).await;
    let held = system.ground.desk.store.records(DOCUMENT, None).await.expect("readable");
    let body = held[0].body.replace("\"period\":\"2026Q4\"", "\"period\":\"2026Q2\"");
    let change = Change { kind: DOCUMENT.into(), key: held[0].key.clone(), body: Some(body), problem: None };
    let (town, changes) = (code("320581101"), [change]);
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    system.ground.desk.store.accept_records(&batch).await.expect("taken");

    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (status, page) = system.get(&format!("{ALL}?limit=1&after={after}")).await;
        let row = &page["documents"][0];
        assert_eq!(
            (status, &row["values"]["paid_total"], row["values"].get("clerk")),
            (200, &json!("350000.00"), None)
        );
        seen.push(row["author"].as_str().expect("an author").to_owned());
        let Some(next) = page["next"].as_str() else { break };
        next.clone_into(&mut after);
    }
    assert_eq!(seen, ["320581", "320581101"]);
    for (asked, due) in
        [("period=2026Q2", 1), ("state=draft", 2), ("state=review", 0), ("author=320581", 1), ("subject=x", 0)]
    {
        let (_, page) = system.get(&format!("{ALL}?{asked}")).await;
        assert_eq!(page["documents"].as_array().map(Vec::len), Some(due), "{asked}");
    }
    assert_eq!(system.get(&format!("{ALL}?colour=red")).await.0, 400);
    let theirs = address.replace("320581/", "320581101/");
    let (status, read) = system.get(&theirs).await;
    assert_eq!((status, &read["own"], &read["open"]), (200, &json!(false), &json!(false)));
    assert!(!read.to_string().contains("张三") && !read.to_string().contains("李四"), "{read}");
    let (status, refused) = system.put(&theirs, ("If-Match", "*"), &json!({ "given": told["given"] })).await;
    assert_eq!((status, &refused["code"]), (403, &json!("not_ours")));
}

/// The first page tells a clerk of a draft, an approver of what waits for approval, and a clerk of what came back, each
/// with the list of these; the command line tells the same.
#[tokio::test]
async fn what_the_first_page_says() {
    let system = system().await;
    let (enters, approves) = (system.ground.reader("enter").await, system.ground.reader("approve").await);
    let (address, _) = begun(&system).await;
    let page = enters.get("/").await.text;
    assert!(page.contains("“路况表”1 份草稿待填写送审"), "{page}");
    assert!(page.contains("/forms/roads?state=draft&amp;author=320581"), "{page}");
    assert!(!approves.get("/").await.text.contains("路况表"), "a draft is no approver's");
    assert_eq!(post(&system, &format!("{address}/steps/submit"), &[], &Value::Null).await.0, 200);
    let page = approves.get("/").await.text;
    assert!(page.contains("“路况表”1 份待批复（财政审核）") && page.contains("最早的今天送来"), "{page}");
    assert!(!enters.get("/").await.text.contains("路况表"), "it is the approver's to do");
    let back = address.replace("/api/v1/forms/roads/documents", "/forms/roads");
    let shown = approves.get(&format!("{back}/step/return")).await.text;
    let version = super::super::hidden(&shown, "version");
    let fields = [("version", version.as_str()), ("reason", "里程请复核")];
    assert_eq!(approves.post(&format!("{back}/step/return"), &fields).await.status, 303);
    assert!(enters.get("/").await.text.contains("“路况表”1 份退回或撤回，待修改后重新送审"));
}
