//! What a county adds to the road form, worked out by hand.

use super::*;
use crate::form::road::road;
use crate::form::{Flow, Leaving, from_sheets, to_sheets};

/// The road form as a county writes its additions into it.
fn wanted() -> Definition {
    let mut form = road();
    form.fields.insert(1, Field { required: true, ..Field::new("detour", "是否绕行", Kind::YesNo) });
    let roads = form.field_at_mut("roads").expect("the roads");
    roads.fields.push(Field { longest: Some(40), ..Field::new("builder", "施工单位", Kind::Line) });
    form.field_at_mut("roads.km").expect("the length").required = true;
    form.field_at_mut("issued").expect("the amount").least = Some(Decimal::ONE_HUNDRED);
    form.field_at_mut("reason").expect("the reason").longest = Some(80);
    let check = r#"{"name":"builder_missing","each":"roads","when":{"field":"builder","is":"missing"},"then":"review",
        "says":"未填施工单位，请补填。","at":"builder"}"#;
    form.checks.push(serde_json::from_str(check).expect("a check"));
    form
}

fn supplement() -> Supplement {
    Supplement::between(&road(), &wanted()).expect("additions")
}

/// What is written into the form is what is added, and added to the form it is what was written.
#[test]
fn added() {
    let found = supplement();
    let stricter = |place: &str| found.stricter.get(place).copied();
    let required = Stricter { required: true, ..Stricter::default() };
    assert_eq!(stricter("roads.km"), Some(required));
    assert_eq!(stricter("issued"), Some(Stricter { least: Some(Decimal::ONE_HUNDRED), ..Stricter::default() }));
    assert_eq!(stricter("reason"), Some(Stricter { longest: Some(80), ..Stricter::default() }));
    assert_eq!((found.fields.len(), found.columns.len(), found.stricter.len(), found.checks.len()), (1, 1, 3, 1));
    let whole = road().with(&found).expect("a form");
    let mut expected = wanted();
    // What is added stands behind what there was.
    let detour = expected.fields.remove(1);
    expected.fields.push(detour);
    assert_eq!(whole, expected);
    // The form travels as JSON.
    let sent = serde_json::to_string(&found).expect("JSON");
    assert_eq!(serde_json::from_str::<Supplement>(&sent).expect("a supplement"), found);
}

/// The city goes on with its form: what it demands by then holds, what it asks itself by then is its own.
#[test]
fn a_next_release() {
    let mut next = road();
    let own = Field { hint: "市里的".to_owned(), ..Field::new("detour", "是否绕行", Kind::YesNo) };
    next.fields.push(own.clone());
    next.fields.push(Field::new("bridges", "桥梁", Kind::Whole));
    next.field_at_mut("reason").expect("the reason").longest = Some(50);
    let whole = next.with(&supplement()).expect("a form");
    assert_eq!(whole.field("detour"), Some(&own));
    assert_eq!(whole.field("reason").and_then(|it| it.longest), Some(50));
    assert!(whole.field("bridges").is_some() && whole.field_at("roads.builder").is_some());
    // A check about something that the city holds otherwise by now comes to nothing.
    let mut otherwise = road();
    let roads = otherwise.field_at_mut("roads").expect("the roads");
    roads.fields.push(Field::new("builder", "施工企业数", Kind::Files));
    assert!(otherwise.with(&supplement()).is_err());
}

/// On the sheet what is added stands behind what the city laid out, in a part of its own or in the one it was put into.
#[test]
fn laid_out() {
    let city = |name: &str| Block { fields: vec![name.to_owned()], ..Block::default() };
    let roads = Block {
        rows: "roads".into(),
        columns: vec![Grouped { title: "资金".into(), fields: vec!["route".into(), "km".into(), "plan".into()] }],
        ..Block::default()
    };
    let mut form = road();
    form.layout.blocks = vec![city("issued"), roads.clone(), city("until")];
    let mut found = supplement();
    let whole = form.with(&found).expect("a form");
    let shown: Vec<_> = whole.layout.blocks.iter().map(|it| (it.title.as_str(), it.fields.join(","))).collect();
    assert_eq!(shown[3], ("本级增补", "detour".to_owned()));
    let last = whole.layout.blocks[1].columns.last().expect("columns");
    assert_eq!((last.title.as_str(), last.fields.join(",")), ("", "builder".to_owned()));
    // A part of the county's own, where the form above has none: what that would show is written down before it.
    found.blocks = vec![Block { title: "交通组织".into(), fields: vec!["detour".into()], ..Block::default() }];
    let whole = road().with(&found).expect("a form");
    let titles: Vec<_> = whole.layout.blocks.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(titles, ["", "路段", "", "交通组织"]);
    assert_eq!(Supplement::between(&road(), &whole).expect("additions").blocks, found.blocks);
}

/// A form that came back from its workbook adds nothing.
#[test]
fn from_a_workbook() {
    let read = from_sheets(&to_sheets(&road())).expect("a form");
    assert_eq!(faults(&read), [SupplementFault::Nothing]);
}

fn faults(wanted: &Definition) -> Vec<SupplementFault> {
    let problems = Supplement::between(&road(), wanted).expect_err("it is refused");
    let fault = |problem: DefinitionProblem| match problem.fault {
        DefinitionFault::Supplement(fault) => Ok(fault),
        other => Err(other),
    };
    problems.into_iter().map(fault).collect::<Result<_, _>>().expect("faults of a supplement")
}

/// What the city asks stays as it is: nothing less, nothing looser, nothing otherwise.
#[test]
fn refused() {
    type Edit = fn(&mut Definition);
    let changed: [(Edit, FormChange); 6] = [
        (
            |form| form.field_at_mut("issued").expect("it is there").required = false,
            FormChange::Optional("本季下达资金".into()),
        ),
        (|form| drop(form.fields.remove(0)), {
            FormChange::FieldRemoved { place: "issued".into(), title: "本季下达资金".into() }
        }),
        (|form| form.field_at_mut("late").expect("it is there").kind = Kind::Line, {
            FormChange::KindChanged { title: "是否延期".into(), before: Kind::YesNo, after: Kind::Line }
        }),
        (|form| drop(form.checks.remove(2)), FormChange::CheckRemoved("该路段已支付超过计划投资，请核对。".into())),
        (|form| form.checks[2].then = crate::form::Consequence::Block, {
            FormChange::CheckStricter("该路段已支付超过计划投资，请核对。".into())
        }),
        (|form| form.layout.pairs = 1, FormChange::LooksChanged),
    ];
    for (edit, change) in changed {
        let mut form = wanted();
        // The edits count the fields of the form above.
        form.fields.remove(1);
        edit(&mut form);
        assert!(faults(&form).contains(&SupplementFault::Changed(change.clone())), "{change:?}");
    }
    let mut form = wanted();
    form.field_at_mut("issued").expect("it is there").least = Some(Decimal::NEGATIVE_ONE);
    form.help = "本县另有说明".into();
    assert_eq!(faults(&form), [SupplementFault::Rewritten]);
    let mut form = wanted();
    form.flow = Flow { steps: Vec::new(), ..Flow::default() };
    assert!(faults(&form).contains(&SupplementFault::Changed(FormChange::StepsChanged)));
    let mut form = wanted();
    form.field_at_mut("detour").expect("it is there").leaves = vec![Leaving::Count];
    assert_eq!(faults(&form), [SupplementFault::Leaves("是否绕行".into())]);
    // What comes of it is a form like any other.
    let mut form = wanted();
    form.checks.last_mut().expect("it is there").at = "nobody".into();
    let problems = Supplement::between(&road(), &form).expect_err("it names no field");
    assert_eq!(
        problems,
        [DefinitionProblem::new("checks.builder_missing", DefinitionFault::NoSuchField("nobody".into()))]
    );
}

/// 5, 5+2 and 6 follow one another, and are read as they are written.
#[test]
fn editions() {
    let edition = |release, added| Edition { release, added };
    let all = [edition(5, 0), edition(5, 2), edition(6, 0), edition(6, 3)];
    assert!(all.is_sorted());
    for (edition, text) in all.into_iter().zip(["5", "5+2", "6", "6+3"]) {
        assert_eq!((edition.to_string().as_str(), text.parse()), (text, Ok(edition)));
    }
    assert!("5+".parse::<Edition>().is_err() && "+2".parse::<Edition>().is_err());
}
