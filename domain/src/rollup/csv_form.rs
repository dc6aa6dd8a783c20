//! Roll-ups as CSV, in the columns that offices exchange: the one place where their figures become text.

use rust_decimal::Decimal;

use super::{Aggregate, FundLine, RegionLine};
use crate::csv_file::CsvFile;
use crate::lang::{Lang, Say};

const REGION_HEADER: [&str; 10] = [
    "region_code",
    "region_name",
    "projects",
    "projects_scored",
    "budget_total",
    "budget_scored",
    "coverage_pct",
    "weighted_score",
    "simple_mean",
    "rating",
];

const FUND_HEADER: [&str; 11] = [
    "fund_code",
    "indicator_code",
    "name",
    "agg_method",
    "agg_target",
    "agg_actual",
    "weight",
    "score",
    "projects_used",
    "projects_total",
    "note",
];

/// The league table as CSV; a region without a report has blanks.
#[must_use]
pub fn region_csv(lines: &[RegionLine]) -> Vec<u8> {
    let row = |line: &RegionLine| {
        let mut row = vec![line.region.to_string(), line.name.clone()];
        match &line.figures {
            None => row.resize(REGION_HEADER.len(), String::new()),
            Some(figures) => row.extend([
                figures.projects.to_string(),
                figures.projects_scored.to_string(),
                figures.budget_total.to_string(),
                figures.budget_scored.to_string(),
                or_blank(figures.coverage_pct.as_ref()),
                or_blank(figures.weighted_score.as_ref()),
                or_blank(figures.simple_mean.as_ref()),
                figures.rating.clone().unwrap_or_default(),
            ]),
        }
        row
    };
    write(&REGION_HEADER, lines.iter().map(row))
}

/// The fund roll-up as CSV; the note is in Chinese.
#[must_use]
pub fn fund_csv(lines: &[FundLine]) -> Vec<u8> {
    let row = |line: &FundLine| {
        let notes: Vec<String> = line.notes.iter().map(|note| note.say(Lang::Zh)).collect();
        vec![
            line.fund_code.clone(),
            line.indicator_code.clone(),
            line.name.clone(),
            line.method.map(|method| method.to_string()).unwrap_or_default(),
            line.target.as_ref().map(Aggregate::text).unwrap_or_default(),
            line.actual.as_ref().map(Aggregate::text).unwrap_or_default(),
            or_blank(line.weight.map(|weight| weight.normalize()).as_ref()),
            or_blank(line.score.as_ref()),
            line.projects_used.to_string(),
            line.projects_total.map(|total| total.to_string()).unwrap_or_default(),
            notes.join(";"),
        ]
    };
    write(&FUND_HEADER, lines.iter().map(row))
}

fn or_blank(number: Option<&Decimal>) -> String {
    number.map(Decimal::to_string).unwrap_or_default()
}

fn write(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut file = CsvFile::new(header);
    for row in rows {
        file.row(row);
    }
    file.into_bytes()
}
