//! What was filled in by a form, read and calculated.

use std::collections::BTreeMap;

use tongpin_domain::form::{self, Definition, Evaluated, Facts, Reading};

/// A document's content, read and calculated.
pub(crate) struct Checked {
    /// As it was typed and read.
    pub(crate) reading: Reading,
    /// What follows from it.
    pub(crate) evaluated: Evaluated,
    /// What it was calculated with.
    pub(crate) facts: Facts,
}

impl Checked {
    /// Reads and calculates. `filled` is what comes from elsewhere and nobody types.
    pub(crate) fn of(
        definition: &Definition,
        given: &BTreeMap<String, form::Given>,
        before: &BTreeMap<String, form::Given>,
        filled: form::Values,
        facts: &Facts,
    ) -> Self {
        let reading = definition.read_kept(given, before);
        let mut values = reading.values.clone();
        values.extend(filled);
        let mut evaluated = definition.evaluate(&values, facts);
        // What another level fills in is not missing here.
        let elsewhere = |place: &form::Place| {
            let name = place.inner.as_ref().map_or(place.field.clone(), |inner| format!("{}.{inner}", place.field));
            let level = definition.field_at(&name).and_then(|field| field.level.as_ref());
            level.is_some_and(|level| *level != form::FlowLevel::Keeper)
        };
        evaluated.missing.retain(|place| !elsewhere(place));
        Self { reading, evaluated, facts: facts.clone() }
    }

    /// Whether something keeps it from being handed on.
    pub(crate) fn is_blocked(&self) -> bool {
        !self.reading.problems.is_empty() || self.evaluated.is_blocked()
    }
}
