//! A goal form that arrives: what it would make of the project's goal and of its lines, all of it or nothing.

use tongpin_domain::form::Definition;
use tongpin_domain::project::{PROJECT_INDICATOR, ProjectIndicator};
use tongpin_domain::project_form::{GOAL, ProjectForm};
use tongpin_store::RecordRow;

use super::change::Before;
use super::{ImportError, ImportPlan};
use crate::app::App;
use crate::failure::Failure;
use crate::guidance::RuleBook;
use crate::ops::editing;
use crate::ops::project_forms::{self, HeldProjectForm};
use crate::ops::saving::SaveError;
use crate::records::goal_form::GoalForm;
use crate::records::{self, HeldProject};
use crate::sheets::entry::{self, Entered};
use crate::sheets::file_kind::FileKind;
use crate::sheets::goal_book::{FilledGoal, GoalContext, TakenGoal};

/// Compares a form with what is held.
///
/// # Errors
/// It is a form of no project of this bureau's, or the database cannot be read.
pub(super) async fn of(app: &App, filled: FilledGoal) -> Result<ImportPlan, ImportError> {
    let misshapen = filled.misshapen();
    if !misshapen.is_empty() {
        let columns = filled.columns(Definition::of_goals());
        return Ok(with_columns(refused(&filled, misshapen), columns));
    }
    let held = records::one(app.store(), &filled.code).await?;
    let held = held.ok_or_else(|| ImportError::Unknown(filled.code.clone()))?;
    if held.author != app.site.region() {
        return Err(SaveError::NotOurs(held.author).into());
    }
    let goal = project_forms::read(app.store(), GOAL, &held.author, &filled.code).await?;
    let book = RuleBook::load(app.store()).await?;
    let form = GoalForm::load(app.store()).await?;
    let index = app.library.index(app.store()).await?;
    // Comparing some hundreds of lines with each other takes a while, which other readers need not wait for.
    let compared = tokio::task::spawn_blocking(move || {
        let rules = book.choose(None, held.project.fiscal_year).ok().map(|rules| &rules.set);
        let ground = GoalContext { held: &held, goal: &goal.form, form: &form, rules, index: &index };
        let titles = filled.columns(form.definition());
        let plan = match filled.take(&ground) {
            Ok(taken) => taken_in(&filled, held, &goal, (form.definition(), taken)),
            Err(problems) => {
                let mut plan = refused(&filled, problems);
                plan.preview.project = Some(held.project.name);
                plan
            }
        };
        with_columns(plan, titles)
    });
    Ok(compared.await.map_err(|error| Failure::internal(&error))?)
}

/// The same, which knows what messages call its cells.
fn with_columns(mut plan: ImportPlan, columns: Vec<(String, u32)>) -> ImportPlan {
    plan.preview.columns = columns;
    plan
}

fn refused(filled: &FilledGoal, problems: Vec<tongpin_domain::intake::Problem>) -> ImportPlan {
    let entered = Entered { problems, ..Entered::default() };
    ImportPlan::new(FileKind::Goal, &filled.file, Vec::new(), entered, &Before::new())
}

fn taken_in(
    filled: &FilledGoal,
    held: HeldProject,
    goal: &HeldProjectForm,
    (definition, taken): (&Definition, TakenGoal),
) -> ImportPlan {
    let mut before: Before =
        held.lines.iter().map(line_row).filter_map(|row| Some(((row.kind, row.key), row.body?))).collect();
    let fields = definition.fields.clone();
    let mut entered = Entered { warnings: taken.warnings, fields, ..Entered::default() };
    let (row, fresh) = taken.goal;
    let changed = fresh != goal.form;
    if changed || !goal.version.is_empty() {
        entered.rows.push(goal_row(&fresh));
        entered.lines.push(row);
    }
    if !goal.version.is_empty() {
        let row = goal_row(&goal.form);
        before.extend(row.body.map(|body| ((row.kind, row.key), body)));
    }
    let mut lines = Vec::new();
    for (row, line) in taken.lines {
        entered.rows.push(line_row(&line));
        entered.lines.push(row);
        lines.push(line);
    }
    let gone = taken.removed.iter().map(|line| RecordRow { body: None, ..line_row(line) });
    entered.rows.extend(gone);
    entered.records = lines.len() + 1;
    let mut import = ImportPlan::new(FileKind::Goal, &filled.file, Vec::new(), entered, &before);
    import.filled = changed.then(|| HeldProjectForm { form: fresh, ..goal.clone() });
    let version = editing::version(&held);
    import.of_project(version, HeldProject { lines, ..held });
    import
}

fn line_row(line: &ProjectIndicator) -> RecordRow {
    entry::row(PROJECT_INDICATOR, line.record_key(), line)
}

fn goal_row(goal: &ProjectForm) -> RecordRow {
    entry::row(GOAL, goal.project_code.clone(), goal)
}
