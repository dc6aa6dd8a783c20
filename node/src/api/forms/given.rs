//! What a system sent for the fields of a form, as what a person would have given: whole, so that what is not sent is
//! blank. What a system is not told (personal), or may not change at present, stays as it is; so do rows that are there
//! of themselves and are not sent.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tongpin_console::sheet::next_number;
use tongpin_console::web::api::Refusal;
use tongpin_domain::form::{Attachment, Definition, Field, Given, GivenRow, Kind};
use tongpin_domain::intake::{Problem, Words};

use crate::api::typed::{self, problem};

/// A row as it is sent; one without an id is new.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentRow {
    #[serde(default)]
    id: String,
    #[serde(default)]
    cells: Map<String, Value>,
}

/// Reads it over what was given before. Whether each value can be read is the form's to tell.
///
/// # Errors
/// The refusal, with every place at which something is sent that cannot be.
pub(in crate::api) fn read(
    definition: &Definition,
    sent: &Map<String, Value>,
    before: &BTreeMap<String, Given>,
    locked: &BTreeSet<String>,
) -> Result<BTreeMap<String, Given>, Refusal> {
    let mut reading = Reading { before, locked, problems: Vec::new() };
    let mut given = BTreeMap::new();
    for (name, value) in sent {
        match definition.field(name) {
            Some(field) => given.extend(reading.field(field, value).map(|read| (name.clone(), read))),
            // What is told of another release stays as it is told.
            None if before.get(name).is_some_and(|held| json!(held) == *value) => {}
            None => reading.problem(name, value, no_field()),
        }
    }
    // What another release asked is not asked here, and kept.
    let asked = |name: &str| definition.field(name).is_some_and(Field::is_given);
    for (name, held) in before.iter().filter(|(name, _)| !asked(name)) {
        given.entry(name.clone()).or_insert_with(|| held.clone());
    }
    let unsent = definition.fields.iter().filter(|field| !sent.contains_key(&field.name));
    for field in unsent.filter(|field| reading.stays(field, &field.name) || field.has_fixed_rows_but(locked)) {
        given.extend(before.get(&field.name).map(|held| (field.name.clone(), held.clone())));
    }
    if reading.problems.is_empty() { Ok(given) } else { Err(typed::refused(&reading.problems)) }
}

fn no_field() -> Words {
    Words::new("本表的字段，见 GET /api/v1/forms 或填表说明", "a field of the form, see GET /api/v1/forms")
}

fn no_row() -> Words {
    Words::new("读取时给出的行号 id，行不能增减", "the id of a row that is told; rows are neither added nor removed")
}

fn wrong_shape() -> Words {
    Words::new(
        "与字段类型相符：单值写文本或数字，多选写数组，明细写 [{\"id\",\"cells\"}]",
        "as the kind of the field is: a text or number, an array of choices, rows as [{\"id\",\"cells\"}]",
    )
}

/// Whether something stands in a cell.
fn is_written(value: &Value) -> bool {
    !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty())
}

struct Reading<'a> {
    before: &'a BTreeMap<String, Given>,
    locked: &'a BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn problem(&mut self, place: &str, found: &Value, expected: Words) {
        let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        self.problems.push(problem(0, place, &found, expected));
    }

    /// Whether no system may change it at present. Files are handed in on the pages.
    fn is_shut(&self, field: &Field, place: &str) -> bool {
        field.kind == Kind::Files || self.locked.contains(place)
    }

    /// Whether it stays as it is if it is not sent.
    fn stays(&self, field: &Field, place: &str) -> bool {
        field.personal || field.retired || self.is_shut(field, place)
    }

    fn shut(&mut self, place: &str, found: &Value) {
        let expected = Words::new("不变，或不写：现在不由接口填写", "what it is, or nothing: it is not filled in now");
        self.problem(place, found, expected);
    }

    /// What was sent for a field; nothing if that is blank.
    fn field(&mut self, field: &Field, value: &Value) -> Option<Given> {
        let (name, told) = (&field.name, self.problems.len());
        let read = match (&field.kind, value) {
            (Kind::Rows, Value::Null) if field.has_fixed_rows_but(self.locked) => self.rows(field, &[]),
            (_, Value::Null) => None,
            (Kind::Rows, Value::Array(rows)) => self.rows(field, rows),
            (Kind::AnyOf, Value::Array(choices)) => {
                let texts: Vec<String> = choices.iter().filter_map(|choice| self.text(field, name, choice)).collect();
                (!texts.is_empty()).then_some(Given::Several(texts))
            }
            (Kind::Files, files) => {
                let read = serde_json::from_value::<Vec<Attachment>>(files.clone());
                if read.is_err() {
                    self.problem(name, value, wrong_shape());
                }
                read.ok().filter(|files| !files.is_empty()).map(Given::Files)
            }
            (Kind::Rows, _) => {
                self.problem(name, value, wrong_shape());
                None
            }
            _ => self.text(field, name, value).map(Given::One),
        };
        let changed = read.as_ref() != self.before.get(name);
        // Of rows that stay some cells may be filled in all the same; each of the others tells itself.
        let partly = field.kind == Kind::Rows && field.is_open_but(self.locked);
        if changed && told == self.problems.len() && self.is_shut(field, name) && !partly {
            self.shut(name, value);
        }
        read
    }

    /// A single value as the text that somebody would type; nothing if it is blank.
    fn text(&mut self, field: &Field, place: &str, value: &Value) -> Option<String> {
        let read = match (&field.kind, value) {
            (Kind::YesNo, Value::Bool(yes)) => Ok(if *yes { "yes" } else { "no" }.to_owned()),
            _ => typed::text(value),
        };
        match read {
            Ok(text) => (!text.trim().is_empty()).then_some(text),
            Err(expected) => {
                self.problem(place, value, expected);
                None
            }
        }
    }

    fn rows(&mut self, field: &Field, sent: &[Value]) -> Option<Given> {
        let before = self.before;
        let there: &[GivenRow] = match before.get(&field.name) {
            Some(Given::Rows(rows)) => rows,
            _ => &[],
        };
        let held: BTreeMap<&str, &GivenRow> = there.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut read = Vec::new();
        for (number, value) in (1u32..).zip(sent) {
            match serde_json::from_value::<SentRow>(value.clone()) {
                Ok(row) => read.push(row),
                Err(_) => self.problem(&format!("{}.{number}", field.name), value, wrong_shape()),
            }
        }
        let mut next = next_number(held.keys().copied().chain(read.iter().map(|row| row.id.as_str())));
        let mut rows = Vec::new();
        let fixed = field.has_fixed_rows_but(self.locked);
        if fixed {
            let sent: BTreeSet<&str> = read.iter().map(|row| row.id.as_str()).collect();
            rows.extend(held.values().filter(|row| !sent.contains(row.id.as_str())).map(|row| (*row).clone()));
        }
        for row in read {
            if fixed && !held.contains_key(row.id.as_str()) {
                self.problem(&format!("{}.{}", field.name, row.id), &Value::from(row.id.as_str()), no_row());
                continue;
            }
            // A row in which nothing is written is none, as on a page; one that was there may hold what is not told.
            if row.id.is_empty() && !row.cells.values().any(is_written) {
                continue;
            }
            let new = row.id.is_empty();
            let id = if new { format!("n{next}") } else { row.id };
            next = next.saturating_add(u32::from(new));
            let cells = self.cells(field, &id, &row.cells, held.get(id.as_str()).copied());
            if !cells.is_empty() {
                rows.push(GivenRow { id, cells });
            }
        }
        if fixed {
            let places: BTreeMap<&str, usize> = there.iter().zip(0..).map(|(row, at)| (row.id.as_str(), at)).collect();
            rows.sort_by_key(|row| places.get(row.id.as_str()));
        }
        (!rows.is_empty()).then_some(Given::Rows(rows))
    }

    fn cells(
        &mut self,
        rows: &Field,
        id: &str,
        sent: &Map<String, Value>,
        held: Option<&GivenRow>,
    ) -> BTreeMap<String, String> {
        let before = |name: &str| held.and_then(|row| row.cells.get(name));
        let mut cells = BTreeMap::new();
        for inner in &rows.fields {
            let at = format!("{}.{}", rows.name, inner.name);
            let Some(value) = sent.get(&inner.name) else {
                let kept = before(&inner.name).filter(|_| self.stays(inner, &at));
                cells.extend(kept.map(|text| (inner.name.clone(), text.clone())));
                continue;
            };
            let place = format!("{}.{id}.{}", rows.name, inner.name);
            let read = self.text(inner, &place, value);
            if self.is_shut(inner, &at) && read.as_ref() != before(&inner.name) {
                self.shut(&place, value);
            }
            cells.extend(read.map(|text| (inner.name.clone(), text)));
        }
        for (name, value) in sent.iter().filter(|(name, _)| !rows.fields.iter().any(|inner| inner.name == **name)) {
            self.problem(&format!("{}.{id}.{name}", rows.name), value, no_field());
        }
        cells
    }
}
