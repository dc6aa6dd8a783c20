//! 规则参数: the numbers of a rule set under the names by which forms calculate with them, and which rule set is that of
//! a year.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::{FiscalYears, RuleSet};

/// A text that is no number, and a word like any other.
const NO_NUMBER: &str = "—";

impl RuleSet {
    /// Every number of the rule set, exactly, by its path in the written form: `execution.weight`,
    /// `fiscal_years.from`, and in lists by position from 1 on, as [`crate::reading`] names parts:
    /// `ratings.1.from`, `over_achievement.steps.2.cut_pct`. Words that look like numbers are none.
    #[must_use]
    pub fn numbers(&self) -> BTreeMap<String, Decimal> {
        let whole = serde_json::to_value(self).unwrap_or_default();
        let mut leaves = Vec::new();
        collect(&whole, "", "", &mut leaves);
        let numbers = leaves.into_iter().filter(|leaf| !leaf.is_text || is_number(&whole, &leaf.pointer));
        numbers.map(|leaf| (leaf.path, leaf.number)).collect()
    }
}

/// What reads as a number, and where it stands.
struct Leaf {
    path: String,
    pointer: String,
    number: Decimal,
    /// Written as text, as exact numbers are, and some words.
    is_text: bool,
}

fn collect(value: &Value, path: &str, pointer: &str, leaves: &mut Vec<Leaf>) {
    let place = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let (text, is_text) = match value {
        Value::Object(parts) => {
            for (name, inner) in parts {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                collect(inner, &place(name), &pointer, leaves);
            }
            return;
        }
        Value::Array(parts) => {
            for (at, inner) in parts.iter().enumerate() {
                let number = at.saturating_add(1).to_string();
                collect(inner, &place(&number), &format!("{pointer}/{at}"), leaves);
            }
            return;
        }
        Value::Number(number) => (number.to_string(), false),
        Value::String(text) => (text.clone(), true),
        Value::Null | Value::Bool(_) => return,
    };
    // Not by way of a float: what is no decimal number as it is written is none here.
    if let Ok(number) = Decimal::from_str_exact(&text) {
        leaves.push(Leaf { path: path.to_owned(), pointer: pointer.to_owned(), number, is_text });
    }
}

/// Whether a rule set needs a number in this place: with another word there it can be read no more. Which parts are
/// numbers is said by the type alone, and not a second time here.
fn is_number(whole: &Value, pointer: &str) -> bool {
    let mut other = whole.clone();
    if let Some(part) = other.pointer_mut(pointer) {
        *part = Value::from(NO_NUMBER);
    }
    serde_json::from_value::<RuleSet>(other).is_err()
}

/// The only one of some rule sets that is for a year.
///
/// # Errors
/// Those that are for it, if that is none or several.
pub fn of_year<T>(sets: &[T], year: i32, years: impl Fn(&T) -> FiscalYears) -> Result<&T, Vec<&T>> {
    let fitting: Vec<&T> = sets.iter().filter(|set| years(set).has(year)).collect();
    match fitting[..] {
        [only] => Ok(only),
        _ => Err(fitting),
    }
}
