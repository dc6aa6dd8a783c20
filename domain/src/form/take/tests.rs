//! Steps of the usual flow, taken at a township, its county, and a county of a document of its own.

use std::collections::BTreeMap;

use super::*;
use crate::form::{Field, Flow, Given, Kind};

fn region(code: &str) -> RegionCode {
    RegionCode::new(code).expect("a code")
}

fn definition() -> Definition {
    let fields = vec![Field::new("paid", "已支付", Kind::Money)];
    let body = serde_json::json!({ "code": "road", "title": "调度表", "fields": fields, "flow": Flow::default() });
    serde_json::from_value(body).expect("a definition")
}

fn document(filled_by: &str) -> Document {
    Document {
        form: "road".into(),
        publisher: region("320500"),
        release: 1,
        added: 0,
        id: "a".into(),
        subject: String::new(),
        subject_name: String::new(),
        period: "2025".into(),
        version: 1,
        turn: 0,
        state: "draft".into(),
        given: BTreeMap::new(),
        derived: BTreeMap::new(),
        filled_by: vec![filled_by.into()],
        steps: Vec::new(),
        changed_at: Moment(0),
    }
}

const BOTH: &[FlowDuty] = &[FlowDuty::Enter, FlowDuty::Approve];

fn actor<'a>(region: &'a RegionCode, account: &'a str, duties: &'a [FlowDuty]) -> Actor<'a> {
    Actor { region, account, name: account, duties, alone: false }
}

fn case<'a>(author: &'a RegionCode, document: &'a Document, verdict: Option<&'a Verdict>) -> Case<'a> {
    Case { author, document, verdict, blocked: false }
}

fn kept(taken: Taken) -> Document {
    match taken {
        Taken::Document { document, .. } => *document,
        Taken::Verdict(_) => unreachable!("a document"),
    }
}

fn verdict(taken: Taken) -> Verdict {
    match taken {
        Taken::Verdict(verdict) => *verdict,
        Taken::Document { .. } => unreachable!("a verdict"),
    }
}

/// A township's document is handed on by the township and decided by its county; once it is changed again, what
/// was decided is history.
#[test]
fn two_levels() {
    let (form, town, county) = (definition(), region("320581101"), region("320581"));
    let clerk = actor(&town, "jingban", &[FlowDuty::Enter]);
    let approver = actor(&county, "shenhe", &[FlowDuty::Approve]);
    let draft = document("jingban");
    let sent = kept(form.take("submit", &case(&town, &draft, None), &clerk, "", Moment(1)).expect("handed on"));
    assert_eq!((sent.state.as_str(), sent.turn), ("review", 1));
    let at_county = case(&town, &sent, None);
    assert_eq!(form.take("approve", &at_county, &clerk, "", Moment(2)), Err(StepFault::Level("县级财政".into())));
    assert_eq!(form.take("return", &at_county, &approver, " ", Moment(2)), Err(StepFault::NoReason));
    let back = verdict(form.take("return", &at_county, &approver, "补附件", Moment(2)).expect("given back"));
    assert_eq!(sent.state(Some(&back)), "draft");
    let again = case(&town, &sent, Some(&back));
    let sent = kept(form.take("submit", &again, &clerk, "", Moment(3)).expect("handed on again"));
    assert_eq!((sent.state(Some(&back)), sent.turn), ("review", 2), "the verdict was about another turn");
    let good = form.take("approve", &case(&town, &sent, Some(&back)), &approver, "", Moment(4));
    let good = verdict(good.expect("approved"));
    assert_eq!((sent.state(Some(&good)), good.steps.len()), ("approved", 2));
    let adjusted = form.take("adjust", &case(&town, &sent, Some(&good)), &clerk, "追加预算", Moment(5));
    let Ok(Taken::Document { document, before: Some(before) }) = adjusted else { unreachable!("a new version") };
    assert_eq!((document.version, document.state.as_str(), before.state.as_str()), (2, "draft", "approved"));
    assert_eq!(document.history(&town, Some(&good)).len(), 5);

    // A township that says of itself what only its county can give, or changes what was approved, is not believed.
    let claimed = Document { state: "approved".into(), ..sent.clone() };
    assert!(!form.believes(&claimed, &town) && form.believes(&claimed, &county) && form.believes(&sent, &town));
    let mut other = sent.clone();
    other.given.insert("paid".into(), Given::One("1.00".into()));
    assert_eq!((sent.state(Some(&good)), other.state(Some(&good))), ("approved", "review"));
    let forged = StepTaken { region: county.clone(), step: "approve".into(), ..good.steps[1].clone() };
    let claimed = Document { steps: vec![forged], ..sent };
    assert!(claimed.history(&town, None).is_empty());
}

/// Who filled a document in or handed it on does not approve it, whatever name is shown, unless the bureau has one
/// person only, which the document then says. A blocked one goes nowhere, and back it goes all the same.
#[test]
fn four_eyes() {
    let (form, county) = (definition(), region("320581"));
    let one = actor(&county, "yi", BOTH);
    let other = Actor { name: "yi", ..actor(&county, "er", BOTH) };
    let draft = document("yi");
    let blocked = Case { blocked: true, ..case(&county, &draft, None) };
    assert_eq!(form.take("submit", &blocked, &one, "", Moment(1)), Err(StepFault::Blocked));
    let sent = kept(form.take("submit", &case(&county, &draft, None), &one, "", Moment(1)).expect("handed on"));
    let at_review = case(&county, &sent, None);
    assert_eq!(form.take("approve", &at_review, &one, "", Moment(2)), Err(StepFault::SamePerson("填写".into())));
    assert!(form.take("approve", &at_review, &other, "", Moment(2)).is_ok());
    let alone = Actor { alone: true, ..one };
    let done = kept(form.take("approve", &at_review, &alone, "", Moment(2)).expect("allowed"));
    assert_eq!(done.steps.last().map(|step| step.reason.as_str()), Some(ALONE));
    let names: Vec<&str> = form.steps_for(&at_review, &other).iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["withdraw", "approve", "return"]);
    let wrong = Case { blocked: true, ..at_review };
    assert!(form.take("return", &wrong, &other, "数据有误", Moment(2)).is_ok());
    assert_eq!(
        form.take("approve", &case(&county, &draft, None), &other, "", Moment(2)),
        Err(StepFault::State("草稿".into()))
    );
}
