//! An opened node: its folder, settings, database and identity, and whom it follows.

pub(crate) mod correctable;
pub(crate) mod rescoring;
pub(crate) mod statistics;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongpin_console::command_line;
use tongpin_console::opening::{database_url, free_bytes, identity_folder, private_files, real_clock};
use tongpin_console::output::Output;
use tongpin_domain::region;
use tongpin_link::identity::Identity;
use tongpin_link::site::Site;
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
        let url = database_url(data, &settings.common);
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
        let mut files = private_files(&self.data, self.store(), &self.settings.common);
        files.push(evidence::folder(&self.data));
        files
    }
}
