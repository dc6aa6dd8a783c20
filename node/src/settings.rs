//! What only a bureau can configure.

use serde::Deserialize;
use tongpin_console::globals;
use tongpin_domain::egress::EgressContract;

/// The commented example, which is also what holds without a file: what `config` prints.
pub(crate) const EXAMPLE: &str = include_str!("../config.toml");

/// `config.toml` of a node.
pub(crate) type Settings = tongpin_console::settings::Settings<Own>;

/// The options that every command has.
pub(crate) type Globals = globals::Globals<Node>;

/// The county's or township's program.
#[derive(Debug, Clone)]
pub(crate) struct Node;

impl globals::Setup for Node {
    type Own = Own;
    const DATA: &'static str = "./tongpin-node-data";
    const EXAMPLE: &'static str = EXAMPLE;
}

/// What only a node is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Own {
    /// Collections that may leave without a person's approval each time.
    pub(crate) auto_submit: Vec<String>,
    /// What may leave at all.
    pub(crate) egress: EgressContract,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows what holds without any file: nothing leaves by itself, and what may leave is what the program was made
    /// with.
    #[test]
    fn the_example_is_the_default() {
        let held = Settings::of_example(EXAMPLE).expect("the example is sound");
        let common = &held.common;
        assert_eq!((common.listen.as_str(), common.page.as_str()), ("0.0.0.0:7402", "127.0.0.1:7412"));
        let [cert, key, address] = [&common.page_cert, &common.page_key, &common.public_address].map(String::as_str);
        assert_eq!([cert, key, address, &common.database, &common.log], ["", "", "", "", "info"]);
        assert!(common.trusted_proxy.is_empty());
        assert_eq!(held.own, Own { auto_submit: Vec::new(), egress: EgressContract::default() });
    }
}
