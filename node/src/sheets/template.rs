//! Workbooks to fill in (模板) and to correct (现有数据): projects and their indicators under the trade's words, with
//! drop-downs and a sheet that explains the columns. What is written here reads back as it was.

mod guide;
pub(crate) mod months;

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Formula, Workbook, Worksheet};
use serde::Serialize;
use serde_json::Value;
use tongpin_console::workbook::{self, DATA_SHEET, Heading, TableSheet, WriteError};
use tongpin_domain::indicator::Indicator;
use tongpin_domain::intake;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::rules::FormulaCode;
use tongpin_domain::vocabulary;

/// The hidden sheet with the library.
const LIBRARY: &str = "指标库";
/// The last row that drop-downs reach.
const LAST_ROW: u32 = intake::MOST_ROWS - 1;
/// A column that nobody fills; it is written where something is kept in it, so that nothing is lost on the way.
const UNUSED: &str = "case_tag";
/// Columns whose plain numbers are written as numbers. Targets and actuals are not: they stay as typed.
const NUMBERS: [&str; 17] = [
    "fiscal_year",
    "budget_initial",
    "carry_over",
    "budget_adjust",
    "budget_adjusted",
    "fund_upper",
    "fund_local",
    "fund_other",
    "arrived",
    "executed",
    "seq",
    "qual_pct",
    "weight",
    "self_score",
    "month",
    "spent",
    "line",
];

/// A column of a workbook: its name, and the trade's word at its head.
type Named = (&'static str, &'static str, bool);

/// Projects as a workbook; none make an empty template.
///
/// # Errors
/// There are more than a sheet holds.
pub(crate) fn projects(projects: &[&Project]) -> Result<Vec<u8>, WriteError> {
    let tagged = projects.iter().any(|project| !project.case_tag.is_empty());
    let columns: Vec<Named> = intake::project_columns().filter(|(name, ..)| tagged || *name != UNUSED).collect();
    book(&columns, &rows(&columns, projects), &[])
}

/// Indicator lines as a workbook, with the library to choose from; none make an empty template.
///
/// # Errors
/// There are more than a sheet holds.
pub(crate) fn indicators(lines: &[&ProjectIndicator], library: &[Indicator]) -> Result<Vec<u8>, WriteError> {
    let columns: Vec<Named> = intake::project_indicator_columns().collect();
    book(&columns, &rows(&columns, lines), library)
}

/// Each record's values in the order of the columns, as they were typed.
fn rows<T: Serialize>(columns: &[Named], records: &[&T]) -> Vec<Vec<String>> {
    let row = |record: &&T| {
        let value = serde_json::to_value(record).unwrap_or_default();
        columns.iter().map(|(name, ..)| text(&value[*name])).collect()
    };
    records.iter().map(row).collect()
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

fn book(columns: &[Named], rows: &[Vec<String>], library: &[Indicator]) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    let headings: Vec<Heading<'_>> =
        columns.iter().map(|(name, word, _)| Heading { name: word, number: NUMBERS.contains(name) }).collect();
    let sheet = workbook.add_worksheet();
    workbook::lay(sheet, &TableSheet { title: DATA_SHEET, columns: &headings, rows, open: true })?;
    for (at, (name, ..)) in (0u16..).zip(columns) {
        if let Some(choices) = choices(name, library.len())? {
            sheet.add_data_validation(1, at, LAST_ROW, at, &choices)?;
        }
    }
    workbook::protect_head(sheet);
    guide::lay(workbook.add_worksheet(), columns)?;
    if !library.is_empty() {
        lay_library(workbook.add_worksheet(), &library.iter().collect::<Vec<_>>())?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// What can be chosen in a column. Something else may be typed after a word of warning: lists change over the years.
pub(crate) fn choices(name: &str, library: usize) -> Result<Option<DataValidation>, WriteError> {
    let formulas = FormulaCode::ALL.map(FormulaCode::code);
    let words: &[&str] = match name {
        "rule_type" => &formulas,
        "low_target_confirmed" => &["0", "1"],
        "indicator_code" | "name" if library > 0 => {
            let column = if name == "name" { 'B' } else { 'A' };
            let list = Formula::new(format!("={LIBRARY}!${column}$2:${column}${}", library + 1));
            let choices =
                advice(DataValidation::new().allow_list_formula(list), "可从市级指标库中选，自设指标直接填写")?;
            // A self-made indicator is in no library, and nothing is wrong with it.
            return Ok(Some(choices.set_error_style(DataValidationErrorStyle::Information)));
        }
        other => vocabulary::choices(other),
    };
    if words.is_empty() {
        return Ok(None);
    }
    Ok(Some(advice(DataValidation::new().allow_list_strings(words)?, "可从下拉列表中选")?))
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
