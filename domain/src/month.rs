//! A month as bureaus count it: townships report month by month, and a month's report is due early in the next one.

use std::fmt;
use std::str::FromStr;

use time::{Date, OffsetDateTime, Time, UtcOffset};

use crate::moment::Moment;

/// A month is reported until the end of this day of the next one. No national rule was found; counties that were read
/// about ask for the first third of the month.
pub const DUE_DAY: u8 = 10;

/// The years that a report can be about.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2999;

/// A month of a year, written `2024-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    number: u8,
}

/// The text is no month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a month such as 2024-11: {0:?}")]
pub struct NotAMonth(pub String);

impl Month {
    /// A month of a year between 2000 and 2999, `None` if there is none of this number.
    #[must_use]
    pub fn new(year: i32, number: u8) -> Option<Self> {
        (YEARS.contains(&year) && (1..=12).contains(&number)).then_some(Self { year, number })
    }

    /// The month of a moment in China's time (UTC+8).
    #[must_use]
    pub fn of(at: Moment) -> Self {
        let found = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000);
        let found = found.map_or(OffsetDateTime::UNIX_EPOCH, |found| found.to_offset(east_eight()));
        let year = found.year().clamp(*YEARS.start(), *YEARS.end());
        Self { year, number: found.month().into() }
    }

    /// 年度
    #[must_use]
    pub fn year(self) -> i32 {
        self.year
    }

    /// 1 to 12.
    #[must_use]
    pub fn number(self) -> u8 {
        self.number
    }

    /// The month after it; the last there is stays.
    #[must_use]
    pub fn next(self) -> Self {
        let next = if self.number == 12 { Self::new(self.year + 1, 1) } else { Self::new(self.year, self.number + 1) };
        next.unwrap_or(self)
    }

    /// The month before it; the first there is stays.
    #[must_use]
    pub fn previous(self) -> Self {
        let previous =
            if self.number == 1 { Self::new(self.year - 1, 12) } else { Self::new(self.year, self.number - 1) };
        previous.unwrap_or(self)
    }

    /// The first moment at which a report of this month is late: the day after [`DUE_DAY`] begins in China.
    #[must_use]
    pub fn late_from(self) -> Moment {
        let next = self.next();
        let month = time::Month::try_from(next.number);
        let day = month.ok().and_then(|month| Date::from_calendar_date(next.year, month, DUE_DAY + 1).ok());
        let begin = |day: Date| day.with_time(Time::MIDNIGHT).assume_offset(east_eight()).unix_timestamp();
        day.map_or(Moment(i64::MAX), |day| Moment(begin(day).saturating_mul(1000)))
    }
}

fn east_eight() -> UtcOffset {
    UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC)
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.number)
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let read = || {
            let (year, number) = text.trim().split_once('-')?;
            Self::new(year.parse().ok()?, number.parse().ok()?)
        };
        read().ok_or_else(|| NotAMonth(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().expect("a month")
    }

    /// Months follow each other over the turn of the year, and only those that exist are read.
    #[test]
    fn months() {
        assert_eq!(month("2024-12").next(), month("2025-01"));
        assert_eq!(month("2025-1").previous().to_string(), "2024-12");
        for text in ["", "2024", "2024-13", "2024-00", "1999-05", "2024-05-01", "二〇二四-05"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    /// A day begins in China, and a month's report is late from the eleventh of the next month on.
    #[test]
    fn in_china() {
        // 1,735,660,800 s after 1970 is 2024-12-31 16:00 UTC, midnight in China.
        assert_eq!(Month::of(Moment(1_735_660_800_000)), month("2025-01"));
        assert_eq!(Month::of(Moment(1_735_660_799_999)), month("2024-12"));
        // 2025-01-11 00:00 in China is ten days later.
        assert_eq!(month("2024-12").late_from(), Moment(1_735_660_800_000 + 10 * 86_400_000));
    }
}
