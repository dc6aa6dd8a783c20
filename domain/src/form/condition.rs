//! 条件: what may hold of a document, as a tree of data, shown to people as a Chinese sentence.
//!
//! `{ field = "kind", is = "new" }`, `{ field = "paid", above = "budget" }`, `{ value = { share = ["paid", "budget"] },
//! below = 30 }`, `{ all = [ … ] }`, `{ any_row = "roads", when = { … } }`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Expression;

/// A condition. It holds, does not hold, or cannot be told because something is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Value", into = "Value")]
pub enum Condition {
    /// Every one holds.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// It holds of a row at least.
    AnyRow {
        /// The rows.
        rows: String,
        /// What holds of one of them.
        when: Box<Self>,
    },
    /// It holds of every row.
    EveryRow {
        /// The rows.
        rows: String,
        /// What holds of each.
        when: Box<Self>,
    },
    /// A value passes a test.
    Value {
        /// The value.
        value: Expression,
        /// The test.
        test: Test,
    },
    /// Something that this program does not know.
    Unknown(Value),
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It is this word, choice or text.
    Is(String),
    /// It is there and another word.
    IsNot(String),
    /// It is one of these.
    OneOf(Vec<String>),
    /// Among the choices is this one.
    Includes(String),
    /// It is there, or is missing.
    Present(bool),
    /// 大于; later for days.
    Above(Expression),
    /// 不小于
    AtLeast(Expression),
    /// 小于; earlier for days.
    Below(Expression),
    /// 不大于
    AtMost(Expression),
    /// 等于, for numbers and days.
    Equals(Expression),
    /// 不等于, for numbers and days.
    Differs(Expression),
}

impl Test {
    /// What the value is compared with, if that is calculated.
    #[must_use]
    pub fn other(&self) -> Option<&Expression> {
        match self {
            Self::Above(other)
            | Self::AtLeast(other)
            | Self::Below(other)
            | Self::AtMost(other)
            | Self::Equals(other)
            | Self::Differs(other) => Some(other),
            _ => None,
        }
    }
}

impl From<Value> for Condition {
    fn from(value: Value) -> Self {
        read(&value).unwrap_or(Self::Unknown(value))
    }
}

fn read(value: &Value) -> Option<Condition> {
    let parts = value.as_object()?;
    let has = |names: &[&str]| parts.len() == names.len() && names.iter().all(|name| parts.contains_key(*name));
    let list = |name: &str| {
        let all = parts.get(name)?.as_array().filter(|all| !all.is_empty())?;
        Some(all.iter().cloned().map(Condition::from).collect::<Vec<_>>())
    };
    let word = |name: &str| parts.get(name).and_then(Value::as_str).map(str::to_owned);
    let when = || parts.get("when").map(|when| Box::new(Condition::from(when.clone())));
    if has(&["all"]) {
        return list("all").map(Condition::All);
    } else if has(&["any"]) {
        return list("any").map(Condition::Any);
    } else if has(&["not"]) {
        return parts.get("not").map(|not| Condition::Not(Box::new(Condition::from(not.clone()))));
    } else if has(&["any_row", "when"]) {
        return Some(Condition::AnyRow { rows: word("any_row")?, when: when()? });
    } else if has(&["every_row", "when"]) {
        return Some(Condition::EveryRow { rows: word("every_row")?, when: when()? });
    }
    let (subject, test): (Vec<_>, Vec<_>) =
        parts.iter().partition(|(name, _)| matches!(name.as_str(), "field" | "value"));
    let ([(_, subject)], [(name, operand)]) = (subject.as_slice(), test.as_slice()) else { return None };
    let value = Expression::from((*subject).clone());
    test_of(name, operand).map(|test| Condition::Value { value, test })
}

fn test_of(name: &str, operand: &Value) -> Option<Test> {
    let word = || match operand {
        Value::String(word) => Some(word.clone()),
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => Some("no".to_owned()),
        _ => None,
    };
    let value = || Expression::from(operand.clone());
    Some(match name {
        "is" => Test::Is(word()?),
        "is_not" => Test::IsNot(word()?),
        "one_of" => {
            let all = operand.as_array().filter(|all| !all.is_empty())?;
            Test::OneOf(all.iter().map(|word| word.as_str().map(str::to_owned)).collect::<Option<_>>()?)
        }
        "includes" => Test::Includes(word()?),
        "present" => Test::Present(operand.as_bool()?),
        "above" => Test::Above(value()),
        "at_least" => Test::AtLeast(value()),
        "below" => Test::Below(value()),
        "at_most" => Test::AtMost(value()),
        "equals" => Test::Equals(value()),
        "differs" => Test::Differs(value()),
        _ => return None,
    })
}

impl From<Condition> for Value {
    fn from(condition: Condition) -> Self {
        let list = |all: Vec<Condition>| Value::Array(all.into_iter().map(Value::from).collect());
        let (value, test) = match condition {
            Condition::All(all) => return json!({ "all": list(all) }),
            Condition::Any(any) => return json!({ "any": list(any) }),
            Condition::Not(not) => return json!({ "not": Value::from(*not) }),
            Condition::AnyRow { rows, when } => return json!({ "any_row": rows, "when": Value::from(*when) }),
            Condition::EveryRow { rows, when } => return json!({ "every_row": rows, "when": Value::from(*when) }),
            Condition::Unknown(value) => return value,
            Condition::Value { value, test } => (value, test),
        };
        let (name, operand) = match test {
            Test::Is(word) => ("is", Value::String(word)),
            Test::IsNot(word) => ("is_not", Value::String(word)),
            Test::OneOf(words) => ("one_of", Value::from(words)),
            Test::Includes(word) => ("includes", Value::String(word)),
            Test::Present(there) => ("present", Value::Bool(there)),
            Test::Above(other) => ("above", other.into()),
            Test::AtLeast(other) => ("at_least", other.into()),
            Test::Below(other) => ("below", other.into()),
            Test::AtMost(other) => ("at_most", other.into()),
            Test::Equals(other) => ("equals", other.into()),
            Test::Differs(other) => ("differs", other.into()),
        };
        let subject = if matches!(value, Expression::Field(_)) { "field" } else { "value" };
        let parts = [(subject.to_owned(), value.into()), (name.to_owned(), operand)];
        Value::Object(Map::from_iter(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each way of writing a condition is read and written again; an operator that is not known is kept as it came.
    #[test]
    fn there_and_back() {
        for text in [
            r#"{"field":"kind","is":"new"}"#,
            r#"{"all":[{"field":"a","present":true},{"not":{"field":"b","includes":"x"}}]}"#,
            r#"{"value":{"difference":["a","b"]},"at_most":{"number":"0"}}"#,
            r#"{"any_row":"roads","when":{"field":"paid","above":"budget"}}"#,
            r#"{"every_row":"roads","when":{"any":[{"field":"k","one_of":["a","b"]},{"field":"d","equals":"e"}]}}"#,
        ] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            let read = Condition::from(value.clone());
            assert!(!matches!(read, Condition::Unknown(_)), "{text}");
            assert_eq!(Value::from(read), value, "{text}");
        }
        for text in [r#"{"field":"a","like":"b"}"#, r#"{"field":"a"}"#, r#"{"all":[]}"#, r#"{"field":"a","is":1}"#] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            let read = Condition::from(value.clone());
            assert!(matches!(read, Condition::Unknown(_)), "{text}");
            assert_eq!(Value::from(read), value);
        }
    }
}
