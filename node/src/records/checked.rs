//! What was filled in by a form, read and calculated.

use std::collections::BTreeMap;

use tongpin_domain::form::{self, Consequence, Definition, Evaluated, Facts, Reading};
use tongpin_domain::intake::Words;

/// A document's content, read and calculated.
pub(crate) struct Checked {
    /// As it was typed and read.
    pub(crate) reading: Reading,
    /// What follows from it.
    pub(crate) evaluated: Evaluated,
    /// What it was calculated with.
    pub(crate) facts: Facts,
    /// For whoever keeps it, where the level above filled something in: whether what its keeper filled in keeps it
    /// back. What is the other's to correct does not.
    pub(crate) blocked_below: Option<bool>,
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
        Self::followed(definition, reading, &values, facts)
    }

    /// What was read, and what follows from these values.
    pub(crate) fn followed(definition: &Definition, reading: Reading, values: &form::Values, facts: &Facts) -> Self {
        Self { reading, evaluated: definition.evaluate(values, facts), facts: facts.clone(), blocked_below: None }
    }

    /// What keeps it from being kept where it is kept as a record of its own, by place, each with how it should be:
    /// what cannot be read, and what contradicts the rest. What is missing can wait.
    pub(crate) fn faults(&self) -> Vec<(String, Words)> {
        let unread = self.reading.problems.iter().map(|problem| (problem.place.to_string(), problem.fault.expected()));
        let blocks = |then: &Consequence| matches!(then, Consequence::Block | Consequence::Unknown(_));
        let found = self.evaluated.findings.iter().filter(|finding| blocks(&finding.then)).map(|finding| {
            let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
            let says = finding.says.trim_end_matches('。');
            (place, Words::new(says, says))
        });
        unread.chain(found).collect()
    }

    /// Whether something keeps it from being handed on.
    pub(crate) fn is_blocked(&self) -> bool {
        let blocked = !self.reading.problems.is_empty() || self.evaluated.is_blocked();
        self.blocked_below.unwrap_or(blocked)
    }
}
