//! 批量导入单据: a workbook of a form's documents, laid over what is held by the very rules by which a page begins one and
//! saves one. What it would do is told line by line before anything is written; then all of it is written at once, or
//! nothing.
//!
//! A line that was left as it was written out says nothing, whoever has changed its document since. One that was
//! changed from an older version of its document is a conflict, told with both values and left alone; so is a line
//! whose document cannot be changed now. What cannot be read is told at its cell, and keeps the whole file back.

mod differences;
mod lines;
mod marked;
mod workbook;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use tongpin_console::sheet::documents::{self, FilledDocuments, ReadSheet, TableFault};
use tongpin_console::web::Room;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::DOCUMENT;
use tongpin_domain::intake::Words;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::processor::beside;
use tongpin_store::{Expected, Keys, Put, RecordRow};

use super::{FormError, HeldForm, Worker};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::import::{self, Change, ImportError};
use lines::Lines;
pub(crate) use marked::marked;
pub(crate) use workbook::workbook;

/// Changes, and lines that are left alone, whose fields are told; the rest is counted.
const SHOWN: usize = 50;
/// Lines whose documents are read at once.
const PIECE: usize = 1_000;

/// How many lines there are of each fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Documents that would begin.
    pub(crate) added: usize,
    /// Documents that would be changed.
    pub(crate) changed: usize,
    /// Lines that say what is held.
    pub(crate) unchanged: usize,
    /// Lines whose documents cannot be begun or changed.
    pub(crate) refused: usize,
    /// Lines that were changed from an older version of their documents.
    pub(crate) conflicts: usize,
}

impl Say for Counts {
    fn say(&self, lang: Lang) -> String {
        let Self { added, changed, unchanged, refused, conflicts } = self;
        match lang {
            Lang::Zh => format!("新增 {added}，修改 {changed}，未变 {unchanged}，不能导入 {refused}，冲突 {conflicts}"),
            Lang::En => format!(
                "{added} new, {changed} changed, {unchanged} unchanged, {refused} refused, {conflicts} in conflict"
            ),
        }
    }
}

/// A line that is left alone.
#[derive(Debug, Clone)]
pub(crate) struct Left {
    /// The line, what it is about, and what both sides say where that is why.
    pub(crate) change: Change,
    /// Whether somebody else has changed its document meanwhile.
    pub(crate) conflict: bool,
    /// Why, and what to do.
    pub(crate) why: Words,
}

/// What a file would do.
#[derive(Debug)]
pub(crate) struct DocumentsPlan {
    /// The file's name.
    pub(crate) file: String,
    /// The form.
    pub(crate) form: Arc<HeldForm>,
    /// The sheets that were read.
    pub(crate) sheets: Vec<ReadSheet>,
    /// What cannot be read: then nothing is written.
    pub(crate) faults: Vec<TableFault>,
    /// How many lines there are of each fate.
    pub(crate) counts: Counts,
    /// The first that begin or change.
    pub(crate) changes: Vec<Change>,
    /// All that are left alone.
    pub(crate) left: Vec<Left>,
    /// Stands for all that would be written: the same for the same changes to the same documents.
    pub(crate) effect: Digest,
    records: Vec<RecordRow>,
    /// What is held of them, by key.
    bodies: BTreeMap<String, String>,
    /// The room that it takes in memory, until it is gone.
    _room: Room,
}

/// Reads a file and lays it over what is held.
///
/// # Errors
/// The file cannot be read, this program does not know all of the form, or the database cannot be read.
pub(crate) async fn examine(
    app: &App,
    form: HeldForm,
    name: &str,
    bytes: impl AsRef<[u8]> + Clone + Send + 'static,
    by: &Worker,
) -> Result<DocumentsPlan, ImportError> {
    if !form.unknown.is_empty() {
        return Err(FormError::Unknown(form.unknown).into());
    }
    let room = import::room(bytes.clone()).await?;
    let (form, file) = (Arc::new(form), name.to_owned());
    let definition = form.clone();
    let read = move || documents::read(&file, bytes.as_ref(), &definition.definition);
    let filled = tokio::task::spawn_blocking(read).await.map_err(|error| Failure::internal(&error))??;
    let mut lines = Lines::new(app, &form, &filled, by);
    // Lines that nobody has touched are not even compared: what is read is what the file would change.
    let edited = beside(|| lines.edited());
    for piece in edited.chunks(PIECE) {
        lines.piece(piece).await?;
    }
    let found = lines.found;
    let FilledDocuments { file, sheets, mut faults, .. } = filled;
    faults.extend(found.faults);
    faults.sort_by_key(|fault| (fault.sheet, fault.line, fault.column));
    let effect = Digest::of_parts(found.parts.iter().map(String::as_bytes));
    Ok(DocumentsPlan {
        file,
        form,
        sheets,
        faults,
        counts: found.counts,
        changes: found.changes,
        left: found.left,
        effect,
        records: found.records,
        bodies: found.bodies,
        _room: room,
    })
}

impl DocumentsPlan {
    /// Whether there is anything to write, and nothing that keeps it back.
    pub(crate) fn can_be_written(&self) -> bool {
        self.faults.is_empty() && !self.records.is_empty()
    }

    /// Writes it, all or nothing.
    ///
    /// # Errors
    /// [`FormError`]: somebody has changed one of the documents since; then nothing was written.
    pub(crate) async fn write(&self, app: &App) -> Result<(), FormError> {
        if !self.can_be_written() {
            return Ok(());
        }
        let own = app.site.region();
        let keys: Vec<&str> = self.records.iter().map(|record| record.key.as_str()).collect();
        let expected = [Expected { kind: DOCUMENT, keys: Keys::These(&keys), bodies: self.bodies.clone() }];
        let put = Put { own: &own, records: &self.records, at: app.site.now(), log: app.records_go_up() };
        match app.store().put_expected(&put, &expected).await? {
            Some(_) => Ok(()),
            None => Err(FormError::Changed),
        }
    }
}
