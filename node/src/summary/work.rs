//! How far the scoring of the projects has come: what is scored, what is not, and what lacks a reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tongpin_store::ScoreRow;

use crate::records::Held;

const REASON_MISSING: &str = "REASON_MISSING";

/// Scores, counted. Scores whose project is gone are history and do not count.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// By status.
    pub(super) scores: BTreeMap<String, u64>,
    /// Projects without a score.
    pub(super) unscored: u64,
    /// Projects in whose lines a reason is missing.
    pub(super) reasons_missing: u64,
}

/// What is read of a sheet here.
#[derive(Deserialize)]
struct Flags {
    #[serde(default)]
    flags: Vec<String>,
}

impl Work {
    /// Counts.
    pub(super) fn of(held: &Held, rows: Vec<ScoreRow>) -> Self {
        let mut open: BTreeSet<&str> = held.projects.iter().map(|held| held.project.code.as_str()).collect();
        let mut work = Self::default();
        for row in rows {
            if !open.remove(row.project_code.as_str()) {
                continue;
            }
            *work.scores.entry(row.status).or_default() += 1;
            let flags = serde_json::from_str::<Flags>(&row.sheet).map(|sheet| sheet.flags).unwrap_or_default();
            work.reasons_missing += u64::from(flags.iter().any(|flag| flag == REASON_MISSING));
        }
        work.unscored = open.len().try_into().unwrap_or(u64::MAX);
        work
    }
}

#[cfg(test)]
mod tests {
    use tongpin_domain::moment::Moment;
    use tongpin_domain::region::RegionCode;

    use super::*;
    use crate::answer::ground::Desk;
    use crate::records;

    fn row(project: &str, status: &str, sheet: &str) -> ScoreRow {
        let region = RegionCode::new("320581").expect("a code");
        ScoreRow {
            project_code: project.into(),
            author: region.clone(),
            region,
            fund_code: String::new(),
            status: status.into(),
            total: None,
            rating: String::new(),
            rules_publisher: "320500".into(),
            rules_key: "k".into(),
            rules_release: 1,
            sheet: sheet.into(),
            at: Moment(1),
        }
    }

    /// Of six projects two have a score; one of these lacks a reason, and the score of a project that is gone is
    /// passed over.
    #[tokio::test]
    async fn counted() {
        let desk = Desk::open().await;
        let held = records::load(&desk.store).await.expect("readable");
        let code = |at: usize| held.projects[at].project.code.as_str();
        let rows = vec![
            row(code(0), "REVIEW", r#"{"flags":["REASON_MISSING","OVER_ACHIEVED"]}"#),
            row(code(1), "SCORED", r#"{"flags":[]}"#),
            row("gone", "SCORED", r#"{"flags":["REASON_MISSING"]}"#),
        ];
        let scores = BTreeMap::from([("REVIEW".to_owned(), 1), ("SCORED".to_owned(), 1)]);
        assert_eq!(Work::of(&held, rows), Work { scores, unscored: 4, reasons_missing: 1 });
    }
}
