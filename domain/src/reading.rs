//! Reading an entry that a program of another version wrote: what this one knows is used, what it does not know is
//! named, and what is missing is filled in and named too. Nothing is skipped in silence.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What was made of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<T> {
    /// What it says, as far as this program knows.
    pub value: T,
    /// The parts that this program does not know, as paths such as `over_achievement.season`.
    pub unknown: Vec<String>,
    /// The sections that it does not have, and that were filled in.
    pub assumed: Vec<String>,
}

/// Reads a JSON object as a type, and compares it with what the type would write.
///
/// # Errors
/// It is not JSON, or something in it that the type needs is missing or of another kind.
pub fn read<T: Serialize + DeserializeOwned>(body: &str) -> Result<Reading<T>, serde_json::Error> {
    let written: Value = serde_json::from_str(body)?;
    let value: T = serde_json::from_str(body)?;
    let understood = serde_json::to_value(&value)?;
    let mut unknown = Vec::new();
    compare("", &written, &understood, &mut unknown);
    let sections = understood.as_object().into_iter().flatten();
    let assumed = sections.filter(|(name, _)| written.get(name.as_str()).is_none()).map(|(name, _)| name.clone());
    Ok(Reading { value, unknown, assumed: assumed.collect() })
}

/// Notes every part of `written` that `understood` has no place for. What is empty says nothing: types leave it out.
fn compare(path: &str, written: &Value, understood: &Value, unknown: &mut Vec<String>) {
    let place = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (written, understood) {
        (Value::Object(written), Value::Object(understood)) => {
            for (name, part) in written {
                match understood.get(name) {
                    Some(known) => compare(&place(name), part, known, unknown),
                    None if is_empty(part) => {}
                    None => unknown.push(place(name)),
                }
            }
        }
        (Value::Array(written), Value::Array(understood)) => {
            for (number, (part, known)) in written.iter().zip(understood).enumerate() {
                compare(&place(&(number + 1).to_string()), part, known, unknown);
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(parts) => parts.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Outer {
        name: String,
        #[serde(default)]
        basis: Vec<String>,
        #[serde(default)]
        parts: Vec<Inner>,
    }

    /// Unknown parts are named with their place, at any depth; missing sections are named; empty ones are no news.
    #[test]
    fn unknown_and_assumed() {
        let body =
            r#"{"name":"a","later":{"x":1},"parts":[{"kind":"k","note":null},{"kind":"l","unit":"件"}],"old":[]}"#;
        let read: Reading<Outer> = read(body).expect("readable");
        assert_eq!(read.unknown, ["later", "parts.2.unit"]);
        assert_eq!(read.assumed, ["basis"]);
        assert_eq!(read.value.parts.len(), 2);
    }

    /// What the type needs and does not find is an error that names it.
    #[test]
    fn unreadable() {
        let error = super::read::<Outer>(r#"{"basis":[]}"#).expect_err("no name");
        assert!(error.to_string().contains("name"), "{error}");
    }
}
