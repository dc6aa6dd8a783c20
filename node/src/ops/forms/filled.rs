//! 自动带出: what a document is filled with from what it is about, so that nobody types it.

use std::collections::BTreeMap;

use tongpin_domain::form::{Definition, SubjectOf, Values};
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
    let mut texts = BTreeMap::from([
        ("subject.code".to_owned(), held.document.subject.clone()),
        ("subject.name".to_owned(), held.document.subject_name.clone()),
    ]);
    if definition.subject.of == SubjectOf::Project
        && let Some(found) = records::one(app.store(), &held.document.subject).await?
    {
        let project = found.project;
        let yuan = |amount: &tongpin_domain::money::Amount| amount.fen().map(|fen| fen.to_string()).unwrap_or_default();
        texts.extend(
            [
                ("code", project.code.clone()),
                ("name", project.name.clone()),
                ("department", project.department.clone()),
                ("unit", project.unit.clone()),
                ("fund_code", project.fund_code.clone()),
                ("fund_name", project.fund_name.clone()),
                ("fiscal_year", project.fiscal_year.to_string()),
                ("initial", yuan(&project.money.initial)),
                ("adjusted", yuan(&project.money.adjusted)),
                ("arrived", yuan(&project.money.arrived)),
                ("executed", yuan(&project.money.executed)),
            ]
            .map(|(name, text)| (format!("project.{name}"), text)),
        );
    }
    Ok(values(definition, &texts))
}

/// The fields that are filled in, from texts by what they come from. What is not known stays missing.
fn values(definition: &Definition, texts: &BTreeMap<String, String>) -> Values {
    let named = definition.fields.iter().filter(|field| !field.from.is_empty());
    let told = named.filter_map(|field| Some((field.name.clone(), texts.get(&field.from)?.clone())));
    definition.filled(&told.filter(|(_, text)| !text.is_empty()).collect())
}
