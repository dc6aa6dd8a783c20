//! Intake: from a table of text to typed things, with one message per problem that names file, line and column.
//!
//! Nothing is repaired silently and nothing is dropped silently: a value is accepted as it was typed, or it is a
//! problem. Whoever imports decides what to do with the rest; the rule there is that a file with problems changes
//! nothing.

mod asked;
mod code;
mod entries;
mod lines;
mod observations;
mod projects;
mod read;
mod sheet;
mod toml_entry;

use serde::Serialize;

use crate::catalog::Audience;
use crate::lang::{Lang, Say};

pub use asked::{Asked, FormColumn, Judged, keep_unsaid, written};
pub use code::spoilt;
pub use entries::{column_facts, columns, entries};
pub use lines::project_indicators;
pub use observations::{MonthRow, OPENING_WORD, observations};
pub use projects::projects;
pub use read::{IntakeError, LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, TooMuch, read_csv};
pub use toml_entry::{entry_from_toml, entry_of_form, entry_to_toml};

/// A file as rows of text. Spreadsheets and files of comma-separated values both become this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The file's name, for messages.
    pub name: String,
    /// The column names of the first line, without blanks around them.
    pub header: Vec<String>,
    /// The rows below it.
    pub rows: Vec<TableRow>,
}

/// One row and where it stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableRow {
    /// The line on which it begins, counted from 1 as editors do.
    pub line: u64,
    /// Its cells as typed; a row may have more or fewer than the header, which is then a problem.
    pub cells: Vec<String>,
}

/// The same words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

impl Words {
    /// Pairs the words.
    #[must_use]
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

impl Say for Words {
    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.zh, &self.en).to_owned()
    }
}

/// One thing that is wrong, or doubtful, in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1; 0 where it concerns the whole file.
    pub line: u64,
    /// The column's name; empty where it concerns the whole row.
    pub column: String,
    /// What was found, as typed.
    pub found: String,
    /// What was expected there.
    pub expected: Words,
}

impl Say for Problem {
    fn say(&self, lang: Lang) -> String {
        let expected = self.expected.say(lang);
        let found = shortened(&self.found);
        match lang {
            Lang::Zh => {
                let line = if self.line == 0 { String::new() } else { format!(" 第 {} 行", self.line) };
                let column = if self.column.is_empty() { String::new() } else { format!(" {} 列", self.column) };
                let found = if found.is_empty() { "缺失".to_owned() } else { format!("为“{found}”") };
                format!("{}{line}{column}{found}，应为：{expected}", self.file)
            }
            Lang::En => {
                let line = if self.line == 0 { String::new() } else { format!(", line {}", self.line) };
                let column = if self.column.is_empty() { String::new() } else { format!(", column {}", self.column) };
                let found = if found.is_empty() { "missing".to_owned() } else { format!("found “{found}”") };
                format!("{}{line}{column}: {found}, expected {expected}", self.file)
            }
        }
    }
}

/// Enough of a cell to recognise it, on one line.
fn shortened(found: &str) -> String {
    const SHOWN: usize = 40;
    let mut text: String = found.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if found.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    text
}

/// What came out of a file: what could be read, each with its line, what could not, and what is doubtful.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake<T> {
    /// What was read, with its line.
    pub accepted: Vec<(u64, T)>,
    /// What could not be read: with any of these the file must not be imported.
    pub problems: Vec<Problem>,
    /// What was read but looks doubtful.
    pub warnings: Vec<Problem>,
}

impl<T> Intake<T> {
    /// Nothing read, and why.
    #[must_use]
    pub fn refused(problems: Vec<Problem>) -> Self {
        Self { accepted: Vec::new(), problems, warnings: Vec::new() }
    }

    /// True if the whole file could be read.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

impl<T> Default for Intake<T> {
    fn default() -> Self {
        Self::refused(Vec::new())
    }
}

/// An entry of a catalog as it is drafted, before a release gives it a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftEntry {
    /// Unique within the catalog.
    pub key: String,
    /// Whom it is for.
    pub audience: Audience,
    /// A JSON object.
    pub body: String,
}

#[cfg(test)]
mod tests;
