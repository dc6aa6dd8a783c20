//! The ways in which a document is filled in: its page, its sheet, and the API.

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::Workbook;
use serde_json::{Map, Value, json};
use tongpin_console::sheet;
use tongpin_console::workbook::{Book, cell_name};
use tongpin_domain::form::{Given, GivenRow};

use super::drafts::{Draft, Entries, ROWS};
use super::{Bench, meant, posted};

/// What a way made of what was filled in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Whether it was kept.
    pub(super) kept: bool,
    /// What could not be read: the place and the sentence.
    pub(super) problems: BTreeSet<(String, String)>,
}

impl Bench {
    /// The page: what it says while somebody types, and what saving it makes.
    pub(super) async fn by_page(&self, draft: &Draft, held: &BTreeMap<String, Given>, id: &str) -> (Value, Outcome) {
        let at = format!("/forms/{}/320581/{id}", self.code());
        let page = self.reader.get(&format!("{at}/edit")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let mut fields = posted::fields(&page.text);
        for (name, entry) in &draft.change.0 {
            let field = draft.definition.field(name).expect("it was drawn");
            put(&mut fields, name, meant::posted(field, entry));
        }
        rows_posted(draft, held, &mut fields);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let check = self.reader.post(&format!("{at}/check"), &fields).await;
        assert_eq!(check.status, 200, "{}", check.text);
        let check: Value = serde_json::from_str(&check.text).expect("JSON");
        let saved = self.reader.post(&format!("{at}/edit"), &fields).await;
        assert!(matches!(saved.status, 303 | 422), "{} {}", saved.status, saved.text);
        let kept = saved.status == 303;
        // What a check forbids is no fault of a value.
        let bad = |(place, tone, text): (String, String, String)| {
            (tone == "bad" && !text.ends_with("（不得送审）")).then_some((place, text))
        };
        let problems =
            if kept { BTreeSet::new() } else { posted::notes(&saved.text).into_iter().filter_map(bad).collect() };
        (check, Outcome { kept, problems })
    }

    /// The official sheet: written out, filled in as in a spreadsheet, and handed in.
    pub(super) async fn by_sheet(&self, draft: &Draft, id: &str) -> Outcome {
        let at = format!("/forms/{}/320581/{id}", self.code());
        let file = self.reader.file(&format!("{at}/sheet.xlsx")).await;
        let (filled, places) = filled(draft, &file);
        let taken = self.reader.upload(&format!("{at}/sheet"), &[], ("核对表.xlsx", &filled)).await;
        assert!(matches!(taken.status, 303 | 422), "{} {}", taken.status, taken.text);
        let place = |(cell, text)| (places.get(&cell).cloned().unwrap_or(cell), text);
        let kept = taken.status == 303;
        let problems =
            if kept { BTreeSet::new() } else { posted::unread(&taken.text).into_iter().map(place).collect() };
        assert!(kept || !problems.is_empty(), "{}", taken.text);
        Outcome { kept, problems }
    }

    /// The API: the whole document, as it is held and changed.
    pub(super) async fn by_api(&self, draft: &Draft, held: &BTreeMap<String, Given>, id: &str) -> (Value, Outcome) {
        let (singles, table) = &draft.change;
        let definition = &draft.definition;
        let mut given: Map<String, Value> = held.iter().map(|(name, given)| (name.clone(), json!(given))).collect();
        for (name, entry) in singles {
            let field = definition.field(name).expect("it was drawn");
            given.insert(name.clone(), meant::sent(definition, field, entry));
        }
        let mut rows = Vec::new();
        for (at, row) in meant::rows_of(held).iter().enumerate().filter(|(at, _)| !table.gone.contains(at)) {
            let mut cells: Map<String, Value> =
                row.cells.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
            cells.extend(
                table.changed.get(&at).map(|entries| meant::sent_cells(definition, entries)).into_iter().flatten(),
            );
            rows.push(json!({ "id": row.id, "cells": cells }));
        }
        rows.extend(table.new.iter().map(|entries| json!({ "cells": meant::sent_cells(definition, entries) })));
        given.insert(ROWS.to_owned(), json!(rows));
        let address = format!("/api/v1/forms/{}/documents/320581/{id}", self.code());
        let (shown, told) = self.system.call("PUT", &address, &[("If-Match", "*")], &json!({ "given": given })).await;
        assert!(matches!(shown.status, 200 | 422), "{} {told}", shown.status);
        let said = told["problems"].as_array().cloned().unwrap_or_default();
        let word = |value: &Value| value.as_str().expect("a text").to_owned();
        let problems = said.iter().map(|it| (word(&it["field"]), word(&it["expected_zh"]))).collect();
        (told, Outcome { kept: shown.status == 200, problems })
    }
}

/// Puts values in the place of those that the form would send.
fn put(fields: &mut Vec<(String, String)>, name: &str, values: Vec<String>) {
    fields.retain(|(known, _)| known != name);
    fields.extend(values.into_iter().map(|value| (name.to_owned(), value)));
}

/// What is done with the table, in the inputs of the page: new rows go into its blank ones, and those that a script
/// would add.
fn rows_posted(draft: &Draft, held: &BTreeMap<String, Given>, fields: &mut Vec<(String, String)>) {
    let (definition, table) = (&draft.definition, &draft.change.1);
    let listed = format!("{ROWS}.rows");
    let offered = fields.iter().find(|(name, _)| *name == listed).map(|(_, ids)| ids.clone()).unwrap_or_default();
    let rows = meant::rows_of(held);
    let blank = offered.split(',').find(|id| !id.is_empty() && !rows.iter().any(|row| row.id == *id));
    let mut next = meant::next(rows);
    // A full table offers none, and a script that adds one all the same calls it so.
    assert!(blank.is_none_or(|id| id == format!("n{next}")), "{offered}");
    let (mut all, mut changes) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate().filter(|(at, _)| !table.gone.contains(at)) {
        all.push(row.id.clone());
        changes.extend(table.changed.get(&at).map(|entries| (row.id.clone(), entries)));
    }
    for (at, entries) in table.new.iter().enumerate() {
        let is_blank = meant::row(definition, GivenRow::default(), entries).cells.is_empty();
        let id = if is_blank { format!("n90{at}") } else { format!("n{next}") };
        next += u32::from(!is_blank);
        all.push(id.clone());
        changes.push((id, entries));
    }
    put(fields, &listed, vec![all.join(",")]);
    let inner = &definition.field(ROWS).expect("each form has one").fields;
    for (id, entries) in changes {
        for (name, entry) in entries {
            let field = inner.iter().find(|field| field.name == *name).expect("it was drawn");
            put(fields, &format!("{ROWS}.{id}.{name}"), meant::posted(field, entry));
        }
    }
}

/// The sheet filled in as a spreadsheet saves it, and which place each of its cells is.
fn filled(draft: &Draft, file: &[u8]) -> (Vec<u8>, BTreeMap<String, String>) {
    let mut book = Book::open("核对表.xlsx", file).expect("a workbook");
    let name = sheet::identify(&mut book).expect("readable").expect("ours").sheet;
    let cells = book.cells(&name).expect("its cells");
    let marks = cells.rows[&0].iter().position(|cell| cell.starts_with("tongpin-sheet-")).expect("marks");
    let opened = |text: &str| -> Vec<(String, u16)> {
        let cell = |cell: &str| {
            let mut parts = cell.split(':');
            Some((parts.next()?.to_owned(), parts.next()?.parse().ok()?))
        };
        text.split(',').filter_map(cell).collect()
    };
    let (singles, table) = &draft.change;
    let inner = &draft.definition.field(ROWS).expect("each form has one").fields;
    let (mut places, mut writes, mut gone) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
    let mut note = |row: u32, column: u16, place: String| {
        places.insert(format!("{name}!{}", cell_name(row, column.into())), place);
    };
    let (mut columns, mut last, mut held) = (Vec::new(), 0, Vec::new());
    for (row, texts) in &cells.rows {
        let mark = texts.get(marks).map_or("", String::as_str);
        if let Some(line) = mark.strip_prefix("line=") {
            for (field, column) in opened(line) {
                note(*row, column, field.clone());
                let entry = singles.get(&field);
                writes.extend(entry.map(|entry| (*row, column, draft.definition.field(&field).expect("known"), entry)));
            }
        } else if let Some((_, open)) = mark.strip_prefix("head=").and_then(|head| head.split_once('=')) {
            (columns, last) = (opened(open), *row);
        } else if let Some((id, _)) = mark.strip_prefix("row=").and_then(|line| line.split_once('=')) {
            last = *row;
            held.push((*row, id.to_owned()));
        }
    }
    let mut next = meant::next_of(held.iter().map(|(_, id)| id.as_str()));
    let mut lines: Vec<(u32, String, Option<&Entries>)> = Vec::new();
    for (at, (row, id)) in held.into_iter().enumerate() {
        if table.gone.contains(&at) {
            gone.insert(row);
        } else {
            lines.push((row, id, table.changed.get(&at)));
        }
    }
    for (row, entries) in (last + 1..).zip(&table.new) {
        let is_blank = meant::row(&draft.definition, GivenRow::default(), entries).cells.is_empty();
        lines.push((row, format!("n{next}"), Some(entries)));
        next += u32::from(!is_blank);
    }
    for (row, id, entries) in lines {
        for (field, column) in &columns {
            note(row, *column, format!("{ROWS}.{id}.{field}"));
            let Some(entry) = entries.and_then(|entries| entries.get(field)) else { continue };
            writes.push((row, *column, inner.iter().find(|it| it.name == *field).expect("known"), entry));
        }
    }
    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet();
    page.set_name(&name).expect("a name");
    let written: BTreeSet<(u32, u16)> = writes.iter().map(|(row, column, ..)| (*row, *column)).collect();
    for (row, texts) in cells.rows.iter().filter(|(row, _)| !gone.contains(row)) {
        for (column, text) in (0u16..).zip(texts).filter(|(_, text)| !text.is_empty()) {
            if !written.contains(&(*row, column)) {
                page.write_string(*row, column, text).expect("a cell");
            }
        }
    }
    for (row, column, field, entry) in writes {
        meant::write(page, (row, column), field, entry);
    }
    (workbook.save_to_buffer().expect("a workbook"), places)
}
