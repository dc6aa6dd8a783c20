//! Steps that say why a line has no score, and what to do about it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Side, method_en, method_zh, plain};
use crate::lang::{Lang, Say};
use crate::rules::{FormulaCode, ParamsError};

/// Why a line has no points (未得出分数的原因).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[allow(missing_docs, reason = "fields are the figures of the sentence that a variant's comment gives")]
pub enum Obstacle {
    /// A value is blank.
    Missing { side: Side },
    /// A grade has no coefficient.
    MissingGrade { word: String },
    /// Not one number: to a person.
    NotANumber { side: Side, text: String },
    /// Not one day: to a person.
    NotADate { side: Side, text: String },
    /// Not a grade of the rule set: to a person.
    GradeUnknown { text: String, known: Vec<String> },
    /// The coefficient lies outside the grade's band: to a person.
    GradeOutside { word: String, pct: Decimal, from: Decimal, to: Decimal },
    /// Neither yes nor no: to a person.
    NotAnAnswer { text: String },
    /// Not met, and the target gives no proportion: to a person.
    NotMet { actual: Decimal, target: Decimal, formula: FormulaCode },
    /// Figures too large to calculate with: to a person.
    OutOfRange,
    /// The method isn't in the rule set: to a person.
    MethodUnknown { method: String },
    /// The parameters can't be read: to a person.
    ParamsWrong { error: ParamsError },
    /// A parameter is missing or doesn't fit the rule set: to a person.
    ParamMissing { name: String, formula: FormulaCode },
    /// The weight is negative.
    NegativeWeight { weight: Decimal },
    /// The nature judges in one direction and the method in another: to a person.
    NatureContradicts { nature: String, formula: FormulaCode },
    /// The method forbids what the target allows: to a person.
    ZeroToleranceOf { target: Decimal, formula: FormulaCode },
    /// The value has another unit than the line: to a person.
    UnitDiffers { side: Side, text: String, unit: String },
    /// The value and the unit both say 万: to a person.
    UnitDoubled { side: Side, text: String, unit: String },
    /// Probably a fraction where percent is the unit: to a person.
    FractionForPercent { side: Side, value: Decimal, percent: Decimal },
    /// Target, actual and floor of a satisfaction are not on one scale: to a person.
    ScaleUnclear { actual: Decimal, target: Decimal, formula: FormulaCode },
}

impl Say for Obstacle {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.chinese(),
            Lang::En => self.english(),
        }
    }
}

impl Obstacle {
    fn chinese(&self) -> String {
        match self {
            Self::Missing { side: which } => format!("{}没有填报：不按 0 计，请补填", which.chinese()),
            Self::MissingGrade { word } => format!("评定“{word}”没有给出系数：不按 0 计，请补填"),
            Self::NotANumber { side: which, text } => {
                format!("{}“{}”不是一个确定的数，转人工复核，原文保留", which.chinese(), text.trim())
            }
            Self::NotADate { side: which, text } => {
                format!("{}“{}”不是一个确定的日期，转人工复核，原文保留", which.chinese(), text.trim())
            }
            Self::GradeUnknown { text, known } => {
                format!("评定“{text}”不在“{}”之中，转人工复核，原文保留", known.join("、"))
            }
            Self::GradeOutside { word, pct, from, to } => {
                format!("系数 {} % 不在“{word}”的范围（{} %—{} %）内，转人工复核", plain(pct), plain(from), plain(to))
            }
            Self::NotAnAnswer { text } => format!("完成值“{text}”看不出是还是否，转人工复核，原文保留"),
            Self::NotMet { actual, target, formula } => format!(
                "完成值 {} 没有达到指标值 {}，不能按比例计分，由评审人员按偏离程度评定{}",
                plain(actual),
                plain(target),
                method_zh(*formula)
            ),
            Self::OutOfRange => "数值过大，无法计算，转人工复核".to_owned(),
            Self::MethodUnknown { method } if method.is_empty() => "没有填写赋分方法，转人工复核".to_owned(),
            Self::MethodUnknown { method } => format!("计分规则里没有“{method}”这种赋分方法，转人工复核"),
            Self::ParamsWrong { error } => format!("赋分参数读不出来：{}，转人工复核", error.say(Lang::Zh)),
            Self::ParamMissing { name, formula } => {
                format!("赋分参数 {name} 没有给出或与计分规则对不上，转人工复核{}", method_zh(*formula))
            }
            Self::NegativeWeight { weight } => format!("分值 {} 是负数，请更正", plain(weight)),
            Self::NatureContradicts { nature, formula } => format!(
                "指标性质“{nature}”与赋分方法“{} {formula}”矛盾，转人工复核；请核对是性质还是方法填错了",
                formula.chinese()
            ),
            Self::ZeroToleranceOf { target, formula } => format!(
                "指标值 {} 允许发生，赋分方法“{} {formula}”却一次也不允许，互相矛盾，转人工复核",
                plain(target),
                formula.chinese()
            ),
            Self::UnitDiffers { side: which, text, unit } => format!(
                "{}“{}”的单位与本指标的度量单位“{unit}”不一致，不能换算，转人工复核，原文保留",
                which.chinese(),
                text.trim()
            ),
            Self::UnitDoubled { side: which, text, unit } => format!(
                "{}“{}”已带数量级，度量单位“{unit}”也带，看不出指多少，转人工复核，原文保留",
                which.chinese(),
                text.trim()
            ),
            Self::FractionForPercent { side: which, value, percent } => format!(
                "度量单位是百分数，{}却是 {value}，可能是电子表格里的 {percent} %，转人工复核；确为 {value} % 的，请写成“{value}%”",
                which.chinese(),
                value = plain(value),
                percent = plain(percent)
            ),
            Self::ScaleUnclear { actual, target, formula } => format!(
                "完成值 {}、指标值 {} 和满意度下限不是同一个分制（百分制、十分制或五分制），转人工复核{}",
                plain(actual),
                plain(target),
                method_zh(*formula)
            ),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Missing { side: which } => {
                format!("the {} is blank: that is not zero, please fill it in", which.english())
            }
            Self::MissingGrade { word } => {
                format!("\"{word}\" has no coefficient: that is not zero, please fill it in")
            }
            Self::NotANumber { side: which, text } => {
                format!(
                    "the {} \"{}\" is not one number: to be reviewed, kept as written",
                    which.english(),
                    text.trim()
                )
            }
            Self::NotADate { side: which, text } => {
                format!("the {} \"{}\" is not one day: to be reviewed, kept as written", which.english(), text.trim())
            }
            Self::GradeUnknown { text, known } => {
                format!("\"{text}\" is none of the grades {}: to be reviewed, kept as written", known.join(", "))
            }
            Self::GradeOutside { word, pct, from, to } => {
                format!("{} % lies outside \"{word}\" ({}–{} %): to be reviewed", plain(pct), plain(from), plain(to))
            }
            Self::NotAnAnswer { text } => {
                format!("the actual \"{text}\" is neither yes nor no: to be reviewed, kept as written")
            }
            Self::NotMet { actual, target, formula } => format!(
                "actual {} does not meet target {}, which gives no proportion: a reviewer judges the deviation{}",
                plain(actual),
                plain(target),
                method_en(*formula)
            ),
            Self::OutOfRange => "the figures are too large to calculate with: to be reviewed".to_owned(),
            Self::MethodUnknown { method } if method.is_empty() => {
                "no scoring method is given: to be reviewed".to_owned()
            }
            Self::MethodUnknown { method } => format!("the rules know no scoring method \"{method}\": to be reviewed"),
            Self::ParamsWrong { error } => {
                format!("the parameters cannot be read ({}): to be reviewed", error.say(Lang::En))
            }
            Self::ParamMissing { name, formula } => {
                format!("parameter {name} is missing or does not fit the rules: to be reviewed{}", method_en(*formula))
            }
            Self::NegativeWeight { weight } => format!("the weight {} is negative: please correct it", plain(weight)),
            Self::NatureContradicts { nature, formula } => format!(
                "the nature \"{nature}\" contradicts the method {formula}: to be reviewed; correct whichever is wrong"
            ),
            Self::ZeroToleranceOf { target, formula } => format!(
                "the target {} allows what the method {formula} forbids altogether: to be reviewed",
                plain(target)
            ),
            Self::UnitDiffers { side: which, text, unit } => format!(
                "the {} \"{}\" has another unit than the line's \"{unit}\" and cannot be converted: to be reviewed, kept as written",
                which.english(),
                text.trim()
            ),
            Self::UnitDoubled { side: which, text, unit } => format!(
                "the {} \"{}\" and the unit \"{unit}\" both say how many thousands: to be reviewed, kept as written",
                which.english(),
                text.trim()
            ),
            Self::FractionForPercent { side: which, value, percent } => format!(
                "the unit is percent but the {} is {value}, perhaps a spreadsheet's {percent} %: to be reviewed; if it is {value} %, write \"{value}%\"",
                which.english(),
                value = plain(value),
                percent = plain(percent)
            ),
            Self::ScaleUnclear { actual, target, formula } => format!(
                "actual {}, target {} and the floor are not on one scale (of 100, 10 or 5): to be reviewed{}",
                plain(actual),
                plain(target),
                method_en(*formula)
            ),
        }
    }
}
