//! 改用新版表单: what a step makes of a document that moves it to the newest release of its form, told before it is taken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tongpin_domain::form::{self, Carried, Difference, FormChange, Given, Personal, Tally, Under};
use tongpin_domain::lang::Lang;
use tongpin_store::StoreError;

use super::around::Around;
use super::{Checked, HeldDocument, HeldForm};
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
    let moved = moved(held, Arc::new(form.clone()), &step.to);
    let around = Around::held(app, [held, &moved].into_iter()).await?;
    Ok(Some(Renewal::of(held, form, moved, &around)))
}

/// A document with what it takes along to another release of its form. It comes to where it can be filled in, so that
/// what comes from elsewhere is read anew.
pub(super) fn moved(held: &HeldDocument, form: Arc<HeldForm>, to: &str) -> HeldDocument {
    let mut moved = HeldDocument { form, newest: None, ..held.clone() };
    (moved.document.release, moved.document.added) = (moved.form.release, moved.form.added);
    moved.document.given = moved.form.definition.carried(&held.document.given);
    to.clone_into(&mut moved.document.state);
    moved
}

impl<'a> Renewal<'a> {
    /// A document under both, read and calculated: no other comparison is shown, taken or counted.
    pub(super) fn of(held: &'a HeldDocument, form: &'a HeldForm, moved: HeldDocument, around: &Around) -> Self {
        let before = around.checked(held, &held.given());
        let after = around.checked(&moved, &moved.document.given);
        Self { form, held, before, given: moved.document.given, after }
    }
}

impl Renewal<'_> {
    /// What is otherwise in the document afterwards.
    pub(crate) fn differences(&self, lang: Lang) -> Vec<Difference> {
        let [before, after] = self.under();
        form::differences(before, after, lang)
    }

    /// What of that is counted where the release is only tried.
    pub(super) fn burdens(&self, personal: &Personal) -> BTreeSet<Tally> {
        let [before, after] = self.under();
        form::burdens(before, after, personal)
    }

    fn under(&self) -> [Under<'_>; 2] {
        [under(&self.held.form, &self.before), under(self.form, &self.after)]
    }

    /// What of the form itself is otherwise.
    pub(crate) fn other_changes(&self) -> Vec<FormChange> {
        form::other_changes(&self.held.form.definition, &self.form.definition)
    }

    /// What the document holds afterwards.
    pub(super) fn carried(self) -> Carried {
        let derived = self.form.definition.derived(&self.after.evaluated);
        Carried { edition: self.form.edition(), given: self.given, derived }
    }
}

fn under<'a>(form: &'a HeldForm, checked: &'a Checked) -> Under<'a> {
    Under { definition: &form.definition, reading: &checked.reading, evaluated: &checked.evaluated }
}
