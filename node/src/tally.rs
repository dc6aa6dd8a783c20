//! What the first page and the lists count over all records: counted once for each change of the database, because
//! counting reads everything and most pages are asked for between two changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_store::{ProjectChoices, ProjectCounts, Store, StoreError};

/// The last count of a running program.
#[derive(Default)]
pub(crate) struct Tally {
    kept: Mutex<Option<Arc<Counted>>>,
}

/// What was counted at one beat of the database.
pub(crate) struct Counted {
    beat: u64,
    /// What filters of projects can be set to.
    pub(crate) choices: ProjectChoices,
    /// Projects by the status of their scores.
    pub(crate) projects: ProjectCounts,
    /// Records by kind.
    pub(crate) records: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// The present counts.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn now(&self, store: &Store) -> Result<Arc<Counted>, StoreError> {
        let beat = store.pulse().await?;
        // A panic while it was held left nothing half done: the value is replaced whole.
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| kept.beat == beat) {
            return Ok(kept);
        }
        let (choices, projects, own, lines) = tokio::try_join!(
            store.project_choices(),
            store.project_counts(),
            store.count_records(PROJECT),
            store.count_records(PROJECT_INDICATOR),
        )?;
        let records = BTreeMap::from([(PROJECT, own), (PROJECT_INDICATOR, lines)]);
        // What changed while it was counted has moved the beat on, so the next reader counts again.
        let counted = Arc::new(Counted { beat, choices, projects, records });
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted.clone());
        Ok(counted)
    }
}
