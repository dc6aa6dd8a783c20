//! Steps of the total: execution, the sum, the band.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Column, plain, yuan};
use crate::lang::{Lang, Say};
use crate::money::Fen;
use crate::project::MoneyDoubt;
use crate::score::Status;

/// How a total comes about (总分).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[allow(missing_docs, reason = "fields are the figures of the sentence that a variant's comment gives")]
pub enum Summing {
    /// executed ÷ budget × weight
    Executed { executed: Fen, budget: Fen, rate: Decimal, weight: Decimal, score: Decimal },
    /// More spent than budgeted: full score, and a notice.
    Overspent { executed: Fen, budget: Fen, rate: Decimal, score: Decimal },
    /// Neither budget nor spending.
    ExecutionNotApplicable,
    /// Spending without a budget, or a negative amount.
    ExecutionContradicts { executed: Fen, budget: Fen },
    /// An amount is blank.
    AmountMissing { column: Column },
    /// An amount can't be read.
    AmountUnreadable { column: Column, text: String },
    /// Low execution: a reason is due.
    ExecutionReasonDue { rate: Decimal, below: Decimal },
    /// The reason for low execution, as it was given.
    ExecutionReason { reason: String },
    /// Other amounts contradict the budget or the spending.
    AmountsDoubtful { doubt: MoneyDoubt },
    /// What the total would be with the scores that are proposed to the reviewer.
    Proposed { indicators: Decimal, total: Decimal },
    /// Weights don't add up.
    WeightsDiffer { sum: Decimal, expected: Decimal },
    /// execution + indicators = total
    Sum { execution: Decimal, indicators: Decimal, total: Decimal },
    /// indicators × full weight ÷ applicable weight = total
    Rescaled { indicators: Decimal, full: Decimal, applicable: Decimal, total: Decimal },
    /// The band of the total.
    Rated { total: Decimal, word: String, from: Decimal },
    /// No total, and why.
    NoTotal { status: Status, unscored: u32 },
}

impl Say for Summing {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.chinese(),
            Lang::En => self.english(),
        }
    }
}

impl Summing {
    fn chinese(&self) -> String {
        match self {
            Self::Executed { executed, budget, rate, weight, score } => format!(
                "全年执行数 {} ÷ 全年预算数 {} = 执行率 {rate} %，× 分值 {} = {score}（EXEC）",
                yuan(*executed),
                yuan(*budget),
                plain(weight)
            ),
            Self::Overspent { executed, budget, rate, score } => format!(
                "全年执行数 {} 超过全年预算数 {}，执行率 {rate} %，按满分 {score} 计，请核实超支（EXEC）",
                yuan(*executed),
                yuan(*budget)
            ),
            Self::ExecutionNotApplicable => "全年预算数和全年执行数都是 0，执行率不适用（EXEC）".to_owned(),
            Self::ExecutionContradicts { executed, budget } => format!(
                "全年预算数 {} 与全年执行数 {} 矛盾（无预算有支出，或金额为负），请更正（EXEC）",
                yuan(*budget),
                yuan(*executed)
            ),
            Self::AmountMissing { column: which } => format!("{}没有填报：不按 0 计，请补填", which.chinese()),
            Self::AmountUnreadable { column: which, text } => {
                format!("{}“{}”不是确定的金额，转人工复核，原文保留", which.chinese(), text.trim())
            }
            Self::ExecutionReasonDue { rate, below } => {
                format!("执行率 {rate} % 低于 {} %，请说明原因", plain(below))
            }
            Self::ExecutionReason { reason } => format!("执行率偏低的原因：{reason}"),
            Self::AmountsDoubtful { doubt } => doubtful_zh(doubt),
            Self::Proposed { indicators, total } => {
                format!("如按供复核参考的得分，指标得分为 {indicators}，总分为 {total}；复核前不计")
            }
            Self::WeightsDiffer { sum, expected } => {
                format!("执行率和各指标的分值合计为 {}，应为 {}，请更正", plain(sum), plain(expected))
            }
            Self::Sum { execution, indicators, total } => {
                format!("执行率得分 {execution} + 指标得分 {indicators} = 总分 {total}")
            }
            Self::Rescaled { indicators, full, applicable, total } => {
                format!("执行率不适用，指标得分 {indicators} × {} ÷ {} = 总分 {total}", plain(full), plain(applicable))
            }
            Self::Rated { total, word, from } => format!("总分 {total} ≥ {}，评为“{word}”", plain(from)),
            Self::NoTotal { status, unscored: 0 } => format!("{}，暂无总分和评级", status.text(Lang::Zh)),
            Self::NoTotal { status, unscored } => {
                format!("{}：有 {unscored} 项指标未得出分数，暂无总分和评级", status.text(Lang::Zh))
            }
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Executed { executed, budget, rate, weight, score } => format!(
                "spending {} ÷ budget {} = {rate} %, × weight {} = {score} (EXEC)",
                yuan(*executed),
                yuan(*budget),
                plain(weight)
            ),
            Self::Overspent { executed, budget, rate, score } => format!(
                "spending {} exceeds the budget {} ({rate} %): counted in full, {score}; please check the overspending (EXEC)",
                yuan(*executed),
                yuan(*budget)
            ),
            Self::ExecutionNotApplicable => {
                "neither budget nor spending: the execution rate is not applicable (EXEC)".to_owned()
            }
            Self::ExecutionContradicts { executed, budget } => format!(
                "budget {} and spending {} contradict (spending without a budget, or a negative amount): please correct (EXEC)",
                yuan(*budget),
                yuan(*executed)
            ),
            Self::AmountMissing { column: which } => {
                format!("{} is blank: that is not zero, please fill it in", which.english())
            }
            Self::AmountUnreadable { column: which, text } => {
                format!("{}, \"{}\", is not one amount: to be reviewed, kept as written", which.english(), text.trim())
            }
            Self::ExecutionReasonDue { rate, below } => {
                format!("the execution rate {rate} % is below {} %: please give the reason", plain(below))
            }
            Self::ExecutionReason { reason } => format!("the reason for the low execution: {reason}"),
            Self::AmountsDoubtful { doubt } => doubtful_en(doubt),
            Self::Proposed { indicators, total } => format!(
                "with the scores proposed to the reviewer the indicators would be {indicators} and the total {total}; nothing counts before the review"
            ),
            Self::WeightsDiffer { sum, expected } => format!(
                "the weights of execution and indicators add up to {}, not {}: please correct them",
                plain(sum),
                plain(expected)
            ),
            Self::Sum { execution, indicators, total } => {
                format!("execution {execution} + indicators {indicators} = total {total}")
            }
            Self::Rescaled { indicators, full, applicable, total } => format!(
                "execution is not applicable: indicators {indicators} × {} ÷ {} = total {total}",
                plain(full),
                plain(applicable)
            ),
            Self::Rated { total, word, from } => format!("total {total} ≥ {}: rated {word}", plain(from)),
            Self::NoTotal { status, unscored: 0 } => format!("{}: no total and no rating yet", status.text(Lang::En)),
            Self::NoTotal { status, unscored } => {
                format!("{}: no total and no rating yet (lines without a score: {unscored})", status.text(Lang::En))
            }
        }
    }
}

fn doubtful_zh(doubt: &MoneyDoubt) -> String {
    let said = doubt.say(Lang::Zh);
    match doubt {
        MoneyDoubt::Parts { adjusted, .. } | MoneyDoubt::Sources { adjusted, .. } => {
            format!("全年预算数 {} 与各部分之和不符：{said}，请更正（EXEC）", yuan(*adjusted))
        }
        MoneyDoubt::SourceOfNothing { .. } => format!("全年预算数为 0，应为{said}，请更正（EXEC）"),
        MoneyDoubt::ArrivedOverBudget { arrived, .. } => {
            format!("到位数 {} 与全年预算数矛盾，应{said}，请更正（EXEC）", yuan(*arrived))
        }
        MoneyDoubt::ExecutedOverArrived { executed, .. } => {
            format!("全年执行数 {} 一般{said}，请核实（EXEC）", yuan(*executed))
        }
    }
}

fn doubtful_en(doubt: &MoneyDoubt) -> String {
    let said = doubt.say(Lang::En);
    match doubt {
        MoneyDoubt::Parts { adjusted, .. } | MoneyDoubt::Sources { adjusted, .. } => {
            format!("the budget {} is not the sum of its parts: {said}; please correct (EXEC)", yuan(*adjusted))
        }
        MoneyDoubt::SourceOfNothing { .. } => {
            format!("the budget is 0, but should be {said}; please correct (EXEC)")
        }
        MoneyDoubt::ArrivedOverBudget { arrived, .. } => {
            format!("{} arrived, but should be {said}; please correct (EXEC)", yuan(*arrived))
        }
        MoneyDoubt::ExecutedOverArrived { executed, .. } => {
            format!("the spending {} is usually {said}; please check (EXEC)", yuan(*executed))
        }
    }
}
