//! Scoring behind the pages (后台评分): whatever changes a project's records marks it in the same transaction, and what
//! is marked is scored here, without anybody asking. How far that is can be asked at any time; a mark outlives the
//! program, and a failure is tried again.

use std::collections::BTreeSet;
use std::time::Duration;

use tongpin_domain::catalog::Head;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::reconcile::{Job, Problem, Reconciler};
use tongpin_store::{Store, StoreError, Topic};

use crate::app::App;
use crate::app::rescoring::{Left, Run};
use crate::failure::Failure;
use crate::ops::scoring;

/// Projects scored between two writes.
const AT_ONCE: usize = 50;
/// The catalogs that decide which rules a project is scored by.
const RULES: &str = "rules";

/// Scores what is due at once, while pages are answered: whoever has just changed it sees how far that is.
pub(crate) fn start(app: &App) {
    // Counted before anything waits, so that the very next page tells of it.
    let (app, run) = (app.clone(), app.rescoring.begin());
    tokio::spawn(async move {
        app.rescoring.forget_left().await;
        if let Err(failure) = catch_up(&app, run).await {
            tracing::warn!(reason = failure.chain(), "scoring what has changed failed; it is tried again");
        }
    });
}

/// Scores whatever is due, when something changes and now and then.
pub(crate) struct Rescore(pub(crate) App);

impl Reconciler for Rescore {
    fn job(&self) -> Job {
        let every = Duration::from_mins(1);
        Job { name: "rescoring", zh: "自动评分", en: "scoring what has changed", every, gather: Duration::ZERO }
    }

    fn concerns(topic: &Topic) -> bool {
        match topic {
            Topic::Due => true,
            Topic::Catalog(id) => id.name == RULES,
            _ => false,
        }
    }

    async fn look(&mut self, changed: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        let Self(app) = self;
        if changed.is_none() {
            app.rescoring.forget_left().await;
        }
        if is_open(app).await? {
            catch_up(app, app.rescoring.begin()).await?;
        }
        Ok(())
    }
}

/// Whether anything is due beside what had to be left under the present rules.
async fn is_open(app: &App) -> Result<bool, StoreError> {
    let store = app.store();
    let due = store.count_due().await?;
    if due == 0 {
        return Ok(false);
    }
    let rules = rules(store).await?;
    let left = app.rescoring.turn.lock().await;
    Ok(rules != left.rules || due > left.codes.len() as u64)
}

async fn catch_up(app: &App, run: Run) -> Result<(), Failure> {
    let done = score_due(app, &run).await;
    run.end(done.as_ref().err().map(|failure| (failure.say(Lang::Zh), failure.say(Lang::En))));
    done
}

/// Scores everything that is due, a few projects at a time, so that pages meanwhile show what is done.
async fn score_due(app: &App, run: &Run) -> Result<(), Failure> {
    let store = app.store();
    let mut left = app.rescoring.turn.lock().await;
    let rules = rules(store).await?;
    if rules != left.rules {
        *left = Left { codes: BTreeSet::new(), rules };
    }
    let due = usize::try_from(store.count_due().await?).unwrap_or(usize::MAX);
    run.expect(due.saturating_sub(left.codes.len()));
    let mut last = String::new();
    loop {
        let codes = store.due_after(&last, AT_ONCE as u64).await?;
        let Some(end) = codes.last() else { break };
        last.clone_from(end);
        let open: Vec<String> = codes.into_iter().filter(|code| !left.codes.contains(code)).collect();
        if !open.is_empty() {
            left.codes.extend(scoring::catch_up(store, &open, app.site.now()).await?);
            run.done(open.len());
        }
    }
    Ok(())
}

/// Which releases of rules are here.
async fn rules(store: &Store) -> Result<Vec<Head>, StoreError> {
    Ok(store.heads().await?.into_iter().filter(|head| head.catalog.name == RULES).collect())
}
