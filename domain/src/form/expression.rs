//! 计算式: what a field follows from, as a tree of data. There is no text to parse, and nothing to inject.
//!
//! Written short: `"paid"` is a field, `1.5` or `"1.5"` under `number` is a number, `{ share = ["paid", "budget"] }` is
//! paid ÷ budget × 100, `{ total = "roads.paid" }` the sum over rows.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Condition;

/// One node of a tree. `None` as a result means that something it needs is missing; that is never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Value", into = "Value")]
pub enum Expression {
    /// A field of the document, or of the row that is being calculated.
    Field(String),
    /// A number.
    Number(Decimal),
    /// A day, `2025-03-31`.
    Day(String),
    /// A number of the rules in force, such as `execution.weight`.
    Rule(String),
    /// The sum of all; missing if one is.
    Sum(Vec<Self>),
    /// The sum of those that are there; missing if none is.
    SumGiven(Vec<Self>),
    /// The first less the second.
    Difference(Box<[Self; 2]>),
    /// The product of all.
    Product(Vec<Self>),
    /// The first divided by the second; missing if that is zero.
    Ratio(Box<[Self; 2]>),
    /// The first divided by the second, in percent; missing if that is zero.
    Share(Box<[Self; 2]>),
    /// The least of all.
    Least(Vec<Self>),
    /// The most of all.
    Most(Vec<Self>),
    /// The sum of a field over the rows for which a condition holds; missing if it is missing in one of them, and
    /// without rows.
    Total {
        /// The rows.
        rows: String,
        /// The field of the rows.
        field: String,
        /// Which of them; all without one.
        of: Option<Box<Condition>>,
    },
    /// How many rows there are for which a condition holds.
    Count {
        /// The rows.
        rows: String,
        /// Which of them; all without one.
        of: Option<Box<Condition>>,
    },
    /// Days from the first to the second.
    Days(Box<[Self; 2]>),
    /// Working days after the first up to the second.
    WorkingDays(Box<[Self; 2]>),
    /// The second if the condition holds, otherwise the third.
    If(Box<(Condition, Self, Self)>),
    /// Something that this program does not know.
    Unknown(Value),
}

impl Expression {
    /// A field.
    #[must_use]
    pub fn field(name: &str) -> Self {
        Self::Field(name.to_owned())
    }

    /// What it is made of.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Sum(all) | Self::SumGiven(all) | Self::Product(all) | Self::Least(all) | Self::Most(all) => {
                all.iter().collect()
            }
            Self::Difference(two) | Self::Ratio(two) | Self::Share(two) | Self::Days(two) | Self::WorkingDays(two) => {
                two.iter().collect()
            }
            Self::If(parts) => vec![&parts.1, &parts.2],
            _ => Vec::new(),
        }
    }

    /// The condition in it, not those of its parts.
    #[must_use]
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Total { of, .. } | Self::Count { of, .. } => of.as_deref(),
            Self::If(parts) => Some(&parts.0),
            _ => None,
        }
    }
}

impl From<Value> for Expression {
    fn from(value: Value) -> Self {
        read(&value).unwrap_or(Self::Unknown(value))
    }
}

/// A number as JSON or TOML writes it, or as text.
pub(super) fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn two(value: &Value) -> Option<Box<[Expression; 2]>> {
    match value.as_array()?.as_slice() {
        [one, other] => Some(Box::new([one.clone().into(), other.clone().into()])),
        _ => None,
    }
}

fn many(value: &Value) -> Option<Vec<Expression>> {
    let all = value.as_array()?;
    (!all.is_empty()).then(|| all.iter().cloned().map(Expression::from).collect())
}

fn read(value: &Value) -> Option<Expression> {
    let parts = match value {
        Value::String(name) => return Some(Expression::Field(name.trim().to_owned())),
        Value::Number(_) => return number(value).map(Expression::Number),
        Value::Object(parts) => parts,
        _ => return None,
    };
    let has = |names: &[&str]| parts.len() == names.len() && names.iter().all(|name| parts.contains_key(*name));
    let of = || parts.get("where").map(|of| Box::new(Condition::from(of.clone())));
    if has(&["if", "then", "else"]) {
        let part = |name: &str| Expression::from(parts.get(name).cloned().unwrap_or_default());
        let condition = Condition::from(parts.get("if")?.clone());
        return Some(Expression::If(Box::new((condition, part("then"), part("else")))));
    }
    if has(&["total"]) || has(&["total", "where"]) {
        let (rows, field) = parts.get("total")?.as_str()?.split_once('.')?;
        return Some(Expression::Total { rows: rows.to_owned(), field: field.to_owned(), of: of() });
    }
    if has(&["count"]) || has(&["count", "where"]) {
        return Some(Expression::Count { rows: parts.get("count")?.as_str()?.to_owned(), of: of() });
    }
    let (name, value) = parts.iter().next().filter(|_| parts.len() == 1)?;
    Some(match name.as_str() {
        "field" => Expression::Field(value.as_str()?.to_owned()),
        "number" => Expression::Number(number(value)?),
        "day" => Expression::Day(value.as_str()?.to_owned()),
        "rule" => Expression::Rule(value.as_str()?.to_owned()),
        "sum" => Expression::Sum(many(value)?),
        "sum_given" => Expression::SumGiven(many(value)?),
        "difference" => Expression::Difference(two(value)?),
        "product" => Expression::Product(many(value)?),
        "ratio" => Expression::Ratio(two(value)?),
        "share" => Expression::Share(two(value)?),
        "least" => Expression::Least(many(value)?),
        "most" => Expression::Most(many(value)?),
        "days" => Expression::Days(two(value)?),
        "working_days" => Expression::WorkingDays(two(value)?),
        _ => return None,
    })
}

impl From<Expression> for Value {
    fn from(expression: Expression) -> Self {
        let named = |name: &str, value: Value| Value::Object(Map::from_iter([(name.to_owned(), value)]));
        let list = |all: Vec<Expression>| Value::Array(all.into_iter().map(Value::from).collect());
        let pair = |two: Box<[Expression; 2]>| list(two.to_vec());
        let over = |name: &str, what: String, of: Option<Box<Condition>>| match of {
            None => json!({ name: what }),
            Some(of) => json!({ name: what, "where": Value::from(*of) }),
        };
        match expression {
            Expression::Field(name) => Value::String(name),
            Expression::Number(number) => named("number", Value::String(number.to_string())),
            Expression::Day(day) => named("day", Value::String(day)),
            Expression::Rule(path) => named("rule", Value::String(path)),
            Expression::Sum(all) => named("sum", list(all)),
            Expression::SumGiven(all) => named("sum_given", list(all)),
            Expression::Difference(two) => named("difference", pair(two)),
            Expression::Product(all) => named("product", list(all)),
            Expression::Ratio(two) => named("ratio", pair(two)),
            Expression::Share(two) => named("share", pair(two)),
            Expression::Least(all) => named("least", list(all)),
            Expression::Most(all) => named("most", list(all)),
            Expression::Total { rows, field, of } => over("total", format!("{rows}.{field}"), of),
            Expression::Count { rows, of } => over("count", rows, of),
            Expression::Days(two) => named("days", pair(two)),
            Expression::WorkingDays(two) => named("working_days", pair(two)),
            Expression::If(parts) => {
                let (condition, then, other) = *parts;
                json!({ "if": Value::from(condition), "then": Value::from(then), "else": Value::from(other) })
            }
            Expression::Unknown(value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written short is read, and written again means the same; what is not known comes back as it was.
    #[test]
    fn there_and_back() {
        for text in [
            r#""paid""#,
            r#"{"share":["paid","budget"]}"#,
            r#"{"total":"roads.paid","where":{"field":"done","is":"yes"}}"#,
            r#"{"if":{"field":"a","above":"b"},"then":{"number":"1.50"},"else":{"sum":["a",{"rule":"x.y"}]}}"#,
            r#"{"working_days":["got",{"day":"2025-03-31"}]}"#,
        ] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            let read = Expression::from(value.clone());
            assert!(!matches!(read, Expression::Unknown(_)), "{text}");
            assert_eq!(Value::from(read), value, "{text}");
        }
        for text in [r#"{"median":["a"]}"#, r#"{"share":["a"]}"#, r#"{"sum":[]}"#, "null", r#"{"sum":["a"],"as":1}"#] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            let read = Expression::from(value.clone());
            assert!(matches!(read, Expression::Unknown(_)), "{text}");
            assert_eq!(Value::from(read), value);
        }
    }
}
