//! 绩效自评: a project's self-evaluation by its form. What it shows comes from the project, its goal, its indicators and
//! its score; what is filled in goes where it is kept: the reason for the execution rate to the project, what was
//! reached to its indicators, and the texts to a record of their own.

mod pulled;

use std::collections::BTreeMap;

use pulled::{MONEY_ROWS, of_line, of_money, of_score, pulled};
use rust_decimal::prelude::ToPrimitive;
use tongpin_domain::form::{self, Definition, Given, GivenRow, Row, Value, Values};
use tongpin_domain::intake::Words;
use tongpin_domain::number::Typed;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::project_form::{GOAL, ProjectForm, SELF_EVALUATION};
use tongpin_domain::score::ScoreSheet;
use tongpin_store::{Store, StoreError};

use crate::app::App;
use crate::guidance::{RuleChoice, forms};
use crate::ops::editing;
use crate::ops::project_forms::{self, HeldProjectForm};
use crate::ops::saving::SaveError;
use crate::ops::scoring::ScoringRules;
use crate::records::HeldProject;
use crate::records::checked::Checked;
use crate::records::evaluation::{
    ACTUAL, EVIDENCE, EXECUTION_REASON, GRADE, LINES, MONEY, REASON, form_text, id_of, rows,
};
use crate::records::kept_form::KeptForm;

/// The self-evaluation of a project as it is held.
pub(crate) struct Evaluation {
    /// What it asks.
    pub(crate) form: KeptForm,
    /// The project, with its indicators.
    pub(crate) held: HeldProject,
    /// Its texts.
    pub(crate) texts: HeldProjectForm,
    /// What it is scored by, or why there is nothing.
    pub(crate) basis: Result<ScoringRules, RuleChoice>,
    goal: ProjectForm,
}

/// A self-evaluation as it was filled in.
pub(crate) struct Filled {
    /// What was typed, with a row for each line and each kind of money.
    pub(crate) given: BTreeMap<String, Given>,
    /// As it was read, and what follows from it.
    pub(crate) checked: Checked,
    /// The project and its lines with what could be read.
    pub(crate) project: Project,
    pub(crate) lines: Vec<ProjectIndicator>,
    /// How they score; none without rules.
    pub(crate) sheet: Option<ScoreSheet>,
    /// The texts.
    pub(crate) texts: ProjectForm,
}

impl Evaluation {
    /// Reads that of a project.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn of(store: &Store, held: HeldProject) -> Result<Self, StoreError> {
        let basis = ScoringRules::of(store, &held.project).await?;
        let form = KeptForm::load(store, Definition::of_evaluations()).await?;
        let (author, code) = (&held.author, &held.project.code);
        let mut goal = project_forms::read(store, GOAL, author, code).await?.form;
        let of_goals = forms::kept(store, Definition::of_goals()).await?.definition;
        goal.given.retain(|name, _| of_goals.field(name).is_some_and(|field| !field.personal));
        let texts = project_forms::read(store, SELF_EVALUATION, author, code).await?;
        Ok(Self { form, held, texts, basis, goal })
    }

    /// What it asks.
    pub(crate) fn definition(&self) -> &Definition {
        self.form.definition()
    }

    /// What a page is made from.
    pub(crate) fn version(&self) -> String {
        format!("{}.{}", editing::version(&self.held), self.texts.version)
    }

    /// What is filled in, as it is held.
    pub(crate) fn given(&self) -> BTreeMap<String, Given> {
        let mut given = self.texts.form.given.clone();
        let reason = &self.held.project.execution_reason;
        if !reason.trim().is_empty() {
            given.insert(EXECUTION_REASON.to_owned(), Given::One(reason.clone()));
        }
        let rows: Vec<GivenRow> = self.held.lines.iter().map(|line| self.row(line)).collect();
        if !rows.is_empty() {
            given.insert(LINES.to_owned(), Given::Rows(rows));
        }
        given
    }

    /// What is filled in of a line, as it is held.
    fn row(&self, line: &ProjectIndicator) -> GivenRow {
        let grade = line.qual_pct.map(|percent| percent.normalize().to_string()).unwrap_or_default();
        let own = [
            (ACTUAL, line.actual.raw().to_owned()),
            (GRADE, grade),
            (EVIDENCE, line.evidence_count.to_string()),
            (REASON, line.deviation_reason.clone()),
        ];
        let more =
            self.inner().iter().filter(|field| is_added(field)).filter_map(|field| match line.more.get(&field.name) {
                Some(Given::One(text)) => Some((field.name.as_str(), text.clone())),
                _ => None,
            });
        let said = own.into_iter().chain(more).filter(|(_, text)| !text.trim().is_empty());
        GivenRow { id: id_of(line), cells: said.map(|(name, text)| (name.to_owned(), text)).collect() }
    }

    /// The columns of the lines.
    fn inner(&self) -> &[form::Field] {
        self.definition().field(LINES).map(|rows| rows.fields.as_slice()).unwrap_or_default()
    }

    /// The same as it is shown.
    pub(crate) fn as_held(&self) -> Filled {
        self.filled(self.given())
    }

    /// What keeps a page from being saved, by place: what cannot be read, but for what was there before and was left as
    /// it was, and what contradicts the rest.
    pub(crate) fn faults(&self, filled: &Filled) -> Vec<(String, Words)> {
        let unread = |place: &str| filled.checked.reading.problems.iter().any(|it| it.place.to_string() == place);
        let left = self.left(filled);
        filled.checked.faults().into_iter().filter(|fault| !(unread(&fault.0) && left.contains(fault))).collect()
    }

    /// What keeps a file from being taken: of what was wrong before, nothing that it leaves as it was.
    pub(crate) fn faults_of_file(&self, filled: &Filled) -> Vec<(String, Words)> {
        let left = self.left(filled);
        filled.checked.faults().into_iter().filter(|fault| !left.contains(fault)).collect()
    }

    /// What was wrong before, and is as it was.
    fn left(&self, filled: &Filled) -> Vec<(String, Words)> {
        let held = self.given();
        let left = |place: &str| at(&held, place) == at(&filled.given, place);
        self.as_held().checked.faults().into_iter().filter(|fault| left(&fault.0)).collect()
    }

    /// Whether something would be written that is not held already.
    pub(crate) fn is_changed_by(&self, filled: &Filled) -> bool {
        let same = filled.project == self.held.project && filled.reported() == self.held.lines;
        !same || filled.texts != self.texts.form
    }

    /// What was typed on a page, with each row at its line as it is now, though the line has changed since the page was
    /// made; and the numbers of the lines that are gone.
    pub(crate) fn at_lines(&self, mut given: BTreeMap<String, Given>) -> (BTreeMap<String, Given>, Vec<String>) {
        let lines: BTreeMap<String, String> =
            self.held.lines.iter().map(|line| (line.seq.to_string(), id_of(line))).collect();
        let (mut now, mut gone) = (BTreeMap::new(), Vec::new());
        for row in rows(&given) {
            let seq = row.id.split('-').next().unwrap_or_default();
            let Some(id) = lines.get(seq) else {
                gone.push(seq.to_owned());
                continue;
            };
            // What was typed for a line as it was goes before what is held of it.
            if row.id != *id || !now.contains_key(id) {
                now.insert(id.clone(), GivenRow { id: id.clone(), ..row.clone() });
            }
        }
        given.insert(LINES.to_owned(), Given::Rows(now.into_values().collect()));
        (given, gone)
    }

    /// What is made of what was typed.
    pub(crate) fn filled(&self, mut given: BTreeMap<String, Given>) -> Filled {
        let definition = self.definition();
        given.remove(MONEY);
        let held = self.given();
        let reading = definition.read_kept(&self.form.known(&given, &held), &self.form.known(&held, &held));
        let project = self.project(&given);
        let lines = self.lines(&given, &reading.values);
        let basis = self.basis.as_ref().ok();
        let sheet = basis.map(|basis| basis.score(&project, &lines, &self.held.reviews));
        let mut values = reading.values.clone();
        self.pull(&mut values, &project, &lines, sheet.as_ref());
        let facts = self.form.facts().of_year(Some(project.fiscal_year));
        let checked = Checked::followed(definition, reading, &values, &facts);
        let mut texts = self.form.kept(&checked, &given);
        let elsewhere =
            |name: &str| Definition::of_evaluations().field(name).is_some_and(form::Field::is_described_elsewhere);
        texts.retain(|name, _| !elsewhere(name));
        let texts = ProjectForm { project_code: project.code.clone(), given: texts };
        self.complete(&mut given);
        Filled { given, checked, project, lines, sheet, texts }
    }

    fn project(&self, given: &BTreeMap<String, Given>) -> Project {
        let reason = match given.get(EXECUTION_REASON) {
            Some(Given::One(text)) => form_text(text),
            _ => String::new(),
        };
        let same = reason == form_text(&self.held.project.execution_reason);
        let reason = if same { self.held.project.execution_reason.clone() } else { reason };
        Project { execution_reason: reason, ..self.held.project.clone() }
    }

    /// The lines with what was typed. What cannot be read stays as it is held: it is told, and nothing is saved.
    fn lines(&self, given: &BTreeMap<String, Given>, values: &Values) -> Vec<ProjectIndicator> {
        let read = values.get(LINES).and_then(Value::rows).unwrap_or_default();
        let read: BTreeMap<&str, &Values> = read.iter().map(|row| (row.id.as_str(), &row.values)).collect();
        let typed: BTreeMap<&str, &GivenRow> = rows(given).iter().map(|row| (row.id.as_str(), row)).collect();
        let added = self.inner().iter().filter(|field| is_added(field)).collect::<Vec<_>>();
        let line = |held: &ProjectIndicator| {
            let id = id_of(held);
            let (read, typed) = (read.get(id.as_str()), typed.get(id.as_str()));
            let cell = |name: &str| typed.and_then(|row| row.cells.get(name)).map(String::as_str).unwrap_or_default();
            let value = |name: &str| read.and_then(|values| values.get(name));
            let mut line = held.clone();
            if form_text(cell(ACTUAL)) != form_text(held.actual.raw()) {
                line.actual = Typed::parse(cell(ACTUAL).trim());
            }
            match value(GRADE).and_then(Value::number) {
                None if !cell(GRADE).trim().is_empty() => {}
                grade => line.qual_pct = grade,
            }
            match value(EVIDENCE).and_then(Value::number).map(|count| count.to_u32()) {
                None if !cell(EVIDENCE).trim().is_empty() => {}
                Some(None) => {}
                count => line.evidence_count = count.flatten().unwrap_or_default(),
            }
            if form_text(cell(REASON)) != form_text(&held.deviation_reason) {
                line.deviation_reason = form_text(cell(REASON));
            }
            for field in &added {
                match value(&field.name) {
                    Some(value) => drop(line.more.insert(field.name.clone(), Given::One(form::text(field, value)))),
                    None if cell(&field.name).trim().is_empty() => drop(line.more.remove(&field.name)),
                    None => {}
                }
            }
            // What the unit scored itself was scored by what stood there.
            if line.actual != held.actual || line.qual_pct != held.qual_pct {
                line.self_score = None;
            }
            line
        };
        self.held.lines.iter().map(line).collect()
    }

    /// Puts what comes from elsewhere beside what was typed.
    fn pull(&self, values: &mut Values, project: &Project, lines: &[ProjectIndicator], sheet: Option<&ScoreSheet>) {
        let definition = self.definition();
        values.extend(definition.filled_from(project));
        let goal = definition.fields.iter().filter_map(|field| {
            let said = self.goal.text(field.from.strip_prefix("goal.")?);
            (!said.is_empty()).then(|| (field.name.clone(), said.to_owned()))
        });
        let goal = definition.filled(&goal.collect());
        let typed = values.remove(LINES);
        let typed: BTreeMap<&str, &Values> =
            typed.iter().filter_map(Value::rows).flatten().map(|row| (row.id.as_str(), &row.values)).collect();
        for field in &definition.fields {
            let value = match (field.name.as_str(), field.from.split_once('.')) {
                (LINES, _) => {
                    let line = |line: &ProjectIndicator| {
                        let id = id_of(line);
                        let mut all = typed.get(id.as_str()).map(|values| (*values).clone()).unwrap_or_default();
                        all.extend(pulled(field, |from| of_line(from, line, sheet)));
                        Row { id, values: all }
                    };
                    Some(Value::Rows(lines.iter().map(line).collect()))
                }
                (MONEY, _) => {
                    let row = |(id, name): &(&str, &str)| Row {
                        id: (*id).to_owned(),
                        values: pulled(field, |from| of_money(from, (id, name), project, sheet)),
                    };
                    Some(Value::Rows(MONEY_ROWS.iter().map(row).collect()))
                }
                (_, Some(("goal", _))) => goal.get(&field.name).cloned(),
                (_, Some(("score", name))) => of_score(name, lines, sheet),
                _ => continue,
            };
            values.extend(value.map(|value| (field.name.clone(), value)));
        }
    }

    /// A row for each line and each kind of money, in order, whether anything was typed in it or not.
    fn complete(&self, given: &mut BTreeMap<String, Given>) {
        let typed = rows(given).to_vec();
        let blank = |id: String| GivenRow { id, ..GivenRow::default() };
        let own = self.held.lines.iter().map(id_of);
        let all = own.map(|id| typed.iter().find(|row| row.id == id).cloned().unwrap_or_else(|| blank(id))).collect();
        given.insert(LINES.to_owned(), Given::Rows(all));
        if self.definition().field(MONEY).is_some_and(|field| !field.retired) {
            let money = MONEY_ROWS.iter().map(|(id, _)| blank((*id).to_owned())).collect();
            given.insert(MONEY.to_owned(), Given::Rows(money));
        }
    }
}

impl Filled {
    /// The lines as they are reported with the scores that the form shows, but where a score of the unit's own stands
    /// already.
    pub(crate) fn reported(&self) -> Vec<ProjectIndicator> {
        let score = |seq| self.sheet.as_ref()?.lines.iter().find(|line| line.seq == seq)?.score;
        let reported = |line: &ProjectIndicator| ProjectIndicator {
            self_score: line.self_score.or_else(|| score(line.seq)),
            ..line.clone()
        };
        self.lines.iter().map(reported).collect()
    }

    /// The texts to be written, if any of them changed.
    pub(crate) fn changed_texts(&self, held: &HeldProjectForm) -> Option<HeldProjectForm> {
        (self.texts != held.form).then(|| HeldProjectForm { form: self.texts.clone(), ..held.clone() })
    }
}

/// Saves what was filled in over what `version` stands for.
///
/// # Errors
/// [`SaveError`]; then nothing was saved.
pub(crate) async fn save(app: &App, held: &Evaluation, version: &str, filled: &Filled) -> Result<(), SaveError> {
    let (of_project, of_texts) = version.split_once('.').unwrap_or((version, ""));
    if of_texts != held.texts.version {
        return Err(SaveError::Changed);
    }
    let texts = HeldProjectForm { form: filled.texts.clone(), ..held.texts.clone() };
    editing::save_with_form(app, of_project, &filled.project, &filled.reported(), Some(&texts)).await
}

/// What was given at a place: a field, a row or a cell of one.
pub(crate) fn at(given: &BTreeMap<String, Given>, place: &str) -> Option<Given> {
    let mut parts = place.split('.');
    let (first, id, inner) = (given.get(parts.next()?)?, parts.next(), parts.next());
    let (Given::Rows(rows), Some(id)) = (first, id) else { return Some(first.clone()) };
    let row = rows.iter().find(|row| row.id == id)?;
    match inner {
        Some(inner) => row.cells.get(inner).cloned().map(Given::One),
        None => Some(Given::Rows(vec![row.clone()])),
    }
}

/// Whether a column was added to the form of indicators.
fn is_added(field: &form::Field) -> bool {
    let shipped = Definition::of_evaluations().field(LINES);
    field.is_typed() && shipped.is_some_and(|rows| rows.fields.iter().all(|own| own.name != field.name))
}
