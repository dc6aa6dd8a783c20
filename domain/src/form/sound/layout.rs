//! The sheet and the list: they show fields that there are, and the sheet shows whatever must be filled in.

use std::collections::BTreeSet;

use super::{DefinitionFault, DefinitionProblem};
use crate::form::{Definition, Kind};

/// Looks at the sheet and at the list.
pub(super) fn check(definition: &Definition, problems: &mut Vec<DefinitionProblem>) {
    let mut tell = |place: &str, fault| problems.push(DefinitionProblem::new(place, fault));
    let layout = &definition.layout;
    if !(1..=3).contains(&layout.pairs) {
        tell("layout", DefinitionFault::BadPairs(layout.pairs));
    }
    for fault in blocks(definition) {
        tell("layout", fault);
    }
    let list = &definition.list;
    let named = list.columns.iter().chain(&list.filters).map(String::as_str);
    for name in named.chain(list.sorted_by().map(|(name, _)| name)) {
        if !definition.field(name).is_some_and(|field| field.kind.is_column()) {
            tell("list", DefinitionFault::NotAColumn(name.to_owned()));
        }
    }
}

fn blocks(definition: &Definition) -> Vec<DefinitionFault> {
    let mut faults = Vec::new();
    if definition.layout.blocks.is_empty() {
        return faults;
    }
    let mut shown: BTreeSet<String> = BTreeSet::new();
    let mut show = |place: String, faults: &mut Vec<_>| {
        if !shown.insert(place.clone()) {
            faults.push(DefinitionFault::Twice(place));
        }
    };
    for block in &definition.layout.blocks {
        for name in &block.fields {
            match definition.field(name) {
                Some(field) if field.kind != Kind::Rows => show(name.clone(), &mut faults),
                _ => faults.push(DefinitionFault::NoSuchField(name.clone())),
            }
        }
        if block.rows.is_empty() {
            if !block.columns.is_empty() {
                faults.push(DefinitionFault::NoSuchRows(String::new()));
            }
            continue;
        }
        if !block.fields.is_empty() {
            faults.push(DefinitionFault::GridAndTable);
        }
        let Some(rows) = definition.rows(&block.rows) else {
            faults.push(DefinitionFault::NoSuchRows(block.rows.clone()));
            continue;
        };
        show(block.rows.clone(), &mut faults);
        for name in definition.columns(block).iter().flat_map(|group| &group.fields) {
            let place = format!("{}.{name}", rows.name);
            if rows.fields.iter().any(|field| field.name == *name) {
                show(place, &mut faults);
            } else {
                faults.push(DefinitionFault::NoSuchField(place));
            }
        }
    }
    let asked = definition.places().filter(|(_, field)| field.required && field.is_typed());
    let retired = |place: &str| {
        let table = place.split_once('.').and_then(|(rows, _)| definition.field(rows));
        table.is_some_and(|rows| rows.retired)
    };
    let asked = asked.filter(|(place, _)| !shown.contains(place) && !retired(place));
    faults.extend(asked.map(|(_, field)| DefinitionFault::NotShown(field.title.clone())));
    faults
}
