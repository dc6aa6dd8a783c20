//! What a month's report must be, wherever it comes from: a page, a file or another system. Each fault says how it
//! should be: to who fills in a form, and as what is expected in a cell.

use super::{Observation, spent_until};
use crate::intake::Words;
use crate::lang::{Lang, Say};
use crate::money::{Amount, Fen};
use crate::number::NumberProblem;

/// The longest note, characters.
pub const LONGEST_NOTE: usize = 500;
/// The longest value of a line, characters.
pub const LONGEST_VALUE: usize = 200;

/// What is wrong with a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is no amount.
    AmountMissing,
    /// The amount is none.
    Amount(NumberProblem),
    /// 期初 is below zero.
    OpeningNegative,
    /// The note has so many characters.
    NoteLong(usize),
    /// Money came back, and nobody says why.
    NoteMissing,
    /// A value is too long.
    ValueLong,
    /// All months together cannot be told.
    SumTooLarge,
    /// All months together are this.
    SumNegative(Fen),
}

/// What is wrong with 本月支出.
#[must_use]
pub fn amount(amount: &Amount) -> Option<Fault> {
    if amount.is_missing() {
        return Some(Fault::AmountMissing);
    }
    amount.problem().copied().map(Fault::Amount)
}

/// What is wrong with 期初.
#[must_use]
pub fn opening(opening: &Amount) -> Option<Fault> {
    let negative = opening.fen().is_some_and(|fen| fen < Fen::ZERO);
    amount(opening).or(negative.then_some(Fault::OpeningNegative))
}

/// What is wrong with a note, beside the spending of its month.
#[must_use]
pub fn note(note: &str, spent: &Amount) -> Option<Fault> {
    let length = note.chars().count();
    if length > LONGEST_NOTE {
        return Some(Fault::NoteLong(length));
    }
    let came_back = spent.fen().is_some_and(|fen| fen < Fen::ZERO);
    (note.is_empty() && came_back).then_some(Fault::NoteMissing)
}

/// What is wrong with the value of a line.
#[must_use]
pub fn value(value: &str) -> Option<Fault> {
    (value.chars().count() > LONGEST_VALUE).then_some(Fault::ValueLong)
}

/// What is wrong with opening and all months together.
#[must_use]
pub fn total<'a>(all: impl IntoIterator<Item = &'a Observation>) -> Option<Fault> {
    match spent_until(all, 12) {
        None => Some(Fault::SumTooLarge),
        Some(sum) if sum < Fen::ZERO => Some(Fault::SumNegative(sum)),
        Some(_) => None,
    }
}

impl Say for Fault {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::AmountMissing => (
                "请填写；没有的填 0（空着不等于 0）".to_owned(),
                "give an amount; 0 for nothing (a blank is not 0)".to_owned(),
            ),
            Self::Amount(problem) => (
                format!("{}；应为以元为单位的一个金额，如 12345.67 或 1.2万", problem.say(Lang::Zh)),
                format!("{}; it should be one amount in yuan, such as 12345.67", problem.say(Lang::En)),
            ),
            Self::OpeningNegative => ("期初不能是负数".to_owned(), "the opening cannot be negative".to_owned()),
            Self::NoteLong(length) => (
                format!("说明有 {length} 字，最多 {LONGEST_NOTE} 字；请压缩，或作为佐证材料附上"),
                format!("{length} characters; {LONGEST_NOTE} at most"),
            ),
            Self::NoteMissing => {
                ("本月支出是负数，请在这里写明退回或冲销的原因".to_owned(), "say here why money came back".to_owned())
            }
            Self::ValueLong => (
                "过长；请只写完成值，其余写在说明里".to_owned(),
                "too long: the value alone, the rest into the note".to_owned(),
            ),
            Self::SumTooLarge => (
                "各月合计超出可表示的范围，请核对金额单位".to_owned(),
                "all months together are too large; check the unit".to_owned(),
            ),
            Self::SumNegative(sum) => (
                format!("期初加各月支出合计为 {sum} 元，不能是负数；请核对退回、冲销的金额"),
                format!("opening and months add up to {sum}, which cannot be negative"),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

impl Fault {
    /// What is expected in the place of it.
    #[must_use]
    pub fn expected(&self) -> Words {
        match self {
            Self::AmountMissing => {
                Words::new("以元为单位的金额；没有的填 0（空着不等于 0）", "an amount in yuan; 0 for nothing")
            }
            Self::Amount(problem) => Words::new(
                format!("以元为单位的一个金额，如 12345.67 或 1.2万（{}）", problem.say(Lang::Zh)),
                format!("one amount in yuan, such as 12345.67 ({})", problem.say(Lang::En)),
            ),
            Self::OpeningNegative => {
                Words::new("不小于 0 的金额；期初不能是负数", "an amount from 0: the opening cannot be negative")
            }
            Self::NoteLong(length) => Words::new(
                format!("不超过 {LONGEST_NOTE} 字的说明（现有 {length} 字）"),
                format!("a note of at most {LONGEST_NOTE} characters (there are {length})"),
            ),
            Self::NoteMissing => Words::new(
                "退回或冲销的原因：本月支出是负数时必须写明",
                "why money came back: it must be said where spending is negative",
            ),
            Self::ValueLong => Words::new(
                format!("不超过 {LONGEST_VALUE} 字的完成值，其余写在说明里"),
                format!("a value of at most {LONGEST_VALUE} characters, the rest in the note"),
            ),
            Self::SumTooLarge => Words::new(
                "期初和各月的金额，合计不超出可表示的范围；请核对金额单位",
                "amounts that add up to less; check the unit",
            ),
            Self::SumNegative(sum) => Words::new(
                format!("期初加各月支出合计不小于 0 的金额（现合计为 {sum} 元）；请核对退回、冲销的金额"),
                format!("amounts that add up to 0 or more (they add up to {sum})"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An amount must be one, the opening not below zero, and money that came back needs a reason.
    #[test]
    fn what_is_wrong() {
        let of = Amount::parse;
        assert_eq!(amount(&of("1.2万")), None);
        assert_eq!(amount(&of(" ")), Some(Fault::AmountMissing));
        assert!(matches!(amount(&of("约3万")), Some(Fault::Amount(_))));
        assert_eq!((amount(&of("-5")), opening(&of("-5"))), (None, Some(Fault::OpeningNegative)));
        assert_eq!((note("", &of("-5")), note("退回", &of("-5"))), (Some(Fault::NoteMissing), None));
        assert_eq!((note("", &of("5")), note(&"字".repeat(500), &of("5"))), (None, None));
        assert_eq!(note(&"字".repeat(501), &of("5")), Some(Fault::NoteLong(501)));
        assert_eq!((value(&"9".repeat(200)), value(&"9".repeat(201))), (None, Some(Fault::ValueLong)));
        assert!(Fault::SumNegative(Fen(-5)).expected().zh.contains("-0.05"));
    }
}
