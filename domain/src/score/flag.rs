//! What is worth noticing about a score, as codes for files and programs. The words for people are in the steps.

use std::fmt;

use rust_decimal::Decimal;

use crate::number::Mark;

/// Something worth noticing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// How a typed value had to be understood.
    Mark(Mark),
    /// 超额完成: the target was exceeded by more than the lowest step.
    OverAchieved,
    /// 指标值设定偏低: confirmed, and cut.
    LowTargetCut,
    /// Satisfaction is below its floor.
    BelowFloor,
    /// 完成比例 is below the pass threshold.
    BelowPass,
    /// A target or actual is not one number.
    Unparsable,
    /// The actual of a deadline is not one day.
    ActualNotDate,
    /// The target of a deadline is not one day.
    TargetNotDate,
    /// The grade is not one of the rule set's, or its coefficient lies outside its band.
    GradeUnclear,
    /// The target is negative and was not met.
    NegativeTarget,
    /// The target is zero and was not met, so that no proportion can be formed.
    ZeroTarget,
    /// 差额法: the target was not met.
    DiffReview,
    /// The scoring method or its parameters are not known to the rule set.
    RuleUnclear,
    /// Nature and method, or target and method, judge in different directions.
    NatureContradicts,
    /// A target or actual has another unit than its line.
    UnitDiffers,
    /// A target or actual is probably a fraction where the unit is percent.
    FractionForPercent,
    /// Target, actual and floor of a satisfaction are not on one scale.
    ScaleUnclear,
    /// The weight is negative.
    WeightInvalid,
    /// 完成值 is blank.
    MissingActual,
    /// 指标值 is blank.
    MissingTarget,
    /// 定性系数 is blank.
    MissingGrade,
    /// A reason for the deviation is due.
    ReasonMissing,
    /// 自评得分 differs from the computed score.
    SelfScoreMismatch,
    /// 人工复核: a person decided about the line.
    Reviewed,
    /// More was spent than budgeted.
    ExecOverBudget,
    /// Neither budget nor spending: the execution rate is not applicable.
    ExecNa,
    /// Spending without a budget, or a negative amount.
    ExecDataError,
    /// The amounts do not add up, or more arrived than was budgeted.
    AmountsContradict,
    /// More was spent than arrived.
    ExecOverArrived,
    /// 全年预算数 or 全年执行数 can't be read.
    AmountUnreadable,
    /// 分值合计, execution included, is this and not 100.
    WeightSum(Decimal),
}

impl Flag {
    /// The code in files.
    #[must_use]
    pub fn code(&self) -> String {
        let code = match self {
            Self::Mark(mark) => mark.code(),
            Self::OverAchieved => "OVER_ACHIEVED",
            Self::LowTargetCut => "LOW_TARGET_CUT",
            Self::BelowFloor => "BELOW_FLOOR",
            Self::BelowPass => "BELOW_PASS",
            Self::Unparsable => "UNPARSABLE",
            Self::ActualNotDate => "ACTUAL_NOT_DATE",
            Self::TargetNotDate => "TARGET_NOT_DATE",
            Self::GradeUnclear => "GRADE_UNCLEAR",
            Self::NegativeTarget => "NEGATIVE_TARGET",
            Self::ZeroTarget => "ZERO_TARGET",
            Self::DiffReview => "DIFF_REVIEW",
            Self::RuleUnclear => "RULE_UNCLEAR",
            Self::NatureContradicts => "NATURE_CONTRADICTS",
            Self::UnitDiffers => "UNIT_DIFFERS",
            Self::FractionForPercent => "FRACTION_FOR_PERCENT",
            Self::ScaleUnclear => "SCALE_UNCLEAR",
            Self::WeightInvalid => "WEIGHT_INVALID",
            Self::MissingActual => "MISSING_ACTUAL",
            Self::MissingTarget => "MISSING_TARGET",
            Self::MissingGrade => "MISSING_GRADE",
            Self::ReasonMissing => "REASON_MISSING",
            Self::SelfScoreMismatch => "SELF_SCORE_MISMATCH",
            Self::Reviewed => "REVIEWED",
            Self::ExecOverBudget => "EXEC_OVER_BUDGET",
            Self::ExecNa => "EXEC_NA",
            Self::ExecDataError => "EXEC_DATA_ERROR",
            Self::AmountsContradict => "AMOUNTS_CONTRADICT",
            Self::ExecOverArrived => "EXEC_OVER_ARRIVED",
            Self::AmountUnreadable => "AMOUNT_UNREADABLE",
            Self::WeightSum(sum) => return format!("WEIGHT_SUM_{}", sum.normalize()),
        };
        code.to_owned()
    }

    /// Whether the project shows it. The rest is work for whoever fills in the line, and stays there: a blank is
    /// told by the status already.
    #[must_use]
    pub fn on_project(&self) -> bool {
        !matches!(
            self,
            Self::MissingActual
                | Self::MissingTarget
                | Self::MissingGrade
                | Self::ReasonMissing
                | Self::SelfScoreMismatch
        )
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code())
    }
}
