//! Tables as workbooks that people print, sort and send back: a head that stays, numbers as numbers wherever nothing is
//! lost by it, and everything else as the text that it is.

use rust_xlsxwriter::{
    Color, Format, FormatAlign, FormatBorder, IgnoreError, ProtectionOptions, Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr;

/// A workbook could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the workbook could not be written")]
pub struct WriteError(#[from] XlsxError);

/// The width of a column, in characters.
const NARROWEST: usize = 6;
const WIDEST: usize = 48;
/// Rows that a column's width is taken from: the rest is rarely wider, and measuring all of a long list is slow.
const MEASURED: usize = 2_000;
/// The head's ground.
pub(super) const HEAD: Color = Color::RGB(0x00E8_EDF3);
/// The most characters that a cell can hold.
const LONGEST: usize = 32_767;
/// A4.
const A4: u8 = 9;

/// A column of a table.
#[derive(Debug, Clone, Default)]
pub struct Heading<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether plain numbers in it are written as numbers.
    pub number: bool,
}

/// A table to be written.
pub struct TableSheet<'a> {
    /// The sheet's name.
    pub title: &'a str,
    /// The columns.
    pub columns: &'a [Heading<'a>],
    /// The rows, each with a text for every column.
    pub rows: &'a [Vec<String>],
    /// Whether somebody is to fill cells: they are open and the head is locked.
    pub open: bool,
}

/// Writes a workbook of one sheet.
///
/// # Errors
/// The table is larger than a sheet.
pub fn write_table(table: &TableSheet<'_>) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    lay(workbook.add_worksheet(), table)?;
    Ok(workbook.save_to_buffer()?)
}

/// Lays a table on a sheet: the head bold, locked in place, repeated on each printed page, with a filter; landscape A4,
/// as wide as the page.
///
/// # Errors
/// The table is larger than a sheet.
pub fn lay(sheet: &mut Worksheet, table: &TableSheet<'_>) -> Result<(), WriteError> {
    let columns = table.columns;
    sheet.set_name(sheet_name(table.title))?;
    let head = Format::new()
        .set_bold()
        .set_background_color(HEAD)
        .set_border_bottom(FormatBorder::Thin)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    let looks = Looks::new(table.open);
    for (at, column) in (0u16..).zip(columns) {
        sheet.set_column_width(at, width(table, usize::from(at)))?;
        if table.open {
            sheet.set_column_format(at, if column.number { &looks.plain } else { &looks.text })?;
        }
        sheet.write_string_with_format(0, at, column.name, &head)?;
    }
    for (row, cells) in (1u32..).zip(table.rows) {
        for ((at, column), text) in (0u16..).zip(columns).zip(cells) {
            put(sheet, (row, at), text, column.number, &looks)?;
        }
    }
    let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or_default();
    let last_row = u32::try_from(table.rows.len()).unwrap_or_default();
    // Codes and values are text on purpose: a green corner on each of them would only alarm.
    sheet.ignore_error_range(0, 0, last_row.max(1), last_column, IgnoreError::NumberStoredAsText)?;
    sheet.autofilter(0, 0, last_row.max(1), last_column)?;
    sheet.set_freeze_panes(1, 1)?.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_footer("&C&P / &N");
    Ok(())
}

/// Keeps the head of a table as it is; everything below may be filled, sorted, added to and deleted. There is no
/// password: who knows what a head is for may change it.
pub fn protect_head(sheet: &mut Worksheet) {
    sheet.protect_with_options(&ProtectionOptions {
        format_cells: true,
        format_columns: true,
        format_rows: true,
        insert_rows: true,
        delete_rows: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    });
}

/// The formats of cells.
struct Looks {
    text: Format,
    plain: Format,
    decimals: Vec<Format>,
}

impl Looks {
    fn new(open: bool) -> Self {
        let base = || if open { Format::new().set_unlocked() } else { Format::new() };
        let places = |places: usize| base().set_num_format(format!("0.{}", "0".repeat(places)));
        let text = if open { base().set_num_format("@") } else { base() };
        Self { text, plain: base(), decimals: (1..=10).map(places).collect() }
    }
}

/// Writes a cell. A text that a spreadsheet would take for a formula stays a text.
fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    number: bool,
    looks: &Looks,
) -> Result<(), XlsxError> {
    if text.is_empty() {
        return Ok(());
    }
    if let Some((value, places)) = plain_number(text).filter(|_| number) {
        let look = places.checked_sub(1).and_then(|at| looks.decimals.get(at)).unwrap_or(&looks.plain);
        sheet.write_number_with_format(row, column, value, look)?;
        return Ok(());
    }
    // A cell holds so many UTF-16 units; what is longer is cut, visibly.
    if text.encode_utf16().count() > LONGEST {
        let mut short: String = text.chars().take(LONGEST / 2 - 1).collect();
        short.push('…');
        sheet.write_string_with_format(row, column, short, &looks.text)?;
        return Ok(());
    }
    sheet.write_string_with_format(row, column, text, &looks.text)?;
    Ok(())
}

/// A text as a number and its decimals, if it reads back as exactly this text: digits as a computer writes them, at
/// most fifteen of them.
#[must_use]
pub fn plain_number(text: &str) -> Option<(f64, usize)> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, behind) = digits.split_once('.').map_or((digits, None), |(whole, behind)| (whole, Some(behind)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let places = behind.map_or(0, str::len);
    let sound = all_digits(whole)
        && behind.is_none_or(all_digits)
        && (whole == "0" || !whole.starts_with('0'))
        && whole.len() + places <= 15
        && places <= 10;
    let value: f64 = text.parse().ok().filter(|_| sound)?;
    let negative_zero = text.starts_with('-') && value == 0.0;
    (!negative_zero).then_some((value, places))
}

/// A column's width from its name and its first rows.
fn width(table: &TableSheet<'_>, at: usize) -> f64 {
    let name = table.columns.get(at).map_or(0, |column| column.name.width() + 3);
    let cells = table.rows.iter().take(MEASURED).filter_map(|row| row.get(at));
    let widest = cells.map(|text| text.lines().map(UnicodeWidthStr::width).max().unwrap_or_default() + 1).max();
    let wide = widest.unwrap_or_default().max(name).clamp(NARROWEST, WIDEST);
    u32::try_from(wide).map_or(10.0, f64::from)
}

/// A title as a sheet may be called: at most 31 characters, none of `[]:*?/\`.
pub(crate) fn sheet_name(title: &str) -> String {
    let clean = title.chars().filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'')).take(31);
    let name: String = clean.collect();
    if name.trim().is_empty() { "Sheet1".to_owned() } else { name }
}

/// A sheet of a workbook of several.
pub struct SheetsToWrite {
    /// The sheet's name.
    pub title: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// The rows, each with a text for every column.
    pub rows: Vec<Vec<String>>,
}

/// Writes a workbook of several sheets that somebody goes on with: everything is text and open.
///
/// # Errors
/// A table is larger than a sheet.
pub fn write_sheets(sheets: &[SheetsToWrite]) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    for SheetsToWrite { title, header, rows } in sheets {
        let columns: Vec<Heading<'_>> = header.iter().map(|name| Heading { name, number: false }).collect();
        lay(workbook.add_worksheet(), &TableSheet { title, columns: &columns, rows, open: true })?;
    }
    Ok(workbook.save_to_buffer()?)
}
