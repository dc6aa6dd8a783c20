//! Forms of every kind of field, and what somebody may write into them: right, barely right, blank and wrong.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};
use tongpin_domain::form::{Choice, Definition, Field, Kind, Place};

/// What somebody fills in at a place.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    /// This, as it is written on paper.
    Text(String),
    /// Choices, by where they stand in the definition.
    Choices(Vec<usize>),
    /// Yes or no.
    Flag(bool),
}

/// What is filled in, by field; what is not here is left as it is.
pub(super) type Entries = BTreeMap<String, Entry>;

/// What is done with a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    /// What is changed in rows that were there, by where they stand.
    pub(super) changed: BTreeMap<usize, Entries>,
    /// Rows that are taken away.
    pub(super) gone: BTreeSet<usize>,
    /// Rows below those that were there. One in which nothing is written is none.
    pub(super) new: Vec<Entries>,
}

/// A form, what a document of it holds, and what is then filled in.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) definition: Definition,
    pub(super) before: (Entries, Vec<Entries>),
    pub(super) change: (Entries, Table),
    /// Whether only what can be read is filled in, so that it is kept.
    pub(super) sound: bool,
}

impl Draft {
    /// Leaves out what is filled in at a place.
    pub(super) fn drop_at(&mut self, place: &Place) {
        let (singles, table) = &mut self.change;
        match &place.inner {
            Some(inner) => table.changed.values_mut().chain(&mut table.new).for_each(|row| drop(row.remove(inner))),
            None if place.field == ROWS => table.new.clear(),
            None => drop(singles.remove(&place.field)),
        }
    }
}

/// The table of each form.
pub(super) const ROWS: &str = "rows";
/// The ids of the rows that a document holds.
pub(super) const IDS: [&str; 3] = ["r1", "B_2", "n4"];

/// A form with a field of every kind and a row of all that fit, under rules that are drawn by lot.
pub(super) fn draft() -> impl Strategy<Value = Draft> {
    definition().prop_flat_map(|definition| {
        let inner = definition.field(ROWS).map(|rows| rows.fields.clone()).unwrap_or_default();
        let (before, rows) = (entries(&definition.fields, true), vec(entries(&inner, true), 0..=IDS.len()));
        let changed = btree_map(0..IDS.len(), entries(&inner, false), 0..=2);
        let table = (changed, proptest::collection::btree_set(0..IDS.len(), 0..=1), vec(entries(&inner, false), 0..=3));
        let table = table.prop_map(|(changed, gone, new)| Table { changed, gone, new });
        let change = (entries(&definition.fields, false), table);
        (Just(definition), (before, rows), change, any::<bool>())
            .prop_map(|(definition, before, change, sound)| Draft { definition, before, change, sound })
    })
}

fn definition() -> impl Strategy<Value = Definition> {
    let fitting = |rows: bool| Kind::ALL.iter().filter(move |kind| **kind != Kind::Rows && (!rows || kind.fits_rows()));
    let singles: Vec<_> = fitting(false).map(field).collect();
    let inner: Vec<_> = fitting(true).map(field).collect();
    let table = (any::<bool>(), select(vec![None, Some(3), Some(50)]));
    let derived = subsequence(derived(), 0..=derived().len());
    let checks = subsequence(checks(), 0..=checks().len());
    let rest = (select(vec!["yuan", "wan"]), 1..=3u32, any::<bool>(), derived, checks);
    (singles, inner, table, rest).prop_map(|(mut fields, inner, (required, longest), rest)| {
        let (money, pairs, rate, derived, checks) = rest;
        let mut rows = Field { required, longest, fields: inner, ..Field::new(ROWS, "明细", Kind::Rows) };
        if rate {
            let rate = json!({ "name": "rate", "title": "占比", "kind": "percent",
                "derived": { "share": ["money", "decimal"] } });
            rows.fields.push(serde_json::from_value(rate).expect("a field"));
        }
        fields.push(rows);
        let total = json!({ "name": "total", "title": "合计", "kind": "money", "derived": { "total": "rows.money" } });
        let asked = json!({ "name": "asked", "title": "附带说明", "kind": "line", "required": true,
            "when": { "field": "yes_no", "is": "yes" } });
        let more = [total, asked].into_iter().chain(derived);
        fields.extend(more.map(|field| serde_json::from_value::<Field>(field).expect("a field")));
        let body = json!({ "code": "agreed", "title": "核对表", "subject": { "of": "nothing", "per": "once",
            "several": true }, "fields": fields, "checks": checks, "layout": { "money": money, "pairs": pairs } });
        serde_json::from_value(body).expect("a definition")
    })
}

/// A field of a kind under limits that are drawn by lot.
fn field(kind: &Kind) -> BoxedStrategy<Field> {
    let kind = kind.clone();
    let limits = (any::<bool>(), 0..=4u32, select(vec![None, Some(("-1000", "100000"))]));
    let more = (select(vec!["", "公里", "人", "万人次", "%"]), select(vec![None, Some(3), Some(200)]), any::<bool>());
    (limits, more)
        .prop_map(move |((required, places, bounds), (unit, longest, personal))| {
            let mut field =
                Field { required, ..Field::new(kind.word(), kind.text(tongpin_domain::lang::Lang::Zh), kind.clone()) };
            match kind {
                Kind::OneOf | Kind::AnyOf => field.choices = choices(),
                Kind::Line | Kind::Text | Kind::Code | Kind::Organisation => field.longest = longest,
                Kind::Person => field.personal = personal,
                _ => {}
            }
            if kind.is_number() {
                field.places = Some(places).filter(|_| matches!(kind, Kind::Decimal | Kind::Percent));
                let bounds =
                    bounds.map(|(least, most)| (least.parse().expect("a number"), most.parse().expect("a number")));
                (field.least, field.most) = bounds.unzip();
                if matches!(kind, Kind::Whole | Kind::Decimal) {
                    unit.clone_into(&mut field.unit);
                }
            }
            field
        })
        .boxed()
}

/// Choices whose texts have signs in them that part choices, and of which one reads like another's code.
fn choices() -> Vec<Choice> {
    let all = [("ok", "正常"), ("slow", "滞后、待查"), ("both", "甲；乙（含,丙）"), ("named", "ok"), ("old", "未定")];
    let choice = |(code, text): (&str, &str)| Choice { code: code.into(), text: text.into(), retired: code == "old" };
    all.map(choice).into()
}

fn derived() -> Vec<Value> {
    let named = |name: &str, kind: &str, derived: Value| json!({ "name": name, "title": format!("计算 {name}"), "kind": kind, "derived": derived });
    vec![
        named("d_count", "whole", json!({ "count": "rows" })),
        named("d_share", "percent", json!({ "share": ["total", "money"] })),
        named("d_left", "money", json!({ "difference": ["money", "total"] })),
        named("d_some", "decimal", json!({ "sum_given": ["whole", "decimal", "percent"] })),
        named("d_most", "decimal", json!({ "most": ["whole", { "product": ["decimal", 2] }] })),
        named("d_days", "whole", json!({ "days": [{ "day": "2026-01-01" }, "day"] })),
        named("d_if", "money", json!({ "if": { "field": "yes_no", "is": "yes" }, "then": "money", "else": 0 })),
        named("d_far", "whole", json!({ "count": "rows", "where": { "field": "whole", "above": 2 } })),
    ]
}

fn checks() -> Vec<Value> {
    let check = |name: &str, when: Value, then: &str, more: Value| {
        let mut check = json!({ "name": name, "when": when, "then": then, "says": format!("请核对{name}。") });
        let (check_parts, more) = (check.as_object_mut().expect("parts"), more.as_object().expect("parts").clone());
        check_parts.extend(more);
        check
    };
    vec![
        check("c_over", json!({ "field": "total", "above": "money" }), "block", json!({ "at": "total" })),
        check(
            "c_low",
            json!({ "field": "percent", "below": 30 }),
            "reason",
            json!({ "at": "percent", "reason": "text" }),
        ),
        check("c_slow", json!({ "field": "one_of", "is": "slow" }), "review", json!({ "at": "one_of" })),
        check("c_both", json!({ "field": "any_of", "includes": "both" }), "warn", json!({})),
        check(
            "c_row",
            json!({ "field": "money", "above": "decimal" }),
            "warn",
            json!({ "each": "rows", "at": "money" }),
        ),
        check(
            "c_why",
            json!({ "field": "yes_no", "is": "no" }),
            "reason",
            json!({ "each": "rows", "at": "yes_no", "reason": "line" }),
        ),
        check("c_any", json!({ "any_row": "rows", "when": { "field": "whole", "above": 5 } }), "block", json!({})),
    ]
}

/// What is filled in at some of the fields; `sound` for what a document holds already.
fn entries(fields: &[Field], sound: bool) -> BoxedStrategy<Entries> {
    let typed = fields.iter().filter(|field| field.is_typed() && !matches!(field.kind, Kind::Files | Kind::Rows));
    let all: Vec<_> = typed
        .map(|field| {
            let name = field.name.clone();
            prop::option::weighted(0.4, entry(field, sound)).prop_map(move |entry| Some((name.clone(), entry?)))
        })
        .collect();
    all.prop_map(|all| all.into_iter().flatten().collect()).boxed()
}

fn entry(field: &Field, sound: bool) -> BoxedStrategy<Entry> {
    let right = right(field);
    let chosen = match field.kind {
        Kind::OneOf => any::<Index>().prop_map(|at| Entry::Choices(vec![at.index(5)])).boxed(),
        Kind::AnyOf => subsequence(vec![0, 1, 2, 3, 4], 0..=3).prop_map(Entry::Choices).boxed(),
        Kind::YesNo => any::<bool>().prop_map(Entry::Flag).boxed(),
        _ => right.prop_map(Entry::Text).boxed(),
    };
    if sound {
        return chosen;
    }
    prop_oneof![4 => chosen, 1 => Just(Entry::Text(String::new())), 2 => odd(field).prop_map(Entry::Text)].boxed()
}

/// What suits a kind, written in the ways that people have.
fn right(field: &Field) -> BoxedStrategy<String> {
    match field.kind {
        Kind::Whole => written(0..=6, 0..=0, vec!["", "人", "万"]),
        Kind::Decimal => written(0..=6, 0..=5, vec!["", "公里", "％"]),
        Kind::Percent => written(0..=2, 0..=5, vec!["", "%", "％", " %"]),
        Kind::Money => written(0..=11, 0..=3, vec!["", "元", "万元", "万", "亿元", " 元", "千元"]),
        Kind::Day => prop_oneof![
            ("20[0-3][0-9]", 1..=12u8, 1..=28u8).prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}")),
            select(vec!["2026/3/1", "2026年3月1日", "２０２６－０３－０１", "2024-02-29"]).prop_map(str::to_owned),
        ]
        .boxed(),
        Kind::Month => prop_oneof![
            ("20[0-3][0-9]", 1..=12u8).prop_map(|(year, month)| format!("{year}-{month:02}")),
            select(vec!["2026/3", "2026年3月", "２０２６－０３", "2026-03-01"]).prop_map(str::to_owned),
        ]
        .boxed(),
        Kind::Region => select(vec!["320581", "320581101", "３２０５８１"]).prop_map(str::to_owned).boxed(),
        Kind::Code => select(vec!["X201", "Ｘ ２０２", "C001320581", "007"]).prop_map(str::to_owned).boxed(),
        Kind::Text => select(vec!["雨季停工\n已调整计划", "　　缩进一段\r\n第二段 ", "<b>&amp;\"", "一", "\n\n二\t三"])
            .prop_map(str::to_owned)
            .boxed(),
        _ => prop_oneof![
            "[^\\p{C}\\p{Z}]{1,12}",
            select(vec![" 前后空白　", "A&B<i>", "第 1 段"]).prop_map(str::to_owned)
        ]
        .boxed(),
    }
}

/// What suits no kind, or hardly one.
fn odd(field: &Field) -> BoxedStrategy<String> {
    let odd = vec![
        " ",
        "　",
        "三万",
        "一百二十元",
        "约300",
        "1e5",
        "1.2.3",
        "1,23",
        "12,345.67",
        "１，２３４．５",
        "-0",
        "0.00",
        "0.0000001",
        "99999999999999.99",
        "92233720368547758.07",
        "123456789012345678",
        "¥3",
        "￥１２",
        "3-5",
        "(1,200)",
        "1 200",
        "true",
        "√",
        "×",
        "是",
        "否",
        "待定",
        "\u{2212}5",
        "5％",
        "-3",
        "1/3",
        "2026-02-30",
        "2026-13",
        "slow",
        "未定",
        "正常、滞后、待查",
        "甲；乙（含,丙）,正常",
        "slow;both",
        "3.20581E+20",
        "a\tb",
        "a\nb",
        "½",
        "∞",
        "1亿",
        "=1+1",
    ];
    let long = prop_oneof![Just(3), Just(4), Just(200), Just(201), Just(20_000), Just(20_001)];
    let any_number = written(0..=18, 0..=22, vec!["", "元", "万元", "%", "公里", "人次", "倍"]);
    let kinds = field.kind.clone();
    let other = prop::sample::select(vec![Kind::Money, Kind::Day, Kind::Month, Kind::Line, Kind::Text])
        .prop_flat_map(move |kind| right(&Field { kind, ..Field::new("x", "x", kinds.clone()) }));
    prop_oneof![
        4 => select(odd).prop_map(str::to_owned),
        1 => long.prop_map(|count: usize| "长".repeat(count)),
        2 => any_number,
        1 => other,
        1 => "[^\\p{C}]{0,20}",
    ]
    .boxed()
}

/// A number as somebody writes it: with a sign, in thousands, in full width, with so many digits before and behind the
/// point, and a unit.
fn written(
    whole: std::ops::RangeInclusive<usize>,
    places: std::ops::RangeInclusive<usize>,
    units: Vec<&'static str>,
) -> BoxedStrategy<String> {
    let digits = |count: std::ops::RangeInclusive<usize>| vec(0..=9u8, count);
    let signs = select(vec!["", "", "", "-", "+", "－", "\u{2212}"]);
    (signs, (1..=9u8, digits(whole)), digits(places), (any::<bool>(), any::<bool>()), select(units))
        .prop_map(|(sign, (first, more), places, (grouped, wide), unit)| {
            let whole: Vec<String> = std::iter::once(first).chain(more).map(|digit| digit.to_string()).collect();
            let count = whole.len();
            let mut text = sign.to_owned();
            for (at, digit) in whole.into_iter().enumerate() {
                let part = grouped && at > 0 && (count - at).is_multiple_of(3);
                text.push_str(if part { "," } else { "" });
                text.push_str(&digit);
            }
            text.push_str(if places.is_empty() { "" } else { "." });
            text.extend(places.iter().map(u8::to_string));
            let widen = |c: char| char::from_u32(u32::from(c) + 0xFEE0).filter(|_| c.is_ascii() && wide).unwrap_or(c);
            text.chars().map(widen).collect::<String>() + unit
        })
        .boxed()
}
