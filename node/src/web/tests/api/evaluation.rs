//! The self-evaluation of a project over the API, by the form that is in force.

use serde_json::{Value, json};
use tongpin_domain::form::{Definition, FORMS, Field, Kind};

use super::{System, fields, tag};
use crate::api::guide;
use crate::ops::editing;
use crate::records;
use crate::web::tests::evaluation::{CODE, FORM, entered};

const EVALUATION: &str = "/api/v1/projects/32058124T000000000901/evaluation";

/// The worked example as a system fills it in, a row for each of its lines.
fn filled(told: &Value) -> Value {
    let cells = [
        json!({ "actual": 285, "deviation_reason": "两处床位在验收" }),
        json!({ "actual": "72.4" }),
        json!({ "actual": "96.5", "deviation_reason": "雨季停工" }),
        json!({ "actual": "21.3" }),
        json!({ "actual": "部分达成", "qual_pct": 75, "deviation_reason": "机构在整合" }),
        json!({ "actual": "87.6", "deviation_reason": "等候时间较长" }),
    ];
    let rows = told["given"]["lines"].as_array().expect("rows").iter().zip(cells);
    let lines: Vec<Value> = rows.map(|(row, cells)| json!({ "id": row["id"], "cells": cells })).collect();
    json!({ "given": { "execution_reason": "招标推迟", "achieved": "新增床位 285 张", "lines": lines } })
}

/// The worked example of the rules is written and scored (93.32, 优) as on the page; what is sent again is no change,
/// lines that are not sent stay as they are, other fields that are not sent are blank.
#[tokio::test]
async fn written_and_read() {
    let system = System::new().await;
    entered(&system.ground).await;
    let (status, none) = system.get(EVALUATION).await;
    assert_eq!((status, &none["derived"]["total"], &none["own"]), (200, &Value::Null, &json!(true)), "{none}");
    assert_eq!(none["given"]["lines"].as_array().map(Vec::len), Some(6), "{none}");
    assert_eq!(
        (&none["derived"]["money.total.adjusted"], &none["wrong"]),
        (&json!("5500000.00"), &json!({})),
        "{none}"
    );
    let schemas = &guide::document()["components"]["schemas"];
    assert_eq!(fields(&schemas["Evaluation"]["properties"]), fields(&none));
    let body = filled(&none);
    assert_eq!(system.call("PUT", EVALUATION, &[], &body).await.0.status, 428);
    assert_eq!(system.put(EVALUATION, ("If-None-Match", "*"), &body).await.0, 412);
    assert_eq!(system.put(EVALUATION, ("If-Match", "\"x\""), &body).await.0, 412);
    assert_eq!(system.get(EVALUATION).await.1, none);

    let (status, made) = system.put(EVALUATION, ("If-Match", &tag(&none)), &body).await;
    assert_eq!(
        (status, &made["derived"]["total"], &made["derived"]["rating"]),
        (200, &json!("93.32"), &json!("优")),
        "{made}"
    );
    let first = made["given"]["lines"][0]["id"].as_str().expect("an id");
    assert_eq!(made["derived"][format!("lines.{first}.score")], "19.00", "{made}");
    assert_eq!(system.put(EVALUATION, ("If-Match", &tag(&none)), &body).await, (200, made.clone()), "the same again");

    let less =
        json!({ "given": { "achieved": "新增床位 300 张", "lines": [{ "id": first, "cells": { "actual": 300 } }] } });
    assert_eq!(system.put(EVALUATION, ("If-Match", &tag(&none)), &less).await.0, 412, "somebody else was here");
    let (status, changed) = system.put(EVALUATION, ("If-Match", &tag(&made)), &less).await;
    assert_eq!((status, &changed["given"]["execution_reason"]), (200, &Value::Null), "{changed}");
    let (before, after) = (&made["given"]["lines"], &changed["given"]["lines"]);
    assert_eq!(after[0]["cells"].get("deviation_reason"), None, "{after}");
    for line in 1..6 {
        assert_eq!(after[line], before[line]);
    }
    let texts = json!({ "given": { "achieved": "新增床位 300 张" } });
    let (status, same) = system.put(EVALUATION, ("If-Match", "*"), &texts).await;
    assert_eq!((status, same), (200, changed.clone()), "no line was sent");
    let nothing = json!({ "given": { "achieved": "新增床位 300 张", "lines": null } });
    assert_eq!(system.put(EVALUATION, ("If-Match", "*"), &nothing).await, (200, changed.clone()));
    let page = system.ground.reader("enter").await.get(FORM).await.text;
    assert!(page.contains("新增床位 300 张") && page.contains("94.32"), "{page}");
    assert_eq!(system.ground.logged("api_write").await.len(), 2);
}

/// What cannot be read, what nobody fills in and what is not there is told at its place, and nothing is saved; so it is
/// without indicators, and for a project that is not there.
#[tokio::test]
async fn refused() {
    let system = System::new().await;
    entered(&system.ground).await;
    let held = system.get(EVALUATION).await.1;
    let id = held["given"]["lines"][0]["id"].as_str().expect("an id");
    let row = |id: &str, cells: Value| json!({ "lines": [{ "id": id, "cells": cells }] });
    let twice = json!({ "id": id, "cells": { "actual": 1 } });
    let refused = [
        (json!({ "achieved": "长".repeat(451) }), "achieved".to_owned()),
        (json!({ "no_field": "甲" }), "no_field".to_owned()),
        (json!({ "total": "100" }), "total".to_owned()),
        (json!({ "lines": "甲" }), "lines".to_owned()),
        (json!({ "lines": [twice, twice] }), format!("lines.{id}")),
        (row("9-00000000", json!({ "actual": 1 })), "lines.9-00000000".to_owned()),
        (row("", json!({ "actual": 1 })), "lines.".to_owned()),
        (row(id, json!({ "score": 20 })), format!("lines.{id}.score")),
        (row(id, json!({ "evidence_count": "两件" })), format!("lines.{id}.evidence_count")),
        (json!({ "money": [{ "id": "total", "cells": { "executed": 1 } }] }), "money.total".to_owned()),
    ];
    for (sent, place) in refused {
        let (status, told) = system.put(EVALUATION, ("If-Match", &tag(&held)), &json!({ "given": sent })).await;
        assert_eq!(
            (status, &told["code"], &told["problems"][0]["field"]),
            (422, &json!("problems"), &json!(place)),
            "{told}"
        );
    }
    assert_eq!(system.get(EVALUATION).await.1, held);
    assert_eq!(system.get("/api/v1/projects/none/evaluation").await.0, 404);
    let project = records::one(&system.ground.desk.store, CODE).await.expect("readable").expect("held");
    editing::save(&system.ground.app, &editing::version(&project), &project.project, &[]).await.expect("no lines");
    let (status, told) = system.put(EVALUATION, ("If-Match", "*"), &json!({ "given": { "achieved": "甲" } })).await;
    assert_eq!((status, &told["code"]), (409, &json!("no_indicators")), "{told}");
    assert_eq!(system.ground.logged("api_write").await.len(), 0);
}

/// What another release of the form asked is told, stays whether it is sent back or not, and is not changed; by a
/// form that is not known in full nothing is written.
#[tokio::test]
async fn under_other_releases() {
    let system = System::new().await;
    entered(&system.ground).await;
    let mut form = Definition::of_evaluations().clone();
    form.fields.push(Field::new("lesson", "经验", Kind::Line));
    form.layout.blocks.clear();
    let publish = async |form: &Definition, release| {
        let text = serde_json::to_string(form).expect("JSON");
        system.ground.desk.publish(FORMS, "self_evaluation", &text, release).await;
    };
    publish(&form, 7).await;
    let body = json!({ "given": { "lesson": "早招标", "achieved": "一" } });
    let (status, told) = system.put(EVALUATION, ("If-Match", "*"), &body).await;
    assert_eq!((status, &told["given"]["lesson"]), (200, &json!("早招标")), "{told}");

    publish(Definition::of_evaluations(), 8).await;
    for body in [json!({ "given": { "achieved": "二" } }), json!({ "given": { "achieved": "三", "lesson": "早招标" } })]
    {
        let (status, told) = system.put(EVALUATION, ("If-Match", "*"), &body).await;
        let given = &told["given"];
        assert_eq!((status, &given["lesson"], &given["achieved"]), (200, &json!("早招标"), &body["given"]["achieved"]));
    }
    let (status, told) = system.put(EVALUATION, ("If-Match", "*"), &json!({ "given": { "lesson": "别的" } })).await;
    assert_eq!((status, &told["problems"][0]["field"]), (422, &json!("lesson")), "{told}");

    let mut unknown = serde_json::to_value(&form).expect("JSON");
    unknown["fields"][0]["kind"] = json!("hologram");
    system.ground.desk.publish(FORMS, "self_evaluation", &unknown.to_string(), 9).await;
    let (status, told) = system.put(EVALUATION, ("If-Match", "*"), &json!({ "given": { "achieved": "四" } })).await;
    assert_eq!((status, &told["code"]), (409, &json!("form_unknown")), "{told}");
}
