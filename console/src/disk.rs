//! How much room a folder has left.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tongpin_domain::lang::{Lang, Say};

/// The room on the file system that holds a folder, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Space {
    /// What this user may still write.
    pub free_bytes: u64,
    /// The size of the file system.
    pub total_bytes: u64,
}

/// Why the room could not be told.
#[derive(Debug, thiserror::Error)]
#[error("cannot tell the free space of {}", path.display())]
pub struct DiskError {
    /// The folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl Say for DiskError {
    fn say(&self, lang: Lang) -> String {
        let (path, source) = (self.path.display(), &self.source);
        let zh = format!("无法得知 {path} 的剩余空间（{source}）；请检查路径和权限");
        let en = format!("cannot tell the free space of {path} ({source}); check the path and its permissions");
        lang.pick(&zh, &en).to_owned()
    }
}

/// The room for a folder; for one that does not exist yet, the room where it would be made.
pub fn space(folder: &Path) -> Result<Space, DiskError> {
    let failed = |source: io::Error| DiskError { path: folder.to_owned(), source };
    // A relative path ends in the empty one, which stands for the working directory.
    let mut place = folder;
    let found = loop {
        let asked = if place.as_os_str().is_empty() { Path::new(".") } else { place };
        match rustix::fs::statvfs(asked) {
            Err(rustix::io::Errno::NOENT) => {
                place = place.parent().ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
            }
            result => break result.map_err(|error| failed(error.into()))?,
        }
    };
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok(Space { free_bytes: bytes(found.f_bavail), total_bytes: bytes(found.f_blocks) })
}

/// A number of bytes as people say it: `980 B`, `1.5 GB`, in steps of 1,024, cut off and never rounded up.
#[must_use]
pub fn shown_bytes(bytes: u64) -> String {
    let units = ["KB", "MB", "GB", "TB"];
    let mut unit = None;
    let mut tenths = bytes.saturating_mul(10);
    for name in units {
        if tenths < 10_240 {
            break;
        }
        tenths /= 1024;
        unit = Some(name);
    }
    match unit {
        None => format!("{bytes} B"),
        Some(unit) => format!("{}.{} {unit}", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that a folder that is still to be made has the room of the one it will be in.
    #[test]
    fn a_future_folder_has_its_parents_room() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let parent = space(folder.path()).expect("room");
        let future = space(&folder.path().join("not/yet/there")).expect("room");
        assert_eq!(parent.total_bytes, future.total_bytes);
        assert!(parent.total_bytes > 0 && parent.free_bytes <= parent.total_bytes, "{parent:?}");
        assert!(space(Path::new("relative/not-there")).is_ok());
    }

    /// Shows that a path through a file, where no folder can ever be, is an error that names it.
    #[test]
    fn a_path_through_a_file_is_an_error() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let path = file.path().join("below");
        let error = space(&path).expect_err("not a folder");
        assert!(error.say(Lang::Zh).contains(&path.display().to_string()), "{error}");
    }

    /// Shows sizes as people say them, calculated by hand.
    #[test]
    fn sizes_are_readable() {
        assert_eq!(shown_bytes(0), "0 B");
        assert_eq!(shown_bytes(1023), "1023 B");
        assert_eq!(shown_bytes(1024), "1.0 KB");
        // 1.5 × 1024³ = 1,610,612,736
        assert_eq!(shown_bytes(1_610_612_736), "1.5 GB");
        // One byte less is cut off to 1.4.
        assert_eq!(shown_bytes(1_610_612_735), "1.4 GB");
        // 5 × 1024⁵ has no unit of its own here: 5 × 1024 TB.
        assert_eq!(shown_bytes(5_629_499_534_213_120), "5120.0 TB");
    }
}
