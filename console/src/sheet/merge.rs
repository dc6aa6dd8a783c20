//! What a filled sheet changes in a document as it is held now. What was left as it was written out stays as it is
//! held, whoever has changed it since; what both have changed is nobody's to decide but a person's.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::form::{Definition, Field, Given, GivenRow};
use tongpin_domain::lang::Lang;

use super::{FilledSheet, TableThen, mark, text};

/// A place that both the sheet and somebody else have changed since it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The place: `paid`, `roads.r3.paid`, or `roads.r3` for a row that one of them took away.
    pub place: String,
    /// Its cell, as people name it; empty for a row that the sheet does not have any more.
    pub cell: String,
    /// What is held, as people read it; empty for nothing.
    pub held: String,
    /// What the sheet says, as people read it; empty for nothing.
    pub filled: String,
}

impl FilledSheet {
    /// The document as the sheet would have it, and where that cannot be told. Where there is a conflict, what is held
    /// stands. Of a table that is not filled in (`locked`) but for some of its fields no row goes.
    #[must_use]
    pub fn against(
        &self,
        definition: &Definition,
        held: &BTreeMap<String, Given>,
        locked: &BTreeSet<String>,
    ) -> (BTreeMap<String, Given>, Vec<Conflict>) {
        let mut merging = Merging { sheet: self, definition, locked, conflicts: Vec::new() };
        let mut merged = held.clone();
        for field in definition.fields.iter().filter(|field| self.stamps.contains_key(&field.name)) {
            let value = merging.single(field, held.get(&field.name));
            put(&mut merged, &field.name, value);
        }
        for (name, then) in &self.tables {
            let Some(field) = definition.field(name) else { continue };
            let of = |given: Option<&Given>| match given {
                Some(Given::Rows(rows)) => rows.clone(),
                _ => Vec::new(),
            };
            let rows = merging.rows(field, then, &of(held.get(name)), &of(self.given.get(name)));
            put(&mut merged, name, (!rows.is_empty()).then_some(Given::Rows(rows)));
        }
        (merged, merging.conflicts)
    }
}

fn put(all: &mut BTreeMap<String, Given>, name: &str, value: Option<Given>) {
    match value {
        Some(value) => all.insert(name.to_owned(), value),
        None => all.remove(name),
    };
}

/// What becomes of a cell.
enum Outcome {
    Held,
    Filled,
    Both,
}

/// Compares what a cell says with what is held and with what stood in it.
fn outcome(held: &str, filled: &str, then: Option<&String>) -> Outcome {
    let is_then = |text: &str| then.is_some_and(|then| *then == text::stamp([text]));
    if held == filled || is_then(filled) {
        Outcome::Held
    } else if is_then(held) {
        Outcome::Filled
    } else {
        Outcome::Both
    }
}

struct Merging<'a> {
    sheet: &'a FilledSheet,
    definition: &'a Definition,
    locked: &'a BTreeSet<String>,
    conflicts: Vec<Conflict>,
}

impl Merging<'_> {
    fn single(&mut self, field: &Field, held: Option<&Given>) -> Option<Given> {
        let filled = self.sheet.given.get(&field.name);
        let then = self.sheet.stamps.get(&field.name);
        match outcome(&text::plain_given(field, held), &text::plain_given(field, filled), then) {
            Outcome::Held => held.cloned(),
            Outcome::Filled => filled.cloned(),
            Outcome::Both => {
                self.conflict(field.name.clone(), field, held, filled);
                held.cloned()
            }
        }
    }

    fn conflict(&mut self, place: String, field: &Field, held: Option<&Given>, filled: Option<&Given>) {
        let told = |given: Option<&Given>| {
            let unit = &self.definition.layout.money;
            given.map(|given| text::told_given(field, given, unit, Lang::Zh)).unwrap_or_default()
        };
        let (held, filled) = (told(held), told(filled));
        let cell = self.sheet.cell(&place).unwrap_or_default();
        self.conflicts.push(Conflict { place, cell, held, filled });
    }

    fn rows(&mut self, field: &Field, then: &TableThen, held: &[GivenRow], filled: &[GivenRow]) -> Vec<GivenRow> {
        let by_id: BTreeMap<&str, &GivenRow> = held.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut next = mark::next_number(held.iter().chain(filled).map(|row| row.id.as_str()));
        let mut rows = Vec::new();
        for row in filled {
            match (by_id.get(row.id.as_str()), then.rows.get(&row.id)) {
                (Some(held), Some(_)) => rows.push(self.row(field, held, row)),
                (None, Some(stamp)) if *stamp == whole(field, then, row) => {}
                (None, Some(_)) => self.gone(field, (None, Some(row))),
                // Somebody else's new row has the same id by chance.
                (Some(_), None) => {
                    rows.push(GivenRow { id: format!("n{next}"), ..row.clone() });
                    next = next.saturating_add(1);
                }
                (None, None) => rows.push(row.clone()),
            }
        }
        let there: BTreeSet<&str> = filled.iter().map(|row| row.id.as_str()).collect();
        for row in held {
            match then.rows.get(&row.id) {
                None => rows.push(row.clone()),
                Some(_) if there.contains(row.id.as_str()) => {}
                // Its row is there of itself, and blank on the sheet.
                Some(_) if field.has_fixed_rows_but(self.locked) => {
                    let blank = GivenRow { id: row.id.clone(), ..GivenRow::default() };
                    let merged = self.row(field, row, &blank);
                    rows.push(merged);
                }
                Some(stamp) if *stamp == whole(field, then, row) => {}
                Some(_) => {
                    self.gone(field, (Some(row), None));
                    rows.push(row.clone());
                }
            }
        }
        rows
    }

    /// A row that is there on both sides.
    fn row(&mut self, field: &Field, held: &GivenRow, filled: &GivenRow) -> GivenRow {
        let mut merged = held.clone();
        for inner in &field.fields {
            let place = format!("{}.{}.{}", field.name, held.id, inner.name);
            let Some(then) = self.sheet.stamps.get(&place) else { continue };
            let of = |row: &GivenRow| row.cells.get(&inner.name).cloned();
            let (one, other) = (of(held), of(filled));
            let plain =
                |kept: &Option<String>| kept.as_deref().map(|kept| text::plain(inner, kept)).unwrap_or_default();
            match outcome(&plain(&one), &plain(&other), Some(then)) {
                Outcome::Held => {}
                Outcome::Filled => {
                    match other {
                        Some(kept) => merged.cells.insert(inner.name.clone(), kept),
                        None => merged.cells.remove(&inner.name),
                    };
                }
                Outcome::Both => {
                    self.conflict(place, inner, one.map(Given::One).as_ref(), other.map(Given::One).as_ref());
                }
            }
        }
        merged
    }

    /// A row that one side took away and the other changed.
    fn gone(&mut self, field: &Field, (held, filled): (Option<&GivenRow>, Option<&GivenRow>)) {
        let told = |row: Option<&GivenRow>| {
            let unit = &self.definition.layout.money;
            let cells = field.fields.iter().filter_map(|inner| {
                let kept = row?.cells.get(&inner.name)?;
                Some(text::told(inner, kept, unit, Lang::Zh))
            });
            cells.collect::<Vec<_>>().join("，")
        };
        let id = held.or(filled).map(|row| row.id.clone()).unwrap_or_default();
        let (held, filled) = (told(held), told(filled));
        self.conflicts.push(Conflict { place: format!("{}.{id}", field.name), cell: String::new(), held, filled });
    }
}

/// Stands for the cells of a row that were open, as the sheet's head tells it.
fn whole(field: &Field, then: &TableThen, row: &GivenRow) -> String {
    let inner = |name: &String| field.fields.iter().find(|field| field.name == *name);
    let plain = |field: &Field| row.cells.get(&field.name).map(|kept| text::plain(field, kept)).unwrap_or_default();
    let cells: Vec<String> = then.open.iter().filter_map(inner).map(plain).collect();
    text::stamp(cells.iter().map(String::as_str))
}
