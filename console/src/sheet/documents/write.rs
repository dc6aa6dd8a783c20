//! Writing documents as one workbook.

use rust_xlsxwriter::{Workbook, Worksheet};
use tongpin_domain::form::{Definition, Field, Given, GivenRow, MoneyUnit, Place};
use tongpin_domain::intake::{MOST_CELLS, MOST_COLUMNS, MOST_ROWS};
use tongpin_domain::lang::{Lang, Say};

use super::{Column, DocumentLine, DocumentsView, GUIDE, Holds, Named, columns, content, row_columns, sheets, short};
use crate::sheet::write::lists::Lists;
use crate::sheet::{guide, text};
use crate::workbook::{self, DATA_SHEET, Heading, TEXT, TableSheet, WriteError, lay, protect_head};

/// More than a file may hold that is to be imported again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TooLarge {
    /// The form itself: a sheet of it, which is named, has more columns than are read.
    Columns(String),
    /// The lines of a sheet, which is named.
    Lines(String),
    /// The file.
    File,
}

impl Say for TooLarge {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Columns(sheet), Lang::Zh) => {
                format!("“{sheet}”表的列多于 {MOST_COLUMNS} 列，不能用表格批量导入；请在页面填报，或通过接口报送")
            }
            (Self::Columns(sheet), Lang::En) => {
                format!("the sheet {sheet} would have more than {MOST_COLUMNS} columns; use the pages or the API")
            }
            (Self::Lines(sheet), Lang::Zh) => {
                let most = MOST_ROWS - 1;
                format!("“{sheet}”表的行数或单元格数超出导入上限（{most} 行）；请先在列表中加上条件，分次下载")
            }
            (Self::Lines(sheet), Lang::En) => {
                format!(
                    "the sheet {sheet} would have more lines or cells than can be imported; ask for less in the list"
                )
            }
            (Self::File, Lang::Zh) => {
                "内容超出一个可再导入的文件（20 MB）的上限；请先在列表中加上条件，分次下载".to_owned()
            }
            (Self::File, Lang::En) => {
                "it is more than a file that can be imported holds (20 MB); ask for less in the list".to_owned()
            }
        }
    }
}

/// Whether the sheets of a form have no more columns, and so many documents and rows no more lines and cells, than are
/// read: told before any of it is gathered. `rows` says how many rows a table of the documents has.
///
/// # Errors
/// [`TooLarge`].
pub fn can_come_back(definition: &Definition, documents: usize, rows: impl Fn(&str) -> usize) -> Result<(), TooLarge> {
    fits(DATA_SHEET, columns(definition).len(), documents)?;
    sheets(definition)
        .iter()
        .try_for_each(|(name, field)| fits(name, row_columns(definition, field).len(), rows(&field.name)))
}

fn fits(sheet: &str, columns: usize, lines: usize) -> Result<(), TooLarge> {
    if columns > MOST_COLUMNS as usize {
        return Err(TooLarge::Columns(sheet.to_owned()));
    }
    // The head is a row of cells too.
    if lines >= MOST_ROWS as usize || lines.saturating_add(1).saturating_mul(columns) > MOST_CELLS {
        return Err(TooLarge::Lines(sheet.to_owned()));
    }
    Ok(())
}

/// Writes the workbook. What is personal has a column in a template, and in no file with what is held. `largest` is
/// what a file may have that comes back, bytes.
///
/// # Errors
/// There are more lines or rows than a sheet holds, or, told apart, more than is read when it comes back.
pub fn write(view: &DocumentsView<'_>, largest: usize) -> Result<Result<Vec<u8>, TooLarge>, WriteError> {
    let rows = |field: &str| {
        let of = |line: &DocumentLine<'_>| match line.document.given.get(field) {
            Some(Given::Rows(rows)) => rows.len(),
            _ => 0,
        };
        view.lines.iter().map(of).sum()
    };
    if let Err(too_large) = can_come_back(view.definition, view.lines.len(), rows) {
        return Ok(Err(too_large));
    }
    let Some(bytes) = written_out(view)? else { return Ok(Err(TooLarge::File)) };
    let taken = bytes.len() <= largest && workbook::is_taken(&bytes);
    Ok(if taken { Ok(bytes) } else { Err(TooLarge::File) })
}

/// The workbook; nothing if a sheet has more text than is read of one.
fn written_out(view: &DocumentsView<'_>) -> Result<Option<Vec<u8>>, WriteError> {
    let (definition, mut lists, mut workbook) = (view.definition, Lists::default(), Workbook::new());
    let all = written(columns(definition), view);
    let money = &definition.layout.money;
    let rows = view.lines.iter().map(|line| all.iter().map(|column| cell(column, line, definition)).collect());
    let Some(rows) = within(rows) else { return Ok(None) };
    let periods = view.periods;
    sheet(workbook.add_worksheet(), (DATA_SHEET, &all), &rows, (&mut lists, periods))?;
    let mut guides = vec![(DATA_SHEET.to_owned(), all)];
    for (name, field) in sheets(definition) {
        let all = written(row_columns(definition, field), view);
        let of = |line: &DocumentLine<'_>| -> Vec<Vec<String>> {
            let Some(Given::Rows(rows)) = line.document.given.get(&field.name) else { return Vec::new() };
            let one = |row| all.iter().map(|column| row_cell(column, line, (field, row), money)).collect();
            rows.iter().map(one).collect()
        };
        let Some(rows) = within(view.lines.iter().flat_map(of)) else { return Ok(None) };
        sheet(workbook.add_worksheet(), (&name, &all), &rows, (&mut lists, periods))?;
        guides.push((name, all));
    }
    guide(workbook.add_worksheet(), &guides)?;
    if let Some(choices) = lists.page()? {
        workbook.push_worksheet(choices);
    }
    Ok(Some(workbook.save_to_buffer()?))
}

/// Rows as they are gathered, while they have no more text than is read of a sheet.
fn within(rows: impl Iterator<Item = Vec<String>>) -> Option<Vec<Vec<String>>> {
    let mut left = TEXT;
    rows.map(|row| {
        left = left.checked_sub(row.iter().map(String::len).sum())?;
        Some(row)
    })
    .collect()
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
        Holds::Stamp => {
            let (id, subject, period) = (&document.id, &document.subject, &document.period);
            let named = Named { keeper: line.keeper, id, subject, period };
            format!("{}-{}", short(line.version), content(definition, &named, &document.given))
        }
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
            let (how, choices) = guide::words(field);
            (needed, how, choices)
        }
    }
}
