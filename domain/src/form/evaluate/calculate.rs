//! What an expression gives and whether a condition holds, for a document or one of its rows. What needs something that
//! is missing is missing, and a condition about it cannot be told.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;

use super::found::{Found, passes};
use super::{Facts, Figure};
use crate::form::{Condition, DEEPEST, Definition, Expression, Field, Kind, Row, Test, Value, Values};
use crate::number::read_date;

/// The most nodes that are looked at for one document. Rows within conditions on rows multiply; a definition that asks
/// for more than this gets no answer instead of an endless one.
const MOST_STEPS: u64 = 20_000_000;

/// The row that is being calculated.
#[derive(Clone, Copy)]
pub(in crate::form) struct Within<'a> {
    /// The rows.
    pub(in crate::form) rows: &'a Field,
    /// The one of them.
    pub(in crate::form) row: &'a Row,
}

/// A document in the course of its calculation.
pub(in crate::form) struct Calculation<'a> {
    pub(super) definition: &'a Definition,
    pub(in crate::form) facts: &'a Facts,
    /// What is known so far.
    pub(in crate::form) values: Cow<'a, Values>,
    steps: Cell<u64>,
    /// The most nodes that are looked at.
    pub(super) most_steps: u64,
}

impl<'a> Calculation<'a> {
    pub(in crate::form) fn new(definition: &'a Definition, facts: &'a Facts, values: Cow<'a, Values>) -> Self {
        Self { definition, facts, values, steps: Cell::new(0), most_steps: MOST_STEPS }
    }

    /// One level deeper; `None` where a tree is too deep, or all that may be looked at was.
    fn deeper(&self, depth: usize) -> Option<usize> {
        let steps = self.steps.get();
        self.steps.set(steps.saturating_add(1));
        (depth < DEEPEST && steps < self.most_steps).then(|| depth.saturating_add(1))
    }

    /// The rows of this name; none where they are missing.
    fn rows(&self, name: &str) -> Option<(&'a Field, &[Row])> {
        let field = self.definition.field(name).filter(|field| field.kind == Kind::Rows)?;
        Some((field, self.values.get(name).and_then(Value::rows).unwrap_or_default()))
    }

    /// What a name means: the row's own field first, also where it is missing there, and then the document's.
    fn named<'s>(&'s self, name: &str, within: Option<Within<'s>>) -> Option<&'s Value> {
        match within {
            Some(within) if within.rows.fields.iter().any(|field| field.name == name) => within.row.values.get(name),
            _ => self.values.get(name),
        }
    }

    /// What an expression gives; `depth` is how deep it stands.
    pub(in crate::form) fn value<'s>(
        &'s self,
        expression: &Expression,
        within: Option<Within<'s>>,
        depth: usize,
    ) -> Option<Found<'s>> {
        let depth = self.deeper(depth)?;
        let day = |part: &Expression| match self.value(part, within, depth)? {
            Found::Day(day) => Some(day),
            _ => None,
        };
        let figure = match expression {
            Expression::Field(name) => return Some(Found::from(self.named(name, within)?)),
            Expression::Day(text) => return read_date(text.trim()).map(Found::Day),
            Expression::Least(all) => return self.extreme(all, within, depth, Ordering::Less),
            Expression::Most(all) => return self.extreme(all, within, depth, Ordering::Greater),
            Expression::If(parts) => {
                let (condition, then, other) = parts.as_ref();
                let taken = if self.holds(condition, within, depth)? { then } else { other };
                return self.value(taken, within, depth);
            }
            Expression::Number(number) => Figure::from(*number),
            Expression::Rule(path) => Figure::from(self.facts.rule(path).ok()?.0),
            Expression::Total { rows, field, of } => self.total(rows, field, of.as_deref(), depth)?,
            Expression::Count { rows, of } => Figure::whole(self.count(rows, of.as_deref(), depth)?),
            Expression::Days(two) => {
                let [from, to] = two.as_ref();
                let (from, to) = (day(from)?, day(to)?);
                Figure::whole((to - from).whole_days())
            }
            Expression::WorkingDays(two) => {
                let [from, to] = two.as_ref();
                let (from, to) = (day(from)?, day(to)?);
                Figure::whole(self.facts.calendar.working_days(from, to)?)
            }
            Expression::Sum(_)
            | Expression::SumGiven(_)
            | Expression::Product(_)
            | Expression::Difference(_)
            | Expression::Ratio(_)
            | Expression::Share(_) => self.arithmetic(expression, within, depth)?,
            Expression::Unknown(_) => return None,
        };
        Some(Found::Figure(figure))
    }

    fn figure(&self, expression: &Expression, within: Option<Within<'_>>, depth: usize) -> Option<Figure> {
        match self.value(expression, within, depth)? {
            Found::Figure(figure) => Some(figure),
            _ => None,
        }
    }

    fn arithmetic(&self, expression: &Expression, within: Option<Within<'_>>, depth: usize) -> Option<Figure> {
        let figure = |part: &Expression| self.figure(part, within, depth);
        let both = |two: &[Expression; 2]| {
            let [one, other] = two;
            Some((figure(one)?, figure(other)?))
        };
        match expression {
            Expression::Sum(all) => all.iter().try_fold(Figure::ZERO, |sum, part| sum.plus(figure(part)?)),
            Expression::SumGiven(all) => {
                let mut given = all.iter().filter_map(figure).peekable();
                given.peek()?;
                given.try_fold(Figure::ZERO, Figure::plus)
            }
            Expression::Product(all) => {
                all.iter().try_fold(Figure::whole(1), |product, part| product.times(figure(part)?))
            }
            Expression::Difference(two) => both(two).and_then(|(one, other)| one.less(other)),
            Expression::Ratio(two) => both(two).and_then(|(one, other)| one.over(other)),
            Expression::Share(two) => both(two).and_then(|(one, other)| one.over(other)?.times(Figure::whole(100))),
            _ => None,
        }
    }

    fn extreme<'s>(
        &'s self,
        all: &[Expression],
        within: Option<Within<'s>>,
        depth: usize,
        wanted: Ordering,
    ) -> Option<Found<'s>> {
        let mut found = all.iter().map(|part| self.value(part, within, depth));
        let first = found.next()??;
        first.compared(first)?;
        found.try_fold(first, |best, next| {
            let next = next?;
            Some(if next.compared(best)? == wanted { next } else { best })
        })
    }

    fn total(&self, rows: &str, field: &str, of: Option<&Condition>, depth: usize) -> Option<Figure> {
        let (definition, rows) = self.rows(rows)?;
        if rows.is_empty() {
            return None;
        }
        let mut sum = Figure::ZERO;
        for row in rows {
            if self.is_of(of, Within { rows: definition, row }, depth)? {
                sum = sum.plus(Figure::from(row.values.get(field)?.number()?))?;
            }
        }
        Some(sum)
    }

    fn count(&self, rows: &str, of: Option<&Condition>, depth: usize) -> Option<i64> {
        let (definition, rows) = self.rows(rows)?;
        rows.iter().try_fold(0i64, |count, row| {
            count.checked_add(self.is_of(of, Within { rows: definition, row }, depth)?.into())
        })
    }

    /// Whether a row is one of those that a total or a count is of: each is without a condition.
    fn is_of(&self, of: Option<&Condition>, within: Within<'_>, depth: usize) -> Option<bool> {
        self.deeper(0)?;
        of.map_or(Some(true), |of| self.holds(of, Some(within), depth))
    }

    /// Whether a condition holds; `None` if it cannot be told. Of all, one that does not hold is enough to tell; of
    /// any, one that holds.
    pub(in crate::form) fn holds(
        &self,
        condition: &Condition,
        within: Option<Within<'_>>,
        depth: usize,
    ) -> Option<bool> {
        let depth = self.deeper(depth)?;
        match condition {
            Condition::All(all) => every(all.iter().map(|one| self.holds(one, within, depth))),
            Condition::Any(any) => some(any.iter().map(|one| self.holds(one, within, depth))),
            Condition::Not(not) => self.holds(not, within, depth).map(|holds| !holds),
            Condition::AnyRow { rows, when } => some(self.each_row(rows, when, depth)),
            Condition::EveryRow { rows, when } => {
                let mut each = self.each_row(rows, when, depth).peekable();
                each.peek()?;
                every(each)
            }
            Condition::Value { value, test: Test::Present(there) } => {
                Some(self.value(value, within, depth).is_some() == *there)
            }
            Condition::Value { value, test } => {
                let found = self.value(value, within, depth)?;
                let other = test.other().map(|other| self.value(other, within, depth));
                passes(found, test, other.flatten())
            }
            Condition::Unknown(_) => None,
        }
    }

    fn each_row(&self, rows: &str, when: &Condition, depth: usize) -> impl Iterator<Item = Option<bool>> {
        let found = self.rows(rows);
        let definition = found.map(|(definition, _)| definition);
        let rows = found.map(|(_, rows)| rows).unwrap_or_default();
        rows.iter().map(move |row| {
            let within = definition.map(|rows| Within { rows, row });
            self.holds(when, within, depth)
        })
    }
}

/// Whether every one holds; one that does not is enough to tell.
fn every(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut told = Some(true);
    for holds in each {
        match holds {
            Some(false) => return Some(false),
            Some(true) => {}
            None => told = None,
        }
    }
    told
}

/// Whether one at least holds.
pub(super) fn some(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    every(each.map(|holds| holds.map(|holds| !holds))).map(|none| !none)
}
