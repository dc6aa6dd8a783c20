//! What a line changes in a document, field by field, as people read it.

use std::collections::BTreeMap;

use tongpin_console::sheet::text::{told, told_given};
use tongpin_domain::form::{Definition, Field, Given, GivenRow};
use tongpin_domain::intake::Words;
use tongpin_domain::lang::Lang;

use crate::ops::import::FieldChange;

/// Fields of a document that are told.
const FIELDS: usize = 20;
/// What stands for what is personal.
const PERSONAL: &str = "＊＊＊";

/// What is otherwise, the first of it: fields, and cells of rows.
pub(super) fn differences(
    definition: &Definition,
    before: &BTreeMap<String, Given>,
    after: &BTreeMap<String, Given>,
) -> Vec<FieldChange> {
    let mut found = Vec::new();
    let money = &definition.layout.money;
    for field in &definition.fields {
        let (was, is) = (before.get(&field.name), after.get(&field.name));
        if was == is {
            continue;
        }
        let rows = |given: Option<&Given>| if let Some(Given::Rows(rows)) = given { rows.clone() } else { Vec::new() };
        if let (Some(Given::Rows(_)), _) | (_, Some(Given::Rows(_))) = (was, is) {
            of_rows(definition, field, (&rows(was), &rows(is)), &mut found);
        } else {
            let text =
                |given: Option<&Given>| given.map(|it| told_given(field, it, money, Lang::Zh)).unwrap_or_default();
            found.push(change(headed(definition, field), field.personal, text(was), text(is)));
        }
    }
    found.truncate(FIELDS);
    found
}

/// What a field is called, with its unit.
fn headed(definition: &Definition, field: &Field) -> [String; 2] {
    [Lang::Zh, Lang::En].map(|lang| field.headed(definition.layout.money.text(lang), lang))
}

fn change([zh, en]: [String; 2], personal: bool, before: String, after: String) -> FieldChange {
    let shown = |text: String| if personal && !text.is_empty() { PERSONAL.to_owned() } else { text };
    FieldChange { field: Words::new(zh, en), before: shown(before), after: shown(after) }
}

fn of_rows(
    definition: &Definition,
    rows: &Field,
    (before, after): (&[GivenRow], &[GivenRow]),
    found: &mut Vec<FieldChange>,
) {
    let called = [Lang::Zh, Lang::En].map(|lang| rows.called(lang).to_owned());
    let count = |rows: &[GivenRow]| [format!("{} 行", rows.len())].concat();
    if before.len() != after.len() {
        found.push(change(called.clone(), false, count(before), count(after)));
    }
    let by_id: BTreeMap<&str, &GivenRow> = before.iter().map(|row| (row.id.as_str(), row)).collect();
    let money = &definition.layout.money;
    for (number, row) in (1usize..).zip(after) {
        let was = by_id.get(row.id.as_str());
        for inner in &rows.fields {
            let text = |row: Option<&GivenRow>| {
                let kept = row.and_then(|row| row.cells.get(&inner.name));
                kept.map(|kept| told(inner, kept, money, Lang::Zh)).unwrap_or_default()
            };
            let (before, after) = (text(was.copied()), text(Some(row)));
            if before != after && found.len() < FIELDS {
                let [zh, en] = headed(definition, inner);
                let [rows_zh, rows_en] = &called;
                let name = [format!("{rows_zh}第 {number} 行 {zh}"), format!("{rows_en}, row {number}, {en}")];
                found.push(change(name, inner.personal || rows.personal, before, after));
            }
        }
    }
    let same = |a: &[GivenRow], b: &[GivenRow]| a.iter().map(|row| &row.id).eq(b.iter().map(|row| &row.id));
    if before.len() == after.len() && !same(before, after) {
        let [zh, en] = called;
        let moved = |text: &str| text.to_owned();
        let name = [format!("{zh}的行"), format!("rows of {en}")];
        found.push(change(name, false, moved("—"), moved("顺序或行有变化")));
    }
}
