//! A self-evaluation that arrives: what it would make of the project, its lines and its texts, all of it or nothing.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_console::sheet::{FilledSheet, text};
use tongpin_console::workbook::{Fault, SheetError};
use tongpin_domain::form::{Field, Given, Place};
use tongpin_domain::intake::{Problem, Words};
use tongpin_domain::lang::Lang;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, Project, ProjectIndicator};
use tongpin_domain::project_form::{ProjectForm, SELF_EVALUATION};
use tongpin_store::RecordRow;

use super::change::Before;
use super::{ImportError, ImportPlan};
use crate::app::App;
use crate::ops::editing;
use crate::ops::evaluation::{Evaluation, Filled, at};
use crate::ops::forms::FormError;
use crate::ops::saving::SaveError;
use crate::records::evaluation::{ACTUAL, EXECUTION_REASON, LINES, id_of, rows};
use crate::records::{self, HeldProject};
use crate::sheets::earlier_evaluation;
use crate::sheets::entry::{self, Entered};
use crate::sheets::file_kind::FileKind;

/// Compares a sheet with what is held.
///
/// # Errors
/// It is the sheet of no project of this bureau's, or of another release of the form; or the database cannot be read.
pub(super) async fn of(app: &App, mut filled: FilledSheet) -> Result<ImportPlan, ImportError> {
    let code = filled.identity.key.clone();
    let held = records::one(app.store(), &code).await?.ok_or_else(|| ImportError::Unknown(code.clone()))?;
    if held.author != app.site.region() {
        return Err(SaveError::NotOurs(held.author).into());
    }
    earlier_evaluation::unlabelled(&mut filled, &held.project)?;
    let evaluation = Evaluation::of(app.store(), held).await?;
    if !evaluation.form.unknown().is_empty() {
        return Err(FormError::Unknown(evaluation.form.unknown().to_vec()).into());
    }
    if filled.identity.edition != evaluation.form.release().unwrap_or_default().into() {
        let fault = Fault::OtherForm(filled.identity.sheet.clone());
        return Err(SheetError { file: filled.file, fault }.into());
    }
    let (given, conflicts) = filled.against(evaluation.definition(), &evaluation.given(), &BTreeSet::new());
    let sheet = Sheet { filled: &filled, evaluation: &evaluation };
    let mut problems = sheet.other_lines();
    let taken = evaluation.filled(given);
    problems.extend(conflicts.iter().map(|conflict| {
        let held = if conflict.held.is_empty() { "空" } else { &conflict.held };
        let zh = format!("与导出时一致；导出之后已有他人修改（现为“{held}”），请重新导出后填写");
        let en = format!("what was exported; somebody has changed it since (now {held:?}): export the form anew");
        sheet.problem(&conflict.place, conflict.filled.clone(), Words::new(zh, en))
    }));
    problems.extend(evaluation.faults_of_file(&taken).into_iter().map(|(place, words)| {
        let found = sheet.said(&place).unwrap_or_default();
        sheet.problem(&place, found, words)
    }));
    Ok(sheet.plan(&taken, problems))
}

/// A sheet beside what is held.
struct Sheet<'a> {
    filled: &'a FilledSheet,
    evaluation: &'a Evaluation,
}

impl Sheet<'_> {
    /// Lines that the sheet does not have as they are held: they have changed since, or their rows are gone.
    fn other_lines(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let then = self.filled.tables.get(LINES).map(|then| &then.rows);
        let held: BTreeMap<String, &ProjectIndicator> =
            self.evaluation.held.lines.iter().map(|line| (id_of(line), line)).collect();
        for id in then.into_iter().flat_map(BTreeMap::keys).filter(|id| !held.contains_key(*id)) {
            let zh = "与系统中一致的指标；导出后指标有变动或已删除，请重新导出自评表后填写";
            let words = Words::new(zh, "a line as it is held; it has changed since: export the form anew");
            problems.push(self.problem(&Place::row(LINES, id).to_string(), seq(id), words));
        }
        for (id, line) in &held {
            if then.is_some() && self.at(&Place::row(LINES, id).to_string()).is_none() {
                let zh = format!("“{}. {}”这一行；表中没有，请重新导出自评表后填写", line.seq, line.name);
                let words = Words::new(zh, format!("line {} {:?}: export the form anew", line.seq, line.name));
                problems.push(self.problem(LINES, String::new(), words));
            }
        }
        let known = |id: &str| held.contains_key(id) || then.is_some_and(|then| then.contains_key(id));
        for row in rows(&self.filled.given).iter().filter(|row| !known(&row.id)) {
            let words = Words::new("导出时的行；不要复制或插入指标行", "a line as it was exported");
            problems.push(self.problem(&Place::row(LINES, &row.id).to_string(), String::new(), words));
        }
        problems
    }

    /// The field of a place.
    fn field(&self, place: &str) -> Option<&Field> {
        let mut parts = place.split('.');
        let field = self.evaluation.definition().field(parts.next()?)?;
        match parts.nth(1) {
            Some(inner) => field.fields.iter().find(|field| field.name == inner),
            None => Some(field),
        }
    }

    /// What the sheet says at a place.
    fn said(&self, place: &str) -> Option<String> {
        let (field, given) = (self.field(place)?, at(&self.filled.given, place)?);
        Some(text::told_given(field, &given, &self.evaluation.definition().layout.money, Lang::Zh))
    }

    /// Row and column of a place, counted from 0: of a row that of its first cell, nowhere of what is not on the sheet.
    fn at(&self, place: &str) -> Option<(u32, u32)> {
        let within = format!("{place}.");
        let cells = &self.filled.cells;
        let first = || cells.range(within.clone()..).next().filter(|(at, _)| at.starts_with(&within));
        cells.get(place).or_else(|| first().map(|(_, cell)| cell)).copied()
    }

    /// The line of a place, counted from 1; 0 for what is not on the sheet.
    fn line(&self, place: &str) -> u64 {
        self.at(place).map_or(0, |(row, _)| u64::from(row) + 1)
    }

    fn problem(&self, place: &str, found: String, expected: Words) -> Problem {
        let line = self.line(place);
        // About a row as a whole it is said at its first cell that is filled in.
        let first = format!("{LINES}..{ACTUAL}");
        let row = place.split('.').count() == 2;
        let field = self.field(if row { &first } else { place });
        let column = field.map_or_else(String::new, |field| field.title.clone());
        Problem { file: self.filled.file.clone(), line, column, found, expected }
    }

    /// What would be written.
    fn plan(&self, taken: &Filled, problems: Vec<Problem>) -> ImportPlan {
        let (held, texts) = (&self.evaluation.held, &self.evaluation.texts);
        let mut entered = Entered { problems, warnings: self.emptied(taken), ..Entered::default() };
        let fields = self.evaluation.definition().fields.iter();
        entered.fields = fields.clone().chain(fields.flat_map(|field| &field.fields)).cloned().collect();
        let mut before = Before::new();
        let mut put = |line: u64, made: RecordRow, was: Option<RecordRow>| {
            before.extend(was.and_then(|row| Some(((row.kind, row.key), row.body?))));
            entered.rows.push(made);
            entered.lines.push(line);
        };
        for (line, was) in taken.lines.iter().zip(&held.lines) {
            let at = self.line(&Place::row(LINES, &id_of(was)).to_string());
            put(at, line_row(line), Some(line_row(was)));
        }
        if taken.project != held.project {
            put(self.line(EXECUTION_REASON), project_row(&taken.project), Some(project_row(&held.project)));
        }
        let changed = taken.changed_texts(texts);
        if let Some(made) = &changed {
            let first = made.form.given.iter().find(|(name, given)| texts.form.given.get(*name) != Some(*given));
            let place = first.map_or("", |(name, _)| name.as_str());
            put(self.line(place), texts_row(&made.form), (!texts.version.is_empty()).then(|| texts_row(&texts.form)));
        }
        // It is taken whole or not at all.
        entered.records = if entered.problems.is_empty() { taken.lines.len() } else { 0 };
        let file = &self.filled.file;
        let mut plan = ImportPlan::new(FileKind::Evaluation, file, Vec::new(), entered, &before);
        plan.preview.columns = self.columns();
        plan.preview.sheet.clone_from(&self.filled.identity.sheet);
        let made = HeldProject { project: taken.project.clone(), lines: taken.lines.clone(), ..held.clone() };
        plan.of_project(editing::version(held), made);
        plan.filled = changed;
        plan
    }

    /// What messages call the cells of the sheet, each with its column.
    fn columns(&self) -> Vec<(String, u32)> {
        let named = self.filled.cells.iter();
        let mut all: Vec<(String, u32)> =
            named.filter_map(|(place, (_, column))| Some((self.field(place)?.title.clone(), *column))).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Values that are held and that would be cleared.
    fn emptied(&self, taken: &Filled) -> Vec<Problem> {
        let held = self.evaluation.given();
        let money = &self.evaluation.definition().layout.money;
        let said = |field: &Field, given: Option<Given>| {
            let text = given.map(|given| text::told_given(field, &given, money, Lang::Zh)).unwrap_or_default();
            let none = text.trim().is_empty() || (field.role == "evidence" && text.trim() == "0");
            (!none).then_some(text)
        };
        let mut problems = Vec::new();
        let mut places: Vec<&String> = self.filled.stamps.keys().collect();
        places.sort_by_key(|place| self.filled.cells.get(*place));
        for place in places {
            let Some(field) = self.field(place) else { continue };
            let Some(was) = said(field, at(&held, place)) else { continue };
            if said(field, at(&taken.given, place)).is_none() {
                let zh = format!("系统中已有的“{was}”，或新的内容；导入后将清空");
                let words = Words::new(zh, format!("the {was:?} that is held, or something new; it will be cleared"));
                problems.push(self.problem(place, String::new(), words));
            }
        }
        problems
    }
}

/// The number of a line by the id of its row.
fn seq(id: &str) -> String {
    id.split('-').next().unwrap_or_default().to_owned()
}

fn line_row(line: &ProjectIndicator) -> RecordRow {
    entry::row(PROJECT_INDICATOR, line.record_key(), line)
}

fn project_row(project: &Project) -> RecordRow {
    entry::row(PROJECT, project.code.clone(), project)
}

fn texts_row(texts: &ProjectForm) -> RecordRow {
    entry::row(SELF_EVALUATION, texts.project_code.clone(), texts)
}
