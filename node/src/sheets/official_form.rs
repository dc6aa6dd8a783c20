//! What the official forms share as workbooks: how cells look, cells that stand over several columns, amounts, the page
//! with its lock, and how a text comes back from a spreadsheet.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, IgnoreError, ProtectionOptions, Worksheet, XlsxError};
use tongpin_console::workbook::Cells;
use tongpin_domain::digest::Digest;
use tongpin_domain::intake::Words;

/// What is not known.
pub(crate) const UNKNOWN: &str = "—";
/// A sum in yuan.
pub(crate) const YUAN: &str = "0.00";
/// A4.
const A4: u8 = 9;
/// The ground of what is to be filled in, and of heads.
const OPEN: Color = Color::RGB(0x00FF_F8DC);
const HEAD: Color = Color::RGB(0x00E8_EDF3);
/// The height of a line of text, points.
const LINE_HEIGHT: u32 = 16;

/// The formats of a form's cells.
#[derive(Clone)]
pub(crate) struct Looks {
    pub(crate) title: Format,
    pub(crate) above: Format,
    pub(crate) right: Format,
    pub(crate) label: Format,
    pub(crate) text: Format,
    pub(crate) centre: Format,
    pub(crate) money: Format,
    pub(crate) open: Format,
    pub(crate) open_centre: Format,
    /// To be filled in with a number.
    pub(crate) open_number: Format,
    /// To be filled in with an amount.
    pub(crate) open_money: Format,
    /// What is computed in a row that may be deleted: open, but not to be filled in.
    pub(crate) aside: Format,
}

impl Looks {
    /// The formats, with the number format of amounts.
    pub(crate) fn new(money: &str) -> Self {
        let plain = || Format::new().set_align(FormatAlign::VerticalCenter).set_text_wrap();
        let cell = || plain().set_border(FormatBorder::Thin);
        let open = || cell().set_unlocked().set_background_color(OPEN);
        Self {
            title: plain().set_bold().set_font_size(16).set_align(FormatAlign::Center),
            above: plain().set_align(FormatAlign::Center),
            right: plain().set_align(FormatAlign::Right),
            label: cell().set_bold().set_align(FormatAlign::Center).set_background_color(HEAD),
            text: cell(),
            centre: cell().set_align(FormatAlign::Center),
            money: cell().set_align(FormatAlign::Right).set_num_format(money),
            open: open().set_num_format("@"),
            open_centre: open().set_num_format("@").set_align(FormatAlign::Center),
            open_number: open().set_align(FormatAlign::Center),
            open_money: open().set_align(FormatAlign::Right).set_num_format(money),
            aside: cell().set_unlocked(),
        }
    }
}

/// Writes a text over some columns of a row.
pub(crate) fn over(
    page: &mut Worksheet,
    row: u32,
    (first, last): (u16, u16),
    text: &str,
    look: &Format,
) -> Result<(), XlsxError> {
    if first == last {
        page.write_string_with_format(row, first, text, look)?;
    } else {
        page.merge_range(row, first, row, last, text, look)?;
    }
    Ok(())
}

/// Sets the page up: widths, what identifies its rows hidden behind the last column, landscape A4, and the lock without
/// a password. Rows and columns may be made larger.
pub(crate) fn page(
    sheet: &mut Worksheet,
    widths: &[f64],
    hidden: u16,
    last_row: u32,
    lock: &ProtectionOptions,
) -> Result<(), XlsxError> {
    for (column, width) in (0u16..).zip(widths) {
        sheet.set_column_width(column, *width)?;
    }
    let behind = u16::try_from(widths.len()).unwrap_or(u16::MAX);
    for column in behind..behind.saturating_add(hidden) {
        sheet.set_column_hidden(column)?;
    }
    let last_column = behind.saturating_sub(1);
    sheet.set_row_height(0, 30)?;
    sheet.set_landscape().set_paper_size(A4).set_print_center_horizontally(true);
    sheet.set_margins(0.4, 0.4, 0.5, 0.5, 0.2, 0.2);
    sheet.ignore_error_range(0, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
    sheet.set_print_area(0, 0, last_row, last_column)?;
    sheet.protect_with_options(&ProtectionOptions { format_columns: true, format_rows: true, ..lock.clone() });
    Ok(())
}

/// The height of a row in which these texts stand, each with the characters that fit beside one another.
pub(crate) fn height(texts: &[(&str, usize)]) -> u32 {
    let wide = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let lines = |text: &str, width: usize| text.lines().map(|line| wide(line).div_ceil(width).max(1)).sum::<usize>();
    let most = texts.iter().map(|(text, width)| lines(text, *width)).max().unwrap_or(1);
    LINE_HEIGHT * u32::try_from(most.clamp(1, 24)).unwrap_or(1) + 4
}

/// Whether a sheet bears the mark of a form, of whatever make, which begins so.
pub(crate) fn is_of_make(cells: &Cells, make: &str) -> bool {
    cells.rows.get(&0).is_some_and(|row| row.iter().any(|cell| cell.starts_with(make)))
}

/// Stands for texts as they were when a form was written, to tell later what was changed in it.
pub(crate) fn stamp(texts: &[String]) -> String {
    Digest::of_parts(texts.iter().map(String::as_bytes)).to_string().chars().take(12).collect()
}

/// What is expected of a cell that was changed in the form and, since it was written, by somebody else too.
pub(crate) fn stale(now: &str) -> Words {
    let now_zh = if now.is_empty() { "空" } else { now };
    let zh = format!("与导出时一致；导出之后已有他人修改（现为“{now_zh}”），请重新导出后填写");
    Words::new(zh, format!("what was exported; somebody has changed it since (now {now:?}): export the form anew"))
}

/// A text as it is compared: lines broken one way, no blanks around it.
pub(crate) fn plain(text: &str) -> String {
    unified(text).trim().to_owned()
}

/// Lines broken as workbooks break them; what is only blanks is blank, as a workbook has it.
pub(crate) fn unified(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if text.trim().is_empty() { String::new() } else { text }
}
