//! What both programs can be told in their configuration, beside what is each one's own.

use std::net::IpAddr;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{SettingsError, load, load_from};

/// What both programs can be told. What holds without a file stands in each program's example.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Common {
    /// Where children connect.
    pub listen: String,
    /// Where the console is, `off` for none.
    pub page: String,
    /// The certificate chain that the console is served with, as a PEM file; empty for plain HTTP.
    pub page_cert: String,
    /// Its private key, as a PEM file.
    pub page_key: String,
    /// The proxies before the console, whose word about callers is believed.
    pub trusted_proxy: Vec<IpAddr>,
    /// `host:port` as children see it; empty if it must be given with each invitation.
    pub public_address: String,
    /// The database's address; empty for the file in the data folder.
    pub database: String,
    /// The level of the log.
    pub log: String,
}

/// `config.toml` of a program; `O` is what only this program is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings<O> {
    /// What both programs are told.
    pub common: Common,
    /// What only this one is.
    pub own: O,
}

impl<O: DeserializeOwned> Settings<O> {
    /// Reads them from a file, if one is named, and from this process's environment. Each half takes its own keys; one
    /// that belongs to neither is not in the example and is refused.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn load(path: Option<&Path>, example: &str) -> Result<Self, SettingsError> {
        Ok(Self { common: load(path, example)?, own: load(path, example)? })
    }

    /// What holds without a file and in an empty environment.
    ///
    /// # Errors
    /// The example is unsound.
    pub fn of_example(example: &str) -> Result<Self, SettingsError> {
        Ok(Self { common: load_from(None, example, [])?, own: load_from(None, example, [])? })
    }
}
