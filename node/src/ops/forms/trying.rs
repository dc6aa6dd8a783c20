//! 测算: counts what a drafted release of a form would do to the documents of this bureau and its townships, by the
//! comparison that a document's page shows before it moves to a new release.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::Arc;

use tongpin_domain::form::{Answer, DOCUMENT, Definition, Edition, Personal, Step, Tallies, Tally, Trial};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Store, StoreError};

use super::around::Around;
use super::renewing::{Renewal, moved};
use super::{HeldDocument, HeldForm, opening};
use crate::app::App;
use crate::failure::Failure;

/// Documents that are read at a time.
const AT_ONCE: u64 = 100;

/// The drafted form of a trial, if this program knows it whole, could be given it as a form, and counts its documents.
pub(crate) fn drafted(publisher: &RegionCode, code: &str, trial: &Trial) -> Option<HeldForm> {
    let drafted = HeldForm::read(publisher.clone(), trial.forms_at.saturating_add(1), &trial.form)?;
    // What is kept as a record of another kind is no document that is counted here.
    let counts = drafted.definition.code == code && !drafted.definition.is_kept();
    // What could not be published is not counted either: an honest city asks about nothing else.
    let sound = drafted.unknown.is_empty() && drafted.definition.check().is_empty();
    Some(drafted).filter(|_| counts && sound)
}

/// What is answered to a trial of a form: how many documents it concerns, as far as that may be told.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn answer(app: &App, drafted: HeldForm) -> Result<Answer, Failure> {
    let tallies = count(app, Arc::new(drafted)).await?;
    Ok(Answer::Counted(tallies.told(app.settings.own.egress.smallest_group)))
}

/// Counts the documents of the drafted form, a page of them at a time; what is calculated is calculated beside the
/// threads that answer pages.
pub(crate) async fn count(app: &App, drafted: Arc<HeldForm>) -> Result<Tallies, Failure> {
    let below = format!("{}/", drafted.definition.code);
    let (mut tallies, mut last) = (Tallies::default(), below.clone());
    let mut personal = PersonalOf::default();
    loop {
        let mut page = app.store().records_page(DOCUMENT, &last, AT_ONCE).await?;
        page.retain(|record| record.key.starts_with(&below));
        let Some(end) = page.last() else {
            personal.0.values().for_each(|unsaid| tallies.leave_out(unsaid.left_out.iter().cloned()));
            return Ok(tallies);
        };
        last.clone_from(&end.key);
        let found = page.len();
        let mut held = opening::held(app.store(), page).await?;
        let unread = found.saturating_sub(held.len());
        // A form of the same code that another publishes is another form.
        held.retain(|held| held.form.publisher == drafted.publisher);
        let mut above = BTreeMap::new();
        for held in &mut held {
            as_from_above(app.store(), held, &mut above).await?;
        }
        let tried: Vec<Tried> = held.into_iter().map(|held| Tried::of(held, &drafted, &mut personal)).collect();
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

/// Leaves out of a document's form what the county adds to it: of that nothing is told.
async fn as_from_above(
    store: &Store,
    held: &mut HeldDocument,
    read: &mut BTreeMap<u64, Option<Arc<HeldForm>>>,
) -> Result<(), StoreError> {
    if held.form.added == 0 {
        return Ok(());
    }
    let (publisher, release) = (&held.form.publisher, held.form.release);
    let form = match read.entry(release) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => {
            let body = store.form_definition(publisher, &held.form.definition.code, release).await?;
            place.insert(body.and_then(|body| HeldForm::read(publisher.clone(), release, &body)).map(Arc::new))
        }
    };
    if let Some(form) = form {
        held.form = form.clone();
    }
    Ok(())
}

/// What is personal where a document of a release moves to the drafted one, and what is not counted for that.
struct Unsaid {
    personal: Personal,
    left_out: BTreeSet<Tally>,
}

/// The same of each release that documents are of.
#[derive(Default)]
struct PersonalOf(BTreeMap<Edition, Arc<Unsaid>>);

impl PersonalOf {
    /// Also what the release in force marks counts, though neither of the two does.
    fn of(&mut self, held: &HeldDocument, drafted: &Definition) -> Arc<Unsaid> {
        let before = &held.form.definition;
        let unsaid = || {
            let newest = held.newest.as_ref().map_or(before, |newest| &newest.definition);
            let personal = Personal::of(&[before, newest, drafted]);
            let left_out = personal.left_out(before, drafted);
            Arc::new(Unsaid { personal, left_out })
        };
        self.0.entry(held.form.edition()).or_insert_with(unsaid).clone()
    }
}

/// A document, and what it would be under the drafted release if a step of that lets it come to it from where it is.
struct Tried {
    held: HeldDocument,
    moved: Option<HeldDocument>,
    personal: Arc<Unsaid>,
}

impl Tried {
    fn of(held: HeldDocument, drafted: &Arc<HeldForm>, personal: &mut PersonalOf) -> Self {
        // As with the step itself, only whoever keeps it moves it.
        let moves = |step: &&Step| step.renews() && step.level.is_of(&held.author, &held.author);
        let step = drafted.definition.flow.steps_from(held.state()).find(moves);
        let moved = step.map(|step| moved(&held, drafted.clone(), &step.to));
        let personal = personal.of(&held, &drafted.definition);
        Self { held, moved, personal }
    }

    fn both(&self) -> impl Iterator<Item = &HeldDocument> {
        std::iter::once(&self.held).chain(&self.moved)
    }

    fn tallies(self, drafted: &HeldForm, around: &Around) -> Vec<Tally> {
        let Some(moved) = self.moved else { return vec![Tally::Documents] };
        let burdens = Renewal::of(&self.held, drafted, moved, around).burdens(&self.personal.personal);
        [Tally::Documents, Tally::Movable].into_iter().chain(burdens).collect()
    }
}
