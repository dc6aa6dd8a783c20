//! Money: whole fen in 64 bits with checked arithmetic, never a float; and amounts as people type them.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lang::{Lang, Say};
use crate::number::{self, NumberProblem};

/// 分: a hundredth of a yuan. Shown as yuan with two decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// An amount that can't be held in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Beyond 64 bits of fen.
    #[error("amount out of range")]
    OutOfRange,
    /// It has fractions of a fen.
    #[error("amount has fractions of a fen")]
    FractionOfFen,
}

impl Say for MoneyError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::OutOfRange => lang.pick("金额超出可表示的范围", "the amount is too large").to_owned(),
            Self::FractionOfFen => lang
                .pick("金额精确到分，元以下不能多于两位小数", "an amount in yuan has at most two decimals")
                .to_owned(),
        }
    }
}

impl Fen {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, `None` beyond 64 bits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, `None` beyond 64 bits.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The sum of many, `None` beyond 64 bits.
    #[must_use]
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// 元, exact.
    #[must_use]
    pub fn yuan(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// Whole fen from yuan, exactly.
    ///
    /// # Errors
    /// [`MoneyError`] if there are fractions of a fen or too many fen.
    pub fn from_yuan(yuan: Decimal) -> Result<Self, MoneyError> {
        // Asked before multiplying: a product of more than 28 digits is rounded.
        if yuan.normalize().scale() > 2 {
            return Err(MoneyError::FractionOfFen);
        }
        let fen = yuan.checked_mul(Decimal::ONE_HUNDRED).ok_or(MoneyError::OutOfRange)?;
        fen.to_i64().map(Self).ok_or(MoneyError::OutOfRange)
    }

    /// 万元 with two decimals, as forms print it. Rounded half away from zero: for showing only.
    #[must_use]
    pub fn wan(self) -> String {
        let rounded = Decimal::new(self.0, 6).round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        format!("{rounded:.2}")
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

/// An amount in yuan as it was typed. A blank is missing, which is not zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    raw: String,
    read: Result<Option<Fen>, NumberProblem>,
}

impl Amount {
    /// Reads an amount in yuan: full-width characters, thousands separators, `¥`, and a unit of 元, 千元, 万, 万元,
    /// 百万元, 千万元, 亿, 亿元 or 万亿元 are understood. It must be whole fen.
    #[must_use]
    pub fn parse(raw: &str) -> Self {
        Self { raw: raw.to_owned(), read: read(raw) }
    }

    /// The text as it was typed.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The amount, if it was typed and could be read.
    #[must_use]
    pub fn fen(&self) -> Option<Fen> {
        self.read.ok().flatten()
    }

    /// Why it could not be read; `None` for a missing amount.
    #[must_use]
    pub fn problem(&self) -> Option<&NumberProblem> {
        self.read.as_ref().err()
    }

    /// True if nothing was typed.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.read == Ok(None)
    }
}

impl Default for Amount {
    fn default() -> Self {
        Self::parse("")
    }
}

impl From<Fen> for Amount {
    fn from(fen: Fen) -> Self {
        Self { raw: fen.to_string(), read: Ok(Some(fen)) }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.raw)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&Cow::<'de, str>::deserialize(deserializer)?))
    }
}

/// Units of sums, the longer before their parts.
const UNITS: [(&str, i64); 7] = [
    ("万亿", 1_000_000_000_000),
    ("千万", 10_000_000),
    ("百万", 1_000_000),
    ("亿", 100_000_000),
    ("万", 10_000),
    ("千", 1_000),
    ("百", 100),
];

/// Whether a text says a unit of a sum: 元, 万元, 亿.
#[must_use]
pub fn names_a_unit(text: &str) -> bool {
    text.contains('元') || UNITS.iter().any(|(unit, _)| text.contains(unit))
}

fn read(raw: &str) -> Result<Option<Fen>, NumberProblem> {
    let text = number::half_width(raw.trim());
    if text.is_empty() {
        return Ok(None);
    }
    let bare = text.strip_prefix('¥').unwrap_or(&text).trim();
    let bare = bare.strip_suffix('元').unwrap_or(bare).trim_end();
    let scaled = UNITS.iter().find_map(|(unit, times)| Some((bare.strip_suffix(unit)?, *times)));
    let (digits, unit) = scaled.unwrap_or((bare, 1));
    let (number, _) = number::decimal(digits.trim_end())?;
    let yuan = number.checked_mul(Decimal::from(unit)).ok_or(NumberProblem::OutOfRange)?;
    match Fen::from_yuan(yuan) {
        Ok(fen) => Ok(Some(fen)),
        Err(MoneyError::FractionOfFen) => Err(NumberProblem::TooPrecise { places: 2 }),
        Err(MoneyError::OutOfRange) => Err(NumberProblem::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every way of typing an amount that is understood; 46.8万 = 468,000 yuan = 46,800,000 fen.
    #[test]
    fn amounts_as_typed() {
        for (raw, fen) in [
            ("7663728.58", 766_372_858),
            ("9,341,989.44", 934_198_944),
            ("８，２６８，３１６．５９", 826_831_659),
            ("-364447.00", -36_444_700),
            ("0.00", 0),
            ("¥ 12.5", 1_250),
            ("￥１２元", 1_200),
            ("46.8万元", 46_800_000),
            ("46.8 万", 46_800_000),
            ("1.2亿元", 12_000_000_000),
            ("2518.90千元", 251_890_000),
            ("2.5189百万元", 251_890_000),
            ("0.25189千万", 251_890_000),
            ("0.00001万亿元", 1_000_000_000),
            ("1.2300", 123),
            ("0.000001万元", 1),
        ] {
            let amount = Amount::parse(raw);
            assert_eq!(amount.fen(), Some(Fen(fen)), "{raw}");
            assert_eq!((amount.raw(), amount.problem()), (raw, None));
        }
    }

    /// What is no amount says why, and a blank is missing: neither is zero.
    #[test]
    fn amounts_that_cannot_be_read() {
        for (raw, problem) in [
            ("无", NumberProblem::NotANumber),
            ("约300万", NumberProblem::NotANumber),
            ("1,23", NumberProblem::NotANumber),
            ("元", NumberProblem::NotANumber),
            ("12.345", NumberProblem::TooPrecise { places: 2 }),
            ("1234567890123456", NumberProblem::OutOfRange),
            ("123456789012345亿", NumberProblem::OutOfRange),
        ] {
            assert_eq!(Amount::parse(raw).problem(), Some(&problem), "{raw}");
            assert_eq!(Amount::parse(raw).fen(), None, "{raw}");
        }
        let blank = Amount::parse(" \u{3000}");
        assert!(blank.is_missing() && blank.fen().is_none() && blank.problem().is_none());
    }

    /// Arithmetic stops at the border instead of wrapping.
    #[test]
    fn checked_arithmetic() {
        assert_eq!(Fen(i64::MAX).checked_add(Fen(1)), None);
        assert_eq!(Fen(i64::MIN).checked_sub(Fen(1)), None);
        assert_eq!(Fen::checked_sum([Fen(1), Fen(2), Fen(-5)]), Some(Fen(-2)));
        assert_eq!(Fen::from_yuan(Decimal::MAX), Err(MoneyError::OutOfRange));
        assert_eq!(Fen::from_yuan(Decimal::new(1, 3)), Err(MoneyError::FractionOfFen));
    }

    /// 5,500,000.00 yuan are 550.00 万元; 49.99 and 50.00 yuan lie on both sides of half a hundredth of a 万.
    #[test]
    fn shown() {
        assert_eq!(Fen(-5).to_string(), "-0.05");
        assert_eq!(Fen(i64::MIN).to_string(), "-92233720368547758.08");
        assert_eq!(Fen(550_000_000).wan(), "550.00");
        assert_eq!((Fen(4_999).wan(), Fen(5_000).wan()), ("0.00".into(), "0.01".into()));
    }

    proptest! {
        /// What is printed reads back as the same amount, wherever a typed amount may lie.
        #[test]
        fn print_and_parse(fen in -99_999_999_999_999_999_i64..=99_999_999_999_999_999) {
            prop_assert_eq!(Amount::parse(&Fen(fen).to_string()).fen(), Some(Fen(fen)));
            prop_assert_eq!(Fen::from_yuan(Fen(fen).yuan()), Ok(Fen(fen)));
        }

        /// No text makes reading panic, and a stored amount reads back as it was.
        #[test]
        fn reading_never_panics(raw in "[-0-9０-９,，.．¥￥元万亿 \\PC]{0,40}") {
            let amount = Amount::parse(&raw);
            let json = serde_json::to_string(&amount).expect("a string is JSON");
            prop_assert_eq!(serde_json::from_str::<Amount>(&json).expect("it was written above"), amount);
        }
    }
}
