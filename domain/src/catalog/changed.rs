//! Two versions of an entry, field by field: what readers of a release see of a change.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Entry;

/// A field in which two versions differ. What a version does not have is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// The field's name in the entry.
    pub field: String,
    /// What stood there.
    pub before: Option<String>,
    /// What stands there now.
    pub after: Option<String>,
}

/// What an entry is called, by the field that its catalog has for that; blank if there is none.
#[must_use]
pub fn title(body: &str) -> String {
    let body: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
    // An expert has a professional title, and is not called by it.
    let found = ["display_name", "title", "name"].iter().find_map(|field| body.get(*field)?.as_str());
    found.unwrap_or_default().to_owned()
}

/// The fields in which two versions of an entry differ; the audience counts as one.
#[must_use]
pub fn fields(before: &Entry, after: &Entry) -> Vec<FieldChange> {
    let read = |entry: &Entry| -> Map<String, Value> {
        let mut body: Map<String, Value> = serde_json::from_str(&entry.body).unwrap_or_default();
        body.insert("audience（发放范围）".into(), Value::from(entry.audience.to_string()));
        body
    };
    let (before, after) = (read(before), read(after));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| FieldChange {
            field: key.clone(),
            before: before.get(key).map(text),
            after: after.get(key).map(text),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Audience;

    /// Exactly the fields that differ are told, with both values, and a changed audience too.
    #[test]
    fn changed_fields() {
        let entry = |audience, body: &str| Entry { key: "k".into(), audience, release: 1, body: body.into() };
        let before = entry(Audience::Everyone, r#"{"name":"床位数","unit":"张","old":1}"#);
        let after = entry(Audience::PublisherOnly, r#"{"name":"床位数","unit":"个","new":[1]}"#);
        let change = |field: &str, before: Option<&str>, after: Option<&str>| FieldChange {
            field: field.into(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        let expected = [
            change("audience（发放范围）", Some("*"), Some("-")),
            change("new", None, Some("[1]")),
            change("old", Some("1"), None),
            change("unit", Some("张"), Some("个")),
        ];
        assert_eq!(fields(&before, &after), expected);
        assert_eq!((title(&before.body).as_str(), title("[]").as_str()), ("床位数", ""));
    }
}
