//! Partials merge in any grouping and order, exactly or not at all.

use super::*;
use proptest::prelude::*;
use time::macros::date;

fn dec(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// Each kind merges by its own arithmetic: 300·87.6 + 100·94 = 26280 + 9400 = 35680.
#[test]
fn merges_by_kind() {
    let merged = |a: Partial, b: Partial| a.merge(&b);
    assert_eq!(merged(Partial::Count(2), Partial::Count(3)), Ok(Partial::Count(5)));
    assert_eq!(merged(Partial::sum(dec("1.50")), Partial::sum(dec("-0.5"))), Ok(Partial::Sum(dec("1"))));
    let one = Partial::weighted(dec("300"), dec("87.6")).expect("exact");
    let other = Partial::weighted(dec("100"), dec("94.0")).expect("exact");
    assert_eq!(merged(one, other), Ok(Partial::Weighted { weight: dec("400"), weighted: dec("35680") }));
    let (may, june) = (Value::Date(date!(2024 - 05 - 31)), Value::Date(date!(2024 - 06 - 18)));
    assert_eq!(merged(Partial::max(june), Partial::max(may)), Ok(Partial::Max(Some(june))));
    assert_eq!(merged(Partial::min(june), Partial::min(may)), Ok(Partial::Min(Some(may))));
    assert_eq!(merged(Partial::min(june), Partial::Min(None)), Ok(Partial::Min(Some(june))));
}

/// A value on an edge belongs to the bin above it, as ratings do.
#[test]
fn histogram_bins() {
    let edges = [dec("60"), dec("80.0"), dec("90")];
    let all = ["59.99", "60", "89.99", "90", "100"]
        .into_iter()
        .fold(Partial::empty(MeasureKind::Histogram, &edges), |sum, number| {
            sum.merge(&Partial::histogram(&edges, dec(number))).expect("the same edges")
        });
    assert!(all.has_form(MeasureKind::Histogram, &edges) && !all.has_form(MeasureKind::Histogram, &edges[..2]));
    assert!(matches!(all, Partial::Histogram { counts, .. } if counts == [1, 1, 1, 2]));
}

/// What doesn't belong together, and what would have to be rounded, is refused.
#[test]
fn refusals() {
    let kinds = |left, right| Err(PartialError::Kinds { left, right });
    assert_eq!(Partial::Count(1).merge(&Partial::Sum(dec("1"))), kinds("count", "sum"));
    let day = Partial::max(Value::Date(date!(2024 - 01 - 01)));
    assert_eq!(day.merge(&Partial::max(Value::Number(dec("1")))), kinds("date", "number"));
    assert_eq!(Partial::Count(u64::MAX).merge(&Partial::Count(1)), Err(PartialError::OutOfRange));
    assert_eq!(Partial::Sum(Decimal::MAX).merge(&Partial::Sum(dec("0.4"))), Err(PartialError::OutOfRange));
    let tiny = dec("0.00000000000001");
    assert_eq!(Partial::weighted(tiny, dec("0.000000000000001")), Err(PartialError::OutOfRange));
    let (low, high) = (Partial::histogram(&[dec("1")], dec("0")), Partial::histogram(&[dec("2")], dec("0")));
    assert_eq!(low.merge(&high), Err(PartialError::Edges));
}

/// The frozen form: signed reports contain exactly these bytes.
#[test]
fn frozen_form() {
    for (partial, json) in [
        (Partial::Count(3), r#"{"count":3}"#),
        (Partial::sum(dec("10.50")), r#"{"sum":"10.5"}"#),
        (Partial::weighted(dec("2.0"), dec("1.5")).expect("exact"), r#"{"weighted":{"weight":"2","weighted":"3"}}"#),
        (Partial::Min(None), r#"{"min":null}"#),
        (Partial::max(Value::Date(date!(2024 - 06 - 18))), r#"{"max":{"date":"2024-06-18"}}"#),
        (Partial::min(Value::Number(dec("-1.00"))), r#"{"min":{"number":"-1"}}"#),
        (Partial::histogram(&[dec("60")], dec("60")), r#"{"histogram":{"edges":["60"],"counts":[0,1]}}"#),
    ] {
        assert_eq!(serde_json::to_string(&partial).expect("JSON"), json);
        assert_eq!(serde_json::from_str::<Partial>(json).expect("the form above"), partial);
    }
}

fn number() -> impl Strategy<Value = Decimal> {
    (-10_000_000_000_i64..10_000_000_000, 0_u32..5).prop_map(|(digits, scale)| Decimal::new(digits, scale))
}

fn partials() -> impl Strategy<Value = [Partial; 3]> {
    let edges = [dec("-5"), dec("0"), dec("60.5")];
    let three = |one: BoxedStrategy<Partial>| [one.clone(), one.clone(), one];
    let weighted = (number(), number()).prop_map(|(w, x)| Partial::weighted(w, x).expect("within range"));
    let extreme = proptest::option::of(number().prop_map(|n| Value::Number(n.normalize()))).boxed();
    prop_oneof![
        three((0_u64..1 << 40).prop_map(Partial::Count).boxed()),
        three(number().prop_map(Partial::sum).boxed()),
        three(weighted.boxed()),
        three(extreme.clone().prop_map(Partial::Min).boxed()),
        three(extreme.prop_map(Partial::Max).boxed()),
        three(number().prop_map(move |n| Partial::histogram(&edges, n)).boxed()),
    ]
}

proptest! {
    /// Grouping and order never matter, down to the bytes, and the empty partial changes nothing.
    #[test]
    fn merging_is_commutative_and_associative([a, b, c] in partials()) {
        let json = |partial: &Partial| serde_json::to_string(partial).expect("JSON");
        let left = a.merge(&b).and_then(|ab| ab.merge(&c)).expect("within range");
        let right = b.merge(&c).and_then(|bc| a.merge(&bc)).expect("within range");
        prop_assert_eq!(json(&left), json(&right));
        prop_assert_eq!(a.merge(&b), b.merge(&a));
        let edges = if let Partial::Histogram { edges, .. } = &a { edges.clone() } else { Vec::new() };
        prop_assert_eq!(a.merge(&Partial::empty(a.kind(), &edges)), Ok(a));
    }
}
