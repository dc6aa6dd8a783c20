//! What both programs need to open their data folder: where its parts are, and the machine's clock and disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongpin_link::site::FreeBytes;
use tongpin_link::tls::Clock;
use tongpin_store::Store;

use crate::settings::Common;
use crate::{clock, disk};

/// The clock of this machine, for whatever needs it passed in.
#[must_use]
pub fn real_clock() -> Clock {
    Clock::new(clock::now)
}

/// The room on the disk of a folder, for whatever needs it passed in.
#[must_use]
pub fn free_bytes(data: &Path) -> FreeBytes {
    let data = data.to_owned();
    Arc::new(move || disk::space(&data).map_or(0, |space| space.free_bytes))
}

/// Where the keys of a data folder are.
#[must_use]
pub fn identity_folder(data: &Path) -> PathBuf {
    data.join("identity")
}

/// The database that the settings name, or the file in the data folder.
#[must_use]
pub fn database_url(data: &Path, settings: &Common) -> String {
    match settings.database.trim() {
        "" => data.join("tongpin.sqlite").to_string_lossy().into_owned(),
        configured => configured.to_owned(),
    }
}

/// Where keys and records are, which are nobody else's to read.
#[must_use]
pub fn private_files(data: &Path, store: &Store, settings: &Common) -> Vec<PathBuf> {
    let mut files = vec![identity_folder(data)];
    files.extend(store.path().map(Path::to_owned));
    let key = settings.page_key.trim();
    files.extend((!key.is_empty()).then(|| data.join(key)));
    files
}
