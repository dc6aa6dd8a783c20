//! Amounts in the unit of a sheet: kept in yuan, shown and typed in 万元 where the layout says so, exact both ways.

use rust_decimal::Decimal;
use tongpin_domain::form::MoneyUnit;
use tongpin_domain::lang::Lang;
use tongpin_domain::money::{Amount, names_a_unit};
use tongpin_domain::number::NumberProblem;

/// An amount as it is kept, in the unit of the sheet. What is no amount stays as it was typed.
#[must_use]
pub fn told(kept: &str, unit: &MoneyUnit) -> String {
    match (unit, Amount::parse(kept).fen()) {
        // Fen have two digits less than yuan, and yuan four less than 万元.
        (MoneyUnit::Wan, Some(fen)) => Decimal::new(fen.0, 6).normalize().to_string(),
        _ => kept.to_owned(),
    }
}

/// What was typed on a sheet, as it is kept. A bare number is in the unit of the sheet; one that brings its own unit
/// (`3000元`) stays as it was typed, and so does what is no number.
#[must_use]
pub fn typed(text: &str, unit: &MoneyUnit) -> String {
    let text = text.trim();
    if *unit != MoneyUnit::Wan || !is_bare(text) {
        return text.to_owned();
    }
    // With its unit behind it, even where it is refused: it may never be read as so many yuan.
    let said = format!("{text}万元");
    Amount::parse(&said).fen().map_or(said, |fen| fen.to_string())
}

/// Whether a text is a number, or one that is refused for its digits, and tells no unit of its own. Whatever would be
/// read as so many yuan is one.
fn is_bare(text: &str) -> bool {
    let amount = Amount::parse(text);
    let number = amount.fen().is_some() || amount.problem().is_some_and(|why| *why != NumberProblem::NotANumber);
    number && !names_a_unit(text)
}

/// What stands at the right above a sheet that has amounts.
#[must_use]
pub fn stated(unit: &MoneyUnit, lang: Lang) -> String {
    format!("{}{}", lang.pick("金额单位：", "Amounts in "), unit.text(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Amounts pass from yuan to 万元 and back to the fen: 1,234,567.89 yuan are 123.456789 万元.
    #[test]
    fn there_and_back() {
        for (yuan, wan) in [
            ("1234567.89", "123.456789"),
            ("0.01", "0.000001"),
            ("-50000.00", "-5"),
            ("0.00", "0"),
            ("99999999999999.99", "9999999999.999999"),
        ] {
            assert_eq!(told(yuan, &MoneyUnit::Wan), wan);
            assert_eq!(typed(wan, &MoneyUnit::Wan), yuan);
            assert_eq!(told(yuan, &MoneyUnit::Yuan), yuan);
            assert_eq!(typed(yuan, &MoneyUnit::Yuan), yuan);
        }
    }

    /// A bare number is in the unit of the sheet, however it is typed; one with a unit of its own keeps it, and what
    /// cannot be an amount is never taken for yuan.
    #[test]
    fn as_typed() {
        for (text, kept) in [
            (" 1,200.5 ", "12005000.00"),
            ("１２", "120000.00"),
            ("¥3", "30000.00"),
            // The minus sign that a word processor makes.
            ("\u{2212}5", "-50000.00"),
            ("3000元", "3000元"),
            ("3.5万", "3.5万"),
            ("见附件3", "见附件3"),
            ("待定", "待定"),
            ("", ""),
            // A tenth of a fen, and more than 64 bits of fen.
            ("0.0000001", "0.0000001万元"),
            ("99999999999999", "99999999999999万元"),
        ] {
            assert_eq!(typed(text, &MoneyUnit::Wan), kept, "{text}");
        }
        assert_eq!(told("3.5万", &MoneyUnit::Wan), "3.5");
        assert_eq!(told("待定", &MoneyUnit::Wan), "待定");
    }
}
