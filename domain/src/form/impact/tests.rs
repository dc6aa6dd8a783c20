//! What a new release does to documents, change by change.

use super::*;
use crate::form::{Days, Expression, State};

fn road() -> Definition {
    toml::from_str(include_str!("../../../../samples/forms/road_dispatch.toml")).expect("the sample is a form")
}

fn after(change: impl FnOnce(&mut Definition)) -> Vec<FormChange> {
    let mut after = road();
    change(&mut after);
    changes(&road(), &after)
}

fn field<'a>(form: &'a mut Definition, name: &str) -> &'a mut Field {
    form.fields.iter_mut().find(|field| field.name == name).expect("a field of the sample")
}

/// The same form is no change.
#[test]
fn nothing() {
    assert_eq!(after(|_| {}), []);
}

/// What would make documents unreadable is refused, with what to do instead.
#[test]
fn refused() {
    let clerk = || "填报人".to_owned();
    let removed = after(|form| form.fields.retain(|field| field.name != "clerk"));
    assert_eq!(removed, [FormChange::FieldRemoved { place: "clerk".to_owned(), title: clerk() }]);
    let inner = after(|form| field(form, "roads").fields.retain(|field| field.name != "length"));
    assert_eq!(inner, [FormChange::FieldRemoved { place: "roads.length".to_owned(), title: "养护里程".to_owned() }]);
    let kind = after(|form| field(form, "clerk").kind = Kind::Line);
    assert_eq!(kind, [FormChange::KindChanged { title: clerk(), before: Kind::Person, after: Kind::Line }]);
    let state = after(|form| form.flow.states.retain(|state| state.name != "review"));
    assert_eq!(state, [FormChange::StateRemoved("财政审核".to_owned())]);
    let subject = after(|form| form.subject.several = true);
    assert_eq!(subject, [FormChange::SubjectChanged]);
    let code = after(|form| form.code = "roads".to_owned());
    for found in [&removed, &inner, &kind, &state, &subject, &code] {
        assert!(found.iter().all(FormChange::is_refused), "{found:?}");
        assert!(found.iter().all(|change| change.say(Lang::Zh).contains("不能")), "{found:?}");
    }
    assert_eq!(inner[0].say(Lang::Zh), "字段“养护里程”（roads.length）不能删除，请改为停用");
}

/// What asks more of people than before is told as such; what is only different is not.
#[test]
fn stricter() {
    let new = Field { required: true, ..Field::new("note", "备注", Kind::Text) };
    let added = after(|form| form.fields.push(new));
    assert_eq!(added, [FormChange::FieldAdded { title: "备注".to_owned(), required: true }]);
    let required = after(|form| field(form, "reason").required = true);
    let longer = after(|form| field(form, "reason").longest = Some(600));
    let shorter = after(|form| field(form, "reason").longest = Some(400));
    let check = after(|form| form.checks[3].then = Consequence::Block);
    let milder = after(|form| form.checks[0].then = Consequence::Warn);
    assert_eq!(required, [FormChange::Required("偏差原因".to_owned())]);
    assert_eq!(shorter, [FormChange::LimitsNarrowed("偏差原因".to_owned())]);
    assert_eq!(check, [FormChange::CheckStricter("有路段没有填写养护里程，请补填。".to_owned())]);
    assert_eq!(longer, []);
    assert!(matches!(milder.as_slice(), [FormChange::CheckChanged(_)]));
    for found in [&added, &required, &shorter, &check] {
        assert!(found.iter().all(|change| change.is_stricter() && !change.is_refused()), "{found:?}");
    }
    assert!(!milder[0].is_stricter());
}

/// A choice may be added and retired, and is never removed.
#[test]
fn choices() {
    let choice = |code: &str, text: &str, retired| Choice { code: code.to_owned(), text: text.to_owned(), retired };
    let with = |choices: Vec<Choice>| {
        let mut form = road();
        form.fields.push(Field { choices, ..Field::new("sort", "类别", Kind::OneOf) });
        form
    };
    let before = with(vec![choice("a", "新建", false), choice("b", "改建", false)]);
    let after = with(vec![choice("a", "新建", true), choice("c", "养护", false)]);
    let title = || "类别".to_owned();
    assert_eq!(
        changes(&before, &after),
        [
            FormChange::ChoiceRetired { title: title(), choice: "新建".to_owned() },
            FormChange::ChoiceAdded { title: title(), choice: "养护".to_owned() },
            FormChange::ChoiceRemoved { title: title(), choice: "改建".to_owned() },
        ]
    );
}

/// Everything else that can differ is named once.
#[test]
fn the_rest() {
    let title = |title: &str| title.to_owned();
    let rate = || title("支付率");
    let retired = after(|form| field(form, "clerk").retired = true);
    assert_eq!(retired, [FormChange::FieldRetired(title("填报人"))]);
    let renamed = after(|form| field(form, "clerk").title = title("经办人"));
    assert_eq!(renamed, [FormChange::TitleChanged { before: title("填报人"), after: title("经办人") }]);
    let derived = after(|form| field(form, "rate").derived = Some(Expression::field("received")));
    assert_eq!(derived, [FormChange::OriginChanged(rate())]);
    let leaves = after(|form| field(form, "rate").leaves.clear());
    assert_eq!(leaves, [FormChange::LeavingChanged(rate())]);
    let when = after(|form| field(form, "reason").when = None);
    assert_eq!(when, [FormChange::AskedOtherwise(title("偏差原因"))]);
    let open = after(|form| field(form, "clerk").personal = false);
    assert_eq!(open, [FormChange::NoLongerPersonal(title("填报人"))]);
    let slower = after(|form| form.flow.states[1].within = Some(Days { days: 9, working: true }));
    assert_eq!(slower, [FormChange::StateChanged(title("财政审核"))]);
    let state = State { name: title("x"), title: title("会签"), open: false, counts: false, within: None };
    assert_eq!(after(|form| form.flow.states.push(state)), [FormChange::StateAdded(title("会签"))]);
    assert_eq!(after(|form| form.flow.steps.clear()), [FormChange::StepsChanged]);
    assert_eq!(after(|form| form.layout.pairs = 3), [FormChange::LooksChanged]);
    let dropped = after(|form| form.checks.truncate(3));
    assert!(matches!(dropped.as_slice(), [FormChange::CheckRemoved(_)]));
}
