//! The form goes out and comes back: what was filled in is found at its line, and nothing else changes.

use std::path::Path;

use rust_xlsxwriter::Format;
use tongpin_console::workbook::{Book, Fault};
use tongpin_domain::number::Typed;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::rules::RuleSet;
use tongpin_domain::score::{RuleRef, score};

use super::*;
use crate::ops::ground::{read_lines, read_projects};
use crate::records::HeldProject;
use crate::sheets::entry;

/// The sample project with four lines of reasons among its texts.
fn held() -> HeldProject {
    let sample = |name: &str| {
        entry::file::table(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)).expect("a sample file")
    };
    let project = read_projects(&sample("projects.csv")).accepted.remove(0).1;
    let lines = read_lines(&sample("project_indicators.csv"), &[project.code.clone()].into());
    let lines = lines.accepted.into_iter().map(|(_, line)| line).collect();
    HeldProject { author: RegionCode::new("320508").expect("a code"), project, lines, reviews: Vec::new() }
}

fn sheet(held: &HeldProject) -> ScoreSheet {
    let rules = RuleSet::from_toml(include_str!("../../../../samples/rules.toml")).expect("the sample is sound");
    let publisher = RegionCode::new("320500").expect("a code");
    let reference = RuleRef { publisher, key: "k".into(), release: 1 };
    score(&held.project, &held.lines, &rules, &reference, &Regions::default())
}

fn back(bytes: &[u8]) -> FilledEvaluation {
    let mut book = Book::open("自评表.xlsx", bytes).expect("a workbook");
    assert!(is_form(&book));
    read(&mut book).expect("readable").expect("a form")
}

/// What comes back unfilled changes nothing, whatever stands in the texts; a score is printed where there is one.
#[test]
fn untouched() {
    let mut held = held();
    held.lines[0].actual = Typed::parse("=1+1");
    held.lines[1].deviation_reason = "一是\r\n二是\"甲\"".into();
    held.lines[2].actual = Typed::parse("95.60%");
    held.lines[3].actual = Typed::parse("");
    for sheet in [None, Some(sheet(&held))] {
        let bytes = write(&held.project, &held.lines, sheet.as_ref()).expect("a form");
        let filled = back(&bytes);
        assert_eq!(filled.code, held.project.code);
        let lines: Vec<ProjectIndicator> =
            filled.lines(&held).expect("the same lines").into_iter().map(|(_, line)| line).collect();
        assert_eq!(lines, held.lines);
    }
}

/// The printed cells: yuan behind the 万元, the score of a line, total and rating; what is not held is a dash.
#[test]
fn printed() {
    let held = held();
    let sheet = sheet(&held);
    let bytes = write(&held.project, &held.lines, Some(&sheet)).expect("a form");
    let cells = Book::open("f", &bytes).expect("a workbook").cells(SHEET).expect("the sheet");
    assert_eq!(cells.get(0, 0), "项目支出绩效自评表");
    assert_eq!(cells.get(1, 2), "（2024年度）");
    let money: Vec<&str> = [2, 3, 5, 7, 8, 9].map(|column| cells.get(5, column)).to_vec();
    assert_eq!(money, ["7663728.58", "7663728.58", "7663728.58", "10", "100.00%", "10.00"]);
    assert_eq!([2, 3, 5].map(|column| cells.get(6, column)), ["—", "7663728.58", "—"]);
    let foot = 12 + u32::try_from(held.lines.len()).expect("few");
    assert_eq!((cells.get(foot, 7), cells.get(foot, 8)), ("100", "99.57"));
    assert_eq!(cells.get(foot, 9), "评价结论：优");
    let count = held.lines[0].evidence_count.to_string();
    assert_eq!((cells.get(11, 9), cells.get(12, 9)), ("佐证件数", count.as_str()));
    let bytes = write(&held.project, &held.lines, None).expect("a form");
    let cells = Book::open("f", &bytes).expect("a workbook").cells(SHEET).expect("the sheet");
    assert_eq!((cells.get(12, 8), cells.get(foot, 9)), ("—", "评价结论：—"));
}

/// A form with some of its cells filled in: row and column counted from 0, and the text.
fn with(bytes: &[u8], cells: &[(u32, u16, &str)]) -> FilledEvaluation {
    let mut filled = back(bytes);
    for (row, column, text) in cells {
        let row = filled.cells.rows.get_mut(row).expect("a line");
        (*text).clone_into(&mut row[usize::from(*column)]);
    }
    filled
}

/// What a unit fills in lands at its line, however its spreadsheet keeps the number.
#[test]
fn filled_in() {
    let held = held();
    let bytes = write(&held.project, &held.lines, None).expect("a form");
    let cells = [(13, ACTUAL, "9,700"), (13, REASON, "超出部分为追加面积"), (14, ACTUAL, "")];
    let changed = with(&bytes, &cells).lines(&held).expect("the same lines");
    let of = |at: usize| (changed[at].1.actual.raw(), changed[at].1.deviation_reason.as_str());
    assert_eq!(of(1), ("9,700", "超出部分为追加面积"));
    assert_eq!(of(2).0, "");
    assert_eq!((changed[0].0, &changed[0].1), (13, &held.lines[0]));
}

/// A form that was exported at 95 and comes back with another line filled in leaves the 99 that somebody entered
/// meanwhile; where both have changed a cell, both values are told. A form of the earlier make, which does not say what
/// it was made from, fills in blanks and changes nothing that is held.
#[test]
fn changed_meanwhile() {
    let mut exported = held();
    exported.lines[0].actual = Typed::parse("95");
    exported.lines[2].actual = Typed::parse("");
    exported.lines[2].evidence_count = 0;
    let bytes = write(&exported.project, &exported.lines, None).expect("a form");
    let mut now = exported.clone();
    now.lines[0].actual = Typed::parse("99");
    now.lines[0].evidence_count = 5;
    now.lines[0].deviation_reason = "已补充".into();
    let lines = with(&bytes, &[(13, ACTUAL, "88")]).lines(&now).expect("no conflict");
    assert_eq!((&lines[0].1, lines[1].1.actual.raw()), (&now.lines[0], "88"));

    let cells = [(12, ACTUAL, "97"), (12, EVIDENCE, "4"), (12, REASON, "另一原因")];
    let problems = with(&bytes, &cells).lines(&now).expect_err("both changed it");
    let told: Vec<_> = problems.iter().map(|it| (it.line, it.column.as_str(), it.found.as_str())).collect();
    assert_eq!(told, [(13, "实际完成值", "97"), (13, "佐证件数", "4"), (13, "偏差原因分析及改进措施", "另一原因")]);
    let expected: Vec<&str> = problems.iter().map(|it| it.expected.zh.as_str()).collect();
    assert!(
        expected[0].contains("现为“99”") && expected[1].contains("现为“5”") && expected[2].contains("现为“已补充”")
    );
    // Both have come to the same.
    assert_eq!(with(&bytes, &[(12, ACTUAL, "99")]).lines(&now).expect("no conflict")[0].1, now.lines[0]);

    let earlier = |cells: &[(u32, u16, &str)]| {
        let mut filled = with(&bytes, cells);
        for row in filled.cells.rows.values_mut().filter(|row| row.len() > usize::from(IDS)) {
            let id = &mut row[usize::from(IDS)];
            *id = if id == MARK { EARLIER.into() } else { id.split('=').next().unwrap_or_default().to_owned() };
        }
        filled.lines(&exported)
    };
    let lines = earlier(&[(14, ACTUAL, "88"), (14, EVIDENCE, "2")]).expect("only what was blank");
    assert_eq!((lines[2].1.actual.raw(), lines[2].1.evidence_count), ("88", 2));
    let problems = earlier(&[(12, ACTUAL, "97")]).expect_err("nobody knows");
    assert!(problems.len() == 1 && problems[0].expected.zh.contains("现为“95”"), "{problems:?}");
}

/// A form that was relabelled for another project is refused where it was: it would be written to the first.
#[test]
fn relabelled() {
    let held = held();
    let bytes = write(&held.project, &held.lines, None).expect("a form");
    let cells = [(PROJECT_ROW, CODE_AT, "32058124T000001000001"), (PROJECT_ROW, NAME_AT, "另一个项目")];
    for (at, told) in [(0, "项目代码"), (1, "项目名称")] {
        let problems = with(&bytes, &cells[at..=at]).lines(&held).expect_err("another's label");
        let found: Vec<_> = problems.iter().map(|it| (it.line, it.column.as_str(), it.found.as_str())).collect();
        assert_eq!(found, [(3, told, cells[at].2)]);
        assert!(problems[0].expected.zh.contains("其他项目请另行导出"));
    }
}

/// The reason for the execution rate goes out and comes back; untouched, or in a form that has no row for it, it stays,
/// and two changes of it are a person's to settle.
#[test]
fn execution_reason() {
    let mut held = held();
    held.project.execution_reason = "一是\r\n招标推迟".into();
    let mut filled = back(&write(&held.project, &held.lines, None).expect("a form"));
    let row = FIRST_LINE + u32::try_from(held.lines.len()).expect("few") + 1;
    assert_eq!(filled.execution_reason(&held.project), Ok(None));
    let meanwhile = Project { execution_reason: "征地滞后".into(), ..held.project.clone() };
    assert_eq!(filled.execution_reason(&meanwhile), Ok(None), "somebody else's later word stays");
    filled.cells.rows.get_mut(&row).expect("its row")[usize::from(EXECUTION_REASON)] = " 雨季停工 ".into();
    assert_eq!(filled.execution_reason(&held.project), Ok(Some((u64::from(row) + 1, "雨季停工".to_owned()))));
    let both = filled.execution_reason(&meanwhile).expect_err("both changed it");
    assert!(both.line == u64::from(row) + 1 && both.expected.zh.contains("征地滞后"), "{both:?}");
    filled.cells.rows.remove(&row);
    assert_eq!(filled.execution_reason(&held.project), Ok(None));
}

/// A count of evidence comes back as a whole number, a blank one as none, and anything else is told at its cell.
#[test]
fn evidence() {
    let mut held = held();
    for line in &mut held.lines {
        line.evidence_count = 7;
    }
    let bytes = write(&held.project, &held.lines, None).expect("a form");
    let counted = |texts: &[&str]| {
        let cells: Vec<_> = (FIRST_LINE..).zip(texts).map(|(row, text)| (row, EVIDENCE, *text)).collect();
        with(&bytes, &cells).lines(&held)
    };
    let lines = counted(&["12", " ", "３"]).expect("whole numbers");
    assert_eq!(lines.iter().take(4).map(|(_, line)| line.evidence_count).collect::<Vec<_>>(), [12, 0, 3, 7]);
    let problems = counted(&["1.5", "若干", "-1"]).expect_err("none of them is a count");
    let found: Vec<_> = problems.iter().map(|it| (it.line, it.column.as_str(), it.found.as_str())).collect();
    assert_eq!(found, [(13, "佐证件数", "1.5"), (14, "佐证件数", "若干"), (15, "佐证件数", "-1")]);
}

/// A form whose lines are not those held, or in which locked cells were changed, is refused at the cell.
#[test]
fn not_the_same_lines() {
    let held = held();
    let mut newer = held.clone();
    newer.lines[0].target = Typed::parse("1300");
    newer.lines[1].weight = 16.into();
    let dropped = newer.lines.remove(2);
    let bytes = write(&held.project, &held.lines, None).expect("a form");
    let problems = back(&bytes).lines(&newer).expect_err("other lines");
    let found: Vec<(u64, &str, &str)> =
        problems.iter().map(|it| (it.line, it.column.as_str(), it.found.as_str())).collect();
    assert_eq!(found, [(13, "年度指标值", "1200"), (14, "分值", "15"), (15, "三级指标", dropped.name.as_str())]);
    assert!(problems[0].expected.zh.contains("“1300”") && problems[0].expected.zh.contains("重新导出"));
    let bytes = write(&newer.project, &newer.lines, None).expect("a form");
    let problems = back(&bytes).lines(&held).expect_err("a line is missing");
    assert!(problems.iter().any(|it| it.line == 0 && it.expected.zh.contains(&dropped.name)), "{problems:?}");
}

/// A form of an earlier make, and one to which a column was added, are told as that and not read as a table.
#[test]
fn of_another_make() {
    for (column, mark) in [(10, "tongpin-form-1"), (12, MARK)] {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().set_name(SHEET).expect("a name").write_string(0, column, mark).expect("a cell");
        let bytes = workbook.save_to_buffer().expect("a workbook");
        let error = read(&mut Book::open("f", &bytes).expect("a workbook")).expect_err("of another make");
        assert_eq!(error.fault, Fault::OtherForm(SHEET.into()), "{mark}");
    }
}

/// A sheet that only bears the name is no form.
#[test]
fn only_the_name() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name(SHEET).expect("a name").write_with_format(0, 0, "x", &Format::new()).expect("");
    let bytes = workbook.save_to_buffer().expect("a workbook");
    let mut book = Book::open("f", &bytes).expect("a workbook");
    assert!(is_form(&book) && read(&mut book).expect("readable").is_none());
}
