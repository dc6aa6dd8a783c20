//! What goes on with one file: nothing, an examination, what it found, a confirmation, what came of it. It is done
//! once, however many ask.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tongpin_store::{Store, Watch};

use super::{Ledger, Preview, concerns};
use crate::failure::Failure;
use crate::ops::import::{ImportError, Step};

/// How long a preview that nobody has seen yet is shown though something has changed since: where records come in all
/// the time nobody would see one otherwise. What is confirmed is looked at again anyway.
const UNSEEN: Duration = Duration::from_secs(30);

/// What comes of an examination, or of a confirmation.
pub(crate) enum Done {
    /// What the file would change.
    Found(Preview),
    /// It would change something else than what was confirmed; nothing was written.
    Otherwise(Preview),
    /// It was written.
    Written(Preview),
}

/// The same, or why not.
pub(crate) type Outcome = Result<Done, ImportError>;

/// What there is to tell of a file.
pub(crate) enum Came {
    /// It is at work: how far, and whether to write it.
    AtWork(Step, bool),
    /// What it would change, and whether that is another than what was confirmed, which is told once.
    Preview(Arc<Preview>, bool),
    /// It was written; what that was is told once.
    Written(Option<Arc<Preview>>),
    /// Why it is not taken: told to all who waited for that.
    Refused(Arc<ImportError>),
    /// Nothing: a preview was let go of at this very moment.
    Nothing,
}

/// What goes on with a file.
#[derive(Debug, Default)]
pub(crate) struct Work {
    state: Mutex<State>,
    word: Notify,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Nothing,
    AtWork(Task),
    Found(Kept),
    Written(Option<Arc<Preview>>),
    /// Why not, and whether anybody was told: whoever comes then has it tried again.
    Refused(Arc<ImportError>, bool),
}

#[derive(Debug)]
struct Task {
    writes: bool,
    step: Arc<Mutex<Step>>,
    abort: AbortHandle,
}

/// A preview, and whether what it was made of has changed.
#[derive(Debug)]
struct Kept {
    preview: Arc<Preview>,
    watch: Watch,
    changed: bool,
    since: Instant,
    seen: bool,
    otherwise: bool,
}

impl Kept {
    fn is_fresh(&mut self) -> bool {
        self.changed |= !self.watch.take().is_empty();
        !self.changed || (!self.seen && self.since.elapsed() < UNSEEN)
    }
}

/// Hears how far a file is.
#[derive(Debug, Clone)]
pub(crate) struct Hear(Arc<Mutex<Step>>);

impl Hear {
    pub(crate) fn on(&self, step: Step) {
        *lock(&self.0) = step;
    }
}

impl Work {
    /// Examines the file unless that has been done, and holds, and `fits`; or something is at work, or was done and is
    /// still to be told.
    pub(super) fn examine<F>(
        self: &Arc<Self>,
        store: &Store,
        kept: &Arc<Ledger>,
        fits: &dyn Fn(&Preview) -> bool,
        examine: impl FnOnce(Hear) -> F,
    ) where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let mut state = self.state();
        let begins = match &mut *state {
            State::Nothing | State::Refused(_, true) => true,
            State::Found(kept) => !kept.is_fresh() || !fits(&kept.preview),
            State::AtWork(_) | State::Written(_) | State::Refused(_, false) => false,
        };
        if begins {
            *state = self.start(false, store, kept, examine);
        }
    }

    /// Writes the file, unless that is going on or was done. An examination that somebody has begun meanwhile is given
    /// up: writing looks at the file again anyway.
    pub(super) fn write<F>(self: &Arc<Self>, store: &Store, kept: &Arc<Ledger>, write: impl FnOnce(Hear) -> F)
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let mut state = self.state();
        match &*state {
            State::Written(_) => return,
            State::AtWork(task) if task.writes => return,
            State::AtWork(task) => task.abort.abort(),
            State::Nothing | State::Found(_) | State::Refused(..) => {}
        }
        *state = self.start(true, store, kept, write);
    }

    fn start<F>(
        self: &Arc<Self>,
        writes: bool,
        store: &Store,
        kept: &Arc<Ledger>,
        make: impl FnOnce(Hear) -> F,
    ) -> State
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let step = Arc::<Mutex<Step>>::default();
        // What changes from here on may or may not be seen by what is made: it is made anew for whoever asks next.
        let watch = store.watch(concerns);
        let ending = Ending { work: Arc::downgrade(self), step: step.clone(), told: false };
        let (making, kept) = (make(Hear(step.clone())), kept.clone());
        let task = tokio::spawn(async move {
            let outcome = making.await;
            ending.tell(outcome, watch, &kept);
        });
        State::AtWork(Task { writes, step, abort: task.abort_handle() })
    }

    /// What there is to tell, as soon as there is anything, or after so long how far it is.
    pub(super) async fn came(&self, patience: Duration) -> Came {
        let settled = async {
            loop {
                let word = self.word.notified();
                if !matches!(*self.state(), State::AtWork(_)) {
                    return;
                }
                word.await;
            }
        };
        let _ = timeout(patience, settled).await;
        let mut state = self.state();
        match &mut *state {
            State::Nothing => Came::Nothing,
            State::AtWork(task) => Came::AtWork(*lock(&task.step), task.writes),
            State::Found(kept) => {
                kept.seen = true;
                Came::Preview(kept.preview.clone(), std::mem::take(&mut kept.otherwise))
            }
            State::Written(preview) => Came::Written(preview.take()),
            State::Refused(error, told) => {
                *told = true;
                Came::Refused(error.clone())
            }
        }
    }

    /// The file came again: what was done with it before is told to nobody any more.
    pub(super) fn forget_told(&self) {
        let mut state = self.state();
        if matches!(*state, State::Written(_) | State::Refused(..)) {
            *state = State::Nothing;
        }
    }

    /// Whether it was written.
    pub(crate) fn is_written(&self) -> bool {
        matches!(*self.state(), State::Written(_))
    }

    /// Lets go of a preview; whoever shows it just now keeps it.
    pub(super) fn let_go(&self) {
        let mut state = self.state();
        if matches!(*state, State::Found(_)) {
            *state = State::Nothing;
        }
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> Option<Arc<Preview>> {
        if let State::Found(kept) = &*self.state() { Some(kept.preview.clone()) } else { None }
    }

    /// It is replaced whole, so that a panic leaves nothing half done.
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// Nobody can ask for the file any more: it need not be examined to the end. What is confirmed is written.
impl Drop for Work {
    fn drop(&mut self) {
        if let State::AtWork(task) = &*self.state()
            && !task.writes
        {
            task.abort.abort();
        }
    }
}

/// The end of a task: one that ends without a word has failed.
struct Ending {
    work: Weak<Work>,
    step: Arc<Mutex<Step>>,
    told: bool,
}

impl Ending {
    fn tell(mut self, outcome: Outcome, watch: Watch, kept: &Ledger) {
        self.told = true;
        let otherwise = matches!(outcome, Ok(Done::Otherwise(_)));
        let state = match outcome {
            Ok(Done::Found(preview) | Done::Otherwise(preview)) => State::Found(Kept {
                preview: Arc::new(preview),
                watch,
                changed: false,
                since: Instant::now(),
                seen: false,
                otherwise,
            }),
            Ok(Done::Written(preview)) => State::Written(Some(Arc::new(preview))),
            Err(error) => State::Refused(Arc::new(error), false),
        };
        let weight = if let State::Found(kept) = &state { Some(kept.preview.weight()) } else { None };
        if let Some(work) = self.put(state)
            && let Some(weight) = weight
        {
            kept.note(&work, weight);
        }
    }

    /// What the file has come to, unless something else has been begun with it since.
    fn put(&self, ended: State) -> Option<Arc<Work>> {
        let work = self.work.upgrade()?;
        let mut state = work.state();
        let ours = matches!(&*state, State::AtWork(task) if Arc::ptr_eq(&task.step, &self.step));
        if ours {
            *state = ended;
        }
        drop(state);
        work.word.notify_waiters();
        ours.then_some(work)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if !self.told {
            let failure = Failure::internal(&"looking through a file, or writing it, ended without a word");
            self.put(State::Refused(Arc::new(failure.into()), false));
        }
    }
}

/// A panic while one of these was held left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::oneshot;

    use super::*;
    use crate::ops::ground::TestNode;

    /// Long enough for anything here.
    const PATIENT: Duration = Duration::from_mins(1);

    fn unknown() -> Outcome {
        Err(ImportError::Unknown("A".into()))
    }

    /// What is asked for twice is done once and told once; a task that ends without a word has failed, and can be begun
    /// again.
    #[tokio::test]
    async fn once() {
        let desk = TestNode::open().await;
        let (work, kept, begun) = (Arc::<Work>::default(), Arc::<Ledger>::default(), AtomicUsize::new(0));
        let (go, wait) = oneshot::channel::<()>();
        let mut wait = Some(wait);
        for _ in 0..2 {
            work.write(&desk.store, &kept, |hear| {
                begun.fetch_add(1, Ordering::Relaxed);
                let wait = wait.take();
                async move {
                    hear.on(Step::Writing { total: 7 });
                    let _ = wait.expect("begun once").await;
                    unknown()
                }
            });
            let came = work.came(Duration::from_millis(20)).await;
            assert!(matches!(came, Came::AtWork(Step::Writing { total: 7 }, true)));
        }
        work.examine(&desk.store, &kept, &|_| true, |_| async { unreachable!("it is being written") });
        go.send(()).expect("waited for");
        let unknown_is = |came: &Came| matches!(came, Came::Refused(why) if matches!(**why, ImportError::Unknown(_)));
        // Both who pressed are told; then it can be tried again.
        assert!(unknown_is(&work.came(PATIENT).await) && unknown_is(&work.came(PATIENT).await));
        assert_eq!(begun.load(Ordering::Relaxed), 1);
        work.examine(&desk.store, &kept, &|_| true, |_| async { unreachable!("a fault of the program") });
        let came = work.came(PATIENT).await;
        assert!(matches!(came, Came::Refused(why) if matches!(*why, ImportError::Failure(_))));
        work.examine(&desk.store, &kept, &|_| true, |_| async { unknown() });
        assert!(unknown_is(&work.came(PATIENT).await));
    }

    /// A file that nobody can ask for any more is not examined to the end; one that was confirmed is written, and
    /// writing gives an examination up that was begun meanwhile.
    #[tokio::test]
    async fn given_up_or_not() {
        let desk = TestNode::open().await;
        let (work, kept) = (Arc::<Work>::default(), Arc::<Ledger>::default());
        let (held, given_up) = oneshot::channel::<()>();
        work.examine(&desk.store, &kept, &|_| true, |_| async move {
            let _held = held;
            std::future::pending::<Outcome>().await
        });
        let (told, written) = oneshot::channel();
        let (go, wait) = oneshot::channel::<()>();
        work.write(&desk.store, &kept, |_| async move {
            let _ = wait.await;
            told.send(()).expect("waited for");
            unknown()
        });
        assert!(given_up.await.is_err(), "writing gives it up");
        assert!(matches!(work.came(Duration::ZERO).await, Came::AtWork(_, true)));
        drop(work);
        go.send(()).expect("it is still being written");
        written.await.expect("written");

        let work = Arc::<Work>::default();
        let (held, given_up) = oneshot::channel::<()>();
        work.examine(&desk.store, &kept, &|_| true, |_| async move {
            let _held = held;
            std::future::pending::<Outcome>().await
        });
        drop(work);
        assert!(given_up.await.is_err(), "nobody can ask for it");
    }
}
