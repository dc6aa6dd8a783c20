//! How the form looks: one page of A4, locked but for what a unit fills in.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, IgnoreError, ProtectionOptions, Worksheet, XlsxError};

use super::{FIRST_LINE, GOAL_ROW, IDS, LAST};

/// 实际完成值
pub(super) const ACTUAL: u16 = 6;
/// 偏差原因分析及改进措施
pub(super) const REASON: u16 = 9;
/// The columns' widths, in characters.
const WIDTHS: [f64; 10] = [9.0, 11.0, 24.0, 7.0, 12.0, 10.0, 12.0, 8.0, 9.0, 30.0];
/// A4.
const A4: u8 = 9;
/// The ground of what is to be filled in, and of heads.
const OPEN: Color = Color::RGB(0x00FF_F8DC);
const HEAD: Color = Color::RGB(0x00E8_EDF3);
/// A sum of yuan shown in 万元: the point is set before the last four digits, the value keeps its fen.
const WAN: &str = "0\\.0000";
/// The height of a line of text, points.
const LINE_HEIGHT: u32 = 16;

/// The formats of the form's cells.
#[derive(Clone)]
pub(super) struct Looks {
    pub(super) title: Format,
    pub(super) above: Format,
    pub(super) right: Format,
    pub(super) label: Format,
    pub(super) text: Format,
    pub(super) centre: Format,
    pub(super) money: Format,
    pub(super) open: Format,
    pub(super) open_centre: Format,
}

impl Looks {
    pub(super) fn new() -> Self {
        let plain = || Format::new().set_align(FormatAlign::VerticalCenter).set_text_wrap();
        let cell = || plain().set_border(FormatBorder::Thin);
        let open = || cell().set_unlocked().set_background_color(OPEN).set_num_format("@");
        Self {
            title: plain().set_bold().set_font_size(16).set_align(FormatAlign::Center),
            above: plain().set_align(FormatAlign::Center),
            right: plain().set_align(FormatAlign::Right),
            label: cell().set_bold().set_align(FormatAlign::Center).set_background_color(HEAD),
            text: cell(),
            centre: cell().set_align(FormatAlign::Center),
            money: cell().set_align(FormatAlign::Right).set_num_format(WAN),
            open: open(),
            open_centre: open().set_align(FormatAlign::Center),
        }
    }
}

/// The page: widths, print set-up, and the lock without a password. Rows and columns may be made larger.
pub(super) fn page(sheet: &mut Worksheet, last_row: u32) -> Result<(), XlsxError> {
    for (column, width) in (0u16..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_column_hidden(IDS)?;
    sheet.set_row_height(0, 30)?;
    for row in (1..=GOAL_ROW).chain([FIRST_LINE - 1, last_row - 1]) {
        sheet.set_row_height(row, 20)?;
    }
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 1).set_print_center_horizontally(true);
    sheet.set_margins(0.4, 0.4, 0.5, 0.5, 0.2, 0.2);
    sheet.ignore_error_range(0, 0, last_row, LAST, IgnoreError::NumberStoredAsText)?;
    sheet.set_print_area(0, 0, last_row, LAST)?;
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        ..ProtectionOptions::default()
    });
    Ok(())
}

/// The height of a row in which these texts stand, each with the characters that fit beside one another.
pub(super) fn height(texts: &[(&str, usize)]) -> u32 {
    let wide = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let lines = |text: &str, width: usize| text.lines().map(|line| wide(line).div_ceil(width).max(1)).sum::<usize>();
    let most = texts.iter().map(|(text, width)| lines(text, *width)).max().unwrap_or(1);
    LINE_HEIGHT * u32::try_from(most.clamp(1, 24)).unwrap_or(1) + 4
}
