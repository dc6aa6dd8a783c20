//! Drop-downs of a sheet. A list that is too long to stand in its cell's rule stands on a sheet of its own.

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Formula, Worksheet, XlsxError};
use tongpin_domain::form::{Field, Kind};

use crate::sheet::guide::offered;
use crate::workbook::column_letters;

/// The sheet of long lists.
const SHEET: &str = super::super::documents::CHOICES;
/// The most characters of choices in a rule.
const LONGEST: usize = 250;

/// The drop-downs of a workbook that is being written.
#[derive(Default)]
pub(in crate::sheet) struct Lists {
    rules: Vec<((u32, u16), u32, DataValidation)>,
    long: Vec<(String, Vec<String>)>,
}

impl Lists {
    /// Notes that the cells from one down to a row hold a choice, if the field is one.
    pub(in crate::sheet) fn note(&mut self, field: &Field, from: (u32, u16), down_to: u32) -> Result<(), XlsxError> {
        if !matches!(field.kind, Kind::YesNo | Kind::OneOf) {
            return Ok(());
        }
        self.offer(&field.title, offered(field).into_iter().map(str::to_owned).collect(), from, down_to)
    }

    /// Notes that the cells from one down to a row offer choices under a title.
    pub(in crate::sheet) fn offer(
        &mut self,
        title: &str,
        choices: Vec<String>,
        from: (u32, u16),
        down_to: u32,
    ) -> Result<(), XlsxError> {
        // A comma parts the choices of a rule, so that one with a comma in it would become two.
        let length: usize = choices.iter().map(|choice| choice.encode_utf16().count() + 1).sum();
        let rule = if choices.is_empty() {
            return Ok(());
        } else if length <= LONGEST && !choices.iter().any(|choice| choice.contains(',')) {
            DataValidation::new().allow_list_strings(&choices)?
        } else {
            DataValidation::new().allow_list_formula(self.long(title, choices))
        };
        let rule = rule
            .set_error_style(DataValidationErrorStyle::Warning)
            .set_error_title("不在列表中")?
            .set_error_message("所填内容不在下拉列表中，确定要这样填吗？")?;
        self.rules.push((from, down_to, rule));
        Ok(())
    }

    /// Where a long list stands.
    fn long(&mut self, title: &str, choices: Vec<String>) -> Formula {
        let known = self.long.iter().position(|(known, all)| known == title && *all == choices);
        let last = choices.len() + 1;
        let at = known.unwrap_or_else(|| {
            self.long.push((title.to_owned(), choices));
            self.long.len() - 1
        });
        let column = column_letters(u32::try_from(at).unwrap_or_default());
        Formula::new(format!("='{SHEET}'!${column}$2:${column}${last}"))
    }

    /// Adds those that were noted to their sheet.
    pub(in crate::sheet) fn add(&mut self, page: &mut Worksheet) -> Result<(), XlsxError> {
        for ((row, column), down_to, rule) in self.rules.drain(..) {
            page.add_data_validation(row, column, down_to, column, &rule)?;
        }
        Ok(())
    }

    /// The sheet of long lists, if there are any.
    pub(in crate::sheet) fn page(&self) -> Result<Option<Worksheet>, XlsxError> {
        if self.long.is_empty() {
            return Ok(None);
        }
        let mut page = Worksheet::new();
        page.set_name(SHEET)?;
        for (column, (title, choices)) in (0u16..).zip(&self.long) {
            page.set_column_width(column, 24)?;
            page.write_string(0, column, title)?;
            for (row, choice) in (1u32..).zip(choices) {
                page.write_string(row, column, choice)?;
            }
        }
        page.protect();
        Ok(Some(page))
    }
}
