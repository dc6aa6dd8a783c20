//! A table of rows on the sheet: its heads under their groups, the rows that there are, a few more to be filled in, and
//! the sums.

use rust_xlsxwriter::{Format, XlsxError};
use tongpin_domain::form::{Field, Given, GivenRow, MOST_ROWS};

use super::{Sheet, cell, labelled};
use crate::sheet::looks::{Span, height, over, stretched, with_decimals};
use crate::sheet::mark::{CHUNK, Mark, Open};
use crate::sheet::plan::Table;
use crate::sheet::text;

/// Rows to be filled in below those that there are; more can be inserted.
const BLANK: usize = 5;
/// What stands below an open table.
const MORE: &str = "行数不够时，请在本行上方插入行填写；不要的行请整行删除";

/// The same below one whose rows are there of themselves.
const FIXED: &str = "请逐行填写，不要增减行";

/// A column of a table: where it stands, its field, and whether it is open.
type Column<'a> = (Span, &'a Field, bool);

impl Sheet<'_> {
    pub(super) fn table(&mut self, table: &Table<'_>) -> Result<(), XlsxError> {
        self.part_title(&table.title)?;
        let name = &table.rows.name;
        let fields = table.columns();
        let open = self.is_open_table(table.rows);
        let columns: Vec<Column<'_>> = stretched(fields.len(), self.columns)
            .into_iter()
            .zip(fields)
            .map(|(span, field)| (span, field, open && self.is_open(&format!("{name}.{}", field.name), field)))
            .collect();
        let rows: &[GivenRow] = match self.view.given.get(name) {
            Some(Given::Rows(rows)) => rows,
            _ => &[],
        };
        self.heads(table, &columns, rows)?;
        let first = self.row;
        let grows = open && !table.rows.has_fixed_rows_but(self.view.locked);
        self.grew |= grows;
        for row in rows.iter().take(MOST_ROWS) {
            self.line(name, &columns, row, grows)?;
        }
        if open {
            for _ in 0..if grows { BLANK } else { 0 } {
                self.line(name, &columns, &GivenRow::default(), grows)?;
            }
            for ((at, _), field, _) in columns.iter().filter(|(_, _, open)| *open) {
                self.lists.note(field, (first, *at), self.row.saturating_sub(1))?;
            }
            self.mark(&Mark::End(name.clone()))?;
            let (row, last) = (self.next(), self.last());
            over(self.page, row, (0, last), if grows { MORE } else { FIXED }, &self.looks.above)?;
        }
        self.sums(table, &columns)
    }

    fn is_open_table(&self, rows: &Field) -> bool {
        self.view.open && rows.is_open_but(self.view.locked)
    }

    /// The heads, with what identifies the rows that there are beside the last of them.
    fn heads(&mut self, table: &Table<'_>, columns: &[Column<'_>], rows: &[GivenRow]) -> Result<(), XlsxError> {
        let (top, grouped) = (self.row, table.is_grouped());
        if grouped {
            self.next();
        }
        let mut spans = columns.iter().map(|(span, field, _)| (*span, *field));
        for (title, fields) in &table.groups {
            let within: Vec<(Span, &Field)> = spans.by_ref().take(fields.len()).collect();
            for ((first, last), field) in &within {
                if grouped && title.is_empty() {
                    self.page.merge_range(top, *first, self.row, *last, &labelled(field), &self.looks.label)?;
                } else {
                    over(self.page, self.row, (*first, *last), &labelled(field), &self.looks.label)?;
                }
            }
            if let (Some(((first, _), _)), Some(((_, last), _))) = (within.first(), within.last())
                && !title.is_empty()
            {
                over(self.page, top, (*first, *last), title, &self.looks.label)?;
            }
        }
        let texts: Vec<(String, usize)> =
            columns.iter().map(|(span, field, _)| (labelled(field), self.room(*span))).collect();
        self.page.set_row_height(self.row, height(&texts).max(24))?;
        let open = opened(columns, |_| String::new());
        self.mark(&Mark::Head(table.rows.name.clone(), open))?;
        let there = rows.iter().map(|row| format!("{}:{}", row.id, row_stamp(columns, row)));
        for (column, chunk) in (self.columns.saturating_add(1)..).zip(chunks(there)) {
            self.page.write_string(self.row, column, chunk)?;
        }
        self.next();
        Ok(())
    }

    /// A row; without an id one to be filled in. Where rows may go, every cell of it is unlocked, so that it can be
    /// deleted.
    fn line(&mut self, name: &str, columns: &[Column<'_>], row: &GivenRow, grows: bool) -> Result<(), XlsxError> {
        let unlocked = Format::new().set_unlocked();
        if grows {
            self.page.set_row_format(self.row, &unlocked)?;
        }
        let mut texts = Vec::new();
        for (span, field, is_open) in columns {
            let given = cell(&row.cells, field);
            let place = format!("{name}.{}.{}", row.id, field.name);
            let blank = row.id.is_empty() && !is_open;
            let value = if blank { String::new() } else { self.value(&place, field, given.as_ref(), *is_open) };
            let look = self.looks.of(field, *is_open);
            let look = if *is_open { look.clone() } else { with_decimals(look, field, &value) };
            let look = if grows { look.set_unlocked() } else { look };
            super::put(self.page, self.row, *span, (&value, field.kind.is_number()), &look)?;
            texts.push((value, self.room(*span)));
        }
        if !row.id.is_empty() {
            let open = opened(columns, |field| text::stamp([plain(row, field).as_str()]));
            let mark = Mark::Row(row.id.clone(), open).written();
            self.page.write_string_with_format(self.row, self.columns, mark, &unlocked)?;
        }
        self.page.set_row_height(self.row, height(&texts))?;
        self.next();
        Ok(())
    }

    fn sums(&mut self, table: &Table<'_>, columns: &[Column<'_>]) -> Result<(), XlsxError> {
        let sums = table.sums(self.view.definition);
        if sums.iter().all(Option::is_none) {
            return Ok(());
        }
        for (at, ((span, column, _), sum)) in columns.iter().zip(sums).enumerate() {
            let text = match sum {
                Some(sum) => self.value(&sum.name, sum, None, false),
                None if at == 0 => "合计".to_owned(),
                None => String::new(),
            };
            self.put(*span, column, &text, false)?;
        }
        self.next();
        Ok(())
    }
}

/// The columns that are open, each with a stamp.
fn opened(columns: &[Column<'_>], stamp: impl Fn(&Field) -> String) -> Vec<Open> {
    let open = columns.iter().filter(|(_, _, open)| *open);
    open.map(|((column, _), field, _)| Open { name: field.name.clone(), column: *column, stamp: stamp(field) })
        .collect()
}

/// What stands in a row's cell, by which it is compared.
fn plain(row: &GivenRow, field: &Field) -> String {
    row.cells.get(&field.name).map(|kept| text::plain(field, kept)).unwrap_or_default()
}

/// Stands for the open cells of a row.
fn row_stamp(columns: &[Column<'_>], row: &GivenRow) -> String {
    let cells: Vec<String> =
        columns.iter().filter(|(_, _, open)| *open).map(|(_, field, _)| plain(row, field)).collect();
    text::stamp(cells.iter().map(String::as_str))
}

/// Texts joined by commas, as many as one cell takes at a time.
fn chunks(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    for text in texts {
        match chunks.last_mut().filter(|chunk| chunk.len() + text.len() < CHUNK) {
            Some(chunk) => {
                chunk.push(',');
                chunk.push_str(&text);
            }
            None => chunks.push(text),
        }
    }
    chunks
}
