//! A file that arrives at the console (导入): what it is, what it would change, and changing it. A file with problems
//! changes nothing; what a person confirmed is looked at again before it is written.

mod change;
mod evaluation;
mod goal;
mod marked;
mod month_fields;
mod months;
mod preview;
mod step;

use std::collections::BTreeSet;

use change::{Before, Comparison};
use tongpin_console::sheet::{self, FilledSheet};
use tongpin_console::web::{Busy, Room};
use tongpin_console::workbook::{self, Book, Fault, SheetError};
use tongpin_domain::form::{Definition, KeptAs};
use tongpin_domain::intake::Table;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_link::processor::beside;
use tongpin_store::{PutCounts, RecordRow};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::forms::FormError;
use crate::ops::months::Plan;
use crate::ops::project_forms::HeldProjectForm;
use crate::ops::saving::SaveError;
use crate::ops::tables::{self, Checks};
use crate::ops::{self, editing};
use crate::records::HeldProject;
use crate::records::kept_form::{KeptForm, RecordForms};
use crate::sheets::entry::{self, Entered};
use crate::sheets::file_kind::FileKind;
use crate::sheets::{earlier_evaluation, goal_book};
pub(crate) use change::{Change, FieldChange, What};
pub(crate) use marked::{Unmarked, as_book, marked, remarks_at};
pub(crate) use preview::{TablePreview, weight};
pub(crate) use step::{On, Step};

/// A file that was read.
enum Parsed {
    Table(FileKind, Table),
    Evaluation(Box<FilledSheet>),
    Goal(Box<goal_book::FilledGoal>),
}

/// What a file would change, beside the records as they are now.
#[derive(Debug)]
pub(crate) struct ImportPlan {
    /// What is shown of it.
    pub(crate) preview: TablePreview,
    rows: Vec<RecordRow>,
    form: Option<Box<(String, HeldProject)>>,
    /// The texts to be written with the form.
    filled: Option<HeldProjectForm>,
    months: Option<Vec<Plan>>,
    /// The room that it takes in memory, until it is gone.
    _room: Option<Room>,
}

/// A file is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// It cannot be read.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// It is a form of a project that is not this bureau's to fill.
    #[error("a form of {0}, which is not held")]
    Unknown(String),
    /// The project of the form could not be saved.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// Too many files are being looked through.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Documents of a form that nothing is imported by.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Something else failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Say for ImportError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Sheet(error) => error.say(lang),
            Self::Unknown(code) => lang
                .pick(
                    &format!("这是项目 {code} 的表，而系统中没有这个项目；请核对代码，或先导入项目，再导出表格填写"),
                    &format!("this is the form of project {code}, which is not held; import the project first"),
                )
                .to_owned(),
            Self::Save(error) => error.say(lang),
            Self::Busy(busy) => busy.say(lang),
            Self::Form(error) => error.say(lang),
            Self::Failure(failure) => failure.say(lang),
        }
    }
}

impl From<tongpin_store::StoreError> for ImportError {
    fn from(error: tongpin_store::StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Reads a file and compares it with what is held; `on` hears how far that is.
///
/// # Errors
/// The file cannot be read, or the database cannot.
pub(crate) async fn examine(
    app: &App,
    name: &str,
    bytes: impl AsRef<[u8]> + Clone + Send + 'static,
    on: On<'_>,
) -> Result<ImportPlan, ImportError> {
    let file = name.to_owned();
    let room = room(bytes.clone()).await?;
    on(Step::Reading);
    // Unpacking a large workbook takes a while, which other readers need not wait for.
    let forms = RecordForms::load(app.store()).await?;
    let evaluations = KeptForm::load(app.store(), Definition::of_evaluations()).await?;
    let parsed = tokio::task::spawn_blocking(move || parse(&file, bytes.as_ref(), &forms, &evaluations)).await;
    let import = match parsed.map_err(|error| Failure::internal(&error))?? {
        Parsed::Table(FileKind::Observations, table) => months::examine(app, &table, on).await,
        Parsed::Table(kind, table) => of_table(app, kind, &table, on).await,
        Parsed::Evaluation(filled) => evaluation::of(app, *filled).await,
        Parsed::Goal(filled) => goal::of(app, *filled).await,
    };
    import.map(|import| ImportPlan { _room: Some(room), ..import })
}

/// Room for what looking through a file takes in memory.
///
/// # Errors
/// There is none for a while.
pub(crate) async fn room(bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Room, ImportError> {
    let memory = tokio::task::spawn_blocking(move || workbook::memory(bytes.as_ref())).await;
    Ok(Room::to_look_through(memory.map_err(|error| Failure::internal(&error))?).await?)
}

fn parse(name: &str, bytes: &[u8], forms: &RecordForms, evaluations: &KeptForm) -> Result<Parsed, SheetError> {
    let table = if workbook::is_workbook(bytes) {
        let mut book = Book::open(name, bytes)?;
        if let Some(filled) = evaluation(&mut book, evaluations)? {
            return Ok(Parsed::Evaluation(Box::new(filled)));
        }
        if let Some(sheet) = goal_book::find(&mut book)? {
            return Ok(Parsed::Goal(Box::new(goal_book::read(&mut book, &sheet)?)));
        }
        entry::read_book(book)?
    } else {
        entry::read(name, bytes)?
    };
    let kind = FileKind::of(&table.header, forms).unwrap_or(FileKind::Projects);
    Ok(Parsed::Table(kind, table))
}

/// The self-evaluation in a workbook, if it is one.
fn evaluation(book: &mut Book<'_>, form: &KeptForm) -> Result<Option<FilledSheet>, SheetError> {
    if let Some(identity) = sheet::identify(book)? {
        if identity.code != KeptAs::Evaluation.code() {
            return Err(SheetError { file: book.file().to_owned(), fault: Fault::OfAnotherForm(identity.code) });
        }
        return sheet::read(book, form.definition()).map(Some);
    }
    if !earlier_evaluation::is_form(book) {
        return Ok(None);
    }
    earlier_evaluation::read(book, form.release().unwrap_or_default())
}

async fn of_table(app: &App, kind: FileKind, table: &Table, on: On<'_>) -> Result<ImportPlan, ImportError> {
    on(Step::Checking { done: None, total: table.rows.len() });
    let checks = Checks::load(app).await?;
    let entered = beside(|| match kind {
        FileKind::Indicators => checks.indicators(table, &BTreeSet::new()),
        _ => checks.projects(table),
    });
    let own = app.site.region();
    let record = if kind == FileKind::Indicators { PROJECT_INDICATOR } else { PROJECT };
    let before = app.store().records(record, Some(&own)).await?.into_iter();
    let before: Before = before.map(|record| ((record.kind, record.key), record.body)).collect();
    Ok(beside(|| ImportPlan::new(kind, &table.name, table.header.clone(), entered, &before)))
}

impl ImportPlan {
    fn new(kind: FileKind, file: &str, header: Vec<String>, entered: Entered, before: &Before) -> Self {
        let Comparison { counts, changes, effect } = change::compare(&entered, before);
        let preview = TablePreview {
            file: file.to_owned(),
            kind,
            header,
            columns: Vec::new(),
            sheet: String::new(),
            sound: entered.records,
            problems: entered.problems,
            warnings: entered.warnings,
            counts,
            changes,
            project: None,
            code: String::new(),
            effect,
            follows: Vec::new(),
        };
        Self { preview, rows: entered.rows, form: None, filled: None, months: None, _room: None }
    }

    /// Notes the project of a form, as it was and as it is to be saved.
    fn of_project(&mut self, version: String, made: HeldProject) {
        self.preview.project = Some(made.project.name.clone());
        self.preview.code.clone_from(&made.project.code);
        self.form = Some(Box::new((version, made)));
    }

    /// Writes it, as reported `by` somebody. A file with problems writes nothing.
    ///
    /// # Errors
    /// The database cannot be written, or a project of a form or of a month was saved in the meantime.
    pub(crate) async fn write(&self, app: &App, by: &str) -> Result<PutCounts, ImportError> {
        if !self.preview.problems.is_empty() {
            return Ok(PutCounts::default());
        }
        if let Some(form) = &self.form {
            let (version, held) = &**form;
            editing::save_with_form(app, version, &held.project, &held.lines, self.filled.as_ref()).await?;
            return Ok(self.preview.counts);
        }
        if let Some(plans) = &self.months {
            ops::months::save_all(app, plans, by).await?;
            return Ok(self.preview.counts);
        }
        Ok(tables::put(app, &self.rows).await?)
    }
}
