//! An entry that goes with a change: it waits until the step that it tells of commits, and is written in that very
//! transaction, so that neither stands without the other wherever the process dies.
//!
//! It waits in the task that takes the step, and for one database. Other requests and workers are tasks of their own
//! and never find it; neither does a task that the step begins, so that what is left to one needs an entry of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongpin_domain::moment::Moment;

use super::AuditDraft;
use crate::db::Store;
use crate::error::StoreError;

tokio::task_local! {
    static WAITING: Waiting;
}

/// A draft that outlives who wrote it.
#[derive(Debug, Clone)]
struct Kept {
    at: Moment,
    actor: String,
    address: String,
    action: String,
    subject: String,
    detail: String,
    allowed: bool,
}

/// The place of an entry that waits for a transaction of its store; empty once one took it along.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    store: Store,
    entry: Arc<Mutex<Option<Kept>>>,
}

/// An entry on its way into a transaction. If that is not committed, the entry waits again.
#[derive(Debug)]
pub(crate) struct Taken {
    entry: Kept,
    from: Waiting,
    committed: bool,
}

impl Waiting {
    fn new(store: &Store, draft: &AuditDraft<'_>) -> Self {
        let AuditDraft { at, actor, address, action, subject, detail, allowed } = *draft;
        let [actor, address, action, subject, detail] = [actor, address, action, subject, detail].map(str::to_owned);
        let entry = Kept { at, actor, address, action, subject, detail, allowed };
        Self { store: store.clone(), entry: Arc::new(Mutex::new(Some(entry))) }
    }

    /// What waits in this task for a transaction of this store.
    pub(crate) fn here(store: &Store) -> Option<Self> {
        WAITING.try_with(Self::clone).ok().filter(|waiting| waiting.store.is(store))
    }

    /// Who does what waits to be entered, as long as no transaction has taken it along.
    pub(crate) fn actor(&self) -> Option<String> {
        self.lock().as_ref().map(|entry| entry.actor.clone())
    }

    /// The entry, for the one who comes first.
    pub(crate) fn take(self) -> Option<Taken> {
        let entry = self.lock().take()?;
        Some(Taken { entry, from: self, committed: false })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    pub(crate) fn draft(&self) -> AuditDraft<'_> {
        let Kept { at, actor, address, action, subject, detail, allowed } = &self.entry;
        AuditDraft { at: *at, actor, address, action, subject, detail, allowed: *allowed }
    }

    pub(crate) fn committed(mut self) {
        self.committed = true;
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.committed {
            *self.from.lock() = Some(self.entry.clone());
        }
    }
}

impl Store {
    /// Takes a step, and enters it into the audit log in the transaction that makes the change. Of a step with several
    /// transactions it is the first one: whoever prepares something first does that before, with an entry of its own.
    /// A step that changed nothing and did not fail is entered by itself. One that failed without a change is not: the
    /// caller knows whether that was a refusal, and in which words it is entered.
    ///
    /// # Errors
    /// Those of the step, and a failing database.
    pub fn audited<T, E: From<StoreError>>(
        &self,
        draft: &AuditDraft<'_>,
        step: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        self.audited_as(draft, step, |outcome| outcome.is_ok().then_some(true))
    }

    /// As [`Store::audited`], of a step that tells whether it found anything to change: one that did not is entered as
    /// not done.
    ///
    /// # Errors
    /// Those of the step, and a failing database.
    pub fn audited_if<E: From<StoreError>>(
        &self,
        draft: &AuditDraft<'_>,
        step: impl Future<Output = Result<bool, E>>,
    ) -> impl Future<Output = Result<bool, E>> {
        self.audited_as(draft, step, |outcome| outcome.as_ref().ok().copied())
    }

    /// As [`Store::audited`]; `done` says of a step that changed nothing whether it is entered as done or as refused,
    /// or not at all.
    ///
    /// # Errors
    /// Those of the step, and a failing database.
    pub fn audited_as<T, E: From<StoreError>>(
        &self,
        draft: &AuditDraft<'_>,
        step: impl Future<Output = Result<T, E>>,
        done: impl FnOnce(&Result<T, E>) -> Option<bool>,
    ) -> impl Future<Output = Result<T, E>> {
        // Boxed before anything waits, so that whoever calls this does not grow by a second copy of the step.
        let (step, waiting) = (Box::pin(step), Waiting::new(self, draft));
        async move {
            let outcome = WAITING.scope(waiting.clone(), step).await;
            let unused = waiting.lock().is_some();
            if let Some(allowed) = done(&outcome).filter(|_| unused) {
                self.audit(&AuditDraft { allowed: draft.allowed && allowed, ..*draft }).await?;
            }
            outcome
        }
    }
}
