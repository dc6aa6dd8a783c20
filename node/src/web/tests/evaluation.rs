//! The self-evaluation form: computed as one types, saved as a whole, and never over what somebody else saved.

use rust_decimal::Decimal;
use tongpin_domain::number::Typed;
use tongpin_domain::project::{Project, ProjectIndicator};

use super::ground::{Ground, Reader, Shown};
use super::hidden;
use crate::ops::editing;
use crate::records;

const CODE: &str = "32058124T000000000901";
const FORM: &str = "/projects/32058124T000000000901/evaluation";
const PREVIEW: &str = "/projects/32058124T000000000901/evaluation/preview";

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
async fn entered(ground: &Ground) {
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
    ("actual.1", "285"),
    ("actual.2", "72.4"),
    ("actual.3", "96.5"),
    ("actual.4", "21.3"),
    ("actual.5", "部分达成"),
    ("grade.5", "75"),
    ("actual.6", "87.6%"),
    ("reason.1", "两处床位在验收"),
    ("reason.3", "雨季停工"),
    ("reason.5", "机构在整合"),
    ("reason.6", "等候时间较长"),
    ("execution_reason", "招标推迟"),
];

/// Sends the form as it was filled in, with other values for some fields.
async fn send(reader: &Reader, address: &str, version: &str, does: &str, others: &[(&str, &str)]) -> Shown {
    let other = |name: &str| others.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
    let mut fields = vec![("version", version), ("lines", "1,2,3,4,5,6"), ("do", does)];
    fields.extend(FILLED.iter().map(|(name, value)| (*name, other(name).unwrap_or(value))));
    reader.post(address, &fields).await
}

/// The worked example of the rules: 8.86 + 19.00 + 15.00 + 14.48 + 15.00 + 11.25 + 9.73 = 93.32, 优. The preview saves
/// nothing, the form without a script computes the same, and saving scores the project at once.
#[tokio::test]
async fn the_worked_example() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let page = enters.get(FORM).await.text;
    for expected in ["5,500,000.00", "4,873,000.00", "88.60", "8.86", "第 1、2、3、4、5、6 项还没有填完", "—"]
    {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"));
    let version = hidden(&page, "version");

    let preview = send(&enters, PREVIEW, &version, "", &[]).await;
    assert_eq!(preview.status, 200);
    let scores = [(1, "19.00"), (2, "15.00"), (3, "14.48"), (4, "15.00"), (5, "11.25"), (6, "9.73")];
    for (seq, score) in scores {
        let cell = format!("<span id=\"score-{seq}\">{score}</span>");
        assert!(preview.text.contains(&cell), "{cell} in {}", preview.text);
    }
    assert!(preview.text.contains("<strong id=\"total\">93.32</strong>"), "{}", preview.text);
    assert!(preview.text.contains("<strong id=\"rating\">优</strong>") && preview.text.contains("已填写完整"));
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert!(held.lines.iter().all(|line| line.actual.is_missing()) && editing::version(&held) == version);

    let computed = send(&enters, FORM, &version, "compute", &[]).await;
    assert!(computed.status == 200 && computed.text.contains("尚未保存") && computed.text.contains(">93.32<"));
    assert_eq!(editing::version(&records::one(&ground.desk.store, CODE).await.expect("read").expect("held")), version);

    let saved = send(&enters, FORM, &version, "save", &[]).await;
    assert_eq!((saved.status, saved.location), (303, format!("{FORM}?saved=1")));
    let score = ground.desk.store.score(CODE).await.expect("readable").expect("scored");
    assert_eq!((score.total.as_deref(), score.rating.as_str()), (Some("93.32"), "优"));
    let logged = ground.logged("evaluation_save").await;
    assert_eq!(logged, [("enter".into(), CODE.into(), "自评总分 93.32，优".into())]);
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!(held.lines[5].actual.raw(), "87.6%", "kept as it was typed");
    let detail = enters.get("/projects/32058124T000000000901").await.text;
    assert!(detail.contains("填写自评") && detail.contains("自评总分 93.32，优") && detail.contains("93.32"));
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
    let version = hidden(&page, "version");
    let without = [("execution_reason", " ")];
    let preview = send(&enters, PREVIEW, &version, "", &without).await.text;
    assert!(preview.contains("还没有写执行率偏低的原因") && !preview.contains("已填写完整"), "{preview}");
    let saved = send(&enters, FORM, &version, "save", &without).await;
    assert_eq!(saved.status, 303);
    let owed = async || ground.desk.store.score(CODE).await.expect("readable").expect("scored").reason_missing;
    assert!(owed().await);

    let version = hidden(&enters.get(FORM).await.text, "version");
    let saved = send(&enters, FORM, &version, "save", &[]).await;
    assert_eq!(saved.status, 303);
    assert!(!owed().await);
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!(held.project.execution_reason, "招标推迟");
    let page = enters.get(FORM).await.text;
    assert!(page.contains("招标推迟") && page.contains("已填写完整"), "{page}");
    assert!(enters.get("/projects/32058124T000000000901/edit").await.text.contains("招标推迟"));
}

/// A draft is saved with reasons missing, and the form says so; words and ranges are kept, go to review and are told
/// how to be written; a coefficient that is none is refused at its field with nothing lost.
#[tokio::test]
async fn drafts_and_words() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let version = hidden(&enters.get(FORM).await.text, "version");
    let bad = send(&enters, FORM, &version, "save", &[("grade.5", "七成半"), ("actual.1", "299")]).await;
    assert_eq!(bad.status, 422);
    for kept in ["value=\"七成半\"", "value=\"299\"", "两处床位在验收", "0 到 100 之间的数"] {
        assert!(bad.text.contains(kept), "{kept} in {}", bad.text);
    }
    assert!(ground.logged("evaluation_save").await.is_empty());

    let large = "99999999999999999999999999";
    let draft =
        [("actual.1", "完成"), ("actual.2", large), ("actual.3", "95-98 %"), ("reason.5", " "), ("actual.6", "")];
    assert_eq!(send(&enters, FORM, &version, "save", &draft).await.status, 303);
    let page = enters.get(FORM).await.text;
    for expected in [
        "“完成”不是一个确定的数",
        "“95-98 %”不是一个确定的数",
        "“99999999999999999999999999”数值过大",
        "第 6 项还没有填完",
        "第 5 项还没有写偏差原因",
        "第 1、2、3 项须人工复核",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!((held.lines[0].actual.raw(), held.lines[2].actual.raw()), ("完成", "95-98 %"));
    let score = ground.desk.store.score(CODE).await.expect("readable").expect("scored");
    assert_eq!((score.status.as_str(), score.total), ("INCOMPLETE", None));
}

/// A count of evidence is kept with its line; a blank is none; what is no whole number stays in its box with the reason
/// beside it, and nothing is saved. Of two who count, the second sees both counts.
#[tokio::test]
async fn counting_evidence() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let version = hidden(&enters.get(FORM).await.text, "version");
    let counts = |version: &str, first: &str, second: &str| {
        let fields = [("version", version), ("lines", "1,2,3,4,5,6"), ("do", "save")];
        let typed = [("actual.1", "285"), ("evidence.1", first), ("evidence.2", second)];
        fields.into_iter().chain(typed).map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    let send = async |fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        enters.post(FORM, &fields).await
    };
    let bad = send(counts(&version, "三件", "2.5")).await;
    assert_eq!(bad.status, 422);
    for kept in ["value=\"三件\"", "value=\"2.5\"", "value=\"285\"", "佐证件数应为不小于 0 的整数"] {
        assert!(bad.text.contains(kept), "{kept} in {}", bad.text);
    }
    let held = async || records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert!(held().await.lines.iter().all(|line| line.evidence_count == 0 && line.actual.is_missing()));

    assert_eq!(send(counts(&version, "３", "")).await.status, 303);
    assert_eq!(held().await.lines.iter().map(|line| line.evidence_count).collect::<Vec<_>>(), [3, 0, 0, 0, 0, 0]);
    assert!(enters.get(FORM).await.text.contains("name=\"evidence.1\" value=\"3\""));
    assert_eq!(ground.logged("evaluation_save").await.len(), 1);
    let second = send(counts(&version, "5", "0")).await;
    assert!(second.status == 409 && second.text.contains("<td>3</td><td>5</td>"), "{}", second.text);
    assert!(!second.text.contains("2. 护理型床位占比 佐证件数"), "0 and nothing are the same count");
    assert_eq!(held().await.lines[0].evidence_count, 3);
}

/// Two fill in the same form: the second sees both values side by side, loses nothing, and may save on top.
#[tokio::test]
async fn two_people() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let enters = ground.reader("enter").await;
    let version = hidden(&enters.get(FORM).await.text, "version");
    assert_eq!(send(&enters, FORM, &version, "save", &[]).await.status, 303);
    let mine = [("actual.2", "65"), ("reason.2", "占比统计口径调整")];
    let second = send(&enters, FORM, &version, "save", &mine).await;
    assert_eq!(second.status, 409);
    assert!(second.text.contains("<td>72.4</td><td>65</td>"), "{}", second.text);
    assert!(second.text.contains("value=\"65\"") && second.text.contains("已有他人修改并保存了此项目"));
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!(held.lines[1].actual.raw(), "72.4");
    let newest = hidden(&second.text, "version");
    assert_eq!(send(&enters, FORM, &newest, "save", &mine).await.status, 303);
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert_eq!(held.lines[1].actual.raw(), "65");
}

/// Whoever reads or approves sees the form without boxes, sends nothing, and nobody else sees it at all.
#[tokio::test]
async fn who_may() {
    let ground = Ground::new().await;
    entered(&ground).await;
    let reader = ground.reader("read").await;
    let page = reader.get(FORM).await;
    assert!(page.status == 200 && page.text.contains("新增护理型床位") && !page.text.contains("name=\"actual.1\""));
    assert!(!page.text.contains("name=\"evidence.1\""));
    let approves = ground.reader("approve").await;
    for address in [FORM, PREVIEW] {
        assert_eq!(send(&reader, address, "", "save", &[]).await.status, 403);
        assert_eq!(send(&approves, address, "", "save", &[]).await.status, 403);
    }
    assert_eq!(ground.reader("audit").await.get(FORM).await.status, 403);
    assert_eq!(reader.get("/projects/none/evaluation").await.status, 404);
    let held = records::one(&ground.desk.store, CODE).await.expect("readable").expect("held");
    assert!(held.lines.iter().all(|line| line.actual.is_missing()));
}
