//! 表单: the forms that the levels above publish, as this node holds them.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::calendar::{CALENDARS, Calendar};
use tongpin_domain::form::{self, Definition, Facts, KeptAs};
use tongpin_domain::intake::Words;
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

/// What is said where a form has parts that this program does not know.
pub(crate) fn not_known(parts: &[String]) -> Words {
    let parts = parts.join("、");
    Words::new(
        format!("本程序不认识此表单的这些内容：{parts}；只能查看，升级程序后可以填写"),
        format!("this program does not know parts of this form: {parts}; it is read-only until an update"),
    )
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

/// The form of a code whose documents are documents of their own, if it is in force: of two publishers that of the one
/// further up.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn find(store: &Store, code: &str) -> Result<Option<HeldForm>, StoreError> {
    Ok(published(store, code).await?.filter(|form| !form.definition.is_kept()))
}

async fn published(store: &Store, code: &str) -> Result<Option<HeldForm>, StoreError> {
    let found = entries_at(store, form::FORMS, code).await?;
    Ok(found.into_iter().find_map(|(publisher, entry)| HeldForm::read(publisher, entry.release, &entry.body)))
}

/// A form as it is in force, whether it was published or is shipped with the program.
#[derive(Debug, Clone)]
pub(crate) struct FormInForce {
    /// What it asks.
    pub(crate) definition: Definition,
    /// Its parts that this program does not know: then nothing is changed by it.
    pub(crate) unknown: Vec<String>,
    /// Who published it, and in which release; nobody where it is as the program ships it.
    pub(crate) published: Option<(RegionCode, u64)>,
}

impl From<HeldForm> for FormInForce {
    fn from(HeldForm { publisher, release, definition, unknown }: HeldForm) -> Self {
        Self { definition, unknown, published: Some((publisher, release)) }
    }
}

/// A form that the program ships, as it is in force: as it was published above, or as it is. What another such form
/// describes of it stands in it, and what of that one is not known here is not known of it.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn kept(store: &Store, shipped: &Definition) -> Result<FormInForce, StoreError> {
    let mut form = alone(store, shipped).await?;
    let elsewhere = form.definition.places().filter(|(_, field)| field.is_described_elsewhere());
    let named: BTreeSet<String> = elsewhere.map(|(_, field)| field.of.clone()).collect();
    let mut others = Vec::new();
    for other in KeptAs::ALL.iter().filter_map(KeptAs::shipped).filter(|other| named.contains(&other.code)) {
        let other = alone(store, other).await?;
        form.unknown.extend(other.unknown);
        others.push(other.definition);
    }
    form.unknown.dedup();
    form.definition = form.definition.described_by(&others.iter().collect::<Vec<_>>());
    Ok(form)
}

async fn alone(store: &Store, shipped: &Definition) -> Result<FormInForce, StoreError> {
    let published = published(store, &shipped.code).await?;
    let published = published.filter(|form| form.definition.kept_as == shipped.kept_as);
    let shipped = || FormInForce { definition: shipped.clone(), unknown: Vec::new(), published: None };
    let completed = |form: HeldForm| FormInForce::from(HeldForm { definition: form.definition.completed(), ..form });
    Ok(published.map_or_else(shipped, completed))
}

/// Any form in force by its code, to be read about.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn described(store: &Store, code: &str) -> Result<Option<FormInForce>, StoreError> {
    if let Some(form) = find(store, code).await? {
        return Ok(Some(form.into()));
    }
    match KeptAs::ALL.iter().filter_map(KeptAs::shipped).find(|shipped| shipped.code == code) {
        Some(shipped) => kept(store, shipped).await.map(Some),
        None => Ok(None),
    }
}

/// The forms that this node offers to be filled in as documents of their own, each code once: of two publishers the one
/// further up.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn offered(store: &Store) -> Result<Vec<HeldForm>, StoreError> {
    let mut seen = BTreeSet::new();
    let mut forms = all(store).await?;
    forms.retain(|form| !form.definition.is_kept() && seen.insert(form.definition.code.clone()));
    Ok(forms)
}

/// What calculations need beside the document: the calendar, and the numbers of the rules in force.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn facts(store: &Store) -> Result<Facts, StoreError> {
    let mut calendar = Calendar::default();
    for published in super::published::<Calendar>(store, CALENDARS).await? {
        calendar.holidays.extend(published.value.holidays);
        calendar.working.extend(published.value.working);
    }
    Ok(Facts { calendar, rules: BTreeMap::new() })
}
