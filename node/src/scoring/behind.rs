//! Scoring behind the pages (后台评分): of many projects it takes longer than anybody waits for an answer. How far it is
//! can be asked at any time, a failure stays until it is made good, and what is open outlives the program.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tongpin_domain::lang::{Lang, Say};
use tongpin_store::Store;

use super::again;
use crate::failure::Failure;
use crate::office::Office;

/// Where the codes of the projects that wait for their scores are kept: a JSON array.
const OPEN: &str = "scores_open";

/// How far scoring behind the pages is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Projects that were to be scored.
    pub(crate) total: usize,
    /// Those that are done.
    pub(crate) done: usize,
    /// Runs that are at work.
    running: usize,
    /// Why the last run that failed did, in both languages.
    failed: Option<(String, String)>,
}

impl Standing {
    /// True while scoring is at work.
    pub(crate) fn is_running(&self) -> bool {
        self.running > 0
    }

    /// Why scoring broke off, if it did.
    pub(crate) fn failure(&self, lang: Lang) -> Option<&str> {
        self.failed.as_ref().map(|(zh, en)| lang.pick(zh, en))
    }
}

/// The scoring behind this program's pages.
#[derive(Debug, Default)]
pub(crate) struct Behind {
    standing: Mutex<Standing>,
    /// Whoever changes what is open reads it first: one after another.
    notes: tokio::sync::Mutex<()>,
}

/// A run as it is counted. One that ends without a word, because the program gave up on it, has failed.
pub(crate) struct Run<'a> {
    behind: &'a Behind,
    told: bool,
}

impl Behind {
    /// How far it is.
    pub(crate) fn standing(&self) -> Standing {
        self.change().clone()
    }

    /// All projects have been scored anew: what had failed is made good.
    ///
    /// # Errors
    /// The database cannot be written.
    pub(crate) async fn made_good(&self, store: &Store) -> Result<(), Failure> {
        self.change().failed = None;
        // Who is at work ends its own part.
        if self.change().is_running() { Ok(()) } else { self.note(store, BTreeSet::clear).await }
    }

    /// Changes which projects are open.
    async fn note(&self, store: &Store, change: impl FnOnce(&mut BTreeSet<String>)) -> Result<(), Failure> {
        let _turn = self.notes.lock().await;
        let before = open(store).await?;
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        let text = serde_json::to_string(&after).map_err(|error| Failure::internal(&error))?;
        // Quietly: it is a note for the next start, which nobody waits for.
        let mut tx = store.begin().await?;
        tx.set_meta(OPEN, &text).await?;
        Ok(tx.commit().await?)
    }

    /// A run over so many projects begins.
    pub(crate) fn begin(&self, count: usize) -> Run<'_> {
        let mut standing = self.change();
        if !standing.is_running() {
            (standing.total, standing.done) = (0, 0);
        }
        standing.total += count;
        standing.running += 1;
        Run { behind: self, told: false }
    }

    /// The counts stay whole whoever panicked while holding them: each change of them is one assignment.
    fn change(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run<'_> {
    /// So many more are done.
    pub(crate) fn done(&self, count: usize) {
        self.behind.change().done += count;
    }

    /// Ends the run.
    pub(crate) fn end(mut self, failed: Option<(String, String)>) {
        self.told = true;
        let mut standing = self.behind.change();
        standing.running = standing.running.saturating_sub(1);
        standing.failed = failed.or_else(|| standing.failed.take());
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if !self.told {
            let mut standing = self.behind.change();
            standing.running = standing.running.saturating_sub(1);
            standing.failed = Some(("程序内部错误".to_owned(), "an internal error".to_owned()));
        }
    }
}

/// Notes which projects are to be scored, before their records change: if the program ends in between, they are
/// scored at its next start.
///
/// # Errors
/// The database cannot be written.
pub(crate) async fn note(office: &Office, codes: &[String]) -> Result<(), Failure> {
    office.behind.note(office.store(), |open| open.extend(codes.iter().cloned())).await
}

async fn open(store: &Store) -> Result<BTreeSet<String>, Failure> {
    let text = store.meta(OPEN).await?.unwrap_or_default();
    // What cannot be read was not written here, and asks for nothing.
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// Scores projects anew while pages are answered.
pub(crate) fn start(office: &Office, codes: Vec<String>) {
    if codes.is_empty() {
        return;
    }
    let office = office.clone();
    tokio::spawn(async move { run(&office, &codes).await });
}

/// Scores what was open when the program last ended.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn resume(office: &Office) -> Result<(), Failure> {
    start(office, open(office.store()).await?.into_iter().collect());
    Ok(())
}

async fn run(office: &Office, codes: &[String]) {
    let (store, run) = (office.store(), office.behind.begin(codes.len()));
    match again(store, codes, office.site.now(), |count| run.done(count)).await {
        Ok(count) => {
            tracing::info!(count, "projects were scored after an import");
            run.end(None);
            let done: BTreeSet<&String> = codes.iter().collect();
            if let Err(failure) = office.behind.note(store, |open| open.retain(|code| !done.contains(code))).await {
                tracing::warn!(reason = failure.chain(), "what was scored could not be noted; it is scored once more");
            }
        }
        Err(failure) => {
            tracing::warn!(reason = failure.chain(), "scoring after an import failed");
            run.end(Some((failure.say(Lang::Zh), failure.say(Lang::En))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two runs are counted together; a failure stays beside later success, and a run that ends without a word has
    /// failed.
    #[test]
    fn runs_are_counted() {
        let behind = Behind::default();
        let (one, two) = (behind.begin(30), behind.begin(12));
        one.done(10);
        let standing = behind.standing();
        assert_eq!((standing.done, standing.total, standing.is_running()), (10, 42, true));
        one.end(Some(("磁盘已满".into(), "full".into())));
        two.end(None);
        assert!(!behind.standing().is_running());
        assert_eq!(behind.standing().failure(Lang::Zh), Some("磁盘已满"));
        let three = behind.begin(5);
        assert_eq!((behind.standing().done, behind.standing().total), (0, 5));
        drop(three);
        let standing = behind.standing();
        assert!(!standing.is_running() && standing.failure(Lang::Zh) == Some("程序内部错误"));
    }
}
