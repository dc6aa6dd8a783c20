//! How far scoring behind the pages (后台评分) is: counted here, asked by pages, and done by `background/rescoring`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongpin_domain::catalog::Head;
use tongpin_domain::lang::Lang;

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
    pub(crate) failed: Option<(String, String)>,
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
pub(crate) struct Rescoring {
    standing: Mutex<Standing>,
    /// One run after another; with what the last one had to leave.
    pub(crate) turn: tokio::sync::Mutex<Left>,
}

/// Projects for which no rules can be chosen, and the rules that were there when they were looked at.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// The projects.
    pub(crate) codes: BTreeSet<String>,
    /// The rules.
    pub(crate) rules: Vec<Head>,
}

/// A run as it is counted. One that ends without a word, because the program gave up on it, has failed.
pub(crate) struct Run {
    queue: Arc<Rescoring>,
    told: bool,
}

impl Rescoring {
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
        Run { queue: self.clone(), told: false }
    }

    /// What had to be left is looked at once more: another year may have been typed, for which there are rules.
    pub(crate) async fn forget_left(&self) {
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
        let mut standing = self.queue.change();
        standing.total = standing.total.saturating_add(count);
    }

    /// So many more are done.
    pub(crate) fn done(&self, count: usize) {
        let mut standing = self.queue.change();
        standing.done = standing.done.saturating_add(count);
    }

    /// Ends the run.
    pub(crate) fn end(mut self, failed: Option<(String, String)>) {
        self.told = true;
        let mut standing = self.queue.change();
        standing.running = standing.running.saturating_sub(1);
        standing.failed = failed;
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if !self.told {
            let mut standing = self.queue.change();
            standing.running = standing.running.saturating_sub(1);
            standing.failed = Some(("程序内部错误".to_owned(), "an internal error".to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two runs are counted together; the last word counts, and a run that ends without a word has failed.
    #[test]
    fn runs_are_counted() {
        let queue = Arc::new(Rescoring::default());
        let (one, two) = (queue.begin(), queue.begin());
        one.expect(30);
        two.expect(12);
        one.done(10);
        let standing = queue.standing();
        assert_eq!((standing.done, standing.total, standing.is_running()), (10, 42, true));
        two.end(None);
        one.end(Some(("磁盘已满".into(), "full".into())));
        assert!(!queue.standing().is_running());
        assert_eq!(queue.standing().failure(Lang::Zh), Some("磁盘已满"));
        let three = queue.begin();
        three.expect(5);
        assert_eq!((queue.standing().done, queue.standing().total), (0, 5));
        drop(three);
        let standing = queue.standing();
        assert!(!standing.is_running() && standing.failure(Lang::Zh) == Some("程序内部错误"));
        queue.begin().end(None);
        assert_eq!(queue.standing().failure(Lang::Zh), None);
    }
}
