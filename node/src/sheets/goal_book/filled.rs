//! A goal form that comes back: found among the sheets of a workbook, and its texts compared with what is held.

use std::collections::BTreeMap;

use tongpin_console::sheet::text;
use tongpin_console::workbook::{Book, Cells, Fault, SheetError, cell_name};
use tongpin_domain::form::Definition;
use tongpin_domain::intake::{Problem, Words};
use tongpin_domain::lang::Lang;
use tongpin_domain::project::ProjectIndicator;
use tongpin_domain::project_form::ProjectForm;
use tongpin_domain::rules::RuleSet;

use super::{
    CODE_AT, CODE_MARK, CODE_NAME, END, FIELD, HEADS, Head, LAST, LEFT, LINES, MAKE, MARK, MOST_LINES, RIGHT, SHEET,
    field_stamp,
};
use crate::guidance::library::LibraryIndex;
use crate::records::HeldProject;
use crate::records::goal_form::GoalForm;
use crate::sheets::official_form::{is_of_make, plain, stale};

/// A form as it was filled in.
#[derive(Debug, Clone)]
pub(crate) struct FilledGoal {
    /// The file's name.
    pub(crate) file: String,
    /// 项目代码, blank if nobody filled it in.
    pub(crate) code: String,
    pub(super) cells: Cells,
    /// The column with what identifies its rows.
    ids: u32,
    /// Where the project's code stands.
    code_at: (u32, u32),
    /// The rows around the lines.
    pub(super) head: u32,
    pub(super) end: u32,
}

/// A field of a form.
struct Mark<'a> {
    row: u32,
    column: u32,
    /// What stood there when the form was written; nothing is known of an empty form.
    was: Option<&'a str>,
}

/// What a form is compared with.
pub(crate) struct GoalContext<'a> {
    /// The project and its lines.
    pub(crate) held: &'a HeldProject,
    /// Its goal.
    pub(crate) goal: &'a ProjectForm,
    /// What the goal is filled in by.
    pub(crate) form: &'a GoalForm,
    /// The rules of its year, if there are any.
    pub(crate) rules: Option<&'a RuleSet>,
    /// The library that new lines are taken from.
    pub(crate) index: &'a LibraryIndex,
}

/// A form as it would be kept.
#[derive(Debug)]
pub(crate) struct TakenGoal {
    /// The goal, and the row of the first of its fields that changes, counted from 1.
    pub(crate) goal: (u64, ProjectForm),
    /// The lines that stay, change or are new, each with its row; 0 for what an empty form does not name.
    pub(crate) lines: Vec<(u64, ProjectIndicator)>,
    /// The lines that go.
    pub(crate) removed: Vec<ProjectIndicator>,
    /// What looks doubtful.
    pub(crate) warnings: Vec<Problem>,
}

/// The sheet of a workbook that is a goal form: the one of its name, or one with its title.
///
/// # Errors
/// A sheet cannot be read.
pub(crate) fn find(book: &mut Book) -> Result<Option<String>, SheetError> {
    let sheets = book.sheets();
    if sheets.iter().any(|(name, _)| name == SHEET) {
        return Ok(Some(SHEET.to_owned()));
    }
    for (name, _) in sheets.into_iter().filter(|(_, shown)| *shown) {
        if book.title(&name)? == Definition::of_goals().title {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Reads a form.
///
/// # Errors
/// It holds formulas or merged lines, or is none that was written here, or not by this make.
pub(crate) fn read(book: &mut Book, sheet: &str) -> Result<FilledGoal, SheetError> {
    let cells = book.cells(sheet)?;
    let fault = |fault| SheetError { file: book.file().to_owned(), fault };
    let none = || fault(Fault::NotTheForm(sheet.to_owned()));
    let ids = cells.rows.get(&0).and_then(|row| row.iter().position(|cell| cell == MARK));
    if ids.is_none() && is_of_make(&cells, MAKE) {
        return Err(fault(Fault::OtherForm(sheet.to_owned())));
    }
    let ids = ids.and_then(|at| u32::try_from(at).ok()).ok_or_else(none)?;
    let at = |wanted: &dyn Fn(&str) -> bool| cells.rows.keys().copied().find(|row| wanted(cells.get(*row, ids)));
    let head = at(&|text| text.starts_with(LINES.trim_end_matches(':'))).ok_or_else(none)?;
    let end = at(&|text| text == END).filter(|end| *end > head).ok_or_else(none)?;
    let last = u32::from(LAST);
    let merged = cells.merged.iter().find(|area| area.end.0 > head && area.start.0 < end && area.start.1 <= last);
    if let Some(area) = merged {
        let (start, end) = (cell_name(area.start.0, area.start.1), cell_name(area.end.0, area.end.1));
        return Err(fault(Fault::Merged(format!("{sheet}!{start}:{end}"))));
    }
    let given = cells.get(1, ids).trim();
    let beside = |column: u32| cells.rows.keys().copied().find(|row| cells.get(*row, column) == CODE_MARK);
    let left = beside(ids).map(|row| (row, u32::from(LEFT)));
    let moved = left.or_else(|| beside(ids.saturating_add(1)).map(|row| (row, u32::from(RIGHT))));
    let code_at = moved.unwrap_or((CODE_AT.0, CODE_AT.1.into()));
    let typed = cells.get(code_at.0, code_at.1).trim();
    let code = if given.is_empty() { typed } else { given }.to_owned();
    Ok(FilledGoal { file: book.file().to_owned(), code, cells, ids, code_at, head, end })
}

impl FilledGoal {
    /// What messages call its cells, each with its column counted from 0.
    pub(crate) fn columns(&self, definition: &Definition) -> Vec<(String, u32)> {
        let marks = self.fields();
        let fields = definition.fields.iter();
        let fields = fields.filter_map(|field| Some((field.title.clone(), marks.get(field.name.as_str())?.column)));
        let heads = (0u32..).zip(HEADS).map(|(column, head)| (head.to_owned(), column));
        fields.chain(heads).chain([(CODE_NAME.to_owned(), self.code_at.1)]).collect()
    }

    /// What is wrong with its shape: a column is missing or was moved, it has too many rows, or it does not say whose
    /// it is.
    pub(crate) fn misshapen(&self) -> Vec<Problem> {
        let titles = self.cells.rows.get(&self.head).map(Vec::as_slice).unwrap_or_default();
        let stands = |title: &str| titles.iter().any(|cell| cell.trim() == title);
        let missing = |title: &&str| {
            let zh = format!("名为“{title}”的一列；请重新下载表格后填写，不要增删列");
            self.problem(self.head, title, "", &Words::new(zh, format!("a column {title:?}; download the form anew")))
        };
        let mut problems: Vec<Problem> = HEADS.iter().filter(|title| !stands(title)).map(missing).collect();
        let moved = (0u32..).zip(HEADS).find(|(column, title)| self.cells.get(self.head, *column).trim() != *title);
        if let Some((column, title)) = moved.filter(|_| problems.is_empty()) {
            let zh = format!("此处为“{title}”；各列保持下载时的顺序，不要增删列");
            let words = Words::new(zh, format!("{title:?}: the columns as they were downloaded"));
            problems.push(self.problem(self.head, title, self.cells.get(self.head, column), &words));
        }
        if let Some(row) = self.filled().nth(MOST_LINES) {
            let zh = format!("最多 {MOST_LINES} 行指标；请删去多余的行");
            let words = Words::new(zh, format!("{MOST_LINES} lines at most"));
            problems.push(self.problem(row, HEADS[0], self.cells.get(row, 0), &words));
        }
        if problems.is_empty() && self.code.is_empty() {
            let words = Words::new("要填报的项目的代码", "the code of the project");
            problems.push(self.problem(self.code_at.0, CODE_NAME, "", &words));
        }
        let typed = self.cells.get(self.code_at.0, self.code_at.1).trim();
        if problems.is_empty() && typed != self.code {
            let zh = format!("“{}”；这张表是从这个项目导出的，用于其他项目请下载空白模板", self.code);
            let en = format!("{:?}, whose form this is; take an empty one for another project", self.code);
            problems.push(self.problem(self.code_at.0, CODE_NAME, typed, &Words::new(zh, en)));
        }
        problems
    }

    /// What the form would make of the project, or what speaks against taking it.
    ///
    /// # Errors
    /// The problems, each at its cell.
    pub(crate) fn take(&self, ground: &GoalContext<'_>) -> Result<TakenGoal, Vec<Problem>> {
        let mut problems = Vec::new();
        let goal = self.goal(ground, &mut problems);
        let mut taken = TakenGoal { goal, lines: Vec::new(), removed: Vec::new(), warnings: Vec::new() };
        self.lines(ground, &mut taken, &mut problems);
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() { Ok(taken) } else { Err(problems) }
    }

    /// The goal with what was filled in. What was changed elsewhere since the form was written is not changed back.
    fn goal(&self, ground: &GoalContext<'_>, problems: &mut Vec<Problem>) -> (u64, ProjectForm) {
        let (definition, held) = (ground.form.definition(), &ground.goal.given);
        let marks = self.fields();
        let (mut given, mut changed) = (held.clone(), BTreeMap::new());
        // A field that the layout leaves out stands on no sheet.
        let head = Head::of(definition, held);
        for field in head.places().map(|(field, ..)| field).filter(|field| field.is_typed()) {
            let (name, title) = (field.name.as_str(), field.title.as_str());
            let Some(mark) = marks.get(name) else {
                let words = Words::new(
                    "下载时的这一栏；请重新下载后填写",
                    "the row as it was downloaded; download the form anew",
                );
                problems.push(Problem { line: 0, ..self.problem(0, title, "", &words) });
                continue;
            };
            let typed = plain(self.cells.get(mark.row, mark.column));
            let unit = &definition.layout.money;
            let filled = text::kept_given(field, &typed, unit);
            let (says, holds) = (field_stamp(field, filled.as_ref()), field_stamp(field, held.get(name)));
            // What nobody touched says nothing, nor does what is left blank in an empty form.
            let untouched = mark.was.map_or(typed.is_empty(), |was| was == says);
            if says == holds || untouched {
                continue;
            }
            if mark.was.is_some_and(|was| was != holds) {
                let now = held.get(name).map(|given| text::told_given(field, given, unit, Lang::Zh));
                problems.push(self.problem(mark.row, title, &typed, &stale(&now.unwrap_or_default())));
                continue;
            }
            match filled {
                Some(filled) => drop(given.insert(name.to_owned(), filled)),
                None => drop(given.remove(name)),
            }
            changed.insert(name, mark.row);
        }
        let checked = ground.form.checked(&ground.held.project, &given, held);
        // What stood there wrongly before, and nobody touched, is not this form's.
        let before = ground.form.checked(&ground.held.project, held, held).faults();
        for (name, words) in checked.faults() {
            if !changed.contains_key(name.as_str()) && before.iter().any(|(held, _)| *held == name) {
                continue;
            }
            let title = definition.field(&name).map_or(name.as_str(), |field| &field.title);
            let found = marks.get(name.as_str()).map(|mark| plain(self.cells.get(mark.row, mark.column)));
            let row = marks.get(name.as_str()).map_or(0, |mark| mark.row);
            problems.push(self.problem(row, title, &found.unwrap_or_default(), &words));
        }
        // What nobody touched keeps the very words in which it was once typed.
        let (mut goal, mut kept) = (ground.goal.clone(), ground.form.goal(&self.code, &checked, &given));
        for name in changed.keys().copied() {
            match kept.given.remove(name) {
                Some(value) => drop(goal.given.insert(name.to_owned(), value)),
                None => drop(goal.given.remove(name)),
            }
        }
        let first = changed.values().map(|row| u64::from(*row).saturating_add(1)).min();
        (first.unwrap_or_default(), goal)
    }

    /// Where the fields stand, and what stood there when the form was written.
    fn fields(&self) -> BTreeMap<&str, Mark<'_>> {
        let hidden = [(self.ids, u32::from(LEFT)), (self.ids.saturating_add(1), u32::from(RIGHT))];
        let all = self.cells.rows.keys().flat_map(|row| hidden.map(|(at, column)| (*row, at, column)));
        let fields = all.filter_map(|(row, at, column)| {
            let text = self.cells.get(row, at).strip_prefix(FIELD)?;
            let (name, was) = text.split_once('=').map_or((text, None), |(name, was)| (name, Some(was)));
            Some((name, Mark { row, column, was }))
        });
        fields.collect()
    }

    /// What identifies a row.
    pub(super) fn id(&self, row: u32) -> &str {
        self.cells.get(row, self.ids)
    }

    pub(super) fn problem(&self, row: u32, column: &str, found: &str, expected: &Words) -> Problem {
        Problem {
            file: self.file.clone(),
            line: u64::from(row) + 1,
            column: column.to_owned(),
            found: found.to_owned(),
            expected: expected.clone(),
        }
    }
}
