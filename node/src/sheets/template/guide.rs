//! 填表说明: how each column of a template is filled in.

use rust_xlsxwriter::Worksheet;
use tongpin_console::sheet::guide;
use tongpin_console::workbook::{self, Heading, TableSheet, WriteError};
use tongpin_domain::form::Kind;
use tongpin_domain::intake::FormColumn;

/// What is said of every amount.
const YUAN: &str = "以元为单位，至多两位小数；没有的填 0，还不知道的不填。";

/// Lays the sheet: one line for each column.
pub(super) fn lay(sheet: &mut Worksheet, columns: &[FormColumn<'_>]) -> Result<(), WriteError> {
    let heads = ["列名", "必须有此列", "怎样填", "可选的值"].map(|name| Heading { name, number: false });
    let row = |FormColumn { field, needed }: &FormColumn<'_>| {
        let (how, offered) = guide::words(field);
        let unit = if field.kind == Kind::Money { YUAN } else { "" };
        let needed = if *needed { "是" } else { "可不要" };
        [field.title.clone(), needed.to_owned(), format!("{unit}{how}"), offered].to_vec()
    };
    let rows: Vec<Vec<String>> = columns.iter().map(row).collect();
    workbook::lay(sheet, &TableSheet { title: "填表说明", columns: &heads, rows: &rows, open: false })
}
