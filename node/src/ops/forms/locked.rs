//! Fields that are not filled in at present, whoever tries: a page does not offer them, and the API refuses them.

use std::collections::BTreeSet;

use tongpin_domain::form::{Definition, Field, FlowLevel};

/// The fields that this level does not fill in while a document is in a state: those of another level, or of another
/// state. `paid`, or `roads.paid` for one of rows.
pub(crate) fn locked(definition: &Definition, state: &str) -> BTreeSet<String> {
    let shut = |field: &Field| {
        let elsewhere = field.level.as_ref().is_some_and(|level| *level != FlowLevel::Keeper);
        elsewhere || (!field.fill.is_empty() && !field.fill.iter().any(|name| name == state))
    };
    definition.places().filter(|(_, field)| shut(field)).map(|(place, _)| place).collect()
}
