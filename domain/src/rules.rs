//! Rule sets (计分规则): every number and word of scoring as data, so that a city changes its rules by publishing,
//! not by installing. Only the formula codes themselves are code.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

mod check;
mod figures;
mod formula;
mod number;
mod params;
mod standard;

pub use check::{RuleProblem, RuleSetError};
pub use figures::of_year;
pub use formula::FormulaCode;
pub use params::{Params, ParamsError};

/// One rule set: an entry of the `rules` catalog, written as TOML or JSON.
///
/// Name, title and years are its own; a section that it does not have is filled in as `standard` says, so that an entry
/// of an earlier or later program is read for what it is. Source of the defaults in `samples/rules.toml`: 财预〔2020〕10号,
/// 财预〔2021〕101号, 财预〔2019〕136号.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// The entry's key.
    pub name: String,
    /// 规则名称
    pub title: String,
    /// 依据: documents and their numbers (文号).
    #[serde(default)]
    pub basis: Vec<String>,
    /// 适用年度
    pub fiscal_years: FiscalYears,
    /// 预算执行率
    #[serde(default = "standard::execution")]
    pub execution: ExecutionRule,
    /// 绩效指标
    #[serde(default = "standard::indicators")]
    pub indicators: IndicatorRule,
    /// 取舍规则
    #[serde(default = "standard::rounding")]
    pub rounding: Rounding,
    /// 评级, from the highest down.
    #[serde(default = "standard::ratings")]
    pub ratings: Vec<Rating>,
    /// 赋分方法, by the word that indicator rows use.
    #[serde(default = "standard::formulas", deserialize_with = "standard::known")]
    pub formulas: BTreeMap<String, FormulaRule>,
    /// 定性分档, from the highest down.
    #[serde(default = "standard::grades")]
    pub grades: Vec<Grade>,
    /// 直接赋分的写法
    #[serde(default = "standard::yes_no")]
    pub yes_no: YesNo,
    /// 超额完成
    #[serde(default = "standard::over_achievement")]
    pub over_achievement: OverAchievement,
    /// 偏差原因
    #[serde(default = "standard::reasons")]
    pub reasons: Reasons,
    /// 运行监控
    #[serde(default = "standard::lights")]
    pub lights: Lights,
    /// 区县排名
    #[serde(default = "standard::ranking")]
    pub ranking: Ranking,
}

/// The budget years a rule set is for, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiscalYears {
    /// The first year.
    pub from: i32,
    /// The last year, none while it stays in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i32>,
}

/// How the execution rate scores (formula code EXEC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionRule {
    /// 分值
    #[serde(with = "number")]
    pub weight: Decimal,
    /// Below this rate, in percent, a reason is due.
    #[serde(with = "number")]
    pub reason_below_pct: Decimal,
}

/// What holds for all indicators together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorRule {
    /// What the weights of a project's indicators add up to.
    #[serde(with = "number")]
    pub weight_total: Decimal,
}

/// How scores are rounded, line by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounding {
    /// Decimal places.
    pub places: u32,
    /// What happens exactly half way.
    pub mode: RoundingMode,
}

/// What happens exactly half way between two roundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// 四舍五入
    HalfUp,
    /// 四舍六入五成双
    HalfEven,
}

/// One rating band: from its bound (included) up to the bound of the band above it (excluded).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// 优, 良 …
    pub word: String,
    /// The lowest total of the band.
    #[serde(with = "number")]
    pub from: Decimal,
}

/// What a scoring method of an indicator row means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormulaRule {
    /// The formula that computes it.
    pub formula: FormulaCode,
    /// Parameters for rows that give none of their own, in the form of the rows: `step=2;cut=5`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub params: String,
}

/// One band of qualitative grades: coefficients from `from_pct` (included) to `to_pct` (excluded, except in the
/// highest band).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grade {
    /// 达成, 部分达成 …
    pub word: String,
    /// Other words that count as this one.
    #[serde(default)]
    pub also: Vec<String>,
    /// Lowest coefficient, in percent.
    #[serde(with = "number")]
    pub from_pct: Decimal,
    /// Highest coefficient, in percent.
    #[serde(with = "number")]
    pub to_pct: Decimal,
}

/// The words that say yes and no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YesNo {
    /// 是
    pub yes: Vec<String>,
    /// 否
    pub no: Vec<String>,
}

/// What happens when a target is far exceeded (超额完成).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverAchievement {
    /// The formulas it applies to.
    pub formulas: Vec<FormulaCode>,
    /// Steps, from the lowest up.
    pub steps: Vec<OverStep>,
}

/// One step: above this multiple of the target, this cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverStep {
    /// Actual ÷ target must be greater than this.
    #[serde(with = "number")]
    pub above: Decimal,
    /// Percent of the weight taken off, once a reviewer has confirmed that the target was low.
    #[serde(with = "number")]
    pub cut_pct: Decimal,
}

/// When a reason for the deviation is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasons {
    /// For a line that scores less than its weight.
    pub below_full: bool,
    /// For a line that exceeds its target by the lowest over-achievement step or more.
    pub over_achieved: bool,
    /// A self-reported score may differ from the computed one by so many points without a notice.
    #[serde(with = "number")]
    pub self_score_tolerance: Decimal,
}

/// Monitoring lights (运行监控), in percent of the time progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lights {
    /// Below this, red.
    #[serde(with = "number")]
    pub red_below: Decimal,
    /// Below this, yellow; from here on, green.
    #[serde(with = "number")]
    pub yellow_below: Decimal,
    /// Execution rates that are due by certain months, from the first month on; may be empty.
    #[serde(default)]
    pub minimums: Vec<MonthMinimum>,
}

/// The least execution rate that is due by the end of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthMinimum {
    /// 1–12
    pub month: u8,
    /// Percent.
    #[serde(with = "number")]
    pub execution_pct: Decimal,
}

/// Who takes part in a league table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranking {
    /// Below this coverage, in percent of the budget, a region isn't ranked.
    #[serde(with = "number")]
    pub coverage_pct: Decimal,
}

impl RuleSet {
    /// The rating of a total: the highest band whose bound it reaches. A total below all bands gets none.
    #[must_use]
    pub fn rating(&self, total: Decimal) -> Option<&Rating> {
        self.ratings.iter().filter(|band| band.from <= total).max_by_key(|band| band.from)
    }

    /// True if the rule set is for this budget year.
    #[must_use]
    pub fn applies_to(&self, fiscal_year: i32) -> bool {
        self.fiscal_years.has(fiscal_year)
    }

    /// The weights that a full project has: execution and indicators. `None` if the sum is out of range.
    #[must_use]
    pub fn full_weight(&self) -> Option<Decimal> {
        self.execution.weight.checked_add(self.indicators.weight_total)
    }
}

impl FiscalYears {
    /// Whether a year is among them.
    #[must_use]
    pub fn has(self, year: i32) -> bool {
        year >= self.from && self.to.is_none_or(|last| year <= last)
    }
}

impl Rounding {
    /// Rounds and shows all places: 10 becomes 10.00.
    #[must_use]
    pub fn round(&self, value: Decimal) -> Decimal {
        let strategy = match self.mode {
            RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            RoundingMode::HalfEven => RoundingStrategy::MidpointNearestEven,
        };
        let mut rounded = value.round_dp_with_strategy(self.places, strategy);
        rounded.rescale(self.places);
        rounded
    }
}

#[cfg(test)]
mod tests;
