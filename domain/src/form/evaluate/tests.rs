//! What follows from what is filled in, against answers worked out by hand.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::form::road::{one, quarter, road, row};
use crate::form::{Condition, Expression, Given};
use crate::number::read_date;

fn evaluated(definition: &Definition, given: &BTreeMap<String, Given>) -> Evaluated {
    let reading = definition.read(given);
    assert_eq!(reading.problems, Vec::new());
    definition.evaluate(&reading.values, &Facts::default())
}

/// A form of numbers `a`, `b`, `c`, days `d`, `e`, rows `r` of `n` and `ok`, and what is derived beside them.
fn with(derived: &[(&str, Json)]) -> Definition {
    let mut definition = road();
    definition.checks.clear();
    let field = |name: &str, kind| Field::new(name, name, kind);
    let mut rows = field("r", Kind::Rows);
    rows.fields = vec![field("n", Kind::Money), field("ok", Kind::YesNo)];
    definition.fields = ["a", "b", "c"].map(|name| field(name, Kind::Money)).to_vec();
    definition.fields.extend([field("d", Kind::Day), field("e", Kind::Day), rows]);
    for (name, tree) in derived {
        let mut field = field(name, Kind::Decimal);
        field.derived = Some(Expression::from(tree.clone()));
        definition.fields.push(field);
    }
    definition
}

fn derives(tree: Json, given: &BTreeMap<String, Given>, facts: &Facts) -> Option<String> {
    let definition = with(&[("x", tree)]);
    let evaluated = definition.evaluate(&definition.read(given).values, facts);
    definition.derived(&evaluated).remove("x")
}

fn holds(tree: Json, given: &BTreeMap<String, Given>) -> Option<bool> {
    let definition = with(&[]);
    let condition = Condition::from(tree);
    assert!(!matches!(condition, Condition::Unknown(_)), "{condition:?}");
    let (values, facts) = (definition.read(given).values, Facts::default());
    Calculation::new(&definition, &facts, Cow::Owned(values)).holds(&condition, None, 0)
}

fn rows(all: &[&[(&str, &str)]]) -> (String, Given) {
    let rows = all.iter().enumerate().map(|(at, cells)| row(&format!("r{at}"), cells));
    ("r".to_owned(), Given::Rows(rows.collect()))
}

/// 250 + 237.30 = 487.30 万元 of 550 are 88.60 %; 250 of 300 are 83.33 %, 237.30 of 250 are 94.92 %.
#[test]
fn the_road_form() {
    let definition = road();
    let found = evaluated(&definition, &quarter());
    let expected =
        [("paid_total", "4873000.00"), ("rate", "88.60"), ("roads.r1.rate", "83.33"), ("roads.r2.rate", "94.92")];
    assert_eq!(definition.derived(&found), expected.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    assert_eq!((found.missing.len(), found.findings.len(), found.is_blocked()), (0, 0, false));
    assert_eq!(found.hidden, ["until".to_owned()].into());
}

/// Checks: too much blocks, too little wants a reason until it has one, a road beyond its plan is told at its row.
#[test]
fn checks() {
    let definition = road();
    let mut given = quarter();
    given.extend([one("issued", "4872999.99"), one("late", "否")]);
    let found = evaluated(&definition, &given);
    let told = |found: &Evaluated| -> Vec<(String, Option<String>, bool)> {
        let findings = found.findings.iter();
        findings.map(|one| (one.check.clone(), one.place.as_ref().map(Place::to_string), one.answered)).collect()
    };
    assert_eq!(told(&found), [("overpaid".to_owned(), Some("paid_total".to_owned()), false)]);
    assert!(found.is_blocked());
    let Some(Given::Rows(roads)) = given.get_mut("roads") else { unreachable!("it has rows") };
    roads.truncate(1);
    for road in roads.iter_mut() {
        road.cells.insert("paid".to_owned(), "3000000.01".to_owned());
    }
    given.extend([one("issued", "1亿元")]);
    let found = evaluated(&definition, &given);
    let warned = ("beyond_plan".to_owned(), Some("roads.r1.paid".to_owned()), false);
    assert_eq!(told(&found), [("slow".to_owned(), Some("rate".to_owned()), false), warned.clone()]);
    assert!(found.is_blocked());
    given.extend([one("reason", "汛期停工")]);
    let found = evaluated(&definition, &given);
    assert_eq!(told(&found), [("slow".to_owned(), Some("rate".to_owned()), true), warned]);
    assert!(!found.is_blocked());
}

/// What is required and asked is missing; what is not asked is hidden, does not count, and is not kept.
#[test]
fn missing_and_hidden() {
    let definition = road();
    let mut given = quarter();
    given.remove("issued");
    let Some(Given::Rows(roads)) = given.get_mut("roads") else { unreachable!("it has rows") };
    roads.push(row("r3", &[("km", "1")]));
    given.extend([one("until", "2025-04-01"), one("late", "no")]);
    let found = evaluated(&definition, &given);
    let missing: Vec<String> = found.missing.iter().map(Place::to_string).collect();
    assert_eq!(missing, ["issued", "roads.r3.route", "roads.r3.plan"]);
    assert_eq!(found.hidden, ["until".to_owned()].into());
    assert!(!found.values.contains_key("until") && !found.values.contains_key("paid_total"));
    assert!(!definition.canonical(&found.values, &given).contains_key("until"));
    given.remove("until");
    for (late, asked) in [("", true), ("yes", true), ("no", false)] {
        given.extend([one("late", late)]);
        assert_eq!(evaluated(&definition, &given).missing.contains(&Place::of("until")), asked, "{late}");
    }
    let nothing = evaluated(&definition, &BTreeMap::new());
    assert_eq!(nothing.missing, ["issued", "roads", "until"].map(Place::of));
    assert!(definition.derived(&nothing).is_empty());
}

/// Each operation by hand, with all it needs and with something missing, which is never zero.
#[test]
fn operations() {
    let mut given: BTreeMap<String, Given> = [one("a", "10"), one("b", "4"), one("d", "2025-09-26")].into();
    given.extend([one("e", "2025-10-16"), rows(&[&[("n", "1.5"), ("ok", "yes")], &[("n", "2"), ("ok", "no")]])]);
    let new_year = read_date("2025-01-01").expect("a day");
    let calendar = Calendar { holidays: [new_year].into(), ..Calendar::default() };
    let facts = Facts { calendar, ..crate::form::ruled::tests::facts() };
    for (tree, expected) in [
        (json!({"sum": ["a", "b"]}), Some("14.00")),
        (json!({"sum": ["a", "c"]}), None),
        (json!({"sum_given": ["a", "c"]}), Some("10.00")),
        (json!({"sum_given": ["c"]}), None),
        (json!({"difference": ["b", "a"]}), Some("-6.00")),
        (json!({"product": ["a", "b", {"number": "0.5"}]}), Some("20.00")),
        (json!({"ratio": ["a", "b"]}), Some("2.50")),
        (json!({"ratio": ["a", {"number": 0}]}), None),
        (json!({"ratio": ["a", "c"]}), None),
        (json!({"share": ["b", "a"]}), Some("40.00")),
        (json!({"share": [{"number": "1"}, {"number": "3"}]}), Some("33.33")),
        (json!({"least": ["a", "b"]}), Some("4.00")),
        (json!({"most": ["a", "b", {"rule": "indicators.weight_total"}]}), Some("90.00")),
        (json!({"most": ["a", "c"]}), None),
        (json!({"rule": "none"}), None),
        (json!({"total": "r.n"}), Some("3.50")),
        (json!({"total": "r.n", "where": {"field": "ok", "is": "yes"}}), Some("1.50")),
        (json!({"total": "r.n", "where": {"field": "n", "above": 9}}), Some("0.00")),
        (json!({"count": "r"}), Some("2.00")),
        (json!({"count": "r", "where": {"field": "n", "at_least": 2}}), Some("1.00")),
        (json!({"days": ["d", "e"]}), Some("20.00")),
        (json!({"days": ["e", "d"]}), Some("-20.00")),
        (json!({"days": [{"day": "2024-02-28"}, {"day": "2024-03-01"}]}), Some("2.00")),
        // From Friday to Thursday after the next two, with no day off known but New Year: 14 weekdays.
        (json!({"working_days": ["d", "e"]}), Some("14.00")),
        (json!({"working_days": ["d", {"day": "2026-01-04"}]}), None),
        (json!({"days": ["d", {"least": ["d", "e"]}]}), Some("0.00")),
        (json!({"if": {"field": "a", "above": "b"}, "then": "a", "else": "c"}), Some("10.00")),
        (json!({"if": {"field": "a", "below": "b"}, "then": "a", "else": "c"}), None),
        (json!({"if": {"field": "c", "below": "b"}, "then": "a", "else": "b"}), None),
        (json!({"sum": ["a", "d"]}), None),
        (json!({"median": ["a"]}), None),
        (json!({"product": vec![{let big = json!({"number": "999999999999999"}); big}; 3]}), None),
    ] {
        assert_eq!(derives(tree.clone(), &given, &facts).as_deref(), expected, "{tree}");
    }
    let strict = [rows(&[&[("n", "1.5")], &[("ok", "no")]])].into();
    assert_eq!(derives(json!({"total": "r.n"}), &strict, &facts), None);
    assert_eq!(derives(json!({"count": "r", "where": {"field": "n", "above": 0}}), &strict, &facts), None);
    assert_eq!(derives(json!({"total": "r.n"}), &BTreeMap::new(), &facts), None);
    assert_eq!(derives(json!({"count": "r"}), &BTreeMap::new(), &facts).as_deref(), Some("0.00"));
}

/// Whether a condition holds, does not, or cannot be told, which is neither.
#[test]
fn conditions() {
    let mut given: BTreeMap<String, Given> = [one("a", "10"), one("b", "4"), one("d", "2025-09-26")].into();
    given.extend([rows(&[&[("n", "1"), ("ok", "yes")], &[("ok", "yes")]])]);
    let (yes, no, open) =
        (json!({"field": "a", "above": "b"}), json!({"field": "a", "below": "b"}), json!({"field": "c", "above": 1}));
    for (tree, expected) in [
        (yes.clone(), Some(true)),
        (no.clone(), Some(false)),
        (open.clone(), None),
        (json!({"all": [yes, open]}), None),
        (json!({"all": [no, open]}), Some(false)),
        (json!({"any": [yes, open]}), Some(true)),
        (json!({"any": [no, open]}), None),
        (json!({"not": open}), None),
        (json!({"not": no}), Some(true)),
        (json!({"field": "c", "present": false}), Some(true)),
        (json!({"field": "c", "is_not": "1"}), None),
        (json!({"field": "a", "is": "10.0"}), Some(true)),
        (json!({"field": "a", "one_of": ["3", "10"]}), Some(true)),
        (json!({"field": "a", "at_least": 10}), Some(true)),
        (json!({"field": "a", "at_most": 9.99}), Some(false)),
        (json!({"field": "a", "equals": "b"}), Some(false)),
        (json!({"field": "a", "differs": "b"}), Some(true)),
        (json!({"field": "d", "above": {"day": "2025-09-25"}}), Some(true)),
        (json!({"field": "d", "below": "a"}), None),
        (json!({"any_row": "r", "when": {"field": "n", "above": 0}}), Some(true)),
        (json!({"any_row": "r", "when": {"field": "n", "above": 1}}), None),
        (json!({"every_row": "r", "when": {"field": "ok", "is": "yes"}}), Some(true)),
        (json!({"every_row": "r", "when": {"field": "n", "above": 1}}), Some(false)),
        (json!({"every_row": "r", "when": {"field": "n", "below": "a"}}), None),
    ] {
        assert_eq!(holds(tree.clone(), &given), expected, "{tree}");
    }
    let any = json!({"any_row": "r", "when": {"field": "ok", "is": "yes"}});
    assert_eq!(holds(any, &BTreeMap::new()), Some(false));
    let every = json!({"every_row": "r", "when": {"field": "ok", "is": "yes"}});
    assert_eq!(holds(every, &BTreeMap::new()), None);
}

/// A share of 59.996 % is below 60 where the check calculates it, and 60.00 where it looks at the field.
#[test]
fn exact_and_shown() {
    let given: BTreeMap<String, Given> = [one("a", "59996"), one("b", "100000")].into();
    let share = json!({"share": ["a", "b"]});
    assert_eq!(derives(share.clone(), &given, &Facts::default()).as_deref(), Some("60.00"));
    assert_eq!(holds(json!({"value": share, "below": 60}), &given), Some(true));
    // 1/3 + 1/3 + 1/3 is 1, not less.
    let third = json!({"ratio": [{"number": 1}, {"number": 3}]});
    assert_eq!(holds(json!({"value": {"sum": [third, third, third]}, "below": 1}), &given), Some(false));
}

/// Fields that need each other follow from nothing, whatever needs them is missing too, and the rest is calculated.
#[test]
fn cycles() {
    let definition = with(&[
        ("p", json!({"sum": ["q", "a"]})),
        ("q", json!({"sum": ["p", "a"]})),
        ("s", json!({"sum": ["s", "a"]})),
        ("t", json!({"sum_given": ["p", "a"]})),
        ("u", json!({"sum": ["v", "a"]})),
        ("v", json!({"sum": ["a", "a"]})),
    ]);
    let found = evaluated(&definition, &[one("a", "1")].into());
    let expected = [("t", "1.00"), ("u", "3.00"), ("v", "2.00")];
    assert_eq!(definition.derived(&found), expected.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    // A row's part of the whole needs the whole, and that needs no such part; a part that is summed up by itself does.
    let mut definition = with(&[("sum", json!({"total": "r.n"}))]);
    for rows in definition.fields.iter_mut().filter(|field| field.name == "r") {
        for (name, tree) in [("part", json!({"share": ["n", "sum"]})), ("own", json!({"total": "r.own"}))] {
            let mut field = Field::new(name, name, Kind::Percent);
            field.derived = Some(Expression::from(tree));
            rows.fields.push(field);
        }
    }
    let found = evaluated(&definition, &[rows(&[&[("n", "1")], &[("n", "3")]])].into());
    let expected = [("r.r0.part", "25.00"), ("r.r1.part", "75.00"), ("sum", "4.00")];
    assert_eq!(definition.derived(&found), expected.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
}

/// A tree deeper than a definition may be, a long chain of fields, and rows within rows within rows end soon.
#[test]
fn no_end() {
    let deep = (0..200).fold(json!({"field": "a"}), |tree, _| json!({"sum": [tree]}));
    let given: BTreeMap<String, Given> = [one("a", "1")].into();
    assert_eq!(derives(deep, &given, &Facts::default()), None);
    let chain: Vec<(String, Json)> = (0..390)
        .map(|at| {
            (format!("x{at}"), json!({"sum": [if at == 0 { "a".to_owned() } else { format!("x{}", at - 1) }, "a"]}))
        })
        .collect();
    let chain: Vec<(&str, Json)> = chain.iter().map(|(name, tree)| (name.as_str(), tree.clone())).collect();
    let definition = with(&chain);
    let found = evaluated(&definition, &given);
    assert_eq!(definition.derived(&found).get("x389").map(String::as_str), Some("391.00"));
    let within = (0..6).fold(json!({"field": "n", "below": 0}), |when, _| json!({"any_row": "r", "when": when}));
    let many: Vec<[(&str, &str); 1]> = vec![[("n", "1")]; 100];
    let many: Vec<&[(&str, &str)]> = many.iter().map(<[_; 1]>::as_slice).collect();
    let definition = with(&[]);
    let (values, facts) = (definition.read(&[rows(&many)].into()).values, Facts::default());
    let mut calculation = Calculation::new(&definition, &facts, Cow::Owned(values));
    calculation.most_steps = 100_000;
    assert_eq!(calculation.holds(&Condition::from(within), None, 0), None);
}

/// A row's own field comes before the document's of the same name, also where it is missing in the row.
#[test]
fn names_in_rows() {
    let mut definition = with(&[]);
    for rows in definition.fields.iter_mut().filter(|field| field.name == "r") {
        rows.fields.push(Field::new("a", "a", Kind::Money));
        let mut field = Field::new("y", "y", Kind::Money);
        field.derived = Some(Expression::from(json!({"sum": ["a", "b"]})));
        rows.fields.push(field);
    }
    let given = [one("a", "100"), one("b", "1"), rows(&[&[("a", "5")], &[("n", "1")]])].into();
    let found = evaluated(&definition, &given);
    assert_eq!(definition.derived(&found), [("r.r0.y".to_owned(), "6.00".to_owned())].into());
}

/// What was filled in from elsewhere counts like what is typed, is kept with what followed, and read from there again.
#[test]
fn filled_in() {
    let mut definition = with(&[("x", json!({"sum": ["a", "b"]}))]);
    definition
        .fields
        .iter_mut()
        .filter(|field| field.name == "b")
        .for_each(|field| field.from = "project.budget".to_owned());
    let filled = definition.filled(&[("b".to_owned(), "2.50".to_owned()), ("x".to_owned(), "9".to_owned())].into());
    let mut values = definition.read(&[one("a", "1")].into()).values;
    values.extend(filled);
    let found = definition.evaluate(&values, &Facts::default());
    let kept = definition.derived(&found);
    assert_eq!(kept, [("b", "2.50"), ("x", "3.50")].map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    assert_eq!(definition.canonical(&found.values, &BTreeMap::new()), [one("a", "1.00")].into());
}

fn amounts() -> impl Strategy<Value = BTreeMap<String, Given>> {
    let amount = || prop::option::of((-999_999_999i64..999_999_999).prop_map(|fen| crate::money::Fen(fen).to_string()));
    let road = (amount(), amount()).prop_map(|(plan, paid)| {
        let cells = [("plan", plan), ("paid", paid)];
        cells.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect()
    });
    let late = prop::sample::select(vec!["", "yes", "no"]);
    (prop::option::of(0i64..999_999_999), prop::collection::vec(road, 0..5), late).prop_map(|(issued, roads, late)| {
        let roads = roads.into_iter().enumerate();
        let roads = roads.map(|(at, cells)| crate::form::GivenRow { id: format!("r{at}"), cells }).collect();
        let mut given: BTreeMap<String, Given> = [("roads".to_owned(), Given::Rows(roads)), one("late", late)].into();
        given.extend(issued.map(|fen| one("issued", &crate::money::Fen(fen).to_string())));
        given
    })
}

proptest! {
    /// The same values give the same answer again, and in whatever order the fields stand.
    #[test]
    fn whatever_the_order(given in amounts(), order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle()) {
        let definition = road();
        let mut other = definition.clone();
        prop_assert_eq!(other.fields.len(), order.len());
        other.fields = order.iter().filter_map(|at| definition.fields.get(*at).cloned()).collect();
        other.fields.iter_mut().for_each(|field| field.fields.reverse());
        let values = definition.read(&given).values;
        let found = definition.evaluate(&values, &Facts::default());
        let mut again = other.evaluate(&values, &Facts::default());
        prop_assert_eq!(&found.values, &again.values);
        prop_assert_eq!((&found.hidden, &found.findings), (&again.hidden, &again.findings));
        again.missing.sort();
        let mut missing = found.missing.clone();
        missing.sort();
        prop_assert_eq!(missing, again.missing);
        // What was derived does not count when it is given again.
        prop_assert_eq!(definition.evaluate(&found.values, &Facts::default()).values, found.values);
    }
}
