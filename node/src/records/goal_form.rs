//! What the form of goals makes of what was typed: what is wrong with it, and how it is kept.

use std::collections::BTreeMap;

use tongpin_domain::form::{Definition, Given};
use tongpin_domain::project::Project;
use tongpin_domain::project_form::ProjectForm;
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
        let (given, before) = (self.0.known(given, before), self.0.known(before, before));
        let facts = self.0.facts().of_year(Some(project.fiscal_year));
        Checked::of(definition, &given, &before, definition.filled_from(project), &facts)
    }

    /// The goal as it is kept: what could be read as its kind is written, all else as it was given.
    pub(crate) fn goal(&self, code: &str, checked: &Checked, given: &BTreeMap<String, Given>) -> ProjectForm {
        ProjectForm { project_code: code.to_owned(), given: self.0.kept(checked, given) }
    }
}
