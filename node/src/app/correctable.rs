//! 可更正上报: reports that say something else than the records do now. To know that, all records are read and answered
//! anew: a worker does it, so that no page waits, and only once something has changed that answers are made of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongpin_domain::catalog::Head;
use tongpin_domain::egress::EgressContract;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::Report;
use tongpin_store::{MyReport, ReportState, Store, StoreError};

use crate::guidance;
use crate::records::answer::{self, AnswerError};

/// Who answers whom, and what may leave.
pub(crate) struct Bureau<'a> {
    /// This node's region.
    pub(crate) own: &'a RegionCode,
    /// Its parent's.
    pub(crate) parent: &'a RegionCode,
    /// The egress contract.
    pub(crate) egress: &'a EgressContract,
}

/// What was found last.
#[derive(Default)]
pub(crate) struct Correctable(Mutex<Option<Found>>);

/// What was found, and on which ground.
struct Found {
    ground: Ground,
    /// By collection the revision that says something else by now.
    revisions: Arc<BTreeMap<String, u64>>,
}

/// What answers are made of, and compared with; records that change are scored anew.
#[derive(PartialEq, Eq)]
struct Ground {
    releases: Vec<Head>,
    scores: (u64, Option<i64>),
    reported: Vec<(String, u64, ReportState)>,
}

impl Ground {
    async fn of(store: &Store, reported: &[MyReport]) -> Result<Self, StoreError> {
        let (releases, scores) = tokio::try_join!(store.heads(), store.scores_imprint())?;
        let reported = reported.iter().map(|last| (last.collection.clone(), last.revision, last.state)).collect();
        Ok(Self { releases, scores, reported })
    }
}

impl Correctable {
    /// By collection the revision that said something else when a worker looked last; nothing before it has.
    pub(crate) fn known(&self) -> Arc<BTreeMap<String, u64>> {
        self.found().as_ref().map(|found| found.revisions.clone()).unwrap_or_default()
    }

    /// Looks if something of the ground has changed.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn look(&self, store: &Store, bureau: &Bureau<'_>) -> Result<(), AnswerError> {
        let reported = store.my_latest().await?;
        let ground = Ground::of(store, &reported).await?;
        if self.found().as_ref().is_some_and(|found| found.ground == ground) {
            return Ok(());
        }
        let revisions = Arc::new(find(store, bureau, &reported).await?);
        *self.found() = Some(Found { ground, revisions });
        Ok(())
    }

    fn found(&self) -> MutexGuard<'_, Option<Found>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn find(store: &Store, bureau: &Bureau<'_>, reported: &[MyReport]) -> Result<BTreeMap<String, u64>, AnswerError> {
    let asked = guidance::asked(store, bureau.parent, bureau.own).await?;
    // What was given back, or has not arrived, waits for another step.
    let stands = |last: &&MyReport| matches!(last.state, ReportState::Accepted | ReportState::Received);
    let mut changed = BTreeMap::new();
    let mut records = None;
    for asked in asked {
        let id = asked.collection.id.clone();
        let Some(last) = reported.iter().filter(stands).find(|last| last.collection == id) else { continue };
        let Ok(told) = serde_json::from_str::<Report>(&last.payload) else { continue };
        if records.is_none() {
            records = Some(answer::Basis::load(store).await?);
        }
        let Some(records) = &records else { continue };
        match records.answer(store, asked, bureau.egress).await {
            Ok(answer) if answer.tables != told.tables => drop(changed.insert(id, last.revision)),
            Err(error @ (AnswerError::Store(_) | AnswerError::Link(_))) => return Err(error),
            // What cannot be answered at present is told where scores are.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::ground::TestNode;

    /// Word from the parent, or whatever else leaves scores, releases and reports as they are, is no reason to read all
    /// records again; a score is.
    #[tokio::test]
    async fn what_answers_are_made_of() {
        let desk = TestNode::open().await;
        let ground = async || Ground::of(&desk.store, &[]).await.expect("readable");
        let before = ground().await;
        desk.store.set_meta("uplink.state", "heard").await.expect("writable");
        assert!(ground().await == before);
        desk.score().await;
        let scored = ground().await;
        assert!(scored != before);
        assert!(ground().await == scored);
    }
}
