//! What people write for the fields of a form, and what it becomes.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::form::road::{one, quarter, road, row};
use crate::form::{Attachment, Choice};
use crate::lang::{Lang, Say};
use crate::month::Month;

fn number(text: &str) -> Value {
    Value::Number(text.parse().expect("a number"))
}

fn choice(code: &str, text: &str, retired: bool) -> Choice {
    Choice { code: code.to_owned(), text: text.to_owned(), retired }
}

/// A form with a field of each kind, named after it.
fn every_kind() -> Definition {
    let mut definition = road();
    let mut fields: Vec<Field> = Kind::ALL.iter().map(|kind| Field::new(kind.word(), "字段", kind.clone())).collect();
    for field in &mut fields {
        match field.kind {
            Kind::OneOf | Kind::AnyOf => {
                field.choices = vec![
                    choice("new", "新建", false),
                    choice("old", "改建、扩建", false),
                    choice("gone", "大修", true),
                ];
            }
            Kind::Decimal => field.places = Some(3),
            Kind::Whole => (field.least, field.most) = (Some(Decimal::ONE), Some(Decimal::from(100))),
            Kind::Line => field.longest = Some(5),
            Kind::Rows => {
                let inner = Kind::ALL.iter().filter(|kind| kind.fits_rows());
                field.fields = inner.map(|kind| Field::new(kind.word(), "字段", kind.clone())).collect();
            }
            _ => {}
        }
    }
    definition.fields = fields;
    definition
}

fn alone(name: &str, text: &str) -> Result<Option<Value>, Fault> {
    let reading = every_kind().read(&[one(name, text)].into());
    match reading.problems.as_slice() {
        [] => Ok(reading.values.get(name).cloned()),
        [problem] => {
            assert_eq!((problem.place.to_string().as_str(), reading.values.len()), (name, 0));
            Err(problem.fault.clone())
        }
        more => unreachable!("one value has one problem: {more:?}"),
    }
}

/// Every way of writing a value that is understood.
#[test]
fn as_people_write() {
    let text = |text: &str| Value::Text(text.to_owned());
    let day = crate::number::read_date("2025-03-01").expect("a day");
    for (kind, written, value) in [
        ("line", " 公路站 ", text("公路站")),
        ("text", "\r\n　第一行\r\n第二行 \n", text("　第一行\n第二行")),
        ("code", " X 201\u{3000}", text("X201")),
        ("code", "Ｘ２０１", text("X201")),
        ("one_of", "old", text("old")),
        ("one_of", " 改建、扩建 ", text("old")),
        ("any_of", "改建、扩建；新建", Value::Several(vec!["new".to_owned(), "old".to_owned()])),
        ("any_of", "新建、改建、扩建, new ", Value::Several(vec!["new".to_owned(), "old".to_owned()])),
        ("any_of", "改建、扩建", Value::Several(vec!["old".to_owned()])),
        ("yes_no", "是", Value::Flag(true)),
        ("yes_no", "FALSE", Value::Flag(false)),
        ("yes_no", "√", Value::Flag(true)),
        ("whole", "１２", number("12")),
        ("whole", "12.0", number("12")),
        ("decimal", "-1,234.5", number("-1234.5")),
        ("percent", "88.6%", number("88.6")),
        ("percent", "８８．６％", number("88.6")),
        ("money", "¥ 9,341,989.44", number("9341989.44")),
        ("money", "46.8万元", number("468000")),
        ("day", "2025年3月1日", Value::Day(day)),
        ("day", "２０２５/3/1", Value::Day(day)),
        ("month", "2025年3月", Value::Month(Month::new(2025, 3).expect("a month"))),
        ("month", "2025/03", Value::Month(Month::new(2025, 3).expect("a month"))),
        ("month", "2025-03-01", Value::Month(Month::new(2025, 3).expect("a month"))),
        ("region", "３２０５８１", text("320581")),
    ] {
        assert_eq!(alone(kind, written), Ok(Some(value)), "{kind} {written:?}");
    }
    for kind in Kind::ALL {
        assert_eq!(alone(kind.word(), " \u{3000}\n"), Ok(None), "{kind:?}");
    }
}

/// What cannot be kept as it was typed is a problem and no value; nothing is rounded, cut or guessed.
#[test]
fn what_cannot_be_kept() {
    let choices = vec!["新建".to_owned(), "改建、扩建".to_owned()];
    for (kind, written, fault) in [
        ("line", "养护中心站", None),
        ("line", "公路养护中心", Some(Fault::TooLong { most: 5 })),
        ("line", "一\n二", Some(Fault::ControlCharacter)),
        ("text", "一\u{7}二", Some(Fault::ControlCharacter)),
        ("one_of", "拆除", Some(Fault::NotAChoice { choices: choices.clone() })),
        ("any_of", "新建、拆除", Some(Fault::NotAChoice { choices })),
        ("one_of", "大修", Some(Fault::RetiredChoice { text: "大修".to_owned() })),
        ("any_of", "新建、大修", Some(Fault::RetiredChoice { text: "大修".to_owned() })),
        ("yes_no", "大概", Some(Fault::NotYesOrNo)),
        ("whole", "1.5", Some(Fault::NotWhole)),
        ("whole", "0", Some(Fault::BelowLeast { least: Decimal::ONE })),
        ("whole", "101", Some(Fault::AboveMost { most: Decimal::from(100) })),
        ("decimal", "1.2345", Some(Fault::TooManyDecimals { places: 3 })),
        ("decimal", "95%", Some(Fault::NotANumber)),
        ("decimal", "约3", Some(Fault::NotANumber)),
        ("decimal", "1234567890123456", Some(Fault::TooLarge)),
        ("percent", "88.605", Some(Fault::TooManyDecimals { places: 2 })),
        ("percent", "46.8万", Some(Fault::NotANumber)),
        ("money", "12.345", Some(Fault::TooManyDecimals { places: 2 })),
        ("money", "123456789012345亿", Some(Fault::TooLarge)),
        ("money", "98185841亿元", Some(Fault::TooLarge)),
        ("day", "2025-02-30", Some(Fault::NotADay)),
        ("month", "2025-13", Some(Fault::NotAMonth)),
        ("month", "2025-03-02", Some(Fault::NotAMonth)),
        ("region", "32058", Some(Fault::NotADivision)),
        ("files", "附件.pdf", Some(Fault::WrongShape)),
        ("rows", "一行", Some(Fault::WrongShape)),
        ("height", "3", Some(Fault::UnknownField)),
    ] {
        assert_eq!(alone(kind, written).err(), fault, "{kind} {written:?}");
    }
    assert!(matches!(alone("code", "3.20581E+20"), Err(Fault::SpoiltCode(_))));
}

/// A whole form: places of the problems name field, row and cell, and everything else is read.
#[test]
fn places() {
    let mut given = quarter();
    let Some(Given::Rows(rows)) = given.get_mut("roads") else { unreachable!("it has rows") };
    rows.push(row("r1", &[("route", "Z1")]));
    rows.push(row("r 9", &[("route", "Z2")]));
    rows.push(row("r3", &[("paid", "无"), ("rate", "50"), ("lanes", "2"), ("km", " ")]));
    given.extend([one("rate", "88"), ("reason".to_owned(), Given::Several(vec!["雨".to_owned()]))]);
    let reading = road().read(&given);
    let problems: Vec<(String, Fault)> =
        reading.problems.into_iter().map(|problem| (problem.place.to_string(), problem.fault)).collect();
    let expected = [
        ("rate", Fault::NotTyped),
        ("reason", Fault::WrongShape),
        ("roads.r1", Fault::RowTwice),
        ("roads.r 9", Fault::RowIdUnfit),
        ("roads.r3.lanes", Fault::UnknownField),
        ("roads.r3.paid", Fault::NotANumber),
        ("roads.r3.rate", Fault::NotTyped),
    ];
    assert_eq!(problems, expected.map(|(place, fault)| (place.to_owned(), fault)));
    let rows = reading.values.get("roads").and_then(Value::rows).unwrap_or_default();
    assert_eq!(
        rows.iter().map(|row| (row.id.as_str(), row.values.len())).collect::<Vec<_>>(),
        [("r1", 4), ("r2", 4), ("r3", 0)]
    );
    let many = (0..51).map(|at| row(&format!("n{at}"), &[])).collect();
    let reading = road().read(&[("roads".to_owned(), Given::Rows(many))].into());
    assert_eq!(reading.problems.first().map(|problem| &problem.fault), Some(&Fault::TooManyRows { most: 50 }));
    assert!(reading.values.is_empty());
}

/// A retired field or choice that a document has stays as it is, and is not given anew.
#[test]
fn retired() {
    let mut definition = every_kind();
    let fields = definition.fields.iter_mut().filter(|field| field.kind == Kind::Line);
    fields.for_each(|field| field.retired = true);
    let given = [
        one("line", "旧"),
        one("one_of", "gone"),
        ("any_of".to_owned(), Given::Several(vec!["gone".to_owned(), "new".to_owned()])),
    ];
    let before: BTreeMap<String, Given> = given.into();
    let kept = definition.read_kept(&before, &before);
    assert_eq!((kept.problems.len(), kept.values.len()), (0, 3));
    assert_eq!(definition.canonical(&kept.values, &before).len(), 3);
    let anew: Vec<Fault> = definition.read(&before).problems.into_iter().map(|problem| problem.fault).collect();
    let gone = Fault::RetiredChoice { text: "大修".to_owned() };
    assert_eq!(anew, [gone.clone(), Fault::Retired, gone]);
    let other = [one("line", "新")].into();
    assert_eq!(definition.read_kept(&other, &before).problems.len(), 1);
}

/// Each value is kept in one way of writing it: amounts with their fen, decimals as many as the field has.
#[test]
fn canonical() {
    let definition = road();
    let mut given = quarter();
    given.extend([one("late", "是"), one("until", "2025年4月1日"), one("reason", " 汛期停工 ")]);
    let kept = definition.canonical(&definition.read(&given).values, &given);
    let rows = Given::Rows(vec![
        row("r1", &[("route", "X201"), ("km", "12.500"), ("plan", "3000000.00"), ("paid", "2500000.00")]),
        row("r2", &[("route", "Y307"), ("km", "8.250"), ("plan", "2500000.00"), ("paid", "2373000.00")]),
    ]);
    let mut expected: BTreeMap<String, Given> =
        [one("issued", "5500000.00"), one("late", "yes"), one("until", "2025-04-01")].into();
    // The indent of a text of several lines stays.
    expected.extend([one("reason", " 汛期停工"), ("roads".to_owned(), rows)]);
    assert_eq!(kept, expected);
    let files = vec![Attachment { name: "a.pdf".to_owned(), size: 1, digest: "00".to_owned() }];
    let given = [("files".to_owned(), Given::Files(files))].into();
    let definition = every_kind();
    assert_eq!(definition.canonical(&definition.read(&given).values, &given), given);
}

/// Every fault says in both languages what is wrong.
#[test]
fn said() {
    assert_eq!(Fault::TooManyDecimals { places: 2 }.say(Lang::Zh), "小数多于 2 位，请按 2 位小数填写");
    let choices: Vec<String> = (1..=9).map(|at| format!("选项{at}")).collect();
    let said = Fault::NotAChoice { choices }.say(Lang::Zh);
    assert!(said.ends_with("选项7、选项8 …"), "{said}");
    assert_eq!(Fault::NotADay.say(Lang::En), "it is not a day: give it as 2025-03-01");
}

/// What somebody might write for a kind, sound more often than not.
fn written(kind: &str) -> BoxedStrategy<String> {
    let one_of = |all: &'static [&'static str]| prop::sample::select(all).prop_map(str::to_owned).boxed();
    let sound = match kind {
        "one_of" | "any_of" => one_of(&["new", "old", "新建、改建、扩建", "改建、扩建；new", "新建"]),
        "yes_no" => one_of(&["yes", "否", "TRUE"]),
        "region" => one_of(&["320581", "３２０５８１１０１"]),
        "day" => "20[0-9]{2}[-/][1-9][-/][12][0-9]".boxed(),
        "month" => "20[0-9]{2}年[1-9]月".boxed(),
        "whole" | "decimal" | "percent" => "-?[0-9]{1,2}(\\.[0-9]{1,3})?%?".boxed(),
        "money" => "-?[0-9]{1,9}(\\.[0-9]{1,2})?(万元)?".boxed(),
        _ => "[a-zX公路　 \n]{1,5}".boxed(),
    };
    let odd = "[-+0-9０-９,，.．%％¥万元亿年月日/ 是否new新建改扩、；\u{3000}\n\tX公里]{0,12}";
    prop_oneof![3 => sound, 1 => odd].boxed()
}

fn a_document() -> impl Strategy<Value = BTreeMap<String, Given>> {
    let kinds: Vec<&str> = Kind::ALL.iter().map(Kind::word).filter(|kind| *kind != "rows").collect();
    let cell = |kind: &&'static str| (Just((*kind).to_owned()), prop::option::of(written(kind)));
    let cells: Vec<_> = kinds.iter().map(cell).collect();
    let cells = cells.prop_map(|all| all.into_iter().filter_map(|(name, text)| Some((name, text?))).collect());
    let rows = prop::collection::vec(("[a-z0-9]{1,3}", cells), 0..4)
        .prop_map(|rows| rows.into_iter().map(|(id, cells)| GivenRow { id, cells }).collect());
    let given = |kind: &&'static str| {
        let given = prop_oneof![
            3 => written(kind).prop_map(Given::One),
            1 => prop::collection::vec(written(kind), 0..3).prop_map(Given::Several),
        ];
        (Just((*kind).to_owned()), given)
    };
    let singles: Vec<_> = kinds.iter().map(given).collect();
    (singles, rows).prop_map(|(singles, rows)| {
        let mut given: BTreeMap<String, Given> = singles.into_iter().collect();
        given.insert("rows".to_owned(), Given::Rows(rows));
        given
    })
}

proptest! {
    /// What is kept is read as the same values again, without a problem, and kept in the same bytes.
    #[test]
    fn kept_and_read_again(given in a_document()) {
        let definition = every_kind();
        let values = definition.read(&given).values;
        let kept = definition.canonical(&values, &given);
        let again = definition.read(&kept);
        prop_assert_eq!(&again.problems, &Vec::new());
        prop_assert_eq!(&again.values, &values);
        prop_assert_eq!(definition.canonical(&again.values, &kept), kept);
    }
}
