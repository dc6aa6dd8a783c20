//! Shows who is told what about documents, at a county and at a township, and how much time is left.

use tongpin_domain::form::Definition;

use super::*;
use crate::guidance::forms::HeldForm;
use crate::ops::ground::code;

/// 2026-11-26 and 2026-11-29 at noon in China: a Thursday and a Sunday.
const SENT: &str = "2026-11-26T12:00";
const NOW: &str = "2026-11-29T12:00";

fn at(text: &str) -> Moment {
    Moment::from_local(text).expect("a time")
}

fn form(within: Option<Days>) -> HeldForm {
    let body = r#"{"code":"roads","title":"路况表","fields":[{"name":"paid","title":"已支付","kind":"money"}]}"#;
    let mut definition: Definition = serde_json::from_str(body).expect("a form");
    definition.flow.states[1].within = within;
    HeldForm { publisher: code("320500"), release: 1, added: 0, definition, unknown: Vec::new() }
}

fn count(author: &str, state: &str, handed_on: bool, count: u64) -> DocumentCount {
    DocumentCount { author: code(author), state: state.into(), handed_on, count, since: at(SENT) }
}

fn told(own: &str, form: HeldForm, counts: Vec<DocumentCount>) -> Vec<FormLine> {
    let year = r#"{"holidays":["2026-01-01"]}"#;
    let calendar: Calendar = serde_json::from_str(year).expect("a calendar");
    let here = Here { own: &code(own), now: at(NOW), calendar: &calendar };
    of_form(&CountedForm { form, counts, periods: Vec::new() }, &here)
}

fn short(lines: &[FormLine]) -> Vec<(FormStanding, &str, u64, bool, bool)> {
    lines.iter().map(|it| (it.standing, it.state.as_str(), it.count, it.enter, it.approve)).collect()
}

/// A county is told of what waits for its approval, its own and its townships' together, and of its own drafts; what is
/// approved and what a township has not handed on concern it not.
#[test]
fn at_a_county() {
    let counts = vec![
        count("320581", "draft", false, 2),
        count("320581", "review", true, 1),
        count("320581", "approved", true, 9),
        count("320581101", "draft", false, 4),
        count("320581101", "review", true, 3),
    ];
    let lines = told("320581", form(None), counts);
    let due = [(FormStanding::Draft, "draft", 2, true, false), (FormStanding::Waiting, "review", 4, false, true)];
    assert_eq!(short(&lines), due);
    assert_eq!((lines[1].step.as_str(), lines[1].days, lines[1].left), ("批复", 3, None));
    assert_eq!((&lines[0].author, &lines[1].author), (&Some(code("320581")), &None));
}

/// A township is told of what came back, and of what waits at its county, with the days.
#[test]
fn at_a_township() {
    let counts = vec![
        count("320581101", "draft", false, 1),
        count("320581101", "draft", true, 2),
        count("320581101", "review", true, 5),
    ];
    let lines = told("320581101", form(None), counts);
    let due = [
        (FormStanding::Returned, "draft", 2, true, false),
        (FormStanding::Draft, "draft", 1, true, false),
        (FormStanding::Elsewhere, "review", 5, false, false),
    ];
    assert_eq!(short(&lines), due);
    assert_eq!(lines[2].days, 3);
}

/// Of five days from Thursday on two are left on Sunday; of five working days four, since Friday alone was worked; of
/// one of either it is too late, though no day was worked since Friday. In a year without a calendar nothing is
/// guessed.
#[test]
fn time_that_is_left() {
    let of = |days: u32, working: bool| {
        let within = Some(Days { days, working });
        told("320581", form(within), vec![count("320581101", "review", true, 1)])[0].left
    };
    assert_eq!(of(5, false), Some(Left { days: 2, working: false, late: false }));
    assert_eq!(of(5, true), Some(Left { days: 4, working: true, late: false }));
    assert_eq!(of(1, false), Some(Left { days: -2, working: false, late: true }));
    assert_eq!(of(1, true), Some(Left { days: 0, working: true, late: true }));
    assert_eq!(of(60, true), None);
}

/// A form with parts that this program does not know asks nobody for anything.
#[test]
fn unknown_forms() {
    let mut form = form(None);
    form.unknown.push("notify".into());
    assert_eq!(told("320581", form, vec![count("320581101", "review", true, 1)]), []);
}
