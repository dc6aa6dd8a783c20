//! The time, passed in: what it is now, and waiting for it. One clock gives both, so that a test that stops it or sets
//! it forward moves everything that waits with it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tongpin_domain::moment::Moment;

use crate::boxed;

/// Something that is waited for.
pub type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from.
pub trait Time: Send + Sync {
    /// The time.
    fn now(&self) -> Moment;

    /// Waits until so much of this time has passed.
    fn pass(&self, time: Duration) -> Waiting;
}

/// A clock; clones are the same.
#[derive(Clone)]
pub struct Clock(Arc<dyn Time>);

impl Clock {
    /// The clock of a source of time.
    pub fn new(time: impl Time + 'static) -> Self {
        Self(Arc::new(time))
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.0.now()
    }

    /// Waits until so much of this clock's time has passed.
    #[boxed]
    pub async fn pass(&self, time: Duration) {
        self.0.pass(time).await;
    }

    /// The time for those who only read it.
    #[must_use]
    pub fn reader(&self) -> Arc<dyn Fn() -> Moment + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// A machine's own clock: whatever tells the time, beside the time that passes there.
impl<F: Fn() -> Moment + Send + Sync> Time for F {
    fn now(&self) -> Moment {
        self()
    }

    fn pass(&self, time: Duration) -> Waiting {
        Box::pin(tokio::time::sleep(time))
    }
}
