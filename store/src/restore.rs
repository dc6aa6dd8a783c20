//! 恢复: a copy takes the place of a database, and what was there stands aside. Nothing is deleted, and whoever is cut
//! off between two steps finds either the old database whole or none, which no program takes for an empty one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, fcntl_lock};
use sqlx::{AnyConnection, Connection as _};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::boxed;
use crate::db::{Address, Store, file_url, has_log_mode, private};
use crate::error::StoreError;
use crate::meta;
use crate::sql::sql;

/// What SQLite keeps beside a file, and reads with whatever file of that name it finds.
const SIDES: [&str; 3] = ["-wal", "-journal", "-shm"];
/// A copy that is not yet in its place.
const STAGED: &str = ".restoring";
/// The first bytes of every SQLite database.
const BEGINNING: &[u8] = b"SQLite format 3\0";

/// A copy beside the database whose place it is to take: sound, brought to the present schema, of a new incarnation.
#[derive(Debug)]
pub struct Restoring {
    store: Store,
    live: PathBuf,
    staged: PathBuf,
}

impl Restoring {
    /// Copies a file beside the database at `url`, and makes sure of the copy. A file of the same name with `-wal`
    /// after it belongs to it and is read with it. The database itself is not touched, nor is the file.
    ///
    /// # Errors
    /// [`StoreError::UsePgRestore`] on PostgreSQL, [`StoreError::NoCopy`] if it is no database of these programs or is
    /// damaged, [`StoreError::NewerSchema`], and what the disk answers.
    #[boxed]
    pub async fn stage(url: &str, from: &Path) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let Address::File { path, .. } = Address::parse(url)? else { return Err(StoreError::UsePgRestore) };
        let live = full(&path)?;
        let staged = with(&live, STAGED);
        remove(&staged)?;
        let store = copy(from, &live, &staged).await.map_err(|error| match error {
            StoreError::Damaged { findings } => StoreError::NoCopy { path: from.to_owned(), findings },
            other => other,
        });
        if store.is_err() {
            // The first error is what matters; a leftover is removed by the next attempt.
            let _ = remove(&staged);
        }
        Ok(Self { store: store?, live, staged })
    }

    /// The copy, opened: for whoever looks whose it is, and for the entry in its log.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Leaves everything as it was.
    #[boxed]
    pub async fn give_up(self) {
        self.store.close().await;
        let _ = remove(&self.staged);
    }

    /// Puts the copy in its place. Returns where the database that was there stands now, `None` if there was none.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if a program uses the database or the copy; the disk's.
    #[boxed]
    pub async fn put_in_place(self, at: Moment) -> Result<Option<PathBuf>, StoreError> {
        self.store.close().await;
        let placed = self.swap(at);
        if placed.is_err() {
            let _ = remove(&self.staged);
        }
        placed
    }

    /// Copies what lies beside the old database, gives both their names aside, takes away what lay beside it, and only
    /// then lets the copy have the name. The old log is never beside the new file, and never missing beside the old
    /// one.
    fn swap(&self, at: Moment) -> Result<Option<PathBuf>, StoreError> {
        let Self { live, staged, .. } = self;
        if SIDES.iter().any(|side| with(staged, side).exists()) {
            return Err(StoreError::Busy { doing: "closing the copy" });
        }
        sync(staged)?;
        let aside = free_name(live, at)?;
        // As long as this is held no program opens the database.
        let held = live.exists().then(|| lock(live)).transpose()?;
        for side in SIDES {
            let (from, to) = (with(live, side), with(&aside, side));
            if from.exists() {
                copy_file(&from, &to)?;
            }
        }
        let folder = folder_of(live);
        sync(folder)?;
        if held.is_some() {
            fs::rename(live, &aside).map_err(failed(live))?;
            sync(folder)?;
        }
        for side in SIDES {
            remove_file(&with(live, side))?;
        }
        sync(folder)?;
        fs::rename(staged, live).map_err(failed(live))?;
        sync(folder)?;
        Ok(held.map(|_| aside))
    }
}

impl Store {
    /// Notes whose database this is, once.
    #[boxed]
    pub async fn belongs_to(&self, region: &RegionCode) -> Result<(), StoreError> {
        match self.meta(meta::REGION).await? {
            Some(_) => Ok(()),
            None => self.set_meta(meta::REGION, region.as_str()).await,
        }
    }

    /// Whose database this is. One that was never told is known by the last entry in its log that says so; `None` if
    /// there is no such entry either.
    #[boxed]
    pub async fn whose(&self) -> Result<Option<RegionCode>, StoreError> {
        let told = self.meta(meta::REGION).await?;
        let text = "SELECT number, subject FROM audit \
            WHERE allowed = 1 AND action IN ('hub_init', 'node_join', 'database_new') ORDER BY number DESC LIMIT 1";
        let found = if told.is_some() {
            told
        } else {
            let line = sql("audit", "reading the log", text).first(&mut *self.reader().await?).await?;
            line.map(|line| line.text("subject")).transpose()?
        };
        Ok(found.and_then(|text| RegionCode::new(&text).ok()))
    }
}

/// Copies, checks and opens.
async fn copy(from: &Path, live: &Path, staged: &Path) -> Result<Store, StoreError> {
    let source = full(from)?;
    let about = fs::metadata(&source).map_err(failed(from))?;
    let none = |findings: &str| StoreError::NoCopy { path: from.to_owned(), findings: findings.to_owned() };
    if source == *live {
        return Err(none("the database in use"));
    }
    if !about.is_file() || !begins_well(&source)? {
        return Err(none("not SQLite"));
    }
    copy_file(&source, staged)?;
    for side in ["-wal", "-journal"] {
        let beside = with(&source, side);
        // What `backup` wrote has no write-ahead log: one beside it is another file's.
        if beside.exists() && (side != "-wal" || has_log_mode(&source)?) {
            copy_file(&beside, &with(staged, side))?;
        }
    }
    let mut connection = AnyConnection::connect(&file_url(staged)?).await.map_err(opening)?;
    let marked = note_restored(&mut connection).await;
    connection.close().await.map_err(opening)?;
    if !marked? {
        return Err(none("no tables of these programs"));
    }
    let store = Store::open(&staged.to_string_lossy()).await?;
    if let Err(error) = store.check().await {
        store.close().await;
        return Err(error);
    }
    Ok(store)
}

/// Notes in the copy that it is one, also if it was not made by `backup`; `false` if it is no database of these
/// programs.
async fn note_restored(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let text = "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('meta', 'outbox', 'audit')";
    let tables =
        sql("sqlite_master", "looking at the copy", text).kept(false).read(connection, |line| line.text("name"));
    if tables.await?.len() < 3 || meta::read(connection, meta::SCHEMA).await?.is_none() {
        return Ok(false);
    }
    meta::write(connection, meta::RESTORED, "1").await?;
    Ok(true)
}

fn begins_well(path: &Path) -> Result<bool, StoreError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let length = u64::try_from(BEGINNING.len()).unwrap_or_default();
    File::open(path).and_then(|file| file.take(length).read_to_end(&mut bytes)).map_err(failed(path))?;
    Ok(bytes == BEGINNING)
}

/// SQLite's connections hold locks on the file as long as they are open, and these meet this one.
fn lock(path: &Path) -> Result<File, StoreError> {
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed(path))?;
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => Err(StoreError::Busy { doing: "restoring" }),
        Err(error) => Err(failed(path)(error.into())),
    }
}

/// A name with the time that nothing has yet.
fn free_name(live: &Path, at: Moment) -> Result<PathBuf, StoreError> {
    let time: String = at.to_string().chars().filter(char::is_ascii_digit).collect();
    let named = |count: u32| match count {
        0 => format!(".replaced-{time}"),
        _ => format!(".replaced-{time}-{count}"),
    };
    let free = |path: &PathBuf| !path.exists() && SIDES.iter().all(|side| !with(path, side).exists());
    let found = (0..1000).map(|count| with(live, &named(count))).find(free);
    found.ok_or_else(|| StoreError::Exists { path: with(live, &named(0)) })
}

fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut source = File::open(from).map_err(failed(from))?;
    let opened = private(OpenOptions::new().write(true).create_new(true)).open(to);
    let mut target = opened.map_err(failed(to))?;
    io::copy(&mut source, &mut target).map_err(failed(to))?;
    target.sync_all().map_err(failed(to))
}

/// Takes a copy away with what lies beside it.
fn remove(path: &Path) -> Result<(), StoreError> {
    remove_file(path)?;
    SIDES.iter().try_for_each(|side| remove_file(&with(path, side)))
}

fn remove_file(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(failed(path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// The path without links in its folder, whether there is such a file or not.
fn full(path: &Path) -> Result<PathBuf, StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(failed(folder))?;
    let name = path.file_name().ok_or_else(|| StoreError::Address { problem: "a file is needed".into() })?;
    let full = folder.join(name);
    // A link leads to the file that is meant.
    Ok(full.canonicalize().unwrap_or(full))
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |source| StoreError::Io { path, source }
}

fn opening(source: sqlx::Error) -> StoreError {
    StoreError::database("opening the copy", source)
}
