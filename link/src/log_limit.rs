//! Lines of the log that strangers cause: a few of each kind in a minute, and then how many were left out, so that no
//! flood of theirs fills a disk or hides what counts.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_mins(1);

/// How many lines of one kind may be written.
#[derive(Debug)]
pub(crate) struct LogLimit {
    most: u64,
    minute: Mutex<Minute>,
}

#[derive(Debug, Default)]
struct Minute {
    begun: Option<Instant>,
    asked: u64,
}

impl LogLimit {
    /// So many lines a minute.
    pub(crate) fn of(most: u64) -> Self {
        Self { most, minute: Mutex::default() }
    }

    /// Whether a line may be written, and how many were not since the last one.
    pub(crate) fn next(&self) -> Option<u64> {
        self.at(Instant::now())
    }

    fn at(&self, now: Instant) -> Option<u64> {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left_out = 0;
        if minute.begun.is_none_or(|begun| now.saturating_duration_since(begun) >= MINUTE) {
            left_out = minute.asked.saturating_sub(self.most);
            *minute = Minute { begun: Some(now), asked: 0 };
        }
        minute.asked = minute.asked.saturating_add(1);
        (minute.asked <= self.most).then_some(left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a flood a few lines are written, and the first one of the next minute tells how many were not.
    #[test]
    fn a_flood_is_counted() {
        let ration = LogLimit::of(2);
        let begun = Instant::now();
        let told: Vec<_> = (0..5).map(|_| ration.at(begun)).collect();
        assert_eq!(told, [Some(0), Some(0), None, None, None]);
        assert_eq!(ration.at(begun + MINUTE), Some(3));
        assert_eq!(ration.at(begun + MINUTE), Some(0));
        assert_eq!(ration.at(begun + 3 * MINUTE), Some(0));
    }
}
