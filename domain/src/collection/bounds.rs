//! What one record can say in a numeric field: the ground on which a reported figure is plausible or not.

use rust_decimal::Decimal;

use super::Field;

/// The most fen that one report can speak of: 100 万亿元, more than the budgets of the whole country. Far below what
/// 64 bits hold, so that the sum of many reports fits, too.
pub const MOST_FEN: i64 = 10_000_000_000_000_000;

/// Between which values a field of one record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub least: Decimal,
    /// The greatest.
    pub most: Decimal,
    /// How many decimals it has at most.
    pub places: u32,
    /// 金额: then a sum of any number of records is bounded, too.
    pub money: bool,
}

impl Bounds {
    fn new(least: i64, most: i64, places: u32) -> Self {
        Self { least: least.into(), most: most.into(), places, money: false }
    }

    fn fen(least: i64) -> Self {
        Self { money: true, ..Self::new(least, MOST_FEN, 0) }
    }

    /// Whether it never lies below zero, so that a part is never greater than the whole.
    #[must_use]
    pub fn only_adds(&self) -> bool {
        self.least >= Decimal::ZERO
    }
}

impl Field {
    /// The bounds of a numeric field; a day or a word has none that matter.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        match self.name {
            "fiscal_year" => Bounds::new(0, 9_999, 0),
            "budget_fen" => Bounds::fen(0),
            // What came back may be more than what went out.
            "executed_fen" | "arrived_fen" => Bounds::fen(-MOST_FEN),
            "unscored" | "lines_waiting" | "lines_decided" | "seq" => Bounds::new(0, u32::MAX.into(), 0),
            // Rules round to at most six places, and all weights together come to 100.
            "execution_score" | "indicator_sum" | "total_score" | "line_score" => Bounds::new(0, 100, 6),
            "weight" => Bounds::new(0, 100, 10),
            "execution_rate" => Bounds::new(0, i64::MAX, 6),
            // As typed numbers are read, in another unit: see `number::WHOLE_DIGITS`.
            _ => Bounds::new(i64::MIN, i64::MAX, 14),
        }
    }
}
