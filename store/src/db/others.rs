//! Word of changes between the processes on one database: a command beside a running program, or several hubs.
//!
//! On SQLite every change is numbered in its own transaction, because there is one writer at a time anyway, and the
//! others look for higher numbers. On PostgreSQL a number that all transactions count up, or a `NOTIFY` in each of
//! them, would let them commit one by one only: there a process says what it committed a moment later, in a small
//! transaction of its own, once for all that was committed in that moment, and rings. Whoever is not reached by the
//! bell looks now and then. What a process committed and did not live to say is found by those who look at the state
//! itself from time to time, as every background job does.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::AnyConnection;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;

use super::{Kind, Store, Tx};
use crate::boxed;
use crate::error::StoreError;
use crate::sql::{Line, pieces, sql, tuples};
use crate::topic::Topic;

mod log;

use log::{Log, Stamp};

const TOPIC: &str = "topic";
/// The number that the next change gets. On PostgreSQL those who count it go one after the other.
const NEXT: &str = "SELECT COALESCE(MAX(number), 0) + 1 AS number FROM topic";
/// So many topics are counted by one statement.
const FEW: usize = 8;
/// What PostgreSQL's processes are rung by.
const BELL: &str = "tongpin_changes";
/// How long what was committed waits for more, before it is told to others on PostgreSQL.
const GATHER: Duration = Duration::from_millis(20);
/// How often others' changes are looked for where no bell rings: while others change something, and otherwise, where
/// the log has just been written or the system does not tell of that. To wake up costs more than to look, and mostly it
/// was this process that wrote.
const LOOK_SOON: Duration = Duration::from_millis(200);
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So long after others changed something more may follow.
const STIR: Duration = Duration::from_secs(1);
/// So soon after the log begins to be written most commits are done.
const COMMIT: Duration = Duration::from_millis(50);
/// How often they are looked for where a bell may have been missed.
const LISTEN_ANYWAY: Duration = Duration::from_secs(5);
/// How often where a write may have been: some file systems tell its time coarsely.
const LOOK_ANYWAY: Duration = Duration::from_secs(15);
/// So long after the log was written that may not have been committed yet: SQLite waits for the disk before it tells
/// those who read, and does not touch the log again. Times of files are finer than this, by far.
const SETTLED: Duration = Duration::from_secs(1);

/// What this process has told others, or is about to.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The number of the last own change of a topic, until it was heard.
    own: Mutex<HashMap<Topic, u64>>,
    pending: Mutex<Pending>,
    idle: Notify,
    /// Up to which number others' changes were heard.
    seen: AtomicU64,
}

#[derive(Debug, Default)]
struct Pending {
    topics: BTreeSet<Topic>,
    telling: bool,
}

impl Told {
    fn own(&self) -> MutexGuard<'_, HashMap<Topic, u64>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps in mind which number own changes got, before they are committed and others can see them.
    pub(crate) fn remember(&self, topics: &BTreeSet<Topic>, number: u64) {
        self.own().extend(topics.iter().map(|topic| (topic.clone(), number)));
    }

    /// They were not committed: the number may become another process's.
    pub(crate) fn forget(&self, topics: &BTreeSet<Topic>, number: u64) {
        let mut own = self.own();
        for topic in topics {
            if own.get(topic) == Some(&number) {
                own.remove(topic);
            }
        }
    }

    /// Whether a change is the last own one of its topic.
    fn knows(&self, topic: &Topic, number: u64) -> bool {
        self.own().get(topic) == Some(&number)
    }

    /// Changes up to a number were heard: nobody asks for them again.
    fn heard(&self, seen: u64) {
        self.own().retain(|_, number| *number > seen);
        self.seen.fetch_max(seen, Ordering::Relaxed);
    }
}

/// What a transaction is about to change, until it is told. Whoever commits may be dropped before the database has
/// answered: then it is left to be found as another process's change would be.
pub(super) struct Word {
    pub(super) store: Store,
    pub(super) topics: BTreeSet<Topic>,
    pub(super) number: Option<u64>,
}

impl Word {
    /// On SQLite the last statement of the transaction.
    pub(super) async fn count(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        if self.store.kind() == Kind::Sqlite && !self.topics.is_empty() {
            let number = number(connection, Kind::Sqlite, &self.topics).await?;
            self.store.inner.told.remember(&self.topics, number);
            self.number = Some(number);
        }
        Ok(())
    }

    /// It was committed.
    pub(super) fn tell(mut self) {
        self.number = None;
        self.store.inner.watchers.tell(&self.topics);
        if self.store.kind() == Kind::Postgres && !self.topics.is_empty() {
            self.store.tell_later(&self.topics);
        }
    }
}

impl Drop for Word {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.store.inner.told.forget(&self.topics, number);
        }
    }
}

/// Numbers a change of topics, within the transaction that makes it or tells of it.
pub(super) async fn number(
    connection: &mut AnyConnection,
    kind: Kind,
    topics: &BTreeSet<Topic>,
) -> Result<u64, StoreError> {
    let rows: Vec<_> = topics.iter().map(Topic::row).collect();
    if kind == Kind::Sqlite && rows.len() <= FEW {
        // Mostly a change is of one or two topics. One statement counts it: each more keeps a commit waiting.
        let text = format!(
            "INSERT INTO topic (name, key, number) \
             SELECT v.column1, v.column2, (SELECT COALESCE(MAX(number), 0) + 1 FROM topic) FROM (VALUES {}) AS v \
             WHERE true ON CONFLICT (name, key) DO UPDATE SET number = excluded.number RETURNING name, key, number",
            tuples(kind, rows.len(), 2)
        );
        let statement = sql(TOPIC, "counting a change", text);
        let statement = rows.iter().fold(statement, |it, (name, key)| it.text(name).text(key));
        let counted = statement.read(connection, |line| line.number("number")).await?;
        return Ok(counted.into_iter().max().unwrap_or(0));
    }
    let line = sql(TOPIC, "counting a change", NEXT).first(connection).await?;
    let number = line.map_or(Ok(1), |line| line.number("number"))?;
    for chunk in pieces(&rows) {
        let text = format!(
            "INSERT INTO topic (name, key, number) VALUES {} ON CONFLICT (name, key) \
             DO UPDATE SET number = excluded.number",
            tuples(kind, chunk.len(), 3)
        );
        let statement = sql(TOPIC, "counting a change", text);
        let row = |it: crate::sql::Statement, (name, key): &(&str, String)| it.text(name).text(key).number(number);
        chunk.iter().fold(statement, row).run(connection).await?;
    }
    Ok(number)
}

impl Tx {
    /// Which projects' records were changed since so many changes were counted, whoever changed them. `None` where that
    /// cannot be told: they were many, or this is PostgreSQL, on which changes are counted after they are committed.
    pub(crate) async fn projects_changed_since(&mut self, seen: u64) -> Result<Option<Vec<String>>, StoreError> {
        if self.kind() == Kind::Postgres {
            return Ok(None);
        }
        let (one, _) = Topic::Project(String::new()).row();
        let (many, _) = Topic::ManyProjects.row();
        let text = "SELECT name, key FROM topic WHERE number > $1 AND name IN ($2, $3)";
        let row = |line: &Line| Ok((line.text("name")?, line.text("key")?));
        let query = sql(TOPIC, "looking for changes", text).number(seen).text(one).text(many);
        let changed = query.read(self.connection(), row).await?;
        Ok(changed.into_iter().map(|(name, code)| (name == one).then_some(code)).collect())
    }
}

impl Store {
    /// How many changes were told to others on this database. On PostgreSQL those of the last moment come later.
    #[boxed]
    pub async fn change_count(&self) -> Result<u64, StoreError> {
        let text = "SELECT COALESCE(MAX(number), 0) AS number FROM topic";
        let query = sql(TOPIC, "reading the count of changes", text);
        query.first(&mut *self.reader().await?).await?.map_or(Ok(0), |line| line.number("number"))
    }

    /// Tells others on PostgreSQL what was committed, a moment later.
    pub(super) fn tell_later(&self, topics: &BTreeSet<Topic>) {
        let mut pending = self.inner.told.pending();
        pending.topics.extend(topics.iter().cloned());
        if !std::mem::replace(&mut pending.telling, true) {
            tokio::spawn(tell(self.clone()));
        }
    }

    /// The topics that other processes changed after a number, and the last number that there is.
    async fn foreign(&self, connection: &mut AnyConnection, seen: u64) -> Result<(BTreeSet<Topic>, u64), StoreError> {
        let text = "SELECT name, key, number FROM topic WHERE number > $1";
        let row = |line: &Line| Ok((line.text("name")?, line.text("key")?, line.number("number")?));
        let rows = sql(TOPIC, "looking for changes", text).number(seen).read(connection, row).await?;
        let (mut topics, mut last) = (BTreeSet::new(), seen);
        for (name, key, number) in rows {
            last = last.max(number);
            let Some(topic) = Topic::of_row(&name, key) else { continue };
            if !self.inner.told.knows(&topic, number) {
                topics.insert(topic);
            }
        }
        Ok((topics, last))
    }

    /// Waits until others were told of all that this process committed.
    #[boxed]
    pub async fn told(&self) {
        loop {
            let idle = self.inner.told.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            if !self.inner.told.pending().telling {
                return;
            }
            idle.await;
        }
    }

    /// Begins to listen to what other processes on this database commit.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn others(&self) -> Result<Others, StoreError> {
        let seen = self.change_count().await?;
        self.inner.told.heard(seen.max(1));
        let now = Instant::now();
        let log = self.path().map(Log::of);
        Ok(Others { seen, bell: None, log, written: None, looked: now, stirred: now, store: self.clone() })
    }
}

async fn tell(store: Store) {
    loop {
        tokio::time::sleep(GATHER).await;
        let topics = {
            let mut pending = store.inner.told.pending();
            if pending.topics.is_empty() {
                pending.telling = false;
                break;
            }
            std::mem::take(&mut pending.topics)
        };
        // Who is not told finds it when next looking at the state itself.
        let _ = tell_now(&store, &topics).await;
    }
    store.inner.told.idle.notify_waiters();
}

async fn tell_now(store: &Store, topics: &BTreeSet<Topic>) -> Result<(), StoreError> {
    let mut tx = store.begin_apart().await?;
    tx.lock("changes").await?;
    // What another process changed of the same topics since the last look is about to be written over, and may have
    // been committed after what is told here. Whoever does not listen needs no word of it.
    let seen = store.inner.told.seen.load(Ordering::Relaxed);
    let mut foreign = BTreeSet::new();
    if seen > 0 {
        foreign = store.foreign(tx.connection(), seen).await?.0;
        foreign.retain(|topic| topics.contains(topic));
    }
    let number = number(tx.connection(), Kind::Postgres, topics).await?;
    store.inner.told.remember(topics, number);
    store.inner.watchers.tell(&foreign);
    sql(TOPIC, "ringing", format!("NOTIFY {BELL}")).run(tx.connection()).await?;
    tx.commit().await
}

/// Hears what other processes on the same database commit, and tells those who watch in this one.
#[derive(Debug)]
pub struct Others {
    store: Store,
    seen: u64,
    bell: Option<PgListener>,
    /// SQLite's log, and how it was at the last look.
    log: Option<Log>,
    written: Option<Stamp>,
    looked: Instant,
    /// When others were last found to have changed something.
    stirred: Instant,
}

impl Others {
    /// Waits until it is time to look, and looks. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The database cannot be read; the next call looks again.
    #[boxed]
    pub async fn hear(&mut self) -> Result<(), StoreError> {
        self.wait().await;
        if self.is_still() {
            return Ok(());
        }
        let looked = self.look().await;
        if looked.is_err() {
            self.written = None;
        }
        looked
    }

    async fn wait(&mut self) {
        let Some(pool) = &self.store.inner.bell else {
            if self.stirred.elapsed() < STIR {
                return tokio::time::sleep(LOOK_SOON).await;
            }
            return self.until_written().await;
        };
        if self.bell.is_none() {
            // Whoever cannot listen looks as often as where something is being written.
            self.bell = listen(pool).await.ok();
            if self.bell.is_some() {
                // What was rung before anybody listened is looked for at once.
                return;
            }
        }
        let Some(bell) = &mut self.bell else { return tokio::time::sleep(LOOK_SOON).await };
        match tokio::time::timeout(LISTEN_ANYWAY, bell.recv()).await {
            Ok(Ok(_)) | Err(_) => {}
            Ok(Err(_)) => {
                self.bell = None;
                tokio::time::sleep(LOOK_SOON).await;
            }
        }
    }

    /// Waits until the log is written again, where it has settled.
    async fn until_written(&self) {
        let settled = self.log.as_ref().filter(|_| self.written.is_some());
        let Some((log, mut watch)) = settled.and_then(|log| Some((log, log.watched()?))) else {
            return tokio::time::sleep(LOOK_EVERY).await;
        };
        // What was written before it was watched is looked at now.
        if log.stamp() == self.written {
            let rest = LOOK_ANYWAY.saturating_sub(self.looked.elapsed());
            if tokio::time::timeout(rest, watch.written()).await.is_ok() {
                tokio::time::sleep(COMMIT).await;
            }
        }
    }

    /// Whether nobody can have written since the last look: then there is nothing to ask the database. The file tells
    /// when it was written; what was written in the moment of that look may bear the same time, and is looked at again.
    fn is_still(&mut self) -> bool {
        let Some(log) = &self.log else { return false };
        let written = log.stamp();
        let late = self.looked.elapsed() >= LOOK_ANYWAY;
        let same = written.is_some() && written == self.written;
        let settled = |(at, _): Stamp| at.elapsed().is_ok_and(|since| since > SETTLED);
        self.written = written.filter(|written| settled(*written));
        if same && !late {
            return true;
        }
        self.looked = Instant::now();
        false
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        let (topics, seen) = self.store.foreign(&mut *self.store.reader().await?, self.seen).await?;
        self.seen = seen;
        self.store.inner.told.heard(seen);
        self.store.inner.watchers.tell(&topics);
        if !topics.is_empty() {
            self.stirred = self.looked;
        }
        Ok(())
    }
}

async fn listen(pool: &sqlx::PgPool) -> Result<PgListener, sqlx::Error> {
    let mut bell = PgListener::connect_with(pool).await?;
    bell.listen(BELL).await?;
    Ok(bell)
}
