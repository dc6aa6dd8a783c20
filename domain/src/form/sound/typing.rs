//! What an expression gives and what a condition may ask, told before there is any value.

use time::Date;
use time::macros::format_description;

use super::DefinitionFault;
use crate::form::{Condition, DEEPEST, Definition, Expression, Field, Kind, Test};

/// Which fields a name may mean: those of the row, if there is one, before those of the document.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The form.
    pub(super) definition: &'a Definition,
    /// The table whose row is being looked at.
    pub(super) rows: Option<&'a Field>,
}

impl<'a> Scope<'a> {
    /// The field that a name means here.
    pub(super) fn field(self, name: &str) -> Option<&'a Field> {
        let inner = self.rows.and_then(|rows| rows.fields.iter().find(|field| field.name == name));
        inner.or_else(|| self.definition.field(name))
    }

    /// The place of the field that a name means here.
    pub(super) fn place(self, name: &str) -> Option<String> {
        if let Some(rows) = self.rows
            && rows.fields.iter().any(|field| field.name == name)
        {
            return Some(format!("{}.{name}", rows.name));
        }
        self.definition.field(name).map(|field| field.name.clone())
    }

    /// The same form, in a row of a table.
    pub(super) fn inside(self, rows: &str) -> Option<Self> {
        let rows = self.definition.rows(rows)?;
        Some(Self { rows: Some(rows), ..self })
    }
}

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// A number.
    Number,
    /// A day.
    Day,
    /// Something with which nothing is calculated.
    Other,
}

/// A day as a definition writes it.
pub(super) fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// What an expression gives, with everything that is wrong in it; `None` where that cannot be told.
pub(super) fn expression(scope: Scope<'_>, tree: &Expression, faults: &mut Vec<DefinitionFault>) -> Option<Type> {
    if expression_deeper(tree, DEEPEST) {
        faults.push(DefinitionFault::TooDeep);
        return None;
    }
    typed(scope, tree, faults)
}

/// Tells what is wrong in a condition, but whether it can hold.
pub(super) fn condition(scope: Scope<'_>, tree: &Condition, faults: &mut Vec<DefinitionFault>) {
    if condition_deeper(tree, DEEPEST) {
        faults.push(DefinitionFault::TooDeep);
    } else {
        asked(scope, tree, faults);
    }
}

/// Whether an expression is nested deeper than so many levels. It goes no deeper itself.
pub(super) fn expression_deeper(tree: &Expression, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return true };
    tree.parts().into_iter().any(|part| expression_deeper(part, below))
        || tree.condition().is_some_and(|condition| condition_deeper(condition, below))
}

/// Whether a condition is nested deeper than so many levels.
pub(super) fn condition_deeper(tree: &Condition, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return true };
    match tree {
        Condition::All(all) | Condition::Any(all) => all.iter().any(|part| condition_deeper(part, below)),
        Condition::Not(part) => condition_deeper(part, below),
        Condition::AnyRow { when, .. } | Condition::EveryRow { when, .. } => condition_deeper(when, below),
        Condition::Value { value, test } => {
            expression_deeper(value, below) || test.other().is_some_and(|other| expression_deeper(other, below))
        }
        Condition::Unknown(_) => false,
    }
}

fn typed(scope: Scope<'_>, tree: &Expression, faults: &mut Vec<DefinitionFault>) -> Option<Type> {
    match tree {
        Expression::Field(name) => {
            let Some(field) = scope.field(name) else {
                faults.push(DefinitionFault::NoSuchField(name.clone()));
                return None;
            };
            match &field.kind {
                kind if kind.is_number() => Some(Type::Number),
                Kind::Day => Some(Type::Day),
                Kind::Unknown(_) => None,
                _ => Some(Type::Other),
            }
        }
        Expression::Day(text) => {
            if day(text).is_none() {
                faults.push(DefinitionFault::NotADay(text.clone()));
            }
            Some(Type::Day)
        }
        Expression::Number(_) | Expression::Rule(_) => Some(Type::Number),
        Expression::Total { rows, field, of } => {
            over_rows(scope, rows, of.as_deref(), faults);
            if let Some(table) = scope.definition.rows(rows) {
                match table.fields.iter().find(|inner| inner.name == *field) {
                    None => faults.push(DefinitionFault::NoSuchField(format!("{rows}.{field}"))),
                    Some(inner) if inner.kind.is_number() => {}
                    Some(inner) => faults.push(DefinitionFault::NotANumber(inner.title.clone())),
                }
            }
            Some(Type::Number)
        }
        Expression::Count { rows, of } => {
            over_rows(scope, rows, of.as_deref(), faults);
            Some(Type::Number)
        }
        Expression::Days(_) | Expression::WorkingDays(_) => {
            wanted(scope, tree, Type::Day, faults);
            Some(Type::Number)
        }
        Expression::If(parts) => {
            asked(scope, &parts.0, faults);
            let (then, other) = (typed(scope, &parts.1, faults), typed(scope, &parts.2, faults));
            if matches!((then, other), (Some(then), Some(other)) if then != other) {
                faults.push(DefinitionFault::Mixed);
            }
            then.or(other)
        }
        Expression::Unknown(_) => None,
        Expression::Sum(_)
        | Expression::SumGiven(_)
        | Expression::Difference(_)
        | Expression::Product(_)
        | Expression::Ratio(_)
        | Expression::Share(_)
        | Expression::Least(_)
        | Expression::Most(_) => {
            wanted(scope, tree, Type::Number, faults);
            Some(Type::Number)
        }
    }
}

/// Tells which parts of an operation are not of the type that it wants.
fn wanted(scope: Scope<'_>, tree: &Expression, wanted: Type, faults: &mut Vec<DefinitionFault>) {
    for part in tree.parts() {
        let found = typed(scope, part, faults);
        if found.is_some_and(|found| found != wanted) {
            let named = named(scope, part);
            let fault = if wanted == Type::Day { DefinitionFault::NotADay } else { DefinitionFault::NotANumber };
            faults.push(fault(named));
        }
    }
}

/// What a person calls a part: the field's title, or how it is written.
pub(super) fn named(scope: Scope<'_>, part: &Expression) -> String {
    match part {
        Expression::Field(name) => scope.field(name).map_or_else(|| name.clone(), |field| field.title.clone()),
        other => serde_json::Value::from(other.clone()).to_string(),
    }
}

fn over_rows(scope: Scope<'_>, rows: &str, of: Option<&Condition>, faults: &mut Vec<DefinitionFault>) {
    match (scope.inside(rows), of) {
        (None, _) => faults.push(DefinitionFault::NoSuchRows(rows.to_owned())),
        (Some(inside), Some(of)) => asked(inside, of, faults),
        (Some(_), None) => {}
    }
}

fn asked(scope: Scope<'_>, tree: &Condition, faults: &mut Vec<DefinitionFault>) {
    match tree {
        Condition::All(all) | Condition::Any(all) => all.iter().for_each(|part| asked(scope, part, faults)),
        Condition::Not(part) => asked(scope, part, faults),
        Condition::AnyRow { rows, when } | Condition::EveryRow { rows, when } => {
            over_rows(scope, rows, Some(when), faults);
        }
        Condition::Value { value, test } => tested(scope, value, test, faults),
        Condition::Unknown(_) => {}
    }
}

fn tested(scope: Scope<'_>, value: &Expression, test: &Test, faults: &mut Vec<DefinitionFault>) {
    let Some(found) = typed(scope, value, faults) else {
        if let Some(other) = test.other() {
            typed(scope, other, faults);
        }
        return;
    };
    if let Some(other) = test.other() {
        let with = typed(scope, other, faults);
        if found == Type::Other || with == Some(Type::Other) {
            let odd = if found == Type::Other { value } else { other };
            faults.push(DefinitionFault::TestDoesNotSuit(named(scope, odd)));
        } else if with.is_some_and(|with| with != found) {
            faults.push(DefinitionFault::Mixed);
        }
        return;
    }
    let words: Vec<&String> = match test {
        Test::Is(word) | Test::IsNot(word) | Test::Includes(word) => vec![word],
        Test::OneOf(words) => words.iter().collect(),
        _ => return,
    };
    let field = if let Expression::Field(name) = value { scope.field(name) } else { None };
    let suits = |field: &Field| match field.kind {
        Kind::AnyOf => matches!(test, Test::Includes(_)),
        Kind::Files | Kind::Rows | Kind::Day => false,
        ref kind => !kind.is_number() && !matches!(test, Test::Includes(_)),
    };
    match field {
        Some(field) if suits(field) => {
            let missing = words.into_iter().filter(|word| !may_be(field, word));
            faults.extend(
                missing
                    .map(|choice| DefinitionFault::NoSuchChoice { field: field.title.clone(), choice: choice.clone() }),
            );
        }
        _ => faults.push(DefinitionFault::TestDoesNotSuit(named(scope, value))),
    }
}

/// Whether a field can have a word as its value.
fn may_be(field: &Field, word: &str) -> bool {
    match field.kind {
        Kind::OneOf | Kind::AnyOf => field.choices.iter().any(|choice| choice.code == word),
        Kind::YesNo => matches!(word, "yes" | "no"),
        _ => !word.is_empty(),
    }
}
