//! Soundness: what is looked at before a form is published, so that no county meets a form that it cannot fill in, hand
//! on or count. Everything is told at once, each with its place.

mod circles;
mod fault;
mod fields;
mod flow;
mod holding;
mod layout;
mod problem;
mod typing;
mod unknown;

use std::collections::BTreeSet;

use super::{Consequence, Definition, Field, Kind, MOST_FIELDS, is_name};
use crate::reading;
pub use fault::DefinitionFault;
pub use problem::DefinitionProblem;
use typing::Scope;

/// The most decimals that a number is kept with.
const MOST_PLACES: u32 = 10;

impl Definition {
    /// What is wrong with it; nothing if it can be published.
    #[must_use]
    pub fn check(&self) -> Vec<DefinitionProblem> {
        let mut problems = Vec::new();
        self.check_identity(&mut problems);
        if self.places().count() > MOST_FIELDS {
            return problems;
        }
        fields::check(self, &mut problems);
        problems.extend(circles::find(self));
        self.check_checks(&mut problems);
        flow::check(&self.flow, &mut problems);
        layout::check(self, &mut problems);
        super::kept::check(self, &mut problems);
        super::ruled::check(self, &mut problems);
        problems.extend(self.unknown());
        problems
    }

    /// Words and operations in it that this program does not know: a newer program's, or mistakes.
    #[must_use]
    pub fn unknown(&self) -> Vec<DefinitionProblem> {
        unknown::words(self)
    }

    /// Reads the JSON of a draft with everything that is wrong with it, parts that this program has no place for
    /// among it.
    ///
    /// # Errors
    /// It is no JSON, or it lacks what every form has.
    pub fn drafted(body: &str) -> Result<(Self, Vec<DefinitionProblem>), serde_json::Error> {
        let (definition, mut problems) = read_whole(body)?;
        problems.extend(definition.check());
        Ok((definition, problems))
    }

    fn check_identity(&self, problems: &mut Vec<DefinitionProblem>) {
        let mut tell = |place: &str, fault| problems.push(DefinitionProblem::new(place, fault));
        if !is_name(&self.code) {
            tell("code", DefinitionFault::NotAName(self.code.clone()));
        }
        if self.title.trim().is_empty() {
            tell("title", DefinitionFault::NoTitle);
        }
        if matches!((self.years.from, self.years.to), (Some(from), Some(to)) if from > to) {
            tell("years", DefinitionFault::NoYears);
        }
        match self.places().count() {
            0 => tell("fields", DefinitionFault::NoFields),
            count if count > MOST_FIELDS => tell("fields", DefinitionFault::TooManyFields(count)),
            _ => {}
        }
    }

    fn check_checks(&self, problems: &mut Vec<DefinitionProblem>) {
        for name in twice(self.checks.iter().map(|check| check.name.as_str())) {
            problems.push(DefinitionProblem::new("checks", DefinitionFault::Twice(name)));
        }
        for check in &self.checks {
            let place = format!("checks.{}", check.name);
            let mut faults = Vec::new();
            if !is_name(&check.name) {
                faults.push(DefinitionFault::NotAName(check.name.clone()));
            }
            if check.says.trim().is_empty() {
                faults.push(DefinitionFault::SaysNothing);
            }
            let rows = self.rows(&check.each);
            if !check.each.is_empty() && rows.is_none() {
                faults.push(DefinitionFault::NoSuchRows(check.each.clone()));
            }
            let scope = Scope { definition: self, rows };
            if !check.at.is_empty() && scope.field(&check.at).is_none() {
                faults.push(DefinitionFault::NoSuchField(check.at.clone()));
            }
            typing::condition(scope, &check.when, &mut faults);
            if let Some(field) = holding::contradiction(scope, &check.when) {
                faults.push(DefinitionFault::NeverHolds(field));
            } else if holding::always(scope, &check.when) {
                faults.push(DefinitionFault::AlwaysHolds);
            }
            if check.then == Consequence::Reason && !scope.field(&check.reason).is_some_and(takes_a_reason) {
                faults.push(DefinitionFault::NoReason(check.reason.clone()));
            }
            problems.extend(faults.into_iter().map(|fault| DefinitionProblem::new(place.clone(), fault)));
        }
    }

    /// The table of this name.
    fn rows(&self, name: &str) -> Option<&Field> {
        self.field(name).filter(|field| field.kind == Kind::Rows)
    }
}

fn takes_a_reason(field: &Field) -> bool {
    matches!(field.kind, Kind::Line | Kind::Text) && field.is_typed()
}

/// The parts of a form's JSON that this program does not know, as places: a form with any of them is shown and not
/// filled in here.
///
/// # Errors
/// It is no JSON, or it lacks what every form has.
pub fn unknown_parts(body: &str) -> Result<Vec<String>, serde_json::Error> {
    let (definition, mut problems) = read_whole(body)?;
    problems.extend(definition.unknown());
    Ok(problems.into_iter().map(|problem| problem.place).collect())
}

/// The definition, and the parts that it has no place for.
fn read_whole(body: &str) -> Result<(Definition, Vec<DefinitionProblem>), serde_json::Error> {
    let read = reading::read::<Definition>(body)?;
    // Expressions and conditions have several ways of writing the same, and keep what they do not know themselves.
    let trees = ["derived", "when"];
    let parts = read.unknown.into_iter().filter(|path| !path.split('.').any(|part| trees.contains(&part)));
    let problems = parts.map(|path| DefinitionProblem::new(path, DefinitionFault::UnknownPart)).collect();
    Ok((read.value, problems))
}

/// The names that stand more than once, each told once.
fn twice<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(*name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
