//! What the city can configure, and what it is by default.

use std::net::IpAddr;

use serde::Deserialize;

/// The commented example, which is also the default: what `config` prints and `init` writes.
pub(crate) const EXAMPLE: &str = include_str!("../config.toml");

/// `config.toml` of the hub.
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
    /// How publishing goes.
    pub(crate) publish: PublishSettings,
}

/// How publishing goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PublishSettings {
    /// One person may draft and approve.
    pub(crate) one_person: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "0.0.0.0:7401".into(),
            page: "127.0.0.1:7411".into(),
            page_cert: String::new(),
            page_key: String::new(),
            trusted_proxy: Vec::new(),
            public_address: String::new(),
            database: String::new(),
            log: "info".into(),
            publish: PublishSettings::default(),
        }
    }
}

/// The example with the public address filled in, as `init` writes it.
pub(crate) fn example_with_address(address: &str) -> String {
    let quoted = address.replace('\\', "\\\\").replace('"', "\\\"");
    EXAMPLE.replacen("public_address = \"\"", &format!("public_address = \"{quoted}\""), 1)
}

#[cfg(test)]
mod tests {
    use tongpin_console::settings;

    use super::*;

    fn read(text: &str) -> Result<Settings, settings::SettingsError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).expect("a writable folder");
        settings::load_from(Some(&path), EXAMPLE, [])
    }

    /// Shows that the example that `config` prints is what holds without a file.
    #[test]
    fn the_example_is_the_default() {
        assert_eq!(read(EXAMPLE).expect("the example"), Settings::default());
    }

    /// Shows that `init` fills the address in, whatever it is made of, and changes nothing else.
    #[test]
    fn the_address_is_filled_in() {
        let expected = Settings { public_address: "a\"b:1".into(), ..Settings::default() };
        assert_eq!(read(&example_with_address("a\"b:1")).expect("a configuration"), expected);
    }

    /// Shows that a misspelt key is refused.
    #[test]
    fn unknown_keys_are_refused() {
        assert!(read("listn = \"0.0.0.0:1\"").is_err());
    }
}
