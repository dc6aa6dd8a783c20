//! 表单工作簿: a form as an officer designs it who cannot program, in the sheets of a workbook. Here it is pure tables;
//! whoever reads and writes the file itself stands elsewhere.
//!
//! Titles are enough: codes that are left out are made, see [`names_made`]. [`to_sheets`] and [`from_sheets`] are each
//! other's inverse.

mod cells;
mod columns;
mod field_rows;
mod flow_rows;
mod form_rows;
mod layout_rows;
mod names;
mod notation;
mod tokens;
mod written;

use super::Definition;
use crate::intake::{Problem, Words};
use cells::{Line, Lines, Told};
use columns::SHEETS;

/// A sheet of the workbook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormSheet {
    /// What the tab says.
    pub name: String,
    /// The column names of the first line.
    pub header: Vec<String>,
    /// The rows below it, each with its line, counted from 1 as spreadsheets do.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// What is wrong with a cell: the sheet stands where a problem of an import has the file.
pub type SheetProblem = Problem;

/// A form as sheets, in the order in which people fill them in.
#[must_use]
pub fn to_sheets(definition: &Definition) -> Vec<FormSheet> {
    let rows = [
        form_rows::write(definition),
        field_rows::write(definition),
        field_rows::write_choices(definition),
        form_rows::write_checks(definition),
        flow_rows::write_states(&definition.flow),
        flow_rows::write_steps(&definition.flow),
        layout_rows::write(definition),
    ];
    let sheets = SHEETS.iter().zip(rows);
    sheets
        .map(|(sheet, rows)| FormSheet {
            name: sheet.name.to_owned(),
            header: sheet.columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: (2..).zip(rows).collect(),
        })
        .collect()
}

/// Reads sheets as a form. Whether the form can be published is another question: see [`Definition::check`].
///
/// # Errors
/// Everything that could not be read, each with its sheet, line and column.
pub fn from_sheets(sheets: &[FormSheet]) -> Result<Definition, Vec<SheetProblem>> {
    let mut told = Told::default();
    for sheet in sheets {
        if !sheet.rows.is_empty()
            && sheet.name != columns::REMARKS
            && SHEETS.iter().all(|known| known.name != sheet.name)
        {
            let known = SHEETS.iter().map(|known| known.name).collect::<Vec<_>>().join("、");
            let expected = Words::new(format!("工作表名为下列之一：{known}"), format!("one of the sheets {known}"));
            told.of_sheet(&sheet.name, &sheet.name, expected);
        }
    }
    let [form, fields, choices, checks, states, steps, layout] =
        [0, 1, 2, 3, 4, 5, 6].map(|number| Lines::open(number, sheets, &mut told));
    let flow = flow_rows::read(&states, &steps, &mut told);
    let choices = field_rows::read_choices(&choices, &mut told);
    let fields = field_rows::read(&fields, &choices, &flow, &mut told);
    let checks = form_rows::read_checks(&checks, &fields, &mut told);
    let blocks = layout_rows::read(&layout, &fields, &mut told);
    let mut definition = form_rows::read(&form, fields, flow, &mut told);
    definition.checks = checks;
    definition.layout.blocks = blocks;
    if told.0.is_empty() { Ok(definition) } else { Err(told.0) }
}

/// The codes that were made because nobody wrote them, each at its place: they are kept from then on, so that the
/// workbook that the program gives out is the one to go on with. A name made of a line would be another if a line were
/// put in above it.
#[must_use]
pub fn names_made(sheets: &[FormSheet]) -> Vec<SheetProblem> {
    let mut told = Told::default();
    let mut ignored = Told::default();
    let named = [(1, "名称", "f"), (3, "名称", "c"), (4, "代号", "s"), (5, "代号", "t")];
    for (number, column, prefix) in named {
        let lines = Lines::open(number, sheets, &mut ignored);
        for (line, name) in lines.0.iter().zip(lines.names(column, prefix)) {
            if line.get(column).is_empty() {
                told.at(line, column, made(&name));
            }
        }
    }
    let form = Lines::open(0, sheets, &mut ignored);
    let line = form.0.iter().find(|line| line.get(columns::LABEL) == "编码");
    if line.is_none_or(|line| line.get(columns::CONTENT).is_empty())
        && let Ok(definition) = from_sheets(sheets)
    {
        told.of_sheet(SHEETS[0].name, "", made(&definition.code));
    }
    told.0
}

fn made(name: &str) -> Words {
    Words::new(
        format!("代号；已自动取为 {name}。以后请在导出的工作簿上修改，以免插入行后代号错位"),
        format!("a name; {name} was made. Go on with the workbook that is given out"),
    )
}

#[cfg(test)]
mod tests;
