//! A form that comes back: what was filled in, compared with what is held. A form of another project, or one whose
//! lines have changed since, is refused line by line.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use tongpin_console::workbook::{Book, Cells, Fault, SheetError};
use tongpin_domain::intake::{Problem, Words};
use tongpin_domain::number::{self, Typed};
use tongpin_domain::project::ProjectIndicator;

use super::{ACTUAL, EVIDENCE, FIRST_LINE, HEADS, IDS, LINE, MAKE, MARK, REASON, SHEET};
use crate::form_sheet::{is_of_make, unified};
use crate::records::HeldProject;

/// A form as it was filled in.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
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
}

/// True if a workbook is a form.
pub(crate) fn is_form(book: &Book) -> bool {
    book.sheets().iter().any(|(name, _)| name == SHEET)
}

/// Reads a form; `None` if the sheet only bears its name.
///
/// # Errors
/// It cannot be read, or is a form of another make.
pub(crate) fn read(book: &mut Book) -> Result<Option<Filled>, SheetError> {
    let cells = book.cells(SHEET)?;
    if cells.get(0, IDS.into()) != MARK {
        if is_of_make(&cells, MAKE) {
            return Err(SheetError { file: book.file().to_owned(), fault: Fault::OtherForm(SHEET.to_owned()) });
        }
        return Ok(None);
    }
    let code = cells.get(1, IDS.into()).to_owned();
    Ok(Some(Filled { file: book.file().to_owned(), code, cells }))
}

/// A line as the form would have it, and the row that it stands on, counted from 1.
pub(crate) type FilledLine = (u64, ProjectIndicator);

impl Filled {
    /// The lines of the project as the form has them, or what speaks against taking them.
    pub(crate) fn lines(&self, held: &HeldProject) -> Result<Vec<FilledLine>, Vec<Problem>> {
        let mut problems = Vec::new();
        let lines = self.numbers(&mut problems);
        let by_seq: BTreeMap<u32, &ProjectIndicator> = held.lines.iter().map(|line| (line.seq, line)).collect();
        let mut filled = Vec::new();
        for line in &lines {
            match by_seq.get(&line.seq) {
                Some(held) => {
                    self.compare(line.row, held, &mut problems);
                    filled.push((u64::from(line.row) + 1, self.fill(line.row, held, &mut problems)));
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

    /// The rows that are lines, each number once.
    fn numbers(&self, problems: &mut Vec<Problem>) -> Vec<Line> {
        let mut seen = BTreeSet::new();
        let mut lines = Vec::new();
        for row in self.cells.rows.range(FIRST_LINE..).map(|(row, _)| *row) {
            let Some(number) = self.at(row, IDS).strip_prefix(LINE) else { continue };
            if let Some(seq) = number.parse().ok().filter(|seq| seen.insert(*seq)) {
                lines.push(Line { row, seq });
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
    fn fill(&self, row: u32, held: &ProjectIndicator, problems: &mut Vec<Problem>) -> ProjectIndicator {
        let (actual, reason) = (self.at(row, ACTUAL), self.at(row, REASON));
        let mut line = held.clone();
        if unified(held.actual.raw()) != actual {
            line.actual = Typed::parse(actual);
        }
        if unified(&held.deviation_reason) != reason {
            reason.clone_into(&mut line.deviation_reason);
        }
        if let Some(count) = number::whole(self.at(row, EVIDENCE)) {
            line.evidence_count = count;
        } else {
            let zh = "不小于 0 的整数；没有佐证的填 0 或不填";
            let words = Words::new(zh, "a whole number from 0, or blank for none");
            problems.push(self.problem(row, HEADS[usize::from(EVIDENCE)], self.at(row, EVIDENCE), &words));
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

fn gone() -> Words {
    Words::new("系统中现有的指标行；请重新导出自评表后填写", "a line that is held; export the form anew")
}
