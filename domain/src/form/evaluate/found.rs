//! What an expression gives, and the tests that it can be put to.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use time::Date;

use super::Figure;
use super::calculate::some;
use crate::form::{Test, Value};
use crate::number::read_date;

/// What an expression gives.
#[derive(Clone, Copy)]
pub(in crate::form) enum Found<'a> {
    /// A number.
    Figure(Figure),
    /// A day.
    Day(Date),
    /// Anything else that a field holds.
    Other(&'a Value),
}

/// Whether what was found passes a test; `other` is what it is compared with.
pub(super) fn passes(found: Found<'_>, test: &Test, other: Option<Found<'_>>) -> Option<bool> {
    match test {
        Test::Is(word) => found.is(word),
        Test::IsNot(word) => found.is(word).map(|is| !is),
        Test::OneOf(words) => some(words.iter().map(|word| found.is(word))),
        Test::Includes(word) => match found {
            Found::Other(Value::Several(codes)) => Some(codes.contains(word)),
            _ => found.is(word),
        },
        Test::Present(there) => Some(*there),
        Test::Above(_) => Some(found.compared(other?)?.is_gt()),
        Test::AtLeast(_) => Some(found.compared(other?)?.is_ge()),
        Test::Below(_) => Some(found.compared(other?)?.is_lt()),
        Test::AtMost(_) => Some(found.compared(other?)?.is_le()),
        Test::Equals(_) => found.equals(other?),
        Test::Differs(_) => found.equals(other?).map(|equals| !equals),
    }
}

impl<'a> From<&'a Value> for Found<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Number(number) => Self::Figure(Figure::from(*number)),
            Value::Day(day) => Self::Day(*day),
            other => Self::Other(other),
        }
    }
}

impl Found<'_> {
    /// Whether it is what a word says; `None` where no word says it.
    fn is(self, word: &str) -> Option<bool> {
        match self {
            Self::Figure(figure) => {
                let word: Decimal = word.trim().parse().ok()?;
                Some(figure.compared(word.into())?.is_eq())
            }
            Self::Day(day) => Some(read_date(word.trim())? == day),
            Self::Other(Value::Text(text)) => Some(text == word),
            Self::Other(Value::Flag(flag)) => Some(word == if *flag { "yes" } else { "no" }),
            Self::Other(Value::Several(codes)) => Some(matches!(codes.as_slice(), [code] if code == word)),
            Self::Other(Value::Month(month)) => Some(month.to_string() == word),
            Self::Other(_) => None,
        }
    }

    /// Which is more, or later; `None` for what has no order.
    pub(super) fn compared(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Figure(one), Self::Figure(other)) => one.compared(other),
            (Self::Day(one), Self::Day(other)) => Some(one.cmp(&other)),
            (Self::Other(Value::Month(one)), Self::Other(Value::Month(other))) => Some(one.cmp(other)),
            _ => None,
        }
    }

    fn equals(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Other(one), Self::Other(other)) => Some(one == other),
            _ => self.compared(other).map(Ordering::is_eq),
        }
    }
}
