//! A table read through the columns that are expected in it. Each reading of a cell either gives a typed value or
//! notes a problem that names the line and the column; a row with problems is not accepted.

use std::collections::{BTreeMap, BTreeSet};

use super::{Intake, Problem, Table, Words};
use crate::form::Choice;

mod cells;
mod header;
mod row;

pub(super) use cells::Cells;

/// Problems that are told of one file, and doubts: nobody reads more of them, and a long file of nothing but problems
/// would fill the memory.
const MOST_NOTES: usize = 2_000;
/// The line that a table's column names stand on.
const HEADER_LINE: u64 = 1;

/// A column that a file may have, under its own name or the trade's word.
pub(super) struct Column<'a> {
    pub(super) name: &'a str,
    pub(super) word: &'a str,
    /// What else may stand above it: a word that it had before, a word with its unit.
    pub(super) also: Vec<String>,
    pub(super) needed: bool,
    /// The words that can stand in it; none where anything may.
    pub(super) choices: &'a [Choice],
}

impl<'a> Column<'a> {
    /// Its own name, the trade's word, and whether it must be there.
    pub(super) const fn facts(&self) -> (&'a str, &'a str, bool) {
        (self.name, self.word, self.needed)
    }

    /// Whether a title is its own.
    pub(super) fn is_headed(&self, title: &str) -> bool {
        title == self.name || title == self.word || self.also.iter().any(|also| also == title)
    }
}

/// A column that must be there.
pub(super) const fn needed<'a>(name: &'a str, word: &'a str) -> Column<'a> {
    Column { name, word, also: Vec::new(), needed: true, choices: &[] }
}

/// A column that may be left out.
pub(super) const fn optional<'a>(name: &'a str, word: &'a str) -> Column<'a> {
    Column { name, word, also: Vec::new(), needed: false, choices: &[] }
}

/// A table whose expected columns have been found.
pub(super) struct Sheet<'a> {
    table: &'a Table,
    at: BTreeMap<&'a str, usize>,
    choices: BTreeMap<&'a str, &'a [Choice]>,
}

impl<'a> Sheet<'a> {
    /// Finds the columns, or tells which needed ones are missing and which names occur twice.
    pub(super) fn open(table: &'a Table, columns: &[Column<'a>]) -> Result<Self, Vec<Problem>> {
        let problems = header::problems(table, columns);
        if !problems.is_empty() {
            return Err(problems);
        }
        let at = columns.iter().filter_map(|column| {
            let index = table.header.iter().position(|title| column.is_headed(title))?;
            Some((column.name, index))
        });
        let choices = columns.iter().filter(|column| !column.choices.is_empty());
        let choices = choices.map(|column| (column.name, column.choices)).collect();
        Ok(Self { table, at: at.collect(), choices })
    }

    /// The named columns that were not expected, by position.
    pub(super) fn extra(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let known: BTreeSet<usize> = self.at.values().copied().collect();
        let named = self.table.header.iter().enumerate().filter(|(_, title)| !title.is_empty());
        named.filter(move |(index, _)| !known.contains(index)).map(|(index, title)| (index, title.as_str()))
    }

    /// One warning for each column that will not be kept.
    pub(super) fn warn_of_extra(&self) -> Vec<Problem> {
        let expected = || Words::new("已知的列名；这一列不会导入", "a known column; this one is not imported");
        self.extra().map(|(_, title)| at_header(self.table, title, title, expected())).collect()
    }

    /// Reads every row; what reads a file passes over blank ones, and a blank form lacks what is needed. Rows whose
    /// number of cells differs from the header's are problems.
    pub(super) fn read<T>(&self, mut read: impl FnMut(&mut Cells<'_>) -> Option<T>) -> Intake<T> {
        let mut intake = Intake::default();
        for row in &self.table.rows {
            let mut cells = Cells { sheet: self, row, problems: Vec::new(), warnings: Vec::new() };
            if !cells.is_regular() {
                intake.problems.append(&mut cells.problems);
                continue;
            }
            cells.no_values();
            let value = read(&mut cells);
            if intake.warnings.len() < MOST_NOTES {
                intake.warnings.append(&mut cells.warnings);
            }
            match value {
                Some(value) if cells.problems.is_empty() => intake.accepted.push((row.line, value)),
                _ => intake.problems.append(&mut cells.problems),
            }
            if intake.problems.len() >= MOST_NOTES {
                intake.problems.push(self.enough(row.line));
                break;
            }
        }
        if intake.accepted.is_empty() && intake.problems.is_empty() {
            let expected = Words::new("列名之下的至少一行数据", "at least one row below the column names");
            intake.warnings.push(Problem { line: HEADER_LINE + 1, ..at_header(self.table, "", "", expected) });
        }
        intake
    }

    /// What is said behind the last problem that is kept.
    fn enough(&self, line: u64) -> Problem {
        let expected = Words::new(
            "先改正以上各处，再重新导入；此行以后没有检查",
            "these mended first; nothing was checked behind this line",
        );
        Problem { line, ..at_header(self.table, "", &format!("> {MOST_NOTES}"), expected) }
    }

    fn title(&self, name: &str) -> String {
        let title = self.at.get(name).and_then(|index| self.table.header.get(*index));
        title.map_or_else(|| name.to_owned(), Clone::clone)
    }
}

fn at_header(table: &Table, column: &str, found: &str, expected: Words) -> Problem {
    Problem { file: table.name.clone(), line: HEADER_LINE, column: column.into(), found: found.into(), expected }
}
