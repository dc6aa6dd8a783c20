//! What pages show of all records, counted or read once and brought up to date by what changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongpin_domain::form::{DOCUMENT, DOCUMENT_VERSION, FORMS, SUPPLEMENTS, VERDICTS};
use tongpin_domain::moment::Moment;
use tongpin_domain::month::Month;
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, ProjectIndicator};
use tongpin_domain::region::RegionCode;
use tongpin_domain::review::REVIEW;
use tongpin_store::{
    DocumentCount, MonthCount, ProjectChoices, ProjectCounts, RecordCount, Remembered, Store, StoreError, Topic,
};

use crate::app::correctable::Correctable;
use crate::guidance::forms::{self, HeldForm};
use crate::records::indicator_use::{Used, Uses};
use crate::records::{self, Held, HeldProject, SetAside, observations};

/// What was found last.
pub(crate) struct Statistics {
    counted: Remembered<Counted>,
    months: Remembered<Mutex<Months>>,
    left: Remembered<BTreeMap<RegionCode, u64>>,
    read: Remembered<Read>,
    forms: Remembered<Vec<CountedForm>>,
    /// What a worker keeps up to date, once it has begun to: then nobody else reads all records.
    followed: Mutex<Option<Arc<Read>>>,
    /// Which reports say something else than the records do now.
    pub(crate) correctable: Correctable,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            counted: Remembered::until(concerns_projects),
            months: Remembered::until(
                |topic| matches!(topic, Topic::Records(kind) if kind != PROJECT_INDICATOR && !of_documents(kind)),
            ),
            left: Remembered::until(|topic| matches!(topic, Topic::Records(_) | Topic::Decisions(_))),
            read: Remembered::until(concerns_records),
            forms: Remembered::until(concerns_forms),
            followed: Mutex::default(),
            correctable: Correctable::default(),
        }
    }
}

/// Whether a change may change what only looking at records tells.
pub(crate) fn concerns_records(topic: &Topic) -> bool {
    matches!(topic, Topic::Records(_) | Topic::Project(_) | Topic::ManyProjects | Topic::Decisions(_))
}

/// Whether records of a kind are documents, of which nothing that is told of projects depends.
fn of_documents(kind: &str) -> bool {
    kind == DOCUMENT || kind == DOCUMENT_VERSION
}

/// Whether a change may change what is counted of projects.
fn concerns_projects(topic: &Topic) -> bool {
    match topic {
        Topic::Records(kind) => !of_documents(kind),
        topic => concerns_records(topic) || *topic == Topic::Scores,
    }
}

/// Whether a change may change which forms there are, or how their documents stand.
fn concerns_forms(topic: &Topic) -> bool {
    match topic {
        Topic::Records(kind) => kind == DOCUMENT,
        Topic::Catalog(id) => [FORMS, SUPPLEMENTS, VERDICTS].contains(&id.name.as_str()),
        _ => false,
    }
}

/// A form that is offered here, and how its documents stand.
pub(crate) struct CountedForm {
    /// The form.
    pub(crate) form: HeldForm,
    /// Its documents by author and state.
    pub(crate) counts: Vec<DocumentCount>,
    /// The periods that there are documents of, in order.
    pub(crate) periods: Vec<String>,
}

/// What the database counts of reports by month.
#[derive(Default)]
struct Months {
    counts: HashMap<(RegionCode, Month), MonthCount>,
    /// By author, year and how many of its months are late.
    owed: HashMap<(RegionCode, i32, usize), Owed>,
}

/// What an author owes of a year's reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owed {
    /// Reports (projects × months) past their day that were not made.
    pub(crate) overdue: u64,
    /// When it last changed a report, of whatever year.
    pub(crate) reported_at: Option<Moment>,
}

/// What the database counts.
pub(crate) struct Counted {
    /// What filters of projects can be set to.
    pub(crate) choices: ProjectChoices,
    /// Projects by the status of their scores.
    pub(crate) projects: ProjectCounts,
    /// Records by kind.
    pub(crate) records: BTreeMap<&'static str, u64>,
}

/// What only reading records tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read {
    /// Which projects use each indicator.
    pub(crate) used: Used,
    /// What each project adds to that.
    uses: HashMap<String, Uses>,
    /// What does not take part, by the project that it is of.
    aside: BTreeMap<String, Vec<SetAside>>,
    counts: Counts,
}

/// What the database tells of the rest.
#[derive(Debug, Clone, Default)]
struct Counts {
    received: BTreeMap<RegionCode, BTreeMap<String, RecordCount>>,
    /// What was set aside as it came, and reports by month that cannot be read.
    aside: Vec<SetAside>,
}

impl Read {
    /// What does not take part.
    pub(crate) fn set_aside(&self) -> impl Iterator<Item = &SetAside> {
        self.aside.values().flatten().chain(&self.counts.aside)
    }

    /// How many records each author has, by kind.
    pub(crate) fn received(&self) -> &BTreeMap<RegionCode, BTreeMap<String, RecordCount>> {
        &self.counts.received
    }

    /// Reads all records.
    async fn all(store: &Store) -> Result<Self, StoreError> {
        let Held { projects, set_aside } = records::load_sound(store).await?;
        let mut read = Self::default();
        for held in &projects {
            read.follow(&held.project.code, Some(held));
        }
        for aside in set_aside {
            read.aside.entry(project_of(&aside)).or_default().push(aside);
        }
        read.counts = Counts::read(store).await?;
        Ok(read)
    }

    /// Takes down what the records of one project are now.
    fn project(&mut self, code: &str, Held { projects, set_aside }: Held) {
        self.follow(code, projects.iter().find(|held| held.project.code == code));
        if set_aside.is_empty() {
            self.aside.remove(code);
        } else {
            self.aside.insert(code.to_owned(), set_aside);
        }
    }

    fn follow(&mut self, code: &str, held: Option<&HeldProject>) {
        let after = held.map(Uses::of).unwrap_or_default();
        let before = self.uses.remove(code).unwrap_or_default();
        self.used.replace(code, &before, &after);
        if after != Uses::default() {
            self.uses.insert(code.to_owned(), after);
        }
    }
}

impl Counts {
    /// Lets the database count, and reads what was set aside as it came.
    async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut aside = records::aside_as_it_came(store).await?;
        let mut received: BTreeMap<RegionCode, BTreeMap<String, RecordCount>> = BTreeMap::new();
        let listed = store.observation_counts().await?;
        for count in store.record_counts().await? {
            // What could be read is listed in the database; only where something is missing there is it looked for.
            if count.kind == OBSERVATION && count.sound != listed.get(&count.author).copied().unwrap_or_default() {
                aside.extend(observations::unreadable(store, &count.author).await?);
            }
            received.entry(count.author.clone()).or_default().insert(count.kind.clone(), count);
        }
        Ok(Self { received, aside })
    }
}

/// The project that a record is of.
fn project_of(aside: &SetAside) -> String {
    let code = match aside.kind.as_str() {
        PROJECT => Some(aside.key.as_str()),
        PROJECT_INDICATOR | REVIEW => ProjectIndicator::project_in_key(&aside.key),
        _ => None,
    };
    code.unwrap_or_default().to_owned()
}

fn left_behind<'a>(counts: impl IntoIterator<Item = &'a RecordCount>) -> BTreeMap<RegionCode, u64> {
    let mut left = BTreeMap::new();
    for count in counts {
        *left.entry(count.author.clone()).or_default() += count.left_behind;
    }
    left
}

/// A panic while one of these was held left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Statistics {
    /// The present counts.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn now(&self, store: &Store) -> Result<Arc<Counted>, StoreError> {
        let count = async || {
            let (choices, projects, own, lines) = tokio::try_join!(
                store.project_choices(),
                store.project_counts(),
                store.count_records(PROJECT),
                store.count_records(PROJECT_INDICATOR),
            )?;
            let records = BTreeMap::from([(PROJECT, own), (PROJECT_INDICATOR, lines)]);
            Ok(Counted { choices, projects, records })
        };
        self.counted.get(store, count).await
    }

    /// The forms that are offered here, with how many documents stand where.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn forms(&self, store: &Store) -> Result<Arc<Vec<CountedForm>>, StoreError> {
        let count = async || {
            let mut counted = Vec::new();
            for form in forms::offered(store).await? {
                let counts = store.document_counts(&form.definition.code).await?;
                let periods = store.document_periods(&form.definition.code).await?;
                counted.push(CountedForm { form, counts, periods });
            }
            Ok(counted)
        };
        self.forms.get(store, count).await
    }

    /// The counts of months, which are forgotten when a report changes.
    async fn months(&self, store: &Store) -> Result<Arc<Mutex<Months>>, StoreError> {
        self.months.get(store, async || Ok(Mutex::default())).await
    }

    /// How far an author has come with a month.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn month(
        &self,
        store: &Store,
        author: &RegionCode,
        month: Month,
    ) -> Result<MonthCount, StoreError> {
        let months = self.months(store).await?;
        let key = (author.clone(), month);
        if let Some(count) = lock(&months).counts.get(&key).copied() {
            return Ok(count);
        }
        let count = store.month_count(author, month).await?;
        lock(&months).counts.insert(key, count);
        Ok(count)
    }

    /// What an author owes of a year's reports.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn owed(
        &self,
        store: &Store,
        author: &RegionCode,
        year: i32,
        now: Moment,
    ) -> Result<Owed, StoreError> {
        let months = self.months(store).await?;
        let late = observations::late(year, now);
        let key = (author.clone(), year, late.len());
        if let Some(owed) = lock(&months).owed.get(&key).copied() {
            return Ok(owed);
        }
        let overdue = observations::owed(store, author, &late).await?;
        let owed = Owed { overdue, reported_at: store.last_reported(author).await? };
        lock(&months).owed.insert(key, owed);
        Ok(owed)
    }

    /// What all records tell. Where a worker follows them, as it found it last.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn read(&self, store: &Store) -> Result<Arc<Read>, StoreError> {
        let followed = lock(&self.followed).clone();
        match followed {
            Some(read) => Ok(read),
            None => self.read.get(store, async || Read::all(store).await).await,
        }
    }

    /// Brings what all records tell up to date with what has changed; without that, reads all of them. From then on
    /// nobody else does: a worker calls this again and again.
    ///
    /// # Errors
    /// The database cannot be read: then everything is to be read the next time.
    pub(crate) async fn follow(&self, store: &Store, changed: Option<&BTreeSet<Topic>>) -> Result<(), StoreError> {
        let begun = lock(&self.followed).is_some();
        let Some(changed) = changed.filter(|it| begun && !it.contains(&Topic::ManyProjects)) else {
            let read = Arc::new(Read::all(store).await?);
            *lock(&self.followed) = Some(read);
            return Ok(());
        };
        if !changed.iter().any(concerns_records) {
            return Ok(());
        }
        let mut projects = Vec::new();
        for topic in changed {
            if let Topic::Project(code) = topic {
                projects.push((code, records::held_of(store, code).await?));
            }
        }
        let counts = Counts::read(store).await?;
        if let Some(followed) = &mut *lock(&self.followed) {
            // Only while a page holds it is it copied.
            let read = Arc::make_mut(followed);
            for (code, held) in projects {
                read.project(code, held);
            }
            read.counts = counts;
        }
        Ok(())
    }

    /// How many records of each author its present database has not sent. Where a worker follows all records, as it
    /// found them; elsewhere they are counted, and no record is read for that.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn left_behind(&self, store: &Store) -> Result<BTreeMap<RegionCode, u64>, StoreError> {
        let followed = lock(&self.followed).clone();
        if let Some(read) = followed {
            return Ok(left_behind(read.received().values().flat_map(BTreeMap::values)));
        }
        let count = async || Ok(left_behind(&store.record_counts().await?));
        Ok(BTreeMap::clone(&*self.left.get(store, count).await?))
    }
}

#[cfg(test)]
mod tests;
