//! Scores as the file that offices exchange.

use rust_decimal::Decimal;
use tongpin_domain::csv_file::CsvFile;
use tongpin_domain::money::Fen;
use tongpin_domain::project::Project;
use tongpin_domain::score::ScoreSheet;

const HEADER: [&str; 14] = [
    "project_code",
    "region_code",
    "fund_code",
    "budget_adjusted_norm",
    "executed_norm",
    "exec_rate_pct",
    "exec_score",
    "indicator_score_sum",
    "indicators_unscored",
    "total_score",
    "rating",
    "status",
    "flags",
    "case_tag",
];

/// What a file for people says beside a score.
pub(crate) struct Beside {
    /// Who decided about lines of it.
    pub(crate) reviewed_by: String,
    /// Why it is old, if it is.
    pub(crate) stale: &'static str,
}

/// Scores as the file that offices exchange. What stands `beside` them comes behind the columns of that file.
pub(crate) fn csv<'a>(
    rows: impl IntoIterator<Item = (&'a Project, &'a ScoreSheet, Option<Beside>)>,
    beside: bool,
) -> CsvFile {
    let amount = |fen: Option<Fen>| fen.map(|fen| fen.to_string()).unwrap_or_default();
    let number = |number: Option<Decimal>| number.map(|number| number.to_string()).unwrap_or_default();
    let more: &[&str] = if beside { &["reviewed_by", "stale"] } else { &[] };
    let mut file = CsvFile::new(HEADER.iter().chain(more));
    for (project, sheet, told) in rows {
        let mut cells = vec![
            sheet.project_code.clone(),
            sheet.region.to_string(),
            sheet.fund_code.clone(),
            amount(sheet.budget),
            amount(sheet.executed),
            number(sheet.execution_rate),
            number(sheet.execution_score),
            sheet.indicator_sum.to_string(),
            sheet.unscored.to_string(),
            number(sheet.total),
            sheet.rating.clone().unwrap_or_default(),
            sheet.status.code().to_owned(),
            sheet.flags.join(";"),
            project.case_tag.clone(),
        ];
        if beside {
            let (by, stale) = told.map_or((String::new(), ""), |told| (told.reviewed_by, told.stale));
            cells.extend([by, stale.to_owned()]);
        }
        file.row(cells);
    }
    file
}

/// Who decided about lines of a sheet (人工复核), each person once.
pub(crate) fn reviewers(sheet: &ScoreSheet) -> String {
    let mut names: Vec<&str> = sheet.decided().map(|(_, decision)| decision.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join("、")
}
