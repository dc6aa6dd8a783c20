//! The form of self-evaluations as the city publishes it, with that of indicators, which describes its lines.

use tongpin_domain::form::{Definition, FORMS, Field, Given, Kind};

use super::evaluation::{CODE, FORM, entered, post};
use super::ground::Ground;
use crate::records;

/// The city publishes the forms of indicators and of self-evaluations anew: a column, a text, a check and other words
/// are asked for on the page, kept with the line and with the texts, printed, exported and taken back.
#[tokio::test]
async fn as_the_city_publishes_it() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let mut lines = Definition::of_lines().clone();
    let hint = "写到乡镇".to_owned();
    lines.fields.push(Field { hint, ..Field::new("place", "实施地点", Kind::Line) });
    ground.desk.publish(FORMS, "project_indicator", &serde_json::to_string(&lines).expect("JSON"), 2).await;
    let mut form = Definition::of_evaluations().clone();
    form.title = "部门项目绩效自评表".into();
    form.fields.push(Field { longest: Some(8), ..Field::new("manager", "项目管理办法", Kind::Text) });
    form.layout.blocks.last_mut().expect("blocks").fields.push("manager".into());
    form.checks.push(serde_json::from_str(
        r#"{"name":"heavy","each":"lines","when":{"all":[{"field":"weight","above":15},{"field":"actual","present":false}]},
            "then":"block","at":"actual","says":"分值超过 15 的指标须填写实际完成值。"}"#,
    ).expect("a check"));
    assert_eq!((lines.check(), form.check()), (Vec::new(), Vec::new()));
    ground.desk.publish(FORMS, "self_evaluation", &serde_json::to_string(&form).expect("JSON"), 3).await;

    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await.text;
    for words in ["部门项目绩效自评表", "实施地点", "写到乡镇", "项目管理办法"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let refused = post(&enters, FORM, &page, &[("manager", "办法甲"), ("1.place", "凤凰镇")]).await;
    assert!(refused.status == 422 && refused.text.contains("分值超过 15 的指标须填写实际完成值"), "{}", refused.text);
    assert_eq!(refused.text.matches("class=\"bad\"").count(), 1, "of six lines one weighs 20: {}", refused.text);
    let saved = post(&enters, FORM, &page, &[("manager", "办法甲"), ("1.place", "凤凰镇"), ("1.actual", "285")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!(held.lines[0].more.get("place"), Some(&Given::One("凤凰镇".into())));
    let paper = enters.get(&format!("{FORM}/sheet")).await.text;
    assert!(paper.contains("办法甲") && paper.contains("凤凰镇") && paper.contains("实施地点"), "{paper}");
    let again = enters.get(FORM).await.text;
    assert_eq!(post(&enters, FORM, &again, &[("1.place", "")]).await.status, 303);
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert!(held.lines[0].more.is_empty() && held.lines[0].actual.raw() == "285", "{:?}", held.lines[0]);
}

/// A limit that a later release sets does not keep what was filled in before from being saved with something else; what
/// the city requires is counted as missing, and an amount of the goal is shown as one.
#[tokio::test]
async fn what_was_there_before() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let long = "长".repeat(20);
    let saved = post(&enters, FORM, &enters.get(FORM).await.text, &[("problems", &long)]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let goal = format!("/projects/{CODE}/goal");
    assert_eq!(enters.post(&goal, &[("page-version", ""), ("whole_amount", "5500000")]).await.status, 303);
    let mut form = Definition::of_evaluations().clone();
    form.fields.iter_mut().filter(|field| field.name == "problems").for_each(|field| field.longest = Some(9));
    form.fields.iter_mut().filter(|field| field.name == "achieved").for_each(|field| field.required = true);
    form.fields.push(Field { from: "goal.whole_amount".into(), ..Field::new("whole", "总投资", Kind::Money) });
    form.layout.blocks.last_mut().expect("blocks").fields.push("whole".into());
    assert_eq!(form.check(), []);
    ground.desk.publish(FORMS, "self_evaluation", &serde_json::to_string(&form).expect("JSON"), 3).await;

    let page = enters.get(FORM).await.text;
    assert!(page.contains(">550.00</output>") && !page.contains("5500000"), "in 万元 like all amounts: {page}");
    assert_eq!(post(&enters, FORM, &page, &[("measures", "加快验收")]).await.status, 303);
    let page = enters.get(FORM).await.text;
    assert!(page.contains("加快验收") && page.contains("还差 8 处") && !page.contains("各项已填写完整"), "{page}");
    let longer = format!("{long}长");
    assert_eq!(post(&enters, FORM, &page, &[("problems", &longer)]).await.status, 422);
}

/// A part of the form of indicators that this program does not know makes the self-evaluation read-only, and it says
/// why.
#[tokio::test]
async fn a_newer_form() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let mut lines = serde_json::to_value(Definition::of_lines()).expect("JSON");
    lines["colour"] = "red".into();
    ground.desk.publish(FORMS, "project_indicator", &lines.to_string(), 2).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await;
    assert!(page.text.contains("本程序不认识此表单的这些内容") && !page.text.contains("page-version"), "{}", page.text);
    assert_eq!(enters.post(FORM, &[("page-version", ""), ("achieved", "甲")]).await.status, 409);
}
