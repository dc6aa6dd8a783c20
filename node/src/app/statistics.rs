//! What only looking at all records tells, kept in memory until it changes: most pages are asked for between two
//! changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongpin_domain::moment::Moment;
use tongpin_domain::month::Month;
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_domain::region::RegionCode;
use tongpin_store::{MonthCount, ProjectChoices, ProjectCounts, RecordCount, Store, StoreError};

use crate::app::correctable::Correctable;
use crate::records::indicator_use::Used;
use crate::records::observations;
use crate::records::{self, Held, SetAside};

/// While records pour in, all of them are read anew so often, seconds.
pub(crate) const READ_EVERY_S: i64 = 30;

/// What was found last.
#[derive(Default)]
pub(crate) struct Statistics {
    counted: Mutex<Option<Arc<Counted>>>,
    read: Mutex<Option<Arc<Read>>>,
    /// Whether a worker reads ahead, so that nobody else has to.
    ahead: AtomicBool,
    months: Mutex<Months>,
    left: Mutex<Option<Arc<Left>>>,
    /// Which reports say something else than the records do now.
    pub(crate) correctable: Correctable,
}

/// What the database counts of reports by month, at one beat of it.
#[derive(Default)]
struct Months {
    beat: u64,
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

/// What the database counts, at one beat of it.
pub(crate) struct Counted {
    beat: u64,
    /// What filters of projects can be set to.
    pub(crate) choices: ProjectChoices,
    /// Projects by the status of their scores.
    pub(crate) projects: ProjectCounts,
    /// Records by kind.
    pub(crate) records: BTreeMap<&'static str, u64>,
}

/// What only reading every record tells, at one beat of the database.
pub(crate) struct Read {
    beat: u64,
    at: Moment,
    /// How often each indicator is used.
    pub(crate) used: Used,
    /// What does not take part.
    pub(crate) set_aside: Vec<SetAside>,
    /// How many records each author has, by kind.
    pub(crate) received: BTreeMap<RegionCode, BTreeMap<String, RecordCount>>,
}

/// What the database counts of records that townships have not sent again, at one beat of it.
struct Left {
    beat: u64,
    at: Moment,
    counts: BTreeMap<RegionCode, u64>,
}

/// What was found last. A panic while the lock was held left nothing half done: the value is replaced whole.
fn kept<T>(cell: &Mutex<Option<Arc<T>>>) -> Option<Arc<T>> {
    cell.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Keeps what was found. What changed meanwhile has moved the beat on, so that the next look is a new one.
fn keep<T>(cell: &Mutex<Option<Arc<T>>>, fresh: T) -> Arc<T> {
    let fresh = Arc::new(fresh);
    *cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
    fresh
}

/// Whether what was found at one beat and moment will do at another: while records pour in, for a while.
pub(crate) fn fits(beat: u64, at: Moment, now_beat: u64, now: Moment) -> bool {
    beat == now_beat || (0..READ_EVERY_S).contains(&now.seconds_since(at))
}

fn left_behind<'a>(counts: impl IntoIterator<Item = &'a RecordCount>) -> BTreeMap<RegionCode, u64> {
    let mut left = BTreeMap::new();
    for count in counts {
        *left.entry(count.author.clone()).or_default() += count.left_behind;
    }
    left
}

impl Statistics {
    /// The present counts.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn now(&self, store: &Store) -> Result<Arc<Counted>, StoreError> {
        let beat = store.pulse().await?;
        if let Some(kept) = kept(&self.counted).filter(|kept| kept.beat == beat) {
            return Ok(kept);
        }
        let (choices, projects, own, lines) = tokio::try_join!(
            store.project_choices(),
            store.project_counts(),
            store.count_records(PROJECT),
            store.count_records(PROJECT_INDICATOR),
        )?;
        let records = BTreeMap::from([(PROJECT, own), (PROJECT_INDICATOR, lines)]);
        Ok(keep(&self.counted, Counted { beat, choices, projects, records }))
    }

    /// The counts of months, those of an earlier beat forgotten.
    fn months(&self, beat: u64) -> MutexGuard<'_, Months> {
        let mut months = self.months.lock().unwrap_or_else(PoisonError::into_inner);
        if months.beat != beat {
            *months = Months { beat, ..Months::default() };
        }
        months
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
        let beat = store.pulse().await?;
        let key = (author.clone(), month);
        if let Some(count) = self.months(beat).counts.get(&key).copied() {
            return Ok(count);
        }
        let count = store.month_count(author, month).await?;
        self.months(beat).counts.insert(key, count);
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
        let beat = store.pulse().await?;
        let late = observations::late(year, now);
        let key = (author.clone(), year, late.len());
        if let Some(owed) = self.months(beat).owed.get(&key).copied() {
            return Ok(owed);
        }
        let overdue = observations::owed(store, author, &late).await?;
        let owed = Owed { overdue, reported_at: store.last_reported(author).await? };
        self.months(beat).owed.insert(key, owed);
        Ok(owed)
    }

    /// What all records told when they were read last: at most [`READ_EVERY_S`] ago, and a moment longer where
    /// [`Statistics::read_ahead`] is at it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn read(&self, store: &Store, now: Moment) -> Result<Arc<Read>, StoreError> {
        match kept(&self.read) {
            Some(kept) if self.ahead.load(Ordering::Relaxed) => Ok(kept),
            _ => self.read_anew(store, now).await,
        }
    }

    /// Reads all records if something has changed, but not for every change of many. From then on nobody else does: a
    /// worker calls this again and again.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn read_ahead(&self, store: &Store, now: Moment) -> Result<(), StoreError> {
        self.read_anew(store, now).await?;
        self.ahead.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// How many records of each author its present database has not sent. Where a worker reads ahead, as it found them;
    /// elsewhere they are counted, and no record is read for that.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn left_behind(
        &self,
        store: &Store,
        now: Moment,
    ) -> Result<BTreeMap<RegionCode, u64>, StoreError> {
        if let Some(read) = kept(&self.read).filter(|_| self.ahead.load(Ordering::Relaxed)) {
            return Ok(left_behind(read.received.values().flat_map(BTreeMap::values)));
        }
        let beat = store.pulse().await?;
        if let Some(kept) = kept(&self.left).filter(|kept| fits(kept.beat, kept.at, beat, now)) {
            return Ok(kept.counts.clone());
        }
        let counts = left_behind(&store.record_counts().await?);
        Ok(keep(&self.left, Left { beat, at: now, counts }).counts.clone())
    }

    async fn read_anew(&self, store: &Store, now: Moment) -> Result<Arc<Read>, StoreError> {
        let beat = store.pulse().await?;
        if let Some(kept) = kept(&self.read).filter(|kept| fits(kept.beat, kept.at, beat, now)) {
            return Ok(kept);
        }
        let Held { projects, mut set_aside } = records::load(store).await?;
        let used = Used::count(&projects);
        drop(projects);
        let mut received: BTreeMap<RegionCode, BTreeMap<String, RecordCount>> = BTreeMap::new();
        let listed = store.observation_counts().await?;
        for count in store.record_counts().await? {
            // What could be read is listed in the database; only where something is missing there is it looked for.
            if count.kind == OBSERVATION && count.sound != listed.get(&count.author).copied().unwrap_or_default() {
                set_aside.extend(observations::unreadable(store, &count.author).await?);
            }
            received.entry(count.author.clone()).or_default().insert(count.kind.clone(), count);
        }
        Ok(keep(&self.read, Read { beat, at: now, used, set_aside, received }))
    }
}

#[cfg(test)]
mod tests {
    use tongpin_store::{Batch, Change, Life, Past, RECORDS};

    use super::*;
    use crate::ops::ground::{Desk, row};

    /// What was read once is not read again until something changes, and not for every change.
    #[tokio::test]
    async fn read_once() {
        let desk = Desk::open().await;
        let statistics = Statistics::default();
        let read = async |seconds: i64| statistics.read(&desk.store, Moment(seconds * 1000)).await.expect("readable");
        let first = read(0).await;
        assert!(Arc::ptr_eq(&first, &read(1000).await));
        desk.put(&[row("other", "x", Ok("{}".into()))]).await;
        assert!(Arc::ptr_eq(&first, &read(29).await) && !Arc::ptr_eq(&first, &read(30).await));
    }

    /// Where a worker reads ahead, whoever asks is given what it found; only the worker reads what has changed.
    #[tokio::test]
    async fn read_ahead() {
        let desk = Desk::open().await;
        let statistics = Statistics::default();
        let at = |seconds: i64| Moment(seconds * 1000);
        statistics.read_ahead(&desk.store, at(0)).await.expect("readable");
        let first = statistics.read(&desk.store, at(0)).await.expect("readable");
        desk.put(&[row("other", "x", Ok("{}".into()))]).await;
        assert!(Arc::ptr_eq(&first, &statistics.read(&desk.store, at(60)).await.expect("readable")));
        statistics.read_ahead(&desk.store, at(60)).await.expect("readable");
        assert!(!Arc::ptr_eq(&first, &statistics.read(&desk.store, at(60)).await.expect("readable")));
    }

    /// A report that cannot be read is set aside like any other record, and only that one.
    #[tokio::test]
    async fn unreadable_reports() {
        let desk = Desk::open().await;
        let sound = r#"{"project_code":"P","year":2024,"month":1,"spent":"1","reported_at":0,"changed_at":0}"#;
        desk.put(&[row(OBSERVATION, "P/2024-01", Ok(sound.into())), row(OBSERVATION, "P/2024-02", Ok(sound.into()))])
            .await;
        let read = Statistics::default().read(&desk.store, Moment(0)).await.expect("readable");
        let aside: Vec<_> =
            read.set_aside.iter().filter(|it| it.kind == OBSERVATION).map(|it| it.key.as_str()).collect();
        assert_eq!(aside, ["P/2024-02"]);
        let counts = read.received.values().next().expect("an author");
        assert_eq!((counts[OBSERVATION].sound, counts[PROJECT].sound), (2, 6));
    }

    /// What a township has not sent again is counted without reading records, and is the same number as read ahead.
    #[tokio::test]
    async fn left_behind_is_counted() {
        let desk = Desk::open().await;
        // A township wrote two projects, and was restored from a copy made after the first.
        let author = crate::ops::ground::code("320581101");
        let life = |incarnation: &str, start| Life { incarnation: incarnation.to_owned(), start };
        let change = |key: &str| Change {
            kind: PROJECT.into(),
            key: key.into(),
            body: Some("{}".into()),
            problem: Some("不完整".into()),
        };
        for (lineage, changes) in [
            (&[life("first", 0)][..], &[change("A"), change("B")][..]),
            (&[life("first", 0), life("second", 1)], &[change("A"), change("C")]),
        ] {
            let incarnation = lineage.last().map_or("", |life| life.incarnation.as_str());
            let batch = Batch { author: &author, stream: RECORDS, incarnation, first_seq: 1, changes };
            desk.store.accept_told(&batch, Past { lineage, ..Past::default() }).await.expect("taken");
        }
        let statistics = Statistics::default();
        let left = async || statistics.left_behind(&desk.store, Moment(0)).await.expect("readable");
        let counted = left().await;
        assert!(kept(&statistics.read).is_none());
        assert_eq!(counted.get(&author), Some(&1), "what was written after the copy");
        statistics.read_ahead(&desk.store, Moment(0)).await.expect("readable");
        assert_eq!(left().await, counted);
    }

    /// Counts of reports by month follow each change at once.
    #[tokio::test]
    async fn months_counted_at_once() {
        let desk = Desk::open().await;
        let statistics = Statistics::default();
        let (author, month) = (crate::ops::ground::code("320581"), "2024-11".parse().expect("a month"));
        let now = Moment(1_735_700_000_000);
        let counted = async || statistics.month(&desk.store, &author, month).await.expect("readable");
        let owed = async || statistics.owed(&desk.store, &author, 2024, now).await.expect("readable");
        let (first, before) = (counted().await, owed().await);
        assert_eq!((first.reported, before), (0, Owed { overdue: first.due * 11, reported_at: None }));
        let project = desk.store.records(PROJECT, Some(&author)).await.expect("readable");
        let project = project.iter().find(|it| it.body.contains("\"fiscal_year\":2024")).expect("one of 2024");
        let body = format!(
            r#"{{"project_code":"{}","year":2024,"month":11,"spent":"1","reported_at":0,"changed_at":7}}"#,
            project.key
        );
        desk.put(&[row(OBSERVATION, &format!("{}/2024-11", project.key), Ok(body))]).await;
        assert_eq!(counted().await.reported, 1);
        assert_eq!(owed().await, Owed { overdue: before.overdue - 1, reported_at: Some(Moment(7)) });
    }

    /// Counts follow each change at once.
    #[tokio::test]
    async fn counted_at_once() {
        let desk = Desk::open().await;
        let statistics = Statistics::default();
        let first = statistics.now(&desk.store).await.expect("readable");
        assert!(Arc::ptr_eq(&first, &statistics.now(&desk.store).await.expect("readable")));
        assert_eq!((first.records[PROJECT], first.projects.by_status["UNSCORED"]), (6, 6));
        desk.score().await;
        let scored = statistics.now(&desk.store).await.expect("readable");
        assert!(!scored.projects.by_status.contains_key("UNSCORED") && scored.projects.by_status["SCORED"] > 0);
    }
}
