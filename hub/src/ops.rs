//! What can be done with the hub: one file per thing, which pages and commands call alike. Nothing here reads a command
//! line, prints or draws.

pub(crate) mod catalogs;
pub(crate) mod collected;
pub(crate) mod collections;
pub(crate) mod diff;
pub(crate) mod guidance;
pub(crate) mod import;
pub(crate) mod invite;
pub(crate) mod nodes;
pub(crate) mod planned;
pub(crate) mod publish;
pub(crate) mod rollout;
pub(crate) mod rollup;
pub(crate) mod starter;
pub(crate) mod status;
pub(crate) mod trials;
