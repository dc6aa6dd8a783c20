//! The kept files: data folders unpacked into temporary ones, and the clock that their certificates are good on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use tongpin_domain::moment::Moment;
use tongpin_link::tls::Clock;

/// Of 0.1: 2026-11-29 12:00 in China, some two hours after everything was written.
const NOON: Moment = Moment(1_795_924_800_000);

/// The file of this name that 0.1 wrote.
pub(crate) fn kept(name: &str) -> Result<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens/0.1").join(name);
    std::fs::read(&path).with_context(|| path.display().to_string())
}

/// A data folder that 0.1 wrote, in `folder/name`.
pub(crate) fn data_folder(folder: &Path, name: &str) -> Result<PathBuf> {
    let packed = kept(&format!("{name}.folder.zst"))?;
    let files: BTreeMap<String, String> = serde_json::from_slice(&zstd::decode_all(packed.as_slice())?)?;
    let home = folder.join(name);
    for (file, text) in files {
        let path = home.join(file);
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        std::fs::write(&path, base64::engine::general_purpose::STANDARD.decode(text)?)?;
        private(&path)?;
    }
    Ok(home)
}

/// Keys and databases are their owner's alone, as the programs leave them.
fn private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?)
}

/// A clock that stands at the time of writing.
pub(crate) fn clock() -> Clock {
    Clock::new(|| NOON)
}
