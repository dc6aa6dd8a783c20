//! The goal form in the browser: exported, filled in with a spreadsheet, previewed line by line, and imported whole or
//! not at all.

use rust_xlsxwriter::{Format, Worksheet};
use tongpin_domain::number::Typed;
use tongpin_domain::project_form;

use super::ground::{Ground, Reader, Shown};
use super::{hidden, retyped};
use crate::guidance::library::INDICATORS;
use crate::ops::ground::{code, row};
use crate::ops::project_forms;
use crate::records::{self, HeldProject};
use crate::sheets::goal_book::SHEET;

const CODE: &str = "32058124T000000000101";
const FORM: &str = "/projects/32058124T000000000101/goal.xlsx";
const GOAL: &str = "/projects/32058124T000000000101/goal";

async fn ground() -> Ground {
    let ground = Ground::new().await;
    let entry = r#"{"code":"WJ-99-001","level1":"产出","level2":"数量","name":"新增<b>床位","nature":"≥","unit":"张",
        "rule_type":"PROP_UP","agg_method":"累加"}"#;
    ground.desk.publish(INDICATORS, "WJ-99-001", entry, 1).await;
    ground
}

async fn held(ground: &Ground) -> HeldProject {
    records::one(&ground.desk.store, CODE).await.expect("readable").expect("held")
}

async fn year_goal(ground: &Ground) -> String {
    project_forms::read(&ground.desk.store, project_form::GOAL, &code("320581"), CODE)
        .await
        .expect("readable")
        .form
        .text("year_goal")
        .to_owned()
}

fn saved(form: &[u8], name: &str, cells: &[(u32, u16, &str)], also: impl Fn(&mut Worksheet)) -> Vec<u8> {
    retyped(form, (SHEET, name), cells, also)
}

fn filled(form: &[u8], cells: &[(u32, u16, &str)]) -> Vec<u8> {
    saved(form, SHEET, cells, |_| {})
}

async fn preview(reader: &Reader, file: &[u8]) -> Shown {
    reader.upload("/import", &[], ("申报表.xlsx", file)).await
}

async fn confirm(reader: &Reader, preview: &Shown) -> Shown {
    let (file, effect) = (hidden(&preview.text, "file"), hidden(&preview.text, "effect"));
    reader.post("/import/confirm", &[("file", &file), ("effect", &effect)]).await
}

/// What was exported comes back unchanged, also from a sheet that was given another name; the ways to it stand on the
/// project's and the goal's pages, and the empty form can be downloaded.
#[tokio::test]
async fn unchanged() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    enters.post(GOAL, &[("page-version", ""), ("year_goal", "一\r\n二"), ("whole_amount", "1,200")]).await;
    for address in [GOAL, "/projects/32058124T000000000101"] {
        assert!(enters.get(address).await.text.contains(&format!("href=\"{FORM}\"")), "{address}");
    }
    let form = enters.file(FORM).await;
    for file in [form.clone(), filled(&form, &[]), saved(&form, "Sheet1", &[], |_| {})] {
        let shown = preview(&enters, &file).await;
        assert!(shown.status == 200 && shown.text.contains("没有变更"), "{}", shown.text);
        assert!(!shown.text.contains("确认导入"));
    }
    assert_eq!(ground.logged("records_export").await.len(), 1);
    assert!(enters.get("/import").await.text.contains("/import/template/goal.xlsx"));
    let empty = enters.file("/import/template/goal.xlsx").await;
    let shown = preview(&enters, &empty).await;
    assert!(
        shown.status == 422 && shown.text.contains(">I3<") && shown.text.contains("要填报的项目的代码"),
        "{}",
        shown.text
    );
    let shown = preview(&enters, &filled(&empty, &[(2, 8, "NONE")])).await;
    assert!(shown.status == 422 && shown.text.contains("系统中没有这个项目"), "{}", shown.text);
    assert_eq!(enters.get("/import/data/goal.xlsx").await.status, 404);
    assert_eq!(enters.get("/projects/none/goal.xlsx").await.status, 404);
    assert_eq!(ground.reader("audit").await.get(FORM).await.status, 403);
}

/// The preview names each text and each line that changes, is new or goes, and changes nothing; confirmed, all of it is
/// written at once, scored and logged.
#[tokio::test]
async fn previewed_and_written() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    enters.post(GOAL, &[("page-version", ""), ("year_goal", "旧目标")]).await;
    let before = held(&ground).await;
    let form = enters.file(FORM).await;
    let (last, gone) = (16 + u32::try_from(before.lines.len()).expect("few"), before.lines.last().expect("lines"));
    let weight = gone.weight.normalize().to_string();
    let mut cells = vec![(15, 2, "新<i>目标"), (17, 4, "116"), (last + 1, 10, "WJ-99-001"), (last + 1, 4, "40")];
    cells.push((last + 1, 6, &weight));
    cells.extend((0..11).map(|column| (last, column, "")));
    let shown = preview(&enters, &filled(&form, &cells)).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(shown.text.contains("新增 1，修改 2，未变 4，删除 1"), "{}", shown.text);
    for told in
        ["年度目标：旧目标 → 新&lt;i&gt;目标", "年度指标值：115 → 116", "新增&lt;b&gt;床位", "目标文字", "将一并删除"]
    {
        assert!(shown.text.contains(told), "{told} in {}", shown.text);
    }
    assert_eq!((held(&ground).await.lines, year_goal(&ground).await.as_str()), (before.lines.clone(), "旧目标"));

    let done = confirm(&enters, &shown).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert!(enters.get(&done.location).await.text.contains(&format!("{GOAL}/check")));
    let now = held(&ground).await;
    assert_eq!((now.lines.len(), year_goal(&ground).await.as_str()), (before.lines.len(), "新<i>目标"));
    let new = now.lines.last().expect("lines");
    assert_eq!((new.indicator_code.as_deref(), new.seq, new.weight), (Some("WJ-99-001"), gone.seq + 1, gone.weight));
    assert_eq!((now.lines[0].target.raw(), &now.lines[0].actual), ("116", &before.lines[0].actual));
    assert!(ground.desk.store.score(CODE).await.expect("readable").is_some(), "it is scored at once");
    let logged = ground.logged("goal_fill").await;
    assert_eq!((logged.len(), logged[0].1.as_str()), (1, CODE));
}

/// Formulas, merged lines, a sheet that only bears the name, a missing column and weights that do not add up are told
/// with their cell; nothing is written.
#[tokio::test]
async fn bad_files() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let before = held(&ground).await;
    let form = enters.file(FORM).await;
    let formula = |sheet: &mut Worksheet| drop(sheet.write_formula(17, 6, "=10+10"));
    let merged = |sheet: &mut Worksheet| drop(sheet.merge_range(17, 0, 18, 0, "产出", &Format::new()));
    let bare = |sheet: &mut Worksheet| drop(sheet.write_string(0, 11, "x"));
    let other = |sheet: &mut Worksheet| drop(sheet.write_string(0, 11, "tongpin-goal-0"));
    let sum = format!(">G{}<", 17 + before.lines.len() + 13);
    let cases = [
        (saved(&form, SHEET, &[], formula), "绩效目标申报表!G18 是公式"),
        (saved(&form, SHEET, &[], merged), "绩效目标申报表!A18:A19 是合并单元格"),
        (saved(&form, SHEET, &[], bare), "工作表“绩效目标申报表”不是从系统下载的表格"),
        (saved(&form, SHEET, &[], other), "工作表“绩效目标申报表”是其他版本的表格"),
        (filled(&form, &[(16, 4, "")]), "名为“指标值”的一列"),
        (filled(&form, &[(17, 6, "3")]), sum.as_str()),
        (filled(&form, &[(6, 2, "年初")]), ">C7<"),
    ];
    for (file, told) in cases {
        let shown = preview(&enters, &file).await;
        assert!(shown.status == 422 && shown.text.contains(told), "{told} in {}", shown.text);
        assert!(!shown.text.contains("确认导入"));
    }
    assert_eq!(held(&ground).await.lines, before.lines);
    assert!(ground.logged("goal_fill").await.is_empty());
}

/// Of two people, the one who comes second is told: of a line or a text that changed since the export at its row, and
/// of a change between preview and confirmation by a new preview. Nothing is overwritten unseen.
#[tokio::test]
async fn two_people() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    enters.post(GOAL, &[("page-version", ""), ("year_goal", "旧目标")]).await;
    let form = enters.file(FORM).await;
    let file = filled(&form, &[(15, 2, "我的目标"), (17, 4, "116")]);
    let shown = preview(&enters, &file).await;
    assert_eq!(shown.status, 200, "{}", shown.text);

    let mut meanwhile = held(&ground).await.lines[1].clone();
    meanwhile.actual = Typed::parse("9");
    let body = serde_json::to_string(&meanwhile);
    ground.desk.put(&[row("project_indicator", &meanwhile.record_key(), body)]).await;
    let version = project_forms::read(&ground.desk.store, project_form::GOAL, &code("320581"), CODE)
        .await
        .expect("readable")
        .version;
    enters.post(GOAL, &[("page-version", &version), ("year_goal", "旧目标"), ("leader", "经办-002")]).await;
    let stopped = confirm(&enters, &shown).await;
    assert!(stopped.status == 409 && stopped.text.contains("在您查看之后"), "{}", stopped.text);
    assert_eq!(year_goal(&ground).await, "旧目标");

    let version = project_forms::read(&ground.desk.store, project_form::GOAL, &code("320581"), CODE)
        .await
        .expect("readable")
        .version;
    enters.post(GOAL, &[("page-version", &version), ("year_goal", "他的目标"), ("leader", "经办-002")]).await;
    let refused = confirm(&enters, &stopped).await;
    assert!(refused.text.contains(">C16<") && refused.text.contains("他的目标"), "{}", refused.text);
    let refused = preview(&enters, &file).await;
    assert!(refused.status == 422 && refused.text.contains("已有他人修改"), "{}", refused.text);
    assert_eq!((year_goal(&ground).await.as_str(), held(&ground).await.lines[0].target.raw()), ("他的目标", "115"));
}
