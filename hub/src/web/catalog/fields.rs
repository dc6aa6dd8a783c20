//! What the entries of each catalog consist of: the trade's words, which choices are closed, how a field is to be
//! filled in. Lists, forms, entries and differences are made from this one description.

mod words;

use serde_json::{Map, Value};
use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::form::FORMS;
use tongpin_domain::lang::Lang;

pub(super) use words::specs;

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line of text.
    Line,
    /// A text of several lines.
    Text,
    /// One of some words.
    One(&'static [&'static str]),
    /// Any of some words, separated by semicolons.
    Any(&'static [&'static str]),
    /// A line for which the values already used are suggested.
    Known,
    /// A scoring method of the rule set in force.
    Method,
    /// 是 or 否
    YesNo,
    /// A day.
    Day,
}

/// One field of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) kind: Kind,
    /// How to fill it in, in Chinese and English; empty where it needs no word.
    hint: (&'static str, &'static str),
}

impl Spec {
    /// How to fill it in.
    pub(super) fn hint(&self, lang: Lang) -> &'static str {
        lang.pick(self.hint.0, self.hint.1)
    }
}

/// What a catalog's field is called.
pub(super) fn word(catalog: &str, name: &str, lang: Lang) -> String {
    if name.starts_with("audience") {
        return lang.pick("发放范围", "For whom").to_owned();
    }
    if catalog == FORMS {
        return words::form_part(name, lang).unwrap_or(name).to_owned();
    }
    let known = specs(catalog).iter().find(|spec| spec.name == name);
    known.map_or_else(|| name.to_owned(), |spec| lang.pick(spec.zh, spec.en).to_owned())
}

/// A value as a cell of a table holds it, and as the check of an import reads it back.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

/// An entry's fields; none if its body is no JSON object.
pub(super) fn body(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Whether an entry is too deep for a form, and is changed as text.
pub(super) fn is_text(catalog: &str, body: &Map<String, Value>) -> bool {
    let flat = |value: &Value| match value {
        Value::Object(_) => false,
        Value::Array(values) => values.iter().all(|value| !value.is_object() && !value.is_array()),
        _ => true,
    };
    matches!(catalog, "rules" | "collections" | FORMS | CALENDARS) || !body.values().all(flat)
}

/// The field that holds the key.
pub(super) fn key_field<'a>(catalog: &str, key: &str, body: &'a Map<String, Value>) -> &'a str {
    if let Some(first) = specs(catalog).first() {
        return first.name;
    }
    body.iter().find(|(_, value)| value.as_str() == Some(key)).map_or("key", |(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use tongpin_domain::intake;

    use super::*;

    /// The form has every column of the import in its order and under its word, so that neither can do what the other
    /// cannot.
    #[test]
    fn the_form_is_the_import() {
        for catalog in ["indicators", "experts", "regions"] {
            let columns: Vec<_> = intake::columns(catalog).filter(|(name, _)| *name != "audience").collect();
            let fields: Vec<_> = specs(catalog).iter().map(|spec| (spec.name, spec.zh)).collect();
            assert_eq!(fields, columns, "{catalog}");
        }
    }

    /// Values read as an import writes them; what is nested is changed as text, and so are rules.
    #[test]
    fn values_and_depth() {
        let read = body(r#"{"a":null,"b":true,"c":["320571","320572"],"d":3}"#);
        assert_eq!(["a", "b", "c", "d"].map(|name| text(&read[name])), ["", "是", "320571;320572", "3"]);
        assert!(!is_text("funds", &read) && is_text("rules", &read));
        assert!(is_text("funds", &body(r#"{"steps":{"n":3}}"#)) && is_text("funds", &body(r#"{"steps":[{"n":3}]}"#)));
        assert_eq!(key_field("funds", "x", &read), "fund_code");
        assert_eq!(key_field("guides", "G1", &body(r#"{"no":"G1","t":"x"}"#)), "no");
    }
}
