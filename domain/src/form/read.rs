//! What was given for a form, read into typed values: by a page, an import, the API and another level alike. Nothing is
//! repaired in silence: a value is read as it was meant, or it is a problem at its place and missing.

mod fault;
mod single;
#[cfg(test)]
mod tests;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use fault::Fault;
pub use single::chosen;
pub(in crate::form) use written::is_given;
pub use written::text;

use super::{Definition, Field, Given, GivenRow, Kind, MOST_FILES, MOST_ROWS, Row, Value, Values};
use single::{several, single};

/// The most decimals that are kept of a number: with them and its sign it fits 64 bits, as tables keep it.
pub const MOST_PLACES: u32 = 10;
/// The most characters of a row's id.
const LONGEST_ROW_ID: usize = 40;

/// What was made of what was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What could be read. What was blank, or could not be read, is not there.
    pub values: Values,
    /// What could not be read, in the order of the names.
    pub problems: Vec<FieldProblem>,
}

/// Something that could not be read, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Where.
    pub place: Place,
    /// Why.
    pub fault: Fault,
}

/// A place in a document: `paid`, or `roads.r3.paid` for a field of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The field, or the rows.
    pub field: String,
    /// The row's id.
    pub row: Option<String>,
    /// The field of the row.
    pub inner: Option<String>,
}

impl Place {
    /// A field that stands in no rows.
    #[must_use]
    pub fn of(field: &str) -> Self {
        Self { field: field.to_owned(), row: None, inner: None }
    }

    /// A row.
    #[must_use]
    pub fn row(rows: &str, id: &str) -> Self {
        Self { field: rows.to_owned(), row: Some(id.to_owned()), inner: None }
    }

    /// A field of a row.
    #[must_use]
    pub fn cell(rows: &str, id: &str, inner: &str) -> Self {
        Self { inner: Some(inner.to_owned()), ..Self::row(rows, id) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.field)?;
        self.row.iter().chain(&self.inner).try_for_each(|part| write!(f, ".{part}"))
    }
}

impl Field {
    /// Decimals that are kept of its numbers.
    pub(in crate::form) fn kept_places(&self) -> u32 {
        self.decimals().min(MOST_PLACES)
    }
}

impl Definition {
    /// Reads what was given, all of it as new: a retired field or choice is a problem.
    #[must_use]
    pub fn read(&self, given: &BTreeMap<String, Given>) -> Reading {
        self.read_kept(given, &BTreeMap::new())
    }

    /// Reads what was given to a document that held something before. A retired field or choice passes where it is what
    /// was there before; a document as it is kept is read with itself as what was before.
    #[must_use]
    pub fn read_kept(&self, given: &BTreeMap<String, Given>, before: &BTreeMap<String, Given>) -> Reading {
        let mut reading = Reading::default();
        for (name, given) in given.iter().filter(|(_, given)| !is_blank(given)) {
            let place = Place::of(name);
            match self.field(name) {
                None => reading.problem(place, Fault::UnknownField),
                Some(field) => {
                    if let Some(value) = reading.whole(field, given, before.get(name)) {
                        reading.values.insert(name.clone(), value);
                    }
                }
            }
        }
        reading
    }
}

/// Whether nothing was given: no text, no rows, no choice, no file.
fn is_blank(given: &Given) -> bool {
    match given {
        Given::One(text) => text.trim().is_empty(),
        Given::Rows(rows) => rows.is_empty(),
        Given::Several(texts) => texts.iter().all(|text| text.trim().is_empty()),
        Given::Files(files) => files.is_empty(),
    }
}

/// Whether somebody may give it at all; what is kept of a retired field is as it was.
fn allowed(field: &Field, is_kept: bool) -> Result<(), Fault> {
    match (field.derived.is_some() || !field.from.is_empty(), field.retired) {
        (true, _) => Err(Fault::NotTyped),
        (false, true) if !is_kept => Err(Fault::Retired),
        _ => Ok(()),
    }
}

impl Reading {
    fn problem(&mut self, place: Place, fault: Fault) {
        self.problems.push(FieldProblem { place, fault });
    }

    fn whole(&mut self, field: &Field, given: &Given, before: Option<&Given>) -> Option<Value> {
        let is_kept = before == Some(given);
        let read = allowed(field, is_kept).and_then(|()| match (&field.kind, given) {
            (Kind::Unknown(_), _) => Err(Fault::UnknownKind),
            (Kind::Rows, Given::Rows(rows)) => {
                let most = field.longest.unwrap_or(MOST_ROWS).min(MOST_ROWS);
                let before = if let Some(Given::Rows(before)) = before { before.as_slice() } else { &[] };
                if rows.len() > most { Err(Fault::TooManyRows { most }) } else { Ok(self.rows(field, rows, before)) }
            }
            (Kind::Files, Given::Files(files)) if files.len() > MOST_FILES => {
                Err(Fault::TooManyFiles { most: MOST_FILES })
            }
            (Kind::Files, Given::Files(files)) => Ok(Some(Value::Files(files.len()))),
            (Kind::AnyOf, Given::Several(texts)) => several(field, texts, held(before)),
            (Kind::AnyOf, Given::One(text)) => several(field, std::slice::from_ref(text), held(before)),
            (_, Given::One(text)) => single(field, text, held(before).first().map(String::as_str)),
            _ => Err(Fault::WrongShape),
        });
        read.unwrap_or_else(|fault| {
            self.problem(Place::of(&field.name), fault);
            None
        })
    }

    fn rows(&mut self, field: &Field, given: &[GivenRow], before: &[GivenRow]) -> Option<Value> {
        let before: BTreeMap<&str, &GivenRow> = before.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut seen = BTreeSet::new();
        let mut rows = Vec::new();
        for row in given {
            if !is_row_id(&row.id) {
                self.problem(Place::row(&field.name, &row.id), Fault::RowIdUnfit);
            } else if seen.insert(row.id.as_str()) {
                let values = self.cells(field, row, before.get(row.id.as_str()).copied());
                rows.push(Row { id: row.id.clone(), values });
            } else {
                self.problem(Place::row(&field.name, &row.id), Fault::RowTwice);
            }
        }
        (!rows.is_empty()).then_some(Value::Rows(rows))
    }

    fn cells(&mut self, rows: &Field, row: &GivenRow, before: Option<&GivenRow>) -> Values {
        let mut values = Values::new();
        for (name, text) in row.cells.iter().filter(|(_, text)| !text.trim().is_empty()) {
            let before = before.and_then(|row| row.cells.get(name));
            let inner = rows.fields.iter().find(|inner| inner.name == *name);
            let read = inner.ok_or(Fault::UnknownField).and_then(|inner| {
                allowed(inner, before == Some(text))?;
                if !inner.kind.fits_rows() {
                    return Err(Fault::WrongShape);
                }
                single(inner, text, before.map(String::as_str))
            });
            match read {
                Ok(Some(value)) => drop(values.insert(name.clone(), value)),
                Ok(None) => {}
                Err(fault) => self.problem(Place::cell(&rows.name, &row.id, name), fault),
            }
        }
        values
    }
}

/// What a field held before, as texts.
fn held(before: Option<&Given>) -> &[String] {
    match before {
        Some(Given::One(text)) => std::slice::from_ref(text),
        Some(Given::Several(texts)) => texts,
        _ => &[],
    }
}

/// Whether a row's id can be part of a place, of the name of an input and of a mark on a sheet: `[A-Za-z0-9_-]`, at
/// most 40 of them.
#[must_use]
pub fn is_row_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=LONGEST_ROW_ID).contains(&id.len()) && id.bytes().all(fits)
}
