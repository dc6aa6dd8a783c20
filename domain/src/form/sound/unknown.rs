//! What a definition says that this program does not know.

use super::{DefinitionFault, DefinitionProblem};
use crate::form::{Condition, Definition, Expression, Field};

/// Every word and every operation that is not known, with its place.
pub(super) fn words(definition: &Definition) -> Vec<DefinitionProblem> {
    let mut found = Found(Vec::new());
    found.word("kept_as", definition.kept_as.as_ref().and_then(|kept| kept.unknown()));
    found.word("subject", definition.subject.of.unknown());
    found.word("subject", definition.subject.per.unknown());
    for field in &definition.fields {
        found.field(&format!("fields.{}", field.name), field);
        for inner in &field.fields {
            found.field(&format!("fields.{}.{}", field.name, inner.name), inner);
        }
    }
    for check in &definition.checks {
        let place = format!("checks.{}", check.name);
        found.word(&place, check.then.unknown());
        found.condition(&place, &check.when);
    }
    for step in &definition.flow.steps {
        let place = format!("flow.steps.{}", step.name);
        found.word(&place, step.level.unknown());
        found.word(&place, step.duty.unknown());
        step.actions.iter().for_each(|action| found.word(&place, action.unknown()));
    }
    found.word("layout", definition.layout.money.unknown());
    found.0
}

struct Found(Vec<DefinitionProblem>);

impl Found {
    fn word(&mut self, place: &str, word: Option<&str>) {
        let fault = word.map(|word| DefinitionFault::UnknownWord(word.to_owned()));
        self.0.extend(fault.map(|fault| DefinitionProblem::new(place, fault)));
    }

    fn operation(&mut self, place: &str, value: &serde_json::Value) {
        self.0.push(DefinitionProblem::new(place, DefinitionFault::UnknownOperation(value.to_string())));
    }

    fn field(&mut self, place: &str, field: &Field) {
        self.word(place, field.kind.unknown());
        self.word(place, field.level.as_ref().and_then(|level| level.unknown()));
        field.leaves.iter().for_each(|leaving| self.word(place, leaving.unknown()));
        if let Some(derived) = &field.derived {
            self.expression(place, derived);
        }
        if let Some(when) = &field.when {
            self.condition(place, when);
        }
    }

    /// JSON is read to 128 levels at most, so that this ends.
    fn expression(&mut self, place: &str, tree: &Expression) {
        if let Expression::Unknown(value) = tree {
            self.operation(place, value);
        }
        if let Some(condition) = tree.condition() {
            self.condition(place, condition);
        }
        tree.parts().into_iter().for_each(|part| self.expression(place, part));
    }

    fn condition(&mut self, place: &str, tree: &Condition) {
        match tree {
            Condition::All(all) | Condition::Any(all) => all.iter().for_each(|part| self.condition(place, part)),
            Condition::Not(part) => self.condition(place, part),
            Condition::AnyRow { when, .. } | Condition::EveryRow { when, .. } => self.condition(place, when),
            Condition::Value { value, test } => {
                self.expression(place, value);
                if let Some(other) = test.other() {
                    self.expression(place, other);
                }
            }
            Condition::Unknown(value) => self.operation(place, value),
        }
    }
}
