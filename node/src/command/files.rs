//! The files that commands read and write.

use std::io::Write as _;
use std::path::Path;

use tongpin_console::failure::Common;
use tongpin_console::private;

/// Reads a file that a person named.
///
/// # Errors
/// [`Common::File`].
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Common> {
    std::fs::read(path).map_err(|source| Common::File { path: path.to_owned(), source })
}

/// Writes a result, replacing what is there: a person may export again and again.
///
/// # Errors
/// [`Common::File`].
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Common> {
    private::write(path, bytes).map_err(|source| Common::File { path: path.to_owned(), source })
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// [`Common::FileExists`] and [`Common::File`].
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Common> {
    let written = private::new(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => Common::FileExists(path.to_owned()),
        _ => Common::File { path: path.to_owned(), source },
    })
}
