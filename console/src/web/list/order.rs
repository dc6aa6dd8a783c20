//! The order of rows that are held in memory, as the database orders those that it pages through: numbers by value, and
//! what has no value last, whichever way the others go.

use std::cmp::Reverse;

use rust_decimal::Decimal;

/// Sorts rows by the text of a column, which is a number if `number` says so. A blank, a dash, and what is no number
/// in a column of numbers come last in either direction; rows that are alike keep their order.
pub fn sort<T>(rows: &mut [T], number: bool, backwards: bool, text: impl Fn(&T) -> String) {
    rows.sort_by_cached_key(|row| {
        let value = Value::of(text(row), number);
        (value.is_none(), if backwards { Turned::Down(Reverse(value)) } else { Turned::Up(value) })
    });
}

/// How the head of the column that a list is sorted by says so: `aria-sort`, and the arrow behind its name.
#[must_use]
pub const fn way(backwards: bool) -> (&'static str, &'static str) {
    if backwards { ("descending", " ▼") } else { ("ascending", " ▲") }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Number(Decimal),
    Text(String),
}

/// One order or the other; never both in one list.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Turned {
    Up(Option<Value>),
    Down(Reverse<Option<Value>>),
}

impl Value {
    fn of(text: String, number: bool) -> Option<Self> {
        if number {
            return text.replace([',', '+', '%'], "").trim().parse().ok().map(Self::Number);
        }
        let blank = matches!(text.trim(), "" | "—");
        (!blank).then_some(Self::Text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<const N: usize>(texts: [&str; N], number: bool, backwards: bool) -> [&str; N] {
        let mut rows = texts;
        sort(&mut rows, number, backwards, |text| (*text).to_owned());
        rows
    }

    /// 9 is less than 80, and a missing score is last both ways.
    #[test]
    fn numbers_by_value() {
        let texts = ["—", "80.00", "", "1,000", "9.50%", "+12", "-1"];
        assert_eq!(sorted(texts, true, false), ["-1", "9.50%", "+12", "80.00", "1,000", "—", ""]);
        assert_eq!(sorted(texts, true, true), ["1,000", "80.00", "+12", "9.50%", "-1", "—", ""]);
    }

    /// What is text is sorted as text; blanks are last both ways, and keep their order as whatever is alike does.
    #[test]
    fn texts_and_blanks() {
        let texts = ["", "b", "80", "—", "a", "9", " "];
        assert_eq!(sorted(texts, false, false), ["80", "9", "a", "b", "", "—", " "]);
        assert_eq!(sorted(texts, false, true), ["b", "a", "9", "80", "", "—", " "]);
        let mut rows = [("x", 1), ("y", 2), ("x", 3), ("", 4), ("", 5)];
        sort(&mut rows, false, true, |(text, _)| (*text).to_owned());
        assert_eq!(rows.map(|(_, at)| at), [2, 1, 3, 4, 5]);
    }
}
