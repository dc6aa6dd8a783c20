//! Circles: fields that follow from one another, or that are asked only because of one another.

use std::collections::BTreeMap;

use super::typing::{Scope, condition_deeper, expression_deeper};
use super::{DefinitionFault, DefinitionProblem};
use crate::form::{Condition, DEEPEST, Definition, Expression, Field};

/// What each field needs, by place.
type Needs = BTreeMap<String, Vec<String>>;

/// Every circle once, told at the field at which it is met first.
pub(super) fn find(definition: &Definition) -> Vec<DefinitionProblem> {
    let mut needs = Needs::new();
    let mut problems = Vec::new();
    let mut order = Vec::new();
    for (place, field, rows) in every(definition) {
        let scope = Scope { definition, rows };
        // What stands in a table is asked only where the table is.
        let mut found: Vec<String> = rows.map(|rows| rows.name.clone()).into_iter().collect();
        if let Some(when) = field.when.as_ref().filter(|when| !condition_deeper(when, DEEPEST)) {
            of_condition(scope, when, &mut found);
            if found.contains(&place) {
                let at = format!("fields.{place}");
                problems.push(DefinitionProblem::new(at, DefinitionFault::WhenItself));
                found.retain(|needed| *needed != place);
            }
        }
        if let Some(derived) = field.derived.as_ref().filter(|derived| !expression_deeper(derived, DEEPEST)) {
            of_expression(scope, derived, &mut found);
        }
        order.push(place.clone());
        needs.insert(place, found);
    }
    let mut done = BTreeMap::new();
    for place in &order {
        for circle in walk(place, &needs, &mut done) {
            let named = circle.iter().map(|place| title(definition, place)).collect();
            let at = format!("fields.{}", circle.first().map_or(place.as_str(), String::as_str));
            problems.push(DefinitionProblem::new(at, DefinitionFault::Circle(named)));
        }
    }
    problems
}

fn every(definition: &Definition) -> Vec<(String, &Field, Option<&Field>)> {
    let mut all = Vec::new();
    for field in &definition.fields {
        all.push((field.name.clone(), field, None));
        all.extend(field.fields.iter().map(|inner| (format!("{}.{}", field.name, inner.name), inner, Some(field))));
    }
    all
}

fn title(definition: &Definition, place: &str) -> String {
    definition.field_at(place).map_or_else(|| place.to_owned(), |field| field.title.clone())
}

/// Goes along what is needed from one field, without recursion: a form may have hundreds of fields in a line. Circles
/// are returned with their first place again at the end.
fn walk<'a>(start: &'a str, needs: &'a Needs, done: &mut BTreeMap<&'a str, bool>) -> Vec<Vec<String>> {
    let mut circles = Vec::new();
    if done.contains_key(start) {
        return circles;
    }
    let next_of = |place: &str| needs.get(place).map(Vec::as_slice).unwrap_or_default().iter();
    let mut path = vec![(start, next_of(start))];
    done.insert(start, false);
    while let Some((place, rest)) = path.last_mut() {
        let Some(needed) = rest.next() else {
            done.insert(place, true);
            path.pop();
            continue;
        };
        match done.get(needed.as_str()) {
            Some(true) => {}
            Some(false) => {
                let circle = path.iter().map(|(place, _)| *place).skip_while(|place| *place != needed.as_str());
                circles.push(circle.chain([needed.as_str()]).map(str::to_owned).collect());
            }
            None => {
                done.insert(needed, false);
                path.push((needed, next_of(needed)));
            }
        }
    }
    circles
}

fn of_expression(scope: Scope<'_>, tree: &Expression, needs: &mut Vec<String>) {
    match tree {
        Expression::Field(name) => needs.extend(scope.place(name)),
        Expression::Total { rows, field, .. } => needs.extend([rows.clone(), format!("{rows}.{field}")]),
        Expression::Count { rows, .. } => needs.push(rows.clone()),
        _ => {}
    }
    let rows = match tree {
        Expression::Total { rows, .. } | Expression::Count { rows, .. } => scope.inside(rows),
        _ => Some(scope),
    };
    if let (Some(inside), Some(condition)) = (rows, tree.condition()) {
        of_condition(inside, condition, needs);
    }
    tree.parts().into_iter().for_each(|part| of_expression(scope, part, needs));
}

fn of_condition(scope: Scope<'_>, tree: &Condition, needs: &mut Vec<String>) {
    match tree {
        Condition::All(all) | Condition::Any(all) => all.iter().for_each(|part| of_condition(scope, part, needs)),
        Condition::Not(part) => of_condition(scope, part, needs),
        Condition::AnyRow { rows, when } | Condition::EveryRow { rows, when } => {
            needs.push(rows.clone());
            if let Some(inside) = scope.inside(rows) {
                of_condition(inside, when, needs);
            }
        }
        Condition::Value { value, test } => {
            of_expression(scope, value, needs);
            if let Some(other) = test.other() {
                of_expression(scope, other, needs);
            }
        }
        Condition::Unknown(_) => {}
    }
}
