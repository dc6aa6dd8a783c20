//! Figures as a person reads them: the measures of an answer, finished, and what its groups and columns are called.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tongpin_domain::collection::{Measure, Table};
use tongpin_domain::lang::Lang;
use tongpin_domain::money::Fen;
use tongpin_domain::partial::{Partial, Value};

/// What a table is called.
pub(crate) fn title(table: &Table) -> &str {
    if table.title.is_empty() { &table.id } else { &table.title }
}

/// What the columns of a table are called: the keys of its groups, then its measures.
pub(crate) fn columns(table: &Table, lang: Lang) -> Vec<String> {
    let key = |name: &String| table.called(name, lang);
    let measure = |measure: &Measure| {
        let title = if measure.title.is_empty() { &measure.id } else { &measure.title };
        let unit = if is_money(measure.field.as_ref()) { lang.pick("（元）", " (yuan)") } else { "" };
        format!("{title}{unit}")
    };
    table.group_by.iter().map(key).chain(table.measures.iter().map(measure)).collect()
}

/// A measure of no value at all.
pub(crate) fn is_nothing(partial: &Partial) -> bool {
    match partial {
        Partial::Count(count) => *count == 0,
        Partial::Sum(sum) => sum.is_zero(),
        Partial::Weighted { weight, weighted } => weight.is_zero() && weighted.is_zero(),
        Partial::Min(value) | Partial::Max(value) => value.is_none(),
        Partial::Histogram { counts, .. } => counts.iter().all(|count| *count == 0),
    }
}

/// Whether a field holds fen, which people read as yuan.
pub(crate) fn is_money(field: Option<&String>) -> bool {
    field.is_some_and(|field| field.ends_with("_fen"))
}

/// A number, fen shown as yuan; the payload holds it exactly.
pub(crate) fn number(value: &Decimal, money: bool) -> String {
    let fen = value.to_i64().filter(|_| money && value.fract().is_zero());
    fen.map_or_else(|| value.normalize().to_string(), |fen| Fen(fen).to_string())
}

/// A measure in one cell, as a person reads it.
pub(crate) fn figure(measure: &Measure, partial: &Partial) -> String {
    let money = is_money(measure.field.as_ref());
    let value = |value: &Option<Value>| match value {
        None => "—".to_owned(),
        Some(Value::Number(found)) => number(found, money),
        Some(Value::Date(date)) => date.to_string(),
    };
    match partial {
        Partial::Count(count) => count.to_string(),
        Partial::Sum(sum) => number(sum, money),
        Partial::Weighted { weight, weighted } => match weighted.checked_div(*weight) {
            None => "—".to_owned(),
            Some(mean) => {
                let weight = number(weight, is_money(measure.by.as_ref()));
                format!("{} × {weight}", mean.round_dp(4).normalize())
            }
        },
        Partial::Min(least) => value(least),
        Partial::Max(greatest) => value(greatest),
        Partial::Histogram { counts, .. } => counts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" / "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(text: &str) -> Measure {
        serde_json::from_str(text).expect("a measure")
    }

    /// Fen are read as yuan, a weighted sum as mean times weight, and nothing at all as a dash.
    #[test]
    fn figures() {
        let budget = measure(r#"{"id":"b","kind":"sum","field":"budget_fen"}"#);
        assert_eq!(figure(&budget, &Partial::Sum(Decimal::from(766_372_858))), "7663728.58");
        let score = measure(r#"{"id":"s","kind":"weighted","field":"total_score","by":"budget_fen"}"#);
        // 95.5 × 200 fen = 19,100; the weight is 2.00 yuan.
        let partial = Partial::Weighted { weight: Decimal::from(200), weighted: Decimal::from(19_100) };
        assert_eq!(figure(&score, &partial), "95.5 × 2.00");
        let none = Partial::Weighted { weight: Decimal::ZERO, weighted: Decimal::ZERO };
        assert_eq!(figure(&score, &none), "—");
    }
}
