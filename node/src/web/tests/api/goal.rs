//! The goal of a project over the API, by the form that is in force.

use serde_json::json;

use super::{System, fields, tag};
use crate::api::guide;

const GOAL: &str = "/api/v1/projects/32058124T000000000101/goal";

/// A goal is written once, read back as its kinds are written, and changed only on top of what was read; what is sent
/// again is no change, what is not sent is blank, and the page shows it.
#[tokio::test]
async fn written_and_read() {
    let system = System::new().await;
    let (status, none) = system.get(GOAL).await;
    assert_eq!(
        (status, &none["given"], &none["version"], &none["release"]),
        (200, &json!({}), &json!(""), &json!(null))
    );
    assert!(none["missing"].as_array().expect("a list").contains(&json!("year_goal")), "{none}");
    let schemas = &guide::document()["components"]["schemas"];
    assert_eq!(fields(&schemas["Goal"]["properties"]), fields(&none));
    let given = json!({ "given": {
        "attribute": "延续", "leader": "经办-001", "starts": "2024年1月1日", "ends": "2024-12-31",
        "whole_amount": 1_200, "year_goal": "新增学位",
    } });
    assert_eq!(system.put(GOAL, ("If-Match", "\"x\""), &given).await.0, 412);
    let (status, made) = system.put(GOAL, ("If-None-Match", "*"), &given).await;
    assert_eq!((status, &made["given"]["starts"]), (201, &json!("2024-01-01")), "{made}");
    assert_eq!((&made["given"]["whole_amount"], &made["own"]), (&json!("1200.00"), &json!(true)));
    assert_eq!(system.put(GOAL, ("If-None-Match", "*"), &given).await.0, 200, "the same again");
    let less = json!({ "given": { "year_goal": "新增学位 1200 个" } });
    assert_eq!(system.put(GOAL, ("If-None-Match", "*"), &less).await.0, 412);
    let (status, changed) = system.put(GOAL, ("If-Match", &tag(&made)), &less).await;
    assert_eq!((status, &changed["given"]), (200, &less["given"]));
    assert_eq!(system.get(GOAL).await.1, changed);
    let page = system.ground.reader("enter").await.get("/projects/32058124T000000000101/goal").await.text;
    assert!(page.contains("新增学位 1200 个") && !page.contains("value=\"经办-001\""), "{page}");
    assert_eq!(system.ground.logged("api_write").await.len(), 2);
}

/// What cannot be read, what contradicts the rest and what no field is for are told at their places, and nothing is
/// saved; there is no goal of a project that is not there.
#[tokio::test]
async fn refused() {
    let system = System::new().await;
    let told = |sent: serde_json::Value| {
        let system = &system;
        async move {
            let (status, told) = system.put(GOAL, ("If-None-Match", "*"), &json!({ "given": sent })).await;
            assert_eq!((status, &told["code"]), (422, &json!("problems")), "{told}");
            told["problems"][0]["field"].as_str().unwrap_or_default().to_owned()
        }
    };
    assert_eq!(told(json!({ "starts": "年初" })).await, "starts");
    assert_eq!(told(json!({ "starts": "2024-05-01", "ends": "2024-04-30" })).await, "ends");
    assert_eq!(told(json!({ "attribute": "新建" })).await, "attribute");
    assert_eq!(told(json!({ "adjusted": "5" })).await, "adjusted");
    assert_eq!(told(json!({ "no_field": "甲" })).await, "no_field");
    assert_eq!(told(json!({ "plan": "长".repeat(451) })).await, "plan");
    assert_eq!(system.get(GOAL).await.1["version"], "");
    assert_eq!(system.get("/api/v1/projects/none/goal").await.0, 404);
}
