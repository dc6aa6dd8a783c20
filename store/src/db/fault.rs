//! The durable step: every commit, seen from just before and just after it. It is one of the two places at which a
//! simulation puts its faults; no program puts anything there.

use std::io;
use std::sync::Arc;

use super::Store;

/// What happens around a commit.
pub trait DurableStep: std::fmt::Debug + Send + Sync {
    /// Before the database is asked to commit. An error lets the transaction fail, as when the disk does.
    ///
    /// # Errors
    /// Whatever is to happen.
    fn before(&self) -> io::Result<()>;

    /// After it has committed. An error lets whoever waits believe that it failed, as when the answer is lost.
    ///
    /// # Errors
    /// Whatever is to happen.
    fn after(&self) -> io::Result<()>;
}

impl Store {
    /// Puts something around every commit of this process from now on; the first that is put there stays.
    #[doc(hidden)]
    pub fn around_commits(&self, step: Arc<dyn DurableStep>) {
        let _ = self.inner.around.set(step);
    }
}
