//! Typed cells: how a value of a document stands in a column, and how it is read back. What is kept in a document is
//! canonical text, so that only this is read here; what cannot be read is null, and never zero.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::{Date, macros::format_description};
use tongpin_domain::form::{Field, Given, Kind, Value};
use tongpin_domain::month::Month;

use crate::error::StoreError;
use crate::sql::{Line, Statement, storable};

/// More decimals than these leave no room before the point in 64 bits.
const MOST_PLACES: u32 = 18;
/// 1970-01-01 as a Julian day.
const EPOCH: i32 = 2_440_588;

/// How the values of a field stand in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum ColumnKind {
    /// Text as it is.
    Words,
    /// Codes of choices, each between line ends, so that one of them is found by its own.
    Several,
    /// A number times a power of ten: fen for amounts.
    Number {
        /// Which power.
        places: u32,
    },
    /// Days since 1970.
    Day,
    /// `2025-03`.
    Month,
    /// 1 or 0.
    Flag,
}

/// What stands in one column of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// In a column of text.
    Text(Option<String>),
    /// In a column of whole numbers.
    Number(Option<i64>),
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(Some(storable(text)))
    }

    pub(super) fn bound(&self, statement: Statement) -> Statement {
        match self {
            Self::Text(text) => statement.maybe_text(text.as_deref()),
            Self::Number(number) => statement.maybe_int(*number),
        }
    }
}

/// A number times a power of ten, if that is whole and fits.
fn scaled(number: Decimal, places: u32) -> Option<i64> {
    let number = number.normalize();
    let unit = 10i128.checked_pow(places.checked_sub(number.scale())?)?;
    number.mantissa().checked_mul(unit)?.try_into().ok()
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text.trim()).ok()
}

fn days(text: &str) -> Option<i64> {
    let day = Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()?;
    Some(i64::from(day.to_julian_day()) - i64::from(EPOCH))
}

fn day(days: i64) -> Option<Date> {
    Date::from_julian_day(i32::try_from(days).ok()?.checked_add(EPOCH)?).ok()
}

impl ColumnKind {
    /// How a field's values stand; `None` if it has no column.
    pub(super) fn of(field: &Field) -> Option<Self> {
        Some(match &field.kind {
            Kind::Whole | Kind::Decimal | Kind::Percent | Kind::Money => {
                Self::Number { places: field.decimals().min(MOST_PLACES) }
            }
            Kind::Day => Self::Day,
            Kind::Month => Self::Month,
            Kind::YesNo => Self::Flag,
            Kind::AnyOf => Self::Several,
            kind if kind.is_column() => Self::Words,
            _ => return None,
        })
    }

    /// Whether both hold the same kind of thing, with however many decimals.
    pub(super) fn is_like(self, other: Self) -> bool {
        matches!((self, other), (Self::Number { .. }, Self::Number { .. })) || self == other
    }

    /// Whether the column holds text; otherwise it holds whole numbers.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Words | Self::Several | Self::Month)
    }

    pub(super) fn sql(self) -> &'static str {
        if self.is_text() { "TEXT" } else { "BIGINT" }
    }

    /// What stands for something given.
    pub(super) fn cell(self, given: Option<&Given>) -> Cell {
        match (self, given) {
            (Self::Several, Some(Given::Several(codes))) if !codes.is_empty() => {
                Cell::text(&format!("\n{}\n", codes.join("\n")))
            }
            (Self::Several, Some(Given::One(code))) if !code.is_empty() => Cell::text(&format!("\n{code}\n")),
            (Self::Words | Self::Month | Self::Number { .. } | Self::Day | Self::Flag, Some(Given::One(text))) => {
                self.cell_of(text)
            }
            _ => self.missing(),
        }
    }

    pub(super) fn missing(self) -> Cell {
        if self.is_text() { Cell::Text(None) } else { Cell::Number(None) }
    }

    /// What stands for a canonical text.
    pub(super) fn cell_of(self, text: &str) -> Cell {
        match self {
            Self::Words | Self::Several => Cell::Text(Some(storable(text)).filter(|text| !text.is_empty())),
            Self::Month => Cell::Text(text.parse::<Month>().ok().map(|month| month.to_string())),
            _ => Cell::Number(self.number(text)),
        }
    }

    /// The number that stands for a canonical text.
    pub(super) fn number(self, text: &str) -> Option<i64> {
        match self {
            Self::Number { places } => scaled(decimal(text)?, places),
            Self::Day => days(text),
            Self::Flag => match text.trim() {
                "yes" => Some(1),
                "no" => Some(0),
                _ => None,
            },
            _ => None,
        }
    }

    /// The least number that is not below a text, or the greatest that is not above it: what a filter compares with,
    /// though somebody types more decimals than are kept.
    pub(super) fn bound(self, text: &str, least: bool) -> Option<i64> {
        let Self::Number { places } = self else { return self.number(text) };
        let typed = decimal(text)?;
        let unit = Decimal::from(10u64.checked_pow(places)?);
        let beyond = if typed.is_sign_negative() { i64::MIN } else { i64::MAX };
        let Some(number) = typed.checked_mul(unit) else { return Some(beyond) };
        let whole = if least { number.ceil() } else { number.floor() };
        Some(scaled(whole, 0).unwrap_or(beyond))
    }

    /// Reads the column at a place of a row.
    pub(super) fn read(self, line: &Line, at: usize) -> Result<Option<Value>, StoreError> {
        if self.is_text() {
            let Some(text) = line.text_at(at)? else { return Ok(None) };
            return Ok(match self {
                Self::Several => {
                    let codes = text.split('\n').filter(|code| !code.is_empty());
                    Some(Value::Several(codes.map(str::to_owned).collect()))
                }
                Self::Month => text.parse().ok().map(Value::Month),
                _ => Some(Value::Text(text)),
            });
        }
        let Some(number) = line.int_at(at)? else { return Ok(None) };
        Ok(match self {
            Self::Number { places } => {
                Decimal::try_from_i128_with_scale(i128::from(number), places).ok().map(Value::Number)
            }
            Self::Day => day(number).map(Value::Day),
            _ => Some(Value::Flag(number == 1)),
        })
    }
}

/// A value as a document writes it, numbers with at least so many decimals; several codes by line ends.
pub(super) fn canonical(value: &Value, decimals: u32) -> Option<String> {
    Some(match value {
        Value::Text(text) => text.clone(),
        Value::Several(codes) => codes.join("\n"),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => {
            let mut number = number.normalize();
            if number.scale() < decimals {
                number.rescale(decimals);
            }
            number.to_string()
        }
        Value::Day(day) => day.format(format_description!("[year]-[month]-[day]")).ok()?,
        Value::Month(month) => month.to_string(),
        Value::Files(_) | Value::Rows(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONEY: ColumnKind = ColumnKind::Number { places: 2 };

    /// Numbers become whole ones exactly or not at all; days count from 1970.
    #[test]
    fn exact_or_nothing() {
        for (kind, text, number) in [
            (MONEY, "1234.50", Some(123_450)),
            (MONEY, "-0.29", Some(-29)),
            (MONEY, "0", Some(0)),
            (MONEY, "1.2300", Some(123)),
            (MONEY, "1.005", None),
            (MONEY, "", None),
            (MONEY, "无", None),
            (MONEY, "92233720368547758.07", Some(i64::MAX)),
            (MONEY, "92233720368547758.08", None),
            (ColumnKind::Number { places: 18 }, "-9.3", None),
            (ColumnKind::Number { places: 0 }, "12", Some(12)),
            (ColumnKind::Day, "1970-01-01", Some(0)),
            (ColumnKind::Day, "1969-12-31", Some(-1)),
            (ColumnKind::Day, "2024-02-29", Some(19_782)),
            (ColumnKind::Day, "2025-02-29", None),
            (ColumnKind::Flag, "yes", Some(1)),
            (ColumnKind::Flag, "no", Some(0)),
            (ColumnKind::Flag, "1", None),
        ] {
            assert_eq!(kind.number(text), number, "{text}");
        }
    }

    /// A filter's bound is rounded towards what it lets in, and one beyond every number lets in all or nothing.
    #[test]
    fn bounds() {
        assert_eq!((MONEY.bound("1.005", true), MONEY.bound("1.005", false)), (Some(101), Some(100)));
        assert_eq!((MONEY.bound("-1.005", true), MONEY.bound("-1.005", false)), (Some(-100), Some(-101)));
        assert_eq!(MONEY.bound("1.50", true), Some(150));
        assert_eq!(MONEY.bound("79228162514264337593543950335", true), Some(i64::MAX));
        assert_eq!(MONEY.bound("-99999999999999999999", false), Some(i64::MIN));
        assert_eq!(ColumnKind::Day.bound("1970-01-02", true), Some(1));
        assert_eq!(MONEY.bound("many", true), None);
    }

    /// Nothing given, an empty text and something of another shape are missing.
    #[test]
    fn missing() {
        let one = |text: &str| Given::One(text.to_owned());
        assert_eq!(MONEY.cell(None), Cell::Number(None));
        assert_eq!(MONEY.cell(Some(&Given::Several(vec!["1".to_owned()]))), Cell::Number(None));
        assert_eq!(ColumnKind::Words.cell(Some(&one(""))), Cell::Text(None));
        assert_eq!(ColumnKind::Words.cell(Some(&one("a\0"))), Cell::Text(Some("a\u{fffd}".to_owned())));
        assert_eq!(ColumnKind::Month.cell(Some(&one("2025-3"))), Cell::Text(Some("2025-03".to_owned())));
        let several = Given::Several(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(ColumnKind::Several.cell(Some(&several)), Cell::Text(Some("\na\nb\n".to_owned())));
        assert_eq!(ColumnKind::Several.cell(Some(&Given::Several(Vec::new()))), Cell::Text(None));
    }
}
