//! Which documents are asked for, as conditions of a statement. A field is looked up among the columns of its form and
//! never put into a statement as it came.

use std::fmt::Write as _;

use tongpin_domain::search::prepared;

use super::table::{Column, Table};
use super::typed::ColumnKind;
use crate::db::Kind;
use crate::error::StoreError;
use crate::sql::{Statement, anywhere, listed, storable};

/// Which documents of a form are asked for; the default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormFilter {
    /// Words that must all occur in the subject or in what was written in words.
    pub text: String,
    /// States; empty for all.
    pub states: Vec<String>,
    /// 所属期, empty for all.
    pub period: String,
    /// Whose documents, empty for all.
    pub author: String,
    /// What they are about; `None` for all, and nothing for an empty list, so that whoever may see nothing does.
    pub subjects: Option<Vec<String>>,
    /// What is asked of fields: all of it.
    pub tests: Vec<FieldTest>,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTest {
    /// Its name.
    pub field: String,
    /// What is asked.
    pub op: FilterOp,
}

/// A comparison with canonical texts. What cannot be read as a value of the field finds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterOp {
    /// It is this, or has it among its choices.
    Is(String),
    /// It is one of these, or has one of them among its choices.
    OneOf(Vec<String>),
    /// 不小于
    AtLeast(String),
    /// 不大于
    AtMost(String),
    /// 未填
    Missing,
    /// 已填
    Present,
}

/// A value behind a condition.
enum Bound {
    Text(String),
    Number(i64),
    List(Vec<String>),
}

/// Conditions on the table of documents `f`, and their values in order.
pub(super) struct Conditions {
    kind: Kind,
    /// What stands behind `WHERE`.
    pub(super) text: String,
    values: Vec<Bound>,
}

const NOTHING: &str = "1 = 0";

impl Conditions {
    /// How many variables they take.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }

    pub(super) fn bound(&self, statement: Statement) -> Statement {
        self.values.iter().fold(statement, |statement, value| match value {
            Bound::Text(text) => statement.text(text),
            Bound::Number(number) => statement.maybe_int(Some(*number)),
            Bound::List(list) => statement.list(&list.iter().map(String::as_str).collect::<Vec<_>>()),
        })
    }

    fn add(&mut self, before: &str, value: Bound, behind: &str) {
        self.values.push(value);
        let _ = write!(self.text, " AND {before} ${}{behind}", self.values.len());
    }

    fn only(&mut self, condition: &str) {
        let _ = write!(self.text, " AND {condition}");
    }

    fn among(&mut self, name: &str, texts: &[String]) {
        self.values.push(Bound::List(texts.iter().map(|text| storable(text)).collect()));
        let _ = write!(self.text, " AND {name} IN {}", listed(self.kind, self.values.len()));
    }

    fn test(&mut self, column: &Column, op: &FilterOp) {
        let name = column.read("f");
        match op {
            FilterOp::Missing => self.only(&format!("{name} IS NULL")),
            FilterOp::Present => self.only(&format!("{name} IS NOT NULL")),
            FilterOp::Is(text) => self.equal(column.kind, &name, std::slice::from_ref(text)),
            FilterOp::OneOf(texts) => self.equal(column.kind, &name, texts),
            FilterOp::AtLeast(text) => self.compare(column.kind, &name, text, true),
            FilterOp::AtMost(text) => self.compare(column.kind, &name, text, false),
        }
    }

    fn equal(&mut self, kind: ColumnKind, name: &str, texts: &[String]) {
        let any: Vec<String> = match kind {
            ColumnKind::Words | ColumnKind::Month => return self.among(name, texts),
            ColumnKind::Several => {
                let find = if self.kind == Kind::Sqlite { "instr" } else { "strpos" };
                let mut has = |text: &String| {
                    self.values.push(Bound::Text(storable(&format!("\n{text}\n"))));
                    format!("{find}({name}, ${}) > 0", self.values.len())
                };
                texts.iter().map(&mut has).collect()
            }
            _ => {
                let numbers = texts.iter().filter_map(|text| kind.number(text));
                numbers.map(|number| format!("{name} = {number}")).collect()
            }
        };
        self.only(&if any.is_empty() { NOTHING.to_owned() } else { format!("({})", any.join(" OR ")) });
    }

    fn compare(&mut self, kind: ColumnKind, name: &str, text: &str, least: bool) {
        let before = format!("{name} {}", if least { ">=" } else { "<=" });
        if kind.is_text() {
            return self.add(&before, Bound::Text(storable(text)), "");
        }
        match kind.bound(text, least) {
            Some(number) => self.add(&before, Bound::Number(number), ""),
            None => self.only(NOTHING),
        }
    }
}

impl FormFilter {
    /// The conditions for one form.
    ///
    /// # Errors
    /// [`StoreError::NoColumn`] if a field has no column there.
    pub(super) fn conditions(&self, table: &Table, kind: Kind) -> Result<Conditions, StoreError> {
        let mut conditions = Conditions { kind, text: "1 = 1".to_owned(), values: Vec::new() };
        for (before, wanted) in [("f.period =", &self.period), ("f.author =", &self.author)] {
            if !wanted.is_empty() {
                conditions.add(before, Bound::Text(storable(wanted)), "");
            }
        }
        match self.states.as_slice() {
            [] => {}
            [state] => conditions.add("f.state =", Bound::Text(storable(state)), ""),
            states => conditions.among("f.state", states),
        }
        if let Some(subjects) = &self.subjects {
            conditions.among("f.subject", subjects);
        }
        for word in prepared(&self.text).split_whitespace() {
            conditions.add("f.words LIKE", Bound::Text(anywhere(word)), " ESCAPE '\\'");
        }
        for test in &self.tests {
            conditions.test(table.column(&test.field)?, &test.op);
        }
        Ok(conditions)
    }
}
