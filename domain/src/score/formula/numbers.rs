//! Formulas over two numbers. "Met" always comes first; what can't be a proportion goes to a person.

use rust_decimal::Decimal;

use super::{Answer, Case, Open, Points};
use crate::rules::FormulaCode;
use crate::score::{Award, Flag, Obstacle, Relation};

/// `part × of ÷ whole`, multiplied first so that only one rounding, at the 28th digit, is left.
fn share(part: Decimal, of: Decimal, whole: Decimal) -> Result<Decimal, Open> {
    part.checked_mul(of).and_then(|product| product.checked_div(whole)).ok_or_else(Open::out_of_range)
}

fn difference(a: Decimal, b: Decimal) -> Result<Decimal, Open> {
    a.checked_sub(b).ok_or_else(Open::out_of_range)
}

/// A line whose target and actual are numbers, and the formula to judge them by.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) target: Decimal,
    pub(super) actual: Decimal,
    pub(super) weight: Decimal,
    pub(super) formula: FormulaCode,
}

impl<'a> Values<'a> {
    pub(super) fn new(case: &'a Case<'a>, target: Decimal, actual: Decimal) -> Self {
        Self { case, target, actual, weight: case.line.weight, formula: case.formula }
    }
}

impl Values<'_> {
    /// What the line scores, unless its figures contradict one another.
    pub(super) fn answer(self) -> Answer {
        self.undoubted()?;
        self.points()
    }

    /// What the formula makes of the two numbers.
    pub(super) fn points(self) -> Answer {
        match self.formula {
            FormulaCode::PropUp => self.prop_up(),
            FormulaCode::PropDown => self.prop_down(),
            FormulaCode::ZeroTol => Ok(self.zero_tolerance()),
            FormulaCode::TwoSided => self.two_sided(),
            FormulaCode::Step => self.deduction(),
            FormulaCode::Satisfaction => self.satisfaction(),
            FormulaCode::SatisfactionRange => self.satisfaction_range(),
            FormulaCode::DiffReview => self.diff_review(),
            // These three read words or days and were answered before two numbers were asked for.
            FormulaCode::Grade | FormulaCode::YesNo | FormulaCode::Deadline => Err(Open::out_of_range()),
        }
    }

    fn met(self, relation: Relation) -> Option<Points> {
        let Self { case, target, actual, weight, formula } = self;
        let score = case.round(weight);
        relation
            .holds(actual, target)
            .then(|| Points::new(score, Award::Met { actual, relation, target, score, formula }))
    }

    fn nothing(self) -> Decimal {
        self.case.round(Decimal::ZERO)
    }

    /// A target that was not met and is no base for a proportion.
    fn not_met(self, flag: Flag) -> Open {
        let Self { target, actual, formula, .. } = self;
        Open::review(flag, Obstacle::NotMet { actual, target, formula })
    }

    /// Refuses targets that a quotient makes no sense with.
    fn positive_target(self) -> Result<(), Open> {
        match self.target {
            target if target > Decimal::ZERO => Ok(()),
            target if target.is_zero() => Err(self.not_met(Flag::ZeroTarget)),
            _ => Err(self.not_met(Flag::NegativeTarget)),
        }
    }

    fn param(self, value: Option<Decimal>, name: &str) -> Result<Decimal, Open> {
        let missing = || Obstacle::ParamMissing { name: name.to_owned(), formula: self.formula };
        value.ok_or_else(|| Open::review(Flag::RuleUnclear, missing()))
    }

    /// actual ÷ target × weight, zero for a negative actual. The target is positive.
    fn proportion(self) -> Answer {
        let Self { case, target, actual, weight, formula } = self;
        if actual < Decimal::ZERO {
            let score = self.nothing();
            return Ok(Points::new(score, Award::NegativeActual { actual, target, score, formula }));
        }
        let score = case.round(share(actual, weight, target)?);
        Ok(Points::new(score, Award::Proportion { actual, target, weight, score, formula }))
    }

    fn prop_up(self) -> Answer {
        if let Some(points) = self.met(Relation::AtLeast) {
            return Ok(points);
        }
        self.positive_target()?;
        let Self { case, target, actual, formula, .. } = self;
        if let Some(pass) = case.params.pass
            && actual < share(target, pass, Decimal::ONE)?
        {
            let score = self.nothing();
            let step = Award::BelowPass { actual, target, pass, score, formula };
            return Ok(Points { score, flag: Some(Flag::BelowPass), step });
        }
        self.proportion()
    }

    fn prop_down(self) -> Answer {
        if let Some(points) = self.met(Relation::AtMost) {
            return Ok(points);
        }
        // "At most none" has no proportion but a clear answer: it is the zero-tolerance line under another name.
        if self.target.is_zero() {
            return Ok(self.zero_tolerance());
        }
        self.positive_target()?;
        let Self { case, target, actual, weight, formula } = self;
        let score = case.round(share(target, weight, actual)?);
        Ok(Points::new(score, Award::InverseProportion { actual, target, weight, score, formula }))
    }

    fn zero_tolerance(self) -> Points {
        let Self { actual, formula, .. } = self;
        let score = self.nothing();
        let none = Self { target: Decimal::ZERO, ..self };
        none.met(Relation::AtMost).unwrap_or_else(|| Points::new(score, Award::Occurred { actual, score, formula }))
    }

    fn two_sided(self) -> Answer {
        if let Some(points) = self.met(Relation::Exactly) {
            return Ok(points);
        }
        if self.target.is_zero() {
            return Err(self.not_met(Flag::ZeroTarget));
        }
        let Self { case, target, actual, weight, formula } = self;
        let off = share(difference(actual, target)?.abs(), weight, target.abs())?;
        let score = case.round(difference(weight, off)?);
        Ok(Points::new(score, Award::Deviation { actual, target, weight, score, formula }))
    }

    /// 扣分法. On an "at most" line the deduction is for being above; the rule's own case is being below.
    fn deduction(self) -> Answer {
        let Self { case, target, actual, weight, formula } = self;
        let (step_size, cut) = (self.param(case.params.step, "step")?, self.param(case.params.cut, "cut")?);
        let at_most = Relation::of_nature(case.line.nature) == Some(Relation::AtMost);
        if let Some(points) = self.met(if at_most { Relation::AtMost } else { Relation::AtLeast }) {
            return Ok(points);
        }
        let gap = difference(actual, target)?.abs();
        let count = gap.checked_div(step_size).ok_or_else(Open::out_of_range)?.ceil();
        // More than fits a decimal is more than the whole weight as well.
        let taken = count.checked_mul(cut).unwrap_or(Decimal::ONE_HUNDRED).min(Decimal::ONE_HUNDRED);
        let left = difference(Decimal::ONE_HUNDRED, taken)?;
        let score = case.round(share(weight, left, Decimal::ONE_HUNDRED)?);
        Ok(Points::new(score, Award::Deduction { gap, step_size, count, cut, weight, score, formula }))
    }

    fn below_floor(self, floor: Option<Decimal>) -> Option<Points> {
        let Self { actual, formula, .. } = self;
        let floor = floor.filter(|floor| actual < *floor)?;
        let score = self.nothing();
        let step = Award::BelowFloor { actual, floor, score, formula };
        Some(Points { score, flag: Some(Flag::BelowFloor), step })
    }

    fn satisfaction(self) -> Answer {
        let floor = self.floor_share().map(|share| self.floor_of(share));
        if let Some(points) = self.met(Relation::AtLeast).or_else(|| self.below_floor(floor)) {
            return Ok(points);
        }
        self.positive_target()?;
        self.proportion()
    }

    fn satisfaction_range(self) -> Answer {
        let Self { case, target, actual, weight, formula } = self;
        let floor = self.floor_of(self.param(self.floor_share(), "floor")?);
        if let Some(points) = self.met(Relation::AtLeast).or_else(|| self.below_floor(Some(floor))) {
            return Ok(points);
        }
        // Here floor ≤ actual < target, so the divisor is positive.
        let score = case.round(share(difference(actual, floor)?, weight, difference(target, floor)?)?);
        Ok(Points::new(score, Award::AboveFloor { actual, target, floor, weight, score, formula }))
    }

    /// 差额法: met, or a person's judgement. Without a nature it reads as "at most", as its rule is worded.
    fn diff_review(self) -> Answer {
        let relation = Relation::of_nature(self.case.line.nature).unwrap_or(Relation::AtMost);
        let flag = if self.target < Decimal::ZERO { Flag::NegativeTarget } else { Flag::DiffReview };
        self.met(relation).ok_or_else(|| self.not_met(flag))
    }
}
