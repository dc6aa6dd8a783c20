//! 表单工作簿: a form as an officer writes it in a spreadsheet, one sheet for each part of it, in and out.

use tongpin_console::workbook::{Book, SheetsToWrite, WriteError, write_sheets};
use tongpin_domain::form::{self, Definition, Field, FormSheet, Kind, Subject};
use tongpin_domain::intake::{DraftEntry, Intake, entry_of_form};
use tongpin_domain::lang::{Lang, Say};

use super::NamedFile;
use crate::failure::Failure;

/// Reads workbooks, one form each.
///
/// # Errors
/// A file cannot be read as a workbook. What is wrong within it is part of the answer.
pub(super) fn read(files: &[NamedFile]) -> Result<Intake<DraftEntry>, Failure> {
    let mut all: Intake<DraftEntry> = Intake::default();
    for file in files {
        let sheets = sheets(file)?;
        match form::from_sheets(&sheets) {
            Ok(definition) => match entry_of_form(&file.name, &definition) {
                Ok(entry) => {
                    all.accepted.push((1, entry));
                    all.warnings.extend(form::names_made(&sheets));
                }
                Err(problems) => all.problems.extend(problems),
            },
            Err(problems) => all.problems.extend(problems),
        }
    }
    Ok(all)
}

fn sheets(file: &NamedFile) -> Result<Vec<FormSheet>, Failure> {
    let refused =
        |error: tongpin_console::workbook::SheetError| Failure::input(error.say(Lang::Zh), error.say(Lang::En));
    let mut book = Book::open(&file.name, &file.bytes).map_err(refused)?;
    let mut sheets = Vec::new();
    for (name, _) in book.sheets() {
        let cells = book.cells(&name).map_err(refused)?;
        let mut rows = cells.rows.into_iter();
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
pub(crate) fn write(definition: &Definition) -> Result<Vec<u8>, WriteError> {
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
pub(crate) fn template() -> Result<Vec<u8>, WriteError> {
    write(&pattern())
}

/// What a new form begins with.
pub(crate) fn pattern() -> Definition {
    Definition {
        code: "my_form".to_owned(),
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
