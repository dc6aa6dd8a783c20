//! The yearly round (流程与时间表): who does what in which months, as the `procedures` catalog keeps it.

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset};

use crate::moment::Moment;
use crate::number::half_width;

/// 流程: one step of the yearly round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// The entry's key.
    pub key: String,
    /// 事项
    #[serde(default)]
    pub title: String,
    /// 时间 as written, see [`Season::read`].
    #[serde(default)]
    pub months: String,
    /// 责任单位, separated by `;`
    #[serde(default)]
    pub who: String,
    /// 依据
    #[serde(default)]
    pub basis: String,
    /// 要求
    #[serde(default)]
    pub text: String,
}

/// The months of a step, counted from January of the budget year: `上年8月` is −5, `次年1月` is 12. Both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Season {
    first: i32,
    last: i32,
}

/// A month of a year, as the calendar in China has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearMonth {
    /// The year.
    pub year: i32,
    /// 1–12
    pub month: u8,
}

impl YearMonth {
    /// The month of a moment in China; `None` where no calendar reaches.
    #[must_use]
    pub fn of(at: Moment) -> Option<Self> {
        let east_eight = UtcOffset::from_hms(8, 0, 0).ok()?;
        let at = OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).ok()?.checked_to_offset(east_eight)?;
        Some(Self { year: at.year(), month: at.month().into() })
    }
}

impl Season {
    /// Reads `8月`, `1月至2月`, `上年8月至11月` or `次年1-3月`. What has no fixed months, such as 资金文件下达后30日内, is `None`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let plain: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
        let (first, last) = plain.split_once(['至', '到', '-', '~', '—', '–']).unwrap_or((&plain, ""));
        let (first_year, start) = place(first)?;
        if last.is_empty() {
            return plain.ends_with('月').then(|| Self::of(first_year, start, first_year, start));
        }
        let (last_year, end) = place(last).filter(|_| last.ends_with('月'))?;
        // An end without a year of its own is the next month of that number.
        let written = last.starts_with(|c: char| !c.is_ascii_digit());
        let last_year = if written { last_year } else { first_year + i32::from(end < start) };
        Some(Self::of(first_year, start, last_year, end)).filter(|season| season.first <= season.last)
    }

    fn of(first_year: i32, first: u8, last_year: i32, last: u8) -> Self {
        let month = |year: i32, month: u8| year * 12 + i32::from(month) - 1;
        Self { first: month(first_year, first), last: month(last_year, last) }
    }

    /// The budget years for which the step is due in a month, the earlier first; most months there is one or none.
    #[must_use]
    pub fn due_for(self, at: YearMonth) -> Vec<i32> {
        let now = i64::from(at.year) * 12 + i64::from(at.month) - 1;
        let years = (-2..=2).filter_map(|offset| at.year.checked_add(offset));
        years
            .filter(|year| {
                let start = i64::from(*year) * 12;
                (start + i64::from(self.first)..=start + i64::from(self.last)).contains(&now)
            })
            .collect()
    }
}

/// `上年8月` as a year counted from the budget year, and a month.
fn place(text: &str) -> Option<(i32, u8)> {
    const YEARS: [(&str, i32); 7] =
        [("上一年", -1), ("上年", -1), ("当年", 0), ("本年", 0), ("下一年", 1), ("次年", 1), ("下年", 1)];
    let (year, rest) =
        YEARS.iter().find_map(|(word, year)| Some((*year, text.strip_prefix(word)?))).unwrap_or((0, text));
    let month = rest.strip_suffix('月').unwrap_or(rest).parse().ok().filter(|month| (1..=12).contains(month))?;
    Some((year, month))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(text: &str, year: i32, month: u8) -> Option<Vec<i32>> {
        Season::read(text).map(|season| season.due_for(YearMonth { year, month }))
    }

    /// The budget year is told from the words for the year; what has no fixed months is told as such.
    #[test]
    fn months_as_written() {
        assert_eq!(due("上年8月至11月", 2026, 11), Some(vec![2027]));
        assert_eq!(due("上年8月至11月", 2026, 12), Some(vec![]));
        assert_eq!(due("1月至2月", 2026, 2), Some(vec![2026]));
        assert_eq!(due(" ８月 ", 2026, 8), Some(vec![2026]));
        assert_eq!(due("次年1-3月", 2026, 3), Some(vec![2025]));
        assert_eq!(due("上年11月至2月", 2026, 1), Some(vec![2026]), "over the turn of the year");
        assert_eq!(due("上年11月至次年1月", 2026, 1), Some(vec![2025, 2026]));
        for other in ["资金文件下达后30日内", "", "13月", "8", "次年3月至上年1月"] {
            assert_eq!(Season::read(other), None, "{other}");
        }
    }

    /// A month begins at midnight in China, eight hours before it does in Greenwich.
    #[test]
    fn month_in_china() {
        let at = |seconds: i64| YearMonth::of(Moment(seconds * 1000));
        // 2025-12-31 15:59:59 and 16:00:00 UTC.
        assert_eq!(at(1_767_196_799), Some(YearMonth { year: 2025, month: 12 }));
        assert_eq!(at(1_767_196_800), Some(YearMonth { year: 2026, month: 1 }));
        assert_eq!(YearMonth::of(Moment(i64::MAX)), None);
    }
}
