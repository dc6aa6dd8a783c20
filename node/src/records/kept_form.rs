//! The forms of records that the program keeps itself, as they are in force: as the program ships them, or as the city
//! has published them since.

use std::collections::BTreeMap;

use tongpin_domain::form::{Definition, Facts, Field, Given};
use tongpin_domain::intake::Asked;
use tongpin_store::{Store, StoreError};

use crate::guidance::forms::{FormInForce, facts, kept};
use crate::records::checked::Checked;

/// Such a form, with what its calculations need.
#[derive(Debug, Clone)]
pub(crate) struct KeptForm {
    form: FormInForce,
    facts: Facts,
}

impl KeptForm {
    /// Reads the one that takes the place of a form as it is shipped.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn load(store: &Store, shipped: &'static Definition) -> Result<Self, StoreError> {
        let form = kept(store, shipped).await?;
        Ok(Self { facts: facts(store, [&form.definition]).await?, form })
    }

    /// As the program ships it.
    #[cfg(test)]
    pub(crate) fn shipped(shipped: &'static Definition) -> Self {
        let form = FormInForce { definition: shipped.clone(), unknown: Vec::new(), published: None };
        Self { form, facts: Facts::default() }
    }

    /// What it asks.
    pub(crate) fn definition(&self) -> &Definition {
        &self.form.definition
    }

    /// Its parts that this program does not know: then nothing is changed by it.
    pub(crate) fn unknown(&self) -> &[String] {
        &self.form.unknown
    }

    /// The release that it was published in; none where it is as the program ships it.
    pub(crate) fn release(&self) -> Option<u64> {
        self.form.published.as_ref().map(|(_, release)| *release)
    }

    /// What is looked at of what was given, over what was given before: what a release asked that is no longer in force
    /// here, or takes from elsewhere since, is kept and not looked at.
    pub(crate) fn known(
        &self,
        given: &BTreeMap<String, Given>,
        before: &BTreeMap<String, Given>,
    ) -> BTreeMap<String, Given> {
        let known = given.iter().filter(|(name, given)| {
            let field = self.definition().field(name);
            field.is_some_and(|field| field.is_given() || before.get(*name) != Some(*given))
        });
        known.map(|(name, given)| (name.clone(), given.clone())).collect()
    }

    /// What is kept of it in a record of its own: what could be read as its kind is written, all else as it was given.
    pub(crate) fn kept(&self, checked: &Checked, given: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
        let definition = self.definition();
        let mut kept = definition.canonical(&checked.reading.values, given);
        let unread = checked.reading.problems.iter().map(|problem| problem.place.field.as_str());
        let unknown = given.keys().map(String::as_str);
        let unknown = unknown.filter(|name| !definition.field(name).is_some_and(Field::is_given));
        for name in unread.chain(unknown) {
            kept.extend(given.get(name).map(|given| (name.to_owned(), given.clone())));
        }
        kept
    }

    /// What it is calculated with.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What it asks of the rows of a file.
    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked::new(&self.form.definition, &self.facts)
    }
}

/// What tables are read by: the forms of projects, of their indicators, and of months.
#[derive(Debug, Clone)]
pub(crate) struct RecordForms {
    /// 项目信息
    pub(crate) projects: KeptForm,
    /// 项目绩效指标
    pub(crate) lines: KeptForm,
    /// 按月填报
    pub(crate) months: KeptForm,
}

impl RecordForms {
    /// Reads them.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let projects = kept(store, Definition::of_projects()).await?;
        let lines = kept(store, Definition::of_lines()).await?;
        let months = kept(store, Definition::of_months()).await?;
        let facts = facts(store, [&projects, &lines, &months].map(|form| &form.definition)).await?;
        let form = |form| KeptForm { form, facts: facts.clone() };
        Ok(Self { projects: form(projects), lines: form(lines), months: form(months) })
    }

    /// As the program ships them.
    #[cfg(test)]
    pub(crate) fn shipped() -> Self {
        Self {
            projects: KeptForm::shipped(Definition::of_projects()),
            lines: KeptForm::shipped(Definition::of_lines()),
            months: KeptForm::shipped(Definition::of_months()),
        }
    }
}
