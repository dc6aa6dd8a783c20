//! Publishes what was approved for a time, when its time has come. It looks at the database and does what is due, so
//! it may run at any time and starts over after a stop; a release that came meanwhile ends what was planned.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_link::publish::{self, PublishError};
use tongpin_link::reconcile::{Job, Problem, Reconciler};
use tongpin_store::{AuditDraft, Person, PlannedRelease, Topic};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::publish::approved;

/// How late a release may come.
const EVERY: Duration = Duration::from_secs(5);

/// Carries out what is due.
pub(crate) struct PlannedReleases(pub(crate) Arc<App>);

impl Reconciler for PlannedReleases {
    fn job(&self) -> Job {
        Job { name: "planned", zh: "定时发布", en: "planned releases", every: EVERY, gather: Duration::ZERO }
    }

    fn concerns(topic: &Topic) -> bool {
        matches!(topic, Topic::Draft(_))
    }

    async fn look(&mut self, _: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        let Self(app) = self;
        Ok(carry_out(app, app.site.now()).await?)
    }
}

/// Publishes whatever is due at a moment. What cannot be published stays, with the reason, and holds up nothing else.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn carry_out(app: &App, now: Moment) -> Result<(), Failure> {
    let own = app.site.region();
    for plan in app.store().planned_releases().await? {
        if plan.catalog.publisher != own || plan.at > now || !plan.problem.is_empty() {
            continue;
        }
        match release(app, &plan).await {
            Ok(()) => {}
            // A database or a disk that fails now may not fail at the next look.
            Err(failure) if !is_for_a_person(&failure) => {
                tracing::warn!(catalog = %plan.catalog, error = failure.chain(), "a planned release has to wait");
            }
            Err(failure) => {
                let problem = failure.say(Lang::Zh);
                let detail = format!("未按计划发布：{problem}");
                let entry = AuditDraft { allowed: false, ..entry(app, &plan, &detail) };
                app.store().audited(&entry, app.store().planned_release_failed(&plan, &problem)).await?;
            }
        }
    }
    Ok(())
}

async fn release(app: &App, plan: &PlannedRelease) -> Result<(), Failure> {
    // The name to sign in with is unique and never changes, so that it finds the account that approved.
    let found = app.store().account_named(&plan.account).await?;
    let account = found.map(|account| account.id).unwrap_or_default();
    let approver = Person { name: plan.approved_by.clone(), account };
    let publication = approved(app, &plan.catalog.name, &approver, Some(plan.draft)).await?;
    let detail = format!("第 {} 版，按计划发布{}", publication.signed.release.number, publication.alone());
    let step = publish::commit(&app.site, publication, plan.regions.as_deref());
    app.store().audited(&entry(app, plan, &detail), step).await?;
    Ok(())
}

/// Whether somebody has to look at the draft before it can be published.
fn is_for_a_person(failure: &Failure) -> bool {
    matches!(failure, Failure::Publish(error) if !matches!(error, PublishError::Link(_)))
}

/// What the audit log keeps of what is done in the approver's name.
fn entry<'a>(app: &App, plan: &'a PlannedRelease, detail: &'a str) -> AuditDraft<'a> {
    app.audit_entry(&plan.account, "catalog_publish", &plan.catalog.name, detail)
}
