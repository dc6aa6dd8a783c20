//! The goal of a project by a form that the city has published.

use tongpin_console::workbook::Book;
use tongpin_domain::form::{Block, Definition, FORMS, Field, Kind};
use tongpin_domain::project_form;

use super::ground::Ground;
use super::{hidden, retyped};
use crate::ops::ground::code;
use crate::ops::project_forms;
use crate::sheets::goal_book::SHEET;

const CODE: &str = "32058124T000000000101";
const GOAL: &str = "/projects/32058124T000000000101/goal";

/// The city publishes the form of goals with a field, a check and a limit of its own: the page, the workbook out and
/// in, and the paper ask for it at once, and what was written before stays.
#[tokio::test]
async fn as_the_city_publishes_it() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let saved = enters.post(GOAL, &[("page-version", ""), ("phone", "0512-000"), ("plan", "分两期")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let mut form = Definition::of_goals().clone();
    form.title = "部门项目支出绩效目标表".into();
    form.fields.push(Field { longest: Some(9), ..Field::new("manager", "项目管理办法", Kind::Text) });
    form.fields.iter_mut().filter(|field| field.name == "phone").for_each(|field| field.retired = true);
    form.checks.push(serde_json::from_str(
        r#"{"name":"manager","when":{"field":"manager","present":false},"then":"block","at":"manager","says":"请写明项目管理办法。"}"#,
    ).expect("a check"));
    assert_eq!(form.check(), []);
    ground.desk.publish(FORMS, "goal", &serde_json::to_string(&form).expect("JSON"), 7).await;

    let page = enters.get(GOAL).await.text;
    assert!(page.contains("项目管理办法") && page.contains("分两期") && page.contains("0512-000"), "{page}");
    assert!(!page.contains("name=\"phone\""), "what is retired is shown and not asked");
    let version = hidden(&page, "page-version");
    let refused = enters.post(GOAL, &[("page-version", &version), ("manager", "")]).await;
    assert!(refused.status == 422 && refused.text.contains("请写明项目管理办法"), "{}", refused.text);
    let long = enters.post(GOAL, &[("page-version", &version), ("manager", "一二三四五六七八九十")]).await;
    assert!(long.status == 422 && long.text.contains("超过 9 个字"), "{}", long.text);
    assert_eq!(enters.post(GOAL, &[("page-version", &version), ("manager", "办法甲")]).await.status, 303);
    let goal = project_forms::read(&ground.desk.store, project_form::GOAL, &code("320581"), CODE)
        .await
        .expect("readable")
        .form;
    assert_eq!((goal.text("manager"), goal.text("phone"), goal.text("plan")), ("办法甲", "0512-000", "分两期"));
    let paper = enters.get(&format!("{GOAL}/check")).await.text;
    assert!(paper.contains("部门项目支出绩效目标表") && paper.contains("办法甲"), "{paper}");

    let book = enters.file(&format!("{GOAL}.xlsx")).await;
    let cells = Book::open("f", &book).expect("a workbook").cells(SHEET).expect("the sheet");
    let (row, _) = cells.rows.iter().find(|(_, row)| row[0] == "项目管理办法").expect("its row");
    let filled = retyped(&book, (SHEET, SHEET), &[(*row, 2, "办法乙")], |_| {});
    let shown = enters.upload("/import", &[], ("申报表.xlsx", &filled)).await;
    assert!(shown.text.contains("项目管理办法：办法甲 → 办法乙"), "{}", shown.text);
    let blank = retyped(&book, (SHEET, SHEET), &[(*row, 2, "")], |_| {});
    let told = enters.upload("/import", &[], ("申报表.xlsx", &blank)).await;
    assert!(told.status == 422 && told.text.contains("请写明项目管理办法"), "{}", told.text);
    let help = enters.get("/forms/goal/help").await.text;
    assert!(help.contains("项目管理办法") && help.contains("第 7 版"), "{help}");
    assert!(!enters.get("/forms").await.text.contains("部门项目支出绩效目标表"), "it is filled in with its project");
}

/// A form of goals with a part that this program does not know is shown and not filled in.
#[tokio::test]
async fn of_a_newer_program() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let mut form = serde_json::to_value(Definition::of_goals()).expect("JSON");
    form["fields"][6]["kind"] = "hologram".into();
    ground.desk.publish(FORMS, "goal", &form.to_string(), 1).await;
    let page = enters.get(GOAL).await.text;
    assert!(page.contains("实施计划") && !page.contains("name=\"plan\""), "{page}");
    assert!(page.contains("本程序不认识"), "{page}");
    let refused = enters.post(GOAL, &[("page-version", ""), ("plan", "甲")]).await;
    assert!(refused.status == 409 && refused.text.contains("本程序不认识"), "{}", refused.text);
}

/// What the city marks as personal is told to whoever fills the goal in, and masked for other readers, on the page, on
/// the paper and in the workbook. What is calculated stands in the workbook too, and a field that the layout leaves out
/// keeps no file back. Of checks that only warn, the last step says that they are to be looked at.
#[tokio::test]
async fn personal_and_calculated() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let mut form = Definition::of_goals().clone();
    form.fields.iter_mut().filter(|field| field.name == "leader").for_each(|field| field.personal = true);
    let double = r#"{"name":"double","title":"两倍","kind":"money","derived":{"sum":["whole_amount","whole_amount"]}}"#;
    form.fields.push(serde_json::from_str(double).expect("a field"));
    form.fields.push(Field::new("aside", "不在版式中", Kind::Line));
    let shown = form.fields.iter().map(|field| field.name.clone()).filter(|name| name != "aside").collect();
    form.layout.blocks = vec![Block { fields: shown, ..Block::default() }];
    form.checks.push(
        serde_json::from_str(
            r#"{"name":"much","when":{"field":"whole_amount","above":100},"then":"warn","says":"金额较大。","at":"whole_amount"}"#,
        )
        .expect("a check"),
    );
    assert_eq!(form.check(), []);
    ground.desk.publish(FORMS, "goal", &serde_json::to_string(&form).expect("JSON"), 1).await;
    let typed = [("page-version", ""), ("leader", "经办-007"), ("whole_amount", "600")];
    assert_eq!(enters.post(GOAL, &typed).await.status, 303);
    let check = format!("{GOAL}/check");
    let page = enters.get(&check).await.text;
    assert!(page.contains("需要核对的地方") && !page.contains("需要改正的地方") && page.contains("1,200.00"), "{page}");
    let reader = ground.reader("approve").await;
    for address in [GOAL, check.as_str()] {
        assert!(enters.get(address).await.text.contains("经办-007"), "{address}");
        let seen = reader.get(address).await.text;
        assert!(seen.contains("＊＊＊") && !seen.contains("经办-007"), "{address}: {seen}");
    }
    let cells = |book: &[u8]| {
        let cells = Book::open("f", book).expect("a workbook").cells(SHEET).expect("the sheet");
        cells.rows.values().flatten().cloned().collect::<Vec<_>>()
    };
    let (own, other) = (enters.file(&format!("{GOAL}.xlsx")).await, reader.file(&format!("{GOAL}.xlsx")).await);
    assert!(cells(&own).contains(&"经办-007".to_owned()) && cells(&own).contains(&"1200.00".to_owned()));
    assert!(cells(&other).contains(&"＊＊＊".to_owned()) && !cells(&other).contains(&"经办-007".to_owned()));
    let same = enters.upload("/import", &[], ("申报表.xlsx", &own)).await;
    assert!(same.status == 200 && same.text.contains("没有变更"), "{}", same.text);
}
