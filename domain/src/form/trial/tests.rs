//! Three quarters under one release of a form, and what a stricter one would do to them, counted by hand.

use super::*;
use crate::form::road::{one, quarter, road};
use crate::form::{Choice, Definition, Facts, Field, Given, Kind};

fn sort(retired: bool) -> Field {
    let choice = Choice { code: "new".to_owned(), text: "新建".to_owned(), retired };
    Field { choices: vec![choice], ..Field::new("sort", "类别", Kind::OneOf) }
}

fn first() -> Definition {
    let mut first = road();
    first.fields.push(sort(false));
    first
}

/// 联系人 must be given; a reason has three characters at most; 延期至 and
/// the choice 新建 are retired; a rate below 90 % blocks.
fn stricter() -> Definition {
    let mut next = first();
    for field in &mut next.fields {
        match field.name.as_str() {
            "reason" => field.longest = Some(3),
            "until" => (field.when, field.retired) = (None, true),
            "sort" => *field = sort(true),
            _ => {}
        }
    }
    next.fields.push(Field { required: true, ..Field::new("contact", "联系人", Kind::Line) });
    next.checks.iter_mut().filter(|check| check.name == "slow").for_each(|slow| {
        slow.when = serde_json::from_str(r#"{"field":"rate","below":90}"#).expect("a condition");
        slow.then = crate::form::Consequence::Block;
    });
    next
}

fn of(next: &Definition, given: &BTreeMap<String, Given>) -> BTreeSet<Tally> {
    let first = first();
    let carried = next.carried(given);
    let (before, after) = (first.read_kept(given, given), next.read_kept(&carried, &carried));
    let facts = Facts::default();
    let (was, is) = (first.evaluate(&before.values, &facts), next.evaluate(&after.values, &facts));
    let under = |definition, reading, evaluated| Under { definition, reading, evaluated };
    burdens(under(&first, &before, &was), under(next, &after, &is))
}

/// Of three quarters each lacks 联系人; the first is paid to 88.60 % and is stopped, the second too and holds a reason too
/// long, the day of a delay and the retired choice; in the third all 550 万元 are paid, so that nothing stops it. Where
/// nothing is asked that is not there nothing is counted.
#[test]
fn counted_by_hand() {
    let plain = quarter();
    let mut late = quarter();
    late.extend([one("late", "是"), one("until", "2026-03-31"), one("reason", "因征地延期"), one("sort", "new")]);
    let mut whole = quarter();
    whole.insert("issued".to_owned(), Given::One("487.3万元".to_owned()));
    let next = stricter();
    let mut tallies = Tallies::default();
    for given in [&plain, &late, &whole] {
        tallies.add(of(&next, given));
    }
    let found: Vec<u64> = Tally::ALL.iter().map(|tally| tallies.of(tally)).collect();
    assert_eq!(found, [0, 0, 3, 1, 1, 2, 1, 0]);
    assert_eq!(of(&first(), &late), BTreeSet::new());

    let mut hidden = stricter();
    let contact = hidden.fields.iter_mut().find(|field| field.name == "contact").expect("a field");
    contact.when = Some(serde_json::from_str(r#"{"field":"late","is":"yes"}"#).expect("a condition"));
    assert!(!of(&hidden, &plain).contains(&Tally::Lacking), "it is not asked in this document");
    assert!(of(&hidden, &late).contains(&Tally::Lacking));
}

/// A check that stopped the document before stops it no more than then; one that a reason answers stops nothing.
#[test]
fn stopped_by_what_is_new() {
    let mut over = quarter();
    over.insert("issued".to_owned(), Given::One("400万元".to_owned()));
    let mut next = first();
    next.checks.iter_mut().for_each(|check| check.says.push('！'));
    assert_eq!(of(&next, &over), BTreeSet::new(), "overpaid stops it under both");
    let mut asks = first();
    asks.checks.iter_mut().filter(|check| check.name == "slow").for_each(|slow| {
        slow.when = serde_json::from_str(r#"{"field":"rate","below":90}"#).expect("a condition");
    });
    assert_eq!(of(&asks, &quarter()), BTreeSet::from([Tally::Stopped]));
    let mut told = quarter();
    told.extend([one("reason", "征地")]);
    assert_eq!(of(&asks, &told), BTreeSet::new());
}

/// One to four documents are told as fewer than five, and fewer than a county's own smallest group where that is more;
/// none are none, and what a number may be is known from both ends.
#[test]
fn few_are_not_told() {
    let mut tallies = Tallies::default();
    (0..4).for_each(|_| tallies.add([Tally::Documents, Tally::Lacking]));
    (0..3).for_each(|_| tallies.add([Tally::Documents]));
    let told = tallies.told(1);
    assert_eq!(told.len(), Tally::ALL.len());
    assert_eq!(told.get(&Tally::Documents), Some(&Counted::Exactly(7)));
    assert_eq!(told.get(&Tally::Lacking), Some(&Counted::FewerThan(5)));
    assert_eq!(told.get(&Tally::Refused), Some(&Counted::Exactly(0)));
    assert_eq!(tallies.told(10).get(&Tally::Documents), Some(&Counted::FewerThan(10)));
    assert_eq!(Counted::told(5, 5), Counted::Exactly(5));
    assert_eq!(Counted::FewerThan(5).range(), (1, 4));
    assert_eq!(Counted::FewerThan(5).text(Lang::Zh), "少于 5");
}
