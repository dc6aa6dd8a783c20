//! A quarter that was filled in under one release of a form, and moves to the next.

use super::*;
use crate::form::road::{one, quarter, road};
use crate::form::{
    Choice, Document, Expression, Facts, Fault, Field, Flow, FlowDuty, Kind, MoneyUnit, Value, shown, text,
};
use crate::region::RegionCode;

fn sort(retired: bool) -> Field {
    let choice = Choice { code: "new".to_owned(), text: "新建".to_owned(), retired };
    Field { choices: vec![choice], ..Field::new("sort", "类别", Kind::OneOf) }
}

fn first() -> Definition {
    let mut first = road();
    first.fields.push(sort(false));
    first
}

/// The next release: 支付率 is of 600 万元, a reason has three characters at most, 延期至 and the choice 新建 are retired, the
/// length of roads and 是否延期 are gone, 等级 and 联系人 must be given and 备注 may be; 85 % are wanted instead of 30, and
/// what was paid may be more than what was issued.
fn next() -> Definition {
    let mut next = road();
    next.fields.retain(|field| field.name != "late");
    for field in &mut next.fields {
        match field.name.as_str() {
            "roads" => {
                field.fields.retain(|inner| inner.name != "km");
                field.fields.push(Field { required: true, ..Field::new("grade", "等级", Kind::Line) });
            }
            "rate" => {
                let of = [Expression::field("paid_total"), Expression::Number(6_000_000.into())];
                field.derived = Some(Expression::Share(of.into()));
            }
            "reason" => field.longest = Some(3),
            "until" => (field.when, field.retired) = (None, true),
            _ => {}
        }
    }
    next.fields.push(sort(true));
    next.fields.push(Field { required: true, ..Field::new("contact", "联系人", Kind::Line) });
    next.fields.push(Field::new("note", "备注", Kind::Text));
    next.checks.retain(|check| check.name != "overpaid");
    let slow = next.checks.iter_mut().find(|check| check.name == "slow").expect("a check of the example");
    slow.when = serde_json::from_str(r#"{"field":"rate","below":85}"#).expect("a condition");
    next
}

fn filled() -> BTreeMap<String, Given> {
    let mut given = quarter();
    given.extend([one("reason", "因征地延期"), one("sort", "new")]);
    given
}

fn told(first: &Definition, next: &Definition, given: &BTreeMap<String, Given>) -> Vec<Difference> {
    let carried = next.carried(given);
    let (before, after) = (first.read_kept(given, given), next.read_kept(&carried, &carried));
    let facts = Facts::default();
    let (was, is) = (first.evaluate(&before.values, &facts), next.evaluate(&after.values, &facts));
    let under = |definition, reading, evaluated| Under { definition, reading, evaluated };
    differences(under(first, &before, &was), under(next, &after, &is), Lang::Zh)
}

/// What was there, what it becomes, and what is there afterwards, each once; what stays is not told. 4,873,000 yuan of
/// 5,500,000 are 88.60 %, and of 6,000,000 81.22 %.
#[test]
fn what_becomes_of_a_document() {
    let found = told(&first(), &next(), &filled());
    let lines: Vec<(&str, Becomes, &str, &str)> =
        found.iter().map(|it| (it.place.as_str(), it.becomes, it.before.as_str(), it.after.as_str())).collect();
    let too_long = Fault::TooLong { most: 3 }.say(Lang::Zh);
    assert_eq!(
        lines,
        [
            ("roads.grade", Becomes::AddedRequired, "", ""),
            ("rate", Becomes::Figure, "88.60%", "81.22%"),
            ("reason", Becomes::Unreadable, "因征地延期", &too_long),
            ("until", Becomes::Retired, "", ""),
            ("sort", Becomes::ChoiceRetired, "新建", "新建"),
            ("contact", Becomes::AddedRequired, "", ""),
            ("note", Becomes::Added, "", ""),
            ("roads.km", Becomes::Gone, "12.500、8.250", ""),
            ("late", Becomes::Gone, "否", ""),
            ("slow", Becomes::CheckChanged, "通过", "须说明原因"),
            ("overpaid", Becomes::CheckDropped, "通过", ""),
        ]
    );
    assert_eq!((found[0].title.as_str(), found[7].title.as_str()), ("路段：等级", "路段：里程"));
    assert_eq!(told(&first(), &first(), &filled()), []);
}

/// A figure of a row says in which; a field that must be filled in now is told if it is not; one that is not asked any
/// more says what stood there; the unit of the sheet alone changes nothing.
#[test]
fn rows_and_questions() {
    let mut next = road();
    next.layout.money = MoneyUnit::Yuan;
    let field = |next: &mut Definition, name: &str, change: &dyn Fn(&mut Field)| {
        next.fields.iter_mut().filter(|field| field.name == name).for_each(change);
    };
    field(&mut next, "roads", &|roads| {
        let rate = roads.fields.iter_mut().find(|inner| inner.name == "rate").expect("a field of the example");
        rate.derived = Some(Expression::Share([Expression::field("paid"), Expression::field("paid")].into()));
        roads.fields.iter_mut().filter(|inner| inner.name == "km").for_each(|km| km.required = true);
    });
    field(&mut next, "reason", &|reason| reason.required = true);
    field(&mut next, "issued", &|issued| {
        issued.when = Some(serde_json::from_str(r#"{"field":"late","is":"yes"}"#).expect("a condition"));
    });
    let mut given = quarter();
    if let Some(Given::Rows(rows)) = given.get_mut("roads") {
        rows[1].cells.remove("km");
    }
    let found = told(&road(), &next, &given);
    let lines: Vec<String> = found
        .iter()
        .map(|it| format!("{} {} {}→{}", it.title, it.becomes.say(Lang::Zh), it.before, it.after))
        .collect();
    assert_eq!(
        lines,
        [
            "本季下达资金 不再需要填写 5,500,000.00→",
            "路段：里程 改为必填，须补填 →",
            "路段第 1 行：支付率 结果不同 83.33%→100.00%",
            "路段第 2 行：支付率 结果不同 94.92%→100.00%",
            "支付率 结果不同 88.60%→",
            "偏差原因 改为必填，须补填 →",
        ]
    );
}

/// The step makes a new version under the new release with what is carried over, and keeps the one before whole; who
/// filled it in still did. It is a step of the release that is moved to, taken by whoever keeps the document, once.
#[test]
fn a_step() {
    let region = |code: &str| RegionCode::new(code).expect("a code");
    let (town, county) = (region("320581101"), region("320581"));
    let form = Definition { flow: Flow::default(), ..next() };
    let given = filled();
    let document = Document {
        form: "road_dispatch".into(),
        publisher: region("320500"),
        release: 1,
        added: 0,
        id: "a".into(),
        subject: String::new(),
        subject_name: String::new(),
        period: "2025Q3".into(),
        version: 1,
        turn: 0,
        state: "draft".into(),
        given: given.clone(),
        derived: BTreeMap::from([("rate".to_owned(), "88.60".to_owned())]),
        filled_by: vec!["yi".into()],
        steps: Vec::new(),
        changed_at: Moment(0),
    };
    let case = Case { author: &town, document: &document, verdict: None, blocked: true };
    let actor = |region, duties| Actor { region, account: "er", name: "er", duties, alone: false };
    let clerk = actor(&town, &[FlowDuty::Enter]);
    let derived = BTreeMap::from([("rate".to_owned(), "81.22".to_owned())]);
    let carried = |release| Carried {
        edition: Edition { release, added: 0 },
        given: form.carried(&given),
        derived: derived.clone(),
    };
    let names: Vec<&str> = form.renewals_for(&case, &clerk).iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["renew"]);
    assert!(form.steps_for(&case, &clerk).iter().all(|step| step.name != "renew"));

    let at = ("", Moment(7));
    let Ok(Taken::Document { document: moved, before: Some(before) }) =
        form.renew("renew", &case, &clerk, at, carried(2))
    else {
        unreachable!("a new version")
    };
    assert_eq!(*before, document);
    assert_eq!((moved.release, moved.version, moved.turn, moved.state.as_str()), (2, 2, 1, "draft"));
    assert_eq!((&moved.derived, &moved.filled_by), (&derived, &vec!["yi".to_owned()]));
    assert_eq!((moved.given.get("late"), moved.given.get("reason")), (None, given.get("reason")));
    let Some(Given::Rows(rows)) = moved.given.get("roads") else { unreachable!("rows") };
    assert_eq!((rows[0].id.as_str(), rows[0].cells.get("km"), rows[0].cells.len()), ("r1", None, 3));

    let refused = |step: &str, actor: &Actor<'_>, release| form.renew(step, &case, actor, at, carried(release)).err();
    assert_eq!(refused("renew", &clerk, 1), Some(StepFault::Newest));
    assert_eq!(form.take("renew", &case, &clerk, "", Moment(7)), Err(StepFault::Newest));
    assert_eq!(refused("withdraw", &clerk, 2), Some(StepFault::State("草稿".into())));
    let above = actor(&county, &[FlowDuty::Enter]);
    assert_eq!(refused("renew", &above, 2), Some(StepFault::Level("填报单位".into())));
    assert_eq!(refused("renew", &actor(&town, &[]), 2), Some(StepFault::Duty("经办".into())));
}

/// The figures of a document are those that it had, whatever follows today: in the document and in its rows, also one
/// that is above what the field takes.
#[test]
fn figures_as_they_were() {
    let mut form = road();
    form.fields.iter_mut().filter(|field| field.name == "rate").for_each(|rate| rate.most = Some(70.into()));
    let given = quarter();
    let reading = form.read_kept(&given, &given);
    let mut values = form.evaluate(&reading.values, &Facts::default()).values;
    let kept = [("rate", "77.00"), ("roads.r2.rate", "66.00")];
    form.as_kept(&mut values, &kept.map(|(place, text)| (place.to_owned(), text.to_owned())).into());
    let rows = values.get("roads").and_then(Value::rows).expect("rows");
    let rate = form.field("rate").expect("a field of the example");
    assert_eq!(values.get("rate").map(|value| text(rate, value)).as_deref(), Some("77.00"));
    assert_eq!(values.get("paid_total"), None, "it was not kept");
    assert_eq!((rows[0].values.get("rate"), rows[1].values.contains_key("plan")), (None, true));
    let inner = rows[1].values.get("rate").map(|value| shown(rate, value, &MoneyUnit::Yuan, Lang::Zh));
    assert_eq!(inner.as_deref(), Some("66.00%"));
}

/// A required field that is asked of the document only since the new release must be filled in now; one that it lacked
/// under both is nothing new, and one that cannot be read is told as that alone.
#[test]
fn asked_only_now() {
    let with = |condition: &str, longest| {
        let mut form = road();
        let when = Some(serde_json::from_str(condition).expect("a condition"));
        form.fields.push(Field { required: true, when, longest, ..Field::new("contact", "联系人", Kind::Line) });
        form
    };
    let (narrow, wide) = (r#"{"field":"late","is":"yes"}"#, r#"{"field":"late","present":true}"#);
    let found = |longest, more: &[(String, Given)]| {
        let mut given = quarter();
        given.extend(more.iter().cloned());
        let all = told(&with(narrow, None), &with(wide, longest), &given);
        all.into_iter().map(|it| (it.place, it.becomes)).collect::<Vec<_>>()
    };
    assert_eq!(found(None, &[one("late", "否")]), [("contact".to_owned(), Becomes::Required)]);
    let late = [one("late", "是"), one("until", "2026-03-31"), one("reason", "征地"), one("contact", "王小明")];
    assert_eq!(found(None, &late[..3]), []);
    assert_eq!(found(Some(2), &late), [("contact".to_owned(), Becomes::Unreadable)]);
}
