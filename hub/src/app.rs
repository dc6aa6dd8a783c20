//! An opened hub: its folder, settings, database and identity, and the guidance that commands read from it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tongpin_console::command_line;
use tongpin_console::opening::{database_url, free_bytes, identity_folder, private_files, real_clock};
use tongpin_console::output::Output;
use tongpin_domain::catalog::{self, CatalogId};
use tongpin_domain::collection::Collection;
use tongpin_domain::expert::Expert;
use tongpin_domain::indicator::Indicator;
use tongpin_domain::region::{Region, RegionCode, Regions};
use tongpin_domain::rules::RuleSet;
use tongpin_domain::score::RuleRef;
use tongpin_link::downlink::CERTIFICATE_LIFE;
use tongpin_link::identity::{Identity, Standing};
use tongpin_link::publish::Separation;
use tongpin_link::{Site, history};
use tongpin_store::{AuditDraft, Store};

use crate::failure::Failure;
use crate::settings::Settings;

/// The name of the bureau in the database.
pub(crate) const NAME: &str = "office.name";

/// A hub that commands work on.
pub(crate) struct App {
    /// How to print.
    pub(crate) output: Output,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The configuration.
    pub(crate) settings: Settings,
    /// Database and identity.
    pub(crate) site: Arc<Site>,
}

/// A collection as it is published.
pub(crate) struct Published {
    /// What is asked.
    pub(crate) collection: Collection,
    /// The release that brought this version of it.
    pub(crate) release: u64,
}

/// The database of a hub; `None` if it is missing, or empty: then no `init` has made it.
///
/// # Errors
/// It cannot be used.
pub(crate) async fn founded(data: &Path, settings: &Settings) -> Result<Option<Store>, Failure> {
    let url = database_url(data, &settings.common);
    if Store::is_missing(&url)? {
        return Ok(None);
    }
    let store = Store::open(&url).await?;
    if store.meta(NAME).await?.is_some() {
        return Ok(Some(store));
    }
    store.close().await;
    Ok(None)
}

/// Opens the database of a hub whose keys are there. An empty one in its place would publish first releases again and
/// know no child: it is made only where it is asked for.
///
/// # Errors
/// [`Failure::DatabaseMissing`], or it cannot be used.
pub(crate) async fn existing(data: &Path, settings: &Settings) -> Result<Store, Failure> {
    founded(data, settings).await?.ok_or_else(|| Failure::DatabaseMissing(data.to_owned()))
}

impl App {
    /// Opens the hub of the data folder.
    ///
    /// # Errors
    /// There is none, or its configuration, database or identity cannot be used.
    pub(crate) async fn open(data: &Path, settings: Settings, output: Output) -> Result<Self, Failure> {
        let folder = identity_folder(data);
        if !Identity::exists(&folder) {
            return Err(Failure::NotFounded(data.to_owned()));
        }
        let store = existing(data, &settings).await?;
        let site = Site::open(store, &folder, None, real_clock(), free_bytes(data)).await?;
        let app = Self { output, data: data.to_owned(), settings, site };
        app.renew_if_expired()?;
        Ok(app)
    }

    /// Gives the root's holder a new certificate of its own when the old one has run out; nobody else can. One that is
    /// still good is renewed by `serve`, which has watched the clock.
    ///
    /// # Errors
    /// The files cannot be written.
    fn renew_if_expired(&self) -> Result<(), Failure> {
        let (identity, now) = (self.site.identity(), self.site.now());
        let expired = matches!(identity.standing(now), Standing::Expired { .. });
        if identity.holds_root() && expired {
            self.site.renew_identity(identity.renew_own_leaf(CERTIFICATE_LIFE, now)?)?;
            tracing::info!("the hub's own certificate was renewed");
        }
        Ok(())
    }

    /// The database.
    pub(crate) fn store(&self) -> &Store {
        &self.site.store
    }

    /// What the audit log keeps of something done now, from no address; `by` is blank if nobody is named.
    pub(crate) fn audit_entry<'a>(
        &self,
        by: &'a str,
        action: &'a str,
        subject: &'a str,
        detail: &'a str,
    ) -> AuditDraft<'a> {
        command_line::entry(self.site.now(), by, action, subject, detail)
    }

    /// Whether who approves may be who drafted: as the configuration says, or the bureau's security administrator.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn separation(&self) -> Result<Separation, Failure> {
        let one = self.settings.own.publish.one_person || self.store().one_clerk().await?;
        Ok(if one { Separation::OnePerson } else { Separation::TwoPeople })
    }

    /// Where keys and records are, which are nobody else's to read.
    pub(crate) fn private_files(&self) -> Vec<PathBuf> {
        private_files(&self.data, self.store(), &self.settings.common)
    }

    /// A catalog of this hub.
    pub(crate) fn catalog(&self, name: &str) -> CatalogId {
        CatalogId::new(self.site.region(), name)
    }

    /// The divisions as published. A child that is in no release yet is added by its code, so that it is never
    /// overlooked.
    ///
    /// # Errors
    /// The database cannot be read, or holds something else there.
    pub(crate) async fn regions(&self) -> Result<Regions, Failure> {
        let mut regions: Vec<Region> = self.bodies("regions").await?;
        let known = Regions::new(regions.clone());
        let own = self.site.region();
        let bare = |code: &RegionCode| Region {
            code: code.clone(),
            name: code.to_string(),
            level: String::new(),
            parent_code: own.clone(),
            mof_div_code: String::new(),
            kind: String::new(),
            alias_codes: Vec::new(),
            valid_from: None,
            valid_to: None,
            note: String::new(),
        };
        let children = self.store().children().await?;
        regions.extend(children.iter().map(|child| &child.region).filter(|code| known.get(code).is_none()).map(bare));
        Ok(Regions::new(regions))
    }

    /// The indicator library as published.
    ///
    /// # Errors
    /// As [`App::regions`].
    pub(crate) async fn library(&self) -> Result<Vec<Indicator>, Failure> {
        self.bodies("indicators").await
    }

    /// The roster of experts as published.
    ///
    /// # Errors
    /// As [`App::regions`].
    pub(crate) async fn experts(&self) -> Result<Vec<Expert>, Failure> {
        self.bodies("experts").await
    }

    async fn bodies<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, Failure> {
        let entries = self.store().entries(&self.catalog(name)).await?;
        let read = |entry: catalog::Entry| {
            let what = format!("{name}/{}", entry.key);
            serde_json::from_str(&entry.body).map_err(|error| Failure::unreadable(what, &error))
        };
        entries.into_iter().map(read).collect()
    }

    /// Every collection that is published.
    ///
    /// # Errors
    /// As [`App::regions`].
    pub(crate) async fn collections(&self) -> Result<Vec<Published>, Failure> {
        let entries = self.store().entries(&self.catalog("collections")).await?;
        entries.iter().map(published).collect()
    }

    /// The collection of this id.
    ///
    /// # Errors
    /// [`Failure::NoCollection`], and as [`App::regions`].
    pub(crate) async fn collection(&self, id: &str) -> Result<Published, Failure> {
        let entry = self.store().entry(&self.catalog("collections"), id).await?;
        published(&entry.ok_or_else(|| Failure::NoCollection(id.to_owned()))?)
    }

    /// The rule set that results name.
    ///
    /// # Errors
    /// [`Failure::NoRules`], and as [`App::regions`].
    pub(crate) async fn rules_at(&self, wanted: &RuleRef) -> Result<RuleSet, Failure> {
        let id = CatalogId::new(wanted.publisher.clone(), "rules");
        let entry = history::entry_at(self.store(), &id, &wanted.key, wanted.release).await?;
        let entry = entry.ok_or_else(|| Failure::NoRules(wanted.clone()))?;
        RuleSet::from_json(&entry.body).map_err(|error| Failure::unreadable(format!("rules/{}", wanted.key), &error))
    }

    /// The published rule set for a year.
    ///
    /// # Errors
    /// [`Failure::NoRulesForYear`], and as [`App::regions`].
    pub(crate) async fn rules_for(&self, collection: &Collection) -> Result<RuleSet, Failure> {
        let sets: Vec<RuleSet> = self.bodies("rules").await?;
        let applies = |rules: &RuleSet| collection.fiscal_year().is_none_or(|year| rules.applies_to(year));
        sets.into_iter().find(applies).ok_or_else(|| Failure::NoRulesForYear(collection.period.clone()))
    }
}

fn published(entry: &catalog::Entry) -> Result<Published, Failure> {
    match serde_json::from_str(&entry.body) {
        Ok(collection) => Ok(Published { collection, release: entry.release }),
        Err(error) => Err(Failure::unreadable(format!("collections/{}", entry.key), &error)),
    }
}

/// How long the federation's root lives: a city founds it once.
pub(crate) const ROOT_LIFE: Duration = Duration::from_hours(20 * 365 * 24);
