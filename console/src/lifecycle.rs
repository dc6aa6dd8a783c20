//! Start and stop in one place: the first signal drains, the second stops at once, a crashed task ends the process.

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::Site;
use tongpin_link::reconcile::{self, Reconciler};
use tongpin_store::Store;

use crate::exit::Exit;
use crate::stderr;

/// How long tasks may take to drain before they are cut off: below the 90 s after which systemd kills.
pub const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// How long the database may take to close: with [`DRAIN_LIMIT`] still below those 90 s.
const CLOSING: Duration = Duration::from_secs(20);

/// What a task that failed leaves behind.
pub type TaskError = Box<dyn StdError + Send + Sync>;

/// Why a program did not end well.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// The system does not let the program listen for signals.
    #[error("cannot listen for signals")]
    Signals(#[source] io::Error),
    /// A task failed.
    #[error("the task {name} failed")]
    Failed {
        /// The task.
        name: String,
        /// What it said.
        #[source]
        source: TaskError,
    },
    /// A task panicked.
    #[error("the task {name} crashed: {reason}")]
    Crashed {
        /// The task.
        name: String,
        /// The panic's message.
        reason: String,
    },
    /// Tasks did not stop when they were told to, and were cut off.
    #[error("did not stop in time: {}", names.join(", "))]
    Stuck {
        /// The tasks.
        names: Vec<String>,
    },
}

impl Say for LifecycleError {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Signals(source) => format!("无法监听停止信号（{source}）；请检查运行环境"),
            Self::Failed { name, source } => format!("任务 {name} 失败（{source}），程序已停止；请查看日志"),
            Self::Crashed { name, reason } => {
                format!("任务 {name} 异常终止（{reason}），程序已停止；请保留日志并联系维护人员")
            }
            Self::Stuck { names } => {
                format!("下列任务未能按时停止，已强制结束：{}；已确认的数据不受影响，可直接重新启动", names.join("、"))
            }
        };
        let en = match self {
            Self::Signals(source) => format!("{self} ({source}); check the environment"),
            Self::Failed { source, .. } => format!("{self} ({source}) and the program stopped; see the log"),
            Self::Crashed { .. } => format!("{self}, and the program stopped; keep the log and report it"),
            Self::Stuck { .. } => format!("{self}; what was acknowledged is safe, start again"),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// A running program: its tasks, and the token that tells them to finish what they hold and stop.
#[derive(Debug)]
pub struct Lifecycle {
    token: CancellationToken,
    tasks: JoinSet<Result<(), TaskError>>,
    names: HashMap<Id, String>,
    drain_limit: Duration,
}

impl Lifecycle {
    /// Starts to listen for Ctrl-C and SIGTERM, so that they work during start-up too. Call it within a runtime.
    ///
    /// The first signal cancels the token; one that comes when the token is cancelled already ends the process with
    /// 130 at once.
    pub fn new() -> Result<Self, LifecycleError> {
        let interrupt = signal(SignalKind::interrupt()).map_err(LifecycleError::Signals)?;
        let terminate = signal(SignalKind::terminate()).map_err(LifecycleError::Signals)?;
        let lifecycle = Self::unsignalled();
        tokio::spawn(listen(interrupt, terminate, lifecycle.token()));
        Ok(lifecycle)
    }

    /// A life cycle that nothing but its token ends, for programs that run others inside themselves.
    #[must_use]
    pub fn unsignalled() -> Self {
        Self { token: CancellationToken::new(), tasks: JoinSet::new(), names: HashMap::new(), drain_limit: DRAIN_LIMIT }
    }

    /// Cancelled when the program is to stop; whoever cancels it stops the program.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Runs a task. It may end well at any time; once the token is cancelled it has to end soon.
    pub fn spawn<F, E>(&mut self, name: impl Into<String>, task: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<TaskError>,
    {
        let handle = self.tasks.spawn(async move { task.await.map_err(Into::into) });
        self.names.insert(handle.id(), name.into());
    }

    /// Runs a task that cannot fail and goes on until it is told to stop.
    pub fn spawn_endless(&mut self, name: impl Into<String>, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn(name, async move {
            task.await;
            Ok::<(), Infallible>(())
        });
    }

    /// Starts a background job under its name.
    pub fn spawn_job(&mut self, site: Arc<Site>, job: impl Reconciler) {
        let (name, token) = (job.job().name, self.token());
        self.spawn_endless(name, async move { reconcile::run(&site, job, token).await });
    }

    /// Waits until every task has ended. The first that fails stops the others, and its error is the result.
    pub async fn run(mut self) -> Result<(), LifecycleError> {
        let mut first = None;
        let mut limit = None;
        loop {
            let ended = tokio::select! {
                ended = self.tasks.join_next_with_id() => ended,
                () = self.token.cancelled(), if limit.is_none() => {
                    limit = Some(Box::pin(tokio::time::sleep(self.drain_limit)));
                    continue;
                }
                () = pass(limit.as_mut()) => {
                    first = first.or(Some(self.cut_off().await));
                    break;
                }
            };
            let Some(ended) = ended else { break };
            if let Some(error) = self.judge(ended) {
                tracing::error!(error = &error as &dyn StdError, "a task failed; stopping");
                self.token.cancel();
                first = first.or(Some(error));
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// What the end of one task means for the program.
    fn judge(&mut self, ended: Result<(Id, Result<(), TaskError>), JoinError>) -> Option<LifecycleError> {
        match ended {
            Ok((id, result)) => {
                let name = self.names.remove(&id).unwrap_or_default();
                result.err().map(|source| LifecycleError::Failed { name, source })
            }
            Err(error) => {
                let name = self.names.remove(&error.id()).unwrap_or_default();
                let reason = match error.try_into_panic() {
                    Ok(panic) => panic_message(panic.as_ref()),
                    Err(cancelled) => cancelled.to_string(),
                };
                Some(LifecycleError::Crashed { name, reason })
            }
        }
    }

    /// Aborts what did not drain in time.
    async fn cut_off(&mut self) -> LifecycleError {
        let mut names: Vec<String> = self.names.values().cloned().collect();
        names.sort();
        self.tasks.shutdown().await;
        LifecycleError::Stuck { names }
    }
}

/// Ends when the limit passes, and never without one.
async fn pass(limit: Option<&mut std::pin::Pin<Box<tokio::time::Sleep>>>) {
    match limit {
        Some(limit) => limit.await,
        None => std::future::pending().await,
    }
}

/// Closes the database of a program that ends, so that all it holds is in its one file and nothing is left beside it: a
/// write-ahead log that stays behind would be taken for that of whatever file is put there next. Whoever still holds a
/// connection is not waited for long: such a log is whole, and the next start reads it.
pub async fn close(store: &Store) {
    if tokio::time::timeout(CLOSING, store.close()).await.is_err() {
        tracing::warn!("the database was not closed in time; its write-ahead log stays beside it");
    }
}

/// Ends what a runtime still holds, and lets the last lines of the log out: neither for long, because what was
/// acknowledged is safe and whoever stops a program wants it stopped.
pub fn finish(runtime: Runtime) {
    runtime.shutdown_timeout(stderr::PATIENCE);
    stderr::flush(stderr::PATIENCE);
}

async fn listen(mut interrupt: Signal, mut terminate: Signal, token: CancellationToken) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if !drains(&token) {
            std::process::exit(Exit::Stopped.code().into());
        }
    }
}

/// Answers one signal: the first asks to drain, and any further one is told that draining is under way already.
fn drains(token: &CancellationToken) -> bool {
    let first = !token.is_cancelled();
    if first {
        tracing::info!("stopping: finishing what is under way; a second signal stops at once");
        token.cancel();
    }
    first
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests;
