//! 本级增补: a county adds a field, a column, a check and a stricter limit to the city's form, in the form's own workbook;
//! what was begun before moves there by a step, and what the city asks stays.

use serde_json::json;
use tongpin_console::workbook::form_book;
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::form::{DOCUMENT, Definition, Document, Field, Given, Kind, SUPPLEMENTS, Supplement};
use tongpin_store::{Batch, Change, FormFilter, RECORDS};

use super::ground::{Ground, Reader, Shown};
use super::hidden;
use crate::guidance::forms;
use crate::ops::ground::{code, row};

/// What somebody writes into the form.
type Edit = fn(&mut Definition);

const PAGE: &str = "/added-to-forms";
const AT: &str = "/forms/roads/320581/x";
const FORM: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter"},"fields":[
    {"name":"issued","title":"下达资金","kind":"money","required":true},
    {"name":"paid","title":"已支付","kind":"money"},
    {"name":"roads","title":"路段","kind":"rows","fields":[{"name":"route","title":"路线","kind":"code"}]}],
    "checks":[{"name":"over","when":{"field":"paid","above":"issued"},"then":"block","at":"paid","says":"多于下达。"}]}"#;
/// What is added, as the catalog has it.
const ADDED: &str = r#"{"code":"roads","fields":[{"name":"builder","title":"施工单位","kind":"line","required":true}],
    "columns":{"roads":[{"name":"km","title":"里程","kind":"decimal"}]},"stricter":{"paid":{"required":true}},
    "checks":[{"name":"short","each":"roads","when":{"field":"km","below":1},"then":"block","at":"km",
        "says":"里程不足 1 公里的路段不列入。"}]}"#;

fn document(id: &str, author: &str) -> serde_json::Value {
    json!({ "form": "roads", "publisher": "320500", "release": 1, "id": id, "subject": author,
        "subject_name": "常熟市", "period": "2026Q3", "version": 1, "turn": 0, "state": "draft",
        "given": { "issued": "400000.00", "roads": [{ "id": "r1", "cells": { "route": "Y001" } }] },
        "filled_by": ["id of enter"], "changed_at": 0 })
}

async fn ground() -> Ground {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "roads", FORM, 1).await;
    ground.desk.put(&[row(DOCUMENT, "roads/x", Ok(document("x", "320581").to_string()))]).await;
    ground
}

/// The form as its page hands it out to be added to, changed.
async fn book(reader: &Reader, change: impl FnOnce(&mut Definition)) -> Vec<u8> {
    let file = reader.file(&format!("{PAGE}/roads/book.xlsx")).await;
    let read = form_book::read("路况表.xlsx", &file).expect("a workbook");
    assert_eq!(read.problems, []);
    let mut form: Definition = serde_json::from_str(&read.accepted[0].1.body).expect("a form");
    change(&mut form);
    form_book::write(&form).expect("a small workbook")
}

fn add(form: &mut Definition) {
    let added: Supplement = serde_json::from_str(ADDED).expect("a supplement");
    *form = form.with(&added).expect("it fits");
}

async fn hand_in(reader: &Reader, book: &[u8]) -> Shown {
    let seen = hidden(&reader.get(PAGE).await.text, "seen");
    reader.upload(PAGE, &[("seen", &seen), ("note", "常财预〔2026〕5号")], ("路况表.xlsx", book)).await
}

async fn publish(approves: &Reader) -> Shown {
    let seen = hidden(&approves.get(PAGE).await.text, "draft");
    approves.post(&format!("{PAGE}/draft/publish"), &[("draft", &seen), ("sure", "1")]).await
}

async fn held(ground: &Ground, key: &str) -> Document {
    let all = ground.desk.store.records(DOCUMENT, None).await.expect("readable");
    let found = all.iter().find(|record| record.key == key).expect("it is there");
    serde_json::from_str(&found.body).expect("a document")
}

/// What the lists' own tables hold: 施工单位 of each document, 里程 of each row.
async fn listed(ground: &Ground) -> [Vec<String>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    for (at, (rows, place)) in [(None, "builder"), (Some("roads"), "roads.km")].into_iter().enumerate() {
        let read = |line: tongpin_store::FormLine| {
            found[at].extend(line.values.into_iter().flatten().map(|value| format!("{value:?}")));
        };
        ground.desk.store.form_rows("roads", rows, &[place], &FormFilter::default(), read).await.expect("readable");
    }
    found
}

/// From the city's workbook to a document that is filled in with what the county added, its row in the lists, its
/// sheet, and the township's document that was filled in in the same way.
#[tokio::test]
async fn added_published_and_filled_in() {
    let ground = ground().await;
    let (enters, approves) = (ground.reader("enter").await, ground.reader("approve").await);
    let page = enters.get(PAGE).await.text;
    assert!(page.contains("路况表") && page.contains("无"), "{page}");
    let answer = hand_in(&enters, &book(&enters, add).await).await;
    assert_eq!((answer.status, answer.location.as_str()), (303, PAGE), "{}", answer.text);
    let page = enters.get(PAGE).await.text;
    for due in ["新增必填字段“施工单位”", "字段“已支付”改为必填", "里程不足 1 公里", "常财预〔2026〕5号"]
    {
        assert!(page.contains(due), "{due} in {page}");
    }
    assert!(enters.get(&format!("{PAGE}/roads")).await.text.contains("本级增补") || page.contains("施工单位"));
    assert!(!enters.get(AT).await.text.contains("施工单位"), "a draft changes nothing");
    let done = publish(&approves).await;
    assert_eq!((done.status, done.location.as_str()), (303, PAGE), "{}", done.text);
    assert_eq!(ground.logged("catalog_publish").await[0].2, "本级增补，第 1 版");
    let id = CatalogId::new(code("320581"), SUPPLEMENTS);
    let entry = ground.desk.store.entry(&id, "roads").await.expect("readable").expect("published");
    let [kept, due] = [entry.body.as_str(), ADDED].map(|body| serde_json::from_str::<Supplement>(body).expect("one"));
    assert_eq!(kept, due);

    // What was begun before goes on as it was, until it is moved.
    let shown = enters.get(AT).await.text;
    assert!(shown.contains("本单据按第 1 版填报，现行的是第 1 版（本级增补第 1 版）"), "{shown}");
    let asked = enters.get(&format!("{AT}/step/renew")).await.text;
    assert!(asked.contains("施工单位") && asked.contains("新增，必填"), "{asked}");
    let version = hidden(&asked, "version");
    let moved = enters.post(&format!("{AT}/step/renew"), &[("version", &version), ("reason", "")]).await;
    assert_eq!(moved.status, 303, "{}", moved.text);
    assert_eq!(held(&ground, "roads/x").await.edition().to_string(), "1+1");

    let edit = enters.get(&format!("{AT}/edit")).await.text;
    let version = hidden(&edit, "page-version");
    let typed = [("issued", "400000"), ("builder", "甲公司"), ("roads.rows", "r1"), ("roads.r1.route", "Y001")];
    let fields: Vec<(&str, &str)> =
        typed.into_iter().chain([("roads.r1.km", "2.5"), ("page-version", version.as_str())]).collect();
    let saved = enters.post(&format!("{AT}/edit"), &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let document = held(&ground, "roads/x").await;
    assert_eq!(document.given.get("builder"), Some(&Given::One("甲公司".into())));
    assert_eq!(listed(&ground).await, [vec!["Text(\"甲公司\")".to_owned()], vec!["Number(2.50)".to_owned()]]);
    let shown = enters.get(AT).await.text;
    assert!(shown.contains("甲公司"), "{shown}");
    // 已支付 must be filled in by the county's word, and a road of less than a kilometre is refused by its check.
    let asked = enters.get(&format!("{AT}/step/submit")).await.text;
    assert!(asked.contains("已支付"), "{asked}");
    let version = hidden(&enters.get(&format!("{AT}/edit")).await.text, "page-version");
    let short: Vec<(&str, &str)> =
        typed.into_iter().chain([("paid", "1"), ("roads.r1.km", "0.4"), ("page-version", version.as_str())]).collect();
    assert_eq!(enters.post(&format!("{AT}/edit"), &short).await.status, 303);
    let shown = enters.get(AT).await.text;
    assert!(shown.contains("里程不足 1 公里的路段不列入"), "{shown}");
    assert!(enters.get("/forms/roads").await.text.contains("路况表"));

    // A township fills in the same, and its county lists it.
    let mut sent = document.clone();
    (sent.id, sent.subject) = ("t".into(), "320581101".into());
    sent.given.insert("builder".into(), Given::One("乙公司".into()));
    let body = Some(serde_json::to_string(&sent).expect("JSON"));
    let change = Change { kind: DOCUMENT.into(), key: "roads/t".into(), body, problem: None };
    let (town, changes) = (code("320581101"), [change]);
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    let [mut builders, _] = listed(&ground).await;
    builders.sort();
    assert_eq!(builders, ["Text(\"乙公司\")", "Text(\"甲公司\")"]);
    let shown = enters.get("/forms/roads/320581101/t").await;
    assert!(shown.status == 200 && shown.text.contains("乙公司"), "{}", shown.text);

    // The lists are made anew with it.
    ground.desk.store.rebuild_form("roads", tongpin_domain::moment::Moment(5)).await.expect("rebuilt");
    assert_eq!(listed(&ground).await[0].len(), 2);
}

/// What the city asks is not changed, a form that is not the city's is none to add to, and neither is what the program
/// keeps itself.
#[tokio::test]
async fn what_is_refused() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let edits: [(Edit, &str); 4] = [
        (|form| form.fields[0].required = false, "字段“下达资金”不再必填：上级表单的内容不能改"),
        (|form| form.checks.clear(), "取消校验：多于下达。"),
        (|form| form.fields[0].hint = "本县口径".into(), "原有的说明、选项、版式或顺序有改动"),
        (|_| (), "没有增加任何内容"),
    ];
    for (edit, due) in edits {
        let answer = hand_in(&enters, &book(&enters, edit).await).await;
        assert!(answer.status == 422 && answer.text.contains(due), "{due}: {}", answer.text);
    }
    let foreign = book(&enters, |form| form.code = "bridges".into()).await;
    let answer = hand_in(&enters, &foreign).await;
    assert!(answer.status == 422 && answer.text.contains("上级下发的、在用的表单"), "{}", answer.text);
    // As a form of its own it is pointed here.
    let seen = hidden(&enters.get("/own-forms").await.text, "seen");
    let city = book(&enters, add).await;
    let answer = enters.upload("/own-forms", &[("seen", &seen)], ("路况表.xlsx", &city)).await;
    assert!(answer.status == 422 && answer.text.contains("请到“本级增补”导入"), "{}", answer.text);
    assert!(!enters.get(PAGE).await.text.contains("待发布的草稿"));
    assert_eq!(Ground::of("320581101", "320581").await.reader("enter").await.get(PAGE).await.status, 404);
}

/// The city goes on: what still fits is added to its next release too, what does not is told and out of force; a form
/// that is retired meanwhile takes nothing any more. What retires is asked no more.
#[tokio::test]
async fn the_city_goes_on() {
    let ground = ground().await;
    let (enters, approves) = (ground.reader("enter").await, ground.reader("approve").await);
    assert_eq!(hand_in(&enters, &book(&enters, add).await).await.status, 303);
    assert_eq!(publish(&approves).await.status, 303);
    let in_force = async || forms::find(&ground.desk.store, "roads").await.expect("readable").expect("in force");
    let next: serde_json::Value = serde_json::from_str(FORM).expect("JSON");
    let with = |field: Field| {
        let mut next = next.clone();
        next["fields"].as_array_mut().expect("fields").push(json!(field));
        next.to_string()
    };
    ground.desk.publish("forms", "roads", &with(Field::new("bridges", "桥梁", Kind::Whole)), 2).await;
    let form = in_force().await;
    assert_eq!(form.edition().to_string(), "2+1");
    assert!(form.definition.field("bridges").is_some() && form.definition.field("builder").is_some());
    // A column that the check is about has become another thing.
    let mut other = next.clone();
    let columns = other["fields"][2]["fields"].as_array_mut().expect("columns");
    columns.push(json!(Field::new("km", "里程桩号", Kind::Line)));
    ground.desk.publish("forms", "roads", &other.to_string(), 3).await;
    assert_eq!(in_force().await.edition().to_string(), "3");
    let page = enters.get(PAGE).await.text;
    assert!(page.contains("与上级新版不合，暂不生效"), "{page}");
    ground.desk.publish("forms", "roads", &with(Field::new("bridges", "桥梁", Kind::Whole)), 4).await;
    assert_eq!(in_force().await.edition().to_string(), "4+1");

    let seen = hidden(&enters.get(PAGE).await.text, "seen");
    assert_eq!(enters.post(&format!("{PAGE}/roads/retire"), &[("seen", &seen)]).await.status, 303);
    let page = enters.get(PAGE).await.text;
    assert!(page.contains("待停用") && page.contains("新单据不再有本级增加的内容"), "{page}");
    assert_eq!(publish(&approves).await.status, 303);
    assert_eq!(in_force().await.edition().to_string(), "4");
    assert_eq!(hand_in(&enters, &book(&enters, add).await).await.status, 303);
    ground.desk.retire("forms", "roads", 5).await;
    let refused = publish(&approves).await;
    assert!(refused.status == 422 && refused.text.contains("上级已停用编码为“roads”的表单"), "{}", refused.text);
}
