//! Slowing down whoever guesses passwords: by account, from what the database counts, and by address, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tongpin_domain::moment::Moment;

/// Failures that an account bears before it has to wait.
const FREE_FAILURES: u64 = 5;
/// The first wait, seconds; it doubles with each failure up to the longest.
const FIRST_WAIT: i64 = 30;
const LONGEST_WAIT: i64 = 15 * 60;
/// Attempts that one address has in a minute.
const PER_MINUTE: u32 = 20;
/// Addresses that are remembered at once.
const ADDRESSES: usize = 10_000;

/// Attempts by address in the present minute.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    minute: Mutex<(i64, HashMap<String, u32>)>,
}

impl Throttle {
    /// Counts an attempt and says whether the address may have it.
    pub(super) fn lets(&self, address: &str, now: Moment) -> bool {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let present = now.0 / 60_000;
        if minute.0 != present {
            *minute = (present, HashMap::new());
        }
        if minute.1.len() >= ADDRESSES && !minute.1.contains_key(address) {
            return false;
        }
        let count = minute.1.entry(address.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count <= PER_MINUTE
    }

    /// Whether the address has had all its attempts of the present minute; asking counts as none.
    pub(super) fn blocks(&self, address: &str, now: Moment) -> bool {
        let minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        minute.0 == now.0 / 60_000 && minute.1.get(address).is_some_and(|count| *count >= PER_MINUTE)
    }
}

/// How many seconds an account with so many failures still has to wait.
pub(super) fn wait(failures: u64, last: Option<Moment>, now: Moment) -> i64 {
    let Some(last) = last.filter(|_| failures >= FREE_FAILURES) else { return 0 };
    let doublings = u32::try_from(failures - FREE_FAILURES).unwrap_or(u32::MAX).min(10);
    let wait = FIRST_WAIT.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_WAIT);
    (wait - now.seconds_since(last)).clamp(0, LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fifth failure brings half a minute, each further one twice that, a quarter of an hour at most.
    #[test]
    fn waits() {
        let now = Moment(1_000_000);
        let at = |failures| wait(failures, Some(now), now);
        assert_eq!([0, 4, 5, 6, 9, 10, 40].map(at), [0, 0, 30, 60, 480, 900, 900]);
        assert_eq!(wait(5, Some(now), now.plus_seconds(29)), 1);
        assert_eq!(wait(5, Some(now), now.plus_seconds(31)), 0);
        assert_eq!(
            wait(5, Some(now.plus_seconds(99_999)), now),
            LONGEST_WAIT,
            "a clock set back locks nobody out for long"
        );
    }

    /// An address has twenty attempts a minute, others are not held up by it.
    #[test]
    fn addresses() {
        let throttle = Throttle::default();
        let let_in = (0..30).filter(|_| throttle.lets("10.0.0.1", Moment(0))).count();
        assert_eq!(let_in, 20);
        assert!(throttle.lets("10.0.0.2", Moment(0)));
        assert!(throttle.blocks("10.0.0.1", Moment(0)) && !throttle.blocks("10.0.0.2", Moment(0)));
        assert!(!throttle.blocks("10.0.0.1", Moment(60_000)));
        assert!(throttle.lets("10.0.0.1", Moment(60_000)));
    }
}
