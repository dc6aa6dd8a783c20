//! The one policy of retrying: delays that grow, with jitter, without end. It only yields delays; who retries decides.

use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff;

/// Delays between attempts, from 0.5 s to a minute, each varied by up to 50 %, so that ten nodes that lost the same
/// parent do not come back at the same moment. It never gives up.
pub struct Retry {
    delays: ExponentialBackoff,
}

impl Default for Retry {
    fn default() -> Self {
        Self::between(Self::FIRST, Self::LONGEST)
    }
}

impl Retry {
    /// The pause after the first failure.
    pub const FIRST: Duration = Duration::from_millis(500);
    /// The longest interval between attempts.
    pub const LONGEST: Duration = Duration::from_mins(1);

    /// Delays that start at `first` and grow to `longest`.
    #[must_use]
    pub fn between(first: Duration, longest: Duration) -> Self {
        let mut delays = ExponentialBackoff {
            initial_interval: first,
            current_interval: first,
            max_interval: longest,
            randomization_factor: 0.5,
            multiplier: 2.0,
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        delays.reset();
        Self { delays }
    }

    /// How long to wait before the next attempt.
    pub fn next_delay(&mut self) -> Duration {
        // None only comes once `max_elapsed_time` has passed, and there is none.
        self.delays.next_backoff().unwrap_or(self.delays.max_interval)
    }

    /// An attempt succeeded: the next failure starts from the shortest delay.
    pub fn succeeded(&mut self) {
        self.delays.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Delays grow to their limit, stay within the jitter, never end, and start anew after a success.
    #[test]
    fn delays_grow_and_never_end() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(2));
        let mut retry = Retry::between(first, longest);
        assert!(retry.next_delay() <= first.mul_f64(1.5));
        let later: Vec<Duration> = (0..1000).map(|_| retry.next_delay()).collect();
        assert!(later[100..].iter().all(|delay| (longest.mul_f64(0.5)..=longest.mul_f64(1.5)).contains(delay)));
        retry.succeeded();
        assert!(retry.next_delay() <= first.mul_f64(1.5));
    }
}
