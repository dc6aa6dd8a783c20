//! Figures that contradict one another: the nature of a line and its method, a fraction where a percentage is meant,
//! the marks of two scales. No formula can tell which of the two is right, and one of them would often give full marks:
//! a person decides, with the score by the likelier reading as a proposal.

use rust_decimal::Decimal;

use super::numbers::Values;
use super::{Case, Open};
use crate::number::{Mark, half_width};
use crate::rules::FormulaCode;
use crate::score::{Flag, Obstacle, Relation, Side};
use crate::unit::Unit;

/// What a line's nature (指标性质) asks of its method.
enum Nature {
    Related(Relation),
    Qualitative,
    Unknown,
}

impl Nature {
    /// `None` for a blank, which asks nothing.
    fn read(nature: &str) -> Option<Self> {
        let word = half_width(nature.trim());
        match (word.as_ref(), Relation::of_nature(nature)) {
            ("", _) => None,
            (_, Some(relation)) => Some(Self::Related(relation)),
            ("定性" | "定性指标", None) => Some(Self::Qualitative),
            (_, None) => Some(Self::Unknown),
        }
    }

    fn fits(&self, formula: FormulaCode) -> bool {
        use FormulaCode as F;
        match self {
            Self::Related(Relation::AtLeast) => {
                matches!(formula, F::PropUp | F::Step | F::Satisfaction | F::SatisfactionRange | F::DiffReview)
            }
            Self::Related(Relation::AtMost) => {
                matches!(formula, F::PropDown | F::ZeroTol | F::Step | F::DiffReview | F::Deadline)
            }
            // "=" is also how forms write "reach".
            Self::Related(Relation::Exactly) => formula != F::PropDown,
            Self::Qualitative => matches!(formula, F::Grade | F::YesNo | F::Deadline),
            // 差额法 takes its direction from the nature, the others have one of their own.
            Self::Unknown => formula != F::DiffReview,
        }
    }
}

/// Whether a line's nature (指标性质) and the formula of its method judge in the same direction: at most 30 and the more
/// the better do not. A blank nature contradicts nothing.
#[must_use]
pub fn nature_fits(nature: &str, formula: FormulaCode) -> bool {
    Nature::read(nature).is_none_or(|nature| nature.fits(formula))
}

/// Nature and method contradict one another.
pub(super) fn of_nature(case: &Case<'_>) -> Result<(), Open> {
    let (nature, formula) = (case.line.nature, case.formula);
    if nature_fits(nature, formula) {
        return Ok(());
    }
    let step = Obstacle::NatureContradicts { nature: nature.trim().to_owned(), formula };
    Err(Open::review(Flag::NatureContradicts, step))
}

impl Values<'_> {
    /// Everything that makes the two numbers doubtful, before any formula is tried.
    pub(super) fn undoubted(self) -> Result<(), Open> {
        of_nature(self.case).map_err(|open| match self.by_nature() {
            Some(formula) => open.proposing(Self { formula, ..self }),
            None => open,
        })?;
        self.zero_means_zero()?;
        self.one_kind_of_percent()?;
        self.one_scale()
    }

    /// The formula that the nature alone would choose.
    fn by_nature(self) -> Option<FormulaCode> {
        match Relation::of_nature(self.case.line.nature)? {
            Relation::AtLeast => Some(FormulaCode::PropUp),
            Relation::AtMost => Some(FormulaCode::PropDown),
            Relation::Exactly => Some(FormulaCode::TwoSided),
        }
    }

    /// 零容忍 forbids what a target above zero allows.
    fn zero_means_zero(self) -> Result<(), Open> {
        let Self { target, formula, .. } = self;
        if formula != FormulaCode::ZeroTol || target.is_zero() {
            return Ok(());
        }
        let open = Open::review(Flag::NatureContradicts, Obstacle::ZeroToleranceOf { target, formula });
        Err(open.proposing(Self { formula: FormulaCode::PropDown, ..self }))
    }

    fn percent(self) -> bool {
        let line = self.case.line;
        [&line.target, &line.actual].iter().any(|it| {
            let unit = Unit::read(it.unit);
            unit.is_percent() || (unit.is_blank() && it.marks.contains(&Mark::Percent))
        })
    }

    /// A spreadsheet keeps 12 % as 0.12. Under the unit % such a value is at most 1, and as a percentage nearer to the
    /// other one than as it stands: 5 ÷ 0.12 = 41.7, but 12 ÷ 5 = 2.4. Who writes `0.12%` has said what it is.
    fn one_kind_of_percent(self) -> Result<(), Open> {
        let fraction = |few: Decimal, many: Decimal| {
            let below = few.checked_mul(Decimal::TEN).is_some_and(|ten| ten < many);
            few > Decimal::ZERO && few <= Decimal::ONE && many > Decimal::ONE && below
        };
        if !self.percent() || self.case.line.actual.decided {
            return Ok(());
        }
        let plain = |side: Side| !self.case.reading(side).marks.contains(&Mark::Percent);
        let hundred = |value: Decimal| value.saturating_mul(Decimal::ONE_HUNDRED);
        let (side, value, meant) = if plain(Side::Actual) && fraction(self.actual, self.target) {
            (Side::Actual, self.actual, Self { actual: hundred(self.actual), ..self })
        } else if plain(Side::Target) && fraction(self.target, self.actual) {
            (Side::Target, self.target, Self { target: hundred(self.target), ..self })
        } else {
            return Ok(());
        };
        let percent = hundred(value);
        let open = Open::review(Flag::FractionForPercent, Obstacle::FractionForPercent { side, value, percent });
        Err(open.proposing(meant))
    }

    /// 满意度 is asked in percent, or in points of 5, 10 or 100: target and actual must be of the same scale.
    fn one_scale(self) -> Result<(), Open> {
        let Self { target, actual, formula, .. } = self;
        let satisfaction = matches!(formula, FormulaCode::Satisfaction | FormulaCode::SatisfactionRange);
        if !satisfaction || self.case.line.actual.decided || actual <= Decimal::ZERO || target <= Decimal::ZERO {
            return Ok(());
        }
        let ten = Decimal::TEN;
        let mixed = !self.percent() && (actual > scale(target) || (actual <= ten && target > ten));
        // A floor above the target is no floor on that target's scale.
        let above = self.floor_share().is_some_and(|share| self.floor_of(share) > target) && actual < target;
        if !mixed && !above {
            return Ok(());
        }
        let open = Open::review(Flag::ScaleUnclear, Obstacle::ScaleUnclear { actual, target, formula });
        Err(if mixed { open } else { open.proposing(Self { formula: FormulaCode::PropUp, ..self }) })
    }

    /// 满分: what the best answer would be on the scale that the target is on.
    pub(super) fn full_mark(self) -> Decimal {
        let both_fractions = self.target <= Decimal::ONE && self.actual <= Decimal::ONE;
        match (self.percent(), both_fractions) {
            (true, true) => Decimal::ONE,
            (true, false) => Decimal::ONE_HUNDRED,
            (false, _) => scale(self.target).min(Decimal::ONE_HUNDRED),
        }
    }

    /// 下限 as the rules give it, in percent of the full mark; `0.6` means 60.
    pub(super) fn floor_share(self) -> Option<Decimal> {
        let floor = self.case.params.floor?;
        Some(if floor < Decimal::ONE { floor.saturating_mul(Decimal::ONE_HUNDRED) } else { floor })
    }

    /// The floor on the scale of the target.
    pub(super) fn floor_of(self, share: Decimal) -> Decimal {
        (share.saturating_mul(self.full_mark()) / Decimal::ONE_HUNDRED).normalize()
    }
}

/// The smallest full mark in use that a target fits under.
fn scale(target: Decimal) -> Decimal {
    let marks = [Decimal::ONE, Decimal::from(5), Decimal::TEN, Decimal::ONE_HUNDRED];
    marks.into_iter().find(|full| target <= *full).unwrap_or(Decimal::MAX)
}
