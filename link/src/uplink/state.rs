//! Whom this node follows, and how that goes: kept in the database, so that a command, a page and the next start see
//! the same. What counts is the last *acknowledged* contact, not the last attempt.

use serde::{Deserialize, Serialize};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::Store;

use crate::boxed;
use crate::error::LinkError;
use crate::site::Site;

const PARENT: &str = "uplink.parent";
const STATE: &str = "uplink.state";

/// Whom a node follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Its region.
    pub region: RegionCode,
    /// `host:port`.
    pub address: String,
}

impl Parent {
    /// The parent this database knows, `None` before joining.
    ///
    /// # Errors
    /// The database cannot be read, or holds something else there.
    #[boxed]
    pub async fn load(store: &Store) -> Result<Option<Self>, LinkError> {
        read(store, PARENT).await
    }

    /// Remembers the parent.
    ///
    /// # Errors
    /// The database cannot be written.
    #[boxed]
    pub async fn save(&self, store: &Store) -> Result<(), LinkError> {
        write(store, PARENT, self).await
    }
}

/// How the link to the parent is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkState {
    /// Whether the link is up.
    pub connected: bool,
    /// Since when it is as it is.
    pub since: Option<Moment>,
    /// The last moment at which the parent acknowledged something or answered.
    pub last_success: Option<Moment>,
    /// What is wrong, in Chinese, empty if nothing.
    pub problem_zh: String,
    /// The same in English.
    pub problem_en: String,
    /// The parent's clock minus ours when it last answered, milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// The parent's software.
    pub parent_software: String,
}

impl LinkState {
    /// The state this database knows.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn load(store: &Store) -> Result<Self, LinkError> {
        Ok(read(store, STATE).await?.unwrap_or_default())
    }
}

/// The parent answered: the link is up.
pub(crate) async fn note_success(site: &Site, clock_ms: i64, software: &str) -> Result<(), LinkError> {
    let now = site.now();
    let state = LinkState {
        connected: true,
        since: Some(now),
        last_success: Some(now),
        clock_offset_ms: Some(clock_ms.saturating_sub(now.0)),
        parent_software: software.to_owned(),
        ..LinkState::default()
    };
    write(&site.store, STATE, &state).await
}

/// Something was acknowledged.
pub(crate) async fn note_contact(site: &Site) -> Result<(), LinkError> {
    let last_success = Some(site.now());
    note(site, |state| LinkState { last_success, ..state }).await
}

/// The parent heard how this node is, and told its clock.
pub(crate) async fn note_heard(site: &Site, clock_ms: i64) -> Result<(), LinkError> {
    let now = site.now();
    let clock_offset_ms = Some(clock_ms.saturating_sub(now.0));
    note(site, |state| LinkState { last_success: Some(now), clock_offset_ms, ..state }).await
}

/// The link is down.
pub(crate) async fn note_failure(site: &Site, error: &LinkError) -> Result<(), LinkError> {
    let before = LinkState::load(&site.store).await?;
    let since = if before.connected { Some(site.now()) } else { before.since.or(Some(site.now())) };
    let (problem_zh, problem_en) = (error.say(Lang::Zh), error.say(Lang::En));
    let state = LinkState { connected: false, since, problem_zh, problem_en, ..before };
    write(&site.store, STATE, &state).await
}

pub(crate) async fn read<T: serde::de::DeserializeOwned>(store: &Store, key: &str) -> Result<Option<T>, LinkError> {
    let Some(text) = store.meta(key).await? else { return Ok(None) };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| LinkError::Internal(format!("meta {key} cannot be read: {error}")))
}

pub(crate) async fn write(store: &Store, key: &str, value: &impl Serialize) -> Result<(), LinkError> {
    let text = serde_json::to_string(value).map_err(|error| LinkError::Internal(error.to_string()))?;
    if store.meta(key).await?.as_ref() == Some(&text) {
        return Ok(());
    }
    Ok(store.set_meta(key, &text).await?)
}

/// Notes when the parent was last heard of: nobody waits for that.
async fn note(site: &Site, change: impl FnOnce(LinkState) -> LinkState) -> Result<(), LinkError> {
    let state = change(LinkState::load(&site.store).await?);
    let text = serde_json::to_string(&state).map_err(|error| LinkError::Internal(error.to_string()))?;
    Ok(site.store.note_meta(STATE, &text).await?)
}
