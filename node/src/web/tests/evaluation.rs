//! The self-evaluation form: computed as one types, saved as a whole, and never over what somebody else saved.

use rust_decimal::Decimal;
use tongpin_domain::number::Typed;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::project_form::SELF_EVALUATION;

use super::ground::{Ground, Reader, Shown};
use super::hidden;
use crate::ops::ground::code;
use crate::ops::{editing, project_forms};
use crate::records;

pub(super) const CODE: &str = "32058124T000000000901";
pub(super) const FORM: &str = "/projects/32058124T000000000901/evaluation";
const CHECK: &str = "/projects/32058124T000000000901/evaluation/check";

/// 年初 5,000,000.00 + 结转 600,000.00 − 调减 100,000.00 = 5,500,000.00, of which 4,873,000.00 were spent.
fn project() -> Project {
    let text = r#"{"project_code":"32058124T000000000901","project_name":"护理型床位<script>alert(1)</script>",
        "fiscal_year":2024,"region_code":"320581","department":"民政局","budget_initial":"5000000.00",
        "carry_over":"600000.00","budget_adjust":"-100000.00","budget_adjusted":"5500000.00",
        "arrived":"5500000.00","executed":"4873000.00"}"#;
    serde_json::from_str(text).expect("a project")
}

fn line(seq: u32, name: &str, unit: &str, target: &str, weight: i64, rule_type: &str) -> ProjectIndicator {
    ProjectIndicator {
        project_code: CODE.into(),
        seq,
        indicator_code: None,
        level1: "产出".into(),
        level2: "数量".into(),
        name: name.into(),
        nature: if target.is_empty() { "定性" } else { "≥" }.into(),
        unit: unit.into(),
        target: Typed::parse(target),
        actual: Typed::default(),
        qual_pct: None,
        weight: Decimal::from(weight),
        rule_type: rule_type.into(),
        rule_params: String::new(),
        low_target_confirmed: false,
        self_score: None,
        deviation_reason: String::new(),
        evidence_count: 0,
        more: std::collections::BTreeMap::new(),
    }
}

/// The project of the worked example, nothing filled in yet.
pub(super) async fn entered(ground: &Ground) {
    let lines = [
        line(1, "新增护理型床位", "张", "300", 20, "PROP_UP"),
        line(2, "护理型床位占比", "%", "70", 15, "PROP_UP"),
        line(3, "按期完成率", "%", "100", 15, "PROP_UP"),
        line(4, "上门服务覆盖率", "%", "20", 15, "PROP_UP"),
        line(5, "运营可持续", "", "", 15, "GRADE"),
        line(6, "满意度", "%", "90", 10, "SATISFACTION"),
    ];
    editing::save(&ground.app, "", &project(), &lines).await.expect("saved");
}

const FILLED: [(&str, &str); 12] = [
    ("1.actual", "285"),
    ("2.actual", "72.4"),
    ("3.actual", "96.5"),
    ("4.actual", "21.3"),
    ("5.actual", "部分达成"),
    ("5.qual_pct", "75"),
    ("6.actual", "87.6%"),
    ("1.deviation_reason", "两处床位在验收"),
    ("3.deviation_reason", "雨季停工"),
    ("5.deviation_reason", "机构在整合"),
    ("6.deviation_reason", "等候时间较长"),
    ("execution_reason", "招标推迟"),
];

/// Where a field stands on a page: a field of a line is named by the line's number, `1.actual`.
fn place(page: &str, name: &str) -> String {
    let Some((seq, field)) = name.split_once('.') else { return name.to_owned() };
    let rows = hidden(page, "lines.rows");
    let id = rows.split(',').find(|id| id.split('-').next() == Some(seq)).expect("a row of the line");
    format!("lines.{id}.{field}")
}

/// Sends what was filled in on a page, with other values for some fields.
async fn send(reader: &Reader, address: &str, page: &str, others: &[(&str, &str)]) -> Shown {
    let other = |name: &str| others.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
    let filled = FILLED.iter().map(|(name, value)| (*name, other(name).unwrap_or(value)));
    let more = others.iter().copied().filter(|(name, _)| FILLED.iter().all(|(filled, _)| filled != name));
    post(reader, address, page, &filled.chain(more).collect::<Vec<_>>()).await
}

/// Sends these values and no others.
pub(super) async fn post(reader: &Reader, address: &str, page: &str, typed: &[(&str, &str)]) -> Shown {
    let mut fields = vec![("page-version".to_owned(), hidden(page, "page-version"))];
    fields.push(("lines.rows".to_owned(), hidden(page, "lines.rows")));
    fields.extend(typed.iter().map(|(name, value)| (place(page, name), (*value).to_owned())));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    reader.post(address, &fields).await
}

/// What a check says at each place, a field of a line by the line's number.
fn told(page: &str, checked: &Shown, name: &str) -> String {
    assert_eq!(checked.status, 200, "{}", checked.text);
    let answer: serde_json::Value = serde_json::from_str(&checked.text).expect("JSON");
    let place = place(page, name);
    let notes = answer["notes"].as_array().into_iter().flatten().filter(|note| note["place"] == place.as_str());
    let notes = notes.filter_map(|note| note["text"].as_str());
    answer["shown"][&place].as_str().into_iter().chain(notes).collect::<Vec<_>>().join("\n")
}

/// The worked example of the rules: 8.86 + 19.00 + 15.00 + 14.48 + 15.00 + 11.25 + 9.73 = 93.32, 优. What is checked
/// while somebody types is not saved; saving scores the project at once.
#[tokio::test]
async fn the_worked_example() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await.text;
    // 5,500,000.00 and 4,873,000.00 yuan, in 万元 as the official sheet has them.
    for expected in ["550.00", "487.30", "88.60%", "8.86", "第 1、2、3、4、5、6 项还没有填完", "—", "还差 7 处"]
    {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"));
    let held = async || records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");

    let checked = send(&enters, CHECK, &page, &[]).await;
    let scores = [(1, "19.00"), (2, "15.00"), (3, "14.48"), (4, "15.00"), (5, "11.25"), (6, "9.73")];
    for (seq, score) in scores {
        assert_eq!(told(&page, &checked, &format!("{seq}.score")), score);
    }
    assert_eq!(told(&page, &checked, "rating"), "优");
    assert_eq!(told(&page, &checked, "total"), "93.32");
    let said = told(&page, &checked, "lines");
    assert!(said.contains("各项已填写完整"), "{said}");
    assert!(checked.text.contains("已填齐"), "{}", checked.text);
    assert!(held().await.lines.iter().all(|line| line.actual.is_missing()));

    let saved = send(&enters, FORM, &page, &[]).await;
    assert_eq!((saved.status, saved.location), (303, format!("{FORM}?saved=1")));
    let score = ground.desk.store.score(CODE).await.expect("readable").expect("scored");
    assert_eq!((score.total.as_deref(), score.rating.as_str()), (Some("93.32"), "优"));
    let logged = ground.logged("evaluation_save").await;
    assert_eq!(logged, [("enter".into(), CODE.into(), "自评总分 93.32，优".into())]);
    assert_eq!(held().await.lines[5].actual.raw(), "87.6%", "kept as it was typed");
    let detail = enters.get("/projects/32058124T000000000901").await.text;
    assert!(detail.contains("填写自评") && detail.contains("自评总分 93.32，优") && detail.contains("93.32"));
    let paper = enters.get(&format!("{FORM}/sheet")).await.text;
    assert!(paper.contains("93.32") && paper.contains("项目负责人（签字）") && !paper.contains("各项已填写完整"));
}

/// The reason for an execution rate of 88.60 %, below 90 %, has its place on the form and is asked for like any other:
/// without it the form is not complete and the project counts among those that owe a reason; it is kept, shown and
/// exported.
#[tokio::test]
async fn the_reason_for_low_execution() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await.text;
    assert!(page.contains("name=\"execution_reason\"") && page.contains("请填写执行率偏低的原因"), "{page}");
    let without = [("execution_reason", " ")];
    let checked = send(&enters, CHECK, &page, &without).await;
    let said = told(&page, &checked, "lines");
    assert!(said.contains("还没有写执行率偏低的原因") && !said.contains("各项已填写完整"), "{said}");
    assert!(checked.text.contains("还差 1 处"), "{}", checked.text);
    assert_eq!(send(&enters, FORM, &page, &without).await.status, 303);
    let owed = async || ground.desk.store.score(CODE).await.expect("readable").expect("scored").reason_missing;
    assert!(owed().await);

    let page = enters.get(FORM).await.text;
    assert_eq!(send(&enters, FORM, &page, &[]).await.status, 303);
    assert!(!owed().await);
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!(held.project.execution_reason, "招标推迟");
    let page = enters.get(FORM).await.text;
    assert!(page.contains("招标推迟") && page.contains("各项已填写完整"), "{page}");
    assert!(enters.get("/projects/32058124T000000000901/edit").await.text.contains("招标推迟"));
}

/// A draft is saved with reasons missing, and the form says so; words and ranges are kept, go to review and are told
/// how to be written; a coefficient that is none is refused at its field with nothing lost.
#[tokio::test]
async fn drafts_and_words() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await.text;
    let bad = send(&enters, FORM, &page, &[("5.qual_pct", "七成半"), ("1.actual", "299")]).await;
    assert_eq!(bad.status, 422);
    for kept in ["value=\"七成半\"", "value=\"299\"", "两处床位在验收", "不是一个确定的数"] {
        assert!(bad.text.contains(kept), "{kept} in {}", bad.text);
    }
    let above = send(&enters, FORM, &page, &[("5.qual_pct", "175")]).await;
    assert!(above.status == 422 && above.text.contains("100"), "{}", above.text);
    assert!(ground.logged("evaluation_save").await.is_empty());

    let large = "99999999999999999999999999";
    let draft = [
        ("1.actual", "完成"),
        ("2.actual", large),
        ("3.actual", "95-98 %"),
        ("5.deviation_reason", " "),
        ("6.actual", ""),
    ];
    assert_eq!(send(&enters, FORM, &page, &draft).await.status, 303);
    let page = enters.get(FORM).await.text;
    for expected in [
        "“完成”不是一个确定的数",
        "“95-98 %”不是一个确定的数",
        "“99999999999999999999999999”数值过大",
        "第 6 项还没有填完",
        "第 5 项还没有写偏差原因",
        "第 1、2、3 项须人工复核",
        "/reviews/32058124T000000000901/3",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!((held.lines[0].actual.raw(), held.lines[2].actual.raw()), ("完成", "95-98 %"));
    let score = ground.desk.store.score(CODE).await.expect("readable").expect("scored");
    assert_eq!((score.status.as_str(), score.total), ("INCOMPLETE", None));
}

/// A count of evidence is kept with its line; a blank is none; what is no whole number stays in its box with the reason
/// beside it, and nothing is saved. What was not sent stays. Of two who count, the second sees both counts.
#[tokio::test]
async fn counting_evidence() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await.text;
    let counts = async |first: &str, second: &str| {
        let typed = [("1.actual", "285"), ("1.evidence_count", first), ("2.evidence_count", second)];
        post(&enters, FORM, &page, &typed).await
    };
    let bad = counts("三件", "2.5").await;
    assert_eq!(bad.status, 422);
    for kept in ["value=\"三件\"", "value=\"2.5\"", "value=\"285\"", "整数"] {
        assert!(bad.text.contains(kept), "{kept} in {}", bad.text);
    }
    let held = async || records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert!(held().await.lines.iter().all(|line| line.evidence_count == 0 && line.actual.is_missing()));

    assert_eq!(counts("３", "").await.status, 303);
    assert_eq!(held().await.lines.iter().map(|line| line.evidence_count).collect::<Vec<_>>(), [3, 0, 0, 0, 0, 0]);
    let now = enters.get(FORM).await.text;
    assert!(now.contains(&format!("name=\"{}\" type=\"text\" value=\"3\"", place(&now, "1.evidence_count"))), "{now}");
    assert_eq!(ground.logged("evaluation_save").await.len(), 1);
    let second = counts("5", "0").await;
    assert!(second.status == 409 && second.text.contains("他人已保存的：3"), "{}", second.text);
    assert_eq!(second.text.matches("他人已保存的：").count(), 1, "0 and nothing are the same count: {}", second.text);
    assert_eq!(held().await.lines[0].evidence_count, 3);
}

/// Two fill in the same form: the second sees both values, loses nothing, and may save on top.
#[tokio::test]
async fn two_people() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await.text;
    assert_eq!(send(&enters, FORM, &page, &[]).await.status, 303);
    let mine = [("2.actual", "65"), ("2.deviation_reason", "占比统计口径调整"), ("achieved", "建成 285 张")];
    let second = send(&enters, FORM, &page, &mine).await;
    assert_eq!(second.status, 409);
    assert!(second.text.contains("他人已保存的：72.4") && second.text.contains("value=\"65\""), "{}", second.text);
    assert!(second.text.contains("建成 285 张") && second.text.contains("已有他人修改并保存了此项目"));
    let held = async || records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!(held().await.lines[1].actual.raw(), "72.4");
    assert_eq!(send(&enters, FORM, &second.text, &mine).await.status, 303);
    assert_eq!(held().await.lines[1].actual.raw(), "65");
}

/// What was reached, problems and remedies are texts of the form: kept beside the project, shown and printed; a text
/// that somebody else saved meanwhile is not overwritten unseen, even where nothing else changed.
#[tokio::test]
async fn its_texts() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await.text;
    let saved = post(&enters, FORM, &page, &[("achieved", "建成 285 张"), ("problems", "验收偏慢")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let texts = async || {
        let own = code("320581");
        let held = project_forms::read(&ground.desk.store, SELF_EVALUATION, &own, CODE).await.expect("readable");
        ["achieved", "problems", "measures", "execution_reason"].map(|name| held.form.text(name).to_owned())
    };
    assert_eq!(texts().await, ["建成 285 张", "验收偏慢", "", ""]);
    let paper = enters.get(&format!("{FORM}/sheet")).await.text;
    assert!(paper.contains("建成 285 张") && paper.contains("验收偏慢"), "{paper}");
    let second = post(&enters, FORM, &page, &[("achieved", "建成 290 张")]).await;
    assert!(second.status == 409 && second.text.contains("他人已保存的：建成 285 张"), "{}", second.text);
    let long = "长".repeat(451);
    let refused = post(&enters, FORM, &enters.get(FORM).await.text, &[("measures", &long)]).await;
    assert!(refused.status == 422 && refused.text.contains("450"), "{}", refused.text);
    assert_eq!(texts().await, ["建成 285 张", "验收偏慢", "", ""]);
}

/// A line that somebody changes or removes while a page is open: what was typed stands at the line as it is now, what
/// was removed is told, and saving again keeps it.
#[tokio::test]
async fn lines_that_changed() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await.text;
    let held = async || records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    let mut now = held().await;
    now.lines[0].target = Typed::parse("320");
    now.lines.remove(3);
    let version = editing::version(&held().await);
    editing::save(&ground.app, &version, &now.project, &now.lines).await.expect("saved");
    let late = send(&enters, FORM, &page, &[("1.evidence_count", "2")]).await;
    assert!(late.status == 409 && late.text.contains("第 4 项指标已被他人删除"), "{}", late.text);
    assert!(late.text.contains("value=\"285\"") && held().await.lines[0].actual.is_missing());
    let fields: Vec<(&str, &str)> = FILLED.into_iter().filter(|(name, _)| !name.starts_with("4.")).collect();
    assert_eq!(post(&enters, FORM, &late.text, &fields).await.status, 303);
    assert_eq!((held().await.lines[0].actual.raw(), held().await.lines.len()), ("285", 5));
}

/// A score of the unit's own is stated with the form that is saved, and anew once what it was scored by changes.
#[tokio::test]
async fn the_units_own_score() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let own = async |seq: usize| {
        let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
        held.lines[seq - 1].self_score.map(|score| score.to_string()).unwrap_or_default()
    };
    assert_eq!(send(&enters, FORM, &enters.get(FORM).await.text, &[]).await.status, 303);
    assert_eq!((own(1).await, own(5).await), ("19.00".to_owned(), "11.25".to_owned()));
    let typed = [("1.actual", "300"), ("5.qual_pct", "70")];
    assert_eq!(post(&enters, FORM, &enters.get(FORM).await.text, &typed).await.status, 303);
    assert_eq!((own(1).await, own(2).await, own(5).await), ("20.00".into(), "15.00".into(), "10.50".to_owned()));
}

/// Whoever reads or approves sees the form without boxes, sends nothing, and nobody else sees it at all.
#[tokio::test]
async fn who_may() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let reader = ground.reader("read").await;
    let page = reader.get(FORM).await;
    assert!(page.status == 200 && page.text.contains("新增护理型床位") && !page.text.contains("lines.rows"));
    assert!(!page.text.contains("<textarea"));
    let approves = ground.reader("approve").await;
    for address in [FORM, CHECK] {
        assert_eq!(reader.post(address, &[("achieved", "甲")]).await.status, 403);
        assert_eq!(approves.post(address, &[("achieved", "甲")]).await.status, 403);
    }
    assert_eq!(ground.reader("audit").await.get(FORM).await.status, 403);
    assert_eq!(reader.get("/projects/none/evaluation").await.status, 404);
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert!(held.lines.iter().all(|line| line.actual.is_missing()));
}
