//! The database itself: opening it, reading from it, and the one place where transactions begin and end.

mod address;
mod fault;
mod others;
mod remembered;
mod schema;
mod transaction;
mod watch;

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions as _, Connection as _, PgPool};

pub(crate) use address::{Address, Kind, file_url, has_log_mode, private};
pub use fault::DurableStep;
pub use others::Others;
pub use remembered::Remembered;
pub(crate) use schema::dialect;
pub use transaction::Tx;
pub use watch::Watch;

use crate::audit::Waiting;
use crate::boxed;
use crate::error::StoreError;
use crate::form::Definitions;
use crate::topic::Topic;

/// How long to wait for another process's lock, or for a connection of the pool.
const PATIENCE: Duration = Duration::from_secs(30);

/// WAL with `synchronous=FULL` makes a commit durable before it is answered. The WAL is copied back every 4,000 pages
/// (16 MB) rather than every 1,000, so that the first load of a large catalog does not pay for it in its commit. What a
/// statement of many rows notes for the case that it fails stays in memory: as a file it doubles the writes.
const WRITER_SETTINGS: &str = "PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
    PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=4000; \
    PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;";
/// How many rows a bulk read hands over at once.
const BULK_ROWS: usize = 1024;
/// The longest file SQLite allows.
const MOST_PAGES: u32 = u32::MAX - 1;
const READER_SETTINGS: &str =
    "PRAGMA busy_timeout=10000; PRAGMA query_only=ON; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000;";

/// A database of a hub or a node. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: Kind,
    path: Option<PathBuf>,
    writer: AnyPool,
    reader: AnyPool,
    /// SQLite through its own driver, for the few reads of many rows: handing each row from thread to thread costs
    /// more than reading it, and only the driver itself can be told to hand over many at once.
    bulk: Option<SqlitePool>,
    /// PostgreSQL through its own driver, for the one connection on which others' changes ring.
    bell: Option<PgPool>,
    watchers: watch::Watchers,
    told: others::Told,
    around: OnceLock<Arc<dyn DurableStep>>,
    /// Definitions of forms that were read before.
    forms: Definitions,
    /// See [`Store::limit_pages`].
    most_pages: Arc<AtomicU32>,
}

impl Store {
    /// Opens a database, makes it if it is missing, and brings its schema up to date.
    ///
    /// `url` is a plain path, `sqlite://path?mode=rwc` (`mode=rw` does not create) or `postgres://…`. A copy made by
    /// [`Store::backup_to`] gets a new incarnation here, the first time it is opened.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Io`], [`StoreError::NewerSchema`], [`StoreError::Damaged`],
    /// [`StoreError::OthersLog`] and what a database can answer.
    #[boxed]
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let address = Address::parse(url)?;
        let log = address.log();
        if let Some(log) = address.others_log()? {
            return Err(StoreError::OthersLog { log });
        }
        match (Self::open_at(address).await, log) {
            (Err(StoreError::Damaged { .. }), Some(log)) => Err(StoreError::OthersLog { log }),
            (opened, _) => opened,
        }
    }

    async fn open_at(address: Address) -> Result<Self, StoreError> {
        let mut bell = None;
        let (kind, options, path) = match address {
            Address::Server { url } => {
                bell = PgConnectOptions::from_str(&url).ok().map(ringing);
                (Kind::Postgres, options(&url)?, None)
            }
            Address::File { path, create } => {
                let path = address::prepare(&path, create)?;
                (Kind::Sqlite, options(&file_url(&path)?)?, Some(path))
            }
        };
        // A pool tries again until its patience ends; a connection of its own says at once what is wrong.
        let mut probe = AnyConnection::connect_with(&options).await.map_err(opening)?;
        let most_pages = Arc::new(AtomicU32::new(MOST_PAGES));
        let limited = most_pages.clone();
        let (writer, reader) = match kind {
            Kind::Postgres => {
                let pool = pool(kind, 8, String::new).connect_lazy_with(options);
                (pool.clone(), pool)
            }
            Kind::Sqlite => {
                settings(&mut probe, WRITER_SETTINGS).await?;
                let most = move || format!("PRAGMA max_page_count={};", limited.load(Ordering::Relaxed));
                let writer = pool(kind, 1, move || WRITER_SETTINGS.to_owned() + &most());
                let writer = writer.connect_with(options.clone()).await.map_err(opening)?;
                (writer, pool(kind, 4, || READER_SETTINGS.to_owned()).connect_lazy_with(options))
            }
        };
        probe.close().await.map_err(opening)?;
        let bulk = path.as_deref().map(bulk);
        let (watchers, told, around, forms) = Default::default();
        let inner = Inner { kind, path, writer, reader, bulk, bell, watchers, told, around, forms, most_pages };
        let store = Self { inner: Arc::new(inner) };
        schema::settle(&store).await?;
        Ok(store)
    }

    /// Whether the address is that of a file that is not there. Of a server that cannot be told without asking it.
    ///
    /// # Errors
    /// [`StoreError::Address`].
    pub fn is_missing(url: &str) -> Result<bool, StoreError> {
        match Address::parse(url)? {
            Address::Server { .. } => Ok(false),
            Address::File { path, .. } => Ok(!path.exists()),
        }
    }

    /// Opens a write transaction. If an audit entry waits in this task, see [`Store::audited`], it is committed with
    /// it.
    #[boxed]
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let tx = self.begin_apart().await?;
        Ok(tx.with(Waiting::here(self)))
    }

    /// Opens a write transaction that leaves waiting entries alone: the only place where one begins. On SQLite it takes
    /// the write lock at once, because a transaction that starts by reading and then writes fails whenever another has
    /// written in between.
    pub(crate) async fn begin_apart(&self) -> Result<Tx, StoreError> {
        let pool = &self.inner.writer;
        let begun = match self.inner.kind {
            Kind::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await,
            Kind::Postgres => pool.begin().await,
        };
        let inner = begun.map_err(|source| StoreError::database("beginning a transaction", source))?;
        Ok(Tx::new(inner, self.clone()))
    }

    /// Watches for changes of some topics, whichever process makes them; those of others are heard where
    /// [`Store::others`] listens.
    pub fn watch(&self, wants: impl Fn(&Topic) -> bool + Send + Sync + 'static) -> Watch {
        self.inner.watchers.watch(wants)
    }

    /// Whether the other is a clone of this one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// A connection for reading; on SQLite one that never waits for writers.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Any>, StoreError> {
        self.inner.reader.acquire().await.map_err(|source| StoreError::database("waiting for a connection", source))
    }

    /// The writer's connection outside of a transaction, for settings.
    pub(crate) async fn writer(&self) -> Result<PoolConnection<Any>, StoreError> {
        self.inner.writer.acquire().await.map_err(|source| StoreError::database("waiting for a connection", source))
    }

    /// See [`Inner::bulk`]; `None` on PostgreSQL.
    pub(crate) fn bulk(&self) -> Option<&SqlitePool> {
        self.inner.bulk.as_ref()
    }

    pub(crate) fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// The database file, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.inner.path.as_deref()
    }

    /// Closes every connection and waits for it. Calls after this fail.
    #[boxed]
    pub async fn close(&self) {
        self.told().await;
        if let Some(bell) = &self.inner.bell {
            bell.close().await;
        }
        if let Some(bulk) = &self.inner.bulk {
            bulk.close().await;
        }
        self.inner.reader.close().await;
        self.inner.writer.close().await;
    }

    /// Lets a SQLite file grow to so many pages and no further, so that tests can fill a disk. Does nothing on
    /// PostgreSQL.
    #[doc(hidden)]
    #[boxed]
    pub async fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        if self.inner.kind == Kind::Postgres {
            return Ok(());
        }
        // A full disk replaces the connection, and the next one is to find it as full.
        self.inner.most_pages.store(pages, Ordering::Relaxed);
        settings(&mut *self.writer().await?, &format!("PRAGMA max_page_count={pages};")).await
    }

    /// Takes the end off the audit log of a SQLite file and puts right what is kept apart, as whoever has the file
    /// could, so that tests can see who misses it. Does nothing on PostgreSQL.
    #[doc(hidden)]
    #[boxed]
    pub async fn cut_log(&self, after: u64) -> Result<(), StoreError> {
        if self.inner.kind == Kind::Postgres {
            return Ok(());
        }
        let text = format!(
            "DELETE FROM audit WHERE number > {after}; UPDATE audit_head SET number = {after}, \
            digest = (SELECT digest FROM audit WHERE number = {after});"
        );
        settings(&mut *self.writer().await?, &text).await
    }

    /// Lets nothing into the audit log of a SQLite file until it is opened again, so that tests can see that what
    /// cannot be entered is not done. Does nothing on PostgreSQL.
    #[doc(hidden)]
    #[boxed]
    pub async fn close_log(&self, closed: bool) -> Result<(), StoreError> {
        if self.inner.kind == Kind::Postgres {
            return Ok(());
        }
        let text = if closed {
            "CREATE TRIGGER closed_log BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the log is closed'); END;"
        } else {
            "DROP TRIGGER closed_log;"
        };
        settings(&mut *self.writer().await?, text).await
    }
}

/// Runs statements that take no arguments and give no rows of interest.
pub(crate) async fn settings(connection: &mut AnyConnection, text: &str) -> Result<(), StoreError> {
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned())).execute(connection).await;
    done.map(|_| ()).map_err(|source| StoreError::database("setting up the database", source))
}

fn opening(source: sqlx::Error) -> StoreError {
    StoreError::database("opening the database", source)
}

fn options(url: &str) -> Result<AnyConnectOptions, StoreError> {
    let options = AnyConnectOptions::from_str(url)
        .map_err(|error| StoreError::Address { problem: format!("it cannot be read ({error})") })?;
    Ok(options.disable_statement_logging())
}

/// One connection, opened when somebody listens.
fn ringing(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect_lazy_with(options)
}

fn bulk(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(Duration::from_secs(10))
        .row_buffer_size(BULK_ROWS)
        .disable_statement_logging();
    SqlitePoolOptions::new().max_connections(2).min_connections(0).acquire_timeout(PATIENCE).connect_lazy_with(options)
}

/// Connections live as long as the program: an open one is 2.5 times faster than a fresh one. Each begins with the
/// settings that `each` gives.
fn pool(kind: Kind, connections: u32, each: impl Fn() -> String + Send + Sync + 'static) -> AnyPoolOptions {
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(kind == Kind::Postgres)
        .after_connect(move |connection, _| {
            let text = each();
            Box::pin(async move { sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(connection).await.map(|_| ()) })
        });
    match kind {
        // When the disk is full SQLite rolls back by itself, and the driver goes on counting a transaction that is no
        // longer there. Such a connection is closed and replaced.
        Kind::Sqlite => pool
            .idle_timeout(None)
            .max_lifetime(None)
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) })),
        Kind::Postgres => pool,
    }
}
