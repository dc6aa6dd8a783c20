//! What was made of the database's content, kept until something that it was made of changes: most of what is asked
//! for is asked for between two changes.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::{Store, Watch};
use crate::topic::Topic;

/// Something kept until a topic of its changes. Of several who find nothing each makes it: nobody waits for another.
pub struct Remembered<T> {
    concerns: fn(&Topic) -> bool,
    watch: OnceLock<Watch>,
    kept: Mutex<Kept<T>>,
}

struct Kept<T> {
    /// How often it was forgotten: what was begun before is not kept any more.
    age: u64,
    value: Option<Arc<T>>,
}

impl<T> std::fmt::Debug for Remembered<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").finish_non_exhaustive()
    }
}

impl<T> Remembered<T> {
    /// Nothing yet, to be forgotten when a topic that `concerns` it changes.
    #[must_use]
    pub const fn until(concerns: fn(&Topic) -> bool) -> Self {
        Self { concerns, watch: OnceLock::new(), kept: Mutex::new(Kept { age: 0, value: None }) }
    }

    /// What is kept, or what `make` makes now.
    ///
    /// # Errors
    /// Those of `make`.
    pub async fn get<E>(&self, store: &Store, make: impl AsyncFnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let watch = self.watch.get_or_init(|| store.watch(self.concerns));
        let age = {
            let mut kept = self.kept();
            if !watch.take().is_empty() {
                (kept.age, kept.value) = (kept.age.wrapping_add(1), None);
            }
            if let Some(value) = &kept.value {
                return Ok(value.clone());
            }
            kept.age
        };
        // What changes from here on is found by whoever asks next.
        let value = Arc::new(make().await?);
        let mut kept = self.kept();
        if kept.age == age {
            kept.value = Some(value.clone());
        }
        Ok(value)
    }

    /// What is kept, however old.
    #[must_use]
    pub fn kept_now(&self) -> Option<Arc<T>> {
        self.kept().value.clone()
    }

    /// The value is replaced whole, so that a panic leaves nothing half done.
    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
