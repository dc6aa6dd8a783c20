//! A moment in time. The domain never asks for it: whoever acts passes it in.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset, macros::format_description};

/// Milliseconds since 1970-01-01 UTC, shown in China's time (UTC+8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// This moment plus a number of seconds (negative goes back), clamped to what an `i64` holds.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// A day and a time in China's time as browsers send it, `2026-03-31T09:00`, with or without seconds.
    #[must_use]
    pub fn from_local(text: &str) -> Option<Self> {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute][optional [:[second]]]");
        let east_eight = UtcOffset::from_hms(8, 0, 0).ok()?;
        let at = PrimitiveDateTime::parse(text.trim(), &format).ok()?.assume_offset(east_eight);
        Some(Self(at.unix_timestamp().saturating_mul(1000)))
    }

    /// Which day it is in China, counted from 1970-01-01; 0 before.
    #[must_use]
    pub fn day(self) -> u64 {
        const DAY_MS: i64 = 24 * 3600 * 1000;
        const EAST_MS: i64 = 8 * 3600 * 1000;
        u64::try_from(self.0.saturating_add(EAST_MS).div_euclid(DAY_MS)).unwrap_or(0)
    }

    /// Seconds from `earlier` to this moment, negative if `earlier` is later.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0) / 1000
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        let east_eight = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
        let shown = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|at| at.to_offset(east_eight).format(&format).ok());
        match shown {
            Some(text) => f.write_str(&text),
            None => write!(f, "{} ms", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day begins at midnight in China, which is 16:00 UTC of the day before.
    #[test]
    fn days() {
        let at = |text| Moment::from_local(text).expect("a time").day();
        assert_eq!((at("1970-01-02T00:00"), at("2026-03-30T23:59"), at("2026-03-31T00:00")), (1, 20_542, 20_543));
        assert_eq!((Moment(i64::MIN).day(), Moment(0).day()), (0, 0));
    }

    /// What a browser sends is read in China's time, and shown as the same; what is no time is none.
    #[test]
    fn local_times() {
        let at = Moment::from_local("2026-03-31T09:00").expect("a time");
        assert_eq!((at, at.to_string().as_str()), (Moment(1_774_918_800_000), "2026-03-31 09:00:00"));
        assert_eq!(Moment::from_local(" 2026-03-31T09:00:07 "), Some(Moment(1_774_918_807_000)));
        for wrong in ["", "2026-03-31", "2026-02-30T09:00", "31.3.2026 9:00"] {
            assert_eq!(Moment::from_local(wrong), None, "{wrong}");
        }
    }
}
