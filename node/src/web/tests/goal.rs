//! Writing a project's goal: chosen from the library or made by the unit, weighed, checked and printed.

use tongpin_domain::project_form;

use super::ground::Ground;
use super::hidden;
use crate::guidance::library::INDICATORS;
use crate::ops::ground::{code, row};
use crate::ops::project_forms;
use crate::records::{self, HeldProject};

const CODE: &str = "32058124T000000000101";
const LINES: &str = "/projects/32058124T000000000101/goal/indicators";
const GOAL: &str = "/projects/32058124T000000000101/goal";

async fn ground() -> Ground {
    let ground = Ground::new().await;
    let entry = r#"{"code":"WJ-99-001","department":"卫生健康委员会","level1":"产出","level2":"数量","name":"<新增床位数>",
        "definition":"年末可用床位","nature":"≥","unit":"张","rule_type":"STEP","rule_params":"step=2;cut=5",
        "typical_target":"300","agg_method":"累加"}"#;
    ground.desk.publish(INDICATORS, "WJ-99-001", entry, 1).await;
    let used =
        r#"{"code":"WJ-22-001","level1":"产出","name":"高血压患者规范管理率","unit":"%","agg_method":"加权平均"}"#;
    ground.desk.publish(INDICATORS, "WJ-22-001", used, 2).await;
    ground
}

async fn held(ground: &Ground) -> HeldProject {
    records::one(&ground.desk.store, CODE).await.expect("readable").expect("held")
}

/// What similar projects use comes first; as one types, the hits follow, and what is in the library is text.
#[tokio::test]
async fn finding_as_one_types() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let page = enters.get(LINES).await.text;
    let place = |text: &str| page.find(text).expect("it is there");
    let found = place("id=\"found\"");
    assert!(found < place("本级已有 1 个项目使用，其中同一专项 1 个"));
    assert!(place("本级已有 1 个项目使用") < place("本级已有 0 个项目使用") && !page.contains("<新增床位数>"));
    let hits = enters.post(&format!("{GOAL}/find"), &[("q", "床位")]).await;
    assert!(hits.status == 200 && hits.text.starts_with("<div id=\"found\">"), "{}", hits.text);
    assert!(hits.text.contains("找到 1 条") && hits.text.contains("参考值 300") && hits.text.contains("add:WJ-99-001"));
    let reader = ground.reader("read").await;
    let hits = reader.post(&format!("{GOAL}/find"), &[("q", "床位")]).await.text;
    assert!(hits.contains("找到 1 条") && !hits.contains("add:"), "who only reads chooses nothing");
}

/// Without a script the search is a button of the same form: it shows the page again with everything that was typed and
/// with what was found, and saves nothing. Enter looks when something else is asked for, and saves otherwise.
#[tokio::test]
async fn searching_keeps_what_was_typed() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let page = enters.get(LINES).await.text;
    assert!(
        page.contains("form=\"lines\" name=\"do\" value=\"search\"")
            && !page.contains("method=\"get\" action=\"/projects")
    );
    let version = hidden(&page, "version");
    let typed = |does: &'static str| {
        let fields = [("q", "床位"), ("level1", "产出"), ("found", "床位\r\n\r\n产出"), ("do", does)];
        let lines = [("is-1", "WJ-11-001"), ("target-1", "约120"), ("weight-1", "十"), ("own-name", "送医次数")];
        [("version", version.as_str())].into_iter().chain(fields).chain(lines).collect::<Vec<_>>()
    };
    let shown = enters.post(LINES, &typed("search")).await;
    assert_eq!(shown.status, 200);
    for kept in ["value=\"约120\"", "value=\"十\"", "value=\"送医次数\"", "value=\"床位\"", "找到 1 条", "尚未保存"]
    {
        assert!(shown.text.contains(kept), "{kept} in {}", shown.text);
    }
    assert!(shown.text.contains("<option value=\"产出\" selected>") && hidden(&shown.text, "version") == version);
    let mut anew = typed("enter");
    anew.retain(|(name, _)| *name != "found");
    assert!(enters.post(LINES, &anew).await.text.contains("尚未保存"), "Enter in the search looks");
    assert_eq!(enters.post(LINES, &typed("enter")).await.status, 422, "Enter elsewhere saves, and the weight is none");
    assert_eq!(held(&ground).await.lines[0].target.raw(), "115");
    assert!(ground.logged("goal_lines").await.is_empty());
    assert!(ground.reader("read").await.get(LINES).await.text.contains("method=\"get\""), "who reads has no such form");
}

/// Choosing copies code, unit and rule, saves what was typed with it, and leaves every actual as it was. The weight is
/// what is left, here nothing; the sum that no longer fits is told, not refused.
#[tokio::test]
async fn choosing_from_the_library() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let before = held(&ground).await;
    let page = enters.get(LINES).await.text;
    assert!(page.contains("与规则相符"), "the sample's weights are 90");
    let version = hidden(&page, "version");
    let typed = [
        ("version", version.as_str()),
        ("is-1", "WJ-11-001"),
        ("target-1", "约120"),
        ("weight-1", "25"),
        ("do", "add:WJ-99-001"),
    ];
    let added = enters.post(LINES, &typed).await;
    // The unit's own score of the first line was one of 20 points.
    assert_eq!((added.status, added.location.as_str()), (303, &*format!("{LINES}?done=added&restated=1")));
    let now = held(&ground).await;
    let new = now.lines.last().expect("a line");
    assert_eq!((now.lines.len(), new.seq, new.name.as_str()), (before.lines.len() + 1, 7, "<新增床位数>"));
    assert_eq!(new.indicator_code.as_deref(), Some("WJ-99-001"));
    assert_eq!((new.unit.as_str(), new.rule_type.as_str(), new.rule_params.as_str()), ("张", "STEP", "step=2;cut=5"));
    assert!(new.target.is_missing() && new.weight.is_zero());
    assert_eq!(now.lines[0].target.raw(), "约120");
    assert!(before.lines.iter().zip(&now.lines).all(|(old, new)| old.actual == new.actual));
    let page = enters.get(LINES).await.text;
    assert!(page.contains("规则要求 90") && page.contains("多 5") && page.contains("要写成一个数"), "{page}");
    assert_eq!(ground.logged("goal_lines").await.len(), 1);

    let again = enters.post(LINES, &typed).await;
    assert!(again.status == 409 && again.text.contains("已有他人修改并保存了此项目"), "{}", again.text);
    assert_eq!(held(&ground).await.lines.len(), 7);
}

/// An indicator of one's own needs a name, a level and a method of the rules, told at each field with all that was
/// typed kept; then it is marked as such.
#[tokio::test]
async fn making_ones_own() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let version = hidden(&enters.get(LINES).await.text, "version");
    let mut typed = vec![
        ("version", version.as_str()),
        ("own-name", "<b>送医上门次数"),
        ("own-weight", "十"),
        ("own-rule", "LEAP"),
        ("own-params", "step=0"),
        ("do", "own"),
    ];
    let refused = enters.post(LINES, &typed).await;
    assert_eq!(refused.status, 422);
    for field in ["own-level1", "own-weight", "own-rule", "own-params"] {
        assert!(refused.text.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    assert!(refused.text.contains("value=\"&lt;b&gt;送医上门次数\"") && refused.text.contains("value=\"十\""));
    typed.truncate(2);
    typed.extend([("own-level1", "产出"), ("own-weight", "５"), ("own-rule", "PROP_UP"), ("do", "own")]);
    assert_eq!(enters.post(LINES, &typed).await.status, 303);
    let now = held(&ground).await;
    let own = now.lines.last().expect("a line");
    assert_eq!(
        (own.indicator_code.as_deref(), own.rule_type.as_str(), own.weight.to_string()),
        (None, "PROP_UP", "5".into())
    );
    let page = enters.get(LINES).await.text;
    assert!(page.contains("自设</span>") && page.contains("&lt;b&gt;送医上门次数"));
}

/// A line goes up, and one is removed only after it was asked; what is typed into others is kept meanwhile.
#[tokio::test]
async fn moving_and_removing() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let version = hidden(&enters.get(LINES).await.text, "version");
    assert_eq!(enters.post(LINES, &[("version", &version), ("do", "up:2")]).await.status, 303);
    let now = held(&ground).await;
    let first: Vec<_> = now.lines.iter().take(2).map(|it| (it.seq, it.indicator_code.as_deref())).collect();
    assert_eq!(first, [(1, Some("WJ-21-001")), (2, Some("WJ-11-001"))]);
    let version = crate::ops::editing::version(&now);
    let asked = enters
        .post(LINES, &[("version", &version), ("is-1", "WJ-21-001"), ("weight-1", "16"), ("do", "delete:2")])
        .await;
    assert_eq!(asked.location, format!("{LINES}/2/delete"));
    let page = enters.get(&asked.location).await.text;
    assert!(page.contains("基本公共卫生服务人均补助标准") && page.contains("已填的实际完成值 115"), "{page}");
    assert_eq!(held(&ground).await.lines.len(), 6);
    let version = hidden(&page, "version");
    assert_eq!(enters.post(&asked.location, &[("version", &version)]).await.status, 303);
    let left = held(&ground).await.lines;
    assert_eq!(left.iter().map(|line| line.seq).collect::<Vec<_>>(), [1, 3, 4, 5, 6]);
    assert_eq!(left[0].weight.to_string(), "16");
    assert_eq!(enters.get(&asked.location).await.status, 404);
}

/// As one types, the sum and each doubtful target are told without anything being saved.
#[tokio::test]
async fn weighing_as_one_types() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let typed = [("is-1", "WJ-11-001"), ("weight-1", "12.5"), ("target-1", "100-120")];
    let told = enters.post(&format!("{GOAL}/weigh"), &typed).await;
    assert!(told.status == 200 && told.text.contains("<strong>82.5</strong>") && told.text.contains("少 7.5"));
    let doubts = told.text.matches("要写成一个数").count();
    assert!(doubts == 1 && told.text.contains("id=\"doubt-6\""), "{}", told.text);
    assert_eq!(held(&ground).await.lines[0].weight.to_string(), "20");
}

/// The texts are kept with their lines, too long ones and odd days are told at the field, and of two who save, the
/// second sees what the first wrote.
#[tokio::test]
async fn texts() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    assert!(enters.get(&format!("{GOAL}/check")).await.text.contains("“年度目标”还没有填写"));
    let long = "长".repeat(451);
    let bad = [
        ("page-version", ""),
        ("plan", long.as_str()),
        ("starts", "2024-05-01"),
        ("ends", "2024年4月30日"),
        ("whole_amount", "约300万"),
        ("leader", "甲<b>"),
    ];
    let refused = enters.post(GOAL, &bad).await;
    assert_eq!(refused.status, 422);
    for (field, said) in [("plan", "450"), ("ends", "早于起始时间"), ("whole_amount", "不是一个确定的数")]
    {
        let at = refused.text.find(&format!("id=\"note-{field}\"")).expect("an error at the field");
        assert!(refused.text[at..].split("</div>").next().is_some_and(|text| text.contains(said)), "{field}");
    }
    assert!(refused.text.contains("value=\"甲&lt;b&gt;\"") && refused.text.contains(&long));
    let odd = enters.post(GOAL, &[("page-version", ""), ("starts", "年初")]).await;
    assert!(odd.status == 422 && odd.text.contains("不是一个日期"), "{}", odd.text);
    let saved = enters.post(GOAL, &[("page-version", ""), ("year_goal", "一\r\n二"), ("and-then", "next")]).await;
    assert_eq!((saved.status, saved.location.as_str()), (303, &*format!("{LINES}?done=saved")));
    let second = enters.post(GOAL, &[("page-version", ""), ("year_goal", "三")]).await;
    assert!(second.status == 409 && second.text.contains("他人已保存的：一\n二"), "{}", second.text);
    assert!(second.text.contains(">\n三</textarea>") || second.text.contains(">三</textarea>"), "{}", second.text);
    let version = hidden(&second.text, "page-version");
    assert_eq!(enters.post(GOAL, &[("page-version", &version), ("year_goal", "三")]).await.status, 303);
    let goal = project_forms::read(&ground.desk.store, project_form::GOAL, &code("320581"), CODE)
        .await
        .expect("readable")
        .form;
    assert_eq!(goal.text("year_goal"), "三");
    let evaluation = enters.get("/projects/32058124T000000000101/evaluation").await.text;
    assert!(evaluation.contains("预期目标") && evaluation.contains(">三</output>"), "{evaluation}");
    assert_eq!(ground.logged("goal_save").await.len(), 2);
}

/// The last step advises and prints the official form with lines, weights and standards.
#[tokio::test]
async fn checking_and_printing() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let page = enters.get(&format!("{GOAL}/check")).await.text;
    assert!(page.contains("data-print") && page.contains("项目支出绩效目标申报表"));
    assert!(page.contains("居民电子健康档案建档人数") && page.contains("比例法：达到指标值得满分"));
    assert!(!page.contains("没有满意度指标") && !page.contains("权重合计"));
}

/// Who only reads or approves sees all of it and changes nothing; who does no such work sees none; a township's project
/// is its own to change.
#[tokio::test]
async fn duties() {
    let ground = ground().await;
    for duty in ["read", "approve"] {
        let reader = ground.reader(duty).await;
        let page = reader.get(LINES).await.text;
        assert!(
            page.contains("居民电子健康档案建档人数")
                && !page.contains("name=\"do\"")
                && !page.contains("name=\"weight-1\"")
        );
        assert_eq!(reader.post(LINES, &[("do", "save")]).await.status, 403);
        assert_eq!(reader.post(GOAL, &[]).await.status, 403);
        assert_eq!(reader.get(&format!("{LINES}/1/delete")).await.status, 403);
    }
    let audit = ground.reader("audit").await;
    for address in [GOAL, LINES] {
        assert_eq!(audit.get(address).await.status, 403, "{address}");
    }
    let enters = ground.reader("enter").await;
    assert_eq!(enters.get("/projects/none/goal").await.status, 404);
    let mut project = held(&ground).await.project;
    project.code = "T1".into();
    let record = row(tongpin_domain::project::PROJECT, "T1", serde_json::to_string(&project));
    let own = code("320581101");
    let put = tongpin_store::Put { own: &own, records: &[record], at: tongpin_domain::moment::Moment(0), log: false };
    ground.desk.store.put_records(&put).await.expect("writable");
    let page = enters.get("/projects/T1/goal").await.text;
    assert!(page.contains("由 320581101 登记并上送") && !page.contains("<textarea"));
    assert_eq!(enters.post("/projects/T1/goal", &[("version", "")]).await.status, 403);
}

/// The unit's own score of a line that gets another weight is taken back, which the page says; nothing compares it with
/// the score by the new weight any more, and saving the self-evaluation states it anew. Other lines keep theirs.
#[tokio::test]
async fn another_weight_asks_again() {
    let ground = ground().await;
    ground.desk.score().await;
    let enters = ground.reader("enter").await;
    let version = hidden(&enters.get(LINES).await.text, "version");
    let typed = [
        ("version", version.as_str()),
        ("is-1", "WJ-11-001"),
        ("weight-1", "15"),
        ("is-2", "WJ-21-001"),
        ("do", "save"),
    ];
    let saved = enters.post(LINES, &typed).await;
    assert_eq!((saved.status, saved.location.as_str()), (303, &*format!("{LINES}?done=saved&restated=1")));
    let page = enters.get(&saved.location).await.text;
    assert!(page.contains("有 1 项指标的分值") && page.contains("/evaluation"), "{page}");
    let own = |held: &HeldProject| -> Vec<String> {
        held.lines
            .iter()
            .map(|line| line.self_score.map(|score| score.normalize().to_string()).unwrap_or_default())
            .collect()
    };
    assert_eq!(own(&held(&ground).await), ["", "14.82", "10", "14.94", "20", "10"]);
    let sheet = ground.desk.store.score(CODE).await.expect("readable").expect("scored").sheet;
    assert!(!sheet.contains("SELF_SCORE_MISMATCH"), "{sheet}");
    assert!(ground.logged("goal_lines").await[0].2.ends_with("清空 1 项自评得分"));

    let form = format!("/projects/{CODE}/evaluation");
    let version = hidden(&enters.get(&form).await.text, "page-version");
    assert_eq!(enters.post(&form, &[("page-version", &version)]).await.status, 303);
    assert_eq!(own(&held(&ground).await), ["15", "14.82", "10", "14.94", "20", "10"]);
}
