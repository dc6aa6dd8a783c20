//! 催报: whoever has not reported gets a notice that its own node shows before everything else, until it reports. A
//! notice sets no rule, so that one person publishes it.

use serde::Serialize;
use tongpin_domain::guidance::{LONGEST_TITLE, Notice, unfit};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::AuditDraft;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;
use crate::ops::guidance;

/// Whoever was reminded so lately is not reminded again without saying so.
const RECENT_S: i64 = 24 * 3600;

/// Somebody of whom nothing counts and nothing waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Owing {
    pub(crate) region: RegionCode,
    pub(crate) name: String,
    /// When it was last reminded of this collection.
    pub(crate) reminded_at: Option<Moment>,
}

/// Nobody is reminded of what is closed.
pub(crate) fn takes_reports(evidence: &Collected) -> Result<(), Failure> {
    let id = &evidence.collection.id;
    if evidence.open {
        return Ok(());
    }
    Err(Failure::input(
        format!("归集任务“{id}”已关闭，不再接收上报，不能催报；请先重新开放"),
        format!("{id:?} is closed and takes no reports; open it again first"),
    ))
}

/// Everybody of whom a report is missing, with the last reminder. A region whose report waits for review owes nothing.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn owing(app: &App, evidence: &Collected) -> Result<Vec<Owing>, Failure> {
    let last = guidance::reminded(app, &evidence.collection.id).await?;
    let owing = evidence.coverage.missing.iter().map(|unit| Owing {
        reminded_at: last.get(&unit.code).copied(),
        region: unit.code.clone(),
        name: unit.name.clone(),
    });
    Ok(owing.collect())
}

/// Those that were reminded within a day.
pub(crate) fn recent(regions: &[Owing], now: Moment) -> Vec<Owing> {
    let lately = |one: &&Owing| one.reminded_at.is_some_and(|at| now.seconds_since(at) < RECENT_S);
    regions.iter().filter(lately).cloned().collect()
}

/// Their names in a row.
pub(crate) fn names(regions: &[Owing], lang: Lang) -> String {
    let names: Vec<&str> = regions.iter().map(|one| one.name.as_str()).collect();
    names.join(lang.pick("、", ", "))
}

/// What a reminder says.
pub(crate) fn words(evidence: &Collected, note: &str, now: Moment) -> (String, String) {
    let collection = &evidence.collection;
    let title: String = format!("催报：{}", collection.title).chars().take(LONGEST_TITLE).collect();
    let over = if now >= collection.deadline() { "，已过截止日期" } else { "" };
    let text = format!(
        "“{}”（期间 {}，截止 {}{over}）还没有贵单位已接收的上报，请尽快在“归集上报”中核对并上报。",
        collection.title, collection.period, collection.due
    );
    (title, if note.is_empty() { text } else { format!("{text}\n{note}") })
}

/// Publishes the reminder, an entry for each region; returns the release. `log` is entered with it.
///
/// # Errors
/// The collection is closed, the words are unfit, somebody drafts notices at this moment, or the database cannot be
/// written.
pub(crate) async fn publish(
    app: &App,
    evidence: &Collected,
    regions: &[Owing],
    note: &str,
    by: &str,
    log: &AuditDraft<'_>,
) -> Result<u64, Failure> {
    let id = &evidence.collection.id;
    takes_reports(evidence)?;
    let at = app.site.now();
    let (title, text) = words(evidence, &note.replace("\r\n", "\n"), at);
    if let Some(problem) = unfit(&title, &text).first() {
        return Err(Failure::input(
            format!("附言不合适：{}", problem.say(Lang::Zh)),
            format!("the note will not do: {}", problem.say(Lang::En)),
        ));
    }
    let notice = Notice { title, text, by: by.to_owned(), at, answers: None, reminds: Some(id.clone()) };
    let to: Vec<RegionCode> = regions.iter().map(|one| one.region.clone()).collect();
    guidance::publish(app, &notice, &app.site.addressed(&to).await?, log).await
}
