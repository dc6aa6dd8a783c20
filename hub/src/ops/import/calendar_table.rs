//! 节假日表: the yearly notice as a table, one day a line, in place of a file for each year.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use tongpin_domain::calendar::Calendar;
use tongpin_domain::catalog::Audience;
use tongpin_domain::intake::{DraftEntry, Intake, Problem, Table, TableRow, Words};
use tongpin_domain::number::read_date;

/// The columns, as files name them: in Chinese, or as the samples do.
pub(crate) const DAY: [&str; 2] = ["日期", "date"];
/// 放假 or 上班.
pub(crate) const KIND: [&str; 2] = ["类型", "kind"];
/// For people alone.
pub(crate) const NAME: [&str; 2] = ["名称", "name"];
/// What a day can be.
pub(crate) const KINDS: [&str; 2] = ["放假", "上班"];

/// Reads a table of days as one entry for each year.
pub(super) fn read(table: &Table) -> Intake<DraftEntry> {
    let mut all: Intake<DraftEntry> = Intake::default();
    let problem = |line: u64, column: &str, found: &str, expected: Words| Problem {
        file: table.name.clone(),
        line,
        column: column.to_owned(),
        found: found.to_owned(),
        expected,
    };
    for title in table.header.iter().filter(|title| !title.is_empty()) {
        if ![DAY, KIND, NAME].iter().flatten().any(|known| known == title) {
            let expected = Words::new("列名为 日期、类型、名称", "the columns 日期, 类型, 名称");
            all.problems.push(problem(1, title, title, expected));
        }
    }
    let at = |names: [&str; 2]| table.header.iter().position(|title| names.contains(&title.as_str()));
    let (Some(day_at), Some(kind_at)) = (at(DAY), at(KIND)) else {
        let expected = Words::new("有“日期”和“类型”两列", "the columns 日期 and 类型");
        all.problems.push(problem(1, "", "", expected));
        return all;
    };
    let mut seen: BTreeSet<Date> = BTreeSet::new();
    let mut years: BTreeMap<i32, (u64, Calendar)> = BTreeMap::new();
    for TableRow { line, cells } in &table.rows {
        let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
        let (text, kind) = (cell(day_at), cell(kind_at));
        let Some(day) = read_date(text).filter(|_| KINDS.contains(&kind)) else {
            let (column, found, expected) = if KINDS.contains(&kind) {
                (DAY[0], text, Words::new("日期，例如 2025-01-01", "a day such as 2025-01-01"))
            } else {
                (KIND[0], kind, Words::new("放假 或 上班", "放假 (off) or 上班 (worked)"))
            };
            all.problems.push(problem(*line, column, found, expected));
            continue;
        };
        if !seen.insert(day) {
            let expected = Words::new("每个日期只写一行", "each day once");
            all.problems.push(problem(*line, DAY[0], text, expected));
        }
        let (_, calendar) = years.entry(day.year()).or_insert_with(|| (*line, Calendar::default()));
        if kind == KINDS[0] {
            calendar.holidays.insert(day)
        } else {
            calendar.working.insert(day)
        };
    }
    for (year, (line, calendar)) in years {
        if !calendar.covers(year) {
            let expected = Words::new(
                format!("{year} 年有元旦（{year}-01-01 放假）：整年的安排一次写全"),
                format!("the first day of {year} among those off: a year is written whole"),
            );
            all.problems.push(problem(line, DAY[0], &year.to_string(), expected));
        }
        all.accepted.push((line, entry(year, &calendar)));
    }
    all
}

fn entry(year: i32, calendar: &Calendar) -> DraftEntry {
    let days = |days: &BTreeSet<Date>| days.iter().map(Date::to_string).collect::<Vec<_>>();
    let body = serde_json::json!({
        "id": year.to_string(),
        "title": format!("{year}年节假日与调休"),
        "holidays": days(&calendar.holidays),
        "working": days(&calendar.working),
    });
    DraftEntry { key: year.to_string(), audience: Audience::Everyone, body: body.to_string() }
}

/// What is wrong with a year that was written as TOML; nothing if working days can be counted by it.
pub(super) fn wrong(file: &str, entry: &DraftEntry) -> Option<Problem> {
    let problem = |found: &str, expected| {
        Some(Problem { file: file.to_owned(), line: 0, column: String::new(), found: found.to_owned(), expected })
    };
    let calendar: Calendar = match serde_json::from_str(&entry.body) {
        Ok(calendar) => calendar,
        Err(error) => {
            let (zh, en) = ("holidays、working 各为日期的列表", "days in holidays and working");
            return problem(&entry.key, Words::new(format!("{zh}（{error}）"), format!("{en} ({error})")));
        }
    };
    let Some(year) = Some(&entry.key).filter(|key| key.len() == 4).and_then(|key| key.parse::<i32>().ok()) else {
        return problem(&entry.key, Words::new("编号（id）为四位年度，例如 2025", "a year such as 2025 as the id"));
    };
    let mut days = calendar.holidays.iter().chain(&calendar.working);
    if let Some(other) = days.find(|day| day.year() != year) {
        return problem(&other.to_string(), Words::new(format!("{year} 年的日期"), format!("a day of {year}")));
    } else if let Some(both) = calendar.holidays.intersection(&calendar.working).next() {
        return problem(&both.to_string(), Words::new("放假或上班，不能都是", "either off or worked"));
    } else if !calendar.covers(year) {
        let expected = Words::new(
            format!("holidays 中有元旦（{year}-01-01）"),
            format!("the first day of {year} among the holidays"),
        );
        return problem("", expected);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, &str)]) -> Table {
        let rows = (2..).zip(rows).map(|(line, (day, kind))| TableRow {
            line,
            cells: vec![(*day).to_owned(), (*kind).to_owned(), String::new()],
        });
        Table {
            name: "节假日.csv".to_owned(),
            header: ["日期", "类型", "名称"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
        }
    }

    /// Days become one entry a year; a day that stands twice, no day, or a year without its first day is told at its
    /// line.
    #[test]
    fn days_by_year() {
        let read_all = read(&table(&[("2025-01-01", "放假"), ("2025-01-26", "上班"), ("2026年1月1日", "放假")]));
        assert_eq!(read_all.problems, []);
        let keys: Vec<&str> = read_all.accepted.iter().map(|(_, entry)| entry.key.as_str()).collect();
        assert_eq!(keys, ["2025", "2026"]);
        assert!(read_all.accepted.iter().all(|(_, entry)| wrong("", entry).is_none()));
        let held: Calendar = serde_json::from_str(&read_all.accepted[0].1.body).expect("a calendar");
        assert_eq!((held.holidays.len(), held.working.len()), (1, 1));

        let bad =
            read(&table(&[("2025-01-28", "放假"), ("2025-01-28", "上班"), ("二月", "放假"), ("2025-02-01", "休")]));
        let at: Vec<(u64, &str)> = bad.problems.iter().map(|it| (it.line, it.column.as_str())).collect();
        assert_eq!(at, [(3, "日期"), (4, "日期"), (5, "类型"), (2, "日期")]);
    }

    /// A year written as TOML is looked at too: its days are its own, and none is both off and worked.
    #[test]
    fn years_as_toml() {
        let told = |key: &str, body: &str| {
            let entry = DraftEntry { key: key.to_owned(), audience: Audience::Everyone, body: body.to_owned() };
            wrong("a.toml", &entry).map(|problem| problem.expected.zh)
        };
        assert_eq!(told("2025", r#"{"holidays":["2025-01-01"]}"#), None);
        assert_eq!(told("今年", r#"{"holidays":["2025-01-01"]}"#), Some("编号（id）为四位年度，例如 2025".to_owned()));
        assert_eq!(told("2025", r#"{"holidays":["2025-01-01","2026-01-01"]}"#), Some("2025 年的日期".to_owned()));
        let both = r#"{"holidays":["2025-01-01"],"working":["2025-01-01"]}"#;
        assert_eq!(told("2025", both), Some("放假或上班，不能都是".to_owned()));
        assert_eq!(told("2025", r#"{"holidays":[]}"#), Some("holidays 中有元旦（2025-01-01）".to_owned()));
    }
}
