//! Amounts and rates as pages show them: a missing value is a dash, never a zero.

use rust_decimal::{Decimal, RoundingStrategy};
use tongpin_console::web::list::Cell;
use tongpin_domain::money::{Amount, Fen};
use tongpin_domain::thousands::marked;

/// Fen as yuan in a list: with thousands marked on the page, and plain in what is exported.
pub(crate) fn yuan(fen: Option<Fen>) -> Cell {
    fen.map_or_else(|| "—".into(), |fen| Cell::amount(fen.to_string()))
}

/// An amount in a list: what was typed, where it cannot be read.
pub(crate) fn typed(amount: &Amount) -> Cell {
    if amount.fen().is_some() || amount.is_missing() { yuan(amount.fen()) } else { amount.raw().into() }
}

/// Fen as yuan, with thousands marked: `4,873,000.00`.
pub(crate) fn grouped(fen: Fen) -> String {
    marked(&fen.to_string())
}

/// An amount: what was typed, where it cannot be read, and a dash where nothing was.
pub(crate) fn shown(amount: &Amount) -> String {
    match amount.fen() {
        Some(fen) => grouped(fen),
        None if amount.is_missing() => "—".to_owned(),
        None => amount.raw().to_owned(),
    }
}

/// 执行率 in percent to two places; none where there is no budget to measure by.
pub(crate) fn rate(adjusted: Option<Fen>, executed: Option<Fen>) -> Option<String> {
    let (whole, part) = (adjusted?.yuan(), executed?.yuan());
    if whole <= Decimal::ZERO {
        return None;
    }
    let percent = part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)?;
    Some(format!("{:.2}", percent.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thousands are marked from the point on, whatever stands before them.
    #[test]
    fn thousands() {
        let shown = [0, 99_900, 100_000, 487_300_000, 123_456_789_012, -100_000].map(|fen| grouped(Fen(fen)));
        assert_eq!(shown, ["0.00", "999.00", "1,000.00", "4,873,000.00", "1,234,567,890.12", "-1,000.00"]);
    }

    /// 4,873,000.00 of 5,500,000.00 are 88.60 %; half a hundredth is rounded up, and nothing is divided by zero.
    #[test]
    fn rates() {
        let rate = |adjusted: i64, executed: i64| rate(Some(Fen(adjusted)), Some(Fen(executed)));
        assert_eq!(rate(550_000_000, 487_300_000).as_deref(), Some("88.60"));
        assert_eq!(rate(20_000, 1).as_deref(), Some("0.01"));
        assert_eq!((rate(0, 1), rate(-1, 1)), (None, None));
        assert_eq!(super::rate(Some(Fen(1)), None), None);
    }
}
