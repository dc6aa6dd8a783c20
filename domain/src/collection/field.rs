//! The fields that a collection may speak of, and the rows that a county computes its answer from.
//!
//! Free text (names, units, reasons) and project codes are no fields: what is not here can't be asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use super::Table;
use crate::lang::{Lang, Say};
use crate::number::{TypedValue, half_width};
use crate::partial::Value;
use crate::project::Project;
use crate::score::{LineScore, ScoreSheet, Status};

/// More digits behind the point than this are rounded before values are added up.
const SUMMED_DIGITS: u32 = 10;

/// From which records a table is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Records {
    /// 项目: one row a project.
    Projects,
    /// 项目绩效指标: one row a line of a project's self-evaluation.
    Indicators,
    /// 单据: one row a document of a form, or a row of a table inside it.
    Documents,
}

impl Records {
    /// The word that users read.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Projects => lang.pick("项目", "projects"),
            Self::Indicators => lang.pick("项目绩效指标", "indicator lines"),
            Self::Documents => lang.pick("单据", "documents"),
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A code or a word: to group by, and to compare.
    Word,
    /// A number: to sum and weigh.
    Number,
    /// A day: to take the earliest or latest of.
    Day,
}

/// A field that collections may speak of.
#[derive(Debug)]
pub struct Field {
    /// The name in collections.
    pub name: &'static str,
    zh: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    projects: bool,
    indicators: bool,
}

impl Field {
    /// The field of this name, if these records have it.
    #[must_use]
    pub fn find(records: Records, name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name && field.is_of(records))
    }

    /// Whether these records have it.
    #[must_use]
    pub fn is_of(&self, records: Records) -> bool {
        match records {
            Records::Projects => self.projects,
            Records::Indicators => self.indicators,
            // What documents consist of, their form says.
            Records::Documents => false,
        }
    }
}

impl Say for Field {
    fn say(&self, lang: Lang) -> String {
        lang.pick(self.zh, &self.name.replace('_', " ")).to_owned()
    }
}

const fn both(name: &'static str, zh: &'static str, kind: FieldKind) -> Field {
    Field { name, zh, kind, projects: true, indicators: true }
}

const fn project(name: &'static str, zh: &'static str, kind: FieldKind) -> Field {
    Field { name, zh, kind, projects: true, indicators: false }
}

const fn line(name: &'static str, zh: &'static str, kind: FieldKind) -> Field {
    Field { name, zh, kind, projects: false, indicators: true }
}

/// Every field. Money is in fen; rates and percentages are in percent.
pub static FIELDS: [Field; 35] = [
    both("region", "县级区划代码", FieldKind::Word),
    both("fund_code", "专项资金代码", FieldKind::Word),
    both("fund_level", "资金级次", FieldKind::Word),
    both("department", "主管部门", FieldKind::Word),
    both("book", "预算本", FieldKind::Word),
    both("category", "项目类别", FieldKind::Word),
    both("kind", "项目类型", FieldKind::Word),
    both("fiscal_year", "年度", FieldKind::Number),
    both("budget_fen", "全年预算数（分）", FieldKind::Number),
    both("executed_fen", "全年执行数（分）", FieldKind::Number),
    both("arrived_fen", "到位数（分）", FieldKind::Number),
    project("status", "计分状态", FieldKind::Word),
    project("rating", "评级", FieldKind::Word),
    project("execution_rate", "预算执行率（%）", FieldKind::Number),
    project("execution_score", "预算执行率得分", FieldKind::Number),
    project("indicator_sum", "指标得分合计", FieldKind::Number),
    project("unscored", "未计分指标数", FieldKind::Number),
    project("lines_waiting", "待复核指标数", FieldKind::Number),
    project("lines_decided", "人工复核指标数", FieldKind::Number),
    project("total_score", "总分", FieldKind::Number),
    line("project_status", "所属项目的计分状态", FieldKind::Word),
    line("line_status", "指标计分状态", FieldKind::Word),
    // WAITING for a person, or DECIDED by one; a line that was scored by its formula lacks it.
    line("judgement", "人工复核情况", FieldKind::Word),
    line("indicator_code", "指标代码", FieldKind::Word),
    line("unit", "度量单位", FieldKind::Word),
    line("nature", "指标性质", FieldKind::Word),
    line("rule_type", "赋分方法", FieldKind::Word),
    line("rule_params", "赋分参数", FieldKind::Word),
    line("seq", "序号", FieldKind::Number),
    line("weight", "分值", FieldKind::Number),
    line("line_score", "指标得分", FieldKind::Number),
    line("target", "指标值", FieldKind::Number),
    line("actual", "完成值", FieldKind::Number),
    line("target_date", "指标日期", FieldKind::Day),
    line("actual_date", "完成日期", FieldKind::Day),
];

/// What one record says in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A code or a word.
    Word(String),
    /// A number or a day.
    Value(Value),
}

impl Cell {
    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<Decimal> {
        if let Self::Value(value) = self { value.number() } else { None }
    }

    /// The text that conditions compare and that groups are keyed by.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Value(Value::Number(number)) => number.normalize().to_string(),
            Self::Value(Value::Date(date)) => date.to_string(),
        }
    }
}

/// One record as collections see it. A field that is missing, blank or unreadable isn't there: it is never zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row(BTreeMap<Cow<'static, str>, Cell>);

impl Row {
    /// What it says in a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Cell> {
        self.0.get(field)
    }

    fn word(&mut self, field: &'static str, text: &str) {
        let text = half_width(text.trim());
        if !text.is_empty() {
            self.0.insert(field.into(), Cell::Word(text.into_owned()));
        }
    }

    /// Sums must come out the same in any order, so what is added up has no more decimals than a decimal has room for.
    fn number(&mut self, field: &'static str, number: Option<Decimal>) {
        if let Some(number) = number {
            self.0.insert(field.into(), Cell::Value(Value::Number(number.round_dp(SUMMED_DIGITS))));
        }
    }

    fn day(&mut self, field: &'static str, day: Option<Date>) {
        if let Some(day) = day {
            self.0.insert(field.into(), Cell::Value(Value::Date(day)));
        }
    }

    /// A row of a document: what is missing is not among its cells.
    #[must_use]
    pub fn of_cells(cells: impl IntoIterator<Item = (String, Cell)>) -> Self {
        Self::default().with(cells)
    }

    /// The same with other cells beside.
    #[must_use]
    pub fn with(mut self, cells: impl IntoIterator<Item = (String, Cell)>) -> Self {
        self.0.extend(cells.into_iter().map(|(name, cell)| (Cow::Owned(name), cell)));
        self
    }

    /// What both kinds of rows have in common.
    fn common(project: &Project, sheet: &ScoreSheet) -> Self {
        let mut row = Self::default();
        row.word("region", sheet.region.as_str().get(..6).unwrap_or_default());
        row.word("fund_code", &project.fund_code);
        row.word("fund_level", &project.fund_level);
        row.word("department", &project.department);
        row.word("book", &project.book);
        row.word("category", &project.category);
        row.word("kind", &project.kind);
        row.number("fiscal_year", Some(Decimal::from(project.fiscal_year)));
        let fen = |amount: Option<crate::money::Fen>| amount.map(|fen| Decimal::from(fen.0));
        row.number("budget_fen", fen(sheet.budget));
        row.number("executed_fen", fen(sheet.executed));
        row.number("arrived_fen", fen(project.money.arrived.fen()));
        row
    }

    /// The row of a project.
    #[must_use]
    pub fn of_project(project: &Project, sheet: &ScoreSheet) -> Self {
        let mut row = Self::common(project, sheet);
        row.word("status", sheet.status.code());
        row.word("rating", sheet.rating.as_deref().unwrap_or_default());
        row.number("execution_rate", sheet.execution_rate);
        row.number("execution_score", sheet.execution_score);
        row.number("indicator_sum", Some(sheet.indicator_sum));
        row.number("unscored", Some(Decimal::from(sheet.unscored)));
        let count = |lines: usize| Some(Decimal::from(lines));
        row.number("lines_waiting", count(sheet.waiting().count()));
        row.number("lines_decided", count(sheet.decided().count()));
        row.number("total_score", sheet.total);
        row
    }

    /// The row of one line of a project.
    #[must_use]
    pub fn of_line(project: &Project, sheet: &ScoreSheet, line: &LineScore) -> Self {
        let mut row = Self::common(project, sheet);
        row.word("project_status", sheet.status.code());
        row.word("line_status", line.status.code());
        row.word("judgement", judgement(line));
        row.word("indicator_code", line.indicator_code.as_deref().unwrap_or_default());
        row.word("unit", &line.unit);
        row.word("nature", &line.nature);
        row.word("rule_type", &line.rule_type);
        row.word("rule_params", &line.rule_params);
        row.number("seq", Some(Decimal::from(line.seq)));
        row.number("weight", Some(line.weight));
        row.number("line_score", line.score);
        for (typed, number, day) in [(&line.target, "target", "target_date"), (&line.actual, "actual", "actual_date")] {
            match typed.value_in(&line.unit) {
                // A fraction among percentages, or a mark on another scale, would spoil the sum of all.
                TypedValue::Number(_) if line.is_doubtful() => {}
                TypedValue::Number(value) => row.number(number, Some(value)),
                TypedValue::Date(value) => row.day(day, Some(value)),
                TypedValue::Missing | TypedValue::Text => {}
            }
        }
        row
    }
}

/// Whether a person has to do with a line's score.
fn judgement(line: &LineScore) -> &'static str {
    match (line.status, &line.decision) {
        (Status::Review, _) => "WAITING",
        (_, Some(_)) => "DECIDED",
        _ => "",
    }
}

/// All rows of a county.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    projects: Vec<Row>,
    lines: Vec<Row>,
    /// By the id of the table that they are for.
    own: BTreeMap<String, Vec<Row>>,
}

impl Rows {
    /// Rows of scored projects.
    #[must_use]
    pub fn new<'a>(scored: impl IntoIterator<Item = (&'a Project, &'a ScoreSheet)>) -> Self {
        let mut rows = Self::default();
        for (project, sheet) in scored {
            rows.projects.push(Row::of_project(project, sheet));
            rows.lines.extend(sheet.lines.iter().map(|line| Row::of_line(project, sheet, line)));
        }
        rows
    }

    /// The same with the rows that a table is computed from and no other is: documents, or records with what is asked
    /// of them beside.
    #[must_use]
    pub fn with_own(mut self, table: &str, rows: Vec<Row>) -> Self {
        self.own.insert(table.to_owned(), rows);
        self
    }

    /// The rows of one kind of records; of documents each table has its own.
    #[must_use]
    pub fn of(&self, records: Records) -> &[Row] {
        match records {
            Records::Projects => &self.projects,
            Records::Indicators => &self.lines,
            Records::Documents => &[],
        }
    }

    /// The rows that a table is computed from.
    #[must_use]
    pub fn of_table(&self, table: &Table) -> &[Row] {
        self.own.get(&table.id).map_or_else(|| self.of(table.records), Vec::as_slice)
    }
}
