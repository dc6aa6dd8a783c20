//! Scoring behind the pages (后台评分): whatever changes a project's records marks it in the same transaction, and what
//! is marked is scored here, without anybody asking. How far that is can be asked at any time; a mark outlives the
//! program, and a failure is tried again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tongpin_domain::catalog::Head;
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::{Store, StoreError};

use crate::failure::Failure;
use crate::office::Office;

/// Projects scored between two writes.
const AT_ONCE: usize = 50;
/// How often it looks without being nudged, which is also when a failure is tried again.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// The catalogs that decide which rules a project is scored by.
const RULES: &str = "rules";

/// How far scoring behind the pages is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Projects that were to be scored.
    pub(crate) total: usize,
    /// Those that are done.
    pub(crate) done: usize,
    /// Runs that are at work.
    running: usize,
    /// Why the last run failed, in both languages.
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
    /// One run after another; with what the last one had to leave.
    turn: tokio::sync::Mutex<Left>,
}

/// Projects for which no rules can be chosen, and the rules that were there when they were looked at.
#[derive(Debug, Default)]
struct Left {
    codes: BTreeSet<String>,
    rules: Vec<Head>,
}

/// A run as it is counted. One that ends without a word, because the program gave up on it, has failed.
pub(crate) struct Run {
    behind: Arc<Behind>,
    told: bool,
}

impl Behind {
    /// How far it is.
    pub(crate) fn standing(&self) -> Standing {
        self.change().clone()
    }

    /// A run begins.
    pub(crate) fn begin(self: &Arc<Self>) -> Run {
        let mut standing = self.change();
        if !standing.is_running() {
            (standing.total, standing.done) = (0, 0);
        }
        standing.running += 1;
        Run { behind: self.clone(), told: false }
    }

    /// What had to be left is looked at once more: another year may have been typed, for which there are rules.
    async fn forget_left(&self) {
        self.turn.lock().await.codes.clear();
    }

    /// The counts stay whole whoever panicked while holding them: each change of them is one assignment.
    fn change(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    /// So many more are to be scored.
    pub(crate) fn expect(&self, count: usize) {
        let mut standing = self.behind.change();
        standing.total = standing.total.saturating_add(count);
    }

    /// So many more are done.
    pub(crate) fn done(&self, count: usize) {
        let mut standing = self.behind.change();
        standing.done = standing.done.saturating_add(count);
    }

    /// Ends the run.
    pub(crate) fn end(mut self, failed: Option<(String, String)>) {
        self.told = true;
        let mut standing = self.behind.change();
        standing.running = standing.running.saturating_sub(1);
        standing.failed = failed;
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if !self.told {
            let mut standing = self.behind.change();
            standing.running = standing.running.saturating_sub(1);
            standing.failed = Some(("程序内部错误".to_owned(), "an internal error".to_owned()));
        }
    }
}

/// Scores what is due at once, while pages are answered: whoever has just changed it sees how far that is.
pub(crate) fn start(office: &Office) {
    // Counted before anything waits, so that the very next page tells of it.
    let (office, run) = (office.clone(), office.behind.begin());
    tokio::spawn(async move {
        office.behind.forget_left().await;
        catch_up(&office, run, &CancellationToken::new()).await;
    });
}

/// Scores whatever is due, when something changes and now and then, until cancelled.
pub(crate) async fn keep_up(office: Office, token: CancellationToken) {
    let mut changes = office.site.changes();
    loop {
        changes.borrow_and_update();
        match is_open(&office).await {
            Ok(false) => {}
            Ok(true) => catch_up(&office, office.behind.begin(), &token).await,
            Err(error) => tracing::warn!(reason = %error, "what is to be scored could not be read; it is tried again"),
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => office.behind.forget_left().await,
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

/// Whether anything is due beside what had to be left under the present rules.
async fn is_open(office: &Office) -> Result<bool, StoreError> {
    let store = office.store();
    let due = store.count_due().await?;
    if due == 0 {
        return Ok(false);
    }
    let rules = rules(store).await?;
    let left = office.behind.turn.lock().await;
    Ok(rules != left.rules || due > left.codes.len() as u64)
}

async fn catch_up(office: &Office, run: Run, token: &CancellationToken) {
    let before = office.behind.standing().failed;
    let failed = match score_due(office, &run, token).await {
        Ok(()) => None,
        Err(failure) => {
            let failed = (failure.say(Lang::Zh), failure.say(Lang::En));
            if before.as_ref() != Some(&failed) {
                tracing::warn!(reason = failure.chain(), "scoring what has changed failed; it is tried again");
            }
            Some(failed)
        }
    };
    run.end(failed);
}

/// Scores everything that is due, a few projects at a time, so that pages meanwhile show what is done.
async fn score_due(office: &Office, run: &Run, token: &CancellationToken) -> Result<(), Failure> {
    let store = office.store();
    let mut left = office.behind.turn.lock().await;
    let rules = rules(store).await?;
    if rules != left.rules {
        *left = Left { codes: BTreeSet::new(), rules };
    }
    let due = usize::try_from(store.count_due().await?).unwrap_or(usize::MAX);
    run.expect(due.saturating_sub(left.codes.len()));
    let mut last = String::new();
    while !token.is_cancelled() {
        let codes = store.due_after(&last, AT_ONCE as u64).await?;
        let Some(end) = codes.last() else { break };
        last.clone_from(end);
        let open: Vec<String> = codes.into_iter().filter(|code| !left.codes.contains(code)).collect();
        if !open.is_empty() {
            left.codes.extend(super::catch_up(store, &open, office.site.now()).await?);
            run.done(open.len());
        }
    }
    Ok(())
}

/// Which releases of rules are here.
async fn rules(store: &Store) -> Result<Vec<Head>, StoreError> {
    Ok(store.heads().await?.into_iter().filter(|head| head.catalog.name == RULES).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two runs are counted together; the last word counts, and a run that ends without a word has failed.
    #[test]
    fn runs_are_counted() {
        let behind = Arc::new(Behind::default());
        let (one, two) = (behind.begin(), behind.begin());
        one.expect(30);
        two.expect(12);
        one.done(10);
        let standing = behind.standing();
        assert_eq!((standing.done, standing.total, standing.is_running()), (10, 42, true));
        two.end(None);
        one.end(Some(("磁盘已满".into(), "full".into())));
        assert!(!behind.standing().is_running());
        assert_eq!(behind.standing().failure(Lang::Zh), Some("磁盘已满"));
        let three = behind.begin();
        three.expect(5);
        assert_eq!((behind.standing().done, behind.standing().total), (0, 5));
        drop(three);
        let standing = behind.standing();
        assert!(!standing.is_running() && standing.failure(Lang::Zh) == Some("程序内部错误"));
        behind.begin().end(None);
        assert_eq!(behind.standing().failure(Lang::Zh), None);
    }
}
