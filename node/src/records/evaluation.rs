//! What the records of a self-evaluation are called by its form: its fields that stand in other records, and the rows
//! of its lines.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Given, GivenRow};
use tongpin_domain::project::ProjectIndicator;

/// The rows of the form: its indicators and its money.
pub(crate) const LINES: &str = "lines";
pub(crate) const MONEY: &str = "money";
/// What is filled in of a line, and of the project.
pub(crate) const ACTUAL: &str = "actual";
pub(crate) const GRADE: &str = "qual_pct";
pub(crate) const EVIDENCE: &str = "evidence_count";
pub(crate) const REASON: &str = "deviation_reason";
pub(crate) const EXECUTION_REASON: &str = "execution_reason";

/// The id of a line's row: its number, and what its form shows of it. Of a line that has changed since there is no row.
pub(crate) fn line_id(seq: u32, shown: [&str; 4], weight: Decimal) -> String {
    let weight = weight.normalize().to_string();
    let shown = shown.map(form_text);
    let parts = shown.iter().map(String::as_bytes).chain([weight.as_bytes()]);
    let stands_for: String = Digest::of_parts(parts).to_string().chars().take(8).collect();
    format!("{seq}-{stands_for}")
}

/// A text as a workbook gives it back.
pub(crate) fn form_text(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// The id of a line as it is held.
pub(crate) fn id_of(line: &ProjectIndicator) -> String {
    line_id(line.seq, [&line.name, &line.nature, line.target.raw(), &line.unit], line.weight)
}

/// The rows of the lines.
pub(crate) fn rows(given: &BTreeMap<String, Given>) -> &[GivenRow] {
    match given.get(LINES) {
        Some(Given::Rows(rows)) => rows,
        _ => &[],
    }
}
