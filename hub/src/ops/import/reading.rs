//! What files hold: one table, or entries as TOML, one a file.

use std::path::Path;

use tongpin_console::web::Room;
use tongpin_console::workbook::{self, form_book};
use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::form;
use tongpin_domain::intake::{self, DraftEntry, Intake, Problem, Words};
use tongpin_domain::lang::{Lang, Say};

use super::calendar_table;
use crate::failure::Failure;

/// A file by its name and content.
#[derive(Debug)]
pub(crate) struct NamedFile {
    /// What messages call it.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// What messages call the files.
    pub(crate) files: Vec<String>,
    /// Whether it is a table, which may be the whole of a catalog; a file of one entry never is.
    pub(crate) is_table: bool,
    /// The column names of a table's first line, to name cells.
    header: Vec<String>,
    /// The room that it takes in memory, until it is gone.
    _room: Option<Room>,
    /// The entries, with problems and doubts.
    pub(crate) intake: Intake<DraftEntry>,
}

impl Reading {
    /// The column that a name stands over, counted from 0.
    pub(crate) fn column(&self, name: &str) -> Option<u32> {
        let at = self.header.iter().position(|title| title == name && !title.is_empty())?;
        u32::try_from(at).ok()
    }
}

/// Reads files, where it keeps nobody else waiting: unpacking a large workbook takes a while.
///
/// # Errors
/// The files are not of the catalog's form. Problems within a file are part of the answer.
pub(crate) async fn read(catalog: &str, files: Vec<NamedFile>) -> Result<Reading, Failure> {
    let (named, catalog) = (catalog.to_owned(), catalog.to_owned());
    let unreadable = |error: &tokio::task::JoinError| Failure::unreadable(named.clone(), error);
    let measured = tokio::task::spawn_blocking(move || {
        let memory = files.iter().map(|file| workbook::memory(&file.bytes)).sum::<u64>();
        (files, memory)
    });
    let (files, memory) = measured.await.map_err(|error| unreadable(&error))?;
    let room = Room::to_look_through(memory).await;
    let room = room.map_err(|busy| Failure::input(busy.say(Lang::Zh), busy.say(Lang::En)))?;
    let read = tokio::task::spawn_blocking(move || read_here(&catalog, &files)).await;
    read.map_err(|error| unreadable(&error))?.map(|reading| Reading { _room: Some(room), ..reading })
}

fn read_here(catalog: &str, files: &[NamedFile]) -> Result<Reading, Failure> {
    let names = files.iter().map(|file| file.name.clone()).collect();
    if catalog == form::FORMS && files.iter().any(|file| workbook::is_workbook(&file.bytes)) {
        return Ok(Reading { files: names, intake: read_form_books(files)?, ..Reading::default() });
    }
    let is_table = files.iter().all(|file| is_table(catalog, &file.name)) && !files.is_empty();
    if !is_table {
        return Ok(Reading { files: names, intake: read_entries(catalog, files), ..Reading::default() });
    }
    let [file] = files else {
        return Err(Failure::input("一次只能导入一个表格；请分次导入", "one table at a time"));
    };
    let table = workbook::read(&file.name, &file.bytes, &[]);
    let table = table.map_err(|error| Failure::input(error.say(Lang::Zh), error.say(Lang::En)))?;
    if catalog == CALENDARS {
        // A file of one year never retires the others.
        let (intake, is_table) = (calendar_table::read(&table), false);
        return Ok(Reading { files: names, is_table, intake, header: table.header, _room: None });
    }
    let intake = intake::entries(catalog, &table);
    Ok(Reading { files: names, is_table, intake, header: table.header, _room: None })
}

/// Reads workbooks, one form each.
fn read_form_books(files: &[NamedFile]) -> Result<Intake<DraftEntry>, Failure> {
    let mut all: Intake<DraftEntry> = Intake::default();
    for file in files {
        let one = form_book::read(&file.name, &file.bytes);
        let one = one.map_err(|error| Failure::input(error.say(Lang::Zh), error.say(Lang::En)))?;
        all.accepted.extend(one.accepted);
        all.problems.extend(one.problems);
        all.warnings.extend(one.warnings);
    }
    Ok(all)
}

/// Rules and collections are too deep for a table; any catalog may come as TOML, one entry a file.
fn is_table(catalog: &str, file: &str) -> bool {
    let toml = Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    !toml && !matches!(catalog, "rules" | "collections" | form::FORMS)
}

/// Reads one entry as TOML, whoever sends it.
pub(crate) fn entry_of_text(catalog: &str, name: &str, bytes: &[u8]) -> Intake<DraftEntry> {
    let mut one = intake::entry_from_toml(catalog, name, bytes);
    if catalog == CALENDARS {
        let wrong = one.accepted.iter().filter_map(|(_, entry)| calendar_table::wrong(name, entry));
        one.problems.extend(wrong.collect::<Vec<_>>());
    }
    one
}

fn read_entries(catalog: &str, files: &[NamedFile]) -> Intake<DraftEntry> {
    let mut all: Intake<DraftEntry> = Intake::default();
    for NamedFile { name, bytes } in files {
        let one = entry_of_text(catalog, name, bytes);
        for (line, entry) in one.accepted {
            if all.accepted.iter().any(|(_, earlier)| earlier.key == entry.key) {
                let expected = Words::new("各文件的条目互不相同", "another entry in every file");
                all.problems.push(problem(name, line, &entry.key, expected));
            } else {
                all.accepted.push((line, entry));
            }
        }
        all.problems.extend(one.problems);
        all.warnings.extend(one.warnings);
    }
    all
}

pub(super) fn problem(file: &str, line: u64, found: &str, expected: Words) -> Problem {
    Problem { file: file.to_owned(), line, column: String::new(), found: found.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that rules and collections never go through the table reader.
    #[test]
    fn what_is_a_table() {
        assert!(is_table("indicators", "a.csv"));
        assert!(!is_table("rules", "a.csv"));
        assert!(!is_table("guides", "a.TOML"));
    }
}
