//! Files that a command names: read as tables, or refused in words that say what the file is and what to do.

use std::path::Path;

use tongpin_console::file::{self, Unreadable};
use tongpin_console::sheet;
use tongpin_console::workbook::{self, Book, SheetError};
use tongpin_domain::intake::Table;
use tongpin_domain::lang::{Lang, Say};

use crate::records::kept_form::RecordForms;
use crate::sheets::file_kind::FileKind;
use crate::sheets::{earlier_evaluation, goal_book};

/// A file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// The system does not give it.
    #[error("cannot read a file")]
    Io(#[from] Unreadable),
    /// It is no table.
    #[error("not a table")]
    Table(#[from] SheetError),
    /// It is a table or a form of something else.
    #[error("{0} holds something else")]
    Other(String, FileKind),
}

impl Say for FileError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Io(error) => error.say(lang),
            Self::Table(error) => error.say(lang),
            Self::Other(file, what) => {
                let (zh, en) = elsewhere(*what);
                lang.pick(&format!("{file}：{zh}"), &format!("{file}: {en}")).to_owned()
            }
        }
    }
}

/// Where a file is imported that is something else than what a command imports.
fn elsewhere(kind: FileKind) -> (&'static str, &'static str) {
    match kind {
        FileKind::Evaluation | FileKind::Goal => (
            "这是填好的表单；请在管理页面的“导入”页上传，逐行预览后导入",
            "this is a form; upload it on the import page, which shows it line by line first",
        ),
        FileKind::Projects => (
            "这是项目表，不是项目绩效指标表；请用 import projects 导入",
            "this is a table of projects; import it with `import projects`",
        ),
        FileKind::Indicators => (
            "这是项目绩效指标表，不是项目表；请用 import indicators 导入，或与项目一并用 --indicators 给出",
            "this is a table of indicators; import it with `import indicators`, or give it as --indicators",
        ),
        FileKind::Observations => {
            ("这是按月填报表；请在管理页面的“导入”页上传", "these are reports by month; upload them on the import page")
        }
    }
}

/// Reads a workbook or a file of comma-separated values as a table; messages name it by its file name.
pub(crate) fn table(path: &Path) -> Result<Table, FileError> {
    let bytes = file::read(path)?;
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    if workbook::is_workbook(&bytes) {
        let mut book = Book::open(&name, &bytes)?;
        if sheet::identify(&mut book)?.is_some() || earlier_evaluation::is_form(&book) {
            return Err(FileError::Other(name, FileKind::Evaluation));
        }
        if goal_book::find(&mut book)?.is_some() {
            return Err(FileError::Other(name, FileKind::Goal));
        }
        return Ok(super::read_book(book)?);
    }
    Ok(super::read(&name, &bytes)?)
}

/// Reads a table that must be of projects, or of their indicators.
pub(crate) fn table_of(path: &Path, wanted: FileKind, forms: &RecordForms) -> Result<Table, FileError> {
    let table = table(path)?;
    let found = FileKind::of(&table.header, forms);
    if found.is_some_and(|found| found != wanted) {
        return Err(FileError::Other(table.name, found.unwrap_or(wanted)));
    }
    Ok(table)
}
