//! Writing documents as one workbook.

use rust_xlsxwriter::{Workbook, Worksheet};
use tongpin_domain::form::{Definition, Field, Given, GivenRow, Kind, MoneyUnit, Place};
use tongpin_domain::intake::MOST_ROWS;
use tongpin_domain::lang::Lang;

use super::{Column, DocumentLine, DocumentsView, GUIDE, Holds, columns, content, row_columns, sheets, short};
use crate::sheet::text;
use crate::sheet::write::lists::Lists;
use crate::workbook::{DATA_SHEET, Heading, TableSheet, WriteError, lay, protect_head};

/// Writes the workbook. What is personal has a column in a template, and in no file with what is held.
///
/// # Errors
/// There are more lines or rows than a sheet holds.
pub fn write(view: &DocumentsView<'_>) -> Result<Vec<u8>, WriteError> {
    let (definition, mut lists, mut workbook) = (view.definition, Lists::default(), Workbook::new());
    let all = written(columns(definition), view);
    let money = &definition.layout.money;
    let rows = view.lines.iter().map(|line| all.iter().map(|column| cell(column, line, definition)).collect());
    let periods = view.periods;
    sheet(workbook.add_worksheet(), (DATA_SHEET, &all), &rows.collect::<Vec<_>>(), (&mut lists, periods))?;
    let mut guides = vec![(DATA_SHEET.to_owned(), all)];
    for (name, field) in sheets(definition) {
        let all = written(row_columns(definition, field), view);
        let of = |line: &DocumentLine<'_>| -> Vec<Vec<String>> {
            let Some(Given::Rows(rows)) = line.document.given.get(&field.name) else { return Vec::new() };
            let one = |row| all.iter().map(|column| row_cell(column, line, (field, row), money)).collect();
            rows.iter().map(one).collect()
        };
        let rows: Vec<Vec<String>> = view.lines.iter().flat_map(of).collect();
        sheet(workbook.add_worksheet(), (&name, &all), &rows, (&mut lists, periods))?;
        guides.push((name, all));
    }
    guide(workbook.add_worksheet(), &guides)?;
    if let Some(choices) = lists.page()? {
        workbook.push_worksheet(choices);
    }
    Ok(workbook.save_to_buffer()?)
}

fn written<'a>(columns: Vec<Column<'a>>, view: &DocumentsView<'_>) -> Vec<Column<'a>> {
    columns.into_iter().filter(|column| view.lines.is_empty() || !column.is_personal()).collect()
}

/// A sheet of a table: everything below its head may be filled in, sorted, added to and deleted.
fn sheet(
    page: &mut Worksheet,
    (title, columns): (&str, &[Column<'_>]),
    rows: &[Vec<String>],
    (lists, periods): (&mut Lists, &[String]),
) -> Result<(), WriteError> {
    let heads: Vec<String> = columns.iter().map(Column::head).collect();
    let headings: Vec<Heading<'_>> =
        heads.iter().zip(columns).map(|(name, column)| Heading { name, number: column.is_number() }).collect();
    lay(page, &TableSheet { title, columns: &headings, rows, open: true })?;
    for (at, column) in (0u16..).zip(columns) {
        match column.holds {
            Holds::Field(field) => lists.note(field, (1, at), MOST_ROWS - 1)?,
            Holds::Period => lists.offer("期间", periods.to_vec(), (1, at), MOST_ROWS - 1)?,
            // Nobody types them, and who deletes one is told.
            Holds::Stamp | Holds::Row => page.set_column_hidden(at).map(|_| ())?,
            _ => {}
        }
    }
    lists.add(page)?;
    protect_head(page);
    Ok(())
}

/// What stands in a document's cell.
fn cell(column: &Column<'_>, line: &DocumentLine<'_>, definition: &Definition) -> String {
    let (document, money) = (line.document, &definition.layout.money);
    match column.holds {
        Holds::SubjectName => document.subject_name.clone(),
        Holds::State => line.state.to_owned(),
        Holds::Stamp => format!("{}-{}", short(line.version), content(definition, &document.given)),
        Holds::Field(field) => {
            let told = |given| text::told_given(field, given, money, Lang::Zh);
            document.given.get(&field.name).map(told).unwrap_or_default()
        }
        Holds::Shown(field) => shown(field, line, &Place::of(&field.name), money),
        other => identity(other, line),
    }
}

/// What stands in the cell of a row of a document.
fn row_cell(
    column: &Column<'_>,
    line: &DocumentLine<'_>,
    (rows, row): (&Field, &GivenRow),
    money: &MoneyUnit,
) -> String {
    match column.holds {
        Holds::Row => row.id.clone(),
        Holds::Field(field) => {
            row.cells.get(&field.name).map(|kept| text::told(field, kept, money, Lang::Zh)).unwrap_or_default()
        }
        Holds::Shown(field) => shown(field, line, &Place::cell(&rows.name, &row.id, &field.name), money),
        other => identity(other, line),
    }
}

/// What tells which document a line is about.
fn identity(holds: Holds<'_>, line: &DocumentLine<'_>) -> String {
    let text = match holds {
        Holds::Subject => line.document.subject.as_str(),
        Holds::Period => &line.document.period,
        Holds::Id => &line.document.id,
        Holds::Keeper => line.keeper,
        _ => "",
    };
    text.to_owned()
}

/// What followed when the document was saved.
fn shown(field: &Field, line: &DocumentLine<'_>, place: &Place, money: &MoneyUnit) -> String {
    let kept = line.document.derived.get(&place.to_string());
    kept.map(|kept| text::told_given(field, &Given::of_column(field, kept), money, Lang::Zh)).unwrap_or_default()
}

/// 填表说明: how each column is filled in.
fn guide(page: &mut Worksheet, sheets: &[(String, Vec<Column<'_>>)]) -> Result<(), WriteError> {
    let heads = ["工作表", "列名", "必填", "怎样填", "可选的值"].map(|name| Heading { name, number: false });
    let mut rows = Vec::new();
    for (sheet, columns) in sheets {
        for column in columns {
            let (needed, how, choices) = words(column);
            rows.push([sheet.as_str(), &column.bare, needed, &how, &choices].map(str::to_owned).to_vec());
        }
    }
    lay(page, &TableSheet { title: GUIDE, columns: &heads, rows: &rows, open: false })
}

fn words(column: &Column<'_>) -> (&'static str, String, String) {
    let fixed = |needed, how: &str| (needed, how.to_owned(), String::new());
    match column.holds {
        Holds::Subject => fixed("是", "单据是关于什么的；新单据必填，已有的单据不改"),
        Holds::SubjectName => fixed("", "供核对，不读入"),
        Holds::Period => fixed("是", "如 2026、2026Q3、2026-03；新单据必填，已有的单据不改"),
        Holds::Id => {
            fixed("", "已有的单据不改；新单据不填，一个对象同一期间可有几份的，可自编（英文字母、数字、短横线）")
        }
        Holds::Keeper => fixed("", "谁填报的；新单据不填"),
        Holds::State => fixed("", "供查看，不读入；只有可填写的单据能修改"),
        Holds::Stamp => fixed("", "系统用来识别导出后是否有他人修改，请勿改动"),
        Holds::Row => fixed("", "系统用来识别明细行，请勿改动；新行不填"),
        Holds::Shown(_) => fixed("", "由系统计算或带出，不读入"),
        Holds::Field(field) => {
            let needed = if field.required { "是" } else { "" };
            let choices: Vec<&str> = match field.kind {
                Kind::YesNo => vec!["是", "否"],
                _ => field.choices.iter().filter(|it| !it.retired).map(|it| it.text.as_str()).collect(),
            };
            let several = if field.kind == Kind::AnyOf { "可填几项，以顿号分隔。" } else { "" };
            (needed, format!("{several}{}", field.hint), choices.join("、"))
        }
    }
}
