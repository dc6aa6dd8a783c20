//! What publishing finds: each fault is put into a sound form, one at a time, and told at its place.

use super::*;
use crate::form::{Action, Block, Check, Choice, Condition, Days, Expression, Flow, Leaving, Test};
use crate::lang::{Lang, Say};

/// The sample form as it stands in `samples/`.
pub(in crate::form) fn road() -> Definition {
    toml::from_str(include_str!("../../../../samples/forms/road_dispatch.toml")).expect("the sample is a form")
}

fn condition(json: &str) -> Condition {
    serde_json::from_str(json).expect("JSON")
}

fn expression(json: &str) -> Expression {
    serde_json::from_str(json).expect("JSON")
}

fn field<'a>(definition: &'a mut Definition, name: &str) -> &'a mut Field {
    definition.fields.iter_mut().find(|field| field.name == name).expect("a field of the sample")
}

fn told(change: impl FnOnce(&mut Definition)) -> Vec<(String, DefinitionFault)> {
    let mut definition = road();
    change(&mut definition);
    definition.check().into_iter().map(|problem| (problem.place, problem.fault)).collect()
}

/// The sample is sound, and says so after a way through JSON too.
#[test]
fn the_sample_is_sound() {
    assert_eq!(road().check(), []);
    let body = serde_json::to_string(&road()).expect("JSON");
    let (read, problems) = Definition::drafted(&body).expect("a form");
    assert_eq!((read, problems), (road(), vec![]));
    assert_eq!(unknown_parts(&body).expect("a form"), Vec::<String>::new());
}

/// Names, titles and what stands twice.
#[test]
fn names() {
    let at = |place: &str, fault| vec![(place.to_owned(), fault)];
    let fault = DefinitionFault::NotAName("Road".to_owned());
    assert_eq!(told(|form| form.code = "Road".to_owned()), at("code", fault));
    assert_eq!(told(|form| form.title = " ".to_owned()), at("title", DefinitionFault::NoTitle));
    let twice = DefinitionFault::Twice("behind".to_owned());
    let again = told(|form| {
        let check = form.checks.iter().find(|check| check.name == "behind").cloned();
        form.checks.extend(check);
    });
    assert_eq!(again, at("checks", twice));
    let clerk = Field::new("clerk", "经办人", Kind::Line);
    assert_eq!(told(|form| form.fields.push(clerk)), at("fields", DefinitionFault::Twice("clerk".to_owned())));
    let route = Field::new("route", "路线", Kind::Line);
    let inside = told(|form| field(form, "roads").fields.push(route));
    assert!(inside.contains(&("fields.roads".to_owned(), DefinitionFault::Twice("route".to_owned()))), "{inside:?}");
    let many = |form: &mut Definition| {
        form.fields.extend((0..400).map(|n| Field::new(&format!("x{n}"), "甲", Kind::Line)));
    };
    assert_eq!(told(many), at("fields", DefinitionFault::TooManyFields(413)));
}

/// Each fault of a single field, at its place.
#[test]
fn fields_on_their_own() {
    type Change = fn(&mut Field);
    let chosen = |field: &mut Field| {
        field.kind = Kind::OneOf;
        field.choices = vec![Choice { code: "a b".to_owned(), text: "甲".to_owned(), retired: false }];
    };
    let cases: Vec<(&str, Change, DefinitionFault)> = vec![
        ("clerk", |field| field.kind = Kind::OneOf, DefinitionFault::NoChoices),
        ("clerk", chosen, DefinitionFault::BadChoice("a b".to_owned())),
        ("clerk", |field| field.longest = Some(0), DefinitionFault::LongestZero),
        ("clerk", |field| field.least = Some(1.into()), DefinitionFault::LimitsOnOther),
        ("clerk", |field| field.from = "主管".to_owned(), DefinitionFault::BadFrom("主管".to_owned())),
        ("clerk", |field| field.leaves = vec![Leaving::Count], DefinitionFault::PersonalLeaves),
        ("clerk", |field| field.fill = vec!["x".to_owned()], DefinitionFault::NoSuchState("x".to_owned())),
        ("received", |field| field.most = Some((-1).into()), DefinitionFault::LeastAboveMost),
        ("received", |field| field.places = Some(11), DefinitionFault::TooManyPlaces(11)),
        ("received", |field| field.of = "funds".to_owned(), DefinitionFault::OfOnOther),
        (
            "received",
            |field| field.choices = vec![Choice { code: "a".to_owned(), text: "甲".to_owned(), retired: false }],
            DefinitionFault::ChoicesOnOther,
        ),
        ("rate", |field| field.required = true, DefinitionFault::DerivedRequired),
        ("rate", |field| field.from = "region.name".to_owned(), DefinitionFault::DerivedAndFrom),
        (
            "arrived_on",
            |field| field.fields = vec![Field::new("a", "甲", Kind::Line)],
            DefinitionFault::FieldsWithoutRows,
        ),
        (
            "arrived_on",
            |field| field.leaves = vec![Leaving::Sum],
            DefinitionFault::LeavingDoesNotSuit(Leaving::Sum, Kind::Day),
        ),
    ];
    for (name, change, fault) in cases {
        let found = told(|form| change(field(form, name)));
        assert_eq!(found, [(format!("fields.{name}"), fault)], "{name}");
    }
    let day = told(|form| field(form, "rate").kind = Kind::Day);
    assert!(day.contains(&("fields.rate".to_owned(), DefinitionFault::DerivedKind(Kind::Day))), "{day:?}");
    let inside = told(|form| field(form, "roads").fields.push(Field::new("papers", "附件", Kind::Files)));
    assert!(inside.contains(&("fields.roads.papers".to_owned(), DefinitionFault::NotInRows(Kind::Files))));
    let empty = told(|form| field(form, "roads").fields.clear());
    assert!(empty.contains(&("fields.roads".to_owned(), DefinitionFault::RowsWithoutFields)), "{empty:?}");
}

/// What is calculated must be there and be of the kind that the operation wants.
#[test]
fn expressions() {
    let of = |json: &str| {
        let derived = expression(json);
        told(|form| field(form, "rate").derived = Some(derived)).into_iter().map(|(_, fault)| fault).collect::<Vec<_>>()
    };
    let name = |name: &str| name.to_owned();
    assert_eq!(of(r#"{"sum":["received","nothing"]}"#), [DefinitionFault::NoSuchField(name("nothing"))]);
    assert_eq!(of(r#"{"sum":["received","clerk"]}"#), [DefinitionFault::NotANumber(name("填报人"))]);
    assert_eq!(of(r#"{"days":["arrived_on","received"]}"#), [DefinitionFault::NotADay(name("本季下达资金"))]);
    assert_eq!(of(r#"{"days":["arrived_on",{"day":"2026-13-01"}]}"#), [DefinitionFault::NotADay(name("2026-13-01"))]);
    assert_eq!(of(r#"{"total":"roads.route"}"#), [DefinitionFault::NotANumber(name("路线编号"))]);
    assert_eq!(of(r#"{"total":"roads.nothing"}"#), [DefinitionFault::NoSuchField(name("roads.nothing"))]);
    assert_eq!(of(r#"{"count":"clerk"}"#), [DefinitionFault::NoSuchRows(name("clerk"))]);
    assert_eq!(
        of(r#"{"if":{"field":"clerk","present":true},"then":"received","else":"arrived_on"}"#),
        [DefinitionFault::Mixed]
    );
    assert_eq!(of(r#"{"days":["arrived_on",{"day":"2026-03-31"}]}"#), []);
    let deep = format!("{}\"received\"{}", "{\"sum\":[".repeat(12), "]}".repeat(12));
    assert_eq!(of(&deep), [DefinitionFault::TooDeep]);
    assert!(matches!(of(r#"{"median":["received"]}"#).as_slice(), [DefinitionFault::UnknownOperation(_)]));
}

/// Fields that follow from one another are told in their order, once; those that ask for themselves too.
#[test]
fn circles() {
    let derived = |json: &str| Some(expression(json));
    let found = told(|form| {
        field(form, "planned_total").derived = derived(r#"{"sum":["rate"]}"#);
        field(form, "rate").derived = derived(r#"{"sum":["paid_total"]}"#);
        field(form, "paid_total").derived = derived(r#"{"total":"roads.paid_rate"}"#);
        let roads = field(form, "roads");
        let rate = roads.fields.iter_mut().find(|field| field.name == "paid_rate").expect("there");
        rate.derived = derived(r#"{"share":["paid","planned_total"]}"#);
    });
    let names = ["本段支付率", "计划投资合计", "支付率", "已支付合计", "本段支付率"].map(str::to_owned).to_vec();
    assert_eq!(found, [("fields.roads.paid_rate".to_owned(), DefinitionFault::Circle(names))]);
    let table = condition(r#"{"value":{"count":"roads"},"above":0}"#);
    let rows = told(|form| field(form, "roads").when = Some(table));
    assert_eq!(rows, [("fields.roads".to_owned(), DefinitionFault::WhenItself)]);
    let itself = told(|form| field(form, "clerk").when = Some(condition(r#"{"field":"clerk","present":true}"#)));
    assert_eq!(itself, [("fields.clerk".to_owned(), DefinitionFault::WhenItself)]);
}

/// Conditions that can never hold are found field by field, those that can are left alone.
#[test]
fn conditions_that_never_hold() {
    let of = |json: &str| {
        let when = condition(json);
        told(|form| field(form, "clerk").when = Some(when)).into_iter().map(|(_, fault)| fault).collect::<Vec<_>>()
    };
    let never = |title: &str| vec![DefinitionFault::NeverHolds(title.to_owned())];
    for json in [
        r#"{"all":[{"field":"received","above":5},{"field":"received","below":3}]}"#,
        r#"{"all":[{"field":"received","above":5},{"field":"received","at_most":5}]}"#,
        r#"{"all":[{"field":"received","equals":5},{"field":"received","differs":5}]}"#,
        r#"{"all":[{"field":"received","present":false},{"field":"received","above":1}]}"#,
        r#"{"all":[{"not":{"field":"received","below":5}},
            {"any":[{"field":"received","below":2},{"field":"received","below":4}]}]}"#,
        r#"{"field":"received","below":0}"#,
        r#"{"any":[{"field":"received","above":1},{"field":"received","below":-1}]}"#,
    ] {
        assert_eq!(of(json), never("本季下达资金"), "{json}");
    }
    let days = r#"{"all":[{"field":"arrived_on","above":{"day":"2026-03-01"}},
        {"field":"arrived_on","below":{"day":"2026-03-02"}}]}"#;
    assert_eq!(of(days), never("指标到达日期"));
    let words = r#"{"all":[{"field":"reason","is":"甲"},{"field":"reason","is":"乙"}]}"#;
    assert_eq!(of(words), never("偏差原因"));
    let rows = r#"{"any_row":"roads","when":{"all":[{"field":"paid","above":2},{"field":"paid","below":1}]}}"#;
    assert_eq!(of(rows), never("已支付"));
    for json in [
        r#"{"all":[{"field":"received","above":3},{"field":"received","below":5}]}"#,
        r#"{"any":[{"field":"received","above":5},{"field":"received","below":3}]}"#,
        r#"{"all":[{"field":"received","at_least":5},{"field":"received","at_most":5}]}"#,
        r#"{"all":[{"any_row":"roads","when":{"field":"paid","above":2}},
            {"any_row":"roads","when":{"field":"paid","below":1}}]}"#,
    ] {
        assert_eq!(of(json), [], "{json}");
    }
    let always = condition(r#"{"field":"received","at_least":0}"#);
    let found = told(|form| {
        form.checks.iter_mut().filter(|check| check.name == "overpaid").for_each(|c| c.when = always.clone());
    });
    assert_eq!(found, [("checks.overpaid".to_owned(), DefinitionFault::AlwaysHolds)]);
}

/// A question is put to a field that can answer it.
#[test]
fn tests_suit_their_fields() {
    let of = |json: &str| {
        let when = condition(json);
        told(|form| {
            let kind = Field {
                choices: vec![Choice { code: "new".to_owned(), text: "新建".to_owned(), retired: false }],
                ..Field::new("sort", "类别", Kind::OneOf)
            };
            form.fields.push(kind);
            field(form, "clerk").when = Some(when);
        })
        .into_iter()
        .map(|(_, fault)| fault)
        .collect::<Vec<_>>()
    };
    let odd = |title: &str| vec![DefinitionFault::TestDoesNotSuit(title.to_owned())];
    assert_eq!(of(r#"{"field":"reason","above":5}"#), odd("偏差原因"));
    assert_eq!(of(r#"{"field":"received","is":"5"}"#), odd("本季下达资金"));
    assert_eq!(of(r#"{"field":"sort","includes":"new"}"#), odd("类别"));
    assert_eq!(of(r#"{"field":"arrived_on","above":5}"#), [DefinitionFault::Mixed]);
    let (field, choice) = ("类别".to_owned(), "old".to_owned());
    assert_eq!(of(r#"{"field":"sort","one_of":["new","old"]}"#), [DefinitionFault::NoSuchChoice { field, choice }]);
    assert_eq!(of(r#"{"field":"sort","is":"new"}"#), []);
    assert_eq!(of(r#"{"field":"roads","present":true}"#), []);
}

/// Checks name fields that there are, and have a place for the reason that they demand.
#[test]
fn checks() {
    let of = |change: fn(&mut Check)| {
        let found = told(|form| form.checks.iter_mut().filter(|check| check.name == "behind").for_each(change));
        found.into_iter().map(|(place, fault)| (place == "checks.behind").then_some(fault)).collect::<Vec<_>>()
    };
    let name = |name: &str| name.to_owned();
    assert_eq!(of(|check| check.reason = "rate".to_owned()), [Some(DefinitionFault::NoReason(name("rate")))]);
    assert_eq!(of(|check| check.at = "x".to_owned()), [Some(DefinitionFault::NoSuchField(name("x")))]);
    assert_eq!(of(|check| check.each = "rate".to_owned()), [Some(DefinitionFault::NoSuchRows(name("rate")))]);
    assert_eq!(of(|check| check.says = String::new()), [Some(DefinitionFault::SaysNothing)]);
    let unknown = Some(DefinitionFault::UnknownWord(name("shout")));
    assert_eq!(of(|check| check.then = Consequence::read("shout")), [unknown]);
}

/// A flow in which a document gets stuck is told, state by state.
#[test]
fn flows() {
    let of = |change: fn(&mut Flow)| told(|form| change(&mut form.flow));
    let at = |place: &str, fault| (place.to_owned(), fault);
    assert_eq!(of(|flow| flow.states.clear()).first(), Some(&at("flow", DefinitionFault::NoStates)));
    let stuck = of(|flow| flow.steps.retain(|step| step.name != "submit"));
    for fault in [
        at("flow", DefinitionFault::NothingCounts),
        at("flow.states.draft", DefinitionFault::DeadEnd),
        at("flow.states.review", DefinitionFault::Unreached),
        at("flow.steps.approve", DefinitionFault::NoSuchStep("submit".to_owned())),
    ] {
        assert!(stuck.contains(&fault), "{fault:?} in {stuck:?}");
    }
    let closed = of(|flow| flow.states.iter_mut().for_each(|state| state.open = false));
    let due = [at("flow", DefinitionFault::NothingOpen), at("flow.steps.renew", DefinitionFault::RenewedClosed)];
    assert_eq!(closed, due);
    let turned = of(|flow| flow.states.swap(0, 1));
    assert!(turned.contains(&at("flow.states.review", DefinitionFault::FirstNotOpen)), "{turned:?}");
    let hurried = of(|flow| {
        flow.states.iter_mut().for_each(|state| state.within = Some(Days { days: 0, working: false }));
    });
    assert_eq!(hurried.len(), 3);
    let thawed = of(|flow| {
        flow.steps.iter_mut().filter(|step| step.name == "return").for_each(|step| step.actions = vec![Action::Freeze]);
    });
    assert_eq!(thawed, [at("flow.steps.return", DefinitionFault::FrozenOpen)]);
    let renewing = of(|flow| {
        let step = |name| flow.steps.iter().position(|step| step.name == name).expect("a step of the sample");
        for at in [step("approve"), step("return")] {
            flow.steps[at].actions = vec![Action::Renew];
        }
    });
    assert_eq!(
        renewing,
        [
            at("flow.steps.approve", DefinitionFault::NotByKeeper),
            at("flow.steps.approve", DefinitionFault::RenewedClosed),
            at("flow.steps.return", DefinitionFault::NotByKeeper),
        ]
    );
    let making = of(|flow| {
        let step = |name| flow.steps.iter().position(|step| step.name == name).expect("a step of the sample");
        let (submit, approve, adjust) = (step("submit"), step("approve"), step("adjust"));
        flow.steps[submit].makes = "rectify".to_owned();
        flow.steps[approve].actions.push(Action::Make);
        flow.steps[approve].makes = "rectify".to_owned();
        flow.steps[adjust].actions.push(Action::Make);
    });
    assert_eq!(
        making,
        [
            at("flow.steps.submit", DefinitionFault::MakesNothing),
            at("flow.steps.approve", DefinitionFault::NotByKeeper),
            at("flow.steps.adjust", DefinitionFault::MakesNothing),
        ]
    );
    let lost = of(|flow| flow.steps.iter_mut().for_each(|step| step.from.push("x".to_owned())));
    assert!(lost.contains(&at("flow.steps.submit", DefinitionFault::NoSuchState("x".to_owned()))), "{lost:?}");
}

/// The sheet shows what must be filled in, and the list what fits a line.
#[test]
fn sheet_and_list() {
    let of = |change: fn(&mut Definition)| told(change);
    let at = |place: &str, fault| vec![(place.to_owned(), fault)];
    let dropped = of(|form| form.layout.blocks.retain(|block| !block.fields.contains(&"clerk".to_owned())));
    assert_eq!(dropped, at("layout", DefinitionFault::NotShown("填报人".to_owned())));
    let extra = of(|form| form.layout.blocks.push(Block { fields: vec!["x".to_owned()], ..Block::default() }));
    assert_eq!(extra, at("layout", DefinitionFault::NoSuchField("x".to_owned())));
    let retired = of(|form| {
        form.layout.blocks.retain(|block| block.rows.is_empty());
        field(form, "roads").retired = true;
    });
    assert_eq!(retired, [], "nobody is asked for what stands in a table that is retired");
    assert_eq!(of(|form| form.layout.pairs = 4), at("layout", DefinitionFault::BadPairs(4)));
    let reason = DefinitionFault::NotAColumn("reason".to_owned());
    assert_eq!(of(|form| form.list.order = "-reason".to_owned()), at("list", reason));
    let twice = DefinitionFault::NotAColumn("-rate".to_owned());
    assert_eq!(of(|form| form.list.order = "--rate".to_owned()), at("list", twice));
}

/// Parts and words of a newer program are named, mistakes are not taken for them, and every message is said.
#[test]
fn what_is_not_known() {
    let mut body = serde_json::to_value(road()).expect("JSON");
    let object = body.as_object_mut().expect("an object");
    object.insert("colour".to_owned(), "red".into());
    object.insert("subject".to_owned(), serde_json::json!({ "of": "planet", "per": "quarter" }));
    object.insert("title".to_owned(), "".into());
    let body = body.to_string();
    assert_eq!(unknown_parts(&body).expect("a form"), ["colour", "subject"]);
    let (_, problems) = Definition::drafted(&body).expect("a form");
    assert_eq!(problems.iter().filter(|problem| problem.is_unknown()).count(), 2);
    assert_eq!(problems.len(), 3);
    let said: Vec<String> = problems.iter().map(|problem| problem.say(Lang::Zh)).collect();
    assert!(
        said.contains(&"填报对象：本程序不认识“planet”，请改用本程序认识的词，或先升级程序".to_owned()),
        "{said:?}"
    );
    assert!(problems.iter().all(|problem| problem.say(Lang::En).starts_with(&problem.place)));
    assert!(Definition::drafted("{}").is_err());
    // A condition written the long way is no unknown part.
    let long = r#"{"code":"a","title":"甲","fields":[{"name":"b","title":"乙","kind":"whole"},
        {"name":"c","title":"丙","kind":"line","when":{"value":"b","above":1}}]}"#;
    assert_eq!(unknown_parts(long).expect("a form"), Vec::<String>::new());
}

/// Each test of a condition is counted: `IsNot` leaves the other choice, and two of them none.
#[test]
fn words_that_are_left() {
    let mut form = road();
    form.fields.push(Field::new("done", "已完工", Kind::YesNo));
    let scope = Scope { definition: &form, rows: None };
    let not = |word: &str| Condition::Value { value: Expression::field("done"), test: Test::IsNot(word.to_owned()) };
    assert_eq!(holding::contradiction(scope, &not("yes")), None);
    let both = Condition::All(vec![not("yes"), not("no")]);
    assert_eq!(holding::contradiction(scope, &both), Some("已完工".to_owned()));
}
