//! The sheet of a workbook that is the table, and the table on it.

use std::collections::BTreeMap;

use tongpin_domain::intake::{Table, TableRow};

use super::{Book, Cells, DATA_SHEET, Fault, REMARKS, SheetError};

/// Names of columns that a refusal lists at most.
const LISTED: usize = 8;

/// Reads the table of a workbook.
pub(super) fn read(mut book: Book<'_>, expected: &[&str]) -> Result<Table, SheetError> {
    let sheet = sheet(&mut book)?;
    of_sheet(&mut book, &sheet, expected).map(|(_, table)| table)
}

/// Reads a sheet of a workbook of several tables: the line of its column names, and the table.
pub(super) fn of_sheet(book: &mut Book<'_>, sheet: &str, expected: &[&str]) -> Result<(u64, Table), SheetError> {
    let cells = book.cells(sheet)?;
    let head = cells.rows.first_key_value().map_or(0, |(row, _)| *row);
    let table = table(book, cells, expected);
    table.map(|table| (u64::from(head) + 1, table)).map_err(|fault| book.fault(fault))
}

/// The sheet called 数据, or else the only one that holds something.
pub(super) fn sheet(book: &mut Book<'_>) -> Result<String, SheetError> {
    let sheets = book.sheets();
    if sheets.iter().any(|(name, _)| name == DATA_SHEET) {
        return Ok(DATA_SHEET.to_owned());
    }
    let mut filled = Vec::new();
    for (name, _) in sheets.iter().filter(|(_, shown)| *shown) {
        if !book.is_blank(name)? {
            filled.push(name.clone());
        }
    }
    match filled.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(nothing(book, &sheets)?),
        _ => Err(book.fault(Fault::Several(filled))),
    }
}

/// No sheet that is shown holds anything: what there is instead.
fn nothing(book: &mut Book<'_>, sheets: &[(String, bool)]) -> Result<SheetError, SheetError> {
    let mut hidden = Vec::new();
    for (name, _) in sheets.iter().filter(|(_, shown)| !shown) {
        if !book.is_blank(name)? {
            hidden.push(name.clone());
        }
    }
    let blank = || sheets.first().map_or(Fault::NoSheets, |(name, _)| Fault::Blank(name.clone()));
    Ok(book.fault(if hidden.is_empty() { blank() } else { Fault::Hidden(hidden) }))
}

/// A sheet's name as it is told: one that is not shown is told to be so.
fn named((name, shown): (String, bool)) -> String {
    if shown { name } else { format!("{name}（隐藏 hidden）") }
}

/// The row below the first, counted from 1, on which the column names seem to stand.
fn names_below(rows: &BTreeMap<u32, Vec<String>>, expected: &[&str]) -> Option<u32> {
    const ENOUGH: usize = 2;
    const BELOW: usize = 20;
    let names = |cells: &[String]| cells.iter().filter(|cell| expected.contains(&cell.trim())).count();
    rows.iter().take(BELOW).find(|(_, cells)| names(cells) >= ENOUGH).map(|(row, _)| row.saturating_add(1))
}

/// How many cells there are up to the last that is not blank.
fn filled(cells: &[String]) -> usize {
    cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1)
}

fn table(book: &Book<'_>, cells: Cells, expected: &[&str]) -> Result<Table, Fault> {
    let Cells { sheet, mut rows, merged } = cells;
    let Some((head, names)) = rows.pop_first() else { return Err(Fault::Blank(sheet)) };
    let mut header: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    // What was said of an earlier try stands behind the columns, and is no part of the table.
    let remarks = header.pop_if(|last| *last == REMARKS).map(|_| header.len());
    if remarks.is_some() {
        // Columns without a name between the two are those of cells that no column was for.
        header.truncate(filled(&header));
    }
    if !expected.is_empty() && !header.iter().any(|name| expected.contains(&name.as_str())) {
        return Err(Fault::NoHeader {
            sheet,
            sheets: book.sheets().into_iter().map(named).collect(),
            below: names_below(&rows, expected),
            expected: expected.iter().take(LISTED).map(|name| (*name).to_owned()).collect(),
        });
    }
    let columns = u32::try_from(header.len()).unwrap_or(u32::MAX);
    let last = rows.last_key_value().map_or(head, |(row, _)| *row);
    let within = merged.iter().find(|area| area.end.0 >= head && area.start.0 <= last && area.start.1 < columns);
    if let Some(area) = within {
        let (start, end) = (super::cell_name(area.start.0, area.start.1), super::cell_name(area.end.0, area.end.1));
        return Err(Fault::Merged(format!("{sheet}!{start}:{end}")));
    }
    let rows = rows.into_iter().map(|(row, mut cells)| {
        // A row with cells behind its remark has more than there are columns for, and is told so.
        if let Some(at) = remarks.filter(|at| cells.len() <= at + 1) {
            cells.truncate(at);
            cells.truncate(filled(&cells).max(header.len()));
        }
        if cells.len() < header.len() {
            cells.resize(header.len(), String::new());
        }
        TableRow { line: u64::from(row) + 1, cells }
    });
    Ok(Table { name: book.file().to_owned(), rows: rows.collect(), header })
}
