//! Reported measures as a person reads them: with their titles, amounts in yuan, and means beside their weights.

use rust_decimal::{Decimal, RoundingStrategy};
use tongpin_domain::collection::{Group, Measure, Table};
use tongpin_domain::lang::Lang;
use tongpin_domain::partial::{Partial, Value};

/// What a field of amounts ends with: they are reported in fen.
const FEN: &str = "_fen";

/// The measures of a group, each with its title, in the collection's order; those that say nothing are left out.
pub(crate) fn texts(table: &Table, group: &Group, lang: Lang) -> Vec<String> {
    let told = table.measures.iter().filter_map(|measure| Some((measure, group.measures.get(&measure.id)?)));
    told.filter(|(_, partial)| !is_empty(partial))
        .map(|(measure, partial)| format!("{} {}", title(measure), text(Some(measure), partial, lang)))
        .collect()
}

/// What a measure is called.
pub(crate) fn title(measure: &Measure) -> &str {
    if measure.title.is_empty() { &measure.id } else { &measure.title }
}

/// No value was put in.
fn is_empty(partial: &Partial) -> bool {
    match partial {
        Partial::Count(count) => *count == 0,
        Partial::Sum(sum) => sum.is_zero(),
        Partial::Weighted { weight, weighted } => weight.is_zero() && weighted.is_zero(),
        Partial::Min(value) | Partial::Max(value) => value.is_none(),
        Partial::Histogram { counts, .. } => counts.iter().all(|count| *count == 0),
    }
}

/// One measure. `measure` says whether it is about amounts; without it numbers are shown as they travelled.
pub(crate) fn text(measure: Option<&Measure>, partial: &Partial, lang: Lang) -> String {
    let is_fen = |field: Option<&String>| field.is_some_and(|field| field.ends_with(FEN));
    let of_amounts = is_fen(measure.and_then(|measure| measure.field.as_ref()));
    let by_amounts = is_fen(measure.and_then(|measure| measure.by.as_ref()));
    match partial {
        Partial::Count(count) => count.to_string(),
        Partial::Sum(sum) => amount(*sum, of_amounts),
        Partial::Weighted { weight, weighted } => {
            let mean = weighted.checked_div(*weight).map_or_else(|| "—".to_owned(), |mean| rounded(mean, of_amounts));
            let zh = format!("平均 {mean}（权重合计 {}）", amount(*weight, by_amounts));
            lang.pick(&zh, &format!("mean {mean} (weights {})", amount(*weight, by_amounts))).to_owned()
        }
        Partial::Min(value) | Partial::Max(value) => match value {
            None => "—".to_owned(),
            Some(Value::Number(number)) => amount(*number, of_amounts),
            Some(Value::Date(date)) => date.to_string(),
        },
        Partial::Histogram { edges, counts } => histogram(edges, counts),
    }
}

/// By how much a figure went up or down, with its sign; none where that says nothing: dates, distributions, and means
/// without weights.
pub(crate) fn difference(measure: Option<&Measure>, before: &Partial, after: &Partial) -> Option<String> {
    let is_fen = |field: Option<&String>| field.is_some_and(|field| field.ends_with(FEN));
    let of_amounts = is_fen(measure.and_then(|measure| measure.field.as_ref()));
    let by = number(after)?.checked_sub(number(before)?)?;
    let text = if matches!(after, Partial::Weighted { .. }) { rounded(by, of_amounts) } else { amount(by, of_amounts) };
    Some(if by > Decimal::ZERO { format!("+{text}") } else { text })
}

/// A partial as one number, if it is one: a mean for a weighted one.
pub(crate) fn number(partial: &Partial) -> Option<Decimal> {
    match partial {
        Partial::Count(count) => Some(Decimal::from(*count)),
        Partial::Sum(sum) => Some(*sum),
        Partial::Weighted { weight, weighted } => weighted.checked_div(*weight),
        Partial::Min(Some(Value::Number(number))) | Partial::Max(Some(Value::Number(number))) => Some(*number),
        Partial::Min(_) | Partial::Max(_) | Partial::Histogram { .. } => None,
    }
}

/// A merged measure as a cell of a table: an amount, a mean without its weights.
pub(crate) fn cell(measure: &Measure, partial: &Partial, lang: Lang) -> String {
    let of_amounts = measure.field.as_ref().is_some_and(|field| field.ends_with(FEN));
    match partial {
        Partial::Weighted { weight, weighted } => {
            weighted.checked_div(*weight).map_or_else(|| "—".to_owned(), |mean| rounded(mean, of_amounts))
        }
        _ => text(Some(measure), partial, lang),
    }
}

/// The bands of a histogram, each with its borders.
pub(crate) fn bands(edges: &[Decimal]) -> Vec<String> {
    let band = |at: usize| match (at.checked_sub(1).and_then(|below| edges.get(below)), edges.get(at)) {
        (None, Some(upper)) => format!("<{upper}"),
        (Some(lower), Some(upper)) => format!("{lower}–{upper}"),
        (Some(lower), None) => format!("≥{lower}"),
        (None, None) => String::new(),
    };
    (0..=edges.len()).map(band).collect()
}

/// `<60: 0, 60–80: 1, ≥80: 5`.
fn histogram(edges: &[Decimal], counts: &[u64]) -> String {
    let all: Vec<String> = bands(edges).iter().zip(counts).map(|(band, count)| format!("{band}: {count}")).collect();
    all.join(", ")
}

/// A number as it is, or fen as yuan with two decimals.
fn amount(number: Decimal, is_fen: bool) -> String {
    if !is_fen {
        return number.to_string();
    }
    number.checked_div(Decimal::ONE_HUNDRED).map_or_else(|| number.to_string(), |yuan| format!("{yuan:.2}"))
}

/// A mean with four decimals, enough to recognise it.
fn rounded(mean: Decimal, is_fen: bool) -> String {
    if is_fen {
        return amount(mean, true);
    }
    mean.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero).normalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(field: &str, by: &str) -> Measure {
        let json = format!(r#"{{"id":"m","kind":"weighted","field":"{field}","by":"{by}"}}"#);
        serde_json::from_str(&json).expect("a measure")
    }

    /// Shows amounts in yuan and means beside their weights: (1000×90 + 3000×80) ÷ 4000 = 82.5, weights 40.00 yuan.
    #[test]
    fn people_read_yuan_and_means() {
        let partial = Partial::Weighted { weight: Decimal::from(4000), weighted: Decimal::from(330_000) };
        let said = text(Some(&measure("total_score", "budget_fen")), &partial, Lang::Zh);
        assert_eq!(said, "平均 82.5（权重合计 40.00）");
        let sum = Partial::Sum(Decimal::from(123_456));
        assert_eq!(text(Some(&measure("budget_fen", "x")), &sum, Lang::Zh), "1234.56");
        assert_eq!(text(None, &sum, Lang::Zh), "123456");
    }

    /// Shows amounts changed in yuan with their sign, means by their means, and nothing for distributions.
    #[test]
    fn differences_have_signs() {
        let sum = |fen: u32| Partial::Sum(Decimal::from(fen));
        let budget = measure("budget_fen", "x");
        let told = |before, after| difference(Some(&budget), &sum(before), &sum(after));
        assert_eq!(told(15_000, 10_050), Some("-49.50".to_owned()));
        assert_eq!(told(10_000, 15_000), Some("+50.00".to_owned()));
        assert_eq!(told(100, 100), Some("0.00".to_owned()));
        let mean = |weighted: u32| Partial::Weighted { weight: Decimal::from(4), weighted: Decimal::from(weighted) };
        let score = measure("total_score", "budget_fen");
        assert_eq!(difference(Some(&score), &mean(320), &mean(330)), Some("+2.5".to_owned()));
        let spread = Partial::Histogram { edges: vec![Decimal::from(60)], counts: vec![1, 2] };
        assert_eq!(difference(None, &spread, &spread), None);
        assert_eq!(cell(&score, &mean(330), Lang::Zh), "82.5");
    }

    /// Shows each band of a distribution with its borders.
    #[test]
    fn distributions_name_their_bands() {
        let edges = [60, 80].map(Decimal::from);
        assert_eq!(histogram(&edges, &[0, 1, 5]), "<60: 0, 60–80: 1, ≥80: 5");
    }
}
