//! Word of changes within this process: whoever watches names the topics that concern it, and is woken by those alone.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use crate::boxed;
use crate::topic::Topic;

/// Whoever watches, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Watchers {
    boxes: Mutex<Vec<Weak<Mailbox>>>,
}

struct Mailbox {
    wants: Box<dyn Fn(&Topic) -> bool + Send + Sync>,
    waiting: Mutex<BTreeSet<Topic>>,
    word: Notify,
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}

/// What was committed since it was asked last, of what it was made for. Each topic waits once, however often it
/// changed, so that a slow watcher holds no more than there are topics.
#[derive(Debug)]
pub struct Watch(Arc<Mailbox>);

impl Watch {
    /// Waits until something has changed, and says what. Dropping the future loses nothing.
    #[boxed]
    pub async fn changed(&self) -> BTreeSet<Topic> {
        loop {
            let waiting = self.take();
            if !waiting.is_empty() {
                return waiting;
            }
            // A word that came meanwhile is kept for whoever waits next: for us.
            self.0.word.notified().await;
        }
    }

    /// What has changed, without waiting.
    #[must_use]
    pub fn take(&self) -> BTreeSet<Topic> {
        std::mem::take(&mut *lock(&self.0.waiting))
    }
}

impl Watchers {
    pub(crate) fn watch(&self, wants: impl Fn(&Topic) -> bool + Send + Sync + 'static) -> Watch {
        let mailbox = Mailbox { wants: Box::new(wants), waiting: Mutex::default(), word: Notify::new() };
        let mailbox = Arc::new(mailbox);
        lock(&self.boxes).push(Arc::downgrade(&mailbox));
        Watch(mailbox)
    }

    pub(crate) fn tell(&self, topics: &BTreeSet<Topic>) {
        if topics.is_empty() {
            return;
        }
        lock(&self.boxes).retain(|mailbox| {
            let Some(mailbox) = mailbox.upgrade() else { return false };
            let mut wanted = topics.iter().filter(|topic| (mailbox.wants)(topic)).peekable();
            if wanted.peek().is_some() {
                lock(&mailbox.waiting).extend(wanted.cloned());
                mailbox.word.notify_one();
            }
            true
        });
    }
}

/// A panic while one of these was held left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A watcher is told of what it watches, once however often that changed, and of nothing else; one that is gone is
    /// forgotten.
    #[tokio::test]
    async fn only_what_concerns() {
        let watchers = Watchers::default();
        let scores = watchers.watch(|topic| *topic == Topic::Scores);
        let gone = watchers.watch(|_| true);
        drop(gone);
        watchers.tell(&BTreeSet::from([Topic::Accounts]));
        assert!(scores.take().is_empty());
        for _ in 0..3 {
            watchers.tell(&BTreeSet::from([Topic::Accounts, Topic::Scores]));
        }
        assert_eq!(scores.changed().await, BTreeSet::from([Topic::Scores]));
        assert!(scores.take().is_empty());
        assert_eq!(lock(&watchers.boxes).len(), 1);
    }
}
