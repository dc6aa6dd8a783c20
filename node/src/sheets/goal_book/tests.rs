//! The goal form goes out and comes back: nothing is lost on the way, what was filled in lands where it belongs, and
//! what cannot be taken is told at its cell.

mod meanwhile;

use std::path::Path;

use rust_decimal::Decimal;
use tongpin_console::workbook::Book;
use tongpin_domain::intake::Problem;
use tongpin_domain::project_form::ProjectForm;
use tongpin_domain::region::RegionCode;

use super::*;
use crate::guidance::Published;
use crate::guidance::library::LibraryIndex;
use crate::ops::ground::{read_lines, read_projects};
use crate::records::HeldProject;
use crate::records::goal_form::GoalForm;
use crate::sheets::entry;

/// The sample project, a goal of some texts, the rules and a library of three.
struct Desk {
    held: HeldProject,
    goal: ProjectForm,
    form: GoalForm,
    rules: RuleSet,
    index: LibraryIndex,
}

/// Rows of the shipped form: its heads, and its first line.
const HEAD_ROW: u32 = 16;
const FIRST_LINE: u32 = 17;

fn put(goal: &mut ProjectForm, field: &str, text: &str) {
    goal.given.insert(field.to_owned(), Given::One(text.to_owned()));
}

fn desk() -> Desk {
    let sample = |name: &str| {
        entry::file::table(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)).expect("a sample file")
    };
    let project = read_projects(&sample("projects.csv")).accepted.remove(0).1;
    let lines = read_lines(&sample("project_indicators.csv"), &[project.code.clone()].into());
    let lines = lines.accepted.into_iter().map(|(_, line)| line).collect();
    let mut goal = ProjectForm::of(&project.code);
    for (name, text) in [
        ("attribute", "延续"),
        ("leader", "经办-001"),
        ("starts", "2024年1月1日"),
        ("whole_amount", "12,000,000"),
        ("plan", "=1+1\r\n第二步 \"乙\""),
        ("year_goal", "一\r\n二"),
    ] {
        put(&mut goal, name, text);
    }
    let author = RegionCode::new("320508").expect("a code");
    let entry = |code: &str, name: &str| {
        let json = format!(
            r#"{{"code":"{code}","name":"{name}","level1":"产出","level2":"数量","nature":"≥","unit":"张",
                "rule_type":"STEP","rule_params":"step=2;cut=5","agg_method":"累加"}}"#
        );
        let value = serde_json::from_str(&json).expect("an entry");
        Published { publisher: RegionCode::new("320500").expect("a code"), release: 1, value }
    };
    let index = LibraryIndex::new(Vec::new(), vec![entry("K1", "新增床位"), entry("K2", "同名"), entry("K3", "同名")]);
    let rules = RuleSet::from_toml(include_str!("../../../../samples/rules.toml")).expect("the sample is sound");
    Desk {
        held: HeldProject { author, project, lines, reviews: Vec::new() },
        goal,
        form: GoalForm::shipped(),
        rules,
        index,
    }
}

impl Desk {
    fn written(&self) -> Vec<u8> {
        let (project, lines) = (&self.held.project, self.held.lines.as_slice());
        let values = &self.form.definition().filled_from(project);
        let paper = Paper { project, lines, goal: &self.goal, values, personal: true };
        write(self.form.definition(), Some(&paper), Some(&self.rules), &[]).expect("a form")
    }

    fn back(&self) -> FilledGoal {
        back(&self.written())
    }

    fn take(&self, filled: &FilledGoal) -> Result<TakenGoal, Vec<Problem>> {
        assert_eq!(filled.misshapen(), []);
        let (held, goal, form, index) = (&self.held, &self.goal, &self.form, &self.index);
        filled.take(&GoalContext { held, goal, form, rules: Some(&self.rules), index })
    }

    fn spare(&self) -> u32 {
        FIRST_LINE + u32::try_from(self.held.lines.len()).expect("few")
    }
}

fn back(bytes: &[u8]) -> FilledGoal {
    let mut book = Book::open("申报表.xlsx", bytes).expect("a workbook");
    let sheet = find(&mut book).expect("readable").expect("a form");
    read(&mut book, &sheet).expect("a form")
}

/// Fills in a cell.
fn fill(filled: &mut FilledGoal, (row, column): (u32, usize), text: &str) {
    let cells = filled.cells.rows.entry(row).or_default();
    if cells.len() <= column {
        cells.resize(column + 1, String::new());
    }
    text.clone_into(&mut cells[column]);
}

fn lines(taken: &TakenGoal) -> Vec<ProjectIndicator> {
    taken.lines.iter().map(|(_, line)| line.clone()).collect()
}

fn told(problems: &[Problem]) -> Vec<(u64, &str, &str)> {
    problems.iter().map(|it| (it.line, it.column.as_str(), it.found.as_str())).collect()
}

/// What comes back unfilled changes nothing, whatever stands in the texts and however amounts and weights are written.
#[test]
fn untouched() {
    let mut desk = desk();
    desk.held.lines[0].target = Typed::parse(" 95.60% ");
    desk.held.lines[1].weight = "15.00".parse().expect("a number");
    desk.held.lines[2].rule_type = "UNKNOWN".into();
    desk.held.lines[3].indicator_code = None;
    let taken = desk.take(&desk.back()).expect("the same");
    assert_eq!((taken.goal.0, &taken.goal.1), (0, &desk.goal));
    assert_eq!(lines(&taken), desk.held.lines);
    assert!(taken.removed.is_empty() && taken.warnings.is_empty());
}

/// The official layout: the head over merged cells, yuan as numbers, the heads of the lines, their methods and
/// standards in words, the sum that is due, and every cell that is filled in marked behind the printed columns.
#[test]
fn laid_out() {
    let desk = desk();
    let cells = Book::open("f", &desk.written()).expect("a workbook").cells(SHEET).expect("the sheet");
    assert_eq!((cells.get(0, 0), cells.get(1, 2)), ("项目支出绩效目标申报表", "（2024年度）"));
    assert_eq!((cells.get(2, 2), cells.get(2, 8)), (&*desk.held.project.name, &*desk.held.project.code));
    assert_eq!((cells.get(7, 2), cells.get(7, 8), cells.get(9, 8)), ("12000000.00", "7663728.58", "0.00"));
    assert_eq!((cells.get(13, 0), cells.get(13, 2)), ("实施计划", "=1+1\n第二步 \"乙\""));
    assert_eq!(cells.rows[&HEAD_ROW][..11], HEADS.map(str::to_owned));
    let first = &desk.held.lines[0];
    assert_eq!((cells.get(17, 2), cells.get(17, 4)), (first.name.as_str(), first.target.raw()));
    assert_eq!(lists::method_word(cells.get(17, 7)), first.rule_type);
    assert!(cells.get(17, 7).contains('（') && !cells.get(17, 9).is_empty());
    assert_eq!(cells.get(17, 10), first.indicator_code.as_deref().unwrap_or_default());
    let end = desk.spare() + SPARE;
    assert_eq!((cells.get(end, 0), cells.get(end, 6)), ("权重合计", "应为90"));
    let merged = |start, end| cells.merged.iter().any(|area| (area.start, area.end) == (start, end));
    assert!(merged((0, 0), (0, 10)) && merged((10, 2), (10, 10)) && merged((5, 8), (5, 10)) && merged((8, 0), (8, 1)));
    assert!(!cells.merged.iter().any(|area| area.start.0 >= HEAD_ROW && area.end.0 < end), "lines are not merged");
    // Every field that is filled in stands where the paper form of the county has it.
    let pairs = [["", "attribute"], ["leader", "phone"], ["starts", "ends"], ["whole_amount", ""]];
    let pairs = (4..).zip(pairs).flat_map(|(row, [left, right])| [(left, row, 0), (right, row, 1)]);
    let texts = ["basis", "necessity", "feasibility", "plan", "whole_goal", "year_goal"];
    let texts = (10..).zip(texts).map(|(row, name)| (name, row, 0));
    let marks = pairs.chain(texts).filter(|(name, ..)| !name.is_empty());
    for (name, row, beside) in marks {
        let hidden = u32::from(IDS) + beside;
        assert!(cells.get(row, hidden).starts_with(&format!("{FIELD}{name}=")), "{name}");
    }
    let sheets = Book::open("f", &desk.written()).expect("a workbook").sheets();
    assert_eq!(sheets, [(SHEET.into(), true), ("填表说明".into(), true), ("选项".into(), false)]);
}

/// Texts, targets and weights change where they stand; a row is added from the library by its code or its name alone,
/// one of one's own is made, and one that is no longer there goes. Actuals and reasons stay.
#[test]
fn filled_in() {
    let desk = desk();
    let mut filled = desk.back();
    fill(&mut filled, (15, 2), "新的年度目标");
    fill(&mut filled, (5, 8), "0512-000");
    fill(&mut filled, (17, TARGET), "1300");
    let (last, spare) = (desk.spare() - 1, desk.spare());
    let gone = desk.held.lines.last().expect("lines");
    filled.cells.rows.remove(&last);
    let half = (gone.weight / Decimal::TWO).normalize();
    for (at, text) in [(CODE, "K1"), (TARGET, "40"), (WEIGHT, &*half.to_string())] {
        fill(&mut filled, (spare + 2, at), text);
    }
    let own = [(LEVEL1, "效益"), (NAME, "群众知晓率"), (METHOD, "比例法（PROP_UP）"), (WEIGHT, &*half.to_string())];
    for (at, text) in own.into_iter().chain([(TARGET, "80"), (UNIT, "%"), (NATURE, "≥")]) {
        fill(&mut filled, (spare + 3, at), text);
    }
    let taken = desk.take(&filled).expect("sound");
    assert_eq!(
        (taken.goal.0, taken.goal.1.text("year_goal"), taken.goal.1.text("phone")),
        (6, "新的年度目标", "0512-000")
    );
    assert_eq!(taken.goal.1.text("plan"), desk.goal.text("plan"));
    assert_eq!(taken.removed, std::slice::from_ref(gone));
    assert!(taken.warnings.iter().any(|it| it.expected.zh.contains(&gone.name)), "its actual goes with it");
    let now = lines(&taken);
    let count = desk.held.lines.len();
    assert_eq!(now.len(), count + 1);
    assert_eq!((now[0].target.raw(), &now[0].actual), ("1300", &desk.held.lines[0].actual));
    assert_eq!(now[1..count - 1], desk.held.lines[1..count - 1]);
    let (new, own) = (&now[count - 1], &now[count]);
    assert_eq!((new.indicator_code.as_deref(), new.name.as_str(), new.unit.as_str()), (Some("K1"), "新增床位", "张"));
    assert_eq!((new.rule_params.as_str(), new.target.raw(), new.weight), ("step=2;cut=5", "40", half));
    assert_eq!((own.indicator_code.as_deref(), own.rule_type.as_str(), own.level1.as_str()), (None, "PROP_UP", "效益"));
    let numbers: Vec<u32> = [new, own].iter().map(|line| line.seq - gone.seq).collect();
    assert_eq!(numbers, [1, 2], "a number is never used twice");

    let mut named = desk.back();
    fill(&mut named, (spare, NAME), "新增床位");
    fill(&mut named, (spare, WEIGHT), "0");
    assert_eq!(lines(&desk.take(&named).expect("sound"))[count].indicator_code.as_deref(), Some("K1"));
}

/// What is typed where; the row, column and content that are told, `x` for any; and a word of what is expected.
type Case<'a> = (&'a [(u32, usize, &'a str)], (u64, &'a str, &'a str), &'a str);

/// What cannot be taken is told at its cell, each for itself, and nothing is taken.
#[test]
fn at_their_cells() {
    let desk = desk();
    let (spare, end) = (desk.spare(), desk.spare() + SPARE);
    let name = desk.held.lines[0].name.clone();
    let weight = desk.held.lines[0].weight.normalize().to_string();
    let at = u64::from(spare) + 1;
    let long = "长".repeat(451);
    let cases: &[Case<'_>] = &[
        (&[(4, 8, "新建")], (5, "项目属性", "新建"), "新增、延续"),
        (&[(6, 8, "年底")], (7, "终止时间", "年底"), "2024-01-31"),
        (&[(6, 2, "2025-01-01"), (6, 8, "2024-12-31")], (7, "终止时间", "2024-12-31"), "早于起始时间"),
        (&[(7, 2, "约300万")], (8, "实施期资金总额", "约300万"), "一个确定的数"),
        (&[(10, 2, &long)], (11, "立项依据", &long), "最多 450 字"),
        (&[(17, NAME, "改名")], (18, "三级指标", "改名"), "指标库中的指标只改指标值和权重"),
        (&[(17, WEIGHT, "二十")], (18, "权重", "二十"), "0 到 100"),
        (&[(17, WEIGHT, "3")], (u64::from(end) + 1, "权重", "x"), "各行权重合计 90"),
        (&[(18, 11, "line:1")], (19, "三级指标", "x"), "只出现一次"),
        (&[(spare, NAME, "自设"), (spare, WEIGHT, "0")], (at, "一级指标", ""), "非空"),
        (&[(spare, NAME, "同名"), (spare, WEIGHT, "0")], (at, "指标编码", ""), "K2、K3"),
        (&[(spare, CODE, "K9"), (spare, WEIGHT, "0")], (at, "指标编码", "K9"), "指标库中的编码"),
        (&[(spare, CODE, "K1"), (spare, UNIT, "个"), (spare, WEIGHT, "0")], (at, "度量单位", "个"), "“张”或空白"),
        (&[(spare, CODE, "K1")], (at, "权重", ""), "0 到 100"),
        (&[(end + 3, NAME, "写在下面")], (u64::from(end) + 4, "三级指标", "写在下面"), "空白行"),
    ];
    for (edits, expected, words) in cases {
        let mut filled = desk.back();
        for (row, column, text) in *edits {
            fill(&mut filled, (*row, *column), text);
        }
        let problems = desk.take(&filled).expect_err("not to be taken");
        let found = told(&problems);
        let fits = |it: &&(u64, &str, &str)| {
            (it.0, it.1) == (expected.0, expected.1) && (expected.2 == "x" || it.2 == expected.2)
        };
        assert!(found.iter().any(|it| fits(&it)), "{expected:?} in {found:?}");
        assert!(problems.iter().any(|it| it.expected.zh.contains(words)), "{words} in {problems:?}");
    }
    let mut own = desk.back();
    for (at, text) in [(NAME, &*name), (LEVEL1, "产出"), (METHOD, "跳跃法"), (PARAMS, "step=x"), (WEIGHT, &*weight)]
    {
        fill(&mut own, (spare, at), text);
    }
    let problems = desk.take(&own).expect_err("a method that is none");
    assert_eq!(told(&problems).iter().map(|it| it.1).collect::<Vec<_>>(), ["计分方法", "计分参数", "三级指标"]);
}

/// A column that is missing, and a form of another project, are told before anything else.
#[test]
fn misshapen() {
    let desk = desk();
    let mut filled = desk.back();
    fill(&mut filled, (HEAD_ROW, UNIT), "");
    assert_eq!(told(&filled.misshapen()), [(17, "度量单位", "")]);
    let mut filled = desk.back();
    fill(&mut filled, (HEAD_ROW, UNIT), HEADS[WEIGHT]);
    fill(&mut filled, (HEAD_ROW, WEIGHT), HEADS[UNIT]);
    assert_eq!(told(&filled.misshapen()), [(17, "度量单位", "权重")]);
    let mut filled = desk.back();
    fill(&mut filled, (2, 8), "OTHER");
    assert_eq!(told(&filled.misshapen()), [(3, "项目代码", "OTHER")]);
}

/// A form of more rows than any project has lines is refused before one of them is compared with another, and says
/// where the surplus begins.
#[test]
fn too_many_rows() {
    let desk = desk();
    let rows = |count: u32| {
        let mut filled = back(&write(Definition::of_goals(), None, None, &[]).expect("a form"));
        let code = desk.held.project.code.clone();
        fill(&mut filled, (2, 8), &code);
        (filled.code, filled.end) = (code, FIRST_LINE + count);
        for at in 0..count {
            fill(&mut filled, (FIRST_LINE + at, NAME), &format!("指标{at}"));
        }
        filled
    };
    assert_eq!(rows(500).misshapen(), []);
    assert_eq!(told(&rows(501).misshapen()), [(u64::from(FIRST_LINE) + 501, "一级指标", "")]);
    let mut blank = rows(500);
    blank.end += 1;
    fill(&mut blank, (FIRST_LINE + 500, NAME), " ");
    assert_eq!(blank.misshapen(), []);
}

/// A line that is set differently loses what the unit scored itself by the old setting, as on the page, and the preview
/// says so; the others keep theirs.
#[test]
fn scored_before() {
    let mut desk = desk();
    for line in &mut desk.held.lines {
        line.self_score = Some(Decimal::ONE);
    }
    let mut filled = desk.back();
    fill(&mut filled, (17, TARGET), "1300");
    let taken = desk.take(&filled).expect("sound");
    let now = lines(&taken);
    assert_eq!((now[0].self_score, now[1].self_score), (None, Some(Decimal::ONE)));
    assert_eq!(told(&taken.warnings), [(18, "三级指标", desk.held.lines[0].name.as_str())]);
    assert!(taken.warnings[0].expected.zh.contains("自评得分"));
}

/// An indicator of one's own makes room for the library's of the same name, which is a new line: what was reported of
/// the old one goes, and all of it is named. A line that the form has no row for because it came later makes no room.
#[test]
fn makes_room() {
    let mut desk = desk();
    let own = desk.held.lines.last_mut().expect("lines");
    (own.indicator_code, own.name) = (None, "新增床位".into());
    (own.actual, own.deviation_reason) = (Typed::default(), String::new());
    (own.self_score, own.qual_pct, own.evidence_count) = (Some(Decimal::TWO), Some(Decimal::TEN), 3);
    let own = own.clone();
    let mut filled = desk.back();
    let (last, spare, weight) = (desk.spare() - 1, desk.spare(), own.weight.normalize().to_string());
    for (at, text) in [(CODE, "K1"), (TARGET, "40"), (WEIGHT, &*weight)] {
        fill(&mut filled, (spare, at), text);
    }
    let problems = desk.take(&filled).expect_err("both of them");
    assert!(told(&problems).iter().any(|it| (it.0, it.1) == (u64::from(spare) + 1, "指标编码")), "{problems:?}");
    filled.cells.rows.remove(&last);
    let taken = desk.take(&filled).expect("one for the other");
    assert_eq!(taken.removed, std::slice::from_ref(&own));
    let new = lines(&taken).pop().expect("lines");
    assert_eq!((new.indicator_code.as_deref(), new.seq, new.self_score), (Some("K1"), own.seq + 1, None));
    let said: Vec<&str> = taken.warnings.iter().map(|it| it.expected.zh.as_str()).collect();
    assert_eq!(said, ["保留；“新增床位”已填的定性系数 10、自评得分 2、佐证件数 3 将一并删除"]);

    desk.held.lines.push(ProjectIndicator { seq: own.seq + 1, ..own });
    let problems = desk.take(&filled).expect_err("somebody added one of this name");
    assert_eq!(told(&problems), [(u64::from(spare) + 1, "指标编码", "K1")]);
}

/// An empty form says nothing of what it leaves blank: it fills in texts and adds lines, and takes nothing away;
/// taken a second time it changes nothing, and what the project has already is not added beside it.
#[test]
fn an_empty_form() {
    let mut desk = desk();
    let empty = write(Definition::of_goals(), None, None, &[]).expect("a form");
    let mut filled = back(&empty);
    assert_eq!(told(&filled.misshapen()), [(3, "项目代码", "")]);
    let code = desk.held.project.code.clone();
    fill(&mut filled, (2, 8), &code);
    filled.code = code;
    fill(&mut filled, (14, 2), "实施期目标");
    for (at, text) in [(CODE, "K1"), (TARGET, "40"), (WEIGHT, "0")] {
        fill(&mut filled, (FIRST_LINE, at), text);
    }
    let taken = desk.take(&filled).expect("sound");
    assert_eq!(lines(&taken).len(), desk.held.lines.len() + 1);
    assert!(taken.removed.is_empty());
    let texts = (taken.goal.1.text("whole_goal"), taken.goal.1.text("plan"));
    assert_eq!(texts, ("实施期目标", desk.goal.text("plan")));

    desk.held.lines = lines(&taken);
    desk.held.lines.sort_by_key(|line| line.seq);
    desk.goal = taken.goal.1;
    let again = desk.take(&filled).expect("the same");
    assert_eq!((lines(&again).len(), again.removed.len(), &again.goal.1), (desk.held.lines.len(), 0, &desk.goal));
    fill(&mut filled, (FIRST_LINE, TARGET), "41");
    let problems = desk.take(&filled).expect_err("it is there already");
    assert_eq!(told(&problems), [(18, "指标编码", "K1")]);
}
