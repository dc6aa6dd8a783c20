//! SQLite's log (`-wal`): whoever writes to the database writes there. When that was, and word of the next time: on
//! Linux the kernel tells, so that an idle process need not wake up to look.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

#[cfg(target_os = "linux")]
use futures_util::StreamExt;

/// The log of a database.
#[derive(Debug)]
pub(super) struct Log(PathBuf);

/// When it was last written, and how long it was.
pub(super) type Stamp = (SystemTime, u64);

impl Log {
    pub(super) fn of(database: &Path) -> Self {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        Self(log.into())
    }

    /// How it is now; `None` if that cannot be told.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        let log = std::fs::metadata(&self.0).ok()?;
        Some((log.modified().ok()?, log.len()))
    }

    /// Begins to watch it; `None` where nobody tells, because it is not there or too much is watched already.
    pub(super) fn watched(&self) -> Option<Watch> {
        Watch::of(&self.0)
    }
}

/// A file that is watched.
#[cfg(target_os = "linux")]
pub(super) struct Watch(inotify::EventStream<[u8; 1024]>);

#[cfg(target_os = "linux")]
impl Watch {
    fn of(file: &Path) -> Option<Self> {
        use inotify::{Inotify, WatchMask};
        let words = Inotify::init().ok()?;
        let written = WatchMask::MODIFY | WatchMask::ATTRIB | WatchMask::DELETE_SELF | WatchMask::MOVE_SELF;
        words.watches().add(file, written | WatchMask::ONESHOT).ok()?;
        words.into_event_stream([0; 1024]).ok().map(Self)
    }

    /// Waits until something was written, or the file is another one.
    pub(super) async fn written(&mut self) {
        // What cannot be waited for is looked at.
        let _ = self.0.next().await;
    }
}

/// Elsewhere nobody tells.
#[cfg(not(target_os = "linux"))]
pub(super) enum Watch {}

#[cfg(not(target_os = "linux"))]
impl Watch {
    fn of(_file: &Path) -> Option<Self> {
        None
    }

    pub(super) async fn written(&mut self) {
        match *self {}
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    /// Who waits hears of a write, and of none while nobody writes; what is not there cannot be watched.
    #[tokio::test]
    async fn told_of_a_write() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("a.sqlite");
        let log = Log::of(&database);
        assert!(log.stamp().is_none() && log.watched().is_none());
        let mut file = std::fs::File::create(folder.path().join("a.sqlite-wal")).expect("a file");
        let mut watch = log.watched().expect("it is there");
        assert!(timeout(Duration::from_millis(50), watch.written()).await.is_err(), "nobody writes");
        file.write_all(b"frame").expect("writable");
        timeout(Duration::from_secs(5), watch.written()).await.expect("it is told");
        assert_eq!(log.stamp().map(|(_, length)| length), Some(5));
    }
}
