//! 测算: counts what a drafted release of a form would do to the documents of this bureau and its townships, by the
//! comparison that a document's page shows before it moves to a new release.

use std::sync::Arc;

use tongpin_domain::form::{Answer, DOCUMENT, Step, Tallies, Tally, Trial};
use tongpin_domain::region::RegionCode;

use super::around::Around;
use super::renewing::{Renewal, moved};
use super::{HeldDocument, HeldForm, opening};
use crate::app::App;
use crate::failure::Failure;

/// Documents that are read at a time.
const AT_ONCE: u64 = 100;

/// What is answered to a trial of a form: how many documents it concerns, if it may be told and this program knows the
/// drafted form whole.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn answer(app: &App, publisher: &RegionCode, code: &str, trial: &Trial) -> Result<Answer, Failure> {
    let contract = &app.settings.own.egress;
    if !contract.lets_trials() {
        return Ok(Answer::Withheld);
    }
    let drafted = HeldForm::read(publisher.clone(), trial.compared_with.saturating_add(1), &trial.form);
    // What is kept as a record of another kind is no document that is counted here.
    let counts = |form: &HeldForm| form.definition.code == code && !form.definition.is_kept();
    let known = drafted.filter(|form| form.unknown.is_empty() && counts(form));
    let Some(drafted) = known else { return Ok(Answer::Unable) };
    Ok(Answer::Counted(count(app, Arc::new(drafted)).await?.told(contract.smallest_group)))
}

/// Counts the documents of the drafted form, a page of them at a time; what is calculated is calculated beside the
/// threads that answer pages.
pub(crate) async fn count(app: &App, drafted: Arc<HeldForm>) -> Result<Tallies, Failure> {
    let below = format!("{}/", drafted.definition.code);
    let (mut tallies, mut last) = (Tallies::default(), below.clone());
    loop {
        let mut page = app.store().records_page(DOCUMENT, &last, AT_ONCE).await?;
        page.retain(|record| record.key.starts_with(&below));
        let Some(end) = page.last() else { return Ok(tallies) };
        last.clone_from(&end.key);
        let found = page.len();
        let mut held = opening::held(app.store(), page).await?;
        let unread = found.saturating_sub(held.len());
        // A form of the same code that another publishes is another form.
        held.retain(|held| held.form.publisher == drafted.publisher);
        let tried: Vec<Tried> = held.into_iter().map(|held| Tried::of(held, &drafted)).collect();
        let all: Vec<&HeldDocument> = tried.iter().flat_map(Tried::both).collect();
        let (around, drafted) = (Around::held(app, all.into_iter()).await?, drafted.clone());
        let counting = tokio::task::spawn_blocking(move || {
            for tried in tried {
                tallies.add(tried.tallies(&drafted, &around));
            }
            (0..unread).for_each(|_| tallies.add([Tally::Documents, Tally::Unread]));
            tallies
        });
        tallies = counting.await.map_err(|error| Failure::internal(&error))?;
    }
}

/// A document, and what it would be under the drafted release if it can be changed now.
struct Tried {
    held: HeldDocument,
    moved: Option<HeldDocument>,
}

impl Tried {
    fn of(held: HeldDocument, drafted: &Arc<HeldForm>) -> Self {
        let renews = drafted.definition.flow.steps_from(held.state()).find(|step| Step::renews(step));
        let to = renews.map_or_else(|| held.state(), |step| &step.to);
        let moved = held.may_change().then(|| moved(&held, drafted.clone(), to));
        Self { held, moved }
    }

    fn both(&self) -> impl Iterator<Item = &HeldDocument> {
        std::iter::once(&self.held).chain(&self.moved)
    }

    fn tallies(self, drafted: &HeldForm, around: &Around) -> Vec<Tally> {
        let Some(moved) = self.moved else { return vec![Tally::Documents] };
        let burdens = Renewal::of(&self.held, drafted, moved, around).burdens();
        [Tally::Documents, Tally::Open].into_iter().chain(burdens).collect()
    }
}
