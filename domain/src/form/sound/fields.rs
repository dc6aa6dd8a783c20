//! Fields on their own, and what each follows from.

use super::typing::{self, Scope, Type};
use super::{DefinitionFault, DefinitionProblem, MOST_PLACES, holding, twice};
use crate::form::{Choice, Definition, Field, FlowLevel, Kind, Leaving, is_name};

/// Looks at every field.
pub(super) fn check(definition: &Definition, problems: &mut Vec<DefinitionProblem>) {
    for name in twice(definition.fields.iter().map(|field| field.name.as_str())) {
        problems.push(DefinitionProblem::new("fields", DefinitionFault::Twice(name)));
    }
    for field in &definition.fields {
        let place = format!("fields.{}", field.name);
        for name in twice(field.fields.iter().map(|inner| inner.name.as_str())) {
            problems.push(DefinitionProblem::new(place.clone(), DefinitionFault::Twice(name)));
        }
        one(Scope { definition, rows: None }, &place, field, problems);
        for inner in &field.fields {
            let place = format!("{place}.{}", inner.name);
            if !inner.kind.fits_rows() {
                problems.push(DefinitionProblem::new(place.clone(), DefinitionFault::NotInRows(inner.kind.clone())));
            }
            one(Scope { definition, rows: Some(field) }, &place, inner, problems);
        }
    }
}

fn one(scope: Scope<'_>, place: &str, field: &Field, problems: &mut Vec<DefinitionProblem>) {
    let mut faults = Vec::new();
    if !is_name(&field.name) {
        faults.push(DefinitionFault::NotAName(field.name.clone()));
    }
    if field.title.trim().is_empty() {
        faults.push(DefinitionFault::NoTitle);
    }
    if field.kind == Kind::Rows && field.fields.is_empty() {
        faults.push(DefinitionFault::RowsWithoutFields);
    } else if field.kind != Kind::Rows && !field.fields.is_empty() {
        faults.push(DefinitionFault::FieldsWithoutRows);
    }
    if field.is_described_elsewhere() && scope.definition.kept_as.is_none() {
        faults.push(DefinitionFault::OfOnOther);
    }
    choices(field, &mut faults);
    limits(field, &mut faults);
    origin(scope, field, &mut faults);
    if let Some(when) = &field.when {
        typing::condition(scope, when, &mut faults);
        faults.extend(holding::contradiction(scope, when).map(DefinitionFault::NeverHolds));
    }
    let states = &scope.definition.flow;
    let unknown = field.fill.iter().filter(|name| states.state(name).is_none());
    faults.extend(unknown.map(|name| DefinitionFault::NoSuchState(name.clone())));
    above(scope, field, &mut faults);
    leaving(field, &mut faults);
    problems.extend(faults.into_iter().map(|fault| DefinitionProblem::new(place, fault)));
}

/// Whether the county can fill in what it is asked for: what it writes travels down with its verdict, and no file does.
fn above(scope: Scope<'_>, field: &Field, faults: &mut Vec<DefinitionFault>) {
    if !scope.definition.is_ever_filled(scope.rows, field) {
        faults.push(DefinitionFault::NobodyFills);
    }
    let table = scope.rows.is_some_and(|rows| rows.level == Some(FlowLevel::County));
    if table && field.level == Some(FlowLevel::Keeper) {
        faults.push(DefinitionFault::ColumnBelow);
    }
    if field.kind == Kind::Files && field.level == Some(FlowLevel::County) {
        faults.push(DefinitionFault::FilesAbove);
    }
}

fn choices(field: &Field, faults: &mut Vec<DefinitionFault>) {
    let chosen = matches!(field.kind, Kind::OneOf | Kind::AnyOf);
    if chosen && field.choices.iter().all(|choice| choice.retired) {
        faults.push(DefinitionFault::NoChoices);
    } else if !chosen && !field.choices.is_empty() {
        faults.push(DefinitionFault::ChoicesOnOther);
    }
    let codes = field.choices.iter().map(|choice| choice.code.as_str());
    faults.extend(twice(codes).into_iter().map(DefinitionFault::Twice));
    let bad = field.choices.iter().filter(|choice| !is_choice(choice));
    faults.extend(bad.map(|choice| DefinitionFault::BadChoice(choice.code.clone())));
}

/// Whether its code can stand in a list of codes, and somebody can read it.
fn is_choice(choice: &Choice) -> bool {
    let separates = |c: char| c.is_whitespace() || c.is_control() || "、，,；;|".contains(c);
    !choice.code.is_empty() && !choice.code.contains(separates) && !choice.text.trim().is_empty()
}

fn limits(field: &Field, faults: &mut Vec<DefinitionFault>) {
    if matches!((field.least, field.most), (Some(least), Some(most)) if least > most) {
        faults.push(DefinitionFault::LeastAboveMost);
    }
    if !field.kind.is_number() && (field.least.is_some() || field.most.is_some() || field.places.is_some()) {
        faults.push(DefinitionFault::LimitsOnOther);
    }
    faults.extend(field.places.filter(|places| *places > MOST_PLACES).map(DefinitionFault::TooManyPlaces));
    if field.longest == Some(0) {
        faults.push(DefinitionFault::LongestZero);
    }
}

/// Where its value comes from, if nobody types it.
fn origin(scope: Scope<'_>, field: &Field, faults: &mut Vec<DefinitionFault>) {
    if !field.from.is_empty() {
        if !field.from.split_once('.').is_some_and(|(subject, name)| is_name(subject) && is_name(name)) {
            faults.push(DefinitionFault::BadFrom(field.from.clone()));
        }
        if field.derived.is_some() {
            faults.push(DefinitionFault::DerivedAndFrom);
        }
    }
    let Some(derived) = &field.derived else { return };
    if field.required {
        faults.push(DefinitionFault::DerivedRequired);
    }
    let result = typing::expression(scope, derived, faults);
    let suits = match &result {
        Some(Type::Number) => field.kind.is_number(),
        Some(Type::Day) => field.kind == Kind::Day,
        Some(Type::Other) => false,
        None => field.kind.is_number() || field.kind == Kind::Day,
    };
    if !suits {
        faults.push(DefinitionFault::DerivedKind(field.kind.clone()));
    }
    faults.extend(holding::within(scope, derived).map(DefinitionFault::NeverHolds));
}

fn leaving(field: &Field, faults: &mut Vec<DefinitionFault>) {
    if field.personal && !field.leaves.is_empty() {
        faults.push(DefinitionFault::PersonalLeaves);
    }
    for leaving in &field.leaves {
        let suits = match leaving {
            Leaving::Sum | Leaving::Weigh | Leaving::Histogram => field.kind.is_number(),
            Leaving::Group => matches!(
                field.kind,
                Kind::OneOf
                    | Kind::AnyOf
                    | Kind::YesNo
                    | Kind::Month
                    | Kind::Region
                    | Kind::Organisation
                    | Kind::Entry
                    | Kind::Code
            ),
            Leaving::Count | Leaving::Unknown(_) => true,
        };
        if !suits {
            faults.push(DefinitionFault::LeavingDoesNotSuit(leaving.clone(), field.kind.clone()));
        }
    }
}
