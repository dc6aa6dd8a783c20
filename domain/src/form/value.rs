//! Typed values of a document.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use time::Date;

use crate::month::Month;

/// What a field holds, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A line, a text, a code, a choice's code, a name, a key.
    Text(String),
    /// Codes of choices.
    Several(Vec<String>),
    /// Yes or no.
    Flag(bool),
    /// A number: in percent for percentages, in yuan for amounts.
    Number(Decimal),
    /// A day.
    Day(Date),
    /// A month.
    Month(Month),
    /// How many files.
    Files(usize),
    /// Rows.
    Rows(Vec<Row>),
}

/// A row, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Stays the row's as long as it is there.
    pub id: String,
    /// By field; what is missing is not there.
    pub values: Values,
}

/// Values by field. What is missing is not there: it is never zero.
pub type Values = BTreeMap<String, Value>;

impl Value {
    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<Decimal> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The rows, if it is a table.
    #[must_use]
    pub fn rows(&self) -> Option<&[Row]> {
        if let Self::Rows(rows) = self { Some(rows) } else { None }
    }
}
