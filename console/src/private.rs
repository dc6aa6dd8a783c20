//! Files that are their owner's alone: what holds keys, records or other people's words is written so, and what stands
//! open to other users of the machine is found.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a file in place of one that may be there, which becomes its owner's alone as well.
///
/// # Errors
/// The system's.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = options().create(true).truncate(true).open(path)?;
    close(&file)?;
    file.write_all(bytes)
}

/// Makes a file that must not be there yet, for writing.
///
/// # Errors
/// The system's.
pub fn new(path: &Path) -> io::Result<File> {
    options().create_new(true).open(path)
}

/// Makes a folder with those above it. One that is there stays as it is: whoever made it had reasons.
///
/// # Errors
/// The system's.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a folder that is this program's alone, or closes it if it stands open.
///
/// # Errors
/// The system's.
pub fn own_folder(path: &Path) -> io::Result<()> {
    folder(path)?;
    #[cfg(unix)]
    if is_open(path) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(unix)]
fn close(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode();
    // A device or a pipe is whoever's it is.
    if mode & 0o077 != 0 && file.metadata()?.is_file() {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn close(_: &File) -> io::Result<()> {
    Ok(())
}

/// Whether other users of the machine may read or change what is there; where there is nothing nobody may.
#[must_use]
pub fn is_open(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Of these files, and of the files in those that are folders, the ones that stand open, sorted.
#[must_use]
pub fn open_ones(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths {
        found.extend(is_open(path).then(|| path.clone()));
        let within = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
        found.extend(within.filter(|path| is_open(path)));
    }
    found.sort();
    found
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// What is written here is its owner's alone, also where something open was before; what stands open is named.
    #[test]
    fn whose_files() {
        let folder_of = tempfile::tempdir().expect("a folder");
        let (keys, old) = (folder_of.path().join("identity"), folder_of.path().join("old"));
        folder(&keys.join("below")).expect("made");
        fs::write(&old, "before").expect("writable");
        fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).expect("owned");
        let key = keys.join("key.pem");
        write(&key, b"key").expect("writable");
        assert!(new(&key).is_err());
        let fresh = keys.join("new.pem");
        drop(new(&fresh).expect("writable"));
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!([mode(&keys), mode(&keys.join("below"))], [0o700; 2]);
        assert_eq!([mode(&key), mode(&fresh)], [0o600; 2]);
        let all = [keys.clone(), old.clone(), folder_of.path().join("missing")];
        assert_eq!(open_ones(&all), std::slice::from_ref(&old));
        write(&old, b"after").expect("writable");
        assert_eq!((mode(&old), fs::read(&old).expect("there")), (0o600, b"after".to_vec()));
        for (path, open) in [(&key, 0o640), (&keys, 0o755)] {
            fs::set_permissions(path, fs::Permissions::from_mode(open)).expect("owned");
        }
        assert_eq!(open_ones(&all), [keys.clone(), key]);
        folder(&keys).expect("there");
        assert_eq!(mode(&keys), 0o755);
        own_folder(&keys).expect("closed");
        assert_eq!(mode(&keys), 0o700);
    }
}
