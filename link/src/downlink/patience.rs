//! Slowing down whoever tries tokens: the first wrong ones are answered at once, further ones wait, longer and longer
//! up to a few seconds. Nobody is locked out for good, and a right token is at worst a few seconds late.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Wrong tokens that are answered at once: of one address, and of all together.
const FREE: (f64, f64) = (10.0, 100.0);
/// How many are forgotten in a second.
const FORGOTTEN: (f64, f64) = (0.2, 5.0);
/// What each further one adds to the wait, and the longest wait.
const STEP: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);
/// Requests that may wait at once; more are told to come again.
const WAITING: usize = 32;
/// Addresses that are remembered at once.
const ADDRESSES: usize = 4096;

/// What is remembered of wrong tokens.
#[derive(Debug)]
pub(crate) struct Patience {
    failures: Mutex<Failures>,
    waiting: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Failures {
    all: Count,
    by_address: HashMap<IpAddr, Count>,
}

/// A count that is forgotten as time goes by.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    number: f64,
    at: Option<Instant>,
}

impl Count {
    fn now(self, now: Instant, forgotten: f64) -> f64 {
        let passed = self.at.map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        (self.number - passed * forgotten).max(0.0)
    }

    fn add(&mut self, now: Instant, forgotten: f64) {
        *self = Self { number: self.now(now, forgotten) + 1.0, at: Some(now) };
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self { failures: Mutex::default(), waiting: Arc::new(Semaphore::new(WAITING)) }
    }
}

impl Patience {
    /// Waits for the turn of a request, `None` if too many wait already.
    pub(crate) async fn turn(&self, comer: Option<IpAddr>) -> Option<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        let wait = self.wait(comer, Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Some(permit)
    }

    /// Counts a wrong token.
    pub(crate) fn failed(&self, comer: Option<IpAddr>) {
        self.failed_at(comer, Instant::now());
    }

    fn failed_at(&self, comer: Option<IpAddr>, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.all.add(now, FORGOTTEN.1);
        let Some(comer) = comer else { return };
        if failures.by_address.len() >= ADDRESSES {
            failures.by_address.retain(|_, count| count.now(now, FORGOTTEN.0) > 1.0);
        }
        if failures.by_address.len() < ADDRESSES {
            failures.by_address.entry(comer).or_default().add(now, FORGOTTEN.0);
        }
    }

    fn wait(&self, comer: Option<IpAddr>, now: Instant) -> Duration {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let own = comer.and_then(|comer| failures.by_address.get(&comer).copied()).unwrap_or_default();
        let own = own.now(now, FORGOTTEN.0) - FREE.0;
        let all = failures.all.now(now, FORGOTTEN.1) - FREE.1;
        STEP.mul_f64(own.max(all).max(0.0)).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten wrong tokens are free, further ones wait, others are not held up by them, and after a while all is
    /// forgotten.
    #[test]
    fn waits() {
        let (patience, now) = (Patience::default(), Instant::now());
        let address = |last: u8| Some(IpAddr::from([10, 0, 0, last]));
        let wait = |last, after: u64| patience.wait(address(last), now + Duration::from_secs(after)).as_millis();
        (0..10).for_each(|_| patience.failed_at(address(1), now));
        assert_eq!(wait(1, 0), 0);
        (0..5).for_each(|_| patience.failed_at(address(1), now));
        assert_eq!((wait(1, 0), wait(2, 0)), (1000, 0));
        (0..200).for_each(|_| patience.failed_at(address(1), now));
        assert_eq!((wait(1, 0), wait(2, 0)), (5000, 5000), "so many that everybody waits");
        assert_eq!((wait(1, 60), wait(2, 60)), (5000, 0));
        assert_eq!(wait(1, 3600), 0);
    }

    /// Only so many requests wait at once; the next one may come when one is done.
    #[tokio::test]
    async fn few_wait() {
        let patience = Patience::default();
        let mut turns = Vec::new();
        for _ in 0..WAITING {
            turns.push(patience.turn(None).await.expect("a turn"));
        }
        assert!(patience.turn(None).await.is_none());
        turns.pop();
        assert!(patience.turn(None).await.is_some());
    }
}
