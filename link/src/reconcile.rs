//! 后台任务: one shape for all that a program does by itself. A job takes no orders: it looks at the state and does what
//! is missing, may be run at any time, and runs on a timer and whenever something has changed that concerns it. No
//! failure ends it; how its last look ended is there for people and for whoever watches the machine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_store::Topic;

use crate::error::chain;
use crate::site::Site;

/// What a job is called, and how often it looks by itself.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// For programs.
    pub name: &'static str,
    /// 名称
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// It looks so often without being nudged, at everything.
    pub every: Duration,
    /// How long the first change waits for others.
    pub gather: Duration,
}

/// Why a look failed, in the words of a log and of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// With all its causes.
    pub chain: String,
    /// 问题和办法
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl<E: std::error::Error + Say + 'static> From<E> for Problem {
    fn from(error: E) -> Self {
        Self { chain: chain(&error), zh: error.say(Lang::Zh), en: error.say(Lang::En) }
    }
}

/// Something that a program does by itself.
pub trait Reconciler: Send + 'static {
    /// What it is called, and how often it looks.
    fn job(&self) -> Job;

    /// Whether a change concerns it.
    fn concerns(topic: &Topic) -> bool
    where
        Self: Sized;

    /// What asks it to look at everything beside the timer; nothing does if there is none.
    fn nudge(&self) -> Option<Arc<Notify>> {
        None
    }

    /// Looks at the state and does what is missing: at what has `changed`, or, where that is not told, at everything.
    fn look(&mut self, changed: Option<&BTreeSet<Topic>>) -> impl Future<Output = Result<(), Problem>> + Send;
}

/// How a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// 名称
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// When it looked last.
    pub looked_at: Moment,
    /// When it last looked without failing.
    pub succeeded_at: Option<Moment>,
    /// How often it has looked since the program began.
    pub looks: u64,
    /// How often that failed.
    pub failures: u64,
    /// Why the last look failed, if it did.
    pub problem: Option<Problem>,
}

/// The jobs of a running program, by their names for programs; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Jobs(Arc<Mutex<BTreeMap<&'static str, Standing>>>);

impl Jobs {
    /// How each of them stands.
    #[must_use]
    pub fn standing(&self) -> BTreeMap<&'static str, Standing> {
        self.lock().clone()
    }

    /// Notes how a look ended. What is new is said in the log, and what goes on only once.
    pub fn note(&self, job: Job, at: Moment, outcome: Result<(), Problem>) {
        let mut jobs = self.lock();
        let fresh = || Standing {
            zh: job.zh,
            en: job.en,
            looked_at: at,
            succeeded_at: None,
            looks: 0,
            failures: 0,
            problem: None,
        };
        let standing = jobs.entry(job.name).or_insert_with(fresh);
        standing.looked_at = at;
        standing.looks = standing.looks.saturating_add(1);
        match outcome {
            Ok(()) => {
                if standing.problem.take().is_some() {
                    tracing::info!(job = job.name, "it goes on without failing");
                }
                standing.succeeded_at = Some(at);
            }
            Err(problem) => {
                standing.failures = standing.failures.saturating_add(1);
                if standing.problem.as_ref() != Some(&problem) {
                    tracing::warn!(
                        job = job.name,
                        reason = problem.chain,
                        "a background job failed; it is tried again"
                    );
                }
                standing.problem = Some(problem);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Standing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a job until cancelled.
pub async fn run<R: Reconciler>(site: &Site, mut reconciler: R, token: CancellationToken) {
    let job = reconciler.job();
    // From here on nothing that is committed is missed, and what was before is seen by the first look.
    let watch = site.store.watch(R::concerns);
    let nudge = reconciler.nudge();
    let mut changed: Option<BTreeSet<Topic>> = None;
    // What was told and is not looked at yet: the time for a look at everything may come while more is waited for.
    let mut gathered: BTreeSet<Topic> = BTreeSet::new();
    loop {
        let outcome = tokio::select! {
            outcome = reconciler.look(changed.as_ref()) => outcome,
            () = token.cancelled() => return,
        };
        let failed = outcome.is_err();
        site.jobs.note(job, site.now(), outcome);
        let word = async {
            if gathered.is_empty() {
                gathered = watch.changed().await;
            }
            if !job.gather.is_zero() {
                site.clock.pass(job.gather).await;
                gathered.extend(watch.take());
            }
        };
        let nudged = async {
            match &nudge {
                Some(nudge) => nudge.notified().await,
                None => std::future::pending().await,
            }
        };
        changed = tokio::select! {
            () = token.cancelled() => return,
            () = nudged => None,
            () = site.clock.pass(job.every) => None,
            // What failed before is not among what has changed since: then everything is looked at.
            () = word => Some(std::mem::take(&mut gathered)).filter(|_| !failed),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: Job =
        Job { name: "test", zh: "试", en: "a test", every: Duration::from_mins(1), gather: Duration::ZERO };

    fn problem(text: &str) -> Problem {
        Problem { chain: text.into(), zh: text.into(), en: text.into() }
    }

    /// The last outcome counts, and when it last went well stays to be seen.
    #[test]
    fn outcomes() {
        let jobs = Jobs::default();
        jobs.note(JOB, Moment(1), Ok(()));
        jobs.note(JOB, Moment(2), Err(problem("full")));
        let standing = jobs.standing().remove("test").expect("it looked");
        assert_eq!((standing.looks, standing.failures), (2, 1));
        assert_eq!((standing.succeeded_at, standing.problem), (Some(Moment(1)), Some(problem("full"))));
        jobs.note(JOB, Moment(3), Ok(()));
        let standing = jobs.standing().remove("test").expect("it looked");
        assert_eq!((standing.succeeded_at, standing.problem), (Some(Moment(3)), None));
    }
}
