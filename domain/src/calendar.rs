//! 工作日历: which days are worked. A weekday is, a weekend is not, but for what the State Council's yearly notice
//! (国务院办公厅关于部分节假日安排的通知) says otherwise. Outside the years of such notices nobody knows yet, and nothing is
//! guessed: whatever needs such a day has no answer.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::{Date, Month, Weekday};

/// The catalog of calendars; the key of an entry is its year, the body a [`Calendar`].
pub const CALENDARS: &str = "calendars";

/// The days that are not as the week has them. Calendars of several years are collected into one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// 放假: days off.
    #[serde(default, with = "days")]
    pub holidays: BTreeSet<Date>,
    /// 上班: days of a weekend that are worked.
    #[serde(default, with = "days")]
    pub working: BTreeSet<Date>,
}

impl Calendar {
    /// Whether the days off of a year are known: its first day, 元旦, is one in every year.
    #[must_use]
    pub fn covers(&self, year: i32) -> bool {
        Date::from_calendar_date(year, Month::January, 1).is_ok_and(|first| self.holidays.contains(&first))
    }

    /// Whether a day is worked; `None` in a year that is not known.
    #[must_use]
    pub fn is_working(&self, day: Date) -> Option<bool> {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.covers(day.year()).then(|| self.working.contains(&day) || !(weekend || self.holidays.contains(&day)))
    }

    /// Working days after the first day up to and including the second; as many less than zero if the second is the
    /// earlier one. `None` if a day between them lies in a year that is not known.
    #[must_use]
    pub fn working_days(&self, from: Date, to: Date) -> Option<i64> {
        if to < from {
            return self.working_days(to, from).map(std::ops::Neg::neg);
        }
        let mut found: i64 = 0;
        let mut day = from;
        while day < to {
            day = day.next_day()?;
            found = found.checked_add(i64::from(self.is_working(day)?))?;
        }
        Some(found)
    }

    /// The n-th working day after a day, which itself never counts. `None` if that needs a year that is not known.
    #[must_use]
    pub fn after(&self, day: Date, working_days: u32) -> Option<Date> {
        let mut day = day;
        let mut left = working_days;
        while left > 0 {
            day = day.next_day()?;
            if self.is_working(day)? {
                left = left.saturating_sub(1);
            }
        }
        Some(day)
    }

    /// The day itself if it is worked, otherwise the next one that is. `None` if that needs a year that is not known.
    #[must_use]
    pub fn on_or_after(&self, day: Date) -> Option<Date> {
        let mut day = day;
        while !self.is_working(day)? {
            day = day.next_day()?;
        }
        Some(day)
    }
}

impl FromIterator<Calendar> for Calendar {
    /// The calendars of several years as one.
    fn from_iter<I: IntoIterator<Item = Self>>(years: I) -> Self {
        years.into_iter().fold(Self::default(), |mut all, year| {
            all.holidays.extend(year.holidays);
            all.working.extend(year.working);
            all
        })
    }
}

/// Days as people write them in a file: `2025-01-01`.
mod days {
    use std::collections::BTreeSet;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use time::Date;

    use crate::number::read_date;

    pub(super) fn serialize<S: Serializer>(days: &BTreeSet<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(days.iter().map(Date::to_string))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Date>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let day = |text: &String| {
            read_date(text.trim()).ok_or_else(|| Error::custom(format!("not a day such as 2025-01-01: {text:?}")))
        };
        texts.iter().map(day).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::number::read_date;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
    }

    fn day(text: &str) -> Date {
        read_date(text).expect("a day")
    }

    fn of_2025() -> Calendar {
        let mut calendar = Calendar::default();
        for row in rows(include_str!("../../samples/cycle/holidays_2025.csv")) {
            let [date, kind, _] = row.as_slice() else { unreachable!("three columns") };
            let days = if kind == "上班" { &mut calendar.working } else { &mut calendar.holidays };
            days.insert(day(date));
        }
        calendar
    }

    /// Every case of the sample data has the answer that was calculated independently, also where there is none.
    #[test]
    fn the_sample_cases() {
        let calendar = of_2025();
        let expected: BTreeMap<String, Vec<String>> = rows(include_str!("../../samples/cycle/expected_workdays.csv"))
            .into_iter()
            .map(|row| (row.first().cloned().unwrap_or_default(), row))
            .collect();
        let cases = rows(include_str!("../../samples/cycle/workday_cases.csv"));
        assert_eq!((cases.len(), expected.len()), (24, 24));
        for case in cases {
            let [id, start, kind, days] = case.as_slice() else { unreachable!("four columns") };
            let (start, days) = (day(start), days.parse::<u32>().expect("a number"));
            let due = match kind.as_str() {
                "工作日" => calendar.after(start, days),
                _ => start.checked_add(time::Duration::days(days.into())),
            };
            let worked = due.and_then(|due| calendar.is_working(due));
            let text = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
            let found = [
                id.clone(),
                text(due),
                worked.map(|worked| u8::from(worked).to_string()).unwrap_or_default(),
                text(due.and_then(|due| calendar.on_or_after(due))),
                if worked.is_none() { "NO_CALENDAR".to_owned() } else { String::new() },
            ];
            assert_eq!(expected.get(id).map(Vec::as_slice), Some(found.as_slice()), "{id}");
        }
    }

    /// From Friday 26 September to Thursday 16 October 2025 ten days are worked: 28 to 30 September, 9 to 11 and 13 to
    /// 16 October. Backwards it is as many less than zero; into a year without a calendar there is no answer.
    #[test]
    fn counted() {
        let calendar = of_2025();
        let (from, to) = (day("2025-09-26"), day("2025-10-16"));
        assert_eq!(calendar.working_days(from, to), Some(10));
        assert_eq!(calendar.working_days(to, from), Some(-10));
        assert_eq!(calendar.working_days(to, to), Some(0));
        assert_eq!(calendar.working_days(to, day("2026-01-04")), None);
        assert_eq!(Calendar::default().is_working(from), None);
    }

    /// An entry of the catalog is read as it is written in a file; several years become one calendar.
    #[test]
    fn as_an_entry() {
        let text = r#"{"holidays":["2026-01-01"],"working":["2026-01-04"]}"#;
        let next: Calendar = serde_json::from_str(text).expect("a calendar");
        assert_eq!(serde_json::to_string(&next).expect("JSON"), text);
        let both: Calendar = [of_2025(), next].into_iter().collect();
        // 30 and 31 December 2025, and 2 and 4 January 2026.
        assert_eq!(both.working_days(day("2025-12-29"), day("2026-01-04")), Some(4));
        assert!(serde_json::from_str::<Calendar>(r#"{"holidays":["2025-02-30"]}"#).is_err());
    }
}
