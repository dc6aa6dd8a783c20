//! 总览: what needs somebody today, the counties as they lie, how reports and scores go, and the facts behind it.

mod facts;
mod map;
mod todo;
mod trend;

use std::collections::BTreeMap;
use std::sync::Arc;

use maud::html;
use tongpin_console::page;
use tongpin_console::web::{self as console, Front, PageFailure as _, Signed, Tone, notice};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_store::{ReportMark, Verdict};

use super::{WORK, starter};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::collections;
use crate::ops::guidance;
use crate::ops::nodes::{self, Row};
use crate::ops::status::{self, Status};

/// What the page is made of, read once.
pub(super) struct Overview {
    /// The hub, its catalogs and its collections.
    pub(super) status: Status,
    /// Every child.
    pub(super) nodes: Vec<Row>,
    /// The divisions.
    pub(super) regions: Regions,
    /// The reports that came.
    pub(super) marks: Vec<ReportMark>,
    /// The questions that nobody has answered: how many, and when the oldest came.
    pub(super) unanswered: (usize, Option<Moment>),
    /// When it was read.
    pub(super) now: Moment,
}

/// How a region stands with the open collections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reporting {
    /// Reports that are asked.
    pub(super) due: usize,
    /// Of these the accepted ones.
    pub(super) received: usize,
    /// Of these the ones that came and wait for a person.
    pub(super) awaiting: usize,
    /// Of these the ones that were given back, with no new one since.
    pub(super) returned: usize,
    /// 迟报: accepted, and came after the due day.
    pub(super) late: usize,
    /// 逾期: nothing came by the due day, and nothing has since.
    pub(super) overdue: usize,
}

impl Overview {
    /// Reads it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(super) async fn gather(app: &App) -> Result<Self, Failure> {
        let questions = guidance::questions(app).await?;
        let open: Vec<Moment> =
            questions.iter().filter(|asked| asked.answers.is_empty()).map(|asked| asked.received_at).collect();
        Ok(Self {
            unanswered: (open.len(), open.into_iter().min()),
            status: status::gather(app).await?,
            nodes: nodes::rows(app).await?,
            regions: app.regions().await?,
            marks: app.store().report_marks().await?,
            now: app.site.now(),
        })
    }

    /// The collections that take reports.
    fn open(&self) -> impl Iterator<Item = &collections::Row> {
        self.status.collections.iter().filter(|row| row.open)
    }

    /// The regions whose newest report was given back, by collection.
    fn returned(&self, collection: &str) -> Vec<RegionCode> {
        let mut newest: BTreeMap<RegionCode, Verdict> = BTreeMap::new();
        // Marks come by revision, so that the last one of a region stays.
        for mark in self.marks.iter().filter(|mark| mark.collection == collection) {
            let verdict = newest.entry(self.regions.current(&mark.region)).or_insert(mark.verdict);
            // While one waits for a person the region owes nothing, whatever came later.
            if *verdict != Verdict::Received {
                *verdict = mark.verdict;
            }
        }
        newest.retain(|_, verdict| *verdict == Verdict::Returned);
        newest.into_keys().collect()
    }

    /// How every region that is asked stands.
    pub(super) fn reporting(&self) -> BTreeMap<RegionCode, Reporting> {
        let mut all: BTreeMap<RegionCode, Reporting> = BTreeMap::new();
        for row in self.open() {
            let coverage = &row.coverage;
            for unit in &coverage.reported {
                let one = all.entry(unit.code.clone()).or_default();
                one.due += 1;
                one.received += 1;
                one.late += usize::from(coverage.late.contains(unit));
            }
            for unit in &coverage.awaiting {
                let one = all.entry(unit.code.clone()).or_default();
                one.due += usize::from(coverage.only_awaits(&unit.code));
                one.awaiting += 1;
            }
            for unit in &coverage.missing {
                let one = all.entry(unit.code.clone()).or_default();
                one.due += 1;
                one.overdue += usize::from(coverage.overdue);
            }
            for region in self.returned(&row.id) {
                all.entry(region).or_default().returned += 1;
            }
        }
        all
    }
}

/// The page as it stands now. A failing database becomes a word on it.
pub(super) async fn make(app: Arc<App>, lang: Lang, signed: Signed) -> Front {
    let title = lang.pick("总览", "Overview").to_owned();
    match Overview::gather(&app).await {
        Err(failure) => {
            tracing::warn!(reason = failure.chain(), "the first page could not be made");
            Front { title, body: notice(Tone::Bad, &failure.on_page(lang)) }
        }
        Ok(seen) => {
            let works = signed.may(&WORK);
            // Who only keeps accounts or the log has no business with how the counties stand.
            let follows = signed.may(&super::nodes::READERS);
            let start = if works {
                starter::card(&app, &signed, lang).await.unwrap_or_default()
            } else {
                html! {}
            };
            let scores = if works { trend::scores(&app, lang).await } else { None };
            let body = html! {
                (start)
                (console::todo::draw(todo::tasks(&app, &seen, &signed, lang), &signed, lang))
                @if follows { (map::draw(&seen, &app.site.region(), lang)) }
                @if works {
                    @if let Some(drawn) = trend::reports(&seen, lang) { (drawn) }
                    @if let Some(drawn) = scores { (drawn) }
                }
                h2 { (lang.pick("运行情况", "How it runs")) }
                (page::body(&facts::page(&app, &seen, (follows, works), lang), lang))
            };
            Front { title, body }
        }
    }
}

#[cfg(test)]
mod tests;
