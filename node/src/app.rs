//! An opened node: its folder, settings, database and identity, and whom it follows.

pub(crate) mod correctable;
pub(crate) mod rescoring;
pub(crate) mod statistics;

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongpin_console::output::Output;
use tongpin_console::{clock, command_line, disk, private};
use tongpin_domain::region;
use tongpin_link::identity::Identity;
use tongpin_link::site::{FreeBytes, Site};
use tongpin_link::tls::Clock;
use tongpin_link::uplink::Parent;
use tongpin_store::{AuditDraft, Store};

use crate::app::rescoring::Rescoring;
use crate::app::statistics::Statistics;
use crate::failure::Failure;
use crate::guidance::library::Library;
use crate::records::evidence;
use crate::settings::Settings;

/// A node that commands work on.
#[derive(Clone)]
pub(crate) struct App {
    /// How to print.
    pub(crate) output: Output,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The configuration.
    pub(crate) settings: Settings,
    /// Database and identity.
    pub(crate) site: Arc<Site>,
    /// Whom it follows.
    pub(crate) parent: Parent,
    /// What looking at all records told last.
    pub(crate) statistics: Arc<Statistics>,
    /// The indicator library, in memory.
    pub(crate) library: Library,
    /// The scoring behind the pages.
    pub(crate) rescoring: Arc<Rescoring>,
}

/// The clock of this machine, for whatever needs it passed in.
pub(crate) fn real_clock() -> Clock {
    Clock::new(clock::now)
}

/// The room on the disk of a folder, for whatever needs it passed in.
fn free_bytes(data: &Path) -> FreeBytes {
    let data = data.to_owned();
    Arc::new(move || disk::space(&data).map_or(0, |space| space.free_bytes))
}

/// Where the keys of a data folder are.
pub(crate) fn identity_folder(data: &Path) -> PathBuf {
    data.join("identity")
}

/// The database that the settings name, or the file in the data folder.
pub(crate) fn database_url(data: &Path, settings: &Settings) -> String {
    let configured = settings.database.trim();
    if configured.is_empty() {
        data.join("tongpin.sqlite").to_string_lossy().into_owned()
    } else {
        configured.to_owned()
    }
}

impl App {
    /// Opens the node of the data folder.
    ///
    /// # Errors
    /// It has not joined, or its configuration, database or identity cannot be used.
    pub(crate) async fn open(data: &Path, settings: Settings, output: Output) -> Result<Self, Failure> {
        let folder = identity_folder(data);
        if !Identity::exists(&folder) {
            return Err(Failure::NotJoined(data.to_owned()));
        }
        let url = database_url(data, &settings);
        // Keys without a database are no new node: an empty one would be taken for what this node holds.
        let missing = || Failure::DatabaseMissing(data.to_owned());
        if Store::is_missing(&url)? {
            return Err(missing());
        }
        let store = Store::open(&url).await?;
        let parent = Parent::load(&store).await?.ok_or_else(missing)?;
        let site = Site::open(store, &folder, Some(parent.region.clone()), real_clock(), free_bytes(data)).await?;
        Ok(Self {
            output,
            data: data.to_owned(),
            settings,
            site,
            parent,
            statistics: Arc::default(),
            library: Library::default(),
            rescoring: Arc::default(),
        })
    }

    /// The database.
    pub(crate) fn store(&self) -> &Store {
        &self.site.store
    }

    /// Whether this bureau's records go up to its parent whole, as a township's do.
    pub(crate) fn records_go_up(&self) -> bool {
        region::records_go_up(&self.site.region(), &self.parent.region)
    }

    /// What the audit log keeps of something done now, from no address; `by` is blank if nobody is named.
    pub(crate) fn entry<'a>(&self, by: &'a str, action: &'a str, subject: &'a str, detail: &'a str) -> AuditDraft<'a> {
        command_line::entry(self.site.now(), by, action, subject, detail)
    }

    /// Where keys and records are, which are nobody else's to read.
    pub(crate) fn private_files(&self) -> Vec<PathBuf> {
        let mut files = vec![identity_folder(&self.data), evidence::folder(&self.data)];
        files.extend(self.store().path().map(Path::to_owned));
        let key = self.settings.page_key.trim();
        files.extend((!key.is_empty()).then(|| self.data.join(key)));
        files
    }

    /// Asks the person at the terminal before a step that is hard to undo.
    ///
    /// # Errors
    /// [`Failure::Declined`], or [`Failure::Unconfirmed`] where nobody can be asked.
    pub(crate) fn confirm(&self, yes: bool, zh: &str, en: &str) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() || !self.output.terminal {
            return Err(Failure::Unconfirmed);
        }
        let mut out = std::io::stderr().lock();
        write!(out, "{} {} ", self.output.pick(zh, en), self.output.pick("确认请输入 是：", "Type yes to go on:"))?;
        out.flush()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        match answer.trim() {
            "是" | "y" | "Y" | "yes" | "YES" => Ok(()),
            _ => Err(Failure::Declined),
        }
    }
}

/// Reads a file that a person named.
///
/// # Errors
/// [`Failure::File`].
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| Failure::File { path: path.to_owned(), source })
}

/// Writes a result, replacing what is there: a person may export again and again.
///
/// # Errors
/// [`Failure::File`].
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    private::write(path, bytes).map_err(|source| Failure::File { path: path.to_owned(), source })
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// [`Failure::FileExists`] and [`Failure::File`].
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = private::new(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::FileExists(path.to_owned()),
        _ => Failure::File { path: path.to_owned(), source },
    })
}
