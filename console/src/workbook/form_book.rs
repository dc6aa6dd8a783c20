//! 表单工作簿: a form as an officer writes it in a spreadsheet, one sheet for each part of it, in and out.

use tongpin_domain::form::{self, Definition, Field, FormSheet, Kind, Subject};
use tongpin_domain::intake::{DraftEntry, Intake, entry_of_form};

use super::{Book, SheetError, SheetsToWrite, WriteError, write_sheets};

/// Reads a workbook: the form, with the names that were made for it, or what is wrong with it at each cell.
///
/// # Errors
/// The file cannot be read as a workbook.
pub fn read(name: &str, bytes: &[u8]) -> Result<Intake<DraftEntry>, SheetError> {
    let sheets = sheets(name, bytes)?;
    let mut read: Intake<DraftEntry> = Intake::default();
    match form::from_sheets(&sheets).and_then(|definition| entry_of_form(name, &definition)) {
        Ok(entry) => {
            read.accepted.push((1, entry));
            read.warnings = form::names_made(&sheets);
        }
        Err(problems) => read.problems = problems,
    }
    Ok(read)
}

fn sheets(name: &str, bytes: &[u8]) -> Result<Vec<FormSheet>, SheetError> {
    let mut book = Book::open(name, bytes)?;
    let mut sheets = Vec::new();
    for (name, _) in book.sheets() {
        let mut rows = book.cells(&name)?.rows.into_iter();
        let Some((_, header)) = rows.next() else { continue };
        let rows = rows.map(|(row, cells)| (u64::from(row) + 1, cells)).collect();
        sheets.push(FormSheet { name, header, rows });
    }
    Ok(sheets)
}

/// A form as a workbook.
///
/// # Errors
/// It is larger than a workbook.
pub fn write(definition: &Definition) -> Result<Vec<u8>, WriteError> {
    let sheets = form::to_sheets(definition);
    let sheets: Vec<SheetsToWrite> = sheets
        .into_iter()
        .map(|sheet| SheetsToWrite {
            title: sheet.name,
            header: sheet.header,
            rows: sheet.rows.into_iter().map(|(_, cells)| cells).collect(),
        })
        .collect();
    write_sheets(&sheets)
}

/// A small form to begin with: its sheets show how one is written.
///
/// # Errors
/// It is larger than a workbook.
pub fn template() -> Result<Vec<u8>, WriteError> {
    write(&pattern())
}

/// What a new form begins with.
#[must_use]
pub fn pattern() -> Definition {
    Definition {
        code: "my_form".to_owned(),
        kept_as: None,
        title: "示例表".to_owned(),
        english: String::new(),
        stage: "运行监控".to_owned(),
        basis: Vec::new(),
        help: "请改为本表的填写说明".to_owned(),
        years: form::Years::default(),
        subject: Subject::default(),
        fields: vec![
            Field { required: true, ..Field::new("amount", "下达资金", Kind::Money) },
            Field::new("note", "备注", Kind::Text),
        ],
        checks: Vec::new(),
        flow: form::Flow::default(),
        layout: form::Layout::default(),
        list: form::List::default(),
    }
}
