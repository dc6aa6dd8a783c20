//! The API over a real line: what a department's system reads and writes, what it is refused, and what it is told.

mod evaluation;
mod forms;
mod goal;
mod months;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tongpin_console::scope::Scope;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::Definition;
use tongpin_domain::moment::Moment;
use tongpin_domain::project::PROJECT;
use tongpin_store::{ApiToken, AuditDraft, Batch, Change, RECORDS};

use super::ground::{Ground, Shown};
use crate::api::guide;
use crate::ops::ground::code;

const NEW: &str = "/api/v1/projects/32058124T000000000999";

/// A department's system with a token for everything.
pub(super) struct System {
    pub(super) ground: Ground,
    bearer: String,
}

impl System {
    pub(super) async fn new() -> Self {
        Self::at(Ground::new().await).await
    }

    /// The system of a department at this node.
    async fn at(ground: Ground) -> Self {
        let secret = "tp_secret";
        let token = ApiToken {
            id: "t".into(),
            name: "住建局".into(),
            scopes: Scope::ALL.map(|scope| scope.word().to_owned()).to_vec(),
            created_by: "anquan".into(),
            created_at: Moment(0),
            expires_at: Moment(i64::MAX),
            revoked_at: None,
            last_used: None,
        };
        let draft =
            AuditDraft { at: Moment(0), actor: "", address: "", action: "t", subject: "", detail: "", allowed: true };
        let hash = Digest::of(secret.as_bytes());
        ground.desk.store.create_api_token(&token, &hash, &draft).await.expect("a new name");
        Self { ground, bearer: format!("Bearer {secret}") }
    }

    pub(super) async fn call(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> (Shown, Value) {
        let all: Vec<(&str, &str)> =
            std::iter::once(("Authorization", self.bearer.as_str())).chain(headers.iter().copied()).collect();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let shown = self.ground.call(method, address, &all, &body).await;
        let told = serde_json::from_str(&shown.text).unwrap_or_else(|error| unreachable!("{error}: {}", shown.text));
        (shown, told)
    }

    async fn get(&self, address: &str) -> (u16, Value) {
        let (shown, told) = self.call("GET", address, &[], &Value::Null).await;
        (shown.status, told)
    }

    async fn put(&self, address: &str, condition: (&str, &str), body: &Value) -> (u16, Value) {
        let (shown, told) = self.call("PUT", address, &[condition], body).await;
        (shown.status, told)
    }

    /// The address of the first sample project and what is told of it.
    async fn first(&self) -> (String, Value) {
        let (_, list) = self.get("/api/v1/projects?limit=1").await;
        let address = format!("/api/v1/projects/{}", list["projects"][0]["project_code"].as_str().expect("a code"));
        let (status, told) = self.get(&address).await;
        assert_eq!(status, 200);
        (address, told)
    }
}

fn tag(told: &Value) -> String {
    format!("\"{}\"", told["version"].as_str().expect("a version"))
}

/// The names of what is in an object.
fn fields(value: &Value) -> BTreeSet<String> {
    value.as_object().expect("fields").keys().cloned().collect()
}

/// What is sent to write what was read.
fn sent(told: &Value) -> Value {
    json!({ "project": told["project"], "lines": told["lines"] })
}

/// The list comes page by page without gaps or doubles, filtered as asked; what is not known is refused.
#[tokio::test]
async fn pages_of_projects() {
    let system = System::new().await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (status, page) = system.get(&format!("/api/v1/projects?limit=4&after={after}")).await;
        assert_eq!(status, 200);
        let rows = page["projects"].as_array().expect("rows");
        seen.extend(rows.iter().map(|row| row["project_code"].as_str().expect("a code").to_owned()));
        assert!(rows.iter().all(|row| row["own"] == true && row["author"] == "320581"));
        let Some(next) = page["next"].as_str() else { break };
        next.clone_into(&mut after);
    }
    let sorted: Vec<String> = seen.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!((seen.len(), &seen), (6, &sorted));
    assert_eq!(system.get("/api/v1/projects?year=1999").await.1["projects"], json!([]));
    let (status, told) = system.get("/api/v1/projects?colour=red").await;
    assert_eq!((status, &told["code"]), (400, &json!("bad_query")));
    assert_eq!(system.get("/api/v1/projects/none").await.1["code"], "no_such_project");
}

/// A fund and a department that no catalog has are named, as they are when a file is imported; they do not refuse.
#[tokio::test]
async fn unknown_codes_are_named() {
    let system = System::new().await;
    let fund = r#"{"fund_code":"ZX-1","department":"教育局"}"#;
    system.ground.desk.publish("funds", "ZX-1", fund, 1).await;
    let (address, told) = system.first().await;
    let mut body = sent(&told);
    (body["project"]["fund_code"], body["project"]["department"]) = (json!("ZX-9"), json!("教育"));
    let (status, written) = system.put(&address, ("If-Match", &tag(&told)), &body).await;
    assert_eq!(status, 200, "{written}");
    let warnings = written["warnings"].as_array().expect("warnings");
    for (field, found) in [("fund_code", "ZX-9"), ("department", "教育")] {
        assert!(warnings.iter().any(|it| it["field"] == field && it["found"] == found), "{written}");
    }
}

/// What was read can be written back and is the same; a change needs the version that was seen, and of two who saw the
/// same one the second is told.
#[tokio::test]
async fn versions() {
    let system = System::new().await;
    let (address, told) = system.first().await;
    let version = tag(&told);
    let (status, same) = system.put(&address, ("If-Match", &version), &sent(&told)).await;
    assert_eq!((status, tag(&same)), (200, version.clone()), "{same}");
    assert!(system.ground.logged("api_write").await.is_empty(), "nothing was changed");

    let mut body = sent(&told);
    body["project"]["project_name"] = json!("改过的名称");
    let (status, refused) = system.put(&address, ("X-None", ""), &body).await;
    assert_eq!((status, &refused["code"]), (428, &json!("condition_missing")));
    assert_eq!(system.put(&address, ("If-None-Match", "*"), &body).await.0, 412);
    let (status, written) = system.put(&address, ("If-Match", &version), &body).await;
    assert_eq!(status, 200, "{written}");
    assert_ne!(tag(&written), version);
    let project = told["project"]["project_code"].as_str().expect("a code").to_owned();
    let lines = told["lines"].as_array().expect("lines").len();
    let due = ("令牌 住建局".to_owned(), project, format!("修改项目：{lines} 行指标"));
    assert_eq!(system.ground.logged("api_write").await, [due]);

    let mut late = sent(&told);
    late["project"]["project_name"] = json!("另一个名称");
    let (status, refused) = system.put(&address, ("If-Match", &version), &late).await;
    assert_eq!((status, &refused["code"], &refused["version"]), (412, &json!("changed"), &written["version"]));
    assert_eq!(system.get(&address).await.1["project"]["project_name"], "改过的名称");
}

/// A new project is made once and scored at once; whatever is wrong is told field by field and nothing is saved.
#[tokio::test]
async fn making_and_problems() {
    let system = System::new().await;
    let (_, told) = system.first().await;
    let mut body = sent(&told);
    body["project"].as_object_mut().expect("an object").remove("project_code");
    for line in body["lines"].as_array_mut().expect("lines") {
        line.as_object_mut().expect("an object").remove("project_code");
    }
    let mut wrong = body.clone();
    wrong["project"]["budget_adjusted"] = json!("一百万");
    wrong["project"]["region_code"] = json!("320582");
    wrong["project"]["colour"] = json!("red");
    wrong["lines"][1]["weight"] = json!(101);
    wrong["lines"][0]["target"] = json!(1_234_567_890_123_456.5);
    let (status, refused) = system.put(NEW, ("If-None-Match", "*"), &wrong).await;
    assert_eq!((status, &refused["code"]), (422, &json!("problems")));
    let problems = refused["problems"].as_array().expect("problems");
    let found: BTreeSet<(String, Option<u64>)> =
        problems.iter().map(|it| (it["field"].as_str().expect("a field").to_owned(), it["line"].as_u64())).collect();
    let due = [("budget_adjusted", None), ("colour", None), ("target", Some(1)), ("weight", Some(2))];
    for (field, line) in due {
        assert!(found.contains(&(field.to_owned(), line)), "{field} in {refused}");
    }
    assert_eq!(system.get(NEW).await.0, 404);

    let (shown, made) = system.call("PUT", NEW, &[("If-None-Match", "*")], &body).await;
    assert_eq!(shown.status, 201, "{made}");
    assert!(shown.head.contains(&format!("etag: {}", tag(&made))), "{}", shown.head);
    let (_, whole) = system.get(NEW).await;
    assert_eq!((&whole["version"], &whole["score"]["status"]), (&made["version"], &made["score"]["status"]));
    assert_eq!(whole["lines"].as_array().map(Vec::len), told["lines"].as_array().map(Vec::len));
    body["project"]["region_code"] = json!("320582");
    let (status, refused) = system.put(NEW, ("If-Match", "*"), &body).await;
    assert_eq!((status, &refused["problems"][0]["field"]), (422, &json!("region_code")));
    let (status, refused) = system.put(NEW, ("If-Match", "*"), &json!({ "project": {}, "lines": [], "more": 1 })).await;
    assert_eq!((status, &refused["code"]), (400, &json!("bad_json")));
}

/// Actuals are put into their lines and nothing else is touched; a line that is not there is told.
#[tokio::test]
async fn actuals() {
    let system = System::new().await;
    let (address, told) = system.first().await;
    let to = format!("{address}/actuals");
    let seq = told["lines"][0]["seq"].as_u64().expect("a number");
    let fill = json!([{ "seq": seq, "actual": 95.5, "deviation_reason": "第四季度完工" }]);
    let (shown, written) = system.call("PATCH", &to, &[], &fill).await;
    assert_eq!(shown.status, 200, "{written}");
    let (_, now) = system.get(&address).await;
    assert_eq!(
        (&now["lines"][0]["actual"], &now["lines"][0]["deviation_reason"]),
        (&json!("95.5"), &json!("第四季度完工"))
    );
    assert_eq!((&now["lines"][1], &now["project"]), (&told["lines"][1], &told["project"]));
    let logged = system.ground.logged("api_write").await;
    assert_eq!(logged[0].2, "填报完成值：1 行");

    let bad = json!([{ "seq": 99, "actual": "1" }, { "seq": seq, "actual": [] }]);
    let (shown, refused) = system.call("PATCH", &to, &[], &bad).await;
    assert_eq!(shown.status, 422);
    let told: Vec<_> = refused["problems"].as_array().expect("problems").iter().map(|it| &it["field"]).collect();
    assert_eq!(told, ["seq", "actual"]);
    let other = json!([{ "seq": seq, "actual": "96" }]);
    assert_eq!(system.call("PATCH", &to, &[("If-Match", "\"old\"")], &other).await.0.status, 412);
    assert_eq!(system.call("PATCH", &to, &[("If-Match", &tag(&written))], &other).await.0.status, 200);
}

/// The same request with the same key is answered as the first time, though the version has moved on; another request
/// with that key is refused. What was refused is not kept.
#[tokio::test]
async fn keys() {
    let system = System::new().await;
    let (address, told) = system.first().await;
    let version = tag(&told);
    let mut body = sent(&told);
    body["project"]["project_name"] = json!("第一次");
    let headers = [("If-Match", version.as_str()), ("Idempotency-Key", "k1")];
    let (first, written) = system.call("PUT", &address, &headers, &body).await;
    assert_eq!(first.status, 200);
    let mut later = body.clone();
    later["project"]["project_name"] = json!("第二次");
    let seen = tag(&written);
    let second = [("If-Match", seen.as_str()), ("Idempotency-Key", "k2")];
    assert_eq!(system.call("PUT", &address, &second, &later).await.0.status, 200);

    let (again, replayed) = system.call("PUT", &address, &headers, &body).await;
    assert_eq!((again.status, &replayed), (200, &written));
    assert!(again.head.contains("idempotency-replayed: true") && !first.head.contains("idempotency-replayed"));
    assert_eq!(system.get(&address).await.1["project"]["project_name"], "第二次");
    let (shown, refused) = system.call("PUT", &address, &headers, &later).await;
    assert_eq!((shown.status, &refused["code"]), (409, &json!("idempotency_key_reused")));
    assert_eq!(system.ground.logged("api_write").await.len(), 2);

    let stale = [("If-Match", version.as_str()), ("Idempotency-Key", "k3")];
    assert_eq!(system.call("PUT", &address, &stale, &body).await.0.status, 412);
    let now = tag(&system.get(&address).await.1);
    let fresh = [("If-Match", now.as_str()), ("Idempotency-Key", "k3")];
    assert_eq!(system.call("PUT", &address, &fresh, &body).await.0.status, 200);
}

/// The feed tells each project once, where it changed last, and a number from before a restore is told as such.
#[tokio::test]
async fn changes() {
    let system = System::new().await;
    let (status, all) = system.get("/api/v1/changes").await;
    assert_eq!((status, all["changes"].as_array().map(Vec::len), &all["next"]), (200, Some(6), &json!(6)));
    let (_, page) = system.get("/api/v1/changes?after=0&limit=4").await;
    assert_eq!((&page["more"], &page["next"]), (&json!(true), &json!(4)));
    let (address, told) = system.first().await;
    let fill = json!([{ "seq": told["lines"][0]["seq"], "actual": "换一个值" }]);
    assert_eq!(system.call("PATCH", &format!("{address}/actuals"), &[], &fill).await.0.status, 200);
    let (_, since) = system.get("/api/v1/changes?after=6").await;
    assert_eq!(since["changes"][0]["project_code"], told["project"]["project_code"]);
    assert_eq!(
        (since["changes"].as_array().map(Vec::len), &since["next"], &since["more"]),
        (Some(1), &json!(7), &json!(false))
    );
    assert_eq!(system.get("/api/v1/changes").await.1["changes"].as_array().map(Vec::len), Some(6));
    let (status, told) = system.get("/api/v1/changes?after=8").await;
    assert_eq!((status, &told["code"], &told["last"]), (410, &json!("restart"), &json!(7)));
}

/// A township's project is read and not written.
#[tokio::test]
async fn a_townships_project() {
    let system = System::new().await;
    let (_, told) = system.first().await;
    let mut project = told["project"].clone();
    project["project_code"] = json!("32058124T000000000998");
    let body = Some(project.to_string());
    let changes = [Change { kind: PROJECT.into(), key: "32058124T000000000998".into(), body, problem: None }];
    let town = code("320581101");
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    system.ground.desk.store.accept_records(&batch).await.expect("taken");
    let address = "/api/v1/projects/32058124T000000000998";
    let (status, held) = system.get(address).await;
    assert_eq!((status, &held["own"], &held["author"]), (200, &json!(false), &json!("320581101")));
    let (status, refused) = system.put(address, ("If-Match", &tag(&held)), &sent(&held)).await;
    assert_eq!((status, &refused["code"]), (403, &json!("not_ours")));
    let evaluation = format!("{address}/evaluation");
    let (status, refused) = system.put(&evaluation, ("If-Match", "*"), &json!({ "given": {} })).await;
    assert_eq!((status, &refused["code"]), (403, &json!("not_ours")));
    assert_eq!(system.get("/api/v1/changes").await.1["next"], 6, "what others changed is theirs to tell");
}

/// The document names every address, every method and every field, and no other; its page shows them.
#[tokio::test]
async fn documented() {
    let system = System::new().await;
    let document = guide::document();
    let paths = document["paths"].as_object().expect("paths");
    let routes = include_str!("../../api.rs").split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1));
    let routes: BTreeSet<String> = routes.map(|route| format!("/api/v1{route}")).collect();
    let (forms, others): (Vec<&String>, Vec<&String>) =
        paths.keys().partition(|path| path.starts_with("/api/v1/forms"));
    assert_eq!((forms.len(), others.into_iter().cloned().collect()), (4, routes));
    for (path, item) in paths {
        let mut address = path.replace("{month}", "2024-01");
        for part in ["{code}", "{author}", "{id}", "{step}"] {
            address = address.replace(part, "none");
        }
        for method in ["get", "put", "patch", "post", "delete"] {
            let (shown, told) = system.call(&method.to_uppercase(), &address, &[], &Value::Null).await;
            let routed = told["code"] != "method_not_allowed" && told["code"] != "no_such_address";
            assert_eq!(routed, item.get(method).is_some(), "{method} {path}: {} {told}", shown.status);
        }
    }
    let schemas = &document["components"]["schemas"];
    let documented = |name: &str| {
        let fields = schemas[name]["properties"].as_object().expect("fields");
        fields.keys().cloned().collect::<BTreeSet<String>>()
    };
    let columns = |form: &Definition| {
        let names = form.file_columns().map(|column| column.field.name.clone());
        names.chain(["more".to_owned()]).collect::<BTreeSet<String>>()
    };
    assert_eq!(documented("Project"), columns(Definition::of_projects()));
    assert_eq!(documented("Line"), columns(Definition::of_lines()));
    let page = system.ground.reader("security").await.get("/api").await;
    assert_eq!(page.status, 200);
    assert!(paths.keys().all(|path| page.text.contains(path.as_str())), "{}", page.text);
    assert_eq!(system.ground.reader("audit").await.get("/api").await.status, 403);
}
