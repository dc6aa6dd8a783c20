//! One line's score by its formula. Over-achievement is left to the caller, because a fund's roll-up applies the same
//! formulas without it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Award, Flag, Notice, Obstacle, Side, Status, Step};
use crate::number::{InUnit, Mark, Typed, TypedValue, UnitDoubt};
use crate::project::ProjectIndicator;
use crate::rules::{FormulaCode, Params, RuleSet};
use crate::unit::Unit;

mod doubt;
mod numbers;
mod words;

pub use doubt::nature_fits;

/// A target or an actual to be scored: a typed value, or one that a roll-up computed.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// What it is.
    pub value: TypedValue,
    /// As it was typed; blank for a computed value.
    pub text: &'a str,
    /// 度量单位; blank for a computed value.
    pub unit: &'a str,
    /// How it had to be understood.
    pub marks: Vec<Mark>,
    /// Why it has no value in its unit, if the unit is the reason.
    pub doubt: Option<UnitDoubt>,
    /// A person has decided that this is the value, in the line's unit and on its scale.
    pub decided: bool,
}

impl<'a> Reading<'a> {
    /// A value that was computed, not typed.
    #[must_use]
    pub fn computed(value: TypedValue) -> Self {
        Self { value, text: "", unit: "", marks: Vec::new(), doubt: None, decided: false }
    }

    /// A value that was typed, as what it is in its unit.
    #[must_use]
    pub fn typed(typed: &'a Typed, unit: &'a str) -> Self {
        let InUnit { value, marks, doubt } = typed.in_unit(unit);
        Self { value, text: typed.raw(), unit, marks, doubt, decided: false }
    }
}

/// What a formula needs to know of a line.
#[derive(Debug, Clone)]
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
    /// What the likelier reading of figures that contradict one another would give, for the person who decides.
    pub proposed: Option<Decimal>,
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
    /// What the likelier reading would award.
    proposal: Option<Box<Points>>,
}

impl Open {
    fn review(flag: Flag, step: Obstacle) -> Self {
        Self { status: Status::Review, flag, step, proposal: None }
    }

    fn incomplete(flag: Flag, step: Obstacle) -> Self {
        Self { status: Status::Incomplete, flag, step, proposal: None }
    }

    /// Adds what these values by this formula would award.
    fn proposing(self, values: numbers::Values<'_>) -> Self {
        Self { proposal: values.points().ok().map(Box::new), ..self }
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
            Outcome { score: Some(points.score), proposed: None, status: Status::Scored, flags, steps }
        }
        Err(open) => {
            flags.insert(open.flag);
            steps.push(open.step.into());
            let proposed = open.proposal.as_ref().map(|points| points.score);
            steps.extend(open.proposal.map(|points| Notice::Proposed { award: points.step }.into()));
            Outcome { score: None, proposed, status: open.status, flags, steps }
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
        return Err(Open { status: Status::DataError, flag: Flag::WeightInvalid, step, proposal: None });
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
    let target = case.number(Side::Target);
    let actual = case.number(Side::Actual);
    // 万 twice in one of the two: the other one, and the reading in the unit, make a proposal.
    let proposal = match (case.in_unit(Side::Target), case.in_unit(Side::Actual)) {
        (Some(target), Some(actual)) => numbers::Values::new(case, target, actual).answer().ok().map(Box::new),
        _ => None,
    };
    let propose = |open: Open| Open { proposal, ..open };
    let (target, actual) = match (target, actual) {
        (Ok(target), Ok(actual)) => (target, actual),
        (Err(open), _) | (_, Err(open)) => return Err(propose(open)),
    };
    numbers::Values::new(case, target, actual).answer()
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
        let (text, unit) = (reading.text.to_owned(), reading.unit.trim().to_owned());
        match (reading.value, reading.doubt) {
            (TypedValue::Number(number), _) => Ok(number),
            (_, Some(UnitDoubt::Differs)) => {
                Err(Open::review(Flag::UnitDiffers, Obstacle::UnitDiffers { side, text, unit }))
            }
            (_, Some(UnitDoubt::Doubled(_))) => {
                Err(Open::review(Flag::Unparsable, Obstacle::UnitDoubled { side, text, unit }))
            }
            (TypedValue::Missing | TypedValue::Date(_) | TypedValue::Text, None) => {
                Err(Open::review(Flag::Unparsable, Obstacle::NotANumber { side, text }))
            }
        }
    }

    /// The number, also of a value that says 万 under a unit of 万: as it is if the author meant the word once.
    fn in_unit(&self, side: Side) -> Option<Decimal> {
        let reading = self.reading(side);
        match (reading.value, reading.doubt) {
            (TypedValue::Number(number), _) => Some(number),
            (_, Some(UnitDoubt::Doubled(single))) => single.checked_div(Unit::read(reading.unit).scale()),
            _ => None,
        }
    }
}
