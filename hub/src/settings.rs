//! What only the city can configure.

use serde::Deserialize;
use tongpin_console::globals;

/// The commented example, which is also what holds without a file: what `config` prints and `init` writes.
pub(crate) const EXAMPLE: &str = include_str!("../config.toml");

/// `config.toml` of the hub.
pub(crate) type Settings = tongpin_console::settings::Settings<Own>;

/// The options that every command has.
pub(crate) type Globals = globals::Globals<Hub>;

/// The city program.
#[derive(Debug, Clone)]
pub(crate) struct Hub;

impl globals::Setup for Hub {
    type Own = Own;
    const DATA: &'static str = "./tongpin-hub-data";
    const EXAMPLE: &'static str = EXAMPLE;
}

/// What only the hub is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Own {
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

/// The example with the public address filled in, as `init` writes it.
pub(crate) fn example_with_address(address: &str) -> String {
    let quoted = address.replace('\\', "\\\\").replace('"', "\\\"");
    EXAMPLE.replacen("public_address = \"\"", &format!("public_address = \"{quoted}\""), 1)
}

#[cfg(test)]
mod tests {
    use tongpin_console::settings::SettingsError;

    use super::*;

    fn read(text: &str) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).expect("a writable folder");
        Settings::load(Some(&path), EXAMPLE)
    }

    /// Shows that the example that `config` prints is what holds without a file, and what that is.
    #[test]
    fn the_example_is_the_default() {
        let held = Settings::of_example(EXAMPLE).expect("the example is sound");
        assert_eq!(read(EXAMPLE).expect("the example"), held);
        assert_eq!(read("").expect("nothing"), held);
        let common = &held.common;
        assert_eq!((common.listen.as_str(), common.page.as_str()), ("0.0.0.0:7401", "127.0.0.1:7411"));
        let [cert, key, address] = [&common.page_cert, &common.page_key, &common.public_address].map(String::as_str);
        assert_eq!([cert, key, address, &common.database, &common.log], ["", "", "", "", "info"]);
        assert!(common.trusted_proxy.is_empty() && !held.own.publish.one_person);
    }

    /// Shows that `init` fills the address in, whatever it is made of, and changes nothing else.
    #[test]
    fn the_address_is_filled_in() {
        let mut expected = Settings::of_example(EXAMPLE).expect("the example is sound");
        expected.common.public_address = "a\"b:1".into();
        assert_eq!(read(&example_with_address("a\"b:1")).expect("a configuration"), expected);
    }

    /// Shows that a section that is named in part is otherwise as the example has it.
    #[test]
    fn a_file_names_only_what_differs() {
        let held = read("page = \"off\"\n[publish]\none_person = true\n").expect("a configuration");
        assert_eq!((held.common.page.as_str(), held.common.listen.as_str()), ("off", "0.0.0.0:7401"));
        assert!(held.own.publish.one_person);
    }

    /// Shows that a misspelt key is refused.
    #[test]
    fn unknown_keys_are_refused() {
        assert!(read("listn = \"0.0.0.0:1\"").is_err());
        assert!(read("[publish]\none_persn = true").is_err());
    }
}
