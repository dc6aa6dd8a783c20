//! 怎么算的: a formula with the figures of a document put in.

use std::borrow::Cow;

use super::Speaker;
use crate::form::evaluate::{Calculation, Found, Within};
use crate::form::{
    Condition, Definition, Evaluated, Expression, Facts, Field, Kind, MoneyUnit, Place, Row, Value, shown,
};
use crate::lang::{Lang, Say};
use crate::thousands::marked;

/// The most parts of a total that are named; of more only the total is.
const NAMED: usize = 12;

/// The figures of a document, or of one of its rows.
pub(super) struct Figures<'a> {
    calculation: Calculation<'a>,
    within: Option<Within<'a>>,
    money: MoneyUnit,
}

impl Definition {
    /// How the value at a place came about: 88.60% = 487.30 ÷ 550.00 × 100%. Empty where nothing is derived. Amounts
    /// are in the unit of the sheet where the sum comes out in it too, and in yuan otherwise.
    #[must_use]
    pub fn worked(&self, place: &Place, evaluated: &Evaluated, facts: &Facts, lang: Lang) -> String {
        let outer = self.field(&place.field);
        let (rows, field) = match (outer, &place.inner) {
            (Some(rows), Some(inner)) => (Some(rows), rows.fields.iter().find(|field| field.name == *inner)),
            (field, _) => (None, field),
        };
        let Some((field, derived)) = field.and_then(|field| Some((field, field.derived.as_ref()?))) else {
            return String::new();
        };
        let within = rows.and_then(|rows| {
            let all = evaluated.values.get(&rows.name)?.rows()?;
            let row = all.iter().find(|row| place.row.as_ref() == Some(&row.id))?;
            Some(Within { rows, row })
        });
        let mut speaker = Speaker { definition: self, rows, lang, figures: None };
        let is_amount = i32::from(field.kind == Kind::Money);
        let money = if speaker.power(derived) == Some(is_amount) { self.layout.money.clone() } else { MoneyUnit::Yuan };
        let calculation = Calculation::new(self, facts, Cow::Borrowed(&evaluated.values));
        let figures = Figures { calculation, within, money };
        let result = match evaluated.at(place) {
            Some(value) => shown(field, value, &figures.money, lang),
            None => missing(lang).to_owned(),
        };
        let parts = figures.parts(self, derived, lang);
        speaker.figures = Some(figures);
        format!("{result} = {}", parts.unwrap_or_else(|| speaker.said(derived, 0).text))
    }
}

/// What stands for something that is missing.
pub(super) fn missing(lang: Lang) -> &'static str {
    lang.pick("（缺）", "(missing)")
}

impl Figures<'_> {
    /// The part of an alternative that was taken; `None` if that cannot be told.
    pub(super) fn taken<'e>(&self, parts: &'e (Condition, Expression, Expression)) -> Option<&'e Expression> {
        let (condition, then, other) = parts;
        Some(if self.calculation.holds(condition, self.within, 0)? { then } else { other })
    }

    /// The parts of a field that is nothing but a total over rows.
    fn parts(&self, definition: &Definition, derived: &Expression, lang: Lang) -> Option<String> {
        let Expression::Total { rows, field, of } = derived else { return None };
        let rows = definition.field(rows)?;
        let field = rows.fields.iter().find(|inner| inner.name == *field)?;
        let is_part = |row: &Row| match of {
            Some(of) => self.calculation.holds(of, Some(Within { rows, row }), 0) != Some(false),
            None => true,
        };
        let all = self.calculation.values.get(&rows.name)?.rows()?;
        let parts: Vec<String> = all
            .iter()
            .filter(|row| is_part(row))
            .map(|row| row.values.get(&field.name))
            .map(|value| value.map_or_else(|| missing(lang).to_owned(), |value| shown(field, value, &self.money, lang)))
            .collect();
        (1..=NAMED).contains(&parts.len()).then(|| parts.join(" + "))
    }

    /// What stands for a part of a formula that is not made of others; `None` for one that is.
    pub(super) fn of(&self, speaker: &Speaker<'_>, expression: &Expression) -> Option<String> {
        let field = match expression {
            Expression::Field(name) => speaker.named(name),
            Expression::Total { rows, field, .. } => speaker.inside(rows).named(field),
            Expression::Rule(path) => return Some(self.rule(path, speaker.lang)),
            Expression::Count { .. } | Expression::Days(_) | Expression::WorkingDays(_) => None,
            _ => return None,
        };
        let lang = speaker.lang;
        Some(match self.calculation.value(expression, self.within, 0) {
            None => missing(lang).to_owned(),
            Some(Found::Figure(figure)) => match (figure.decimal(), field) {
                (Some(number), Some(field)) => shown(field, &Value::Number(number), &self.money, lang),
                (Some(number), None) => marked(&number.normalize().to_string()),
                (None, _) => missing(lang).to_owned(),
            },
            Some(Found::Day(day)) => day.to_string(),
            Some(Found::Other(value)) => match field {
                Some(field) => shown(field, value, &self.money, lang),
                None => missing(lang).to_owned(),
            },
        })
    }
}

impl Figures<'_> {
    /// A number of the rules with where it comes from, or why there is none.
    fn rule(&self, path: &str, lang: Lang) -> String {
        match self.calculation.facts.rule(path) {
            Ok((number, rules)) => {
                let (number, key, release) = (marked(&number.normalize().to_string()), &rules.key, rules.release);
                let zh = format!("{number}（规则参数“{path}”，取自规则“{key}”第 {release} 版）");
                lang.pick(&zh, &format!("{number} (rule “{path}” of {key}, release {release})")).to_owned()
            }
            Err(why) => {
                let why = why.say(lang);
                let zh = format!("（缺规则参数“{path}”：{why}）");
                lang.pick(&zh, &format!("(no rule “{path}”: {why})")).to_owned()
            }
        }
    }
}

impl Speaker<'_> {
    /// How often an amount is a factor of an expression: 1 for a sum of amounts, 0 for their share; `None` where
    /// amounts and other numbers are mixed, so that it comes out in yuan only.
    fn power(&self, expression: &Expression) -> Option<i32> {
        let of_field = |field: Option<&Field>| field.map(|field| i32::from(field.kind == Kind::Money));
        let same = |all: &[&Expression]| {
            let mut powers = all.iter().map(|part| self.power(part));
            let first = powers.next()??;
            powers.all(|power| power == Some(first)).then_some(first)
        };
        match expression {
            Expression::Field(name) => of_field(self.named(name)),
            Expression::Total { rows, field, .. } => of_field(self.inside(rows).named(field)),
            Expression::Product(all) => all.iter().try_fold(0i32, |sum, part| sum.checked_add(self.power(part)?)),
            Expression::Ratio(two) | Expression::Share(two) => {
                let [one, other] = two.as_ref();
                self.power(one)?.checked_sub(self.power(other)?)
            }
            Expression::Sum(_)
            | Expression::SumGiven(_)
            | Expression::Difference(_)
            | Expression::Least(_)
            | Expression::Most(_)
            | Expression::If(_) => same(&expression.parts()),
            Expression::Unknown(_) => None,
            _ => Some(0),
        }
    }
}
