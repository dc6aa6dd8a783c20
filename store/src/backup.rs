//! 备份: copies of a running database, and how it is judged sound.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use sqlx::AnyConnection;
use sqlx::Connection as _;

use crate::boxed;
use crate::db::{Kind, Store, file_url, private, settings};
use crate::error::StoreError;
use crate::meta;
use crate::sql::sql;

impl Store {
    /// Copies the database, as it is at this moment, to a new file while others go on reading and writing.
    ///
    /// The copy is marked: when it is opened as a live database, it gets a new incarnation, so that its peers notice
    /// that it has forgotten what happened since. The file appears under its name only when it is whole.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if there is such a file, [`StoreError::UsePgDump`] on PostgreSQL.
    #[boxed]
    pub async fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        if self.kind() == Kind::Postgres {
            return Err(StoreError::UsePgDump);
        }
        if path.exists() {
            return Err(StoreError::Exists { path: path.to_owned() });
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = path.with_file_name(name);
        let made = self.copy_to(&partial).await;
        let made = made.and_then(|()| std::fs::rename(&partial, path).map_err(failed(path)));
        if made.is_err() {
            // The first error is what matters; a leftover is overwritten by the next attempt.
            let _ = std::fs::remove_file(&partial);
            return made;
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
    }

    async fn copy_to(&self, partial: &Path) -> Result<(), StoreError> {
        // SQLite copies into an empty file as into a missing one, and so the copy is its owner's alone from the start.
        private(OpenOptions::new().write(true).create(true).truncate(true)).open(partial).map_err(failed(partial))?;
        let partial = partial.canonicalize().map_err(failed(partial))?;
        let target = partial.to_str().ok_or_else(|| StoreError::Address { problem: "the path is not UTF-8".into() })?;
        let mut source = self.writer_free_connection().await?;
        sql("meta", "copying the database", "VACUUM INTO $1").text(target).kept(false).run(&mut source).await?;
        close(source).await?;

        let mut copy = connect(&file_url(&partial)?).await?;
        settings(&mut copy, "PRAGMA synchronous=FULL;").await?;
        meta::write(&mut copy, meta::RESTORED, "1").await?;
        close(copy).await?;
        File::open(&partial).and_then(|file| file.sync_all()).map_err(failed(&partial))
    }

    /// A connection of its own, which neither keeps writers waiting nor is bound to read only.
    async fn writer_free_connection(&self) -> Result<AnyConnection, StoreError> {
        let path = self.path().map(Path::to_owned).unwrap_or_default();
        connect(&file_url(&path)?).await
    }

    /// Lets SQLite check the whole file; PostgreSQL checks its own.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with what was found.
    #[boxed]
    pub async fn check(&self) -> Result<(), StoreError> {
        if self.kind() == Kind::Postgres {
            return Ok(());
        }
        let query = sql("sqlite", "checking the database", "PRAGMA quick_check").kept(false);
        let lines = query.read(&mut *self.reader().await?, |line| line.text("quick_check")).await?;
        if lines == ["ok"] { Ok(()) } else { Err(StoreError::Damaged { findings: lines.join("; ") }) }
    }

    /// How much room the database takes: the file and its side files, or what PostgreSQL reports.
    #[boxed]
    pub async fn size_bytes(&self) -> Result<u64, StoreError> {
        let Some(path) = self.path() else {
            let query = sql("pg_database", "measuring", "SELECT pg_database_size(current_database()) AS size");
            let line = query.first(&mut *self.reader().await?).await?;
            return line.map_or(Ok(0), |line| line.number("size"));
        };
        let side = |suffix: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let main = std::fs::metadata(path).map_err(failed(path))?.len();
        let sides = [side("-wal"), side("-shm")];
        Ok(sides.iter().filter_map(|path| std::fs::metadata(path).ok()).fold(main, |sum, file| sum + file.len()))
    }
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |source| StoreError::Io { path, source }
}

async fn connect(url: &str) -> Result<AnyConnection, StoreError> {
    AnyConnection::connect(url).await.map_err(|source| StoreError::database("opening the database", source))
}

async fn close(connection: AnyConnection) -> Result<(), StoreError> {
    connection.close().await.map_err(|source| StoreError::database("closing the database", source))
}
