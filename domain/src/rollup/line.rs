//! One line of a fund's roll-up, and how its figures are written.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};
use time::Date;

use super::{Note, RollupStep};
use crate::indicator::Aggregation;
use crate::money::Fen;

/// The code of the line that stands for a fund's execution rate.
pub const EXECUTION: &str = "EXEC";

/// A target or actual of many projects together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// 元, two decimals.
    Money(Fen),
    /// A sum or mean, exact; written with four decimals.
    Number(Decimal),
    /// A day.
    Date(Date),
}

impl Aggregate {
    /// As files and pages write it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Money(fen) => fen.to_string(),
            Self::Number(number) => format!("{:.4}", four_places(*number)),
            Self::Date(date) => date.to_string(),
        }
    }
}

/// The number with the four decimals that a reader sees.
pub(super) fn four_places(number: Decimal) -> Decimal {
    number.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)
}

impl Serialize for Aggregate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

/// One indicator of a fund, over all its projects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FundLine {
    /// 专项资金代码
    pub fund_code: String,
    /// 指标代码, or [`EXECUTION`]
    pub indicator_code: String,
    /// 指标名称
    pub name: String,
    /// 汇总方式; none if the library doesn't know the indicator
    pub method: Option<Aggregation>,
    /// 汇总指标值
    pub target: Option<Aggregate>,
    /// 汇总完成值
    pub actual: Option<Aggregate>,
    /// 分值
    pub weight: Option<Decimal>,
    /// 得分; none where a person must judge or nothing is usable
    pub score: Option<Decimal>,
    /// How many projects have usable values.
    pub projects_used: u64,
    /// How many projects the fund has; none if their number was withheld.
    pub projects_total: Option<u64>,
    /// What a reader must know about the line.
    pub notes: Vec<Note>,
    /// How it came about.
    pub steps: Vec<RollupStep>,
}

impl FundLine {
    /// A line that nothing is known of yet.
    pub(super) fn new(fund_code: &str, indicator_code: &str, projects_total: Option<u64>) -> Self {
        Self {
            fund_code: fund_code.to_owned(),
            indicator_code: indicator_code.to_owned(),
            name: String::new(),
            method: None,
            target: None,
            actual: None,
            weight: None,
            score: None,
            projects_used: 0,
            projects_total,
            notes: Vec::new(),
            steps: Vec::new(),
        }
    }
}
