//! Workbooks to be filled in: a sheet with the column names and drop-downs, and a sheet that explains the columns.

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Workbook};
use tongpin_domain::intake::MOST_ROWS;

use super::DATA_SHEET;
use super::write::{Heading, TableSheet, WriteError, lay, protect_head};

/// The sheet that explains the columns.
const GUIDE_SHEET: &str = "填表说明";

/// A column that somebody fills in.
#[derive(Debug, Clone, Copy)]
pub struct FormColumn<'a> {
    /// What stands at its head.
    pub name: &'a str,
    /// Whether a file must have it.
    pub needed: bool,
    /// How it is filled in.
    pub how: &'a str,
    /// What can be chosen; empty where anything may be written. Something else may be typed after a word of warning.
    pub choices: &'a [&'a str],
}

/// Writes an empty form. Everything below the head is open.
///
/// # Errors
/// A column's name or choices are longer than a workbook takes.
pub fn write_form(columns: &[FormColumn<'_>]) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let heads: Vec<Heading<'_>> = columns.iter().map(|column| Heading { name: column.name, number: false }).collect();
    lay(sheet, &TableSheet { title: DATA_SHEET, columns: &heads, rows: &[], open: true })?;
    for (at, column) in (0u16..).zip(columns).filter(|(_, column)| !column.choices.is_empty()) {
        let choices = DataValidation::new()
            .allow_list_strings(column.choices)?
            .set_input_message("可从下拉列表中选")?
            .set_error_style(DataValidationErrorStyle::Warning)
            .set_error_title("不在列表中")?
            .set_error_message("所填内容不在下拉列表中，确定要这样填吗？")?;
        sheet.add_data_validation(1, at, MOST_ROWS - 1, at, &choices)?;
    }
    protect_head(sheet);
    let heads = ["列名", "必须有此列", "怎样填", "可选的值"].map(|name| Heading { name, number: false });
    let row = |column: &FormColumn<'_>| {
        let needed = if column.needed { "是" } else { "可不要" };
        [column.name, needed, column.how, &column.choices.join("、")].map(str::to_owned).to_vec()
    };
    let rows: Vec<Vec<String>> = columns.iter().map(row).collect();
    let guide = TableSheet { title: GUIDE_SHEET, columns: &heads, rows: &rows, open: false };
    lay(workbook.add_worksheet(), &guide)?;
    Ok(workbook.save_to_buffer()?)
}
