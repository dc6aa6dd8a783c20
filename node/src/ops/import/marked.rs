//! 标错文件: the file that somebody sent, with its wrong cells marked, to be corrected and sent again.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_console::workbook::{
    self, Book, DATA_SHEET, Heading, MarkError, Marks, REMARKS, SheetError, TableSheet, WriteError, cell_name,
};
use tongpin_domain::intake::{Problem, Table};
use tongpin_domain::lang::{Lang, Say};

use super::TablePreview;
use crate::sheets::file_kind::FileKind;
use crate::sheets::{entry, goal_book};

/// Why a file cannot be marked where it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unmarked {
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error(transparent)]
    Mark(#[from] MarkError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A file with problems, as it came but that wrong cells are red; a table says behind its columns what is wrong on each
/// line. Comma-separated values become a workbook. Of a workbook that is put together in a way nobody knows here, what
/// is wrong is listed.
///
/// # Errors
/// There is more than a sheet holds.
pub(crate) fn marked(plan: &TablePreview, bytes: &[u8], lang: Lang) -> Result<Vec<u8>, WriteError> {
    let made = if workbook::is_workbook(bytes) { in_place(plan, bytes, lang) } else { of_text(plan, bytes, lang) };
    made.or_else(|error| {
        tracing::warn!(reason = ?error, "a file could not be marked; its problems are listed");
        listed(plan, lang)
    })
}

fn in_place(plan: &TablePreview, bytes: &[u8], lang: Lang) -> Result<Vec<u8>, Unmarked> {
    let mut book = Book::open(&plan.file, bytes)?;
    let row = |line: u64| u32::try_from(line.checked_sub(1)?).ok();
    let cells = cells(plan, row);
    let (sheet, said) = match plan.kind {
        // The official sheets are full: there is no room on them to say anything.
        FileKind::Evaluation => (plan.sheet.clone(), None),
        FileKind::Goal => (goal_book::find(&mut book)?.unwrap_or_default(), None),
        FileKind::Projects | FileKind::Indicators | FileKind::Observations => {
            let sheet = workbook::table_sheet(&mut book)?;
            let (head, column) = remarks_at(&mut book, &sheet)?;
            (sheet, Some((column, said(plan, head, row, lang))))
        }
    };
    // Marking reads the file once more: what was read before is not kept beside it.
    drop(book);
    Ok(workbook::mark(bytes, &Marks { sheet: &sheet, cells, said })?)
}

/// Where remarks stand on a sheet: the row of the column names, and the column behind all others or where an earlier
/// try has left some.
///
/// # Errors
/// The sheet cannot be read.
pub(crate) fn remarks_at(book: &mut Book<'_>, sheet: &str) -> Result<(u32, u32), SheetError> {
    let held = book.cells(sheet)?.rows;
    let widest = held.values().map(Vec::len).max().unwrap_or_default();
    let (head, names) = held.first_key_value().map_or((0, 0), |(row, names)| {
        let again = names.last().is_some_and(|name| name.trim() == REMARKS);
        (*row, if again { names.len() - 1 } else { widest })
    });
    Ok((head, u32::try_from(names).unwrap_or(u32::MAX)))
}

/// A file of comma-separated values as a workbook of the same columns.
fn of_text(plan: &TablePreview, bytes: &[u8], lang: Lang) -> Result<Vec<u8>, Unmarked> {
    let (book, at, column) = as_book(entry::read(&plan.file, bytes)?)?;
    let row = |line: u64| at.get(&line).copied();
    let said = Some((column, said(plan, 0, row, lang)));
    Ok(workbook::mark(&book, &Marks { sheet: DATA_SHEET, cells: cells(plan, row), said })?)
}

/// A workbook, the row of each line of the table that it was made of, and the column behind its columns.
type Booked = (Vec<u8>, BTreeMap<u64, u32>, u32);

/// A table as a workbook.
///
/// # Errors
/// There is more than a sheet holds.
pub(crate) fn as_book(table: Table) -> Result<Booked, WriteError> {
    let columns: Vec<Heading<'_>> = table.header.iter().map(|name| Heading { name, number: false }).collect();
    let at: BTreeMap<u64, u32> = table.rows.iter().map(|row| row.line).zip(1..).collect();
    let rows: Vec<Vec<String>> = table.rows.into_iter().map(|row| row.cells).collect();
    let book = workbook::write_table(&TableSheet { title: DATA_SHEET, columns: &columns, rows: &rows, open: true })?;
    Ok((book, at, u32::try_from(columns.len()).unwrap_or(u32::MAX)))
}

fn listed(plan: &TablePreview, lang: Lang) -> Result<Vec<u8>, WriteError> {
    let names = [("位置", "where"), ("列", "column"), ("内容", "found"), ("应为", "expected")];
    let columns = names.map(|(zh, en)| Heading { name: lang.pick(zh, en), number: false });
    let row = |problem: &Problem| {
        let place = match (plan.column(&problem.column), u32::try_from(problem.line)) {
            (Some(column), Ok(line)) if line > 0 => cell_name(line - 1, column),
            _ => problem.line.to_string(),
        };
        vec![place, problem.column.clone(), problem.found.clone(), problem.expected.say(lang)]
    };
    let rows: Vec<Vec<String>> = plan.problems.iter().map(row).collect();
    let title = lang.pick("问题清单", "problems");
    workbook::write_table(&TableSheet { title, columns: &columns, rows: &rows, open: false })
}

/// The cells that are wrong, on the rows that lines have become.
fn cells(plan: &TablePreview, row: impl Fn(u64) -> Option<u32>) -> BTreeSet<(u32, u32)> {
    let cell = |problem: &Problem| Some((row(problem.line)?, plan.column(&problem.column)?));
    plan.problems.iter().filter_map(cell).collect()
}

/// What is said on each row, under the head.
fn said(plan: &TablePreview, head: u32, row: impl Fn(u64) -> Option<u32>, lang: Lang) -> BTreeMap<u32, String> {
    let mut said: BTreeMap<u32, String> = BTreeMap::new();
    for problem in &plan.problems {
        let Some(row) = row(problem.line).filter(|row| *row > head) else { continue };
        let text = said.entry(row).or_default();
        if !text.is_empty() {
            text.push_str(lang.pick("；", "; "));
        }
        if !problem.column.is_empty() {
            text.push_str(&problem.column);
            text.push_str(lang.pick("应为", ": "));
        }
        text.push_str(&problem.expected.say(lang));
    }
    said.insert(head, REMARKS.to_owned());
    said
}
