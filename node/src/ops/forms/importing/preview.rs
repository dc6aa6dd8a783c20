//! What is shown of a file of documents: enough for the pages of its lists and for marking it, and nothing of what
//! would be written, so that it can be kept while somebody turns its pages.

use std::ops::Range;
use std::sync::Arc;

use tongpin_console::sheet::documents::{First, ReadSheet, TableFault};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;

use super::{Counts, HeldForm, Left};
use crate::ops::import::{Change, weight};

/// What the changes that are told may take in memory, bytes, and the conflicts likewise: some ten thousand of each.
const MOST_TOLD: usize = 4 * 1024 * 1024;

/// What a file of documents would do.
#[derive(Debug)]
pub(crate) struct DocumentsPreview {
    /// The file's name.
    pub(crate) file: String,
    /// The form.
    pub(crate) form: Arc<HeldForm>,
    /// The sheets that were read.
    pub(crate) sheets: Vec<ReadSheet>,
    /// What cannot be read: then nothing is written.
    pub(crate) faults: First<TableFault>,
    /// Sheets that hold something and that nobody reads.
    pub(crate) unread: Vec<String>,
    /// How many lines there are of each fate.
    pub(crate) counts: Counts,
    /// Those that begin or change and that are told.
    pub(crate) changes: Vec<Change>,
    /// Lines whose documents cannot be begun or changed.
    pub(crate) refused: First<Left>,
    /// Lines whose documents somebody else has changed meanwhile.
    pub(crate) conflicts: First<Left>,
    /// Stands for all that would be written: the same for the same changes to the same documents.
    pub(crate) effect: Digest,
    /// The language of what stands before and after.
    pub(super) lang: Lang,
    /// Which of the changes are told.
    pub(super) changes_told: Range<usize>,
    /// Which of the conflicts are told with both values.
    pub(super) conflicts_told: Range<usize>,
}

impl DocumentsPreview {
    /// Whether there is anything to write, and nothing that keeps it back.
    pub(crate) fn can_be_written(&self) -> bool {
        self.faults.is_empty() && self.writes() > 0
    }

    /// How many documents it would write.
    pub(crate) fn writes(&self) -> usize {
        self.counts.added + self.counts.changed
    }

    /// How many lines are left alone.
    pub(crate) fn left(&self) -> usize {
        self.counts.refused + self.counts.conflicts
    }

    /// Whether it tells all that pages show of these places of its two lists, in a language.
    pub(crate) fn tells(&self, lang: Lang, changes: &Range<usize>, conflicts: &Range<usize>) -> bool {
        let within = |asked: &Range<usize>, all: usize, told: &Range<usize>| {
            let end = asked.end.min(all);
            asked.start >= end || (told.start <= asked.start && end <= told.end)
        };
        self.lang == lang
            && within(changes, self.writes(), &self.changes_told)
            && within(conflicts, self.conflicts.kept().len(), &self.conflicts_told)
    }

    /// The changes at these places of their list, of those that are told.
    pub(crate) fn changes_at(&self, places: &Range<usize>) -> impl Iterator<Item = &Change> {
        let before = places.start.saturating_sub(self.changes_told.start);
        self.changes.iter().skip(before).take(places.len())
    }

    /// What it takes in memory, bytes, about.
    pub(crate) fn weight(&self) -> usize {
        let fault = |it: &TableFault| size_of::<TableFault>() + it.found.len() + weight(&it.says);
        let left = |it: &Left| size_of::<Left>() + it.change.weight() + weight(&it.why);
        self.faults.kept().iter().map(fault).sum::<usize>()
            + self.refused.kept().iter().chain(self.conflicts.kept()).map(left).sum::<usize>()
            + self.changes.iter().map(Change::weight).sum::<usize>()
    }
}

/// How much of a list is told.
#[derive(Debug, Default)]
pub(super) struct Tally {
    bytes: usize,
    /// The place behind the last that is told.
    end: usize,
}

impl Tally {
    /// Whether the change at a place is told.
    pub(super) fn takes(&self, asked: &Range<usize>, at: usize) -> bool {
        asked.contains(&at) && self.bytes < MOST_TOLD
    }

    /// It is told.
    pub(super) fn add(&mut self, at: usize, change: &Change) {
        self.bytes += change.weight();
        self.end = at + 1;
    }

    /// Which places are told, of those that were asked for.
    pub(super) fn range(&self, asked: &Range<usize>) -> Range<usize> {
        asked.start..self.end.max(asked.start)
    }
}
