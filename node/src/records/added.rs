//! What a city asks of projects and their lines beside what the program knows, as collections see it: the fields that
//! their form lets leave.

use std::collections::BTreeMap;

use tongpin_domain::collection::{Cell, Records, Row, Table};
use tongpin_domain::form::{Definition, Given};
use tongpin_domain::score::ScoreSheet;

use super::HeldProject;
use super::documents::cell;

/// The rows that a table is computed from which names added fields.
pub(super) fn rows(
    table: &Table,
    definition: &Definition,
    projects: &[&HeldProject],
    sheets: &[ScoreSheet],
) -> Vec<Row> {
    let scored = projects.iter().zip(sheets);
    match table.records {
        Records::Projects => scored
            .map(|(held, sheet)| Row::of_project(&held.project, sheet).with(cells(definition, &held.project.more)))
            .collect(),
        Records::Indicators => scored.flat_map(|(held, sheet)| lines(definition, held, sheet)).collect(),
        Records::Documents => Vec::new(),
    }
}

fn lines(definition: &Definition, held: &HeldProject, sheet: &ScoreSheet) -> Vec<Row> {
    let more: BTreeMap<u32, &BTreeMap<String, Given>> = held.lines.iter().map(|line| (line.seq, &line.more)).collect();
    let row = |line| {
        let row = Row::of_line(&held.project, sheet, line);
        match more.get(&line.seq) {
            Some(more) => row.with(cells(definition, more)),
            None => row,
        }
    };
    sheet.lines.iter().map(row).collect()
}

/// What is kept of the added fields that may leave. What cannot be read is not there: it is never zero.
fn cells(definition: &Definition, more: &BTreeMap<String, Given>) -> Vec<(String, Cell)> {
    let mut values = definition.read_kept(more, more).values;
    let told = definition.added_names().filter_map(|(name, field)| {
        let value = values.remove(&field.name)?;
        Some((name, cell(field, value)?))
    });
    told.collect()
}
