//! A file that arrives at the console (导入): what it is, what it would change, and changing it. A file with problems
//! changes nothing; what a person confirmed is looked at again before it is written.

mod change;
mod goal;
mod marked;
mod month_fields;
mod months;

use std::collections::{BTreeSet, HashMap};

use change::Comparison;
use tongpin_console::web::{Busy, Room};
use tongpin_console::workbook::{self, Book, SheetError};
use tongpin_domain::digest::Digest;
use tongpin_domain::intake::{Problem, Table, Words};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, ProjectIndicator};
use tongpin_store::{PutCounts, RecordRow};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::forms::FormError;
use crate::ops::goals::HeldGoal;
use crate::ops::months::Plan;
use crate::ops::saving::SaveError;
use crate::ops::tables::{self, Checks};
use crate::ops::{self, editing};
use crate::records::kept_form::RecordForms;
use crate::records::{self, HeldProject};
use crate::sheets::entry::{self, Entered};
use crate::sheets::evaluation_book::{self, FilledEvaluation};
use crate::sheets::file_kind::FileKind;
use crate::sheets::goal_book;
pub(crate) use change::{Change, FieldChange, What};
pub(crate) use marked::{Unmarked, as_book, marked, remarks_at};

/// A file that was read.
enum Parsed {
    Table(FileKind, Table),
    Form(Box<FilledEvaluation>),
    Goal(Box<goal_book::FilledGoal>),
}

/// What a file would change, beside the records as they are now.
#[derive(Debug)]
pub(crate) struct ImportPlan {
    /// The file's name.
    pub(crate) file: String,
    /// What it holds.
    pub(crate) kind: FileKind,
    /// The column names of its first line, to name cells.
    pub(crate) header: Vec<String>,
    /// Beside the header, of a form: what messages call its cells, each with its column.
    columns: Vec<(String, u32)>,
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
    /// The project, of a form.
    pub(crate) project: Option<String>,
    /// Stands for all that changes: the same for the same changes to the same records.
    pub(crate) effect: Digest,
    /// What changes of itself with what the file says, by project.
    pub(crate) follows: Vec<Change>,
    rows: Vec<RecordRow>,
    form: Option<Box<(String, HeldProject)>>,
    /// The goal to be written with the form.
    goal: Option<HeldGoal>,
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

/// Reads a file and compares it with what is held.
///
/// # Errors
/// The file cannot be read, or the database cannot.
pub(crate) async fn examine(
    app: &App,
    name: &str,
    bytes: impl AsRef<[u8]> + Clone + Send + 'static,
) -> Result<ImportPlan, ImportError> {
    let file = name.to_owned();
    let room = room(bytes.clone()).await?;
    // Unpacking a large workbook takes a while, which other readers need not wait for.
    let forms = RecordForms::load(app.store()).await?;
    let parsed = tokio::task::spawn_blocking(move || parse(&file, bytes.as_ref(), &forms)).await;
    let import = match parsed.map_err(|error| Failure::internal(&error))?? {
        Parsed::Table(FileKind::Observations, table) => months::examine(app, &table).await,
        Parsed::Table(kind, table) => of_table(app, kind, &table).await,
        Parsed::Form(filled) => of_form(app, &filled).await,
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

fn parse(name: &str, bytes: &[u8], forms: &RecordForms) -> Result<Parsed, SheetError> {
    let table = if workbook::is_workbook(bytes) {
        let mut book = Book::open(name, bytes)?;
        if evaluation_book::is_form(&book)
            && let Some(filled) = evaluation_book::read(&mut book)?
        {
            return Ok(Parsed::Form(Box::new(filled)));
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

async fn of_table(app: &App, kind: FileKind, table: &Table) -> Result<ImportPlan, ImportError> {
    let checks = Checks::load(app).await?;
    let entered = match kind {
        FileKind::Indicators => checks.indicators(table, &BTreeSet::new()),
        _ => checks.projects(table),
    };
    let own = app.site.region();
    let record = if kind == FileKind::Indicators { PROJECT_INDICATOR } else { PROJECT };
    let before: HashMap<String, String> =
        app.store().records(record, Some(&own)).await?.into_iter().map(|record| (record.key, record.body)).collect();
    Ok(ImportPlan::new(kind, &table.name, table.header.clone(), entered, &before))
}

async fn of_form(app: &App, filled: &FilledEvaluation) -> Result<ImportPlan, ImportError> {
    let held = records::one(app.store(), &filled.code).await?;
    let held = held.ok_or_else(|| ImportError::Unknown(filled.code.clone()))?;
    let own = app.site.region();
    if held.author != own {
        return Err(SaveError::NotOurs(held.author).into());
    }
    let (mut entered, mut lines) = (Entered::default(), Vec::new());
    match filled.lines(&held) {
        Ok(filled) => {
            for (row, line) in filled {
                entered.rows.push(entry::row(PROJECT_INDICATOR, line.record_key(), &line));
                entered.lines.push(row);
                lines.push(line);
            }
        }
        Err(problems) => entered.problems = problems,
    }
    entered.records = lines.len();
    let mut project = held.project.clone();
    match filled.execution_reason(&project) {
        Ok(Some((row, reason))) if entered.problems.is_empty() => {
            project.execution_reason = reason;
            entered.rows.push(entry::row(PROJECT, project.code.clone(), &project));
            entered.lines.push(row);
        }
        Ok(_) => {}
        Err(problem) => entered.problems.push(problem),
    }
    entered.warnings = emptied(filled, &held, &entered.lines, &lines);
    let before = held.lines.iter().map(|line| entry::row(PROJECT_INDICATOR, line.record_key(), line));
    let before = before.chain([entry::row(PROJECT, held.project.code.clone(), &held.project)]);
    let before = before.filter_map(|row| Some((row.key, row.body?))).collect();
    let heads = evaluation_book::HEADS.map(str::to_owned).to_vec();
    let mut import = ImportPlan::new(FileKind::Evaluation, &filled.file, heads, entered, &before);
    import.project = Some(held.project.name.clone());
    let version = editing::version(&held);
    import.form = Some(Box::new((version, HeldProject { project, lines, ..held })));
    Ok(import)
}

/// Values that are held and that the form leaves blank.
fn emptied(filled: &FilledEvaluation, held: &HeldProject, rows: &[u64], lines: &[ProjectIndicator]) -> Vec<Problem> {
    let before: HashMap<u32, &ProjectIndicator> = held.lines.iter().map(|line| (line.seq, line)).collect();
    let mut problems = Vec::new();
    for (row, line) in rows.iter().zip(lines) {
        let Some(held) = before.get(&line.seq) else { continue };
        let mut say = |column: &str, expected: Words| {
            let (file, column) = (filled.file.clone(), column.to_owned());
            problems.push(Problem { file, line: *row, column, found: String::new(), expected });
        };
        if line.actual.is_missing() && !held.actual.raw().trim().is_empty() {
            let held = held.actual.raw();
            let zh = format!("系统中已有的“{held}”，或新的完成值；导入后将清空");
            say("实际完成值", Words::new(zh, format!("the {held:?} that is held, or a new value; it will be cleared")));
        }
        if line.evidence_count == 0 && held.evidence_count > 0 {
            let held = held.evidence_count;
            let zh = format!("系统中已有的 {held} 件，或新的件数；导入后将为 0");
            say("佐证件数", Words::new(zh, format!("the {held} that are held, or a new count; it will be 0")));
        }
    }
    problems
}

impl ImportPlan {
    fn new(
        kind: FileKind,
        file: &str,
        header: Vec<String>,
        entered: Entered,
        before: &HashMap<String, String>,
    ) -> Self {
        let Comparison { counts, changes, effect } = change::compare(&entered, before);
        Self {
            file: file.to_owned(),
            kind,
            header,
            columns: Vec::new(),
            sound: entered.records,
            problems: entered.problems,
            warnings: entered.warnings,
            counts,
            changes,
            project: None,
            effect,
            follows: Vec::new(),
            rows: entered.rows,
            form: None,
            goal: None,
            months: None,
            _room: None,
        }
    }

    /// The column that a name stands over, counted from 0.
    pub(crate) fn column(&self, name: &str) -> Option<u32> {
        if let Some((_, column)) = self.columns.iter().find(|(title, _)| title == name) {
            return Some(*column);
        }
        let at = self.header.iter().position(|title| title == name && !title.is_empty())?;
        u32::try_from(at).ok()
    }

    /// The project's code, of a form.
    pub(crate) fn code(&self) -> &str {
        self.form.as_ref().map_or("", |form| &form.1.project.code)
    }

    /// True if there is anything to write.
    pub(crate) fn changes_something(&self) -> bool {
        self.counts.added + self.counts.changed + self.counts.removed > 0 || !self.follows.is_empty()
    }

    /// Writes it, as reported `by` somebody. A file with problems writes nothing.
    ///
    /// # Errors
    /// The database cannot be written, or a project of a form or of a month was saved in the meantime.
    pub(crate) async fn write(&self, app: &App, by: &str) -> Result<PutCounts, ImportError> {
        if !self.problems.is_empty() {
            return Ok(PutCounts::default());
        }
        if let Some(form) = &self.form {
            let (version, held) = &**form;
            editing::save_with_goal(app, version, &held.project, &held.lines, self.goal.as_ref()).await?;
            return Ok(self.counts);
        }
        if let Some(plans) = &self.months {
            ops::months::save_all(app, plans, by).await?;
            return Ok(self.counts);
        }
        Ok(tables::put(app, &self.rows).await?)
    }
}
