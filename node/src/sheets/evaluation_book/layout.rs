//! How the form looks: one page of A4, locked but for what a unit fills in.

use rust_xlsxwriter::{DataValidation, DataValidationRule, ProtectionOptions, Worksheet, XlsxError};

use super::{FIRST_LINE, GOAL_ROW};
use crate::sheets::official_form;

/// 实际完成值
pub(super) const ACTUAL: u16 = 6;
/// 佐证件数
pub(super) const EVIDENCE: u16 = 9;
/// 偏差原因分析及改进措施
pub(super) const REASON: u16 = 10;
/// The columns' widths, in characters.
const WIDTHS: [f64; 11] = [9.0, 11.0, 24.0, 7.0, 12.0, 10.0, 12.0, 8.0, 9.0, 6.0, 28.0];

/// The page: all of it on one sheet of paper.
pub(super) fn page(sheet: &mut Worksheet, last_row: u32) -> Result<(), XlsxError> {
    official_form::page(sheet, &WIDTHS, 1, last_row, &ProtectionOptions::default())?;
    for row in (1..=GOAL_ROW).chain([FIRST_LINE - 1, last_row - 1]) {
        sheet.set_row_height(row, 20)?;
    }
    sheet.set_print_fit_to_pages(1, 1);
    Ok(())
}

/// Lets a spreadsheet take nothing but whole numbers as counts of evidence.
pub(super) fn counts(sheet: &mut Worksheet, last_row: u32) -> Result<(), XlsxError> {
    let whole = DataValidation::new()
        .allow_whole_number(DataValidationRule::GreaterThanOrEqualTo(0))
        .set_error_title("佐证件数")?
        .set_error_message("请填不小于 0 的整数，没有的填 0")?;
    sheet.add_data_validation(FIRST_LINE, EVIDENCE, last_row, EVIDENCE, &whole)?;
    Ok(())
}
