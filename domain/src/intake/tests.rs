//! What intake promises: the sample files are accepted whole, and every kind of bad cell is named with its line,
//! column, what was found and what was expected.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::form::{Definition, Facts};
use crate::project::{Project, ProjectIndicator};

mod asked;
mod catalogs;

const PROJECTS: &[u8] = include_bytes!("../../../samples/projects.csv");
const LINES: &[u8] = include_bytes!("../../../samples/project_indicators.csv");

/// Read by the forms as the program ships them.
fn projects(table: &Table) -> Intake<Project> {
    super::projects(table, &Asked::new(Definition::of_projects(), &Facts::default()))
}

fn project_indicators(table: &Table, known: &BTreeSet<String>) -> Intake<ProjectIndicator> {
    super::project_indicators(table, &Asked::new(Definition::of_lines(), &Facts::default()), known)
}

fn table(name: &str, bytes: &[u8]) -> Table {
    read_csv(name, bytes).expect("a readable file")
}

/// The samples' table of projects with one cell of its first row replaced.
fn projects_with(column: &str, cell: &str) -> Intake<Project> {
    let mut table = table("projects.csv", PROJECTS);
    let index = table.header.iter().position(|title| title == column).expect("a column of projects.csv");
    table.rows.truncate(1);
    table.rows[0].cells[index] = cell.to_owned();
    projects(&table)
}

fn codes(projects: &Intake<Project>) -> BTreeSet<String> {
    projects.accepted.iter().map(|(_, project)| project.code.clone()).collect()
}

/// One problem or warning as (line, column, found).
fn short(problems: &[Problem]) -> Vec<(u64, &str, &str)> {
    problems.iter().map(|problem| (problem.line, problem.column.as_str(), problem.found.as_str())).collect()
}

/// All 60 sample projects are accepted as typed. Only the two rows that spend more than they have are doubtful:
/// `EXEC_OVER_BUDGET` (27,144,175.06 > 26,795,829.28) and `ZERO_BUDGET_EXECUTED` (120,000.00 > 0.00).
#[test]
fn sample_projects() {
    let intake = projects(&table("projects.csv", PROJECTS));
    assert_eq!((intake.accepted.len(), &intake.problems[..]), (60, &[][..]));
    let tagged = |tag: &str| intake.accepted.iter().find(|(_, project)| project.case_tag == tag).expect("a tag");
    let (over, zero) = (tagged("EXEC_OVER_BUDGET").0, tagged("ZERO_BUDGET_EXECUTED").0);
    assert_eq!(short(&intake.warnings), [(over, "executed", "27144175.06"), (zero, "executed", "120000.00")]);

    let odd = &tagged("AMOUNT_FORMAT").1.money;
    assert_eq!(odd.executed.raw(), "８，２６８，３１６．５９");
    assert_eq!(odd.executed.fen().map(|fen| fen.0), Some(826_831_659));
    assert_eq!(tagged("OLD_REGION_CODE").1.region.as_str(), "320571");
    assert!(tagged("VARIANT_CHARS").1.name.ends_with(' '), "a name is kept as typed");
    for (_, project) in &intake.accepted {
        let json = serde_json::to_string(project).expect("JSON");
        assert_eq!(&serde_json::from_str::<Project>(&json).expect("written above"), project);
    }
}

/// All 315 sample lines are accepted, the awkward ones too; each reads back from its stored form, and a line number
/// counts the line breaks within quotes (315 rows, one break in a reason: the last row stands on line 317).
#[test]
fn sample_lines() {
    let known = codes(&projects(&table("projects.csv", PROJECTS)));
    let intake = project_indicators(&table("project_indicators.csv", LINES), &known);
    assert_eq!((intake.accepted.len(), &intake.problems[..], &intake.warnings[..]), (315, &[][..], &[][..]));
    assert_eq!(intake.accepted.last().map(|(line, _)| *line), Some(317));
    let keys: BTreeSet<String> = intake.accepted.iter().map(|(_, line)| line.record_key()).collect();
    assert_eq!(keys.len(), 315);
    assert_eq!(intake.accepted.iter().filter(|(_, line)| line.low_target_confirmed).count(), 1);
    for (_, line) in &intake.accepted {
        let json = serde_json::to_string(line).expect("JSON");
        assert_eq!(&serde_json::from_str::<ProjectIndicator>(&json).expect("written above"), line);
    }
}

/// Each bad cell of a project is one problem that names it, and the row is not accepted.
#[test]
fn bad_project_cells() {
    for (column, cell) in [
        ("project_code", ""),
        ("project_code", "A B"),
        ("project_code", "A/B"),
        ("project_name", "  "),
        ("fiscal_year", "二〇二四"),
        ("region_code", "３２０５０８"),
        ("township_code", "320508"),
        ("project_code", "3.20581E+20"),
        ("project_code", "32050824.0"),
        ("region_code", "320508.0"),
        ("township_code", "3.20508E+08"),
        ("mof_div_code", "320508000.0"),
        ("fund_code", "2.024E+09"),
        ("func_code", "2050299.0"),
        ("budget_adjusted", "约300万"),
        ("executed", "12.345"),
        ("executed", "1e400"),
        ("executed", "∞"),
        ("executed", "#REF!"),
        ("project_name", "#N/A"),
        ("department", "########"),
        ("project_name", "案\u{7}例"),
        ("project_code", "\u{200b}32050824T000003000101"),
        ("project_code", "'32050824T000003000101"),
        ("region_code", "\u{feff}320508"),
        ("fund_code", "ZX2024\u{200d}-01"),
    ] {
        let intake = projects_with(column, cell);
        assert_eq!(short(&intake.problems), [(2, column, cell)]);
        assert!(intake.accepted.is_empty(), "{column}");
    }
    let spoilt = projects_with("project_code", "3.20581E+20");
    assert_eq!(
        spoilt.problems[0].say(Lang::Zh),
        "projects.csv 第 2 行 project_code 列为“3.20581E+20”，应为：完整的代码；电子表格已把它变成科学记数法，后面的数字丢失了，请把该列设为“文本”格式后重新填写完整代码"
    );
    for (column, cell, why) in [
        ("region_code", "320508.0", "小数"),
        ("region_code", "3.20508E+05", "科学记数法"),
        ("township_code", "3.20508E+08", "科学记数法"),
        ("fund_code", "2.024E+09", "科学记数法"),
    ] {
        let said = projects_with(column, cell).problems[0].say(Lang::Zh);
        assert!(said.contains(why) && said.contains("“文本”"), "{said}");
    }
    let intake = projects_with("budget_adjusted", "约300万");
    assert_eq!(
        intake.problems[0].say(Lang::Zh),
        "projects.csv 第 2 行 budget_adjusted 列为“约300万”，应为：以元为单位、至多两位小数的金额，如 1,234.56（不是一个确定的数）"
    );
}

/// Amounts that don't add up are doubtful but accepted; a blank amount is missing and is compared with nothing.
/// The first row has 7,663,728.58 = 7,663,728.58 + 0 + 0 = 4,598,237.15 + 3,065,491.43 + 0.
#[test]
fn sums_of_amounts() {
    assert_eq!(short(&projects_with("carry_over", "1").warnings), [(2, "budget_adjusted", "7663728.58")]);
    assert_eq!(short(&projects_with("fund_other", "1").warnings), [(2, "budget_adjusted", "7663728.58")]);
    assert_eq!(short(&projects_with("executed", "766.372859万").warnings), [(2, "executed", "766.372859万")]);
    assert_eq!(short(&projects_with("arrived", "7663728.59").warnings), [(2, "arrived", "7663728.59")]);
    let blank = projects_with("carry_over", "");
    assert!(blank.warnings.is_empty() && blank.accepted.len() == 1);
    assert!(blank.accepted[0].1.money.carry_over.is_missing());
}

/// Only an adjustment may be below zero without a word.
#[test]
fn amounts_below_zero() {
    let said = projects_with("executed", "-500000").warnings;
    assert_eq!(short(&said), [(2, "executed", "-500000")]);
    assert!(said[0].expected.zh.contains("不小于 0"));
    let adjusted = projects_with("budget_adjust", "-1").warnings;
    assert_eq!(short(&adjusted), [(2, "budget_adjusted", "7663728.58")], "the sum no longer fits, and no more");
}

/// Another table, a title above the column names and names between full-width commas are one sentence each, not one for
/// every column; column names that come again and totals are told as what they are.
#[test]
fn not_this_table() {
    let head = "project_code,project_name,fiscal_year,region_code,budget_initial,executed";
    let one = |text: &str| {
        let intake = projects(&table("p.csv", text.as_bytes()));
        assert_eq!(short(&intake.problems).len(), 1, "{:?}", intake.problems);
        assert_eq!((intake.problems[0].line, intake.problems[0].column.as_str()), (1, ""));
        intake.problems[0].say(Lang::Zh)
    };
    let other = one("a,b\n1,2\n");
    assert!(other.contains("第 1 行为“a,b”，应为：列名；缺少 25 列：project_code（项目代码）、"), "{other}");
    assert!(other.contains("核对是不是这张表"), "{other}");
    assert!(one(&format!("2024年度项目表,,\n{head}\n")).contains("列名似乎在第 2 行，请删去它上面的行"));
    assert!(one(&head.replace(',', "，")).contains("中文逗号"));

    let mut again = table("projects.csv", PROJECTS);
    again.rows.truncate(3);
    again.rows[1].cells = again.header.clone();
    again.rows[2].cells = again.header.iter().map(|_| String::new()).collect();
    again.rows[2].cells[0] = "合计".into();
    let intake = projects(&again);
    assert_eq!((intake.accepted.len(), intake.problems.len()), (1, 2));
    let said: Vec<&str> = intake.problems.iter().map(|problem| problem.expected.zh.as_str()).collect();
    assert!(said[0].contains("又是列名") && said[1].contains("合计行"), "{said:?}");
}

/// A township outside its county is doubtful.
#[test]
fn township_elsewhere() {
    assert_eq!(short(&projects_with("township_code", "320583101").warnings), [(2, "township_code", "320583101")]);
}

/// A missing column, a repeated key and a ragged row are each named; the good rows of the file are still shown.
#[test]
fn structure() {
    let mut table = table("projects.csv", PROJECTS);
    table.rows.truncate(3);
    let copied = table.rows[0].cells[0].clone();
    table.rows[1].cells[0].clone_from(&copied);
    table.rows[2].cells.pop();
    let intake = projects(&table);
    assert_eq!(intake.accepted.len(), 1);
    assert_eq!((intake.problems[0].line, intake.problems[0].found.as_str()), (3, copied.as_str()));
    assert!(intake.problems[0].expected.zh.contains("第 2 行"));
    assert_eq!((intake.problems[1].line, intake.problems[1].column.as_str()), (4, ""));

    table.header[18] = "年初".into();
    let missing = projects(&table);
    assert_eq!(short(&missing.problems), [(1, "budget_initial", "")]);
    table.header[18] = "年初预算数".into();
    assert_eq!(projects(&table).accepted.len(), 1, "the trade's word names a column as well");
}

/// A column that projects don't have is not imported, and that is said.
#[test]
fn extra_column_of_projects() {
    let mut table = table("projects.csv", PROJECTS);
    table.header.push("备用".into());
    table.rows.iter_mut().for_each(|row| row.cells.push("x".into()));
    let warnings = projects(&table).warnings;
    assert_eq!(short(&warnings).last(), Some(&(1, "备用", "备用")));
}

/// A line of an unknown project, a repeated line, a blank weight and grades beyond their range are problems.
#[test]
fn bad_lines() {
    let header = "project_code,seq,indicator_code,level1,level2,name,nature,unit,target,actual,qual_pct,weight,\
        rule_type,rule_params,low_target_confirmed,self_score,deviation_reason,evidence_count\n";
    let rows = "P1,1,,产出,数量,甲,≥,个,1,约300,,10,PROP_UP,,0,,,\n\
        P2,1,,产出,数量,乙,≥,个,1,1,,10,PROP_UP,,0,,,\n\
        P1,1,,产出,数量,丙,≥,个,1,1,,10,PROP_UP,,0,,,\n\
        P1,2,,产出,数量,丁,≥,个,1,1,,,PROP_UP,,0,,,\n\
        P1,3,,产出,数量,戊,定性,,好,达成,101,10,GRADE,,有,,,\n\
        P1,,,产出,数量,己,≥,个,1,1,,10,PROP_UP,,0,,,-1\n\
        P1,6,,效益,数量,辛,≥,个,1,1,,10,PROP_UP,,0,,,\n\
        3.20581E+20,5,1.5E+03,产出,数量,庚,≥,个,1,1,,10,PROP_UP,,0,,,\n";
    let known = BTreeSet::from(["P1".to_owned()]);
    let intake = project_indicators(&table("x.csv", format!("{header}{rows}").as_bytes()), &known);
    assert_eq!(intake.accepted.len(), 1);
    assert_eq!(
        short(&intake.problems),
        [
            (3, "project_code", "P2"),
            (4, "seq", "1"),
            (5, "weight", ""),
            (6, "qual_pct", "101"),
            (6, "low_target_confirmed", "有"),
            (7, "seq", ""),
            (7, "evidence_count", "-1"),
            (8, "level2", "数量"),
            (9, "project_code", "3.20581E+20"),
            (9, "indicator_code", "1.5E+03"),
        ]
    );
}

/// A nature against its method, or against its direction, is told at the line; the line is taken, and goes to a person
/// when it is scored.
#[test]
fn directions() {
    let header = "project_code,seq,indicator_code,level1,level2,name,nature,unit,target,actual,qual_pct,weight,\
        rule_type,rule_params,low_target_confirmed,self_score,deviation_reason,evidence_count\n";
    let rows = "P1,1,,产出,数量,甲,≤,万元,30,60,,45,PROP_UP,,0,,,\n\
        P1,2,,产出,数量,乙,≥,个,1,1,,45,PROP_UP,,0,,,\n";
    let known = BTreeSet::from(["P1".to_owned()]);
    let intake = project_indicators(&table("x.csv", format!("{header}{rows}").as_bytes()), &known);
    assert_eq!((intake.accepted.len(), short(&intake.warnings)), (2, vec![(2, "rule_type", "PROP_UP")]));
    let mut library = table("indicators.csv", include_bytes!("../../../samples/indicators.csv"));
    library.rows.truncate(1);
    assert_eq!(entries("indicators", &library).warnings, [], "≤, 反向, PROP_DOWN");
    let at = library.header.iter().position(|title| title == "direction").expect("a column");
    library.rows[0].cells[at] = "正向".into();
    assert_eq!(short(&entries("indicators", &library).warnings), [(2, "direction", "正向")]);
    let at = library.header.iter().position(|title| title == "level2").expect("a column");
    library.rows[0].cells[at] = "数量".into();
    assert_eq!(short(&entries("indicators", &library).problems), [(2, "level2", "数量")]);
}

/// A form that was handed in blank lacks what a project needs, field by field.
#[test]
fn a_blank_form() {
    let mut blank = table("projects.csv", PROJECTS);
    blank.rows.truncate(1);
    blank.rows[0].cells.iter_mut().for_each(String::clear);
    let lacking: Vec<String> = projects(&blank).problems.into_iter().map(|problem| problem.column).collect();
    for needed in ["project_code", "project_name", "fiscal_year", "region_code"] {
        assert!(lacking.iter().any(|column| column == needed), "{needed}: {lacking:?}");
    }
}

proptest! {
    /// Whatever stands in a row, reading it neither panics nor loses it: it is accepted or it is a problem.
    #[test]
    fn no_row_is_lost(cells in proptest::collection::vec("\\PC{0,8}", 26..30)) {
        let mut table = table("projects.csv", PROJECTS);
        table.rows = vec![TableRow { line: 2, cells }];
        let intake = projects(&table);
        prop_assert_eq!(intake.accepted.is_empty(), !intake.problems.is_empty());
    }
}

/// Another word than the trade's own is taken with a word of warning, in files and from systems alike; of a long
/// file of nothing but problems only the first are told, and that there are more.
#[test]
fn words_and_many_problems() {
    let taken = projects_with("project_category", "其他类");
    assert_eq!((taken.accepted.len(), short(&taken.warnings)), (1, vec![(2, "project_category", "其他类")]));
    assert_eq!(taken.warnings[0].expected.zh, "特定目标类、运转类、人员类之一（可以导入，请核对）");
    assert!(projects_with("project_category", "运转类").warnings.is_empty());
    let mut many = table("projects.csv", PROJECTS);
    let row = TableRow { cells: vec![String::new(); many.header.len()], ..many.rows[0].clone() };
    let row = TableRow { cells: [&["x".to_owned()], &row.cells[1..]].concat(), ..row };
    many.rows = vec![row; 100_000];
    let refused = projects(&many);
    assert!((2_000..2_100).contains(&refused.problems.len()), "{}", refused.problems.len());
    assert!(refused.problems.last().is_some_and(|last| last.say(Lang::Zh).contains("此行以后没有检查")));
}
