//! 以前的版本: a document as it was before it was adjusted or moved to a new release of its form, read by the release
//! that it was filled in under.

use tongpin_domain::form::{Case, DOCUMENT_VERSION, Document};
use tongpin_store::{Keys, StoreError};

use super::opening::form_of;
use super::{Checked, HeldDocument, facts};
use crate::app::App;

/// A version that another has followed; `None` if there is none of this number, or it cannot be read.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn version(app: &App, held: &HeldDocument, number: u32) -> Result<Option<HeldDocument>, StoreError> {
    let store = app.store();
    let key = format!("{}/{number}", held.document.record_key());
    let found = store.records_at(DOCUMENT_VERSION, Keys::One(&key)).await?;
    let Some(record) = found.into_iter().find(|record| record.author == held.author) else { return Ok(None) };
    let Ok(document) = serde_json::from_str::<Document>(&record.body) else { return Ok(None) };
    let is_it = document.record_key() == held.document.record_key() && document.version == number;
    let Some(form) = form_of(store, &document).await?.filter(|_| is_it) else { return Ok(None) };
    // What its author says was decided is believed where the level above says so.
    let decided = held.verdict.as_ref().map(|verdict| verdict.steps.as_slice()).unwrap_or_default();
    let confirmed = decided.iter().any(|step| step.version == number && step.to == document.state);
    if !confirmed && !form.definition.believes(&document, &held.author) {
        return Ok(None);
    }
    let author = record.author;
    // What the level above filled into it stands in its own verdict, and in nothing that the township says.
    let case = Case { author: &author, document: &document, verdict: held.verdict.as_ref(), blocked: false };
    let given = form.definition.joined(&case).into_owned();
    let filled = case.verdict.and_then(|verdict| verdict.filled_into(number));
    let derived = filled.map_or_else(|| document.derived.clone(), |filled| filled.derived.clone());
    let document = Document { given, derived, ..document };
    Ok(Some(HeldDocument { author, document, verdict: None, form, newest: None, body: record.body, decided: None }))
}

/// A version with the figures that it had.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn as_it_was(app: &App, held: &HeldDocument) -> Result<Checked, StoreError> {
    let (definition, document) = (&held.form.definition, &held.document);
    let filled = definition.filled(&document.derived);
    let facts = facts(app.store(), [definition]).await?;
    let facts = facts.of_year(held.year());
    let mut checked = Checked::of(definition, &document.given, &document.given, filled, &facts);
    definition.as_kept(&mut checked.evaluated.values, &document.derived);
    Ok(checked)
}
