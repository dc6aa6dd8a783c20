//! Whether a condition can hold at all: field by field, by intervals of numbers and days and by sets of words. What it
//! cannot tell it takes for possible.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::typing::{self, Scope, condition_deeper, expression_deeper};
use crate::form::{Condition, DEEPEST, Expression, Kind, Test};

/// How many combinations of alternatives are tried before a condition is taken for possible.
const MOST_TRIES: u32 = 2_000;

/// What is asked for, and whether its opposite is meant.
type Asked<'a> = (&'a Condition, bool);

/// What people call the thing of which a condition asks what cannot be; `None` if it can hold.
pub(super) fn contradiction(scope: Scope<'_>, condition: &Condition) -> Option<String> {
    if condition_deeper(condition, DEEPEST) {
        return None;
    }
    impossible(scope, vec![(condition, true)]).or_else(|| in_parts(scope, condition))
}

/// A contradiction in a condition inside an expression.
pub(super) fn within(scope: Scope<'_>, tree: &Expression) -> Option<String> {
    if expression_deeper(tree, DEEPEST) {
        return None;
    }
    let inside = match tree {
        Expression::Total { rows, .. } | Expression::Count { rows, .. } => scope.inside(rows),
        _ => Some(scope),
    };
    let own = inside.zip(tree.condition()).and_then(|(inside, condition)| contradiction(inside, condition));
    own.or_else(|| tree.parts().into_iter().find_map(|part| within(scope, part)))
}

/// Whether a condition holds as soon as everything in it is there.
pub(super) fn always(scope: Scope<'_>, condition: &Condition) -> bool {
    !condition_deeper(condition, DEEPEST) && impossible(scope, vec![(condition, false)]).is_some()
}

/// A contradiction in one of several alternatives, or in a condition on rows.
fn in_parts(scope: Scope<'_>, condition: &Condition) -> Option<String> {
    match condition {
        Condition::All(all) => all.iter().find_map(|part| in_parts(scope, part)),
        Condition::Any(all) => all.iter().find_map(|part| contradiction(scope, part)),
        Condition::Not(part) => in_parts(scope, part),
        Condition::AnyRow { rows, when } | Condition::EveryRow { rows, when } => {
            contradiction(scope.inside(rows)?, when)
        }
        Condition::Value { value, .. } => within(scope, value),
        Condition::Unknown(_) => None,
    }
}

fn impossible(scope: Scope<'_>, asked: Vec<Asked<'_>>) -> Option<String> {
    let mut tries = MOST_TRIES;
    attempt(scope, asked, &[], &mut tries)
}

/// Tries to have everything that is asked at once; the name of what is in the way if it cannot be.
fn attempt<'a>(
    scope: Scope<'a>,
    mut asked: Vec<Asked<'a>>,
    known: &[(&'a Expression, Limits)],
    tries: &mut u32,
) -> Option<String> {
    *tries = tries.checked_sub(1)?;
    let mut known = known.to_vec();
    let mut alternatives: Vec<Asked<'a>> = Vec::new();
    while let Some((condition, meant)) = asked.pop() {
        match condition {
            Condition::Not(part) => asked.push((part, !meant)),
            Condition::All(all) if meant => asked.extend(all.iter().map(|part| (part, true))),
            Condition::Any(any) if !meant => asked.extend(any.iter().map(|part| (part, false))),
            Condition::All(_) | Condition::Any(_) => alternatives.push((condition, meant)),
            Condition::Value { value, test } => {
                let at = known.iter().position(|(known, _)| *known == value).unwrap_or(known.len());
                if at == known.len() {
                    known.push((value, Limits::of(scope, value)));
                }
                let (_, limits) = known.get_mut(at)?;
                limits.narrow(test, meant);
                if !limits.possible() {
                    return Some(typing::named(scope, value));
                }
            }
            Condition::AnyRow { .. } | Condition::EveryRow { .. } | Condition::Unknown(_) => {}
        }
    }
    let (condition, meant) = alternatives.pop()?;
    let (Condition::All(parts) | Condition::Any(parts)) = condition else { return None };
    let mut blamed = None;
    for part in parts {
        let mut next = alternatives.clone();
        next.push((part, meant));
        blamed = Some(attempt(scope, next, &known, tries)?);
    }
    blamed
}

/// What is left for a value by what is asked of it.
#[derive(Debug, Clone, Default)]
struct Limits {
    present: Option<bool>,
    /// The lower end, and whether it is left out.
    least: Option<(Decimal, bool)>,
    /// The upper end, and whether it is left out.
    most: Option<(Decimal, bool)>,
    /// Numbers that it is not.
    not: Vec<Decimal>,
    /// There is nothing between two neighbours: whole numbers and days.
    whole: bool,
    /// The only words that it may be.
    words: Option<BTreeSet<String>>,
    /// Words that it is not.
    not_words: BTreeSet<String>,
    /// Choices that are among its own.
    with: BTreeSet<String>,
    /// Choices that are not.
    without: BTreeSet<String>,
    /// Present and missing at once.
    both: bool,
}

impl Limits {
    /// What a value may be before anything is asked: a typed number keeps to its limits.
    fn of(scope: Scope<'_>, value: &Expression) -> Self {
        let field = if let Expression::Field(name) = value { scope.field(name) } else { None };
        let Some(field) = field else { return Self::default() };
        let typed = field.derived.is_none() && field.from.is_empty();
        let end = |limit: Option<Decimal>| limit.filter(|_| typed).map(|limit| (limit, false));
        Self {
            least: end(field.least),
            most: end(field.most),
            whole: matches!(field.kind, Kind::Whole | Kind::Day),
            words: match field.kind {
                Kind::OneOf => Some(field.choices.iter().map(|choice| choice.code.clone()).collect()),
                Kind::YesNo => Some(["yes", "no"].map(str::to_owned).into()),
                _ => None,
            },
            ..Self::default()
        }
    }

    fn be_present(&mut self, present: bool) {
        self.both |= self.present.is_some_and(|before| before != present);
        self.present = Some(present);
    }

    /// Asks that a test is passed, or that it is failed: what is missing does neither.
    fn narrow(&mut self, test: &Test, meant: bool) {
        if let Test::Present(present) = test {
            self.be_present(*present == meant);
            return;
        }
        self.be_present(true);
        match test {
            Test::Is(word) => self.word([word], meant),
            Test::IsNot(word) => self.word([word], !meant),
            Test::OneOf(words) => self.word(words, meant),
            Test::Includes(word) => {
                let set = if meant { &mut self.with } else { &mut self.without };
                set.insert(word.clone());
            }
            _ => {}
        }
        let Some(other) = test.other().and_then(constant) else { return };
        match (test, meant) {
            (Test::Above(_), true) | (Test::AtMost(_), false) => self.from(other, true),
            (Test::AtLeast(_), true) | (Test::Below(_), false) => self.from(other, false),
            (Test::Below(_), true) | (Test::AtLeast(_), false) => self.to(other, true),
            (Test::AtMost(_), true) | (Test::Above(_), false) => self.to(other, false),
            (Test::Equals(_), true) | (Test::Differs(_), false) => {
                self.from(other, false);
                self.to(other, false);
            }
            _ => self.not.push(other),
        }
    }

    fn word<'a>(&mut self, words: impl IntoIterator<Item = &'a String>, meant: bool) {
        let asked: BTreeSet<String> = words.into_iter().cloned().collect();
        if !meant {
            self.not_words.extend(asked);
        } else if let Some(left) = &mut self.words {
            left.retain(|word| asked.contains(word));
        } else {
            self.words = Some(asked);
        }
    }

    fn from(&mut self, end: Decimal, open: bool) {
        self.least = Some(self.least.map_or((end, open), |before| before.max((end, open))));
    }

    fn to(&mut self, end: Decimal, open: bool) {
        // Of two equal upper ends the one that is left out leaves less.
        let tighter = |before: (Decimal, bool)| if (end, !open) < (before.0, !before.1) { (end, open) } else { before };
        self.most = Some(self.most.map_or((end, open), tighter));
    }

    fn possible(&self) -> bool {
        let words = self.words.as_ref().is_none_or(|words| words.iter().any(|word| !self.not_words.contains(word)));
        !self.both && words && self.with.is_disjoint(&self.without) && self.has_number()
    }

    /// Whether a number is left between the ends.
    fn has_number(&self) -> bool {
        let (Some(least), Some(most)) = (self.least, self.most) else { return true };
        let (least, most) = if self.whole { (first_whole(least), last_whole(most)) } else { (least, most) };
        match least.0.cmp(&most.0) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => !least.1 && !most.1 && !self.not.contains(&least.0),
            std::cmp::Ordering::Greater => false,
        }
    }
}

fn first_whole((end, open): (Decimal, bool)) -> (Decimal, bool) {
    if !open {
        return (end.ceil(), false);
    }
    end.floor().checked_add(Decimal::ONE).map_or((end, open), |next| (next, false))
}

fn last_whole((end, open): (Decimal, bool)) -> (Decimal, bool) {
    if !open {
        return (end.floor(), false);
    }
    end.ceil().checked_sub(Decimal::ONE).map_or((end, open), |next| (next, false))
}

/// A number, or a day as the number of days before it.
fn constant(tree: &Expression) -> Option<Decimal> {
    match tree {
        Expression::Number(number) => Some(*number),
        Expression::Day(text) => typing::day(text).map(|day| Decimal::from(day.to_julian_day())),
        _ => None,
    }
}
