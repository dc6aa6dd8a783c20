//! Numbers in the course of a calculation. A quotient is not rounded before the end: 1/3 + 1/3 + 1/3 is 1, and a share
//! of 59.996 % is less than 60. Numbers are fractions as long as their parts fit, and decimals of 28 digits beyond.

use std::cmp::Ordering;

use rust_decimal::{Decimal, RoundingStrategy};

/// The most that a part of a fraction may be: ten times as much still fits, which a long division needs.
const LARGEST: u128 = 10u128.pow(36);
/// The most that a decimal's digits may be: 96 bits.
const MOST_DIGITS: u128 = (1 << 96) - 1;
/// The most decimals of a decimal.
const MOST_SCALE: u32 = 28;

/// A number that is being calculated with.
#[derive(Debug, Clone, Copy)]
pub(in crate::form) enum Figure {
    /// A fraction in lowest terms; what is below is more than zero, and neither part is more than [`LARGEST`].
    Fraction {
        /// Above the line.
        up: i128,
        /// Below the line.
        down: i128,
    },
    /// A decimal, where a fraction would have had too large parts.
    Rounded(Decimal),
}

impl From<Decimal> for Figure {
    fn from(number: Decimal) -> Self {
        let number = number.normalize();
        let down = 10i128.checked_pow(number.scale());
        down.and_then(|down| Self::fraction(number.mantissa(), down)).unwrap_or(Self::Rounded(number))
    }
}

impl Figure {
    /// Nothing.
    pub(in crate::form) const ZERO: Self = Self::Fraction { up: 0, down: 1 };

    /// A whole number.
    pub(in crate::form) fn whole(number: i64) -> Self {
        Self::Fraction { up: number.into(), down: 1 }
    }

    /// In lowest terms; `None` if a part is too large, or the lower one zero.
    fn fraction(up: i128, down: i128) -> Option<Self> {
        let is_negative = (up < 0) != (down < 0);
        let (up, down) = (up.unsigned_abs(), down.unsigned_abs());
        let shared = shared(up, down);
        let (up, down) = (up.checked_div(shared)?, down.checked_div(shared)?);
        if up > LARGEST || down > LARGEST || down == 0 {
            return None;
        }
        let (up, down) = (i128::try_from(up).ok()?, i128::try_from(down).ok()?);
        Some(Self::Fraction { up: if is_negative { -up } else { up }, down })
    }

    fn with(
        self,
        other: Self,
        exactly: impl FnOnce([i128; 2], [i128; 2]) -> Option<(i128, i128)>,
        nearly: impl FnOnce(Decimal, Decimal) -> Option<Decimal>,
    ) -> Option<Self> {
        if let (Self::Fraction { up, down }, Self::Fraction { up: other_up, down: other_down }) = (self, other) {
            let exact = exactly([up, down], [other_up, other_down]).and_then(|(up, down)| Self::fraction(up, down));
            if exact.is_some() {
                return exact;
            }
        }
        nearly(self.decimal()?, other.decimal()?).map(Self::Rounded)
    }

    /// The sum; like every result `None` if it has more digits than can be calculated with.
    pub(in crate::form) fn plus(self, other: Self) -> Option<Self> {
        let exactly = |[up, down]: [i128; 2], [other_up, other_down]: [i128; 2]| {
            let shared = i128::try_from(shared(down.unsigned_abs(), other_down.unsigned_abs())).ok()?;
            let (own, others) = (down.checked_div(shared)?, other_down.checked_div(shared)?);
            let sum = up.checked_mul(others)?.checked_add(other_up.checked_mul(own)?)?;
            Some((sum, own.checked_mul(other_down)?))
        };
        self.with(other, exactly, Decimal::checked_add)
    }

    /// The difference.
    pub(in crate::form) fn less(self, other: Self) -> Option<Self> {
        self.plus(match other {
            Self::Fraction { up, down } => Self::Fraction { up: up.checked_neg()?, down },
            Self::Rounded(number) => Self::Rounded(-number),
        })
    }

    /// The product.
    pub(in crate::form) fn times(self, other: Self) -> Option<Self> {
        let exactly = |[up, down]: [i128; 2], [other_up, other_down]: [i128; 2]| {
            Some((up.checked_mul(other_up)?, down.checked_mul(other_down)?))
        };
        self.with(other, exactly, Decimal::checked_mul)
    }

    /// The quotient; `None` by zero.
    pub(in crate::form) fn over(self, other: Self) -> Option<Self> {
        let exactly = |[up, down]: [i128; 2], [other_up, other_down]: [i128; 2]| {
            Some((up.checked_mul(other_down)?, down.checked_mul(other_up)?))
        };
        self.with(other, exactly, Decimal::checked_div)
    }

    /// Which of two is more.
    pub(in crate::form) fn compared(self, other: Self) -> Option<Ordering> {
        if let (Self::Fraction { up, down }, Self::Fraction { up: other_up, down: other_down }) = (self, other)
            && let (Some(own), Some(others)) = (up.checked_mul(other_down), other_up.checked_mul(down))
        {
            return Some(own.cmp(&others));
        }
        Some(self.decimal()?.cmp(&other.decimal()?))
    }

    /// As a decimal: exact if it has at most 28 digits, otherwise cut off behind them.
    pub(in crate::form) fn decimal(self) -> Option<Decimal> {
        let (up, down) = match self {
            Self::Rounded(number) => return Some(number),
            Self::Fraction { up, down } => (up.unsigned_abs(), down.unsigned_abs()),
        };
        let (mut digits, mut rest) = (up.checked_div(down)?, up.checked_rem(down)?);
        let mut scale = 0;
        while rest != 0 && scale < MOST_SCALE {
            rest = rest.checked_mul(10)?;
            let longer = digits.checked_mul(10)?.checked_add(rest.checked_div(down)?)?;
            if longer > MOST_DIGITS {
                break;
            }
            (digits, rest, scale) = (longer, rest.checked_rem(down)?, scale + 1);
        }
        let digits = i128::try_from(digits).ok()?;
        let is_negative = matches!(self, Self::Fraction { up, .. } if up < 0);
        Decimal::try_from_i128_with_scale(if is_negative { -digits } else { digits }, scale).ok()
    }

    /// Rounded half away from zero; `None` if it is more than tables keep, 64 bits of its last decimal.
    pub(in crate::form) fn rounded(self, places: u32) -> Option<Decimal> {
        let scale = 10i128.checked_pow(places)?;
        let exact = match self {
            Self::Fraction { up, down } => up.checked_mul(scale).and_then(|up| half_away(up, down)),
            Self::Rounded(_) => None,
        };
        let near = if let Some(near) = exact {
            near
        } else {
            let near = self.decimal()?.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
            let fill = 10i128.checked_pow(places.checked_sub(near.scale())?)?;
            near.mantissa().checked_mul(fill)?
        };
        Decimal::try_from_i128_with_scale(i64::try_from(near).ok()?.into(), places).ok()
    }
}

fn half_away(up: i128, down: i128) -> Option<i128> {
    let (whole, rest) = (up.checked_div(down)?, up.checked_rem(down)?);
    let is_half = rest.unsigned_abs() >= down.unsigned_abs().checked_sub(rest.unsigned_abs())?;
    if is_half { whole.checked_add(up.signum()) } else { Some(whole) }
}

/// The greatest number that both can be divided by; 1 at least.
fn shared(one: u128, other: u128) -> u128 {
    let (mut one, mut other) = (one, other);
    while let Some(rest) = one.checked_rem(other) {
        (one, other) = (other, rest);
    }
    one.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(text: &str) -> Figure {
        text.parse::<Decimal>().expect("a number").into()
    }

    fn shown(figure: Option<Figure>, places: u32) -> Option<String> {
        figure?.rounded(places).map(|number| number.to_string())
    }

    /// Quotients are exact until the end: thirds add up to 1, and seven times a seventh is 1.
    #[test]
    fn fractions() {
        let third = figure("1").over(figure("3")).expect("a third");
        let sum = third.plus(third).and_then(|two| two.plus(third)).expect("a sum");
        assert_eq!(sum.compared(figure("1")), Some(Ordering::Equal));
        let seventh = figure("0.01").over(figure("0.07")).expect("a seventh");
        assert_eq!(shown(seventh.times(figure("7")), 2), Some("1.00".to_owned()));
        assert_eq!(shown(third.less(figure("1")), 4), Some("-0.6667".to_owned()));
        assert!(figure("1").over(Figure::ZERO).is_none());
    }

    /// Halves go away from zero, exactly: 0.005 is 0.01, -0.005 is -0.01, and 0.00499… is 0.00.
    #[test]
    fn halves() {
        for (text, rounded) in
            [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049999999999999", "0.00"), ("2.675", "2.68")]
        {
            assert_eq!(shown(Some(figure(text)), 2), Some(rounded.to_owned()), "{text}");
        }
        // 1 ÷ 8 = 0.125 and 2 ÷ 3 × 100 = 66.666…
        assert_eq!(shown(figure("1").over(figure("8")), 2), Some("0.13".to_owned()));
        let two_thirds = figure("2").over(figure("3")).and_then(|share| share.times(figure("100")));
        assert_eq!(shown(two_thirds, 0), Some("67".to_owned()));
    }

    /// What no longer fits a fraction goes on as a decimal, and what no table keeps is nothing: never another number.
    #[test]
    fn large() {
        let large = figure("999999999999999.99999999");
        let square = large.times(large);
        assert!(matches!(square, Some(Figure::Rounded(_)) | None));
        assert_eq!(shown(square, 2), None);
        let back = large.over(large.plus(Figure::whole(1)).expect("a sum")).expect("a quotient");
        assert_eq!(shown(Some(back), 2), Some("1.00".to_owned()));
        // 2^63 fen are one too many.
        assert_eq!(
            figure("92233720368547758.07").rounded(2).map(|n| n.to_string()).as_deref(),
            Some("92233720368547758.07")
        );
        assert_eq!(figure("92233720368547758.08").rounded(2), None);
        assert!(figure("79228162514264337593543950335").plus(figure("79228162514264337593543950335")).is_some());
        assert_eq!(Figure::from(Decimal::MAX).times(Decimal::MAX.into()).and_then(Figure::decimal), None);
    }
}
