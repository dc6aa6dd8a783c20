//! Steps of an explanation (计分说明): typed, so that they can be stored, and said in either language.
//!
//! Stored with results: variants and fields may be added, never renamed.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::lang::{Lang, Say};
use crate::money::Fen;
use crate::number::half_width;
use crate::rules::FormulaCode;
use crate::thousands::marked;

mod award;
mod notice;
mod obstacle;
mod ruling;
mod summing;

pub use award::Award;
pub use notice::Notice;
pub use obstacle::Obstacle;
pub use ruling::Ruling;
pub use summing::Summing;

/// Which of the two values of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// 指标值
    Target,
    /// 完成值
    Actual,
}

impl Side {
    fn chinese(self) -> &'static str {
        match self {
            Self::Target => "指标值",
            Self::Actual => "完成值",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Actual => "actual",
        }
    }
}

/// Which of the two amounts that execution needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// 全年预算数
    Budget,
    /// 全年执行数
    Executed,
}

impl Column {
    fn chinese(self) -> &'static str {
        match self {
            Self::Budget => "全年预算数",
            Self::Executed => "全年执行数",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Budget => "the year's budget",
            Self::Executed => "the year's spending",
        }
    }
}

/// How an actual has to stand to its target (指标性质).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// ≥
    AtLeast,
    /// ≤
    AtMost,
    /// =
    Exactly,
}

impl Relation {
    /// Reads an indicator's nature, as a sign or in words; `None` for qualitative and unknown ones. `>` is read as ≥: a
    /// proportion gives the target itself full marks either way.
    #[must_use]
    pub fn of_nature(nature: &str) -> Option<Self> {
        match half_width(nature.trim()).as_ref() {
            "≥" | ">=" | "≧" | "⩾" | ">" | "不低于" | "不少于" | "不小于" | "大于等于" | "大于或等于" | "大于"
            | "高于" | "正向" | "正向指标" => Some(Self::AtLeast),
            "≤" | "<=" | "≦" | "⩽" | "<" | "不高于" | "不超过" | "不多于" | "不大于" | "小于等于" | "小于或等于"
            | "小于" | "低于" | "反向" | "反向指标" => Some(Self::AtMost),
            "=" | "等于" | "定值" => Some(Self::Exactly),
            _ => None,
        }
    }

    /// Its sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => "≥",
            Self::AtMost => "≤",
            Self::Exactly => "=",
        }
    }

    /// Whether the actual stands so to the target.
    #[must_use]
    pub fn holds(self, actual: Decimal, target: Decimal) -> bool {
        match self {
            Self::AtLeast => actual >= target,
            Self::AtMost => actual <= target,
            Self::Exactly => actual == target,
        }
    }
}

/// One line of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// How a line's points come about.
    Award(Award),
    /// Why a line has none.
    Obstacle(Obstacle),
    /// What else is to be said about a line.
    Notice(Notice),
    /// What a person decided about a line that no formula can score.
    Ruling(Box<Ruling>),
    /// How the total comes about.
    Summing(Summing),
}

impl From<Award> for Step {
    fn from(step: Award) -> Self {
        Self::Award(step)
    }
}

impl From<Obstacle> for Step {
    fn from(step: Obstacle) -> Self {
        Self::Obstacle(step)
    }
}

impl From<Notice> for Step {
    fn from(step: Notice) -> Self {
        Self::Notice(step)
    }
}

impl From<Ruling> for Step {
    fn from(step: Ruling) -> Self {
        Self::Ruling(Box::new(step))
    }
}

impl From<Summing> for Step {
    fn from(step: Summing) -> Self {
        Self::Summing(step)
    }
}

impl Say for Step {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Award(step) => step.say(lang),
            Self::Obstacle(step) => step.say(lang),
            Self::Notice(step) => step.say(lang),
            Self::Ruling(step) => step.say(lang),
            Self::Summing(step) => step.say(lang),
        }
    }
}

fn method_zh(formula: FormulaCode) -> String {
    format!("（{} {formula}）", formula.chinese())
}

fn method_en(formula: FormulaCode) -> String {
    format!(" ({formula})")
}

/// A number without needless zeros.
fn plain(number: &Decimal) -> String {
    number.normalize().to_string()
}

/// Yuan with thousands separators, as in ledgers.
fn yuan(amount: Fen) -> String {
    marked(&amount.to_string())
}
