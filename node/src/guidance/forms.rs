//! 表单: the forms that the levels above publish, as this node holds them.

use std::collections::BTreeSet;

use tongpin_domain::calendar::{CALENDARS, Calendar};
use tongpin_domain::catalog::Entry;
use tongpin_domain::form::{
    self, Definition, DefinitionProblem, Edition, Facts, KeptAs, RuleNumbers, SUPPLEMENTS, Supplement,
};
use tongpin_domain::intake::Words;
use tongpin_domain::reading;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Store, StoreError};

use super::{RuleBook, entries, entries_at};

/// A form in force: the newest release of its entry that is held here.
#[derive(Debug, Clone)]
pub(crate) struct HeldForm {
    /// Who publishes it.
    pub(crate) publisher: RegionCode,
    /// The release that brought it.
    pub(crate) release: u64,
    /// The release of what the county adds to it (本级增补); 0 if nothing.
    pub(crate) added: u64,
    /// What it asks, with what the county adds.
    pub(crate) definition: Definition,
    /// Its parts that this program does not know: then nothing is changed by it.
    pub(crate) unknown: Vec<String>,
}

impl HeldForm {
    /// What documents are filled in under it.
    pub(crate) fn edition(&self) -> Edition {
        Edition { release: self.release, added: self.added }
    }

    /// This form with a release of what the county adds to it, to be filled in from now on; as it is, if that does not
    /// fit it any more.
    pub(crate) fn with(self, added: u64, body: &str) -> Self {
        let fits = |supplement: &Supplement| match self.definition.with(supplement) {
            Ok(_) => true,
            Err(problems) => problems.iter().any(DefinitionProblem::is_unknown),
        };
        match serde_json::from_str(body) {
            Ok(supplement) if fits(&supplement) => self.when_filled(added, body),
            _ => self,
        }
    }

    /// This form with a release of what the county added to it, as documents were filled in under both.
    pub(crate) fn when_filled(mut self, added: u64, body: &str) -> Self {
        let Ok(read) = reading::read::<Supplement>(body) else { return self };
        let trees = |path: &String| path.split('.').any(|part| ["derived", "when"].contains(&part));
        let definition = self.definition.supplemented(&read.value);
        self.unknown.extend(read.unknown.into_iter().filter(|path| !trees(path)));
        self.unknown.extend(definition.unknown().into_iter().map(|problem| problem.place));
        self.unknown.dedup();
        Self { added, definition, ..self }
    }

    /// Reads a release of a form; `None` if it lacks what every form has.
    pub(crate) fn read(publisher: RegionCode, release: u64, body: &str) -> Option<Self> {
        let definition: Definition = serde_json::from_str(body).ok()?;
        let unknown = form::unknown_parts(body).ok()?;
        Some(Self { publisher, release, added: 0, definition, unknown })
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
    let added = entries(store, SUPPLEMENTS).await?;
    for (publisher, entry) in entries(store, form::FORMS).await? {
        if let Some(form) = HeldForm::read(publisher, entry.release, &entry.body) {
            forms.push(with_ours(form, &added));
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
    let Some(form) = from_above(store, code).await? else { return Ok(None) };
    Ok(Some(with_ours(form, &entries_at(store, SUPPLEMENTS, code).await?)))
}

/// The form of a code that is in force as it was published, without what the county adds to it.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn from_above(store: &Store, code: &str) -> Result<Option<HeldForm>, StoreError> {
    let found = entries_at(store, form::FORMS, code).await?;
    Ok(found.into_iter().find_map(|(publisher, entry)| HeldForm::read(publisher, entry.release, &entry.body)))
}

/// A form with what the county adds to it, of the supplements that are in force. Those that the program keeps as
/// records of its own take none.
pub(crate) fn with_ours(form: HeldForm, added: &[(RegionCode, Entry)]) -> HeldForm {
    let ours = |(publisher, entry): &&(RegionCode, Entry)| {
        *publisher != form.publisher && entry.key == form.definition.code && !form.definition.is_kept()
    };
    match added.iter().find(ours) {
        Some((_, entry)) => form.with(entry.release, &entry.body),
        None => form,
    }
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
    fn from(HeldForm { publisher, release, definition, unknown, .. }: HeldForm) -> Self {
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

/// What calculations by these forms need beside the documents: the calendar, and the numbers of the rules in force,
/// which are read only where a form calculates with one. [`Facts::of_year`] says of which year a document is.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn facts<'a>(
    store: &Store,
    forms: impl IntoIterator<Item = &'a Definition>,
) -> Result<Facts, StoreError> {
    let rules = if forms.into_iter().any(Definition::uses_rules) {
        RuleBook::load(store).await?.numbers()
    } else {
        RuleNumbers::default()
    };
    Ok(Facts { calendar: calendar(store).await?, rules, year: None })
}

/// 工作日历, of all years that are known here.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn calendar(store: &Store) -> Result<Calendar, StoreError> {
    let mut calendar = Calendar::default();
    for published in super::published::<Calendar>(store, CALENDARS).await? {
        calendar.holidays.extend(published.value.holidays);
        calendar.working.extend(published.value.working);
    }
    Ok(calendar)
}
