//! A file of reports by month beside what is held: what it reports is checked as the page of a month checks it, and
//! changes exactly what typing it there would. What it does not name, evidence above all, stays as it is.

mod laid;

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Definition, Given};
use tongpin_domain::intake::{self, MonthRow, OPENING_WORD, Problem, Table, Words, keep_unsaid};
use tongpin_domain::moment::Moment;
use tongpin_domain::money::{Amount, Fen};
use tongpin_domain::month::Month;
use tongpin_domain::number::{Typed, TypedValue};
use tongpin_domain::observation::{OPENING, Observation, Output, check};
use tongpin_domain::project::Project;

use self::laid::Laid;
use super::change::Change;
use super::{ImportError, ImportPlan, On, Step};
use crate::app::App;
use crate::guidance::forms;
use crate::ops::months::{Plan, ReportedProject, month_texts};
use crate::records;
use crate::records::kept_form::KeptForm;
use crate::sheets::entry::{self, Entered};
use crate::sheets::file_kind::FileKind;

/// A row and the line that it stands on.
type Row<'a> = (u64, &'a MonthRow);

/// Reads a file's rows and compares them with what is held.
pub(super) async fn examine(app: &App, table: &Table, on: On<'_>) -> Result<ImportPlan, ImportError> {
    let form = KeptForm::load(app.store(), Definition::of_months()).await?;
    let mut read = intake::observations(table, &form.asked());
    if !form.unknown().is_empty() {
        let (file, expected) = (table.name.clone(), forms::not_known(form.unknown()));
        read = intake::Intake::refused(vec![Problem {
            file,
            line: 0,
            column: String::new(),
            found: String::new(),
            expected,
        }]);
    }
    let now = Month::of(app.site.now());
    let said = form.definition().said_in(&table.header);
    let mut desk = Findings { table, form: &form, said, now, problems: read.problems, warnings: read.warnings };
    let mut by_project: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for (line, row) in &read.accepted {
        by_project.entry(&row.project_code).or_default().push((*line, row));
    }
    let (mut laid, mut done) = (Laid::default(), 0);
    for (code, rows) in by_project {
        on(Step::Checking { done: Some(done), total: read.accepted.len() });
        done += rows.len();
        match ReportedProject::read(app, code).await? {
            Some(opened) => {
                if let Some(plan) = desk.plan(opened, &rows) {
                    laid.lay(plan, &rows);
                }
            }
            None => desk.unknown(app, code, &rows).await?,
        }
    }
    desk.problems.sort_by_key(|problem| problem.line);
    let fields = form.definition().fields.clone();
    let entered = Entered { problems: desk.problems, warnings: desk.warnings, fields, ..laid.entered() };
    let mut import = ImportPlan::new(FileKind::Observations, &table.name, table.header.clone(), entered, &laid.before);
    let preview = &mut import.preview;
    for change in &mut preview.changes {
        let code = change.key.rsplit_once('/').map_or("", |(code, _)| code);
        change.name = laid.names.get(code).cloned().unwrap_or_default();
    }
    preview.effect = with_follows(preview.effect, &laid.follows);
    preview.follows = laid.follows;
    import.months = Some(laid.plans);
    Ok(import)
}

/// The effect of what a file says and of what follows from it: that may change while the months do not.
fn with_follows(effect: Digest, follows: &[Change]) -> Digest {
    let fields = follows.iter().flat_map(|change| {
        let fields = change.fields.iter().flat_map(|it| [it.field.zh.as_str(), &it.before, &it.after]);
        std::iter::once(change.key.as_str()).chain(fields)
    });
    Digest::of_parts(std::iter::once(&effect.0[..]).chain(fields.map(str::as_bytes)))
}

/// What is found out about a file.
struct Findings<'a> {
    table: &'a Table,
    form: &'a KeptForm,
    /// The fields that the file says anything about.
    said: BTreeSet<&'a str>,
    now: Month,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Findings<'_> {
    fn about(&self, line: u64, name: &str, found: &str, expected: Words) -> Problem {
        let column = self.form.definition().heading(name, &self.table.header).unwrap_or(name).to_owned();
        Problem { file: self.table.name.clone(), line, column, found: found.to_owned(), expected }
    }

    fn problem(&mut self, line: u64, name: &str, found: &str, expected: Words) {
        let problem = self.about(line, name, found, expected);
        self.problems.push(problem);
    }

    fn warn(&mut self, line: u64, name: &str, found: &str, expected: Words) {
        let warning = self.about(line, name, found, expected);
        self.warnings.push(warning);
    }

    /// A project that is not this office's to report, told once.
    async fn unknown(&mut self, app: &App, code: &str, rows: &[Row<'_>]) -> Result<(), ImportError> {
        let Some((line, _)) = rows.first() else { return Ok(()) };
        let expected = match records::one(app.store(), code).await? {
            Some(held) => entry::of_another(&held.author),
            None => Words::new(
                "本单位登记的项目代码；系统中没有这个项目，请先导入项目",
                "the code of a project of this office; there is no such project: import it first",
            ),
        };
        self.problem(*line, "project_code", code, expected);
        Ok(())
    }

    /// What the rows of one project report together. `None` if that is nothing, or if something is wrong.
    fn plan(&mut self, opened: ReportedProject, rows: &[Row<'_>]) -> Option<Plan> {
        let problems = self.problems.len();
        let mut by_month: BTreeMap<u8, Vec<Row<'_>>> = BTreeMap::new();
        for (line, row) in rows.iter().filter(|(line, row)| self.in_time(&opened, *line, row)).collect::<Vec<_>>() {
            self.names(&opened, *line, row);
            by_month.entry(row.month).or_default().push((*line, row));
        }
        let opening_row = by_month.remove(&OPENING).and_then(|rows| rows.first().copied());
        let opening = opening_row.and_then(|row| self.opening(row));
        let months: Vec<Observation> =
            by_month.iter().filter_map(|(month, rows)| self.month(&opened, *month, rows)).collect();
        if self.problems.len() > problems || (opening.is_none() && months.is_empty()) {
            return None;
        }
        let first = rows.first()?.0;
        let reported = opened.observations.iter().any(|it| it.month != OPENING);
        if let Some((line, _)) = opening_row.filter(|_| months.is_empty() && !reported) {
            let zh = "期初之外至少一个月的填报";
            self.problem(line, "month", OPENING_WORD, Words::new(zh, "at least one month besides the opening"));
            return None;
        }
        let opening = match opening {
            Some(opening) => opening,
            None => self.held_opening(&opened, first)?,
        };
        let plan = Plan { opened, opening, months };
        if let Some(fault) = check::total(&plan.after("", Moment(0))) {
            self.problem(first, "spent", "", fault.expected());
            return None;
        }
        self.sum_differs(&plan.opened, first);
        Some(plan)
    }

    /// Whether a row is about a month that can be reported: of the project's year, and begun.
    fn in_time(&mut self, opened: &ReportedProject, line: u64, row: &MonthRow) -> bool {
        let year = opened.held.project.fiscal_year;
        if row.year != year {
            let zh = format!("{year}：此项目的年度");
            let en = format!("{year}, the project's year");
            self.problem(line, "fiscal_year", &row.year.to_string(), Words::new(zh, en));
            return false;
        }
        let begun = Month::new(year, row.month).is_some_and(|month| month <= self.now);
        if row.month != OPENING && !begun {
            let zh = format!("已开始的月份（现在是 {}）", self.now);
            let en = format!("a month that has begun (it is {} now)", self.now);
            self.problem(line, "month", &row.month.to_string(), Words::new(zh, en));
            return false;
        }
        true
    }

    /// Names are for people; one that is not that of the code or the number tells of a mistake.
    fn names(&mut self, opened: &ReportedProject, line: u64, row: &MonthRow) {
        let project = &opened.held.project;
        if !row.project_name.is_empty() && row.project_name != project.name.trim() {
            let zh = format!("“{}”，此项目代码的项目名称；以项目代码为准", project.name);
            let en = format!("{:?}, the name of this project; its code counts", project.name);
            self.warn(line, "project_name", &row.project_name, Words::new(zh, en));
        }
        let Some(indicator) = opened.held.lines.iter().find(|it| Some(it.seq) == row.line) else { return };
        if !row.line_name.is_empty() && row.line_name != indicator.name.trim() {
            let zh = format!("“{}”，此序号现在的指标；指标有调整的，请重新下载本表后填写", indicator.name);
            let en = format!("{:?}, the line of this number now; download the form anew", indicator.name);
            self.problem(line, "line_name", &row.line_name, Words::new(zh, en));
        }
    }

    fn opening(&mut self, (line, row): Row<'_>) -> Option<Amount> {
        if row.is_blank() {
            return None;
        }
        if let Some(fault) = check::opening(&row.spent) {
            self.problem(line, "spent", row.spent.raw(), fault.expected());
        }
        Some(row.spent.clone())
    }

    /// The opening of a project whose rows name none: as the page of a month takes it.
    fn held_opening(&mut self, opened: &ReportedProject, line: u64) -> Option<Amount> {
        let opening = opened.opening().clone();
        if check::opening(&opening).is_some() {
            let zh = format!("另有一行月份为“{OPENING_WORD}”，填按月填报以前已执行的金额，没有的填 0");
            let en = format!("a row with the month {OPENING_WORD}: what was spent before, 0 for nothing");
            self.problem(line, "month", opening.raw(), Words::new(zh, en));
            return None;
        }
        let first = !opened.observations.iter().any(|it| it.month == OPENING);
        if first && opening.fen() != Some(Fen::ZERO) {
            let zh = format!(
                "期初按项目现有的全年执行数 {} 元计入；如其中已含这些月份的支出，请另加一行月份为“{OPENING_WORD}”，填以前已执行的金额",
                opening.raw()
            );
            let en =
                format!("{} was spent before, as the project says; if not, add a row {OPENING_WORD}", opening.raw());
            self.warn(line, "month", "", Words::new(zh, en));
        }
        Some(opening)
    }

    fn sum_differs(&mut self, opened: &ReportedProject, line: u64) {
        if let Some(sum) = opened.differs() {
            let executed = opened.held.project.money.executed.raw();
            let zh = format!("{sum} 元，即现有的按月合计；项目记录中是 {executed} 元，导入后以按月合计为准");
            let en = format!("{sum}, the sum of the months; the project says {executed}, which will follow the months");
            self.warn(line, "project_code", &opened.held.project.code, Words::new(zh, en));
        }
    }

    /// One month as its rows and what is held say together.
    fn month(&mut self, opened: &ReportedProject, month: u8, rows: &[Row<'_>]) -> Option<Observation> {
        let held = opened.observations.iter().find(|it| it.month == month);
        if held.is_none() && rows.iter().all(|(_, row)| row.is_blank()) {
            // Laid out to be filled in, and not filled in yet.
            return None;
        }
        let first = rows.first()?.0;
        let amounts = rows.iter().filter(|(_, row)| !row.spent.is_missing());
        let spent = self.agreed("spent", amounts.map(|(line, row)| (*line, row.spent.raw())));
        let notes = rows.iter().filter_map(|(line, row)| Some((*line, row.note.as_deref()?)));
        let no_notes = notes.clone().next().is_none();
        let note = self.agreed("note", notes.filter(|(_, note)| !note.is_empty()));
        let (at, spent) = spent.map_or((first, Amount::default()), |(line, raw)| (line, Amount::parse(raw)));
        if let Some(fault) = check::amount(&spent) {
            self.problem(at, "spent", spent.raw(), fault.expected());
        }
        let (at, note) = match note {
            Some((line, note)) => (line, note.to_owned()),
            None if no_notes => (at, held.map(|it| it.note.clone()).unwrap_or_default()),
            None => (at, String::new()),
        };
        if let Some(fault) = check::note(&note, &spent) {
            self.problem(at, "note", &note, fault.expected());
        }
        let project = &opened.held.project;
        let more = self.more(held, project, (month, &spent, &note), rows);
        Some(Observation {
            project_code: project.code.clone(),
            year: project.fiscal_year,
            month,
            spent,
            outputs: self.outputs(opened, held, rows),
            note,
            more,
            evidence: held.map(|it| it.evidence.clone()).unwrap_or_default(),
            reported_by: String::new(),
            reported_at: Moment(0),
            changed_at: Moment(0),
        })
    }

    /// What the city asks of a month beside, on whichever of its rows it stands.
    fn more(
        &mut self,
        held: Option<&Observation>,
        project: &Project,
        (month, spent, note): (u8, &Amount, &str),
        rows: &[Row<'_>],
    ) -> BTreeMap<String, Given> {
        let form = self.form;
        let first = rows.first().map_or(0, |(line, _)| *line);
        let mut typed: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
        for field in form.asked().added() {
            let given = rows.iter().filter_map(|(line, row)| Some((*line, row.more.get(&field.name)?.as_str())));
            if let Some(agreed) = self.agreed(&field.name, given.filter(|(_, text)| !text.is_empty())) {
                typed.insert(&field.name, agreed);
            }
        }
        let mut texts = month_texts(project, month, spent, note);
        texts.extend(typed.iter().map(|(name, (_, text))| (*name, (*text).to_owned())));
        let mut judged = form.asked().judge(&texts.iter().map(|(name, text)| (*name, text.as_str())).collect());
        let at = |name: &str| typed.get(name).map_or((first, ""), |it| *it);
        for (name, expected) in std::mem::take(&mut judged.problems) {
            let (line, found) = at(&name);
            self.problem(line, &name, found, expected);
        }
        for (name, expected) in std::mem::take(&mut judged.doubts) {
            let (line, found) = at(&name);
            self.warn(line, &name, found, expected);
        }
        if let Some(held) = held {
            keep_unsaid(&self.said, &held.more, &mut judged.more);
        }
        judged.more
    }

    /// What belongs to the month and not to a line: the same wherever it is given.
    fn agreed<'b>(&mut self, name: &str, given: impl Iterator<Item = (u64, &'b str)>) -> Option<(u64, &'b str)> {
        let mut first: Option<(u64, &str)> = None;
        for (line, text) in given {
            match first {
                Some((at, other)) if other != text => {
                    let zh = format!("与第 {at} 行相同的内容，或不填：同一项目同一月份只填一次");
                    let en = format!("the same as on line {at}, or blank: it is said once for a month");
                    self.problem(line, name, text, Words::new(zh, en));
                }
                Some(_) => {}
                None => first = Some((line, text)),
            }
        }
        first
    }

    /// The values of the lines: those that the file names over those that are held.
    fn outputs(&mut self, opened: &ReportedProject, held: Option<&Observation>, rows: &[Row<'_>]) -> Vec<Output> {
        let held = held.map(|it| it.outputs.as_slice()).unwrap_or_default();
        let mut values: BTreeMap<u32, Typed> = held.iter().map(|output| (output.seq, output.value.clone())).collect();
        for (line, row) in rows {
            let Some(seq) = row.line else { continue };
            let before = values.get(&seq).map_or("", Typed::raw);
            let same = before == row.reached.raw();
            match opened.held.lines.iter().find(|it| it.seq == seq) {
                None if !same || before.is_empty() => {
                    let zh = "此项目现有的指标序号；指标有调整的，请重新下载本表后填写";
                    let en = "the number of a line of this project; download the form anew";
                    self.problem(*line, "line", &seq.to_string(), Words::new(zh, en));
                }
                Some(indicator)
                    if !same
                        && indicator.nature != "定性"
                        && row.reached.value_in(&indicator.unit) == TypedValue::Text =>
                {
                    let zh = "一个确定的数；不是的，评分时须人工复核";
                    self.warn(
                        *line,
                        "reached",
                        row.reached.raw(),
                        Words::new(zh, "one number; else a person reviews it"),
                    );
                }
                _ => {}
            }
            if row.reached.is_missing() {
                values.remove(&seq);
            } else {
                values.insert(seq, row.reached.clone());
            }
        }
        values.into_iter().map(|(seq, value)| Output { seq, value }).collect()
    }
}
