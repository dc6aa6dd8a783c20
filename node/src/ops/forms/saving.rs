//! 保存单据: what was typed is kept as its kinds are written, with what follows from it. What cannot be read is told at
//! its field, and then nothing is kept.

use std::collections::BTreeMap;

use tongpin_domain::form::{DOCUMENT, Document, Given};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Expected, Keys, Put, StoreError};

use super::around::Around;
use super::{Checked, FormError, HeldDocument, Worker};
use crate::app::App;
use crate::ops::editing::row;

/// Saves what was typed. `version` is what the page was made from.
///
/// # Errors
/// [`FormError`]; then nothing was saved.
pub(crate) async fn save(
    app: &App,
    held: &HeldDocument,
    version: &str,
    given: &BTreeMap<String, Given>,
    by: &Worker,
) -> Result<(), FormError> {
    let own = app.site.region();
    let above = held.is_asked_above(&own);
    if !above {
        is_ours_to_fill(held, &own)?;
    }
    if held.version() != version {
        return Err(FormError::Changed);
    }
    if held.author != own {
        return super::above::save(app, held, given, by).await;
    }
    if !above {
        may_change(held, &own)?;
    }
    let given = &held.ours(&own, given);
    let checked = checked(app, held, given).await?;
    let document = saved(held, checked, given, by, app.site.now())?;
    write(app, held, &[&document], Vec::new(), None).await
}

/// Whether a document is one that this bureau and this program fill in.
pub(super) fn is_ours_to_fill(held: &HeldDocument, own: &RegionCode) -> Result<(), FormError> {
    if held.author != *own {
        return Err(FormError::NotOurs(held.author.clone()));
    }
    if !held.form.unknown.is_empty() {
        return Err(FormError::Unknown(held.form.unknown.clone()));
    }
    Ok(())
}

/// Whether its state lets this bureau change it.
pub(super) fn may_change(held: &HeldDocument, own: &RegionCode) -> Result<(), FormError> {
    if held.is_open(own) { Ok(()) } else { Err(FormError::Closed(held.state_title().to_owned())) }
}

/// The document as it is kept once this is typed by somebody.
pub(super) fn saved(
    held: &HeldDocument,
    checked: Checked,
    given: &BTreeMap<String, Given>,
    by: &Worker,
    at: Moment,
) -> Result<Document, FormError> {
    if !checked.reading.problems.is_empty() {
        return Err(FormError::Unreadable(checked.reading.problems));
    }
    let mut document = with_given(held, &checked, given);
    document.changed_at = at;
    if !document.filled_by.iter().any(|account| account == by.account()) {
        document.filled_by.push(by.account().to_owned());
    }
    Ok(document)
}

/// The document with what was typed, and what follows from it. A decision above that was about the document as it was
/// becomes history.
pub(super) fn with_given(held: &HeldDocument, checked: &Checked, given: &BTreeMap<String, Given>) -> Document {
    let definition = &held.form.definition;
    let mut document = held.document.clone();
    document.given = definition.canonical(&checked.reading.values, given);
    document.derived = definition.derived(&checked.evaluated);
    if held.verdict.as_ref().is_some_and(|verdict| verdict.turn == document.turn) {
        held.state().clone_into(&mut document.state);
        document.turn = document.turn.saturating_add(1);
    }
    document
}

/// What would be typed into a document, read and calculated.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn checked(
    app: &App,
    held: &HeldDocument,
    given: &BTreeMap<String, Given>,
) -> Result<Checked, StoreError> {
    Ok(Around::held(app, std::iter::once(held)).await?.checked(held, given))
}

/// A document calculated anew, as a step hands it on.
pub(super) struct Recalculated {
    /// The document; where it is kept, with what follows now.
    pub(super) held: HeldDocument,
    /// What both levels filled in.
    pub(super) checked: Checked,
    /// What its keeper filled in, where that is less.
    below: Option<Checked>,
}

impl Recalculated {
    /// What its keeper filled in.
    pub(super) fn below(&self) -> &Checked {
        self.below.as_ref().unwrap_or(&self.checked)
    }
}

/// Calculates a document anew.
pub(super) async fn recalculated(app: &App, held: &HeldDocument) -> Result<Recalculated, StoreError> {
    let around = Around::held(app, std::iter::once(held)).await?;
    let definition = &held.form.definition;
    // What a township's record says of the county's part is none of its to say.
    let divided = definition.is_divided(&held.author);
    let below = divided.then(|| around.checked(held, &definition.below(&held.document.given)));
    let checked = around.checked(held, &held.given());
    let mut recalculated = Recalculated { held: held.clone(), checked, below };
    if held.author == app.site.region() {
        recalculated.held.document.derived = definition.derived(&recalculated.below().evaluated);
    }
    Ok(recalculated)
}

/// Writes the document, if it is still what `held` was read as; beside it rows of other kinds, and another document
/// that begins, if there is none of its key.
pub(super) async fn write(
    app: &App,
    held: &HeldDocument,
    documents: &[&Document],
    mut records: Vec<tongpin_store::RecordRow>,
    begins: Option<&Document>,
) -> Result<(), FormError> {
    let own = app.site.region();
    let key = held.document.record_key();
    for document in documents.iter().copied().chain(begins) {
        records.push(row(DOCUMENT, &document.record_key(), document)?);
    }
    let bodies = BTreeMap::from([(key.clone(), held.body.clone())]);
    let fresh = begins.map(Document::record_key);
    let mut expected = vec![Expected { kind: DOCUMENT, keys: Keys::One(&key), bodies }];
    expected.extend(fresh.as_ref().map(|key| Expected {
        kind: DOCUMENT,
        keys: Keys::One(key),
        bodies: BTreeMap::new(),
    }));
    let put = Put { own: &own, records: &records, at: app.site.now(), log: app.records_go_up() };
    match app.store().put_expected(&put, &expected).await? {
        Some(_) => Ok(()),
        None => Err(FormError::Changed),
    }
}
