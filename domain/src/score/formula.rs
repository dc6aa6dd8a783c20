//! One line's score by its formula. Over-achievement is left to the caller, because a fund's roll-up applies the same
//! formulas without it (domain.md §5.4).

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Award, Flag, Notice, Obstacle, Side, Status, Step};
use crate::number::{Mark, Typed, TypedValue};
use crate::project::ProjectIndicator;
use crate::rules::{FormulaCode, Params, RuleSet};

mod numbers;
mod words;

/// A target or an actual to be scored: a typed value, or one that a roll-up computed.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// What it is.
    pub value: TypedValue,
    /// As it was typed; blank for a computed value.
    pub text: &'a str,
    /// How it had to be understood.
    pub marks: &'a [Mark],
}

impl<'a> Reading<'a> {
    /// A value that was computed, not typed.
    #[must_use]
    pub fn computed(value: TypedValue) -> Self {
        Self { value, text: "", marks: &[] }
    }

    /// A value that was typed, as what it is in its unit.
    #[must_use]
    pub fn typed(typed: &'a Typed, unit: &str) -> Self {
        Self { value: typed.value_in(unit), text: typed.raw(), marks: typed.marks() }
    }
}

/// What a formula needs to know of a line.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// 赋分方法, a key of the rule set's formulas.
    pub rule_type: &'a str,
    /// Its parameters.
    pub rule_params: &'a str,
    /// 指标性质
    pub nature: &'a str,
    /// 指标值
    pub target: Reading<'a>,
    /// 完成值
    pub actual: Reading<'a>,
    /// 定性系数 in percent.
    pub qual_pct: Option<Decimal>,
    /// 分值
    pub weight: Decimal,
}

impl<'a> Line<'a> {
    /// What is typed in an indicator.
    #[must_use]
    pub fn of(indicator: &'a ProjectIndicator) -> Self {
        Self {
            rule_type: &indicator.rule_type,
            rule_params: &indicator.rule_params,
            nature: &indicator.nature,
            target: Reading::typed(&indicator.target, &indicator.unit),
            actual: Reading::typed(&indicator.actual, &indicator.unit),
            qual_pct: indicator.qual_pct,
            weight: indicator.weight,
        }
    }
}

/// What a formula found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Rounded, from 0 to the weight; only a scored line has one.
    pub score: Option<Decimal>,
    /// Scored, or why not.
    pub status: Status,
    /// What is worth noticing.
    pub flags: BTreeSet<Flag>,
    /// The arithmetic.
    pub steps: Vec<Step>,
}

/// What a formula answers: points, or why there are none.
type Answer = Result<Points, Open>;

/// Points that a formula awards, rounded.
struct Points {
    score: Decimal,
    flag: Option<Flag>,
    step: Award,
}

impl Points {
    fn new(score: Decimal, step: Award) -> Self {
        Self { score, flag: None, step }
    }
}

/// Why a formula awards no points.
struct Open {
    status: Status,
    flag: Flag,
    step: Obstacle,
}

impl Open {
    fn review(flag: Flag, step: Obstacle) -> Self {
        Self { status: Status::Review, flag, step }
    }

    fn incomplete(flag: Flag, step: Obstacle) -> Self {
        Self { status: Status::Incomplete, flag, step }
    }

    fn out_of_range() -> Self {
        Self::review(Flag::Unparsable, Obstacle::OutOfRange)
    }
}

/// What every formula sees.
struct Case<'a> {
    line: &'a Line<'a>,
    rules: &'a RuleSet,
    formula: FormulaCode,
    params: Params,
}

/// Scores one line by the formula that the rule set gives its method, without any cut for over-achievement.
#[must_use]
pub fn formula_score(line: &Line<'_>, rules: &RuleSet) -> Outcome {
    let mut flags = BTreeSet::new();
    let mut steps = Vec::new();
    match case(line, rules).and_then(|case| answer(&case, &mut flags, &mut steps)) {
        Ok(points) => {
            flags.extend(points.flag);
            steps.push(points.step.into());
            Outcome { score: Some(points.score), status: Status::Scored, flags, steps }
        }
        Err(open) => {
            flags.insert(open.flag);
            steps.push(open.step.into());
            Outcome { score: None, status: open.status, flags, steps }
        }
    }
}

/// The formula that a line's method stands for, if the rule set knows it.
#[must_use]
pub(super) fn formula_of(rule_type: &str, rules: &RuleSet) -> Option<FormulaCode> {
    rules.formulas.get(rule_type.trim()).map(|rule| rule.formula)
}

fn case<'a>(line: &'a Line<'a>, rules: &'a RuleSet) -> Result<Case<'a>, Open> {
    if line.weight < Decimal::ZERO {
        let step = Obstacle::NegativeWeight { weight: line.weight };
        return Err(Open { status: Status::DataError, flag: Flag::WeightInvalid, step });
    }
    let Some(rule) = rules.formulas.get(line.rule_type.trim()) else {
        let method = line.rule_type.trim().to_owned();
        return Err(Open::review(Flag::RuleUnclear, Obstacle::MethodUnknown { method }));
    };
    let params = Params::parse(line.rule_params)
        .and_then(|own| Params::parse(&rule.params).map(|defaults| own.or(defaults)))
        .map_err(|error| Open::review(Flag::RuleUnclear, Obstacle::ParamsWrong { error }))?;
    Ok(Case { line, rules, formula: rule.formula, params })
}

fn answer(case: &Case<'_>, flags: &mut BTreeSet<Flag>, steps: &mut Vec<Step>) -> Answer {
    match case.formula {
        FormulaCode::Grade => return words::grade(case),
        FormulaCode::YesNo => return words::yes_no(case),
        _ => {}
    }
    case.nothing_missing()?;
    for (side, reading) in [(Side::Target, &case.line.target), (Side::Actual, &case.line.actual)] {
        flags.extend(reading.marks.iter().copied().map(Flag::Mark));
        if let (TypedValue::Number(value), false) = (reading.value, reading.marks.is_empty()) {
            steps.push(Notice::Read { side, text: reading.text.to_owned(), value }.into());
        }
    }
    if case.formula == FormulaCode::Deadline {
        return words::deadline(case);
    }
    let (target, actual) = (case.number(Side::Target)?, case.number(Side::Actual)?);
    numbers::answer(case, target, actual)
}

impl Case<'_> {
    /// Points as they are awarded: rounded, never negative, never above the weight.
    fn round(&self, raw: Decimal) -> Decimal {
        self.rules.rounding.round(raw.max(Decimal::ZERO)).min(self.line.weight)
    }

    fn reading(&self, side: Side) -> &Reading<'_> {
        match side {
            Side::Target => &self.line.target,
            Side::Actual => &self.line.actual,
        }
    }

    /// A blank is asked for before anything else is judged: what is there may still change with it.
    fn nothing_missing(&self) -> Result<(), Open> {
        for (side, flag) in [(Side::Actual, Flag::MissingActual), (Side::Target, Flag::MissingTarget)] {
            if self.reading(side).value == TypedValue::Missing {
                return Err(Open::incomplete(flag, Obstacle::Missing { side }));
            }
        }
        Ok(())
    }

    fn number(&self, side: Side) -> Result<Decimal, Open> {
        let reading = self.reading(side);
        match reading.value {
            TypedValue::Number(number) => Ok(number),
            TypedValue::Missing | TypedValue::Date(_) | TypedValue::Text => {
                let text = reading.text.to_owned();
                Err(Open::review(Flag::Unparsable, Obstacle::NotANumber { side, text }))
            }
        }
    }
}
