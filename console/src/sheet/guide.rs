//! 填表说明: how a column is filled in, for the sheet of a workbook that says so.

use tongpin_domain::form::{Field, Kind};

/// How a field's column is filled in, and what can be chosen there.
#[must_use]
pub fn words(field: &Field) -> (String, String) {
    let several = if field.kind == Kind::AnyOf { "可填几项，以顿号分隔。" } else { "" };
    (format!("{several}{}", field.hint), offered(field).join("、"))
}

/// The texts that can be chosen in a field's column; none where anything may stand.
#[must_use]
pub fn offered(field: &Field) -> Vec<&str> {
    match field.kind {
        Kind::YesNo => vec!["是", "否"],
        _ => field.choices.iter().filter(|it| !it.retired).map(|it| it.text.as_str()).collect(),
    }
}
