//! 预读: reading ahead what pages show, so that whoever searches the library or opens the first page does not wait for
//! all of it.

use std::collections::BTreeSet;
use std::time::Duration;

use tongpin_domain::form::{FORMS, SUPPLEMENTS};
use tongpin_link::reconcile::{Job, Problem, Reconciler};
use tongpin_store::Topic;

use crate::app::App;
use crate::app::correctable::Bureau;
use crate::app::statistics::concerns_records;
use crate::records::answer::AnswerError;

/// Reads before anybody asks, and again what changes.
pub(crate) struct Prefetch(pub(crate) App);

impl Reconciler for Prefetch {
    fn job(&self) -> Job {
        // All of it takes seconds of a processor, and what changes is told: the rest is for what nobody thought of.
        let (every, gather) = (Duration::from_hours(6), Duration::from_secs(5));
        Job { name: "prefetch", zh: "预读", en: "reading ahead", every, gather }
    }

    fn concerns(topic: &Topic) -> bool {
        concerns_records(topic) || matches!(topic, Topic::Catalog(_) | Topic::Scores | Topic::MyReports)
    }

    async fn look(&mut self, changed: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        let Self(app) = self;
        let store = app.store();
        let of_forms =
            |topic: &Topic| matches!(topic, Topic::Catalog(id) if [FORMS, SUPPLEMENTS].contains(&id.name.as_str()));
        if changed.is_none_or(|changed| changed.iter().any(of_forms)) {
            // What was broken off while a release of forms was applied goes on.
            store.list_waiting().await?;
        }
        tokio::try_join!(app.library.index(store), app.statistics.follow(store, changed))?;
        let told_otherwise = |topic: &Topic| matches!(topic, Topic::Catalog(_) | Topic::Scores | Topic::MyReports);
        if changed.is_none_or(|changed| changed.iter().any(told_otherwise)) {
            compare_reports(app).await?;
        }
        Ok(())
    }
}

/// Compares what was reported with what the records say now, if something has changed.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn compare_reports(app: &App) -> Result<(), AnswerError> {
    let own = app.site.region();
    let bureau = Bureau { own: &own, parent: &app.parent.region, egress: &app.settings.own.egress };
    app.statistics.correctable.look(app.store(), &bureau).await
}
