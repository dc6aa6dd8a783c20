//! 改用新版表单: what a step makes of a document that moves it to the newest release of its form, told before it is taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use tongpin_domain::form::{self, Carried, Difference, FormChange, Given, Under};
use tongpin_domain::lang::Lang;
use tongpin_store::StoreError;

use super::{Checked, HeldDocument, HeldForm, saving};
use crate::app::App;

/// A document under its release, and under the one that it moves to.
pub(crate) struct Renewal<'a> {
    /// The release that it moves to.
    pub(crate) form: &'a HeldForm,
    held: &'a HeldDocument,
    before: Checked,
    given: BTreeMap<String, Given>,
    after: Checked,
}

/// What a step makes of a document; `None` if it is no step to a newer release.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn renewal<'a>(
    app: &App,
    held: &'a HeldDocument,
    step: &str,
) -> Result<Option<Renewal<'a>>, StoreError> {
    let Some((form, step)) = held.step(step).filter(|(_, step)| step.renews()) else { return Ok(None) };
    let given = form.definition.carried(&held.document.given);
    let mut moved = HeldDocument { form: Arc::new(form.clone()), newest: None, ..held.clone() };
    moved.document.release = form.release;
    moved.document.given.clone_from(&given);
    // It comes to where it can be filled in, so that what comes from elsewhere is read anew.
    moved.document.state.clone_from(&step.to);
    let before = saving::checked(app, held, &held.document.given).await?;
    let after = saving::checked(app, &moved, &given).await?;
    Ok(Some(Renewal { form, held, before, given, after }))
}

impl Renewal<'_> {
    /// What is otherwise in the document afterwards.
    pub(crate) fn differences(&self, lang: Lang) -> Vec<Difference> {
        let definition = &self.held.form.definition;
        let before = Under { definition, reading: &self.before.reading, evaluated: &self.before.evaluated };
        let definition = &self.form.definition;
        let after = Under { definition, reading: &self.after.reading, evaluated: &self.after.evaluated };
        form::differences(before, after, lang)
    }

    /// What of the form itself is otherwise.
    pub(crate) fn other_changes(&self) -> Vec<FormChange> {
        form::other_changes(&self.held.form.definition, &self.form.definition)
    }

    /// What the document holds afterwards.
    pub(super) fn carried(self) -> Carried {
        let derived = self.form.definition.derived(&self.after.evaluated);
        Carried { release: self.form.release, given: self.given, derived }
    }
}
