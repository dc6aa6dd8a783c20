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
mod named;
mod preview;
mod workbook;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;
use tongpin_console::sheet::documents::{self, FilledDocuments};
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
use crate::ops::import::{self, Change, ImportError, On, Step};
use lines::Lines;
pub(crate) use marked::marked;
pub(crate) use preview::DocumentsPreview;
pub(crate) use workbook::workbook;

/// Changes, and conflicts, whose fields are told unless others are asked for.
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
    /// The line, what it is about, and, of a conflict that is asked for, what both sides say.
    pub(crate) change: Change,
    /// The column of the cell that is to be mended, counted from 0, where it is one.
    pub(crate) column: Option<u32>,
    /// Why, and what to do.
    pub(crate) why: Words,
}

/// Who looks at a file, and what they want to see of it.
pub(crate) struct Look<'a> {
    /// Who looks: whoever fills in what is written.
    pub(crate) by: &'a Worker,
    /// The language of what stands before and after.
    pub(crate) lang: Lang,
    /// Which of the documents that begin or change are told, as far as there is room for them; the others are counted.
    pub(crate) changes: Range<usize>,
    /// Which of the conflicts are told with both values, likewise.
    pub(crate) conflicts: Range<usize>,
    /// Hears how far it is; of its rows those are counted that say anything.
    pub(crate) on: On<'a>,
}

impl<'a> Look<'a> {
    /// Looks at the first of each.
    pub(crate) fn first(by: &'a Worker, lang: Lang) -> Self {
        Self { by, lang, changes: 0..SHOWN, conflicts: 0..SHOWN, on: &|_| {} }
    }
}

/// What a file would do, and what is written then.
#[derive(Debug)]
pub(crate) struct DocumentsPlan {
    /// What is shown of it.
    pub(crate) preview: DocumentsPreview,
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
    look: &Look<'_>,
) -> Result<DocumentsPlan, ImportError> {
    if !form.unknown.is_empty() {
        return Err(FormError::Unknown(form.unknown).into());
    }
    let room = import::room(bytes.clone()).await?;
    (look.on)(Step::Reading);
    let (form, file) = (Arc::new(form), name.to_owned());
    let definition = form.clone();
    let read = move || documents::read(&file, bytes.as_ref(), &definition.definition);
    let filled = tokio::task::spawn_blocking(read).await.map_err(|error| Failure::internal(&error))??;
    let mut lines = Lines::new(app, &form, &filled, look);
    // Lines that nobody has touched are not even compared: what is read is what the file would change.
    let edited = beside(|| lines.edited());
    let mut seen = 0;
    for piece in edited.chunks(PIECE) {
        (look.on)(Step::Checking { done: Some(seen), total: edited.len() });
        lines.piece(piece).await?;
        seen += piece.len();
    }
    let found = lines.found;
    let FilledDocuments { file, sheets, mut faults, unread, .. } = filled;
    faults.append(found.faults);
    faults.sort_by_key(|fault| (fault.sheet, fault.line, fault.column));
    let effect = Digest::of_parts(found.parts.iter().map(|part| part.0.as_slice()));
    let preview = DocumentsPreview {
        file,
        form,
        sheets,
        faults,
        unread,
        counts: found.counts,
        changes: found.changes,
        refused: found.refused,
        conflicts: found.conflicts,
        effect,
        lang: look.lang,
        changes_told: found.changes_told.range(&look.changes),
        conflicts_told: found.conflicts_told.range(&look.conflicts),
    };
    Ok(DocumentsPlan { preview, records: found.records, bodies: found.bodies, _room: room })
}

impl DocumentsPlan {
    /// Writes it, all or nothing.
    ///
    /// # Errors
    /// [`FormError`]: somebody has changed one of the documents since; then nothing was written.
    pub(crate) async fn write(&self, app: &App) -> Result<(), FormError> {
        if !self.preview.can_be_written() {
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
