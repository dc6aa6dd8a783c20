//! Reports by month as a workbook: what was reported, and the lines of what is still to be, ready to be filled in.

use std::collections::BTreeSet;

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Formula, Workbook};
use tongpin_console::sheet::text::told_given;
use tongpin_console::workbook::{self, DATA_SHEET, Heading, TableSheet, WriteError};
use tongpin_domain::form::{Definition, Field, MoneyUnit};
use tongpin_domain::intake::{FormColumn, OPENING_WORD};
use tongpin_domain::lang::Lang;
use tongpin_domain::month::Month;
use tongpin_domain::observation::{OPENING, Observation};
use tongpin_domain::project::{Project, ProjectIndicator};

use super::{LAST_ROW, advice, columns, guide, headings};

/// The hidden sheet with the projects to choose from.
const PROJECTS: &str = "项目";

/// One project with what was reported of it.
pub(crate) struct Months<'a> {
    /// The project.
    pub(crate) project: &'a Project,
    /// Its lines.
    pub(crate) lines: &'a [ProjectIndicator],
    /// What was reported of its year, by month.
    pub(crate) observations: Vec<&'a Observation>,
}

/// Reports as a workbook. With a month it is about that month alone, and has empty lines for the projects that are not
/// reported yet; without one it has all that was reported.
///
/// # Errors
/// There are more rows than a sheet holds.
pub(crate) fn observations(form: &Definition, all: &[Months<'_>], month: Option<Month>) -> Result<Vec<u8>, WriteError> {
    let (columns, mut rows) = (columns(form, |_| false), Vec::new());
    for it in all.iter().filter(|it| month.is_none_or(|month| it.project.fiscal_year == month.year())) {
        let of_month = |observation: &&&Observation| month.is_none_or(|month| month.number() == observation.month);
        let mut found = it.observations.iter().filter(of_month).peekable();
        if let Some(month) = month.filter(|_| found.peek().is_none()) {
            rows.extend(it.rows(&columns, month.number(), None));
        }
        rows.extend(found.flat_map(|observation| it.rows(&columns, observation.month, Some(observation))));
    }
    book(&columns, &rows, &named(all))
}

/// An empty workbook, with these projects to choose from.
///
/// # Errors
/// There are more projects than a sheet holds.
pub(crate) fn empty(form: &Definition, all: &[Months<'_>]) -> Result<Vec<u8>, WriteError> {
    book(&columns(form, |_| false), &[], &named(all))
}

/// The projects to choose from: code and name.
fn named(all: &[Months<'_>]) -> Vec<Vec<String>> {
    all.iter().map(|it| vec![it.project.code.clone(), it.project.name.clone()]).collect()
}

impl Months<'_> {
    /// The rows of one month: one for each line. Spending and note stand on the first, so that a sum is a sum.
    fn rows(&self, columns: &[FormColumn<'_>], month: u8, reported: Option<&Observation>) -> Vec<Vec<String>> {
        let outputs = reported.map(|it| it.outputs.as_slice()).unwrap_or_default();
        let mut numbers: BTreeSet<Option<u32>> = outputs.iter().map(|output| Some(output.seq)).collect();
        if month != OPENING {
            numbers.extend(self.lines.iter().map(|line| Some(line.seq)));
        }
        if numbers.is_empty() {
            numbers.insert(None);
        }
        let row = |(at, number): (usize, &Option<u32>)| {
            let line = self.lines.iter().find(|line| Some(line.seq) == *number);
            let value = outputs.iter().find(|output| Some(output.seq) == *number);
            let once = reported.filter(|_| at == 0);
            let month = if month == OPENING { OPENING_WORD.to_owned() } else { month.to_string() };
            let cell = |field: &Field| match field.name.as_str() {
                "project_code" => self.project.code.clone(),
                "project_name" => self.project.name.clone(),
                "fiscal_year" => self.project.fiscal_year.to_string(),
                "month" => month.clone(),
                "spent" => once.map(|it| it.spent.raw().to_owned()).unwrap_or_default(),
                "line" => number.map(|number| number.to_string()).unwrap_or_default(),
                "line_name" => line.map(|line| line.name.clone()).unwrap_or_default(),
                "reached" => value.map(|output| output.value.raw().to_owned()).unwrap_or_default(),
                "note" => once.map(|it| it.note.clone()).unwrap_or_default(),
                added => {
                    let given = once.and_then(|it| it.more.get(added));
                    given.map(|given| told_given(field, given, &MoneyUnit::Yuan, Lang::Zh)).unwrap_or_default()
                }
            };
            columns.iter().map(|column| cell(column.field)).collect()
        };
        numbers.iter().enumerate().map(row).collect()
    }
}

fn book(columns: &[FormColumn<'_>], rows: &[Vec<String>], projects: &[Vec<String>]) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    // Beside numbers of other kinds an amount says its unit.
    let titles: Vec<String> = columns.iter().map(|column| column.field.headed("元", Lang::Zh)).collect();
    let heads = headings(columns, &titles);
    workbook::lay(sheet, &TableSheet { title: DATA_SHEET, columns: &heads, rows, open: true })?;
    for (at, column) in (0u16..).zip(columns) {
        if let Some(choices) = choices(column.field, projects.len())? {
            sheet.add_data_validation(1, at, LAST_ROW, at, &choices)?;
        }
    }
    workbook::protect_head(sheet);
    guide::lay(workbook.add_worksheet(), columns)?;
    if !projects.is_empty() {
        let heads = ["项目代码", "项目名称"].map(|name| Heading { name, number: false });
        let sheet = workbook.add_worksheet();
        workbook::lay(sheet, &TableSheet { title: PROJECTS, columns: &heads, rows: projects, open: false })?;
        sheet.set_hidden(true);
    }
    Ok(workbook.save_to_buffer()?)
}

/// What can be chosen in a column.
fn choices(field: &Field, projects: usize) -> Result<Option<DataValidation>, WriteError> {
    let months: Vec<String> = (1..=12).map(|month| month.to_string()).chain([OPENING_WORD.to_owned()]).collect();
    match field.name.as_str() {
        "month" => Ok(Some(advice(DataValidation::new().allow_list_strings(&months)?, "1 到 12，或期初")?)),
        "project_code" if projects > 0 => {
            let list = Formula::new(format!("={PROJECTS}!$A$2:$A${}", projects + 1));
            let choices = advice(DataValidation::new().allow_list_formula(list), "可从本单位的项目中选")?;
            Ok(Some(choices.set_error_style(DataValidationErrorStyle::Warning)))
        }
        _ => super::choices(field, 0),
    }
}
