//! What an import would do, or did: read, doubtful, wrong, and how the draft differs from what there was.

use serde::Serialize;
use tongpin_domain::catalog::Changes;
use tongpin_domain::intake::Problem;
use tongpin_domain::moment::Moment;

/// The answer to an import.
#[derive(Serialize)]
pub(crate) struct Preview {
    pub(crate) catalog: String,
    pub(crate) files: Vec<String>,
    pub(crate) drafted: bool,
    pub(crate) dry_run: bool,
    /// Whether the entries that the files lack stay.
    pub(crate) merged: bool,
    pub(crate) by: String,
    /// The release that is in force, 0 for none. The changes are against it where there was no draft.
    pub(crate) release: u64,
    /// The draft that there was: the changes are against it.
    pub(crate) draft: Option<Before>,
    pub(crate) accepted: usize,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
    pub(crate) changes: Changed,
    /// The changes in numbers, in Chinese and in English.
    #[serde(skip)]
    pub(crate) told: [String; 2],
}

/// A draft that there was before.
#[derive(Serialize)]
pub(crate) struct Before {
    pub(crate) by: String,
    pub(crate) at: Moment,
}

/// The difference with what there was.
#[derive(Serialize)]
pub(crate) struct Changed {
    #[serde(flatten)]
    pub(crate) changes: Changes,
    pub(crate) unchanged: usize,
}

impl Changed {
    pub(crate) fn new(changes: Changes, unchanged: usize) -> Self {
        Self { changes, unchanged }
    }
}
