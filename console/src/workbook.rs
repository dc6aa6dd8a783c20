//! Spreadsheets both ways: what people send as .xlsx or .csv becomes a table of text, and tables become .xlsx.
//!
//! A workbook comes from outside and is read with care: it is measured before it is parsed, and whatever would have to
//! be guessed (formulas, merged cells, several sheets) is refused with the sheet, the cell and what to do. A file is
//! read whole or not at all.

mod book;
mod cell_text;
mod error;
mod file_kind;
mod form;
pub mod form_book;
mod marked;
mod number_format;
mod package;
mod table;
mod write;

use tongpin_domain::intake::Table;

pub use book::{Area, Book, Cells, cell_name, column_letters};
pub use error::{Fault, SheetError};
pub use file_kind::FileKind;
pub use form::{FormColumn, write_form};
pub use marked::{MarkError, Marks, REMARKS, mark};
pub(crate) use write::sheet_name;
pub use write::{
    Heading, SheetsToWrite, TableSheet, WriteError, lay, plain_number, protect_head, write_sheets, write_table,
};

/// The sheet that is read where a workbook has several: templates call theirs so.
pub const DATA_SHEET: &str = "数据";

/// The most text that is kept of a sheet, bytes.
pub(crate) const TEXT: usize = 64 * 1024 * 1024;

/// Reads a file as a table: a workbook by its content, anything else as comma-separated values. `expected` are names of
/// columns, of which a workbook's first line must have at least one; none means any.
///
/// # Errors
/// [`SheetError`] if the file is no table, or one that would have to be guessed at.
pub fn read(name: &str, bytes: &[u8], expected: &[&str]) -> Result<Table, SheetError> {
    let fault = |fault| SheetError { file: name.to_owned(), fault };
    if is_workbook(bytes) {
        return read_book(Book::open(name, bytes)?, expected);
    }
    package::refuse_others(bytes).map_err(fault)?;
    tongpin_domain::intake::read_csv(name, bytes).map_err(|error| fault(Fault::Csv(error)))
}

/// Reads the table of a workbook that was opened already, as [`read`] does.
///
/// # Errors
/// [`SheetError`] if there is none, or one that would have to be guessed at.
pub fn read_book(book: Book<'_>, expected: &[&str]) -> Result<Table, SheetError> {
    table::read(book, expected)
}

/// Reads one sheet of a workbook of several tables, as [`read_book`] does: the line of its column names, counted
/// from 1, and the table.
///
/// # Errors
/// [`SheetError`] if there is none of this name, or it is no table, or one that would have to be guessed at.
pub fn read_sheet(book: &mut Book<'_>, sheet: &str, expected: &[&str]) -> Result<(u64, Table), SheetError> {
    table::of_sheet(book, sheet, expected)
}

/// The sheet of a workbook that is its table.
///
/// # Errors
/// There is none, or it would have to be guessed at which.
pub fn table_sheet(book: &mut Book<'_>) -> Result<String, SheetError> {
    table::sheet(book)
}

/// The names of the sheets that are shown and hold anything, but for some, in their order. One that cannot be read
/// counts: nobody says that it is blank.
#[must_use]
pub fn filled_sheets(book: &mut Book<'_>, but: &[&str]) -> Vec<String> {
    let others = book.sheets().into_iter().filter(|(name, shown)| *shown && !but.contains(&name.as_str()));
    let names: Vec<String> = others.map(|(name, _)| name).collect();
    names.into_iter().filter(|name| !book.is_blank(name).unwrap_or(false)).collect()
}

/// Whether a workbook is one that [`Book::open`] takes: it is small enough, packed and unpacked.
#[must_use]
pub fn is_taken(bytes: &[u8]) -> bool {
    package::check(bytes).is_ok()
}

/// What looking through a file takes of memory at most, bytes: told without reading it as a table. A file that is no
/// table takes nothing: it is refused as it is read.
#[must_use]
pub fn memory(bytes: &[u8]) -> u64 {
    // A cell, its text, and the record that is made of it.
    const CELL: u64 = 64;
    if is_workbook(bytes) {
        return package::check(bytes).map_or(0, |measured| 2 * measured.memory);
    }
    let cells =
        bytes.iter().filter(|byte| matches!(byte, b',' | b'\n')).count().min(tongpin_domain::intake::MOST_CELLS);
    2 * (bytes.len() as u64 + CELL * cells as u64)
}

/// True if a file begins as workbooks do.
#[must_use]
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

#[cfg(test)]
mod tests;
