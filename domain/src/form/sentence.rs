//! 计算公式与校验语句: what a derived field, a condition and a check say, as a sentence with the titles of fields and the
//! texts of choices; codes are for programs. [`Definition::worked`] puts the figures in, for whoever asks 怎么算的.

mod formula;
#[cfg(test)]
mod tests;
mod worked;

use super::shown::amount;
use super::{Check, Condition, DEEPEST, Definition, Expression, Field, Kind, Test};
use crate::lang::Lang;
use formula::Binding;
use worked::Figures;

/// Whoever says something of a form: where it stands, in which language, and with figures instead of titles or not.
struct Speaker<'a> {
    definition: &'a Definition,
    rows: Option<&'a Field>,
    lang: Lang,
    figures: Option<Figures<'a>>,
}

impl Definition {
    /// A derived field as a formula: 支付率 = 已支付合计 ÷ 本季下达资金 × 100%. Empty for any other field.
    #[must_use]
    pub fn formula(&self, field: &Field, lang: Lang) -> String {
        let Some(derived) = &field.derived else { return String::new() };
        let speaker = Speaker { definition: self, rows: self.rows_of(field), lang, figures: None };
        format!("{} = {}", field.called(lang), speaker.said(derived, 0).text)
    }

    /// A condition as a sentence, in the document or in a row of the rows of this name.
    #[must_use]
    pub fn clause(&self, condition: &Condition, rows: Option<&str>, lang: Lang) -> String {
        let rows = rows.and_then(|rows| self.field(rows));
        Speaker { definition: self, rows, lang, figures: None }.clause(condition, 0)
    }

    /// A check as a sentence: when what holds, what follows.
    #[must_use]
    pub fn sentence(&self, check: &Check, lang: Lang) -> String {
        let rows = self.field(&check.each);
        let speaker = Speaker { definition: self, rows, lang, figures: None };
        let (clause, then) = (speaker.clause(&check.when, 0), check.then.text(lang));
        match (rows, lang) {
            (None, Lang::Zh) => format!("{clause}时，{then}"),
            (Some(rows), Lang::Zh) => format!("“{}”逐行检查：{clause}时，{then}", rows.called(lang)),
            (None, Lang::En) => format!("when {clause}: {then}"),
            (Some(rows), Lang::En) => format!("for each of {}, when {clause}: {then}", rows.called(lang)),
        }
    }

    /// The rows that a field of this definition stands in.
    fn rows_of(&self, field: &Field) -> Option<&Field> {
        let is_it = |inner: &Field| std::ptr::eq(inner, field);
        let rows = self.fields.iter().find(|rows| rows.fields.iter().any(is_it));
        if rows.is_some() || self.fields.contains(field) {
            return rows;
        }
        self.fields.iter().find(|rows| rows.fields.contains(field))
    }
}

impl<'a> Speaker<'a> {
    /// The field that a name means here.
    fn named(&self, name: &str) -> Option<&'a Field> {
        let own = self.rows.and_then(|rows| rows.fields.iter().find(|field| field.name == name));
        own.or_else(|| self.definition.field(name))
    }

    /// What a field is called; its name only if there is none.
    fn title(&self, name: &str) -> String {
        self.named(name).map_or_else(|| name.to_owned(), |field| field.called(self.lang).to_owned())
    }

    /// Whoever speaks of a row of other rows. What figures are in them is not one figure.
    fn inside(&self, rows: &str) -> Self {
        Self { definition: self.definition, rows: self.definition.field(rows), lang: self.lang, figures: None }
    }

    fn clause(&self, condition: &Condition, depth: usize) -> String {
        if depth >= DEEPEST {
            return "…".to_owned();
        }
        let depth = depth.saturating_add(1);
        let zh = self.lang == Lang::Zh;
        let part = |one: &Condition| {
            let text = self.clause(one, depth);
            let is_list = matches!(one, Condition::All(all) | Condition::Any(all) if all.len() > 1);
            match is_list {
                true if zh => format!("（{text}）"),
                true => format!("({text})"),
                false => text,
            }
        };
        let list = |all: &[Condition], between: &str| all.iter().map(part).collect::<Vec<_>>().join(between);
        let of_row = |rows: &str, when: &Condition| self.inside(rows).clause(when, depth);
        match condition {
            Condition::All(all) => list(all, self.lang.pick("，且", " and ")),
            Condition::Any(any) => list(any, self.lang.pick("，或", " or ")),
            Condition::Not(not) if zh => format!("并非（{}）", self.clause(not, depth)),
            Condition::Not(not) => format!("not ({})", self.clause(not, depth)),
            Condition::AnyRow { rows, when } if zh => {
                format!("“{}”中至少有一行（{}）", self.title(rows), of_row(rows, when))
            }
            Condition::AnyRow { rows, when } => {
                format!("at least one of {} has {}", self.title(rows), of_row(rows, when))
            }
            Condition::EveryRow { rows, when } if zh => {
                format!("“{}”的每一行都（{}）", self.title(rows), of_row(rows, when))
            }
            Condition::EveryRow { rows, when } => format!("each of {} has {}", self.title(rows), of_row(rows, when)),
            Condition::Value { value, test } => self.test(value, test, depth),
            Condition::Unknown(_) => {
                self.lang.pick("（本程序不认识的条件）", "(a condition not known here)").to_owned()
            }
        }
    }

    fn test(&self, value: &Expression, test: &Test, depth: usize) -> String {
        let subject = self.bound(value, Binding::Sum, depth);
        let quoted = |word: &str| format!("“{}”", self.word(value, word));
        let all = |words: &[String]| words.iter().map(|word| quoted(word)).collect::<Vec<_>>();
        let lang = self.lang;
        match test {
            Test::Is(word) => format!("{subject}{}{}", lang.pick("为", " is "), quoted(word)),
            Test::IsNot(word) => format!("{subject}{}{}", lang.pick("不为", " is not "), quoted(word)),
            Test::OneOf(words) if lang == Lang::Zh => format!("{subject}为{}之一", all(words).join("、")),
            Test::OneOf(words) => format!("{subject} is one of {}", all(words).join(", ")),
            Test::Includes(word) => format!("{subject}{}{}", lang.pick("包含", " includes "), quoted(word)),
            Test::Present(true) => format!("{subject}{}", lang.pick("已填写", " is given")),
            Test::Present(false) => format!("{subject}{}", lang.pick("未填写", " is missing")),
            _ => {
                let other = test.other().map(|other| self.operand(value, other, depth)).unwrap_or_default();
                let compares = self.compares(test, self.is_day(value));
                if lang == Lang::Zh {
                    format!("{subject}{compares}{other}")
                } else {
                    format!("{subject} {compares} {other}")
                }
            }
        }
    }

    fn compares(&self, test: &Test, days: bool) -> &'static str {
        let pick = |zh: &'static str, zh_days, en, en_days| match (self.lang, days) {
            (Lang::Zh, false) => zh,
            (Lang::Zh, true) => zh_days,
            (Lang::En, false) => en,
            (Lang::En, true) => en_days,
        };
        match test {
            Test::Above(_) => pick("大于", "晚于", "is above", "is after"),
            Test::AtLeast(_) => pick("不小于", "不早于", "is at least", "is not before"),
            Test::Below(_) => pick("小于", "早于", "is below", "is before"),
            Test::AtMost(_) => pick("不大于", "不晚于", "is at most", "is not after"),
            Test::Differs(_) => pick("不等于", "不是", "differs from", "is not"),
            _ => pick("等于", "是", "equals", "is"),
        }
    }

    fn is_day(&self, value: &Expression) -> bool {
        match value {
            Expression::Field(name) => self.named(name).is_some_and(|field| field.kind == Kind::Day),
            Expression::Day(_) => true,
            Expression::Least(all) | Expression::Most(all) => all.iter().all(|part| self.is_day(part)),
            _ => false,
        }
    }

    /// What people read for a word that a value is tested for.
    fn word(&self, value: &Expression, word: &str) -> String {
        let field = if let Expression::Field(name) = value { self.named(name) } else { None };
        match (field.map(|field| &field.kind), word) {
            (Some(Kind::YesNo), "yes") => self.lang.pick("是", "yes").to_owned(),
            (Some(Kind::YesNo), "no") => self.lang.pick("否", "no").to_owned(),
            _ => field.map_or(word, |field| field.choice_text(word)).to_owned(),
        }
    }

    /// What a value is compared with: a number has the unit of the value.
    fn operand(&self, value: &Expression, other: &Expression, depth: usize) -> String {
        let Expression::Number(number) = other else { return self.bound(other, Binding::Sum, depth) };
        let plain = number.normalize();
        match value {
            Expression::Share(_) => format!("{plain}%"),
            Expression::Field(name) | Expression::Total { field: name, .. } => {
                let rows = if let Expression::Total { rows, .. } = value { self.inside(rows).rows } else { None };
                let own = rows.and_then(|rows| rows.fields.iter().find(|field| field.name == *name));
                match own.or_else(|| self.named(name)) {
                    Some(field) if field.kind == Kind::Percent => format!("{plain}%"),
                    Some(field) if field.kind == Kind::Money => {
                        let unit = &self.definition.layout.money;
                        format!("{} {}", amount(plain, unit), unit.text(self.lang))
                    }
                    Some(field) if !field.unit.is_empty() => format!("{plain} {}", field.unit),
                    _ => plain.to_string(),
                }
            }
            _ => plain.to_string(),
        }
    }
}
