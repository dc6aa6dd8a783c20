//! Worked examples, computed by hand, and what becomes of a project when something is wrong with it.

use rust_decimal::Decimal;

use super::*;
use crate::money::Amount;

mod doubts;
mod explanation;
mod formulas;
mod properties;
mod ruling;
mod words;

pub(super) fn rules() -> RuleSet {
    RuleSet::from_toml(include_str!("../../../samples/rules.toml")).expect("the published rule set is sound")
}

pub(super) fn number(text: &str) -> Decimal {
    text.parse().expect("a number")
}

/// A project with a budget and spending as typed.
pub(super) fn project(budget: &str, executed: &str) -> Project {
    let json = r#"{"project_code":"P1","project_name":"示例","fiscal_year":2024,"region_code":"320571"}"#;
    let mut project: Project = serde_json::from_str(json).expect("a project");
    project.money.adjusted = Amount::parse(budget);
    project.money.executed = Amount::parse(executed);
    project
}

/// A line; a reason is given, so that only what a test is about is flagged.
pub(super) fn line(rule: &str, weight: &str, target: &str, actual: &str) -> ProjectIndicator {
    let json = r#"{"project_code":"P1","seq":1,"name":"指标","nature":"≥","weight":"0","deviation_reason":"已说明"}"#;
    let mut line: ProjectIndicator = serde_json::from_str(json).expect("a line");
    let (method, params) = rule.split_once(' ').unwrap_or((rule, ""));
    line.rule_type = method.to_owned();
    line.nature = match method {
        "PROP_DOWN" | "ZERO_TOL" | "DEADLINE" => "≤",
        "TWO_SIDED" => "=",
        "GRADE" | "YES_NO" => "定性",
        _ => "≥",
    }
    .to_owned();
    line.rule_params = params.to_owned();
    line.weight = number(weight);
    line.target = Typed::parse(target);
    line.actual = Typed::parse(actual);
    line
}

pub(super) fn graded(weight: &str, word: &str, pct: &str) -> ProjectIndicator {
    ProjectIndicator { qual_pct: Some(number(pct)), ..line("GRADE", weight, "", word) }
}

pub(super) fn sheet_under(rules: &RuleSet, project: &Project, lines: &[ProjectIndicator]) -> ScoreSheet {
    let mut lines = lines.to_vec();
    lines.iter_mut().zip(1..).for_each(|(line, seq)| line.seq = seq);
    let publisher = RegionCode::new("320500").expect("a code");
    let rule_ref = RuleRef { publisher, key: rules.name.clone(), release: 7 };
    score(project, &lines, rules, &rule_ref, &Regions::default())
}

pub(super) fn sheet(project: &Project, lines: &[ProjectIndicator]) -> ScoreSheet {
    sheet_under(&rules(), project, lines)
}

/// Total, rating, status and flags in one text.
fn result(sheet: &ScoreSheet) -> String {
    let total = sheet.total.map(|total| total.to_string()).unwrap_or_default();
    let rating = sheet.rating.clone().unwrap_or_default();
    format!("{total} {rating} {} {}", sheet.status.code(), sheet.flags.join(";"))
}

fn line_scores(sheet: &ScoreSheet) -> Vec<String> {
    sheet.lines.iter().map(|line| line.score.map(|score| score.to_string()).unwrap_or_default()).collect()
}

fn example_1() -> Vec<ProjectIndicator> {
    vec![
        line("PROP_UP", "20", "300", "285"),
        line("PROP_UP", "15", "70", "72.4"),
        line("PROP_UP", "15", "100", "96.5"),
        line("PROP_UP", "15", "20", "21.3"),
        graded("15", "部分达成", "75"),
        line("SATISFACTION floor=60", "10", "90", "87.6"),
    ]
}

/// Five lines that score 81.00 of 90.
fn eighty_one() -> Vec<ProjectIndicator> {
    vec![line("PROP_UP", "80", "100", "100"), line("PROP_UP", "10", "100", "10")]
}

/// Example 1: the standard form. 8.86 + 19.00 + 15 + 14.48 + 15 + 11.25 + 9.73 = 93.32.
#[test]
fn example_1_standard_form() {
    let sheet = sheet(&project("5,500,000.00", "4873000"), &example_1());
    assert_eq!(sheet.execution_rate.map(|rate| rate.to_string()).as_deref(), Some("88.60"));
    assert_eq!(sheet.execution_score.map(|score| score.to_string()).as_deref(), Some("8.86"));
    assert_eq!(line_scores(&sheet), ["19.00", "15.00", "14.48", "15.00", "11.25", "9.73"]);
    assert_eq!(result(&sheet), "93.32 优 SCORED ");
    assert!(sheet.steps.iter().any(|step| matches!(step, Step::Summing(Summing::ExecutionReasonDue { .. }))));
    assert_eq!(sheet.rules.release, 7);
}

/// Example 2: the cost pattern with an over-achieved line, before and after a reviewer confirms that the target was
/// low.
#[test]
fn example_2_over_achieved() {
    let mut lines = vec![
        line("PROP_DOWN", "20", "12", "13.5"),
        line("PROP_UP", "20", "60", "186"),
        line("PROP_DOWN", "20", "30", "26"),
        line("PROP_UP", "20", "8", "-2.1"),
        line("SATISFACTION", "10", "90", "95"),
    ];
    let project = project("2000000", "2000000");
    let before = sheet(&project, &lines);
    assert_eq!(line_scores(&before), ["17.78", "20.00", "20.00", "0.00", "10.00"]);
    assert_eq!(result(&before), "77.78 中 SCORED OVER_ACHIEVED");
    lines[1].low_target_confirmed = true;
    let after = sheet(&project, &lines);
    assert_eq!(line_scores(&after)[1], "14.00");
    assert_eq!(result(&after), "71.78 中 SCORED LOW_TARGET_CUT;OVER_ACHIEVED");
}

/// Example 3: carry-over only, neither budget nor spending, spending without a budget.
#[test]
fn example_3_zero_and_carry_over() {
    let carried = sheet(&project("3200000", "2880000"), &eighty_one());
    assert_eq!(carried.execution_score, Some(number("9.00")));
    let neither = sheet(&project("0", "0"), &eighty_one());
    assert_eq!((neither.execution_rate, neither.execution_score), (None, None));
    // 81.00 × 100 ÷ 90 = 90.00
    assert_eq!(result(&neither), "90.00 优 SCORED EXEC_NA");
    let unbudgeted = sheet(&project("0", "120000"), &eighty_one());
    assert_eq!(result(&unbudgeted), "  DATA_ERROR EXEC_DATA_ERROR");
}

/// Amounts: overspending is capped and flagged, negative ones contradict, blanks are incomplete and unreadable ones go
/// to a person; nothing is taken as zero.
#[test]
fn amounts() {
    for (budget, executed, expected) in [
        ("100", "101.30", "91.00 优 SCORED EXEC_OVER_BUDGET"),
        ("100", "0", "81.00 良 SCORED "),
        ("-1", "0", "  DATA_ERROR EXEC_DATA_ERROR"),
        ("100", "-0.01", "  DATA_ERROR EXEC_DATA_ERROR"),
        ("", "100", "  INCOMPLETE "),
        ("100", "", "  INCOMPLETE "),
        ("约100", "90", "  REVIEW AMOUNT_UNREADABLE"),
        ("约100", "", "  INCOMPLETE AMOUNT_UNREADABLE"),
    ] {
        assert_eq!(result(&sheet(&project(budget, executed), &eighty_one())), expected, "{budget}/{executed}");
    }
}

/// Several problems on one project: `DATA_ERROR` before `INCOMPLETE` before `REVIEW` before `SCORED`, and all flags
/// stay.
#[test]
fn the_worst_counts() {
    let good = project("100", "100");
    let text = line("PROP_UP", "40", "10", "完成");
    let blank = line("PROP_UP", "50", "10", " ");
    let full = line("PROP_UP", "50", "10", "10");
    let review = sheet(&good, &[text.clone(), full.clone()]);
    assert_eq!(result(&review), "  REVIEW UNPARSABLE");
    assert_eq!((review.indicator_sum, review.unscored), (number("50.00"), 1));
    let incomplete = sheet(&good, &[text.clone(), blank.clone()]);
    assert_eq!(result(&incomplete), "  INCOMPLETE UNPARSABLE");
    assert_eq!((incomplete.indicator_sum.to_string().as_str(), incomplete.unscored), ("0.00", 2));
    assert_eq!(incomplete.lines[1].flags, ["MISSING_ACTUAL"]);
    let wrong = sheet(&project("0", "5"), &[text, blank, full]);
    // Weights 40 + 50 + 50 and execution 10 come to 150.
    assert_eq!(result(&wrong), "  DATA_ERROR EXEC_DATA_ERROR;UNPARSABLE;WEIGHT_SUM_150");
}

/// 万 in the value and in the unit: a person must read it, and the sheet keeps what was typed, so that it is the same
/// when it is read from the store.
#[test]
fn wan_in_a_unit_of_wan() {
    let typed = ProjectIndicator { unit: "万元".into(), ..line("PROP_UP", "90", "3万", "2.7万") };
    let scored = sheet(&project("100", "100"), &[typed]);
    assert_eq!(result(&scored), "  REVIEW UNPARSABLE;WAN_SUFFIX");
    assert_eq!(scored.lines[0].actual, Typed::parse("2.7万"));
    let stored = serde_json::to_string(&scored).expect("a sheet is JSON");
    assert_eq!(serde_json::from_str::<ScoreSheet>(&stored).expect("and read again"), scored);
}

/// Weights that don't come to 100 are named with their sum; a project without lines has 10, and a negative weight is
/// an error even where the sum is right.
#[test]
fn weights() {
    let good = project("100", "100");
    let of = |weights: &[&str]| {
        let lines: Vec<_> = weights.iter().map(|weight| line("PROP_UP", weight, "10", "10")).collect();
        result(&sheet(&good, &lines))
    };
    assert_eq!(of(&["45", "45"]), "100.00 优 SCORED ");
    assert_eq!(of(&["44.5", "45.50"]), "100.00 优 SCORED ");
    assert_eq!(of(&["45", "45.50"]), "  DATA_ERROR WEIGHT_SUM_100.5");
    assert_eq!(of(&[]), "  DATA_ERROR WEIGHT_SUM_10");
    assert_eq!(of(&["100", "-10"]), "  DATA_ERROR WEIGHT_INVALID");
}

/// 90.00 is 优 and 89.99 is 良: the bands are half-open, so nothing falls between them.
#[test]
fn boundary_of_a_band() {
    let ninety = sheet(&project("4400000", "3960000"), &eighty_one());
    assert_eq!(result(&ninety), "90.00 优 SCORED ");
    let below = sheet(&project("5500000", "4944500"), &eighty_one());
    assert_eq!(result(&below), "89.99 良 SCORED ");
}

/// Another rule set gives another result, without a change of code: weights, rounding, words and formula choice.
#[test]
fn rules_are_data() {
    let changed = include_str!("../../../samples/rules.toml")
        .replace("weight = 10\n", "weight = 20\n")
        .replace("weight_total = 90", "weight_total = 80")
        .replace("places = 2", "places = 1")
        .replace("word = \"良\"", "word = \"良好\"")
        .replace("SATISFACTION = { formula = \"SATISFACTION\"", "SATISFACTION = { formula = \"SATISFACTION_RANGE\"");
    let rules = RuleSet::from_toml(&changed).expect("still sound");
    let lines = [line("PROP_UP", "70", "3", "2"), line("SATISFACTION", "10", "90", "87.6")];
    // 20.0; 70 × 2 ÷ 3 = 46.7; (87.6 − 60) ÷ 30 × 10 = 9.2; 20.0 + 46.7 + 9.2 = 75.9
    let sheet = sheet_under(&rules, &project("100", "100"), &lines);
    assert_eq!(line_scores(&sheet), ["46.7", "9.2"]);
    assert_eq!(result(&sheet), "75.9 中 SCORED ");
    let full = sheet_under(&rules, &project("100", "50"), &[line("PROP_UP", "80", "1", "1")]);
    // 20 × 0.5 + 80 = 90.0; one band lower with 40 % spent: 8 + 80 = 88.0
    assert_eq!(result(&full), "90.0 优 SCORED ");
    let good = sheet_under(&rules, &project("100", "40"), &[line("PROP_UP", "80", "1", "1")]);
    assert_eq!(result(&good), "88.0 良好 SCORED ");
}

/// Lines of other projects are left out, lines are in the order of their numbers, and a former region code is followed.
#[test]
fn whose_lines_and_where() {
    let park = crate::region::Region {
        code: RegionCode::new("320576").expect("a code"),
        name: "苏州工业园区".into(),
        level: "县".into(),
        parent_code: RegionCode::new("320500").expect("a code"),
        mof_div_code: "320576000".into(),
        kind: "功能区".into(),
        alias_codes: vec![RegionCode::new("320571").expect("a code")],
        valid_from: None,
        valid_to: None,
        note: String::new(),
    };
    let other = ProjectIndicator { project_code: "P2".into(), ..line("PROP_UP", "50", "1", "1") };
    let second = ProjectIndicator { seq: 2, ..line("PROP_UP", "40", "1", "1") };
    let first = ProjectIndicator { seq: 1, ..line("PROP_UP", "50", "1", "1") };
    let rules = rules();
    let rule_ref = RuleRef { publisher: park.parent_code.clone(), key: rules.name.clone(), release: 1 };
    let regions = Regions::new([park]);
    let sheet = score(&project("1", "1"), &[second, other, first], &rules, &rule_ref, &regions);
    assert_eq!(sheet.region.as_str(), "320576");
    assert_eq!(sheet.lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(result(&sheet), "100.00 优 SCORED ");
}

/// 32 % spent by the end of July is 32 ÷ 58.33 = 54.9 % of the time progress, red. The bounds
/// themselves belong to the better light: 60 % of 50 % is 30 %, 80 % of it 40 %.
#[test]
fn monitoring_lights() {
    let rules = rules();
    let july = light(&rules, 7, number("32")).expect("July exists");
    assert_eq!((july.light, july.progress_pct.to_string().as_str()), (Light::Red, "54.9"));
    assert_eq!(july.say(Lang::Zh), "7 月底执行率 32 % ÷ 时间进度 7/12 = 54.9 %,红灯");
    for (pct, expected) in
        [("29.99", Light::Red), ("30", Light::Yellow), ("39.99", Light::Yellow), ("40", Light::Green)]
    {
        assert_eq!(light(&rules, 6, number(pct)).map(|reading| reading.light), Some(expected), "{pct}");
    }
    assert_eq!(light(&rules, 13, number("32")), None);
    assert_eq!(light(&rules, 0, number("32")), None);
}

/// Where a rule set names rates that are due by certain months, the last one that is due counts.
#[test]
fn monitoring_minimums() {
    let mut rules = rules();
    let minimum = |month, pct| crate::rules::MonthMinimum { month, execution_pct: Decimal::from(pct) };
    rules.lights.minimums = vec![minimum(4, 25), minimum(6, 40)];
    let below = |month, pct| light(&rules, month, number(pct)).and_then(|reading| reading.below_minimum);
    assert_eq!(below(3, "1"), None);
    assert_eq!(below(5, "24.9"), Some(number("25")));
    assert_eq!(below(6, "39.9"), Some(number("40")));
    assert_eq!(below(6, "40"), None);
}
