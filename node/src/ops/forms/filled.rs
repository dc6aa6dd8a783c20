//! 自动带出: what a document is filled with from what it is about, so that nobody types it.

use std::collections::BTreeMap;

use tongpin_domain::form::{SubjectOf, Values};
use tongpin_store::StoreError;

use super::HeldDocument;
use crate::app::App;
use crate::records;

/// What comes from elsewhere into a document. Where the document is kept, it is read anew; elsewhere it stands as it
/// was handed on.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn filled(app: &App, held: &HeldDocument) -> Result<Values, StoreError> {
    let definition = &held.form.definition;
    if definition.fields.iter().all(|field| field.from.is_empty()) {
        return Ok(Values::new());
    }
    if held.author != app.site.region() || !held.is_open(&held.author) {
        return Ok(definition.filled(&held.document.derived));
    }
    let subject = BTreeMap::from([
        ("subject.code", held.document.subject.as_str()),
        ("subject.name", held.document.subject_name.as_str()),
    ]);
    let named = definition.fields.iter().filter_map(|field| {
        let text = subject.get(field.from.as_str()).filter(|text| !text.is_empty())?;
        Some((field.name.clone(), (*text).to_owned()))
    });
    let mut values = definition.filled(&named.collect());
    if definition.subject.of == SubjectOf::Project
        && let Some(found) = records::one(app.store(), &held.document.subject).await?
    {
        values.extend(definition.filled_from(&found.project));
    }
    Ok(values)
}
