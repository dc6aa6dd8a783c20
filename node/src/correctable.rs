//! 可更正上报: reports that say something else than the records do now. To know that, all records are read and answered
//! anew; a worker does it, so that no page waits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tongpin_domain::moment::Moment;
use tongpin_domain::report::Report;
use tongpin_store::{MyReport, ReportState};

use crate::answer::{AnswerError, Basis};
use crate::guidance;
use crate::office::Office;
use crate::tally::fits;

/// What was found last.
#[derive(Default)]
pub(crate) struct Correctable(Mutex<Option<Found>>);

/// What was found, at one beat of the database.
struct Found {
    beat: u64,
    at: Moment,
    /// By collection the revision that says something else by now.
    revisions: Arc<BTreeMap<String, u64>>,
}

impl Correctable {
    /// By collection the revision that said something else when a worker looked last; nothing before it has.
    pub(crate) fn known(&self) -> Arc<BTreeMap<String, u64>> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.as_ref().map(|found| found.revisions.clone()).unwrap_or_default()
    }

    /// Looks if something has changed, but not at every change of many.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn look(&self, office: &Office) -> Result<(), AnswerError> {
        let (store, now) = (office.store(), office.site.now());
        let beat = store.pulse().await?;
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|it| (it.beat, it.at));
        if last.is_some_and(|(before, at)| fits(before, at, beat, now)) {
            return Ok(());
        }
        let revisions = Arc::new(find(office).await?);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Found { beat, at: now, revisions });
        Ok(())
    }
}

async fn find(office: &Office) -> Result<BTreeMap<String, u64>, AnswerError> {
    let store = office.store();
    let asked = guidance::asked(store, &office.parent.region, &office.site.region()).await?;
    // What was given back, or has not arrived, waits for another step.
    let stands = |last: &MyReport| matches!(last.state, ReportState::Accepted | ReportState::Received);
    let reported: Vec<MyReport> = store.my_latest().await?.into_iter().filter(stands).collect();
    let mut changed = BTreeMap::new();
    let mut basis = None;
    for asked in asked {
        let id = asked.collection.id.clone();
        let Some(last) = reported.iter().find(|last| last.collection == id) else { continue };
        let Ok(told) = serde_json::from_str::<Report>(&last.payload) else { continue };
        if basis.is_none() {
            basis = Some(Basis::load(store).await?);
        }
        let Some(basis) = &basis else { continue };
        match basis.answer(store, asked, &office.settings.egress).await {
            Ok(answer) if answer.tables != told.tables => drop(changed.insert(id, last.revision)),
            Err(error @ (AnswerError::Store(_) | AnswerError::Link(_))) => return Err(error),
            // What cannot be answered at present is told where scores are.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(changed)
}
