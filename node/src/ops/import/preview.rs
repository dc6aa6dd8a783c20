//! What is shown of a file that was looked through: enough for each of its pages and for marking it, and nothing of
//! what would be written, so that it can be kept while somebody reads it.

use tongpin_domain::digest::Digest;
use tongpin_domain::intake::{Problem, Words};
use tongpin_store::PutCounts;

use super::change::Change;
use crate::sheets::file_kind::FileKind;

/// What a table, or the form of a project, would change.
#[derive(Debug)]
pub(crate) struct TablePreview {
    /// The file's name.
    pub(crate) file: String,
    /// What it holds.
    pub(crate) kind: FileKind,
    /// The column names of its first line, to name cells.
    pub(crate) header: Vec<String>,
    /// Beside the header, of a form: what messages call its cells, each with its column.
    pub(super) columns: Vec<(String, u32)>,
    /// The sheet that it stands on, of a form.
    pub(super) sheet: String,
    /// How many of its records are sound.
    pub(crate) sound: usize,
    /// What is wrong with the others: then nothing is written.
    pub(crate) problems: Vec<Problem>,
    /// What looks doubtful.
    pub(crate) warnings: Vec<Problem>,
    /// What is new, changed and removed, and how much is not.
    pub(crate) counts: PutCounts,
    /// The first of what changes.
    pub(crate) changes: Vec<Change>,
    /// What the project is called, of a form.
    pub(crate) project: Option<String>,
    /// The project's code, of a form that can be taken; blank otherwise.
    pub(crate) code: String,
    /// Stands for all that changes: the same for the same changes to the same records.
    pub(crate) effect: Digest,
    /// What changes of itself with what the file says, by project.
    pub(crate) follows: Vec<Change>,
}

impl TablePreview {
    /// The column that a name stands over, counted from 0.
    pub(crate) fn column(&self, name: &str) -> Option<u32> {
        if let Some((_, column)) = self.columns.iter().find(|(title, _)| title == name) {
            return Some(*column);
        }
        let at = self.header.iter().position(|title| title == name && !title.is_empty())?;
        u32::try_from(at).ok()
    }

    /// True if there is anything to write.
    pub(crate) fn changes_something(&self) -> bool {
        self.counts.added + self.counts.changed + self.counts.removed > 0 || !self.follows.is_empty()
    }

    /// How many records it would write, with those that follow.
    pub(crate) fn writes(&self) -> usize {
        let PutCounts { added, changed, removed, .. } = self.counts;
        usize::try_from(added + changed + removed).unwrap_or(usize::MAX).saturating_add(self.follows.len())
    }

    /// What it takes in memory, bytes, about.
    pub(crate) fn weight(&self) -> usize {
        let problem = |it: &Problem| {
            size_of::<Problem>() + it.file.len() + it.column.len() + it.found.len() + weight(&it.expected)
        };
        let problems: usize = self.problems.iter().chain(&self.warnings).map(problem).sum();
        problems + self.changes.iter().chain(&self.follows).map(Change::weight).sum::<usize>()
    }
}

/// What words take in memory beside themselves, bytes.
pub(crate) fn weight(words: &Words) -> usize {
    words.zh.len() + words.en.len()
}
