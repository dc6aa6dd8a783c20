//! Which keys a configuration may hold and of which kind: read from the example, so that the two cannot disagree.

use toml::{Table, Value};

use super::{PREFIX, SettingsError};

/// The kind of a value, as a person would call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text in quotes.
    Text,
    /// A whole number.
    Whole,
    /// A number with a decimal point.
    Decimal,
    /// `true` or `false`.
    Switch,
    /// A date or a time.
    Date,
    /// A list in brackets.
    List,
    /// A section: `[name]`.
    Section,
}

impl Kind {
    /// The kind of a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::String(_) => Self::Text,
            Value::Integer(_) => Self::Whole,
            Value::Float(_) => Self::Decimal,
            Value::Boolean(_) => Self::Switch,
            Value::Datetime(_) => Self::Date,
            Value::Array(_) => Self::List,
            Value::Table(_) => Self::Section,
        }
    }

    /// Whether a value of the kind `found` may stand where this kind is expected.
    #[must_use]
    pub fn takes(self, found: Self) -> bool {
        self == found || (self == Self::Decimal && found == Self::Whole)
    }

    /// What an error message calls the kind before it is put into the user's language.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::Whole => "a whole number",
            Self::Decimal => "a number",
            Self::Switch => "true or false",
            Self::Date => "a date",
            Self::List => "a list in brackets",
            Self::Section => "a section",
        }
    }
}

/// The keys and kinds that the example shows.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) root: Table,
    variables: Vec<(String, Vec<String>)>,
}

impl Schema {
    /// Reads the example, with the keys that it shows commented out.
    pub(super) fn of(example: &str) -> Result<Self, SettingsError> {
        let whole: String = example.lines().flat_map(|line| [uncommented(line), "\n"]).collect();
        let root: Table = toml::from_str(&whole)
            .map_err(|problem| SettingsError::Example { problem: problem.message().to_owned() })?;
        let mut variables = Vec::new();
        list_variables(&root, &mut Vec::new(), &mut variables);
        Ok(Self { root, variables })
    }

    /// The key that an environment variable overrides, and a value like the one it needs.
    pub(super) fn variable(&self, name: &str) -> Option<(&[String], &Value)> {
        let (_, keys) = self.variables.iter().find(|(variable, _)| variable == name)?;
        let (last, sections) = keys.split_last()?;
        let mut table = &self.root;
        for section in sections {
            table = table.get(section)?.as_table()?;
        }
        Some((keys, table.get(last)?))
    }

    /// The full name of the only section that has this key, if the key stands in one section alone.
    pub(super) fn elsewhere(&self, key: &str) -> Option<String> {
        let mut homes = self.variables.iter().filter(|(_, keys)| keys.last().is_some_and(|last| last == key));
        match (homes.next(), homes.next()) {
            (Some((_, keys)), None) => Some(keys.join(".")),
            _ => None,
        }
    }
}

/// `#key = value` without its `#`; any other line as it is, since a blank after the `#` makes it a comment.
fn uncommented(line: &str) -> &str {
    let Some(rest) = line.strip_prefix('#') else { return line };
    let key: &str = rest.split('=').next().unwrap_or_default().trim_end();
    let is_key =
        rest.contains('=') && !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_key { rest } else { line }
}

/// Every value that is not a section gets the name of its variable.
fn list_variables(table: &Table, above: &mut Vec<String>, out: &mut Vec<(String, Vec<String>)>) {
    for (key, value) in table {
        above.push(key.clone());
        if let Value::Table(inner) = value {
            list_variables(inner, above, out);
        } else {
            out.push((format!("{PREFIX}{}", above.join("_").replace('-', "_").to_ascii_uppercase()), above.clone()));
        }
        above.pop();
    }
}

/// The text of a variable as a value of the same kind as `like`; a list is separated by commas.
pub(super) fn typed(text: &str, like: &Value) -> Option<Value> {
    match like {
        Value::String(_) => Some(Value::String(text.to_owned())),
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Float(_) => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Float),
        Value::Boolean(_) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(Value::Boolean(true)),
            "false" | "0" | "no" | "off" => Some(Value::Boolean(false)),
            _ => None,
        },
        Value::Datetime(_) => text.parse().ok().map(Value::Datetime),
        Value::Array(items) => {
            let words = Value::String(String::new());
            let like = items.first().unwrap_or(&words);
            text.split(',').map(|item| typed(item.trim(), like)).collect::<Option<Vec<_>>>().map(Value::Array)
        }
        Value::Table(_) => None,
    }
}

/// Puts what a table says in the place of what stands there, section by section.
pub(super) fn lay_over(table: &mut Table, over: Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}

/// Sets one value, making the sections above it. A file that was checked has sections where the schema has them.
pub(super) fn put(table: &mut Table, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [key] => {
            table.insert(key.clone(), value);
        }
        [section, rest @ ..] => {
            let inner = table.entry(section.clone()).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
