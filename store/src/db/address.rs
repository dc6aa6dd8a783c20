//! Where a database is: a file, or a PostgreSQL server.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// The kind of database behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A database's address, read from what an operator wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// A file; `create` allows to make it.
    File { path: PathBuf, create: bool },
    /// A URL, which may hold a password and is never shown.
    Server { url: String },
}

impl Address {
    /// Reads a plain path, `sqlite://path?mode=rwc` or `postgres://…`.
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        let wrong = |problem: &str| StoreError::Address { problem: problem.to_owned() };
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Server { url: text.to_owned() });
        }
        let Some(rest) = text.strip_prefix("sqlite:") else {
            let scheme = text.split_once("://").map(|(scheme, _)| scheme);
            return match scheme {
                Some(other) => Err(wrong(&format!("unknown kind {other:?}"))),
                None => Self::file(text, true),
            };
        };
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        match parameters {
            "" | "mode=rwc" => Self::file(path, true),
            "mode=rw" => Self::file(path, false),
            _ => Err(wrong(&format!("unknown parameter {parameters:?}"))),
        }
    }

    /// The write-ahead log that lies beside the file and holds something.
    pub(crate) fn log(&self) -> Option<PathBuf> {
        let Self::File { path, .. } = self else { return None };
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let log = PathBuf::from(log);
        std::fs::metadata(&log).is_ok_and(|about| about.len() > 0).then_some(log)
    }

    /// That log, if it is certainly another file's: SQLite would read it over this one all the same.
    pub(crate) fn others_log(&self) -> Result<Option<PathBuf>, StoreError> {
        match (self, self.log()) {
            (Self::File { path, .. }, Some(log)) if path.exists() && !has_log_mode(path)? => Ok(Some(log)),
            _ => Ok(None),
        }
    }

    fn file(path: &str, create: bool) -> Result<Self, StoreError> {
        if path.is_empty() || path.starts_with(':') {
            return Err(StoreError::Address { problem: "a file is needed".into() });
        }
        Ok(Self::File { path: PathBuf::from(path), create })
    }
}

/// Makes the folder and the file if they are missing, readable by their owner only, and returns the file's full path.
pub(crate) fn prepare(path: &Path, create: bool) -> Result<PathBuf, StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| StoreError::Io { path, source }
    };
    if create {
        DirBuilder::new().recursive(true).create(folder).map_err(failed(folder))?;
    }
    let folder = folder.canonicalize().map_err(failed(folder))?;
    let name = path.file_name().ok_or_else(|| StoreError::Address { problem: "a file is needed".into() })?;
    let full = folder.join(name);
    private(OpenOptions::new().write(true).create(create)).open(&full).map_err(failed(&full))?;
    Ok(full)
}

/// Whether the file says of itself that its changes go through a write-ahead log. That is written into it before there
/// is a log; what `backup` writes does not say it until it is opened in its place. A file too short to say anything may
/// have everything in its log.
pub(crate) fn has_log_mode(path: &Path) -> Result<bool, StoreError> {
    let mut head = [0; 20];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    match read {
        Ok(()) => Ok(head[18] != 1),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(true),
        Err(source) => Err(StoreError::Io { path: path.to_owned(), source }),
    }
}

/// Files made with these options belong to their owner alone; SQLite gives its side files the same rights.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// The URL that the driver takes for an existing file: what would end or change a path in a URL is escaped.
pub(crate) fn file_url(path: &Path) -> Result<String, StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::Address { problem: "the path is not UTF-8".into() })?;
    let escaped = text.replace('%', "%25").replace('?', "%3F").replace('#', "%23").replace('\\', "%5C");
    Ok(format!("sqlite://{escaped}?mode=rw"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three ways to write an address, and what is none.
    #[test]
    fn addresses() {
        let file = |path: &str, create| Some(Address::File { path: path.into(), create });
        assert_eq!(Address::parse("data/hub.db").ok(), file("data/hub.db", true));
        assert_eq!(Address::parse("sqlite:///var/hub.db?mode=rwc").ok(), file("/var/hub.db", true));
        assert_eq!(Address::parse("sqlite://hub.db?mode=rw").ok(), file("hub.db", false));
        let server = "postgres://hub:secret@db/tongpin";
        assert_eq!(Address::parse(server).ok(), Some(Address::Server { url: server.into() }));
        for text in ["", "mysql://db", "sqlite::memory:", "sqlite://a.db?cache=shared"] {
            assert!(matches!(Address::parse(text), Err(StoreError::Address { .. })), "{text}");
        }
    }

    /// A password in a wrong address does not come out again in the message.
    #[test]
    fn passwords_stay_inside() {
        let error = Address::parse("mysql://hub:secret@db").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(!error.is_empty() && !error.contains("secret"), "{error}");
    }
}
