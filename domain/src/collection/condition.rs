//! Conditions of collections as typed data, shown as sentences: no expression language, nothing to inject.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Table;
use super::field::{FieldKind, Row};
use crate::lang::{Lang, Say};
use crate::score::Status;

/// A condition on one field. It holds of a record that lacks the field only where it asks for exactly that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Condition {
    /// The field.
    pub field: String,
    /// What is asked of it.
    pub test: Test,
}

/// What a condition asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It is this word.
    Is(String),
    /// It is there and another word.
    IsNot(String),
    /// It is one of these words.
    OneOf(Vec<String>),
    /// It is a number from here on.
    AtLeast(Decimal),
    /// It is a number below.
    Below(Decimal),
    /// It is there, or is missing.
    Present(bool),
}

/// The written form: a field and exactly one test.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    field: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_not: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    below: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    present: Option<bool>,
}

/// A condition has no test, or several.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the condition on {field:?} needs exactly one of is, is_not, one_of, at_least, below, present")]
pub struct NotOneTest {
    field: String,
}

impl TryFrom<Written> for Condition {
    type Error = NotOneTest;

    fn try_from(written: Written) -> Result<Self, NotOneTest> {
        let Written { field, is, is_not, one_of, at_least, below, present } = written;
        let tests = [
            is.map(Test::Is),
            is_not.map(Test::IsNot),
            one_of.map(Test::OneOf),
            at_least.map(Test::AtLeast),
            below.map(Test::Below),
            present.map(Test::Present),
        ];
        let mut tests = tests.into_iter().flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) => Ok(Self { field, test }),
            _ => Err(NotOneTest { field }),
        }
    }
}

impl From<Condition> for Written {
    fn from(Condition { field, test }: Condition) -> Self {
        let bare = Self { field, ..Self::default() };
        match test {
            Test::Is(word) => Self { is: Some(word), ..bare },
            Test::IsNot(word) => Self { is_not: Some(word), ..bare },
            Test::OneOf(words) => Self { one_of: Some(words), ..bare },
            Test::AtLeast(number) => Self { at_least: Some(number), ..bare },
            Test::Below(number) => Self { below: Some(number), ..bare },
            Test::Present(there) => Self { present: Some(there), ..bare },
        }
    }
}

impl Condition {
    /// Whether it holds of a record.
    #[must_use]
    pub fn holds(&self, row: &Row) -> bool {
        let cell = row.get(&self.field);
        match (&self.test, cell) {
            (Test::Present(there), cell) => cell.is_some() == *there,
            (_, None) => false,
            (Test::Is(word), Some(cell)) => cell.text() == *word,
            (Test::IsNot(word), Some(cell)) => cell.text() != *word,
            (Test::OneOf(words), Some(cell)) => words.contains(&cell.text()),
            (Test::AtLeast(least), Some(cell)) => cell.number().is_some_and(|number| number >= *least),
            (Test::Below(limit), Some(cell)) => cell.number().is_some_and(|number| number < *limit),
        }
    }

    /// Whether its test suits what the field holds.
    #[must_use]
    pub fn suits(&self, kind: FieldKind) -> bool {
        !matches!(self.test, Test::AtLeast(_) | Test::Below(_)) || kind == FieldKind::Number
    }

    /// The condition as a clause, naming the field as these records call it.
    #[must_use]
    pub fn clause(&self, table: &Table, lang: Lang) -> String {
        let field = table.called(&self.field, lang);
        let said = |word: &str| self.word(word, lang);
        let all =
            |words: &[String], between: &str| words.iter().map(|word| said(word)).collect::<Vec<_>>().join(between);
        let zh = match &self.test {
            Test::Is(word) => format!("{field}为“{}”", said(word)),
            Test::IsNot(word) => format!("{field}不为“{}”", said(word)),
            Test::OneOf(words) => format!("{field}为“{}”之一", all(words, "”“")),
            Test::AtLeast(number) => format!("{field}不低于 {number}"),
            Test::Below(number) => format!("{field}低于 {number}"),
            Test::Present(true) => format!("{field}已填且可用"),
            Test::Present(false) => format!("{field}未填或不可用"),
        };
        let en = match &self.test {
            Test::Is(word) => format!("{field} is \"{}\"", said(word)),
            Test::IsNot(word) => format!("{field} is not \"{}\"", said(word)),
            Test::OneOf(words) => format!("{field} is one of \"{}\"", all(words, "\", \"")),
            Test::AtLeast(number) => format!("{field} is at least {number}"),
            Test::Below(number) => format!("{field} is below {number}"),
            Test::Present(true) => format!("{field} is there and usable"),
            Test::Present(false) => format!("{field} is missing or unusable"),
        };
        lang.pick(&zh, &en).to_owned()
    }

    /// A word as people say it: a status is tested by its code.
    fn word(&self, word: &str, lang: Lang) -> String {
        let status = Status::ALL.into_iter().filter(|_| self.field.ends_with("status")).find(|it| it.code() == word);
        status.map_or_else(|| word.to_owned(), |status| status.say(lang))
    }
}

/// Several conditions as one clause; `None` if there are none.
#[must_use]
pub fn clauses(conditions: &[Condition], table: &Table, lang: Lang) -> Option<String> {
    let all: Vec<String> = conditions.iter().map(|condition| condition.clause(table, lang)).collect();
    (!all.is_empty()).then(|| all.join(lang.pick("，且", " and ")))
}
