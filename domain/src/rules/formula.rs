//! The formula codes: the one part of scoring that is code and not data.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The formulas that score an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FormulaCode {
    /// 比例法; parameter `pass` is the pass threshold (及格门槛).
    PropUp,
    /// 反比例法
    PropDown,
    /// 零容忍
    ZeroTol,
    /// 定值法
    TwoSided,
    /// 扣分法; parameters `step`, and `cut` in percent of the weight.
    Step,
    /// 分档法; parameter `bands`.
    Grade,
    /// 满意度法; parameter `floor`.
    Satisfaction,
    /// 满意度赋分 between floor and target; parameter `floor`.
    SatisfactionRange,
    /// 直接赋分
    YesNo,
    /// 按期完成
    Deadline,
    /// 差额法: met scores in full, not met is for a person to judge.
    DiffReview,
}

impl FormulaCode {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::PropUp,
        Self::PropDown,
        Self::ZeroTol,
        Self::TwoSided,
        Self::Step,
        Self::Grade,
        Self::Satisfaction,
        Self::SatisfactionRange,
        Self::YesNo,
        Self::Deadline,
        Self::DiffReview,
    ];

    /// The code as rule sets write it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PropUp => "PROP_UP",
            Self::PropDown => "PROP_DOWN",
            Self::ZeroTol => "ZERO_TOL",
            Self::TwoSided => "TWO_SIDED",
            Self::Step => "STEP",
            Self::Grade => "GRADE",
            Self::Satisfaction => "SATISFACTION",
            Self::SatisfactionRange => "SATISFACTION_RANGE",
            Self::YesNo => "YES_NO",
            Self::Deadline => "DEADLINE",
            Self::DiffReview => "DIFF_REVIEW",
        }
    }

    /// The name that finance staff use.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::PropUp => "比例法",
            Self::PropDown => "反比例法",
            Self::ZeroTol => "零容忍",
            Self::TwoSided => "定值法",
            Self::Step => "扣分法",
            Self::Grade => "分档法",
            Self::Satisfaction => "满意度法",
            Self::SatisfactionRange => "满意度赋分",
            Self::YesNo => "直接赋分",
            Self::Deadline => "按期法",
            Self::DiffReview => "差额法",
        }
    }
}

impl fmt::Display for FormulaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
