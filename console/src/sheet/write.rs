//! A document's official sheet as a workbook: title, grid, tables with grouped heads, sums and signature lines, on A4.
//! Only what is to be filled in is open.

pub(super) mod lists;
mod table;

use std::collections::BTreeMap;

use rust_xlsxwriter::{IgnoreError, ProtectionOptions, Workbook, Worksheet, XlsxError};
use tongpin_domain::form::{Field, Given, Kind};
use tongpin_domain::lang::Lang;

use super::looks::{Looks, Span, even, height, over, put, width, with_decimals};
use super::mark::{HIDDEN, MARK, Mark, Open, PRINTED, Printed};
use super::plan::{self, Part};
use super::{SheetView, amount, text};
use crate::workbook::{WriteError, sheet_name};
use lists::Lists;

/// A4.
const A4: u8 = 9;
/// What is not known.
const UNKNOWN: &str = "—";
/// Columns of a sheet at least, so that its head has room.
const FEWEST: usize = 4;
/// Signatures beside one another.
const SIGNATURES: usize = 4;

/// Writes a document's sheet.
///
/// # Errors
/// The form is larger than a sheet.
pub fn write(view: &SheetView<'_>) -> Result<Vec<u8>, WriteError> {
    let held = plan::held_retired(view.definition, view.given);
    let parts = plan::parts(view.definition, &held);
    let mut page = Worksheet::new();
    page.set_name(sheet_name(&view.definition.title))?;
    let widths = widths(&parts, 2 * plan::pairs(view.definition));
    let columns = u16::try_from(widths.len()).unwrap_or(u16::MAX);
    let looks = Looks::new(&view.definition.layout.money);
    let mut sheet = Sheet {
        view,
        page: &mut page,
        looks,
        widths,
        columns,
        row: 0,
        lists: Lists::default(),
        printed: Vec::new(),
        grew: false,
    };
    sheet.head()?;
    for part in &parts {
        match part {
            Part::Grid { title, lines } => sheet.grid(title, lines)?,
            Part::Table(table) => sheet.table(table)?,
        }
    }
    sheet.signatures()?;
    sheet.finish()?;
    let mut lists = std::mem::take(&mut sheet.lists);
    lists.add(&mut page)?;
    let mut workbook = Workbook::new();
    workbook.push_worksheet(page);
    if let Some(choices) = lists.page()? {
        workbook.push_worksheet(choices);
    }
    Ok(workbook.save_to_buffer()?)
}

/// The widths of the columns: those of the tables, each as wide as its widest.
fn widths(parts: &[Part<'_>], pairs: usize) -> Vec<f64> {
    let tables = || {
        parts.iter().filter_map(|part| match part {
            Part::Table(table) => Some(table.columns()),
            Part::Grid { .. } => None,
        })
    };
    let columns = tables().map(|columns| columns.len()).max().unwrap_or_default().max(pairs).max(FEWEST);
    let least = if tables().next().is_none() { 18.0 } else { 9.0 };
    let widest =
        |at: usize| tables().filter_map(|columns| columns.get(at).map(|field| width(field))).fold(least, f64::max);
    (0..columns).map(widest).collect()
}

/// A sheet that is being written.
struct Sheet<'a> {
    view: &'a SheetView<'a>,
    page: &'a mut Worksheet,
    looks: Looks,
    widths: Vec<f64>,
    columns: u16,
    /// The next row.
    row: u32,
    lists: Lists,
    /// Where the subject is named.
    printed: Vec<Printed>,
    /// Whether rows may be added above.
    grew: bool,
}

impl Sheet<'_> {
    fn last(&self) -> u16 {
        self.columns.saturating_sub(1)
    }

    /// How many characters fit beside one another.
    fn room(&self, (first, last): Span) -> usize {
        let within = self.widths.iter().skip(first.into()).take(usize::from(last.saturating_sub(first)) + 1);
        within.map(|width| if *width < 10.0 { 9 } else { usize::from(*width > 15.0) * 5 + 13 }).sum()
    }

    fn mark(&mut self, mark: &Mark) -> Result<(), XlsxError> {
        self.page.write_string(self.row, self.columns, mark.written())?;
        Ok(())
    }

    fn next(&mut self) -> u32 {
        let row = self.row;
        self.row = row.saturating_add(1);
        row
    }

    fn head(&mut self) -> Result<(), XlsxError> {
        let (view, last) = (self.view, self.last());
        // Where they stand is said too: a column that somebody adds or takes away is noticed.
        let (edition, at) = (view.edition.to_string(), self.columns.to_string());
        let identity = [MARK, view.definition.code.as_str(), &edition, view.key, &at].map(str::to_owned);
        for (column, text) in (self.columns..).zip(identity) {
            self.page.write_string(0, column, text)?;
        }
        over(self.page, 0, (0, last), &view.definition.title, &self.looks.title)?;
        self.page.set_row_height(0, 30)?;
        let middle = last.saturating_sub(2);
        over(self.page, 1, (0, middle), view.about, &self.looks.above)?;
        let unit = &view.definition.layout.money;
        let stated = if plan::has_money(view.definition) { amount::stated(unit, Lang::Zh) } else { String::new() };
        over(self.page, 1, (middle.saturating_add(1), last), &stated, &self.looks.right)?;
        self.page.set_row_height(1, 22)?;
        self.row = 2;
        Ok(())
    }

    fn part_title(&mut self, title: &str) -> Result<(), XlsxError> {
        if !title.is_empty() {
            let (row, last) = (self.next(), self.last());
            over(self.page, row, (0, last), title, &self.looks.part)?;
            self.page.set_row_height(row, 22)?;
        }
        Ok(())
    }

    fn grid(&mut self, title: &str, lines: &[Vec<&Field>]) -> Result<(), XlsxError> {
        self.part_title(title)?;
        let spans = even(2 * plan::pairs(self.view.definition), self.columns);
        for line in lines {
            let mut stamps = Vec::new();
            let mut texts = Vec::new();
            for (at, field) in line.iter().enumerate() {
                let label = spans.get(2 * at).copied().unwrap_or_default();
                let (first, mut end) = spans.get(2 * at + 1).copied().unwrap_or_default();
                if at + 1 == line.len() {
                    end = self.last();
                }
                over(self.page, self.row, label, &labelled(field), &self.looks.label)?;
                texts.push((labelled(field), self.room(label)));
                let given = self.view.given.get(&field.name);
                let open = self.is_open(&field.name, field);
                let text = self.value(&field.name, field, given, open);
                self.put((first, end), field, &text, open)?;
                // Below a table that grows it does not stay where it is.
                if !self.grew {
                    self.printed.extend(Printed::of(field, (self.row, first), &text));
                }
                texts.push((text, self.room((first, end))));
                if open {
                    self.lists.note(field, (self.row, first), self.row)?;
                    let stamp = text::stamp([text::plain_given(field, given).as_str()]);
                    stamps.push(Open { name: field.name.clone(), column: first, stamp });
                }
            }
            self.mark(&Mark::Line(stamps))?;
            let least = if line.iter().any(|field| field.kind == Kind::Text) { 54 } else { 24 };
            self.page.set_row_height(self.row, height(&texts).max(least))?;
            self.next();
        }
        Ok(())
    }

    /// Whether a field is to be filled in on the sheet. Files are not: they travel beside it.
    fn is_open(&self, place: &str, field: &Field) -> bool {
        let typed = field.is_typed() && !matches!(field.kind, Kind::Files | Kind::Rows | Kind::Unknown(_));
        typed && self.view.open && !self.view.locked.contains(place)
    }

    /// What stands in a cell: for whoever fills it in what was typed, otherwise how it is shown. What is personal
    /// stands as it is shown or not at all.
    fn value(&self, place: &str, field: &Field, given: Option<&Given>, open: bool) -> String {
        let told = |given| text::told_given(field, given, &self.view.definition.layout.money, Lang::Zh);
        if open {
            return given.map(told).unwrap_or_default();
        }
        if let Some(shown) = self.view.shown.get(place) {
            let bare = shown.replace(',', "");
            return if field.kind.is_number() { bare } else { shown.clone() };
        }
        let known = given.filter(|_| !field.personal).map(told);
        known.unwrap_or_else(|| if field.is_typed() { String::new() } else { UNKNOWN.to_owned() })
    }

    fn put(&mut self, span: Span, field: &Field, text: &str, open: bool) -> Result<(), XlsxError> {
        let look = self.looks.of(field, open);
        let look = if open { look.clone() } else { with_decimals(look, field, text) };
        put(self.page, self.row, span, (text, field.kind.is_number()), &look)
    }

    fn signatures(&mut self) -> Result<(), XlsxError> {
        let signatures = &self.view.definition.layout.signatures;
        for line in signatures.chunks(SIGNATURES.min(self.columns.into())) {
            let row = self.next();
            for (span, signature) in even(line.len(), self.columns).into_iter().zip(line) {
                over(self.page, row, span, &format!("{signature}："), &self.looks.sign)?;
            }
            self.page.set_row_height(row, 30)?;
        }
        Ok(())
    }

    /// Sets the page up: widths, the hidden columns, A4, and the lock without a password.
    fn finish(&mut self) -> Result<(), XlsxError> {
        let printed = self.printed.iter().map(Printed::written).collect::<Vec<_>>().join(",");
        self.page.write_string(0, self.columns.saturating_add(PRINTED), printed)?;
        for (column, width) in (0u16..).zip(&self.widths) {
            self.page.set_column_width(column, *width)?;
        }
        for column in self.columns..self.columns.saturating_add(HIDDEN) {
            self.page.set_column_hidden(column)?;
        }
        let (last_row, last) = (self.row.saturating_sub(1), self.last());
        if self.view.definition.layout.portrait {
            self.page.set_portrait();
        } else {
            self.page.set_landscape();
        }
        self.page.set_paper_size(A4).set_print_center_horizontally(true).set_print_fit_to_pages(1, 0);
        self.page.set_margins(0.4, 0.4, 0.5, 0.5, 0.2, 0.2);
        self.page.ignore_error_range(0, 0, last_row, last, IgnoreError::NumberStoredAsText)?;
        self.page.set_print_area(0, 0, last_row, last)?;
        let lock = ProtectionOptions { format_columns: true, format_rows: true, ..ProtectionOptions::default() };
        let rows = ProtectionOptions { insert_rows: true, delete_rows: true, ..lock.clone() };
        let mut tables = self.view.definition.fields.iter().filter(|field| field.kind == Kind::Rows);
        let fixed = tables.any(|rows| rows.has_fixed_rows_but(self.view.locked));
        self.page.protect_with_options(if self.view.open && !fixed { &rows } else { &lock });
        Ok(())
    }
}

/// What a field is called on the sheet, with its unit; that of amounts stands above the sheet.
fn labelled(field: &Field) -> String {
    let star = if field.required && field.is_typed() { "*" } else { "" };
    format!("{star}{}", field.headed("", Lang::Zh))
}

/// What was typed in a row as it is kept.
fn cell(cells: &BTreeMap<String, String>, field: &Field) -> Option<Given> {
    cells.get(&field.name).map(|kept| Given::One(kept.clone()))
}
