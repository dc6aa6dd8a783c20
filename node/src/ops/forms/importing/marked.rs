//! 标错文件: the file of documents that somebody sent, with its wrong cells marked on each of its sheets, and a last
//! column that says what is wrong on a line or why it is left alone.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_console::workbook::{
    self, Book, DATA_SHEET, Heading, Marks, REMARKS, TableSheet, WriteError, cell_name, mark,
};
use tongpin_domain::lang::{Lang, Say};

use super::{DocumentsPreview, Left};
use crate::ops::import::{Unmarked, as_book, remarks_at};

/// Characters after which no more is said on a line.
const LONGEST: usize = 1_000;

/// A file with problems, as it came but that wrong cells are red. Of a workbook that is put together in a way nobody
/// knows here, what is wrong is listed.
///
/// # Errors
/// There is more than a sheet holds.
pub(crate) fn marked(plan: &DocumentsPreview, bytes: &[u8], lang: Lang) -> Result<Vec<u8>, WriteError> {
    let made = if workbook::is_workbook(bytes) { in_place(plan, bytes, lang) } else { of_text(plan, bytes, lang) };
    made.or_else(|error| {
        tracing::warn!(reason = ?error, "a file of documents could not be marked; its problems are listed");
        listed(plan, lang)
    })
}

fn in_place(plan: &DocumentsPreview, bytes: &[u8], lang: Lang) -> Result<Vec<u8>, Unmarked> {
    let mut made = bytes.to_vec();
    for (at, sheet) in plan.sheets.iter().enumerate() {
        let row = |line: u64| u32::try_from(line.checked_sub(1)?).ok();
        let (head, column) = remarks_at(&mut Book::open(&plan.file, &made)?, &sheet.name)?;
        let (cells, said) = (cells(plan, at, row), said(plan, at, head, row, lang));
        if !cells.is_empty() || said.len() > 1 {
            made = mark(&made, &Marks { sheet: &sheet.name, cells, said: Some((column, said)) })?;
        }
    }
    Ok(made)
}

fn of_text(plan: &DocumentsPreview, bytes: &[u8], lang: Lang) -> Result<Vec<u8>, Unmarked> {
    let (book, at, column) = as_book(workbook::read(&plan.file, bytes, &[])?)?;
    let row = |line: u64| if line == 1 { Some(0) } else { at.get(&line).copied() };
    let said = Some((column, said(plan, 0, 0, row, lang)));
    Ok(mark(&book, &Marks { sheet: DATA_SHEET, cells: cells(plan, 0, row), said })?)
}

/// The lines that are left alone, of both kinds.
fn left(plan: &DocumentsPreview) -> impl Iterator<Item = &Left> {
    plan.refused.kept().iter().chain(plan.conflicts.kept())
}

fn listed(plan: &DocumentsPreview, lang: Lang) -> Result<Vec<u8>, WriteError> {
    let names = [("工作表", "sheet"), ("位置", "where"), ("内容", "found"), ("问题", "problem")];
    let columns = names.map(|(zh, en)| Heading { name: lang.pick(zh, en), number: false });
    let name = |at: usize| plan.sheets.get(at).map_or("", |sheet| sheet.name.as_str()).to_owned();
    let faults = plan.faults.kept().iter().map(|fault| {
        let place = match (fault.column, u32::try_from(fault.line)) {
            (Some(column), Ok(line)) if line > 0 => cell_name(line - 1, column),
            _ => fault.line.to_string(),
        };
        vec![name(fault.sheet), place, fault.found.clone(), fault.says.say(lang)]
    });
    let left = left(plan).map(|it| vec![name(0), it.change.line.to_string(), it.change.name.clone(), it.why.say(lang)]);
    let rows: Vec<Vec<String>> = faults.chain(left).collect();
    let title = lang.pick("问题清单", "problems");
    workbook::write_table(&TableSheet { title, columns: &columns, rows: &rows, open: false })
}

/// The cells of a sheet that are wrong, on the rows that lines have become.
fn cells(plan: &DocumentsPreview, sheet: usize, row: impl Fn(u64) -> Option<u32>) -> BTreeSet<(u32, u32)> {
    let faults = plan.faults.kept().iter().filter(|fault| fault.sheet == sheet);
    let faults = faults.map(|fault| (fault.line, fault.column));
    let left = left(plan).filter(|_| sheet == 0).map(|left| (left.change.line, left.column));
    faults.chain(left).filter_map(|(line, column)| Some((row(line)?, column?))).collect()
}

/// What is said on each row of a sheet, under the head. What is wrong with the head is said on the row below it,
/// because what stands above the remarks tells that they are none of the table.
fn said(
    plan: &DocumentsPreview,
    sheet: usize,
    head: u32,
    row: impl Fn(u64) -> Option<u32>,
    lang: Lang,
) -> BTreeMap<u32, String> {
    let mut said: BTreeMap<u32, String> = BTreeMap::new();
    let header = plan.sheets.get(sheet).map(|sheet| sheet.header.as_slice()).unwrap_or_default();
    let faults = plan.faults.kept().iter().filter(|fault| fault.sheet == sheet).map(|fault| {
        let column = fault.column.and_then(|column| header.get(usize::try_from(column).ok()?));
        let between = lang.pick("：", ": ");
        (fault.line, column.map(|name| format!("{name}{between}")).unwrap_or_default() + &fault.says.say(lang))
    });
    let left = left(plan).filter(|_| sheet == 0).map(|left| (left.change.line, left.why.say(lang)));
    for (line, text) in faults.chain(left) {
        let Some(row) = row(line).map(|row| row.max(head.saturating_add(1))) else { continue };
        let told = said.entry(row).or_default();
        // What is wrong with hundreds of heads is said of the first of them.
        if told.chars().count() > LONGEST {
            continue;
        }
        if !told.is_empty() {
            told.push_str(lang.pick("；", "; "));
        }
        told.push_str(&text);
    }
    said.insert(head, REMARKS.to_owned());
    said
}
