//! Cells read one by one: each gives what it says, or is told with its sheet, line and column.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::FormSheet;
use super::columns::{Known, SHEETS};
use crate::intake::{Problem, Words};
use crate::number::half_width;

/// The most lines of a sheet that are looked at: a form has far fewer.
const MOST_LINES: usize = 2_000;

/// What is wrong.
#[derive(Default)]
pub(super) struct Told(pub(super) Vec<Problem>);

/// A row of a sheet.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    sheet: &'a FormSheet,
    /// Where it stands.
    pub(super) number: u64,
    cells: &'a [String],
}

/// The rows of a sheet; none if there is no such sheet.
pub(super) struct Lines<'a>(pub(super) Vec<Line<'a>>);

impl<'a> Lines<'a> {
    /// Finds a sheet by its number among those that are known, and tells what is wrong with its columns.
    pub(super) fn open(number: usize, sheets: &'a [FormSheet], told: &mut Told) -> Self {
        let Some(known) = SHEETS.get(number) else { return Self(Vec::new()) };
        let mut found = sheets.iter().filter(|sheet| sheet.name.trim() == known.name);
        let Some(sheet) = found.next() else {
            if number < 2 {
                told.of_sheet(known.name, "", Words::new("有这张工作表", "such a sheet"));
            }
            return Self(Vec::new());
        };
        if found.next().is_some() {
            told.of_sheet(known.name, known.name, Words::new("只有一张同名的工作表", "one sheet of that name"));
        }
        header(sheet, known, told);
        let mut lines = Vec::new();
        for (number, cells) in &sheet.rows {
            if lines.len() >= MOST_LINES {
                let expected = Words::new(format!("不超过 {MOST_LINES} 行"), format!("{MOST_LINES} lines at most"));
                told.of_sheet(known.name, &sheet.rows.len().to_string(), expected);
                break;
            }
            let line = Line { sheet, number: *number, cells };
            if let Some(extra) = cells.iter().skip(sheet.header.len()).find(|cell| !cell.trim().is_empty()) {
                told.found(line, "", extra, Words::new("列名之下的单元格", "a cell below a column's name"));
            }
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                lines.push(line);
            }
        }
        Self(lines)
    }

    /// What each row is called in a column, made from its line where nobody wrote it.
    pub(super) fn names(&self, column: &str, prefix: &str) -> Vec<String> {
        let mut taken: BTreeSet<String> = self.0.iter().map(|line| line.get(column).to_owned()).collect();
        let name = |line: &Line<'_>| {
            let written = line.get(column);
            if !written.is_empty() {
                return written.to_owned();
            }
            let mut made = format!("{prefix}{}", line.number);
            while !taken.insert(made.clone()) {
                made.push('x');
            }
            made
        };
        self.0.iter().map(name).collect()
    }
}

fn header(sheet: &FormSheet, known: &Known, told: &mut Told) {
    let mut seen = BTreeSet::new();
    for title in sheet.header.iter().map(|title| title.trim()).filter(|title| !title.is_empty()) {
        let expected = if !known.columns.contains(&title) {
            let all = known.columns.join("、");
            Words::new(format!("已知的列名：{all}"), format!("a known column: {all}"))
        } else if !seen.insert(title) {
            Words::new("每个列名只出现一次", "each column once")
        } else {
            continue;
        };
        let (file, column, found) = (known.name.to_owned(), title.to_owned(), title.to_owned());
        told.0.push(Problem { file, line: 1, column, found, expected });
    }
    for needed in known.needed.iter().filter(|needed| !seen.contains(*needed)) {
        let (file, column, expected) =
            (known.name.to_owned(), (*needed).to_owned(), Words::new("有这一列", "such a column"));
        told.0.push(Problem { file, line: 1, column, found: String::new(), expected });
    }
}

impl<'a> Line<'a> {
    /// What a cell says, without blanks around it; nothing if there is no such column.
    pub(super) fn get(&self, column: &str) -> &'a str {
        let at = self.sheet.header.iter().position(|title| title.trim() == column);
        at.and_then(|at| self.cells.get(at)).map_or("", |cell| cell.trim())
    }
}

impl Told {
    /// Tells what a sheet as a whole should be.
    pub(super) fn of_sheet(&mut self, sheet: &str, found: &str, expected: Words) {
        let (file, found) = (sheet.to_owned(), found.to_owned());
        self.0.push(Problem { file, line: 0, column: String::new(), found, expected });
    }

    /// Tells what a cell should say.
    pub(super) fn at(&mut self, line: &Line<'_>, column: &str, expected: Words) {
        self.found(*line, column, line.get(column), expected);
    }

    /// Tells what should stand where something else was found.
    pub(super) fn found(&mut self, line: Line<'_>, column: &str, found: &str, expected: Words) {
        let (file, column, found) = (line.sheet.name.clone(), column.to_owned(), found.to_owned());
        self.0.push(Problem { file, line: line.number, column, found, expected });
    }

    /// A cell that must say something.
    pub(super) fn needed(&mut self, line: &Line<'_>, column: &str) -> String {
        let cell = line.get(column);
        if cell.is_empty() {
            self.at(line, column, Words::new("已填写", "something"));
        }
        cell.to_owned()
    }

    /// 是 or nothing.
    pub(super) fn flag(&mut self, line: &Line<'_>, column: &str) -> bool {
        match line.get(column) {
            "是" | "√" | "✓" | "1" | "yes" => true,
            "" | "否" | "×" | "0" | "no" => false,
            cell if cell == column => true,
            _ => {
                self.at(line, column, Words::new("是，或留空", "是, or nothing"));
                false
            }
        }
    }

    /// A number or nothing.
    pub(super) fn number<T: FromStr>(&mut self, line: &Line<'_>, column: &str, zh: &str, en: &str) -> Option<T> {
        let cell = half_width(line.get(column));
        if cell.is_empty() {
            return None;
        }
        let read = cell.parse().ok();
        if read.is_none() {
            self.at(line, column, Words::new(zh, en));
        }
        read
    }

    /// What was read of a cell, or what was expected there.
    pub(super) fn read<T>(&mut self, line: &Line<'_>, column: &str, read: Result<T, Words>) -> Option<T> {
        read.map_err(|expected| self.at(line, column, expected)).ok()
    }
}

/// Reads a word that a definition knows: one word too many is told with those that there are.
macro_rules! word {
    ($words:ident, $text:expr) => {{
        let read = $words::read($text);
        if read.unknown().is_none() {
            Ok(read)
        } else {
            let all = |lang| $words::ALL.iter().map(|word| word.text(lang)).collect::<Vec<_>>().join("、");
            Err($crate::intake::Words::new(
                format!("下列之一：{}", all($crate::lang::Lang::Zh)),
                format!("one of {}", all($crate::lang::Lang::En)),
            ))
        }
    }};
}

pub(super) use word;

/// 是 for what holds.
pub(super) fn yes(holds: bool) -> String {
    if holds { "是".to_owned() } else { String::new() }
}

/// A number, or nothing.
pub(super) fn or_blank<T: ToString>(number: Option<T>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// The name of what has this title or this name.
pub(super) fn named<'a>(text: &str, all: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Result<String, Words> {
    let by_title = all.clone().find(|(_, title)| *title == text);
    let found = by_title.or_else(|| all.clone().find(|(name, _)| *name == text));
    found.map(|(name, _)| name.to_owned()).ok_or_else(|| {
        let known = all.map(|(_, title)| title).collect::<Vec<_>>().join("、");
        Words::new(format!("下列之一：{known}"), format!("one of {known}"))
    })
}

/// The title by which [`named`] finds a name again, or else the name.
pub(super) fn title_of<'a>(name: &str, all: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> String {
    let title = all.clone().find(|(own, _)| *own == name).map(|(_, title)| title);
    let title = title.filter(|title| named(title, all).is_ok_and(|found| found == name));
    title.unwrap_or(name).to_owned()
}
