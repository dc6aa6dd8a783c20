//! The one adapter to real time: everything else is handed a moment, so that tests can choose theirs.

use std::time::UNIX_EPOCH;

use tongpin_domain::moment::Moment;

/// The present moment by this machine's clock; a clock set before 1970 gives a negative moment, never a panic.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the adapter that the ban points to")]
pub fn now() -> Moment {
    let milliseconds = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    match std::time::SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => Moment(milliseconds(since)),
        Err(before) => Moment(milliseconds(before.duration()).saturating_neg()),
    }
}

#[cfg(test)]
mod tests {
    use super::now;

    /// Shows that the clock counts milliseconds: in seconds or nanoseconds the year would be 1970 or 50,000 and more.
    #[test]
    fn counts_milliseconds() {
        // 2025-01-01 is 1,735,689,600 s after 1970; 2225-01-01 is 8,046,950,400 s.
        let at = now().0;
        assert!((1_735_689_600_000..8_046_950_400_000).contains(&at), "{at}");
    }
}
