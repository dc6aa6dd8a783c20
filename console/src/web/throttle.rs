//! Slowing down whoever guesses passwords: by account, from what the database counts, and by address, in memory. Nobody
//! is shut out by somebody else's failures: the right password is taken after a wait that never grows beyond
//! [`LONGEST_WAIT`], from wherever it comes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tongpin_domain::moment::Moment;

/// Failures that an account bears before its attempts have to wait.
const FREE_FAILURES: u64 = 5;
/// The first wait, seconds; it doubles with each failure up to the longest.
const FIRST_WAIT: u64 = 2;
const LONGEST_WAIT: u64 = 20;
/// Failures that an address bears in a minute before its attempts have to wait, whatever accounts they are for.
const PER_MINUTE: u32 = 20;
/// Attempts of one address, and of all, that wait at once; more are asked to come back.
const WAITING_AT_ONE: u32 = 8;
const WAITING_AT_ALL: u32 = 500;
/// Addresses that are remembered at once; those that come after are taken for new ones.
const ADDRESSES: usize = 10_000;
/// What a second of waiting takes. Tests only want to know that it was waited.
const SECOND: Duration = if cfg!(test) { Duration::from_millis(1) } else { Duration::from_secs(1) };

/// Failures by address in the present minute, and who waits.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    minute: i64,
    failures: HashMap<String, u32>,
    waiting: HashMap<String, u32>,
    /// How long attempts had to wait, seconds.
    waited: u64,
}

/// A place among those who wait, given back when it is dropped.
struct Place<'a> {
    throttle: &'a Throttle,
    address: &'a str,
}

impl Throttle {
    /// Lets an attempt wait as long as its address, and the account with so many failures, have it wait. Answers
    /// `false` at once if too many wait already.
    #[must_use = "an attempt that is not let is not made"]
    pub(super) async fn lets(&self, address: &str, failures: u64, now: Moment) -> bool {
        let seconds = wait(failures).max(self.wait_of(address, now));
        if seconds == 0 {
            return true;
        }
        let Some(place) = self.place(address) else { return false };
        self.counts().waited += seconds;
        tokio::time::sleep(SECOND.saturating_mul(u32::try_from(seconds).unwrap_or(u32::MAX))).await;
        drop(place);
        true
    }

    /// Counts a failure, and says whether the address had too many in this minute before it.
    pub(super) fn failed(&self, address: &str, now: Moment) -> bool {
        let mut counts = self.counts();
        counts.turn(now);
        if counts.failures.len() >= ADDRESSES && !counts.failures.contains_key(address) {
            return false;
        }
        let count = counts.failures.entry(address.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count > PER_MINUTE
    }

    fn wait_of(&self, address: &str, now: Moment) -> u64 {
        let mut counts = self.counts();
        counts.turn(now);
        match counts.failures.get(address) {
            Some(count) if *count >= PER_MINUTE.saturating_mul(2) => LONGEST_WAIT,
            Some(count) if *count >= PER_MINUTE => LONGEST_WAIT / 2,
            _ => 0,
        }
    }

    fn place<'a>(&'a self, address: &'a str) -> Option<Place<'a>> {
        let mut counts = self.counts();
        let (here, all) = (counts.waiting.get(address).copied().unwrap_or(0), counts.waiting.values().sum::<u32>());
        if here >= WAITING_AT_ONE || all >= WAITING_AT_ALL {
            return None;
        }
        counts.waiting.insert(address.to_owned(), here.saturating_add(1));
        Some(Place { throttle: self, address })
    }

    /// Each change of the counts is one call, so that they stay whole whoever panicked while holding them.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long attempts had to wait so far, seconds.
    #[cfg(test)]
    pub(super) fn waited(&self) -> u64 {
        self.counts().waited
    }
}

impl Counts {
    /// Forgets what was counted in another minute.
    fn turn(&mut self, now: Moment) {
        let present = now.0.div_euclid(60_000);
        if self.minute != present {
            self.minute = present;
            self.failures.clear();
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut counts = self.throttle.counts();
        match counts.waiting.get_mut(self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.waiting.remove(self.address);
            }
        }
    }
}

/// How many seconds an attempt waits at an account with so many failures.
fn wait(failures: u64) -> u64 {
    let Some(more) = failures.checked_sub(FREE_FAILURES) else { return 0 };
    let doublings = u32::try_from(more).unwrap_or(u32::MAX).min(10);
    FIRST_WAIT.saturating_mul(2_u64.saturating_pow(doublings)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fifth failure brings two seconds, each further one twice that, twenty at most.
    #[test]
    fn waits() {
        assert_eq!([0, 4, 5, 6, 7, 8, 9, 40, u64::MAX].map(wait), [0, 0, 2, 4, 8, 16, 20, 20, 20]);
    }

    /// An address with twenty failures in a minute waits for each further attempt, others do not, and the next minute
    /// begins anew.
    #[test]
    fn addresses() {
        let throttle = Throttle::default();
        let over = |minute: i64| throttle.failed("10.0.0.1", Moment(minute * 60_000));
        assert_eq!((0..21).map(|_| over(0)).collect::<Vec<_>>(), [vec![false; 20], vec![true]].concat());
        assert_eq!(throttle.wait_of("10.0.0.1", Moment(0)), LONGEST_WAIT / 2);
        assert_eq!(throttle.wait_of("10.0.0.2", Moment(0)), 0);
        assert_eq!((0..19).filter(|_| over(0)).count(), 19);
        assert_eq!(throttle.wait_of("10.0.0.1", Moment(59_999)), LONGEST_WAIT);
        assert_eq!(throttle.wait_of("10.0.0.1", Moment(60_000)), 0);
        assert!(!over(1));
    }

    /// So many wait at one address and no more, the next is not let; who has waited makes room, and another address has
    /// its own.
    #[tokio::test]
    async fn places() {
        let throttle = Throttle::default();
        let mut held: Vec<Place<'_>> = (0..WAITING_AT_ONE).filter_map(|_| throttle.place("10.0.0.1")).collect();
        assert!(throttle.place("10.0.0.1").is_none());
        assert!(!throttle.lets("10.0.0.1", 9, Moment(0)).await && throttle.lets("10.0.0.1", 0, Moment(0)).await);
        assert!(throttle.lets("10.0.0.2", 9, Moment(0)).await);
        assert!(throttle.place("10.0.0.2").is_some());
        held.pop();
        assert!(throttle.place("10.0.0.1").is_some());
        drop(held);
        assert!(throttle.counts().waiting.is_empty());
    }
}
