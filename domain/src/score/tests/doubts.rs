//! Figures that contradict one another go to a person, with a proposal, and never to full marks.

use super::*;
use crate::money::Amount;
use crate::project::Money;
use crate::score::nature_fits;

/// A line of weight 90 in a project that spent all it had: status, total and what the total would be as proposed.
#[track_caller]
fn case(nature: &str, unit: &str, target: &str, actual: &str, rule: &str) -> String {
    let line = ProjectIndicator { nature: nature.into(), unit: unit.into(), ..line(rule, "90", target, actual) };
    let sheet = sheet(&project("1000000", "1000000"), &[line]);
    let would = sheet.steps.iter().find_map(|step| match step {
        Step::Summing(Summing::Proposed { total, .. }) => Some(format!(" → {total}")),
        _ => None,
    });
    assert_eq!(sheet.lines[0].proposed.is_some(), would.is_some());
    result(&sheet) + &would.unwrap_or_default()
}

/// Every combination of a nature and a formula: those that judge in one direction, and no other.
#[test]
fn natures_and_methods() {
    use crate::rules::FormulaCode as F;
    let fitting = |nature: &str| {
        F::ALL.into_iter().filter(|formula| nature_fits(nature, *formula)).map(F::code).collect::<Vec<_>>().join(" ")
    };
    for nature in ["≥", ">=", "＞＝", "大于等于", "不低于", ">"] {
        assert_eq!(fitting(nature), "PROP_UP STEP SATISFACTION SATISFACTION_RANGE DIFF_REVIEW", "{nature}");
    }
    for nature in ["≤", "<=", "＜＝", "小于等于", "不超过", " < "] {
        assert_eq!(fitting(nature), "PROP_DOWN ZERO_TOL STEP DEADLINE DIFF_REVIEW", "{nature}");
    }
    for nature in ["=", "＝", "等于"] {
        assert_eq!(
            fitting(nature),
            "PROP_UP ZERO_TOL TWO_SIDED STEP GRADE SATISFACTION SATISFACTION_RANGE YES_NO DEADLINE DIFF_REVIEW"
        );
    }
    assert_eq!(fitting("定性"), "GRADE YES_NO DEADLINE");
    assert_eq!(fitting("").split(' ').count(), F::ALL.len(), "a blank says nothing");
    assert!(!nature_fits("区间", F::DiffReview), "it takes its direction from the nature");
}

/// At most 30, by a method of the more the better: by the nature 30 ÷ 60 × 90 = 45.00. The other way round, 30 of 60 at
/// least by the less the better: 30 ÷ 60 × 90 = 45.00 too.
#[test]
fn a_nature_against_its_method() {
    assert_eq!(case("≤", "万元", "30", "60", "PROP_UP"), "  REVIEW NATURE_CONTRADICTS → 55.00");
    assert_eq!(case("≥", "万元", "60", "30", "PROP_DOWN"), "  REVIEW NATURE_CONTRADICTS → 55.00");
    // 1 − |45 − 30| ÷ 30 = 0.5 as well.
    assert_eq!(case("=", "天", "30", "45", "PROP_DOWN"), "  REVIEW NATURE_CONTRADICTS → 55.00");
    assert_eq!(case("≤", "%", "5", "10", "SATISFACTION"), "  REVIEW NATURE_CONTRADICTS → 55.00");
    assert_eq!(case("≥", "件", "60", "30", "TWO_SIDED"), "  REVIEW NATURE_CONTRADICTS → 55.00");
    assert_eq!(case("定性", "件", "60", "60", "PROP_UP"), "  REVIEW NATURE_CONTRADICTS");
    assert_eq!(case("≥", "", "2024-05-31", "2024-05-01", "DEADLINE"), "  REVIEW NATURE_CONTRADICTS");
    assert_eq!(case("≥", "", "是", "是", "YES_NO"), "  REVIEW NATURE_CONTRADICTS");
    // What is allowed up to 5 is not forbidden: 3 of 5 would be in full.
    assert_eq!(case("≤", "起", "5", "3", "ZERO_TOL"), "  REVIEW NATURE_CONTRADICTS → 100.00");
    assert_eq!(case("≤", "起", "0", "0", "ZERO_TOL"), "100.00 优 SCORED ");
    assert_eq!(case("=", "%", "100", "100", "PROP_UP"), "100.00 优 SCORED ");
}

/// 0.12 under the unit % is a spreadsheet's 12 %: 5 ÷ 12 × 90 = 37.50. In both directions, on either side, and not
/// where the sign was typed or the value is as likely as it stands.
#[test]
fn a_fraction_for_a_percentage() {
    assert_eq!(case("≤", "%", "5", "0.12", "PROP_DOWN"), "  REVIEW FRACTION_FOR_PERCENT → 47.50");
    assert_eq!(case("≥", "（％）", "90", "0.95", "PROP_UP"), "  REVIEW FRACTION_FOR_PERCENT → 100.00");
    assert_eq!(case("≥", "%", "0.9", "45", "PROP_UP"), "  REVIEW FRACTION_FOR_PERCENT → 55.00");
    assert_eq!(case("≤", "%", "0.05", "10", "PROP_DOWN"), "  REVIEW FRACTION_FOR_PERCENT → 55.00");
    assert_eq!(case("≥", "", "90%", "0.45", "PROP_UP"), "  REVIEW FRACTION_FOR_PERCENT;PERCENT_SIGN → 55.00");
    assert_eq!(case("≥", "%", "100", "1", "SATISFACTION"), "  REVIEW FRACTION_FOR_PERCENT → 100.00");
    assert_eq!(case("≤", "%", "5", "0.12%", "PROP_DOWN"), "100.00 优 SCORED PERCENT_SIGN");
    assert_eq!(case("≤", "%", "5", "0.6", "PROP_DOWN"), "100.00 优 SCORED ");
    assert_eq!(case("≤", "%", "5", "0", "PROP_DOWN"), "100.00 优 SCORED ");
    assert_eq!(case("≥", "%", "0.9", "0.9", "PROP_UP"), "100.00 优 SCORED ");
    assert_eq!(case("≥", "%", "1", "1.2", "PROP_UP"), "100.00 优 SCORED ");
    assert_eq!(case("≤", "万元", "5", "0.12", "PROP_DOWN"), "100.00 优 SCORED ", "amounts may be small");
}

/// A unit typed with the value is the line's own, a multiple of it, or a reason for a person to look.
#[test]
fn another_unit() {
    assert_eq!(case("≥", "件", "100", "95%", "PROP_UP"), "  REVIEW PERCENT_SIGN;UNIT_DIFFERS");
    assert_eq!(case("≥", "%", "95", "95件", "PROP_UP"), "  REVIEW UNIT_DIFFERS");
    assert_eq!(case("≥", "件", "100%", "100", "PROP_UP"), "  REVIEW PERCENT_SIGN;UNIT_DIFFERS");
    assert_eq!(case("≤", "万元", "50", "400,000元", "PROP_DOWN"), "100.00 优 SCORED THOUSANDS;UNIT_TYPED");
    assert_eq!(case("≤", "元", "30万元", "60万元", "PROP_DOWN"), "55.00 差 SCORED UNIT_TYPED");
}

/// 万 in the value and in the unit, in brackets or not: the proposal takes it once, 46.8 ÷ 50 × 90 = 84.24.
#[test]
fn wan_in_brackets() {
    for unit in ["万人次", "（万人次）", "(万人次)", " （ 万人次 ） "] {
        assert_eq!(case("≥", unit, "50", "46.8万", "PROP_UP"), "  REVIEW UNPARSABLE;WAN_SUFFIX → 94.24", "{unit}");
        assert_eq!(case("≥", unit, "50", "46.8万人次", "PROP_UP"), "94.24 优 SCORED UNIT_TYPED", "{unit}");
    }
    // 46.8万 = 468 thousands.
    assert_eq!(case("≥", "千人", "936", "46.8万", "PROP_UP"), "  REVIEW UNPARSABLE;WAN_SUFFIX → 55.00");
}

/// The floor of a satisfaction is a share of the full mark: 60 % of ten points are 6, of five points 3.
#[test]
fn satisfaction_in_points() {
    assert_eq!(case("≥", "分", "9", "8.5", "SATISFACTION floor=60"), "95.00 优 SCORED ");
    assert_eq!(case("≥", "分", "9", "6", "SATISFACTION floor=60"), "70.00 中 SCORED ");
    assert_eq!(case("≥", "分", "9", "5.9", "SATISFACTION floor=60"), "10.00 差 SCORED BELOW_FLOOR");
    assert_eq!(case("≥", "分", "4.5", "3.6", "SATISFACTION floor=0.6"), "82.00 良 SCORED ");
    assert_eq!(case("≥", "分", "90", "85", "SATISFACTION floor=60"), "95.00 优 SCORED ");
    // (7.5 − 6) ÷ (9 − 6) × 90 = 45
    assert_eq!(case("≥", "分", "9", "7.5", "SATISFACTION_RANGE floor=60"), "55.00 差 SCORED ");
    // Both as fractions: 60 % of 1 is 0.6.
    assert_eq!(case("≥", "%", "0.9", "0.45", "SATISFACTION floor=60"), "10.00 差 SCORED BELOW_FLOOR");
    assert_eq!(case("≥", "分", "9", "85", "SATISFACTION"), "  REVIEW SCALE_UNCLEAR");
    assert_eq!(case("≥", "分", "90", "8.5", "SATISFACTION"), "  REVIEW SCALE_UNCLEAR");
    assert_eq!(case("≥", "%", "9", "8.5", "SATISFACTION"), "  REVIEW SCALE_UNCLEAR → 95.00");
}

/// An average of three marks, as a spreadsheet writes it, is a number like any other.
#[test]
fn an_average() {
    assert_eq!(case("≥", "分", "90", "93.3333333333333", "PROP_UP"), "100.00 优 SCORED ");
    assert_eq!(case("≥", "分", "90", "93.33333333333333", "PROP_UP"), "100.00 优 SCORED ");
    // 85.3333333333333 ÷ 96 × 90 = 80.00
    assert_eq!(case("≥", "分", "96", "85.3333333333333", "PROP_UP"), "90.00 优 SCORED ");
}

fn amounts(texts: [&str; 9]) -> Money {
    let [initial, carry_over, adjust, adjusted, upper, local, other, arrived, executed] = texts.map(Amount::parse);
    Money { initial, carry_over, adjust, adjusted, upper, local, other, arrived, executed }
}

/// Totals that are not the sum of their parts are wrong data, above all a total of nothing: it is not scaled up to full
/// marks. Blanks are compared with nothing, and more spent than arrived is a question.
#[test]
fn amounts_that_contradict() {
    for (texts, expected) in [
        (["0", "0", "0", "0", "899740.00", "0", "0", "899740.00", "0"], "  DATA_ERROR AMOUNTS_CONTRADICT"),
        (["", "", "", "0", "", "", "899740.00", "", "0"], "  DATA_ERROR AMOUNTS_CONTRADICT"),
        (["", "", "", "0", "", "", "", "899740.00", "0"], "  DATA_ERROR AMOUNTS_CONTRADICT"),
        (["0", "0", "0", "0", "0", "0", "0", "0", "0"], "100.00 优 SCORED EXEC_NA"),
        (["500", "0", "-500", "0", "0", "0", "0", "0", "0"], "100.00 优 SCORED EXEC_NA"),
        (["900", "0", "0", "1000", "", "", "", "", "1000"], "  DATA_ERROR AMOUNTS_CONTRADICT"),
        (["900", "", "", "1000", "", "", "", "", "1000"], "100.00 优 SCORED "),
        (["", "", "", "1000", "600", "300", "0", "", "1000"], "  DATA_ERROR AMOUNTS_CONTRADICT"),
        (["", "", "", "1000", "600", "300", "100", "1001", "1000"], "  DATA_ERROR AMOUNTS_CONTRADICT"),
        (["", "", "", "1000", "", "", "", "900", "1000"], "100.00 优 SCORED EXEC_OVER_ARRIVED"),
        (["", "", "", "1000", "", "", "", "1000", "1100"], "100.00 优 SCORED EXEC_OVER_BUDGET"),
        (["", "", "", "0", "", "", "", "0", "5"], "  DATA_ERROR EXEC_DATA_ERROR"),
    ] {
        let mut project = project("0", "0");
        project.money = amounts(texts);
        let scored = sheet(&project, &[line("PROP_UP", "90", "1", "1")]);
        assert_eq!(result(&scored), expected, "{texts:?}");
        assert!(scored.steps.iter().all(|step| !step.say(Lang::Zh).is_empty() && !step.say(Lang::En).is_empty()));
    }
}

/// The reason for a low execution rate is owed like that of a line, and shown when it is there.
#[test]
fn the_reason_for_low_execution() {
    let mut project = project("1000000.00", "498800");
    let lines = [line("PROP_UP", "90", "1", "1")];
    let owed = sheet(&project, &lines);
    assert_eq!(result(&owed), "94.99 优 SCORED ");
    assert!(owed.execution_reason_missing && owed.reason_missing());
    project.execution_reason = " 招标推迟\n".into();
    let given = sheet(&project, &lines);
    assert!(!given.reason_missing());
    let said: Vec<String> = given.steps.iter().map(|step| step.say(Lang::Zh)).collect();
    assert!(said.contains(&"执行率偏低的原因：招标推迟".to_owned()), "{said:?}");
    project.execution_reason.clear();
    project.money.executed = Amount::parse("900000");
    assert!(!sheet(&project, &lines).reason_missing(), "90 % is not below 90 %");
    project.money.executed = Amount::parse("899999.99");
    assert!(sheet(&project, &lines).reason_missing(), "and a fen less is");
}

/// What a clerk reads names both sides of the contradiction, and what it would come to.
#[test]
fn told() {
    let said = |nature: &str, unit: &str, line: ProjectIndicator| {
        let line = ProjectIndicator { nature: nature.into(), unit: unit.into(), ..line };
        let steps = line::score_line(&line, None, &rules()).0.steps;
        steps.iter().map(|step| step.say(Lang::Zh)).collect::<Vec<_>>()
    };
    assert_eq!(
        said("≤", "万元", line("PROP_UP", "90", "30", "60")),
        [
            "指标性质“≤”与赋分方法“比例法 PROP_UP”矛盾，转人工复核；请核对是性质还是方法填错了",
            "供复核参考：指标值 30 ÷ 完成值 60 × 分值 90 = 45.00（反比例法 PROP_DOWN）",
        ]
    );
    assert_eq!(
        said("≤", "%", line("PROP_DOWN", "90", "5", "0.12")),
        [
            "度量单位是百分数，完成值却是 0.12，可能是电子表格里的 12 %，转人工复核；确为 0.12 % 的，请写成“0.12%”",
            "供复核参考：指标值 5 ÷ 完成值 12 × 分值 90 = 37.50（反比例法 PROP_DOWN）",
        ]
    );
    assert_eq!(
        said("≥", "件", line("PROP_UP", "90", "100", "95%")),
        ["完成值“95%”的单位与本指标的度量单位“件”不一致，不能换算，转人工复核，原文保留"]
    );
}

/// A figure on another scale is not added to those of other projects while it waits for a person.
#[test]
fn no_part_of_a_sum() {
    use crate::collection::{Cell, Rows};
    let project = project("100", "100");
    let line = |actual: &str| {
        let line = line("PROP_UP", "90", "90", actual);
        let sheet = sheet(&project, &[ProjectIndicator { unit: "%".into(), ..line }]);
        let rows = Rows::new([(&project, &sheet)]);
        rows.of(crate::collection::Records::Indicators)[0].get("actual").and_then(Cell::number)
    };
    assert_eq!(line("95"), Some(number("95")));
    assert_eq!(line("93.3333333333333"), Some(number("93.3333333333")), "rounded where it is added up");
    assert_eq!(line("0.95"), None);
}

/// What a person decided is no longer doubted: 0.12 % it was, or 12 %. The nature against the method stays a
/// contradiction whatever the value, so that points or a coefficient are decided there.
#[test]
fn decided_by_a_person() {
    use super::ruling::{decided, reviewed};
    use crate::review::Verdict;
    let of = |nature: &str, unit: &str, line: ProjectIndicator, verdict: Verdict| {
        let line = ProjectIndicator { nature: nature.into(), unit: unit.into(), ..line };
        result(&reviewed(std::slice::from_ref(&line), &[decided(&line, verdict)])).split(' ').next().map(str::to_owned)
    };
    let value = |text: &str| Verdict::Value(Typed::parse(text));
    let share = || line("PROP_DOWN", "90", "5", "0.12");
    assert_eq!(of("≤", "%", share(), value("0.12")).as_deref(), Some("100.00"));
    assert_eq!(of("≤", "%", share(), value("12")).as_deref(), Some("47.50"));
    assert_eq!(of("≥", "分", line("SATISFACTION", "90", "90", "8.5"), value("85")).as_deref(), Some("95.00"));
    assert_eq!(of("≤", "万元", line("PROP_UP", "90", "30", "60"), value("60")).as_deref(), Some(""));
    let points = Verdict::Points(number("45"));
    assert_eq!(of("≤", "万元", line("PROP_UP", "90", "30", "60"), points).as_deref(), Some("55.00"));
}
