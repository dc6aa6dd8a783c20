//! A configuration file against the schema: what is wrong is told with its line and never with its value, which may be
//! a secret.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::nearest::nearest;
use super::schema::{Kind, Schema};
use super::{SettingsError, error};

/// One value of the file: its full key and where it stands.
pub(super) struct Leaf {
    key: String,
    span: Range<usize>,
}

/// The bytes as text; an editor's byte order mark is left out.
pub(super) fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, SettingsError> {
    let text = std::str::from_utf8(bytes).map_err(|problem| SettingsError::NotText {
        path: path.to_owned(),
        line: bytes.iter().take(problem.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1,
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Compares keys and kinds with the schema and returns where each value stands.
pub(super) fn check(path: &Path, text: &str, schema: &Schema) -> Result<Vec<Leaf>, SettingsError> {
    let table = DeTable::parse(text).map_err(|problem| syntax(path, text, &problem))?;
    let mut walk = Walk { path, text, schema, leaves: Vec::new() };
    walk.table(table.get_ref(), &schema.root, "")?;
    Ok(walk.leaves)
}

struct Walk<'a> {
    path: &'a Path,
    text: &'a str,
    schema: &'a Schema,
    leaves: Vec<Leaf>,
}

impl Walk<'_> {
    fn table(&mut self, found: &DeTable<'_>, known: &Table, above: &str) -> Result<(), SettingsError> {
        for (key, value) in found {
            let name = key.get_ref().as_ref();
            let full = if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") };
            let Some(like) = known.get(name) else {
                return Err(self.unknown(full, name, known, above, key.span().start));
            };
            self.value(value.get_ref(), like, full, value.span())?;
        }
        Ok(())
    }

    fn value(
        &mut self,
        found: &DeValue<'_>,
        like: &Value,
        key: String,
        span: Range<usize>,
    ) -> Result<(), SettingsError> {
        let (expected, kind) = (Kind::of(like), kind(found));
        if !expected.takes(kind) {
            return Err(SettingsError::WrongKind {
                path: self.path.to_owned(),
                line: line_of(self.text, span.start),
                key,
                expected,
                found: kind,
            });
        }
        match (found, like) {
            // An empty table in the example takes any keys.
            (DeValue::Table(_), Value::Table(known)) if known.is_empty() => {}
            (DeValue::Table(inner), Value::Table(known)) => return self.table(inner, known, &key),
            (DeValue::Array(items), Value::Array(likes)) => {
                if let Some(like) = likes.first() {
                    for (at, item) in items.iter().enumerate() {
                        self.value(item.get_ref(), like, format!("{key}[{at}]"), item.span())?;
                    }
                }
            }
            _ => {}
        }
        self.leaves.push(Leaf { key, span });
        Ok(())
    }

    fn unknown(&self, key: String, name: &str, known: &Table, above: &str, at: usize) -> SettingsError {
        let here = nearest(name, known.keys().map(String::as_str));
        let nearest = match here {
            Some(near) if above.is_empty() => Some(near.to_owned()),
            Some(near) => Some(format!("{above}.{near}")),
            None => self.schema.elsewhere(name),
        };
        let known = known.keys().cloned().collect();
        SettingsError::UnknownKey { path: self.path.to_owned(), line: line_of(self.text, at), key, nearest, known }
    }
}

/// The error for text that is not TOML.
pub(super) fn syntax(path: &Path, text: &str, problem: &toml::de::Error) -> SettingsError {
    let at = problem.span().map_or(0, |span| span.start);
    SettingsError::Syntax {
        path: path.to_owned(),
        line: line_of(text, at),
        column: column_of(text, at),
        problem: problem.message().to_owned(),
    }
}

/// The error for a value of the right kind that the program cannot use.
pub(super) fn wrong_value(path: &Path, text: &str, leaves: &[Leaf], problem: &toml::de::Error) -> SettingsError {
    let at = problem.span().map_or(0, |span| span.start);
    let leaf = leaves.iter().find(|leaf| leaf.span.contains(&at));
    SettingsError::WrongValue {
        path: path.to_owned(),
        line: line_of(text, at),
        key: leaf.map(|leaf| leaf.key.clone()),
        expected: error::expectation(problem.message()),
    }
}

fn kind(value: &DeValue<'_>) -> Kind {
    match value {
        DeValue::String(_) => Kind::Text,
        DeValue::Integer(_) => Kind::Whole,
        DeValue::Float(_) => Kind::Decimal,
        DeValue::Boolean(_) => Kind::Switch,
        DeValue::Datetime(_) => Kind::Date,
        DeValue::Array(_) => Kind::List,
        DeValue::Table(_) => Kind::Section,
    }
}

/// The number of the line, from 1, in which the byte stands.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// The number of the character in its line, from 1.
fn column_of(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.rsplit('\n').next().unwrap_or_default().chars().count() + 1
}
