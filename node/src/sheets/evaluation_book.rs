//! 项目支出绩效自评表 as a workbook: the official form with what is held, for a unit to fill in what was achieved and why
//! not, and back again. It carries the project's code, each line's number and what stood in its cells, so that what
//! comes back finds its place and nobody's later change is lost unseen.

mod filled;
mod layout;

use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, FormatBorder, Workbook, Worksheet, XlsxError};
use tongpin_console::workbook::WriteError;
use tongpin_domain::money::{Amount, Fen};
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::score::{LineScore, ScoreSheet, Step, Summing};

use crate::sheets::official_form::{self, Looks, UNKNOWN, WAN, plain, stamp};
pub(crate) use filled::{FilledEvaluation, is_form, read};
use layout::{ACTUAL, EVIDENCE, REASON};

/// The sheet's name.
pub(crate) const SHEET: &str = "自评表";
/// What the hidden column begins with. A form of a later make will say another number.
const MARK: &str = "tongpin-form-3";
/// The make before, whose lines do not say what stood in their cells; it is still taken.
const EARLIER: &str = "tongpin-form-2";
/// What such a mark begins with, whatever the make.
const MAKE: &str = "tongpin-form-";
/// What a line's number is written behind; what stood in its open cells follows it.
const LINE: &str = "line:";
/// What marks the row of the reason for the execution rate; what stood in it when the form was written follows.
const EXECUTION_REASON_ROW: &str = "execution_reason=";
/// Its head.
const EXECUTION_REASON_HEAD: &str = "执行率偏低的原因及改进措施";
/// The column that it begins in.
const EXECUTION_REASON: u16 = 3;
/// The hidden column.
const IDS: u16 = 11;
/// The last column that is printed.
const LAST: u16 = 10;
/// The rows of the form's head, counted from 0; the lines begin below.
const PROJECT_ROW: u32 = 2;
/// Where the project's name and code are printed.
const NAME_AT: u16 = 2;
const CODE_AT: u16 = 8;
const MONEY_ROW: u32 = 4;
const GOAL_ROW: u32 = 9;
const FIRST_LINE: u32 = 12;
/// The heads of the lines.
pub(crate) const HEADS: [&str; 11] = [
    "一级指标",
    "二级指标",
    "三级指标",
    "性质",
    "年度指标值",
    "度量单位",
    "实际完成值",
    "分值",
    "得分",
    "佐证件数",
    "偏差原因分析及改进措施",
];

/// Writes a project's form. Scores are those of `sheet`; without one they stay open.
///
/// # Errors
/// The form cannot be written.
pub(crate) fn write(
    project: &Project,
    lines: &[ProjectIndicator],
    sheet: Option<&ScoreSheet>,
) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    let mut form = EvaluationForm { page: workbook.add_worksheet(), looks: Looks::new(WAN) };
    form.page.set_name(SHEET)?;
    form.head(project)?;
    form.money(project, sheet)?;
    form.goal()?;
    form.lines(lines, sheet)?;
    let foot = FIRST_LINE + u32::try_from(lines.len()).unwrap_or_default();
    form.foot(foot, lines, sheet)?;
    if !lines.is_empty() {
        layout::counts(form.page, foot - 1)?;
    }
    form.execution_reason(foot + 1, project)?;
    form.signatures(foot + 2)?;
    layout::page(form.page, foot + 2)?;
    Ok(workbook.save_to_buffer()?)
}

/// What stands in the open cells of a line: its actual, its count of evidence and its reason.
fn stamps(line: &ProjectIndicator) -> [String; 3] {
    let texts = [line.actual.raw(), &line.evidence_count.to_string(), &line.deviation_reason];
    texts.map(|text| stamp(&[plain(text)]))
}

/// A form that is being written.
struct EvaluationForm<'a> {
    page: &'a mut Worksheet,
    looks: Looks,
}

impl EvaluationForm<'_> {
    /// Writes a text over some columns of a row.
    fn over(&mut self, row: u32, span: (u16, u16), text: &str, look: &Format) -> Result<(), XlsxError> {
        official_form::over(self.page, row, span, text, look)
    }

    fn head(&mut self, project: &Project) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        self.over(0, (0, LAST), "项目支出绩效自评表", &looks.title)?;
        self.over(1, (2, 6), &format!("（{}年度）", project.fiscal_year), &looks.above)?;
        self.over(1, (7, LAST), "金额单位：万元", &looks.right)?;
        let rows = [
            ("项目名称", &project.name, "项目代码", &project.code),
            ("主管部门", &project.department, "实施单位", &project.unit),
        ];
        for (row, (left, one, right, other)) in (PROJECT_ROW..).zip(rows) {
            self.over(row, (0, 1), left, &looks.label)?;
            self.over(row, (NAME_AT, 5), one, &looks.text)?;
            self.over(row, (6, 7), right, &looks.label)?;
            self.over(row, (CODE_AT, LAST), other, &looks.text)?;
        }
        self.page.write_string(0, IDS, MARK)?;
        self.page.write_string(1, IDS, &project.code)?;
        Ok(())
    }

    /// The money rows. What is held tells the sum and what of it was carried over or is other money; this year's
    /// appropriation is the rest. Execution is not held by source.
    fn money(&mut self, project: &Project, sheet: Option<&ScoreSheet>) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        self.over(MONEY_ROW, (0, 1), "项目资金", &looks.label)?;
        self.page.write_string_with_format(MONEY_ROW, 2, "年初预算数", &looks.label)?;
        self.over(MONEY_ROW, (3, 4), "全年预算数（A）", &looks.label)?;
        self.over(MONEY_ROW, (5, 6), "全年执行数（B）", &looks.label)?;
        for (span, name) in [((7, 7), "分值"), ((8, 8), "执行率"), ((9, LAST), "得分")] {
            self.over(MONEY_ROW, span, name, &looks.label)?;
        }
        let money = &project.money;
        let unknown = Amount::default();
        let this_year = this_year(project).map(Amount::from).unwrap_or_default();
        let rows = [
            ("年度资金总额", &money.initial, &money.adjusted, &money.executed),
            ("其中：当年财政拨款", &unknown, &this_year, &unknown),
            ("上年结转资金", &unknown, &money.carry_over, &unknown),
            ("其他资金", &unknown, &money.other, &unknown),
        ];
        let scored = [weight(sheet), rate(sheet), sheet.and_then(|sheet| sheet.execution_score)];
        for (row, (name, initial, adjusted, executed)) in (MONEY_ROW + 1..).zip(rows) {
            self.over(row, (0, 1), name, &looks.text)?;
            self.amount(row, (2, 2), initial)?;
            self.amount(row, (3, 4), adjusted)?;
            self.amount(row, (5, 6), executed)?;
            for (span, number) in [(7, 7), (8, 8), (9, LAST)].into_iter().zip(scored) {
                let number = if row == MONEY_ROW + 1 { number } else { None };
                let suffix = if span == (8, 8) && number.is_some() { "%" } else { "" };
                let shown = number.map_or_else(|| UNKNOWN.to_owned(), |number| format!("{number}{suffix}"));
                self.over(row, span, &shown, &looks.centre)?;
            }
        }
        Ok(())
    }

    /// An amount is kept in yuan, to the fen, and shown in 万元.
    fn amount(&mut self, row: u32, span: (u16, u16), amount: &Amount) -> Result<(), XlsxError> {
        official_form::amount(self.page, row, span, amount, UNKNOWN, &self.looks.money)
    }

    /// Goals are written by hand on the printed form: they are not part of what is held.
    fn goal(&mut self) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        self.page.merge_range(GOAL_ROW, 0, GOAL_ROW + 1, 1, "年度总体目标", &looks.label)?;
        self.over(GOAL_ROW, (2, 5), "预期目标", &looks.label)?;
        self.over(GOAL_ROW, (6, LAST), "实际完成情况", &looks.label)?;
        self.over(GOAL_ROW + 1, (2, 5), "", &looks.text)?;
        self.over(GOAL_ROW + 1, (6, LAST), "", &looks.text)?;
        self.page.set_row_height(GOAL_ROW + 1, 40)?;
        Ok(())
    }

    fn lines(&mut self, lines: &[ProjectIndicator], sheet: Option<&ScoreSheet>) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        for (column, head) in (0u16..).zip(HEADS) {
            self.page.write_string_with_format(FIRST_LINE - 1, column, head, &looks.label)?;
        }
        for (row, line) in (FIRST_LINE..).zip(lines) {
            let scored = sheet.and_then(|sheet| sheet.lines.iter().find(|scored| scored.seq == line.seq));
            self.line(row, line, scored)?;
        }
        self.levels(lines, 0, |line| (line.level1.clone(), String::new()))?;
        self.levels(lines, 1, |line| (line.level1.clone(), line.level2.clone()))
    }

    fn line(&mut self, row: u32, line: &ProjectIndicator, scored: Option<&LineScore>) -> Result<(), XlsxError> {
        let looks = &self.looks;
        let score = scored.and_then(|scored| {
            let by = scored.decision.as_ref().map(|decision| format!("（人工复核：{}）", decision.name));
            Some(format!("{}{}", scored.score?, by.unwrap_or_default()))
        });
        let score = score.unwrap_or_else(|| UNKNOWN.to_owned());
        let cells = [
            (2, line.name.as_str(), &looks.text),
            (3, &line.nature, &looks.centre),
            (4, line.target.raw(), &looks.centre),
            (5, &line.unit, &looks.centre),
            (ACTUAL, line.actual.raw(), &looks.open_centre),
            (7, &line.weight.to_string(), &looks.centre),
            (8, &score, &looks.centre),
            (REASON, &line.deviation_reason, &looks.open),
        ];
        for (column, text, look) in cells {
            self.page.write_string_with_format(row, column, text, look)?;
        }
        self.page.write_number_with_format(row, EVIDENCE, line.evidence_count, &looks.open_number)?;
        self.page.write_string(row, IDS, format!("{LINE}{}={}", line.seq, stamps(line).join(",")))?;
        self.page.set_row_height(row, official_form::height(&[(&line.name, 20), (&line.deviation_reason, 24)]))?;
        Ok(())
    }

    /// Neighbours of the same level stand in one cell.
    fn levels(
        &mut self,
        lines: &[ProjectIndicator],
        column: u16,
        level: impl Fn(&ProjectIndicator) -> (String, String),
    ) -> Result<(), XlsxError> {
        let look = self.looks.centre.clone();
        let mut first = FIRST_LINE;
        for group in lines.chunk_by(|one, other| level(one) == level(other)) {
            let last = first + u32::try_from(group.len()).unwrap_or(1) - 1;
            let text = group.first().map(|line| if column == 0 { &line.level1 } else { &line.level2 });
            let text = text.map_or("", String::as_str);
            if first == last {
                self.page.write_string_with_format(first, column, text, &look)?;
            } else {
                self.page.merge_range(first, column, last, column, text, &look)?;
            }
            first = last + 1;
        }
        Ok(())
    }

    /// 执行率偏低的原因, to be filled in like the reason of any line. A form of an earlier make has no such row.
    fn execution_reason(&mut self, row: u32, project: &Project) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        let reason = &project.execution_reason;
        self.over(row, (0, EXECUTION_REASON - 1), EXECUTION_REASON_HEAD, &looks.label)?;
        self.over(row, (EXECUTION_REASON, LAST), reason, &looks.open)?;
        self.page.write_string(row, IDS, format!("{EXECUTION_REASON_ROW}{}", stamp(&[plain(reason)])))?;
        self.page.set_row_height(row, official_form::height(&[(reason, 90)]).max(30))?;
        Ok(())
    }

    fn signatures(&mut self, row: u32) -> Result<(), XlsxError> {
        let plain = self.looks.text.clone().set_border(FormatBorder::None);
        self.over(row, (0, 2), "项目负责人（签字）：", &plain)?;
        self.over(row, (3, 6), "财务负责人（签字）：", &plain)?;
        self.over(row, (7, LAST), "填报日期：", &plain)?;
        self.page.set_row_height(row, 30)?;
        Ok(())
    }

    fn foot(&mut self, row: u32, lines: &[ProjectIndicator], sheet: Option<&ScoreSheet>) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        let sum = lines.iter().map(|line| line.weight).chain(weight(sheet)).sum::<Decimal>();
        let total = sheet.and_then(|sheet| sheet.total).map_or_else(|| UNKNOWN.to_owned(), |total| total.to_string());
        let rating = sheet.and_then(|sheet| sheet.rating.as_deref()).unwrap_or(UNKNOWN);
        self.over(row, (0, 6), "总分", &looks.label)?;
        self.page.write_string_with_format(row, 7, sum.normalize().to_string(), &looks.centre)?;
        self.page.write_string_with_format(row, 8, total, &looks.centre)?;
        self.over(row, (9, LAST), &format!("评价结论：{rating}"), &looks.text)?;
        Ok(())
    }
}

/// 当年财政拨款: the budget without what was carried over and other money; `None` if any of it is not known.
fn this_year(project: &Project) -> Option<Fen> {
    let money = &project.money;
    let rest = money.adjusted.fen()?.checked_sub(money.carry_over.fen()?)?;
    rest.checked_sub(money.other.fen()?)
}

/// What execution weighs, where it was scored.
fn weight(sheet: Option<&ScoreSheet>) -> Option<Decimal> {
    sheet?.steps.iter().find_map(|step| match step {
        Step::Summing(Summing::Executed { weight, .. }) => Some(*weight),
        // What was overspent scores its whole weight.
        Step::Summing(Summing::Overspent { score, .. }) => Some(*score),
        _ => None,
    })
}

/// 执行率 in percent.
fn rate(sheet: Option<&ScoreSheet>) -> Option<Decimal> {
    sheet?.execution_rate
}

#[cfg(test)]
mod tests;
