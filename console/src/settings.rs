//! Configuration: a commented file is example and schema in one, the environment overrides it, flags override both.
//!
//! The example is embedded in the program and printed by `config`. Each key that a file may hold stands in it, with its
//! default; a key without a default stands as `#key = value` (no blank after the `#`). An empty table in the example
//! takes any keys. `[status] listen` is overridden by `TONGPIN_STATUS_LISTEN`; an empty variable counts as not set, and
//! variables that match no key belong to somebody else.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

pub use self::both::{Common, Settings};
pub use self::error::SettingsError;
pub use self::schema::Kind;
use self::schema::Schema;

mod both;
mod error;
mod file;
mod nearest;
mod schema;

/// What the name of every variable begins with.
pub const PREFIX: &str = "TONGPIN_";

/// Reads the settings from a file, if one is named, and from this process's environment.
///
/// What a file does not name is as the example has it.
pub fn load<T: DeserializeOwned>(path: Option<&Path>, example: &str) -> Result<T, SettingsError> {
    let environment =
        std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into(), value.to_string_lossy().into()));
    load_from(path, example, environment)
}

/// As [`load`], with the environment handed in.
pub fn load_from<T: DeserializeOwned>(
    path: Option<&Path>,
    example: &str,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<T, SettingsError> {
    let schema = Schema::of(example)?;
    let mut table: Table =
        toml::from_str(example).map_err(|problem| SettingsError::Example { problem: problem.message().to_owned() })?;
    if let Some(path) = path {
        schema::lay_over(&mut table, from_file::<T>(path, &schema)?);
    }
    let mut variables: Vec<(String, String)> =
        environment.into_iter().filter(|(name, value)| name.starts_with(PREFIX) && !value.trim().is_empty()).collect();
    variables.sort();
    for (variable, value) in variables {
        let Some((keys, like)) = schema.variable(&variable) else { continue };
        let Some(value) = schema::typed(value.trim(), like) else {
            return Err(SettingsError::Variable { variable, expected: Kind::of(like).expected().to_owned() });
        };
        schema::put(&mut table, keys, value);
        // Tried one by one, so that the variable at fault can be named.
        if let Err(problem) = T::deserialize(table.clone()) {
            return Err(SettingsError::Variable { variable, expected: error::expectation(problem.message()) });
        }
    }
    T::deserialize(Value::Table(table))
        .map_err(|problem| SettingsError::Example { problem: problem.message().to_owned() })
}

/// Reads and checks one file; whatever is wrong with it is told with its line.
fn from_file<T: DeserializeOwned>(path: &Path, schema: &Schema) -> Result<Table, SettingsError> {
    let bytes = fs::read(path).map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
    let text = file::text(path, &bytes)?;
    let leaves = file::check(path, text, schema)?;
    if let Err(problem) = toml::from_str::<T>(text) {
        return Err(file::wrong_value(path, text, &leaves, &problem));
    }
    toml::from_str(text).map_err(|problem| file::syntax(path, text, &problem))
}

#[cfg(test)]
mod tests;
