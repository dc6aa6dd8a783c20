//! What links report about children is written by one worker, many notes in one transaction, so that ten nodes that
//! acknowledge at the same moment cost one disk write. Nothing depends on these notes but what people see: of a child
//! only the last word counts, and where there are more than are written in time, the oldest waits for the next contact.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::region::RegionCode;
use tongpin_store::{ChildState, Contact};

use crate::error::chain;
use crate::site::Site;

/// How long the first note waits for others: what a release brings in one moment is one disk write.
const GATHER: Duration = Duration::from_millis(100);
/// The most notes that wait: of every county-level unit of the country about a few catalogs.
const WAITING: usize = 50_000;

/// Something learned about a child.
#[derive(Debug)]
pub(crate) enum Note {
    /// Where it stands with a release.
    Release(ChildState),
    /// It was heard of.
    Contact(Contact),
}

/// Where sessions leave their notes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Mutex<Waiting>,
    word: Notify,
}

/// The last word about each child and catalog.
#[derive(Debug, Default)]
struct Waiting {
    states: HashMap<(RegionCode, CatalogId), ChildState>,
    contacts: HashMap<RegionCode, Contact>,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.states.is_empty() && self.contacts.is_empty()
    }
}

impl Recorder {
    /// Starts the worker; it ends when the token is cancelled and what was noted has been written.
    pub(crate) fn start(site: Arc<Site>, token: CancellationToken) -> (Self, impl Future<Output = ()> + Send) {
        let recorder = Self::default();
        (recorder.clone(), recorder.work(site, token))
    }

    /// Leaves a note. After the program began to stop it may be lost: the child says it again when it comes back.
    pub(crate) fn note(&self, note: Note) {
        let mut waiting = self.waiting();
        match note {
            Note::Release(state) => {
                let name = (state.region.clone(), state.catalog.clone());
                if waiting.states.len() < WAITING || waiting.states.contains_key(&name) {
                    waiting.states.insert(name, state);
                }
            }
            Note::Contact(contact) => {
                // What the newer one does not say stays as it was said.
                let held = waiting.contacts.remove(&contact.region);
                let contact = match held {
                    Some(held) => Contact {
                        clock_offset_ms: contact.clock_offset_ms.or(held.clock_offset_ms),
                        disk_free: contact.disk_free.or(held.disk_free),
                        ..contact
                    },
                    None => contact,
                };
                waiting.contacts.insert(contact.region.clone(), contact);
            }
        }
        drop(waiting);
        self.inner.word.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.inner.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn work(self, site: Arc<Site>, token: CancellationToken) {
        loop {
            let stopping = tokio::select! {
                () = self.inner.word.notified() => token.is_cancelled(),
                () = token.cancelled() => true,
            };
            if !stopping {
                tokio::select! {
                    () = tokio::time::sleep(GATHER) => {}
                    () = token.cancelled() => {}
                }
            }
            let Waiting { states, contacts } = std::mem::take(&mut *self.waiting());
            let waiting = Waiting { states, contacts };
            if !waiting.is_empty() {
                let states: Vec<ChildState> = waiting.states.into_values().collect();
                let contacts: Vec<Contact> = waiting.contacts.into_values().collect();
                if let Err(error) = site.store.note_children(&states, &contacts).await {
                    // The next contact brings them again.
                    tracing::warn!(error = %chain(&error), "what children reported could not be written");
                }
            }
            if stopping {
                return;
            }
        }
    }
}
