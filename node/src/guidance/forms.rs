//! 表单: the forms that the levels above publish, as this node holds them.

use std::collections::BTreeSet;

use tongpin_domain::form::{self, Definition};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Store, StoreError};

use super::{entries, entries_at};

/// A form in force: the newest release of its entry that is held here.
#[derive(Debug, Clone)]
pub(crate) struct HeldForm {
    /// Who publishes it.
    pub(crate) publisher: RegionCode,
    /// The release that brought it.
    pub(crate) release: u64,
    /// What it asks.
    pub(crate) definition: Definition,
    /// Its parts that this program does not know: then nothing is changed by it.
    pub(crate) unknown: Vec<String>,
}

impl HeldForm {
    /// Reads a release of a form; `None` if it lacks what every form has.
    pub(crate) fn read(publisher: RegionCode, release: u64, body: &str) -> Option<Self> {
        let definition: Definition = serde_json::from_str(body).ok()?;
        let unknown = form::unknown_parts(body).ok()?;
        Some(Self { publisher, release, definition, unknown })
    }
}

/// The forms in force, by stage and title.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn all(store: &Store) -> Result<Vec<HeldForm>, StoreError> {
    let mut forms: Vec<HeldForm> = Vec::new();
    for (publisher, entry) in entries(store, form::FORMS).await? {
        if let Some(form) = HeldForm::read(publisher, entry.release, &entry.body) {
            forms.push(form);
        } else {
            tracing::warn!(key = entry.key, "a form is passed over: it cannot be read");
        }
    }
    forms.sort_by(|a, b| (&a.definition.stage, &a.definition.title).cmp(&(&b.definition.stage, &b.definition.title)));
    Ok(forms)
}

/// The form of a code, if it is in force: of two publishers that of the one further up.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn find(store: &Store, code: &str) -> Result<Option<HeldForm>, StoreError> {
    let found = entries_at(store, form::FORMS, code).await?;
    Ok(found.into_iter().find_map(|(publisher, entry)| HeldForm::read(publisher, entry.release, &entry.body)))
}

/// The forms that this node offers, each code once: of two publishers the one further up.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn offered(store: &Store) -> Result<Vec<HeldForm>, StoreError> {
    let mut seen = BTreeSet::new();
    let mut forms = all(store).await?;
    forms.retain(|form| seen.insert(form.definition.code.clone()));
    Ok(forms)
}
