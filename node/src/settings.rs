//! What a bureau can configure, and what it is by default.

use std::net::IpAddr;

use serde::Deserialize;
use tongpin_domain::egress::EgressContract;

/// The commented example, which is also the default: what `config` prints.
pub(crate) const EXAMPLE: &str = include_str!("../config.toml");

/// `config.toml` of a node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where children connect.
    pub(crate) listen: String,
    /// Where the console is, `off` for none.
    pub(crate) page: String,
    /// The certificate chain that the console is served with, as a PEM file; empty for plain HTTP.
    pub(crate) page_cert: String,
    /// Its private key, as a PEM file.
    pub(crate) page_key: String,
    /// The proxies before the console, whose word about callers is believed.
    pub(crate) trusted_proxy: Vec<IpAddr>,
    /// `host:port` as children see it; empty if it must be given with each invitation.
    pub(crate) public_address: String,
    /// The database's address; empty for the file in the data folder.
    pub(crate) database: String,
    /// The level of the log.
    pub(crate) log: String,
    /// Collections that may leave without a person's approval each time.
    pub(crate) auto_submit: Vec<String>,
    /// What may leave at all.
    pub(crate) egress: EgressContract,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "0.0.0.0:7402".into(),
            page: "127.0.0.1:7412".into(),
            page_cert: String::new(),
            page_key: String::new(),
            trusted_proxy: Vec::new(),
            public_address: String::new(),
            database: String::new(),
            log: "info".into(),
            auto_submit: Vec::new(),
            egress: EgressContract::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The commented example says exactly what holds without any file.
    #[test]
    fn the_example_is_the_default() {
        let example: Settings = toml::from_str(EXAMPLE).expect("the example is sound");
        assert_eq!(example, Settings::default());
    }
}
