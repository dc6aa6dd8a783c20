//! A line of a workbook as somebody filled it in, laid over what is held of its document.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::form::{Definition, Field, Given, GivenRow};

use super::{Named, content, short, tables};
use crate::sheet::{next_number, text};

/// A document as its line and the lines of its rows say it.
#[derive(Debug, Clone, Default)]
pub struct FilledDocument {
    /// Its line, counted from 1.
    pub line: u64,
    /// Its id; blank for a new one.
    pub id: String,
    /// Who keeps it; blank for this bureau.
    pub keeper: String,
    /// What it is about.
    pub subject: String,
    /// For which period.
    pub period: String,
    /// What was typed, by each field that has a column; nothing in a blank cell.
    pub given: BTreeMap<String, Option<Given>>,
    /// Its rows, by each table that has a sheet.
    pub rows: BTreeMap<String, Vec<FilledRow>>,
    pub(super) stamp: String,
}

/// A row of a table.
#[derive(Debug, Clone, Default)]
pub struct FilledRow {
    /// Its line on its sheet, counted from 1.
    pub line: u64,
    /// Its id; blank for a new one.
    pub id: String,
    /// What was typed, by each field that has a column; blank in a blank cell.
    pub cells: BTreeMap<String, String>,
}

/// A line laid over what is held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Laid {
    /// What is given then.
    pub given: BTreeMap<String, Given>,
    /// By table: the line of each of its rows.
    pub lines: BTreeMap<String, Vec<u64>>,
}

impl FilledDocument {
    /// What the line would make of a document. What it has no column for, and what means the same as what is held,
    /// stays as it is held; a blank cell is blank.
    #[must_use]
    pub fn over(&self, definition: &Definition, held: &BTreeMap<String, Given>) -> Laid {
        let mut laid = Laid { given: held.clone(), lines: BTreeMap::new() };
        for (name, filled) in &self.given {
            let Some(field) = definition.field(name) else { continue };
            if text::plain_given(field, held.get(name)) != text::plain_given(field, filled.as_ref()) {
                put(&mut laid.given, name, filled.clone());
            }
        }
        for (name, filled) in &self.rows {
            let Some(field) = definition.field(name) else { continue };
            let before = if let Some(Given::Rows(rows)) = held.get(name) { rows.as_slice() } else { &[] };
            let (rows, lines) = rows(field, before, filled);
            put(&mut laid.given, name, (!rows.is_empty()).then_some(Given::Rows(rows)));
            laid.lines.insert(name.clone(), lines);
        }
        laid
    }

    /// Whether anything stands on the line that did not when it was written, be it another subject or id.
    #[must_use]
    pub fn is_edited(&self, definition: &Definition) -> bool {
        let Some((_, before)) = self.stamp.split_once('-') else { return true };
        let whole = tables(definition).all(|field| self.rows.contains_key(&field.name));
        let named = Named { keeper: &self.keeper, id: &self.id, subject: &self.subject, period: &self.period };
        !whole || content(definition, &named, &self.over(definition, &BTreeMap::new()).given) != before
    }

    /// Whether the line was written from this version of the document.
    #[must_use]
    pub fn is_of(&self, version: &str) -> bool {
        self.stamp.split_once('-').is_some_and(|(of, _)| of == short(version))
    }

    /// Whether the line was written from a document, and is not a new one.
    #[must_use]
    pub fn is_stamped(&self) -> bool {
        !self.stamp.is_empty()
    }
}

fn put(all: &mut BTreeMap<String, Given>, name: &str, value: Option<Given>) {
    match value {
        Some(value) => all.insert(name.to_owned(), value),
        None => all.remove(name),
    };
}

/// The rows as the sheet has them, and the line of each. A row in which nothing stands is none; a new one that says
/// what a row of the document says already that the sheet does not name is that row: the same file comes twice. Of two
/// rows with one id the second was copied from the first, hidden id and all, and is a new one.
fn rows(field: &Field, held: &[GivenRow], filled: &[FilledRow]) -> (Vec<GivenRow>, Vec<u64>) {
    let by_id: BTreeMap<&str, &GivenRow> = held.iter().map(|row| (row.id.as_str(), row)).collect();
    let named: BTreeSet<&str> = filled.iter().map(|row| row.id.as_str()).collect();
    let mut unnamed: Vec<&GivenRow> = held.iter().filter(|row| !named.contains(row.id.as_str())).collect();
    let mut next = next_number(held.iter().map(|row| row.id.as_str()).chain(named));
    let (mut rows, mut lines) = (Vec::with_capacity(filled.len()), Vec::with_capacity(filled.len()));
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for row in filled {
        let new = row.id.is_empty() || !taken.insert(&row.id);
        let before = if new {
            let same = unnamed.iter().position(|held| says(field, held, row));
            same.map(|at| unnamed.remove(at))
        } else {
            by_id.get(row.id.as_str()).copied()
        };
        let cells = cells(field, before, row);
        if cells.is_empty() {
            continue;
        }
        let id = match before {
            Some(before) => before.id.clone(),
            None if new => {
                let id = format!("n{next}");
                next = next.saturating_add(1);
                id
            }
            None => row.id.clone(),
        };
        rows.push(GivenRow { id, cells });
        lines.push(row.line);
    }
    (rows, lines)
}

/// Whether a row holds exactly what a line says.
fn says(field: &Field, held: &GivenRow, row: &FilledRow) -> bool {
    cells(field, Some(held), row) == held.cells
}

/// The cells of a row as its line has them; those that mean the same, and those without a column, stay.
fn cells(field: &Field, held: Option<&GivenRow>, row: &FilledRow) -> BTreeMap<String, String> {
    let mut cells = held.map(|row| row.cells.clone()).unwrap_or_default();
    for (name, written) in &row.cells {
        let Some(inner) = field.fields.iter().find(|inner| inner.name == *name) else { continue };
        let was = cells.get(name).map(|kept| text::plain(inner, kept)).unwrap_or_default();
        if was == text::plain(inner, written) {
            continue;
        }
        if written.is_empty() {
            cells.remove(name);
        } else {
            cells.insert(name.clone(), written.clone());
        }
    }
    cells
}
