//! Three quarters under one release of a form, and what a stricter one would do to them, counted by hand.

use std::collections::BTreeMap;

use super::*;
use crate::form::road::{one, quarter, road};
use crate::form::{Check, Choice, Consequence, Definition, Facts, Field, Given, Kind};

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
    between(&first(), next, given)
}

fn between(first: &Definition, next: &Definition, given: &BTreeMap<String, Given>) -> BTreeSet<Tally> {
    let carried = next.carried(given);
    let (before, after) = (first.read_kept(given, given), next.read_kept(&carried, &carried));
    let facts = Facts::default();
    let (was, is) = (first.evaluate(&before.values, &facts), next.evaluate(&after.values, &facts));
    let under = |definition, reading, evaluated| Under { definition, reading, evaluated };
    burdens(under(first, &before, &was), under(next, &after, &is), &Personal::of(&[first, next]))
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

/// A field that was required before lacks in a document where it was not asked before and is now; where it lacked under
/// both nothing is new, and a value that cannot be read is no missing one.
#[test]
fn asked_of_more_documents() {
    let when = |text: &str| Some(serde_json::from_str(text).expect("a condition"));
    let with = |condition: &str, longest| {
        let mut form = road();
        let contact =
            Field { required: true, when: when(condition), longest, ..Field::new("contact", "联系人", Kind::Line) };
        form.fields.push(contact);
        form
    };
    let (narrow, wide) = (r#"{"field":"late","is":"yes"}"#, r#"{"field":"late","present":true}"#);
    let mut given = quarter();
    given.extend([one("late", "否")]);
    assert_eq!(between(&with(narrow, None), &with(wide, None), &given), BTreeSet::from([Tally::Lacking]));
    given.extend([one("late", "是"), one("until", "2026-03-31"), one("reason", "征地")]);
    assert_eq!(between(&with(narrow, None), &with(wide, None), &given), BTreeSet::new(), "it lacked before");
    given.extend([one("contact", "王小明")]);
    assert_eq!(between(&with(narrow, None), &with(wide, Some(2)), &given), BTreeSet::from([Tally::Refused]));
}

/// Nothing is counted that tells of a personal field: not of itself, nor of what is asked or calculated by it, nor what
/// a check finds that looks at it, though the draft takes the mark away. What is left out is said without looking at
/// any document, and that a new field is empty tells nothing of anybody.
#[test]
fn personal_fields_are_left_out() {
    let condition = |text: &str| serde_json::from_str(text).expect("a condition");
    let mut before = road();
    before.fields.push(Field { personal: true, ..Field::new("card", "身份证号", Kind::Code) });
    let mut next = before.clone();
    let card = next.fields.iter_mut().find(|field| field.name == "card").expect("a field");
    (card.personal, card.longest) = (false, Some(4));
    next.fields.push(Field { required: true, ..Field::new("contact", "联系人", Kind::Line) });
    let given = |card: &str| {
        let mut given = quarter();
        given.extend([one("card", card)]);
        given
    };
    let asks = r#"{"field":"card","is":"320581199001011234"}"#;
    let his = given("320581199001011234");
    assert_eq!(between(&before, &next, &his), BTreeSet::from([Tally::Lacking]), "that it is too long is not counted");
    let left_out = |next: &Definition| Personal::of(&[&before, next]).left_out(&before, next);
    assert_eq!(left_out(&next), BTreeSet::from([Tally::Refused]));

    let mut spying = next.clone();
    spying.fields.retain(|field| field.name != "contact");
    // Whether the field is asked, and by that whether another is, follows from the card.
    let of_card = Field { when: Some(condition(asks)), ..Field::new("is_him", "是否本人", Kind::YesNo) };
    spying.fields.push(Field { required: true, ..of_card });
    let further = Some(condition(r#"{"not":{"field":"is_him","present":true}}"#));
    spying.fields.push(Field { required: true, when: further, ..Field::new("more", "其他", Kind::Line) });
    let check = |name: &str, when: &str| Check {
        name: name.to_owned(),
        when: condition(when),
        then: Consequence::Block,
        says: "请核对。".to_owned(),
        at: String::new(),
        each: String::new(),
        reason: String::new(),
    };
    spying.checks.push(check("spy", asks));
    assert_eq!(between(&before, &spying, &his), BTreeSet::new());
    assert_eq!(between(&before, &spying, &given("320581199001015678")), BTreeSet::new());
    assert_eq!(left_out(&spying), BTreeSet::from([Tally::Lacking, Tally::Refused, Tally::Stopped]));

    // The same of rows: a person in one of them.
    let mut rows = road();
    let inner = Field { personal: true, ..Field::new("driver", "驾驶员", Kind::Line) };
    rows.fields.iter_mut().find(|field| field.name == "roads").expect("rows").fields.push(inner);
    let mut asked = rows.clone();
    asked.checks.push(check("any", r#"{"any_row":"roads","when":{"field":"driver","present":false}}"#));
    asked.checks.push(check("plain", r#"{"field":"issued","present":true}"#));
    assert_eq!(between(&rows, &asked, &quarter()), BTreeSet::from([Tally::Stopped]), "the plain one is counted");
    asked.checks.retain(|check| check.name != "plain");
    assert_eq!(between(&rows, &asked, &quarter()), BTreeSet::new());
}

/// The same draft asked again is another trial, so that what was counted for the first is no answer to it.
#[test]
fn asked_again() {
    let trial = |form: &str, at| Trial { form: form.to_owned(), forms_at: 1, by: String::new(), at: Moment(at) };
    assert_eq!(trial("a", 1).digest(), trial("a", 1).digest());
    assert_ne!(trial("a", 1).digest(), trial("a", 2).digest());
    assert_ne!(trial("a", 1).digest(), trial("b", 1).digest());
}
