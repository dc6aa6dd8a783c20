//! Scoring behind the pages (后台评分): of many projects it takes longer than anybody waits for an answer. How far it is
//! can be asked at any time, a failure stays until it is made good, and what is open outlives the program.

use std::collections::{BTreeMap, BTreeSet};
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
    notes: tokio::sync::Mutex<Notes>,
}

/// How often each project was noted: two imports may name one project, and the run of the first says nothing about
/// what the second writes. A note that nobody takes back stays, and costs one score at the next start.
#[derive(Debug, Default)]
struct Notes {
    /// What is open.
    open: Counts,
    /// How much of it no run is to come for, because that failed.
    missed: Counts,
}

/// Notes by project.
pub(crate) type Counts = BTreeMap<String, usize>;

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

    /// What failed so far: whoever scores all projects anew asks before reading them.
    pub(crate) async fn missed(&self) -> Counts {
        self.notes.lock().await.missed.clone()
    }

    /// All projects have been scored anew as they were read after so much was `missed`: that is made good. Who is at
    /// work, or about to be, ends its own part.
    ///
    /// # Errors
    /// The database cannot be written.
    pub(crate) async fn made_good(&self, store: &Store, missed: &Counts) -> Result<(), Failure> {
        let mut notes = self.notes.lock().await;
        for (code, count) in missed {
            take(&mut notes.missed, code, *count);
        }
        if notes.missed.is_empty() {
            self.change().failed = None;
        }
        close(&mut notes, store, missed).await
    }

    /// Notes projects, once each.
    async fn note(&self, store: &Store, codes: &[String]) -> Result<(), Failure> {
        let mut notes = self.notes.lock().await;
        rewrite(store, |open| open.extend(codes.iter().cloned())).await?;
        for code in codes {
            *notes.open.entry(code.clone()).or_default() += 1;
        }
        Ok(())
    }

    /// Takes back what was noted, once each: it has been scored, or is not to be.
    async fn take_back(&self, store: &Store, codes: &[String]) -> Result<(), Failure> {
        let once = codes.iter().map(|code| (code.clone(), 1)).collect();
        close(&mut *self.notes.lock().await, store, &once).await
    }

    /// A run has failed: what it was to score stays open.
    async fn miss(&self, codes: &[String]) {
        let mut notes = self.notes.lock().await;
        for code in codes {
            *notes.missed.entry(code.clone()).or_default() += 1;
        }
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
    office.behind.note(office.store(), codes).await
}

/// Takes a note back whose records were not changed after all.
pub(crate) async fn take_back(office: &Office, codes: &[String]) {
    if let Err(failure) = office.behind.take_back(office.store(), codes).await {
        tracing::warn!(reason = failure.chain(), "projects that did not change are scored at the next start");
    }
}

/// Takes notes off, and tells whether that was all of them.
fn take(counts: &mut Counts, code: &str, count: usize) -> bool {
    let left = counts.get(code).map_or(0, |held| held.saturating_sub(count));
    if left > 0 {
        counts.insert(code.to_owned(), left);
    } else {
        counts.remove(code);
    }
    left == 0
}

/// Takes off what was done. A project is no longer open once nothing of it is.
async fn close(notes: &mut Notes, store: &Store, done: &Counts) -> Result<(), Failure> {
    let gone: BTreeSet<&String> =
        done.iter().filter(|(code, count)| take(&mut notes.open, code, **count)).map(|(code, _)| code).collect();
    rewrite(store, |open| open.retain(|code| !gone.contains(code))).await
}

/// Changes which projects are open at the next start.
async fn rewrite(store: &Store, change: impl FnOnce(&mut BTreeSet<String>)) -> Result<(), Failure> {
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

/// Scores what was open when the program last ended, before anything can be imported.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn resume(office: &Office) -> Result<(), Failure> {
    let codes: Vec<String> = open(office.store()).await?.into_iter().collect();
    office.behind.notes.lock().await.open = codes.iter().map(|code| (code.clone(), 1)).collect();
    start(office, codes);
    Ok(())
}

async fn run(office: &Office, codes: &[String]) {
    let (store, run) = (office.store(), office.behind.begin(codes.len()));
    match again(store, codes, office.site.now(), |count| run.done(count)).await {
        Ok(count) => {
            tracing::info!(count, "projects were scored after an import");
            run.end(None);
            if let Err(failure) = office.behind.take_back(store, codes).await {
                tracing::warn!(reason = failure.chain(), "what was scored could not be noted; it is scored once more");
            }
        }
        Err(failure) => {
            tracing::warn!(reason = failure.chain(), "scoring after an import failed");
            office.behind.miss(codes).await;
            run.end(Some((failure.say(Lang::Zh), failure.say(Lang::En))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::ground::Desk;

    /// A project that two imports name is open until the second has been scored as well. Scoring everything makes good
    /// what had failed when the records were read, and nothing that was noted or failed since.
    #[tokio::test]
    async fn each_note_counts() {
        let (desk, behind) = (Desk::open().await, Behind::default());
        let store = &desk.store;
        let codes = |names: &str| names.chars().map(String::from).collect::<Vec<String>>();
        let left = async || open(store).await.expect("readable").into_iter().collect::<String>();
        behind.note(store, &codes("ab")).await.expect("writable");
        behind.note(store, &codes("bc")).await.expect("writable");
        behind.take_back(store, &codes("ab")).await.expect("writable");
        assert_eq!(left().await, "bc");
        behind.miss(&codes("bc")).await;
        let missed = behind.missed().await;
        behind.note(store, &codes("cd")).await.expect("writable");
        behind.note(store, &codes("e")).await.expect("writable");
        behind.miss(&codes("e")).await;
        behind.made_good(store, &missed).await.expect("writable");
        assert_eq!(left().await, "cde");
        behind.take_back(store, &codes("cd")).await.expect("writable");
        assert_eq!((left().await.as_str(), behind.missed().await), ("e", Counts::from([("e".to_owned(), 1)])));
    }

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
