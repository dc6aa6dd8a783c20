//! What the form of goals makes of what was typed: what is wrong with it, and how it is kept.

use std::collections::BTreeMap;

use tongpin_domain::form::{Consequence, Definition, Given, Place};
use tongpin_domain::goal::Goal;
use tongpin_domain::intake::Words;
use tongpin_domain::project::Project;
use tongpin_store::{Store, StoreError};

use crate::records::checked::Checked;
use crate::records::kept_form::KeptForm;

/// The form of goals that is in force, with what its calculations need.
#[derive(Debug, Clone)]
pub(crate) struct GoalForm(KeptForm);

impl GoalForm {
    /// Reads it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        Ok(Self(KeptForm::load(store, Definition::of_goals()).await?))
    }

    /// As the program ships it.
    #[cfg(test)]
    pub(crate) fn shipped() -> Self {
        Self(KeptForm::shipped(Definition::of_goals()))
    }

    /// What it asks.
    pub(crate) fn definition(&self) -> &Definition {
        self.0.definition()
    }

    /// Its parts that this program does not know: then nothing is changed by it.
    pub(crate) fn unknown(&self) -> &[String] {
        self.0.unknown()
    }

    /// The release that it was published in; none where it is as the program ships it.
    pub(crate) fn release(&self) -> Option<u64> {
        self.0.release()
    }

    /// What was typed for a project, read and calculated. `before` is what was held.
    pub(crate) fn checked(
        &self,
        project: &Project,
        given: &BTreeMap<String, Given>,
        before: &BTreeMap<String, Given>,
    ) -> Checked {
        let definition = self.definition();
        // What a release asked that is no longer in force here is kept, and not looked at.
        let known = |given: &BTreeMap<String, Given>| {
            let known = given.iter().filter(|(name, _)| definition.field(name).is_some());
            known.map(|(name, given)| (name.clone(), given.clone())).collect::<BTreeMap<_, _>>()
        };
        Checked::of(definition, &known(given), &known(before), definition.filled_from(project), self.0.facts())
    }

    /// The goal as it is kept: what could be read as its kind is written, all else as it was given.
    pub(crate) fn goal(&self, code: &str, checked: &Checked, given: &BTreeMap<String, Given>) -> Goal {
        let definition = self.definition();
        let mut kept = definition.canonical(&checked.reading.values, given);
        let unread = checked.reading.problems.iter().map(|problem| problem.place.field.as_str());
        let unknown = given.keys().map(String::as_str).filter(|name| definition.field(name).is_none());
        for name in unread.chain(unknown) {
            kept.extend(given.get(name).map(|given| (name.to_owned(), given.clone())));
        }
        Goal { project_code: code.to_owned(), given: kept }
    }

    /// What was typed into the field of a role; empty where the form has none.
    pub(crate) fn text<'a>(&self, role: &str, goal: &'a Goal) -> &'a str {
        self.definition().role(role).map_or("", |field| goal.text(&field.name))
    }
}

/// What keeps a goal from being kept, by field, each with how it should be: what cannot be read, and what contradicts
/// the rest. What is missing can wait.
pub(crate) fn faults(checked: &Checked) -> Vec<(String, Words)> {
    let unread = checked.reading.problems.iter().map(|problem| (problem.place.field.clone(), problem.fault.expected()));
    let blocks = |then: &Consequence| matches!(then, Consequence::Block | Consequence::Unknown(_));
    let found = checked.evaluated.findings.iter().filter(|finding| blocks(&finding.then)).map(|finding| {
        let place = finding.place.as_ref().map_or_else(String::new, |place: &Place| place.field.clone());
        let says = finding.says.trim_end_matches('。');
        (place, Words::new(says, says))
    });
    unread.chain(found).collect()
}
