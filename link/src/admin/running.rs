//! Whether `serve` runs on a data folder, and where it listens: told by a locked file, because a lock goes away with
//! the process that held it, however that ended.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;

const LOCK: &str = "serve.lock";
const ABOUT: &str = "serve.json";

/// What a running `serve` tells about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serving {
    /// Its process id.
    pub process: u32,
    /// Where children connect.
    pub listen: String,
    /// The console, none if it is off.
    pub page: Option<String>,
    /// Since when.
    pub since: Moment,
}

/// A data folder cannot be claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Another `serve` runs on it.
    #[error("another serve runs on {}", folder.display())]
    Taken {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be written.
    #[error("cannot write {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Say for ClaimError {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Taken { folder } => {
                format!("数据目录 {} 上已有一个 serve 在运行；请先停止它，或换一个数据目录", folder.display())
            }
            Self::Io { path, source } => {
                format!("无法写入 {}（{source}）；请检查目录是否存在、有无写权限", path.display())
            }
        };
        match self {
            Self::Io { source, .. } => lang.pick(&zh, &format!("{self} ({source})")).to_owned(),
            Self::Taken { .. } => lang.pick(&zh, &self.to_string()).to_owned(),
        }
    }
}

/// A data folder that this process serves. Dropping it, or dying, gives it up.
#[derive(Debug)]
pub struct Claim {
    folder: PathBuf,
    _lock: File,
}

impl Claim {
    /// Claims a folder for this process.
    ///
    /// # Errors
    /// See [`ClaimError`].
    pub fn take(folder: &Path) -> Result<Self, ClaimError> {
        let path = folder.join(LOCK);
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = opened.map_err(|source| ClaimError::Io { path: path.clone(), source })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(ClaimError::Taken { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(ClaimError::Io { path, source }),
        }
    }

    /// Tells commands beside this process where it listens.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn tell(&self, serving: &Serving) -> Result<(), ClaimError> {
        let path = self.folder.join(ABOUT);
        let text = serde_json::to_string(serving).unwrap_or_default();
        std::fs::write(&path, text).map_err(|source| ClaimError::Io { path, source })
    }
}

/// The `serve` that runs on a folder, `None` if there is none.
#[must_use]
pub fn serving(folder: &Path) -> Option<Serving> {
    let lock = OpenOptions::new().write(true).open(folder.join(LOCK)).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let text = std::fs::read_to_string(folder.join(ABOUT)).ok()?;
            serde_json::from_str(&text).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder is claimed once, tells where its holder listens, and is free again when the holder is gone.
    #[test]
    fn one_holder_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(serving(folder.path()), None);
        let claim = Claim::take(folder.path()).expect("a free folder");
        let about = Serving { process: 7, listen: "127.0.0.1:7402".into(), page: None, since: Moment(1) };
        claim.tell(&about).expect("a writable folder");
        assert!(matches!(Claim::take(folder.path()), Err(ClaimError::Taken { .. })));
        assert_eq!(serving(folder.path()), Some(about));
        drop(claim);
        assert_eq!(serving(folder.path()), None);
        assert!(Claim::take(folder.path()).is_ok());
    }
}
