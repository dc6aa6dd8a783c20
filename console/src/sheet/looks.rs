//! How the cells of an official sheet look, and texts that stand over several columns.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};
use tongpin_domain::form::{Field, Kind, MoneyUnit};

use crate::workbook::plain_number;

/// The ground of what is to be filled in, and of heads.
const OPEN: Color = Color::RGB(0x00FF_F8DC);
const HEAD: Color = Color::RGB(0x00E8_EDF3);
/// The height of a line of text, points.
const LINE_HEIGHT: u32 = 16;
/// The most characters that a cell can hold.
const LONGEST: usize = 32_767;

/// First and last column.
pub(super) type Span = (u16, u16);

/// The formats of a sheet's cells.
pub(super) struct Looks {
    pub(super) title: Format,
    pub(super) above: Format,
    pub(super) right: Format,
    pub(super) part: Format,
    pub(super) label: Format,
    pub(super) sign: Format,
    text: Format,
    centre: Format,
    number: Format,
    money: Format,
    open_text: Format,
    open_day: Format,
    open_number: Format,
    open_money: Format,
}

impl Looks {
    /// The formats for a sheet in this unit. Every amount on it is a number of that unit, so that what is typed or
    /// copied into an open cell means what it says; 万元 show as many decimals as there are, down to the fen.
    pub(super) fn new(unit: &MoneyUnit) -> Self {
        let money = if *unit == MoneyUnit::Wan { "#,##0.00####" } else { "#,##0.00" };
        let plain = || Format::new().set_align(FormatAlign::VerticalCenter).set_text_wrap();
        let cell = || plain().set_border(FormatBorder::Thin);
        let open = || cell().set_unlocked().set_background_color(OPEN);
        Self {
            title: plain().set_bold().set_font_size(16).set_align(FormatAlign::Center),
            above: plain(),
            right: plain().set_align(FormatAlign::Right),
            part: cell().set_bold().set_background_color(HEAD),
            label: cell().set_bold().set_align(FormatAlign::Center).set_background_color(HEAD),
            sign: plain(),
            text: cell(),
            centre: cell().set_align(FormatAlign::Center),
            number: cell().set_align(FormatAlign::Right),
            money: cell().set_align(FormatAlign::Right).set_num_format(money),
            open_text: open().set_num_format("@"),
            // Typed days and percentages are told by a spreadsheet only where no format says otherwise.
            open_day: open().set_align(FormatAlign::Center),
            open_number: open().set_align(FormatAlign::Right),
            open_money: open().set_align(FormatAlign::Right).set_num_format(money),
        }
    }

    /// How a value of a field looks.
    pub(super) fn of(&self, field: &Field, open: bool) -> &Format {
        match (&field.kind, open) {
            (Kind::Money, true) => &self.open_money,
            (Kind::Money, false) => &self.money,
            (kind, true) if kind.is_number() => &self.open_number,
            (kind, false) if kind.is_number() => &self.number,
            (Kind::Day, true) => &self.open_day,
            (_, true) => &self.open_text,
            (Kind::Line | Kind::Text | Kind::AnyOf, false) => &self.text,
            (_, false) => &self.centre,
        }
    }
}

/// Writes a text over some columns of a row; a plain number as one, if it may be.
pub(super) fn put(
    page: &mut Worksheet,
    row: u32,
    (first, last): Span,
    (text, number): (&str, bool),
    look: &Format,
) -> Result<(), XlsxError> {
    if first < last {
        page.merge_range(row, first, row, last, "", look)?;
    }
    if text.is_empty() {
        page.write_blank(row, first, look)?;
    } else if let Some((value, _)) = plain_number(text).filter(|_| number) {
        page.write_number_with_format(row, first, value, look)?;
    } else if text.encode_utf16().count() > LONGEST {
        let mut short: String = text.chars().take(LONGEST / 2 - 1).collect();
        short.push('…');
        page.write_string_with_format(row, first, short, look)?;
    } else {
        page.write_string_with_format(row, first, text, look)?;
    }
    Ok(())
}

/// How a number that is only shown looks: with the decimals that it is shown with, unless its format says them.
pub(super) fn with_decimals(look: &Format, field: &Field, text: &str) -> Format {
    match plain_number(text) {
        Some((_, places)) if places > 0 && field.kind.is_number() && field.kind != Kind::Money => {
            look.clone().set_num_format(format!("0.{}", "0".repeat(places)))
        }
        _ => look.clone(),
    }
}

/// Writes words over some columns of a row.
pub(super) fn over(page: &mut Worksheet, row: u32, span: Span, text: &str, look: &Format) -> Result<(), XlsxError> {
    put(page, row, span, (text, false), look)
}

/// The height of a row in which these texts stand, each with the characters that fit beside one another.
pub(super) fn height(texts: &[(String, usize)]) -> u32 {
    let wide = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let lines = |text: &str, width: usize| text.lines().map(|line| wide(line).div_ceil(width.max(1)).max(1)).sum();
    let most: usize = texts.iter().map(|(text, width)| lines(text, *width)).max().unwrap_or(1);
    LINE_HEIGHT * u32::try_from(most.clamp(1, 24)).unwrap_or(1) + 6
}

/// The width of a column of a field, in characters.
pub(super) fn width(field: &Field) -> f64 {
    match field.kind {
        Kind::Text | Kind::AnyOf => 28.0,
        Kind::Line | Kind::Organisation | Kind::Entry | Kind::Document => 20.0,
        Kind::Money | Kind::Code => 15.0,
        Kind::Percent | Kind::YesNo | Kind::Whole => 10.0,
        _ => 12.0,
    }
}

/// Columns that stand one by one, the last of them up to the edge.
pub(super) fn stretched(count: usize, columns: u16) -> Vec<Span> {
    let last = columns.saturating_sub(1);
    let count = u16::try_from(count).unwrap_or(columns).min(columns);
    (0..count).map(|at| (at, if at.saturating_add(1) == count { last } else { at })).collect()
}

/// As many parts of about the same width.
pub(super) fn even(count: usize, columns: u16) -> Vec<Span> {
    let count = u16::try_from(count).unwrap_or(columns).clamp(1, columns.max(1));
    let bound = |at: u16| u32::from(at) * u32::from(columns) / u32::from(count);
    let column = |at: u32| u16::try_from(at).unwrap_or(columns);
    (0..count).map(|at| (column(bound(at)), column(bound(at.saturating_add(1)).saturating_sub(1)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns are dealt out without a gap: two pairs over seven columns, five columns of which the last is wide.
    #[test]
    fn spans() {
        assert_eq!(even(4, 7), [(0, 0), (1, 2), (3, 4), (5, 6)]);
        assert_eq!(even(2, 2), [(0, 0), (1, 1)]);
        assert_eq!(even(9, 4), [(0, 0), (1, 1), (2, 2), (3, 3)]);
        assert_eq!(stretched(3, 5), [(0, 0), (1, 1), (2, 4)]);
        assert_eq!(stretched(5, 5).last(), Some(&(4, 4)));
    }
}
