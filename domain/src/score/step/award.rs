//! Steps that award points: the arithmetic of one line's score.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use super::{Relation, method_en, method_zh, plain};
use crate::lang::{Lang, Say};
use crate::rules::FormulaCode;

/// How a line's points come about (得分).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[allow(missing_docs, reason = "fields are the figures of the sentence that a variant's comment gives")]
pub enum Award {
    /// The target was met: full score.
    Met { actual: Decimal, relation: Relation, target: Decimal, score: Decimal, formula: FormulaCode },
    /// actual ÷ target × weight
    Proportion { actual: Decimal, target: Decimal, weight: Decimal, score: Decimal, formula: FormulaCode },
    /// target ÷ actual × weight
    InverseProportion { actual: Decimal, target: Decimal, weight: Decimal, score: Decimal, formula: FormulaCode },
    /// A negative actual: the proportion counts as zero.
    NegativeActual { actual: Decimal, target: Decimal, score: Decimal, formula: FormulaCode },
    /// actual ÷ target is below the pass threshold: nothing.
    BelowPass { actual: Decimal, target: Decimal, pass: Decimal, score: Decimal, formula: FormulaCode },
    /// The actual is below the floor: nothing.
    BelowFloor { actual: Decimal, floor: Decimal, score: Decimal, formula: FormulaCode },
    /// (actual − floor) ÷ (target − floor) × weight
    AboveFloor {
        actual: Decimal,
        target: Decimal,
        floor: Decimal,
        weight: Decimal,
        score: Decimal,
        formula: FormulaCode,
    },
    /// What must not happen happened: nothing.
    Occurred { actual: Decimal, score: Decimal, formula: FormulaCode },
    /// (1 − |actual − target| ÷ |target|) × weight
    Deviation { actual: Decimal, target: Decimal, weight: Decimal, score: Decimal, formula: FormulaCode },
    /// Deduction per started step.
    Deduction {
        gap: Decimal,
        step_size: Decimal,
        count: Decimal,
        cut: Decimal,
        weight: Decimal,
        score: Decimal,
        formula: FormulaCode,
    },
    /// weight × coefficient of a grade
    Graded {
        word: String,
        pct: Decimal,
        from: Decimal,
        to: Decimal,
        weight: Decimal,
        score: Decimal,
        formula: FormulaCode,
    },
    /// Yes or no, as wanted or not.
    Answered { text: String, wanted: bool, score: Decimal, formula: FormulaCode },
    /// A day and its deadline.
    Finished { actual: Date, target: Date, late_days: i64, score: Decimal, formula: FormulaCode },
}

impl Say for Award {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.chinese(),
            Lang::En => self.english(),
        }
    }
}

impl Award {
    fn chinese(&self) -> String {
        match self {
            Self::Met { actual, relation, target, score, formula } => format!(
                "完成值 {} {} 指标值 {}，达到，得满分 {score}{}",
                plain(actual),
                relation.sign(),
                plain(target),
                method_zh(*formula)
            ),
            Self::Proportion { actual, target, weight, score, formula } => format!(
                "完成值 {} ÷ 指标值 {} × 分值 {} = {score}{}",
                plain(actual),
                plain(target),
                plain(weight),
                method_zh(*formula)
            ),
            Self::InverseProportion { actual, target, weight, score, formula } => format!(
                "指标值 {} ÷ 完成值 {} × 分值 {} = {score}{}",
                plain(target),
                plain(actual),
                plain(weight),
                method_zh(*formula)
            ),
            Self::NegativeActual { actual, target, score, formula } => format!(
                "完成值 {} 为负（指标值 {}），完成比例按 0 计，得 {score}{}",
                plain(actual),
                plain(target),
                method_zh(*formula)
            ),
            Self::BelowPass { actual, target, pass, score, formula } => format!(
                "完成值 {} ÷ 指标值 {} 低于及格门槛 {} %，得 {score}{}",
                plain(actual),
                plain(target),
                plain(&pass.saturating_mul(Decimal::ONE_HUNDRED)),
                method_zh(*formula)
            ),
            Self::BelowFloor { actual, floor, score, formula } => {
                format!("完成值 {} 低于下限 {}，得 {score}{}", plain(actual), plain(floor), method_zh(*formula))
            }
            Self::AboveFloor { actual, target, floor, weight, score, formula } => format!(
                "（完成值 {} − 下限 {floor}）÷（指标值 {} − 下限 {floor}）× 分值 {} = {score}{}",
                plain(actual),
                plain(target),
                plain(weight),
                method_zh(*formula),
                floor = plain(floor)
            ),
            Self::Occurred { actual, score, formula } => {
                format!("指标值为 0，实际发生 {}，得 {score}{}", plain(actual), method_zh(*formula))
            }
            Self::Deviation { actual, target, weight, score, formula } => format!(
                "（1 − |完成值 {} − 指标值 {target}| ÷ |{target}|）× 分值 {} = {score}，最低 0 分{}",
                plain(actual),
                plain(weight),
                method_zh(*formula),
                target = plain(target)
            ),
            Self::Deduction { gap, step_size, count, cut, weight, score, formula } => format!(
                "与指标值相差 {}，每 {} 扣分值的 {cut} %（不足的按一步计），共 {count} 步：分值 {} ×(1 − {count} × {cut} %)= {score}，最低 0 分{}",
                plain(gap),
                plain(step_size),
                plain(weight),
                method_zh(*formula),
                cut = plain(cut),
                count = plain(count)
            ),
            Self::Graded { word, pct, from, to, weight, score, formula } => format!(
                "评定“{word}”（{} %—{} %），系数 {pct} %：分值 {} × {pct} % = {score}{}",
                plain(from),
                plain(to),
                plain(weight),
                method_zh(*formula),
                pct = plain(pct)
            ),
            Self::Answered { text, wanted: true, score, formula } => {
                format!("填报“{text}”，符合要求，得满分 {score}{}", method_zh(*formula))
            }
            Self::Answered { text, wanted: false, score, formula } => {
                format!("填报“{text}”，不符合要求，得 {score}{}", method_zh(*formula))
            }
            Self::Finished { actual, target, late_days: 0, score, formula } => {
                format!("完成日期 {actual} 不晚于规定的 {target}，得满分 {score}{}", method_zh(*formula))
            }
            Self::Finished { actual, target, late_days, score, formula } => {
                format!("完成日期 {actual} 比规定的 {target} 晚 {late_days} 天，得 {score}{}", method_zh(*formula))
            }
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Met { actual, relation, target, score, formula } => format!(
                "actual {} {} target {}: met, full score {score}{}",
                plain(actual),
                relation.sign(),
                plain(target),
                method_en(*formula)
            ),
            Self::Proportion { actual, target, weight, score, formula } => format!(
                "actual {} ÷ target {} × weight {} = {score}{}",
                plain(actual),
                plain(target),
                plain(weight),
                method_en(*formula)
            ),
            Self::InverseProportion { actual, target, weight, score, formula } => format!(
                "target {} ÷ actual {} × weight {} = {score}{}",
                plain(target),
                plain(actual),
                plain(weight),
                method_en(*formula)
            ),
            Self::NegativeActual { actual, target, score, formula } => format!(
                "actual {} is negative (target {}): the proportion counts as 0, score {score}{}",
                plain(actual),
                plain(target),
                method_en(*formula)
            ),
            Self::BelowPass { actual, target, pass, score, formula } => format!(
                "actual {} ÷ target {} is below the pass threshold {} %: score {score}{}",
                plain(actual),
                plain(target),
                plain(&pass.saturating_mul(Decimal::ONE_HUNDRED)),
                method_en(*formula)
            ),
            Self::BelowFloor { actual, floor, score, formula } => {
                format!(
                    "actual {} is below the floor {}: score {score}{}",
                    plain(actual),
                    plain(floor),
                    method_en(*formula)
                )
            }
            Self::AboveFloor { actual, target, floor, weight, score, formula } => format!(
                "(actual {} − floor {floor}) ÷ (target {} − floor {floor}) × weight {} = {score}{}",
                plain(actual),
                plain(target),
                plain(weight),
                method_en(*formula),
                floor = plain(floor)
            ),
            Self::Occurred { actual, score, formula } => {
                format!("the target is 0 and {} occurred: score {score}{}", plain(actual), method_en(*formula))
            }
            Self::Deviation { actual, target, weight, score, formula } => format!(
                "(1 − |actual {} − target {target}| ÷ |{target}|) × weight {} = {score}, at least 0{}",
                plain(actual),
                plain(weight),
                method_en(*formula),
                target = plain(target)
            ),
            Self::Deduction { gap, step_size, count, cut, weight, score, formula } => format!(
                "off the target by {}, each started {} costs {cut} % of the weight: weight {} × (1 − {count} × {cut} %) = {score}, at least 0{}",
                plain(gap),
                plain(step_size),
                plain(weight),
                method_en(*formula),
                cut = plain(cut),
                count = plain(count)
            ),
            Self::Graded { word, pct, from, to, weight, score, formula } => format!(
                "graded \"{word}\" ({}–{} %) at {pct} %: weight {} × {pct} % = {score}{}",
                plain(from),
                plain(to),
                plain(weight),
                method_en(*formula),
                pct = plain(pct)
            ),
            Self::Answered { text, wanted: true, score, formula } => {
                format!("\"{text}\" is as required: full score {score}{}", method_en(*formula))
            }
            Self::Answered { text, wanted: false, score, formula } => {
                format!("\"{text}\" is not as required: score {score}{}", method_en(*formula))
            }
            Self::Finished { actual, target, late_days: 0, score, formula } => {
                format!("finished {actual}, not after {target}: full score {score}{}", method_en(*formula))
            }
            Self::Finished { actual, target, late_days, score, formula } => {
                format!("finished {actual}, {late_days} days after {target}: score {score}{}", method_en(*formula))
            }
        }
    }
}
