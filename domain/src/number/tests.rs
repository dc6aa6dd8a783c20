//! What reading typed numbers promises: exact values with their marks, text where there is doubt, never a zero.

use super::*;
use proptest::prelude::*;
use time::macros::date;

/// Every way of typing a number that the samples hold, with what had to be understood.
#[test]
fn numbers_as_typed() {
    for (raw, number, marks) in [
        ("285", "285", vec![]),
        (" -2.10 ", "-2.1", vec![]),
        ("480,000", "480000", vec![Mark::Thousands]),
        ("46.8万", "468000", vec![Mark::Wan]),
        ("1,046.8 万", "10468000", vec![Mark::Thousands, Mark::Wan]),
        ("１８０．１", "180.1", vec![Mark::Normalised]),
        ("９７．１％", "97.1", vec![Mark::Normalised, Mark::Percent]),
        ("-0", "0", vec![]),
        ("93.3333333333333", "93.3333333333333", vec![]),
        ("0.30000000000000004", "0.30000000000000004", vec![]),
        ("+7", "7", vec![]),
    ] {
        let typed = Typed::parse(raw);
        assert_eq!(typed.number().map(|n| n.to_string()).as_deref(), Some(number), "{raw}");
        assert_eq!(typed.marks(), marks, "{raw}");
        assert_eq!(typed.raw(), raw);
    }
}

/// Words, ranges, estimates and broken separators are text without a mark, and blanks are missing: never zero.
#[test]
fn what_is_not_a_number() {
    for raw in [
        "完成",
        "95-98%",
        "95–98%",
        "约300",
        "2024年5月底",
        "2024-02-30",
        "-",
        "/",
        "12,34",
        "1,2345",
        "1.2.3",
        "5%%",
        "万",
        "3万%",
        ".5",
        "5.",
        "1e5",
        "285张",
        "９５－９８％",
        "1234567890123456",
        "0.123456789012345678901",
        "123456789012345.12345678901234",
    ] {
        let typed = Typed::parse(raw);
        assert_eq!((typed.value(), typed.marks()), (TypedValue::Text, &[][..]), "{raw}");
    }
    for raw in ["", "  ", "\u{3000}", "\t"] {
        assert!(Typed::parse(raw).is_missing());
    }
}

/// The three ways of writing a day, and their full-width forms.
#[test]
fn days() {
    for raw in ["2024-05-31", "2024/5/31", "2024年5月31日", "２０２４－０５－３１", " 2024-5-31 "] {
        assert_eq!(Typed::parse(raw).date(), Some(date!(2024 - 05 - 31)), "{raw}");
    }
    assert_eq!(Typed::parse("２０２４－０５－３１").marks(), [Mark::Normalised]);
}

proptest! {
    /// No text makes reading panic, and a stored value reads back as it was.
    #[test]
    fn reading_never_panics(raw in "\\PC*") {
        let typed = Typed::parse(&raw);
        let json = serde_json::to_string(&typed).expect("a string is JSON");
        prop_assert_eq!(serde_json::from_str::<Typed>(&json).expect("it was written above"), typed);
    }

    /// The same, with texts that are nearly numbers or dates.
    #[test]
    fn near_numbers_never_panic(raw in "[-+0-9０-９,，.．%％万年月日/ ]{0,40}") {
        let typed = Typed::parse(&raw);
        prop_assert_eq!(typed.raw(), raw.as_str());
    }
}

/// 万 in the value and in the unit is ambiguous, however the unit is written; in one of the two it is not.
#[test]
fn wan_twice() {
    let read = |raw: &str, unit: &str| Typed::parse(raw).value_in(unit);
    assert_eq!(read("46.8万", "人"), TypedValue::Number(Decimal::from(468_000)));
    for unit in
        ["万人次", "（万人次）", "(万人次)", " （ 万 人次 ）", "【万人次】", "千人", "（百户）", "亿元", "百万元"]
    {
        assert_eq!(read("46.8万", unit), TypedValue::Text, "{unit}");
        assert_eq!(read("46.8", unit), TypedValue::Number(Decimal::new(468, 1)), "{unit}");
    }
    assert_eq!(Typed::parse("46.8万").in_unit("（万人次）").doubt, Some(UnitDoubt::Doubled(Decimal::from(468_000))));
    assert_eq!(read("3万", "千瓦"), TypedValue::Number(Decimal::from(30_000)), "千瓦 is a name");
}

/// A unit behind the number is read where it is the line's own or a multiple of it, and is a doubt where it is another.
#[test]
fn a_unit_behind_the_number() {
    for (raw, unit, number, marks) in [
        ("285张", "张", "285", vec![Mark::Unit]),
        ("46.8万元", "万元", "46.8", vec![Mark::Unit]),
        ("46.8万元", "（元）", "468000", vec![Mark::Unit]),
        ("468,000 元", "万元", "46.8", vec![Mark::Thousands, Mark::Unit]),
        ("4.68万人次", "万人次", "4.68", vec![Mark::Unit]),
        ("９５％", "%", "95", vec![Mark::Normalised, Mark::Percent]),
        ("95%", "‰", "950", vec![Mark::Percent, Mark::Unit]),
        ("95%", "", "95", vec![Mark::Percent]),
    ] {
        let read = Typed::parse(raw).in_unit(unit);
        assert_eq!(read.value, TypedValue::Number(number.parse().expect("a number")), "{raw} in {unit}");
        assert_eq!((read.marks, read.doubt), (marks, None), "{raw} in {unit}");
    }
    for (raw, unit, doubt) in [
        ("95%", "件", Some(UnitDoubt::Differs)),
        ("95％", "分", Some(UnitDoubt::Differs)),
        ("95件", "%", Some(UnitDoubt::Differs)),
        ("3万元", "人次", Some(UnitDoubt::Differs)),
        ("300以上", "件", None),
        ("95-98%", "%", None),
        ("约300件", "件", None),
    ] {
        let read = Typed::parse(raw).in_unit(unit);
        assert_eq!((read.value, read.doubt), (TypedValue::Text, doubt), "{raw} in {unit}");
    }
}
