//! Reports by month over the API: read page by page, and written with the checks and the effect of the month's page.

use serde_json::{Value, json};
use tongpin_domain::observation::OBSERVATION;
use tongpin_store::{Batch, Change, RECORDS};

use super::{System, tag};
use crate::ops::ground::code;
use crate::web::tests::month::{PDF, observation, project, report, township};

const MONTHS: &str = "/api/v1/projects/T1/observations";
const NOVEMBER: &str = "/api/v1/projects/T1/observations/2026-11";

/// A month is reported once, corrected with the version that was seen, and its project follows; the same again changes
/// nothing, and evidence stays.
#[tokio::test]
async fn a_month_is_written() {
    let system = System::at(township().await).await;
    let ground = &system.ground;
    let (status, told) = system.get(MONTHS).await;
    assert_eq!((status, &told["observations"], &told["own"]), (200, &json!([]), &json!(true)));
    let body = json!({ "spent": "1.234567万", "outputs": [{ "seq": 1, "value": 40 }, { "seq": 2, "value": null }] });
    assert_eq!(system.put(NOVEMBER, ("X-None", ""), &body).await.0, 428);
    assert_eq!(system.put(NOVEMBER, ("If-Match", "*"), &body).await.0, 412);
    let (status, written) = system.put(NOVEMBER, ("If-None-Match", "*"), &body).await;
    assert_eq!((status, &written["executed"]), (201, &json!("212345.67")), "{written}");
    assert_eq!(project(ground).await.lines[0].actual.raw(), "40");
    let kept = observation(ground, "T1/2026-11").await;
    assert_eq!((kept.reported_by.as_str(), kept.outputs.len()), ("令牌 住建局", 1));
    let due = "按月填报 2026-11：支出 1.234567万 元，期初 200000 元".to_owned();
    assert_eq!(ground.logged("api_write").await, [("令牌 住建局".to_owned(), "T1".to_owned(), due)]);
    let (status, same) = system.put(NOVEMBER, ("If-Match", "\"old\""), &body).await;
    assert_eq!((status, tag(&same)), (200, tag(&written)));

    // A clerk adds evidence: the version moves on, and what was seen before no longer counts.
    let enters = ground.reader("enter").await;
    let fields = [("opening", "200000"), ("spent", "1.234567万"), ("actual-1", "40")];
    assert_eq!(report(&enters, &fields, PDF).await.status, 303);
    let correct = json!({ "spent": 5.5, "note": " 更正 ", "opening": "100" });
    let (status, refused) = system.put(NOVEMBER, ("If-Match", &tag(&written)), &correct).await;
    assert_eq!((status, &refused["code"]), (412, &json!("changed")));
    assert_eq!(system.put(NOVEMBER, ("If-None-Match", "*"), &correct).await.0, 412);
    let (_, told) = system.get(MONTHS).await;
    assert_eq!(refused["version"], told["version"]);
    let (status, written) = system.put(NOVEMBER, ("If-Match", &tag(&told)), &correct).await;
    assert_eq!((status, &written["executed"]), (200, &json!("105.50")), "{written}");
    let now = observation(ground, "T1/2026-11").await;
    assert_eq!((now.evidence.len(), now.note.as_str(), now.outputs.len()), (1, "更正", 0));
    let (_, told) = system.get(MONTHS).await;
    let months: Vec<_> = told["observations"].as_array().expect("months").iter().map(|it| &it["month"]).collect();
    assert_eq!(months, [&json!(0), &json!(11)]);
    assert_eq!(told["observations"][1]["evidence"][0]["name"], PDF.0);
    let feed = system.get("/api/v1/changes").await.1;
    let seen = feed["changes"].as_array().expect("changes").iter().filter(|it| it["project_code"] == "T1").count();
    assert_eq!(seen, 1);
}

/// A project that is reported by month and written whole keeps its sum and what its lines have reached, and the system
/// is told which of its figures were not taken.
#[tokio::test]
async fn a_project_keeps_its_months() {
    let system = System::at(township().await).await;
    let month = json!({ "spent": "7", "opening": "200000", "outputs": [{ "seq": 1, "value": 40 }] });
    assert_eq!(system.put(NOVEMBER, ("If-None-Match", "*"), &month).await.0, 201);
    let address = "/api/v1/projects/T1";
    let (_, told) = system.get(address).await;
    let mut body = json!({ "project": told["project"], "lines": told["lines"] });
    body["project"]["executed"] = json!("5");
    body["project"]["department"] = json!("卫生健康委");
    for line in body["lines"].as_array_mut().expect("lines") {
        line["actual"] = json!("12");
    }
    let (status, written) = system.put(address, ("If-Match", &tag(&told)), &body).await;
    assert_eq!(status, 200, "{written}");
    let warned = |field: &str, found: &str| {
        let warnings = written["warnings"].as_array().expect("warnings");
        warnings.iter().any(|it| it["field"] == field && it["found"] == found)
    };
    assert!(warned("executed", "5") && warned("actual", "12"), "{written}");
    let held = project(&system.ground).await;
    assert_eq!((held.project.money.executed.raw(), held.project.department.as_str()), ("200007.00", "卫生健康委"));
    assert_eq!(held.lines.iter().map(|line| line.actual.raw()).collect::<Vec<_>>(), ["40", "12"]);
}

/// The same request with the same key is answered as the first time.
#[tokio::test]
async fn a_lost_answer() {
    let system = System::at(township().await).await;
    let headers = [("If-None-Match", "*"), ("Idempotency-Key", "k1")];
    let body = json!({ "spent": "5" });
    let (first, written) = system.call("PUT", NOVEMBER, &headers, &body).await;
    let (again, told) = system.call("PUT", NOVEMBER, &headers, &body).await;
    assert_eq!((first.status, again.status, &told), (201, 201, &written));
    assert!(again.head.contains("idempotency-replayed: true"));
    let (other, refused) = system.call("PUT", &NOVEMBER.replace("-11", "-10"), &headers, &body).await;
    assert_eq!((other.status, &refused["code"]), (409, &json!("idempotency_key_reused")));
}

/// What the page of a month refuses is refused here, field by field, and nothing is written.
#[tokio::test]
async fn what_is_refused() {
    let system = System::at(township().await).await;
    let first = ("If-None-Match", "*");
    for (address, body, field) in [
        (NOVEMBER, json!({ "spent": "约三万" }), "spent"),
        (NOVEMBER, json!({ "spent": null }), "spent"),
        (NOVEMBER, json!({ "spent": "-1" }), "note"),
        (NOVEMBER, json!({ "spent": "-300000", "note": "退回" }), "spent"),
        (NOVEMBER, json!({ "spent": "1", "opening": "-1" }), "opening"),
        (NOVEMBER, json!({ "spent": "1", "note": "字".repeat(501) }), "note"),
        (NOVEMBER, json!({ "spent": "1", "outputs": [{ "seq": 9, "value": "1" }] }), "seq"),
        (NOVEMBER, json!({ "spent": "1", "outputs": [{ "seq": 1, "value": [] }] }), "value"),
        (NOVEMBER, json!({ "spent": "1", "outputs": [{ "seq": 1, "value": 1 }, { "seq": 1, "value": 2 }] }), "seq"),
        ("/api/v1/projects/T1/observations/2027-02", json!({ "spent": "1" }), "month"),
        ("/api/v1/projects/T1/observations/2025-12", json!({ "spent": "1" }), "month"),
        ("/api/v1/projects/T1/observations/x", json!({ "spent": "1" }), "month"),
    ] {
        let (status, refused) = system.put(address, first, &body).await;
        assert_eq!((status, &refused["problems"][0]["field"]), (422, &json!(field)), "{body}: {refused}");
    }
    let (status, refused) = system.put(NOVEMBER, first, &json!({ "spent": "1", "evidence": [] })).await;
    assert_eq!((status, &refused["code"]), (400, &json!("bad_json")));
    assert!(system.ground.desk.store.records(OBSERVATION, None).await.expect("readable").is_empty());
    let none = "/api/v1/projects/none/observations";
    assert_eq!(system.get(none).await.1["code"], "no_such_project");
    assert_eq!(
        system.put(&format!("{none}/2026-11"), first, &json!({ "spent": "1" })).await.1["code"],
        "no_such_project"
    );
}

/// All reports come page by page without gaps or doubles, filtered as asked, those of a township beside; what another
/// says of a project that is not its own is not told, and a township's month is not written here.
#[tokio::test]
async fn pages_of_months() {
    let system = System::new().await;
    let (_, list) = system.get("/api/v1/projects?limit=2").await;
    let codes: Vec<&str> =
        list["projects"].as_array().expect("two").iter().filter_map(|it| it["project_code"].as_str()).collect();
    let first = ("If-None-Match", "*");
    for code in &codes {
        for month in 1..=3 {
            let address = format!("/api/v1/projects/{code}/observations/2024-{month:02}");
            let (status, told) = system.put(&address, first, &json!({ "spent": month })).await;
            assert_eq!(status, 201, "{told}");
        }
    }
    let town = code("320581101");
    let theirs = r#"{"project_code":"T1","project_name":"n","fiscal_year":2024,"region_code":"320581101"}"#;
    let month = |code: &str| {
        format!(r#"{{"project_code":"{code}","year":2024,"month":1,"spent":"7","reported_at":0,"changed_at":0}}"#)
    };
    let change = |kind: &str, key: &str, body: String| Change {
        kind: kind.into(),
        key: key.into(),
        body: Some(body),
        problem: None,
    };
    let foreign = format!("{}/2024-01", codes[0]);
    let changes = [
        change("project", "T1", theirs.to_owned()),
        change(OBSERVATION, "T1/2024-01", month("T1")),
        change(OBSERVATION, &foreign, month(codes[0])),
    ];
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    system.ground.desk.store.accept_records(&batch).await.expect("taken");

    for limit in [1, 2, 3, 100] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let (status, page) = system.get(&format!("/api/v1/observations?limit={limit}&after={after}")).await;
            assert_eq!(status, 200);
            let rows = page["observations"].as_array().expect("rows");
            assert!(rows.len() <= limit);
            seen.extend(rows.iter().map(|row| format!("{}/{}", row["project_code"], row["month"])));
            let Some(next) = page["next"].as_str() else { break };
            next.clone_into(&mut after);
        }
        let mut due: Vec<String> =
            codes.iter().flat_map(|code| (0..=3).map(move |month| format!("\"{code}\"/{month}"))).collect();
        due.push("\"T1\"/1".to_owned());
        assert_eq!(seen, due, "by {limit}");
    }
    let (_, page) = system.get("/api/v1/observations?year=2024&month=1").await;
    let rows = page["observations"].as_array().expect("rows");
    assert_eq!(rows.iter().map(|row| &row["own"]).collect::<Vec<_>>(), [&json!(true), &json!(true), &json!(false)]);
    assert_eq!(system.get("/api/v1/observations?year=1999").await.1["observations"], json!([]));
    assert_eq!(system.get("/api/v1/observations?month=x").await.1["code"], "bad_query");
    let (_, theirs) = system.get(MONTHS).await;
    assert_eq!((&theirs["version"], &theirs["own"]), (&Value::Null, &json!(false)));
    let (status, refused) = system.put("/api/v1/projects/T1/observations/2024-02", first, &json!({ "spent": 1 })).await;
    assert_eq!((status, &refused["code"]), (403, &json!("not_ours")));
}
