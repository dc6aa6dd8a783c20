//! A form that comes back: what was filled in, compared with what was exported and with what is held. A form of another
//! project, or one whose lines have changed since, is refused line by line; so is a cell that both the form and
//! somebody else have changed.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use tongpin_console::workbook::{Book, Cells, Fault, SheetError};
use tongpin_domain::intake::{Problem, Words};
use tongpin_domain::number::{self, Typed};
use tongpin_domain::project::{Project, ProjectIndicator};

use super::{
    ACTUAL, CODE_AT, EARLIER, EVIDENCE, EXECUTION_REASON, EXECUTION_REASON_HEAD, EXECUTION_REASON_ROW, FIRST_LINE,
    HEADS, IDS, LINE, MAKE, MARK, NAME_AT, PROJECT_ROW, REASON, SHEET,
};
use crate::records::HeldProject;
use crate::sheets::official_form::{is_of_make, plain, stale, stamp, unified};

/// A form as it was filled in.
#[derive(Debug, Clone)]
pub(crate) struct FilledEvaluation {
    /// The file's name.
    pub(crate) file: String,
    /// 项目代码
    pub(crate) code: String,
    pub(super) cells: Cells,
}

/// A line of it.
struct Line {
    row: u32,
    seq: u32,
    /// What stood in its open cells when the form was written; `None` in a form of the earlier make.
    was: Option<[String; 3]>,
}

/// True if a workbook is a form.
pub(crate) fn is_form(book: &Book) -> bool {
    book.sheets().iter().any(|(name, _)| name == SHEET)
}

/// Reads a form; `None` if the sheet only bears its name.
///
/// # Errors
/// It cannot be read, or is a form of another make.
pub(crate) fn read(book: &mut Book) -> Result<Option<FilledEvaluation>, SheetError> {
    let cells = book.cells(SHEET)?;
    if ![MARK, EARLIER].contains(&cells.get(0, IDS.into())) {
        if is_of_make(&cells, MAKE) {
            return Err(SheetError { file: book.file().to_owned(), fault: Fault::OtherForm(SHEET.to_owned()) });
        }
        return Ok(None);
    }
    let code = cells.get(1, IDS.into()).to_owned();
    Ok(Some(FilledEvaluation { file: book.file().to_owned(), code, cells }))
}

/// A line as the form would have it, and the row that it stands on, counted from 1.
pub(crate) type FilledLine = (u64, ProjectIndicator);

impl FilledEvaluation {
    /// The lines of the project as the form has them, or what speaks against taking them.
    pub(crate) fn lines(&self, held: &HeldProject) -> Result<Vec<FilledLine>, Vec<Problem>> {
        let mut problems = self.relabelled(held);
        if !problems.is_empty() {
            return Err(problems);
        }
        let lines = self.numbers(&mut problems);
        let by_seq: BTreeMap<u32, &ProjectIndicator> = held.lines.iter().map(|line| (line.seq, line)).collect();
        let mut filled = Vec::new();
        for line in &lines {
            match by_seq.get(&line.seq) {
                Some(held) => {
                    self.compare(line.row, held, &mut problems);
                    filled.push((u64::from(line.row) + 1, self.fill(line, held, &mut problems)));
                }
                None => problems.push(self.problem(line.row, "三级指标", self.at(line.row, 2), &gone())),
            }
        }
        let given: BTreeSet<u32> = lines.iter().map(|line| line.seq).collect();
        for missing in held.lines.iter().filter(|line| !given.contains(&line.seq)) {
            let zh = format!("第 {} 行指标“{}”；请重新导出自评表后填写", missing.seq, missing.name);
            let en = format!("line {}, {:?}: export the form anew", missing.seq, missing.name);
            problems.push(Problem { line: 0, ..self.problem(0, "", "", &Words::new(zh, en)) });
        }
        if problems.is_empty() { Ok(filled) } else { Err(problems) }
    }

    /// 执行率偏低的原因 as the form changes it, and its row counted from 1; `None` where it stays, or the form is of an
    /// earlier make that has no such row.
    ///
    /// # Errors
    /// Somebody has changed it meanwhile, too.
    #[expect(clippy::result_large_err, reason = "a problem is shown as it is, and there is one a form")]
    pub(crate) fn execution_reason(&self, held: &Project) -> Result<Option<(u64, String)>, Problem> {
        let mut rows = self.cells.rows.keys();
        let marked = rows.find_map(|row| Some((*row, self.at(*row, IDS).strip_prefix(EXECUTION_REASON_ROW)?)));
        let Some((row, was)) = marked else { return Ok(None) };
        let says = self.at(row, EXECUTION_REASON);
        match change(says, &held.execution_reason, Some(was)) {
            Change::None => Ok(None),
            Change::Theirs => Ok(Some((u64::from(row) + 1, says.trim().to_owned()))),
            Change::Both => Err(self.problem(row, EXECUTION_REASON_HEAD, says, &stale(&held.execution_reason))),
        }
    }

    /// The printed code and name must be those of the project that the form was written for: a form that was copied for
    /// another project would be written to the first.
    fn relabelled(&self, held: &HeldProject) -> Vec<Problem> {
        let printed =
            [("项目名称", PROJECT_ROW, NAME_AT, &held.project.name), ("项目代码", PROJECT_ROW, CODE_AT, &self.code)];
        let other = printed.into_iter().filter(|(_, row, column, own)| plain(self.at(*row, *column)) != plain(own));
        let other = other.map(|(name, row, column, own)| {
            let zh = format!("“{own}”；这张表是从项目 {} 导出的，其他项目请另行导出", self.code);
            let en = format!("{own:?}: this is the form of project {}; export another for another project", self.code);
            self.problem(row, name, self.at(row, column), &Words::new(zh, en))
        });
        other.collect()
    }

    /// The rows that are lines, each number once.
    fn numbers(&self, problems: &mut Vec<Problem>) -> Vec<Line> {
        let mut seen = BTreeSet::new();
        let mut lines = Vec::new();
        for row in self.cells.rows.range(FIRST_LINE..).map(|(row, _)| *row) {
            let Some(number) = self.at(row, IDS).strip_prefix(LINE) else { continue };
            let (number, was) = number.split_once('=').map_or((number, None), |(number, was)| (number, Some(was)));
            let was = was.map(|was| was.split(',').map(str::to_owned).collect::<Vec<_>>());
            if let Some(seq) = number.parse().ok().filter(|seq| seen.insert(*seq)) {
                lines.push(Line { row, seq, was: was.and_then(|was| was.try_into().ok()) });
            } else {
                let words = Words::new("导出时的行；不要复制或插入指标行", "a line as it was exported");
                problems.push(self.problem(row, "三级指标", self.at(row, 2), &words));
            }
        }
        lines
    }

    /// The locked cells must say what is held: else the form is older than the line, or was changed.
    fn compare(&self, row: u32, held: &ProjectIndicator, problems: &mut Vec<Problem>) {
        let same = |column: u16, text: &str| self.at(row, column).trim() == unified(text).trim();
        let weight = self.at(row, 7).parse::<Decimal>().ok();
        let cells = [
            (2, "三级指标", held.name.as_str(), same(2, &held.name)),
            (3, "性质", &held.nature, same(3, &held.nature)),
            (4, "年度指标值", held.target.raw(), same(4, held.target.raw())),
            (5, "度量单位", &held.unit, same(5, &held.unit)),
            (7, "分值", &held.weight.to_string(), weight == Some(held.weight)),
        ];
        for (column, name, expected, same) in cells {
            if !same {
                let zh = format!("“{expected}”，与系统中的一致；导出后指标有变动的，请重新导出自评表后填写");
                let en = format!("{expected:?} as it is held; if the line has changed since, export the form anew");
                problems.push(self.problem(row, name, self.at(row, column), &Words::new(zh, en)));
            }
        }
    }

    /// The held line with what was filled in. A text that only breaks its lines otherwise stays as it is held.
    fn fill(&self, filled: &Line, held: &ProjectIndicator, problems: &mut Vec<Problem>) -> ProjectIndicator {
        let row = filled.row;
        let (actual, reason) = (self.at(row, ACTUAL), self.at(row, REASON));
        let mut line = held.clone();
        let count = number::whole(self.at(row, EVIDENCE));
        if count.is_none() {
            let zh = "不小于 0 的整数；没有佐证的填 0 或不填";
            let words = Words::new(zh, "a whole number from 0, or blank for none");
            problems.push(self.problem(row, HEADS[usize::from(EVIDENCE)], self.at(row, EVIDENCE), &words));
        }
        let count = count.unwrap_or(held.evidence_count);
        let was = filled.was.as_ref();
        let cells = [
            (ACTUAL, actual, held.actual.raw(), was.map(|was| &was[0])),
            (EVIDENCE, &count.to_string(), &held.evidence_count.to_string(), was.map(|was| &was[1])),
            (REASON, reason, &held.deviation_reason, was.map(|was| &was[2])),
        ];
        for (column, says, holds, was) in cells {
            match change(says, holds, was.map(String::as_str)) {
                Change::None => {}
                Change::Theirs => match column {
                    ACTUAL => line.actual = Typed::parse(says),
                    EVIDENCE => line.evidence_count = count,
                    _ => says.clone_into(&mut line.deviation_reason),
                },
                Change::Both => {
                    problems.push(self.problem(row, HEADS[usize::from(column)], self.at(row, column), &stale(holds)));
                }
            }
        }
        line
    }

    fn at(&self, row: u32, column: u16) -> &str {
        self.cells.get(row, column.into())
    }

    fn problem(&self, row: u32, column: &str, found: &str, expected: &Words) -> Problem {
        Problem {
            file: self.file.clone(),
            line: u64::from(row) + 1,
            column: column.to_owned(),
            found: found.to_owned(),
            expected: expected.clone(),
        }
    }
}

/// Who has changed a cell since the form was written.
enum Change {
    /// Nobody, or only somebody else: what is held stays.
    None,
    /// Whoever filled the form in.
    Theirs,
    /// Both.
    Both,
}

/// Compares what a form says with what is held and with what it said when it was written. Without the last, a form may
/// fill in what is blank or none, and nothing else: nobody knows what it was made from.
fn change(says: &str, holds: &str, was: Option<&str>) -> Change {
    let of = |text: &str| stamp(&[plain(text)]);
    let blank = || matches!(holds.trim(), "" | "0");
    if of(says) == of(holds) || was.is_some_and(|was| was == of(says)) {
        Change::None
    } else if was.map_or_else(blank, |was| was == of(holds)) {
        Change::Theirs
    } else {
        Change::Both
    }
}

fn gone() -> Words {
    Words::new("系统中现有的指标行；请重新导出自评表后填写", "a line that is held; export the form anew")
}
