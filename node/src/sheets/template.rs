//! Workbooks to fill in (模板) and to correct (现有数据): projects and their indicators under the trade's words, with
//! drop-downs and a sheet that explains the columns. What is written here reads back as it was.

mod guide;
pub(crate) mod months;

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Formula, Workbook, Worksheet};
use serde::Serialize;
use serde_json::Value;
use tongpin_console::sheet::guide::offered;
use tongpin_console::sheet::text::told_given;
use tongpin_console::workbook::{self, DATA_SHEET, Heading, TableSheet, WriteError};
use tongpin_domain::form::{Definition, Field, Given, Kind, MoneyUnit};
use tongpin_domain::indicator::Indicator;
use tongpin_domain::intake::{self, FormColumn};
use tongpin_domain::lang::Lang;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::rules::FormulaCode;

/// The hidden sheet with the library.
const LIBRARY: &str = "指标库";
/// The last row that drop-downs reach.
const LAST_ROW: u32 = intake::MOST_ROWS - 1;
/// The role of the field that is a number or a word.
const MONTH: &str = "month";

/// Projects as a workbook; none make an empty template.
///
/// # Errors
/// There are more than a sheet holds.
pub(crate) fn projects(form: &Definition, projects: &[&Project]) -> Result<Vec<u8>, WriteError> {
    book(form, &bodies(projects), &[])
}

/// Indicator lines as a workbook, with the library to choose from; none make an empty template.
///
/// # Errors
/// There are more than a sheet holds.
pub(crate) fn indicators(
    form: &Definition,
    lines: &[&ProjectIndicator],
    library: &[Indicator],
) -> Result<Vec<u8>, WriteError> {
    book(form, &bodies(lines), library)
}

fn bodies<T: Serialize>(records: &[&T]) -> Vec<Value> {
    records.iter().map(|record| serde_json::to_value(record).unwrap_or_default()).collect()
}

/// A record's value of a field, its own or one that the city added, as people read it.
fn value(field: &Field, record: &Value) -> String {
    cell(field, record.get(&field.name).unwrap_or(&record["more"][&field.name]))
}

/// A value of a field as a cell has it: as it was typed, or the text of what was chosen.
pub(crate) fn cell(field: &Field, value: &Value) -> String {
    match value {
        Value::String(_) | Value::Array(_) => serde_json::from_value(value.clone())
            .map_or_else(|_| text(value), |given: Given| told_given(field, &given, &MoneyUnit::Yuan, Lang::Zh)),
        other => text(other),
    }
}

/// A value of a record as a cell has it. Yes and no are 1 and 0, as in files of comma-separated values.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => u8::from(*yes).to_string(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn book(form: &Definition, records: &[Value], library: &[Indicator]) -> Result<Vec<u8>, WriteError> {
    let columns = columns(form, |field| records.iter().any(|record| !value(field, record).is_empty()));
    let rows: Vec<Vec<String>> =
        records.iter().map(|record| columns.iter().map(|column| value(column.field, record)).collect()).collect();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let titles: Vec<String> = columns.iter().map(|column| column.field.title.clone()).collect();
    let heads = headings(&columns, &titles);
    workbook::lay(sheet, &TableSheet { title: DATA_SHEET, columns: &heads, rows: &rows, open: true })?;
    for (at, column) in (0u16..).zip(&columns) {
        if let Some(choices) = choices(column.field, library.len())? {
            sheet.add_data_validation(1, at, LAST_ROW, at, &choices)?;
        }
    }
    workbook::protect_head(sheet);
    guide::lay(workbook.add_worksheet(), &columns)?;
    if !library.is_empty() {
        lay_library(workbook.add_worksheet(), &library.iter().collect::<Vec<_>>())?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// The columns of a workbook. One that nobody fills in any more is there where something is kept in it, so that nothing
/// is lost on the way.
fn columns(form: &Definition, is_kept: impl Fn(&Field) -> bool) -> Vec<FormColumn<'_>> {
    form.file_columns().filter(|column| !column.field.retired || is_kept(column.field)).collect()
}

/// Their heads under these titles. Plain numbers stand as numbers, but for those that may be text: they stay as typed.
fn headings<'a>(columns: &[FormColumn<'_>], titles: &'a [String]) -> Vec<Heading<'a>> {
    let is_number = |field: &Field| field.kind.is_number() || field.role == MONTH;
    let heads = columns.iter().zip(titles);
    heads.map(|(column, title)| Heading { name: title, number: is_number(column.field) }).collect()
}

/// What can be chosen in a column. Something else may be typed after a word of warning: lists change over the years.
pub(crate) fn choices(field: &Field, library: usize) -> Result<Option<DataValidation>, WriteError> {
    let words = match field.role.as_str() {
        "method" => FormulaCode::ALL.map(FormulaCode::code).to_vec(),
        "indicator" | "indicator_name" if library > 0 => {
            let column = if field.role == "indicator" { 'A' } else { 'B' };
            let list = Formula::new(format!("={LIBRARY}!${column}$2:${column}${}", library + 1));
            let choices =
                advice(DataValidation::new().allow_list_formula(list), "可从市级指标库中选，自设指标直接填写")?;
            // A self-made indicator is in no library, and nothing is wrong with it.
            return Ok(Some(choices.set_error_style(DataValidationErrorStyle::Information)));
        }
        _ => offered(field),
    };
    if words.is_empty() || field.kind == Kind::AnyOf {
        return Ok(None);
    }
    // What is too long for a list in a cell stands in the guide alone.
    match DataValidation::new().allow_list_strings(&words) {
        Ok(list) => Ok(Some(advice(list, "可从下拉列表中选")?)),
        Err(_) => Ok(None),
    }
}

fn advice(choices: DataValidation, words: &str) -> Result<DataValidation, WriteError> {
    Ok(choices
        .set_input_message(words)?
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title("不在列表中")?
        .set_error_message("所填内容不在下拉列表中，确定要这样填吗？")?)
}

/// The library behind the drop-downs, hidden; who wants to look something up shows it.
pub(crate) fn lay_library(sheet: &mut Worksheet, library: &[&Indicator]) -> Result<(), WriteError> {
    let names =
        ["指标代码", "三级指标", "一级指标", "二级指标", "指标性质", "度量单位", "赋分类型", "赋分参数", "参考值"];
    let columns = names.map(|name| Heading { name, number: false });
    let row = |it: &&Indicator| {
        [
            &it.code,
            &it.name,
            &it.level1,
            &it.level2,
            &it.nature,
            &it.unit,
            &it.rule_type,
            &it.rule_params,
            &it.typical_target,
        ]
        .map(Clone::clone)
        .to_vec()
    };
    let rows: Vec<Vec<String>> = library.iter().map(row).collect();
    workbook::lay(sheet, &TableSheet { title: LIBRARY, columns: &columns, rows: &rows, open: false })?;
    sheet.set_hidden(true);
    Ok(())
}

#[cfg(test)]
mod tests;
