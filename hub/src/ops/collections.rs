//! 归集: every collection and how far it has come; what can be done with one has a file each.

pub(crate) mod accept;
pub(crate) mod compare;
pub(crate) mod compose;
pub(crate) mod decide;
pub(crate) mod draft;
pub(crate) mod give_back;
pub(crate) mod of_form;
pub(crate) mod open;
pub(crate) mod remind;
pub(crate) mod status;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;
use serde::Serialize;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::rollup::{Coverage, Unit};

/// One collection, as programs read it.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) period: String,
    pub(crate) due: String,
    #[serde(skip)]
    pub(crate) deadline: Moment,
    pub(crate) release: u64,
    pub(crate) open: bool,
    pub(crate) coverage: Coverage,
}

/// The collections, by id.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn rows(app: &App) -> Result<Vec<Row>, Failure> {
    let regions = app.regions().await?;
    let mut rows = Vec::new();
    for published in app.collections().await? {
        let evidence = Collected::of(app, published, regions.clone()).await?;
        let deadline = evidence.collection.deadline();
        rows.push(Row {
            id: evidence.collection.id,
            title: evidence.collection.title,
            period: evidence.collection.period,
            due: evidence.collection.due.to_string(),
            deadline,
            release: evidence.release,
            open: evidence.open,
            coverage: evidence.coverage,
        });
    }
    Ok(rows)
}

impl Row {
    /// Whether it takes reports, in a word.
    pub(crate) fn state(&self, lang: Lang) -> &'static str {
        // Where nobody is known to be asked, nobody has reported either.
        let complete = self.coverage.complete() && self.coverage.asked > 0;
        let missing = !self.coverage.missing.is_empty();
        match (self.open, complete, missing && self.coverage.overdue) {
            (false, _, _) => lang.pick("已关闭", "closed"),
            (true, true, _) => lang.pick("已报齐", "complete"),
            (true, false, true) => lang.pick("已逾期", "overdue"),
            (true, false, false) if !missing && self.coverage.asked > 0 => lang.pick("待审核", "under review"),
            (true, false, false) => lang.pick("归集中", "open"),
        }
    }

    /// n of N.
    pub(crate) fn progress(&self) -> String {
        format!("{}/{}", self.coverage.reported.len(), self.coverage.asked)
    }

    /// Who is missing, by name, at most eight.
    pub(crate) fn missing(&self, lang: Lang) -> String {
        names(&self.coverage.missing, lang)
    }

    /// Whose report waits for a person, by name, at most eight.
    pub(crate) fn awaiting(&self, lang: Lang) -> String {
        names(&self.coverage.awaiting, lang)
    }
}

/// The names of the first few in a row, and how many there are beside them.
pub(crate) fn names(units: &[Unit], lang: Lang) -> String {
    let names: Vec<&str> = units.iter().take(8).map(|unit| unit.name.as_str()).collect();
    let more = units.len().saturating_sub(names.len());
    let names = names.join(lang.pick("、", ", "));
    match (names.is_empty(), more) {
        (true, _) => "—".to_owned(),
        (false, 0) => names,
        (false, more) => {
            format!("{names}{}", lang.pick(&format!("等，另 {more} 个"), &format!(" and {more} more")))
        }
    }
}
