//! A goal form that comes back: found among the sheets of a workbook, and its texts compared with what is held.

use std::collections::BTreeMap;

use tongpin_console::workbook::{Book, Cells, Fault, SheetError, cell_name};
use tongpin_domain::goal::{ATTRIBUTES, FIELDS, Goal};
use tongpin_domain::intake::{Problem, Words};
use tongpin_domain::project::ProjectIndicator;
use tongpin_domain::rules::RuleSet;

use super::{CODE_AT, END, FIELD, HEADS, LAST, LINES, MAKE, MARK, MOST_LINES, SHEET, TITLE, field_stamp, place};
use crate::guidance::library::LibraryIndex;
use crate::records::HeldProject;
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
    /// The rows around the lines.
    pub(super) head: u32,
    pub(super) end: u32,
}

/// What a form is compared with.
pub(crate) struct GoalContext<'a> {
    /// The project and its lines.
    pub(crate) held: &'a HeldProject,
    /// Its goal.
    pub(crate) goal: &'a Goal,
    /// The rules of its year, if there are any.
    pub(crate) rules: Option<&'a RuleSet>,
    /// The library that new lines are taken from.
    pub(crate) index: &'a LibraryIndex,
}

/// A form as it would be kept.
#[derive(Debug)]
pub(crate) struct TakenGoal {
    /// The goal, and the row of the first of its fields that changes, counted from 1.
    pub(crate) goal: (u64, Goal),
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
        if book.title(&name)? == TITLE {
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
    let typed = cells.get(CODE_AT.0, CODE_AT.1.into()).trim();
    let code = if given.is_empty() { typed } else { given }.to_owned();
    Ok(FilledGoal { file: book.file().to_owned(), code, cells, ids, head, end })
}

impl FilledGoal {
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
            problems.push(self.problem(CODE_AT.0, "项目代码", "", &words));
        }
        let typed = self.cells.get(CODE_AT.0, CODE_AT.1.into()).trim();
        if problems.is_empty() && typed != self.code {
            let zh = format!("“{}”；这张表是从这个项目导出的，用于其他项目请下载空白模板", self.code);
            let en = format!("{:?}, whose form this is; take an empty one for another project", self.code);
            problems.push(self.problem(CODE_AT.0, "项目代码", typed, &Words::new(zh, en)));
        }
        problems
    }

    /// What the form would make of the project, or what speaks against taking it.
    ///
    /// # Errors
    /// The problems, each at its cell.
    pub(crate) fn take(&self, ground: &GoalContext<'_>) -> Result<TakenGoal, Vec<Problem>> {
        let mut problems = Vec::new();
        let goal = self.goal(ground.goal, &mut problems);
        let mut taken = TakenGoal { goal, lines: Vec::new(), removed: Vec::new(), warnings: Vec::new() };
        self.lines(ground, &mut taken, &mut problems);
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() { Ok(taken) } else { Err(problems) }
    }

    /// The goal with what was filled in. What was changed elsewhere since the form was written is not changed back.
    fn goal(&self, held: &Goal, problems: &mut Vec<Problem>) -> (u64, Goal) {
        let fields = self.fields();
        let (mut goal, mut changed) = (held.clone(), BTreeMap::new());
        for (name, word) in FIELDS {
            let Some((row, was)) = fields.get(name) else {
                let words = Words::new(
                    "下载时的这一栏；请重新下载后填写",
                    "the row as it was downloaded; download the form anew",
                );
                problems.push(Problem { line: 0, ..self.problem(0, word, "", &words) });
                continue;
            };
            let (row, typed) = (*row, plain(self.cells.get(*row, place(name).1.into())));
            let (says, holds) = (field_stamp(name, &typed), field_stamp(name, held.get(name)));
            // What nobody touched says nothing, nor does what is left blank in an empty form.
            let untouched = was.map_or(typed.is_empty(), |was| was == says);
            if says == holds || untouched {
                continue;
            }
            if was.is_some_and(|was| was != holds) {
                problems.push(self.problem(row, word, &typed, &stale(held.get(name))));
                continue;
            }
            if name == "attribute" && !typed.is_empty() && !ATTRIBUTES.contains(&typed.as_str()) {
                let words = Words::new("新增或延续", "新增 (new) or 延续 (continued)");
                problems.push(self.problem(row, word, &typed, &words));
                continue;
            }
            goal.set(name, &typed);
            changed.insert(name, (row, word));
        }
        // What stood there wrongly before, and nobody touched, is not this form's.
        let before: Vec<&str> = held.problems().iter().map(|(name, _)| *name).collect();
        let told = goal.problems().into_iter();
        for (name, words) in told.filter(|(name, _)| changed.contains_key(name) || !before.contains(name)) {
            let word = FIELDS.iter().find(|(field, _)| *field == name).map_or(name, |(_, word)| *word);
            let row = fields.get(name).map_or(0, |(row, _)| *row);
            problems.push(self.problem(row, word, goal.get(name), &words));
        }
        let first = changed.values().map(|(row, _)| u64::from(*row) + 1).min();
        (first.unwrap_or_default(), goal)
    }

    /// The rows of the fields, and what stood there when the form was written.
    fn fields(&self) -> BTreeMap<&str, (u32, Option<&str>)> {
        let hidden = [self.ids, self.ids + 1];
        let all = self.cells.rows.keys().flat_map(|row| hidden.map(|column| (*row, self.cells.get(*row, column))));
        let fields = all.filter_map(|(row, text)| Some((row, text.strip_prefix(FIELD)?)));
        let parted = fields.map(|(row, text)| match text.split_once('=') {
            Some((name, was)) => (name, (row, Some(was))),
            None => (text, (row, None)),
        });
        parted.collect()
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
