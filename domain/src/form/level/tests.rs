//! A township's 资金安排表 in which the county says how much it grants: for the whole, and road by road.

use super::super::road::{one, row};
use super::super::{Actor, DefinitionFault, Facts, FlowDuty, StepFault, Taken};
use super::*;
use crate::moment::Moment;

const FORM: &str = r#"
code = "grant"
title = "资金安排表"
[subject]
of = "region"
per = "year"

[[fields]]
name = "asked"
title = "申请金额"
kind = "money"
required = true

[[fields]]
name = "granted"
title = "核定金额"
kind = "money"
required = true
level = "county"

[[fields]]
name = "cut"
title = "核减金额"
kind = "money"
derived = { difference = ["asked", "granted"] }

[[fields]]
name = "roads"
title = "路段"
kind = "rows"

[[fields.fields]]
name = "route"
title = "路线"
kind = "code"

[[fields.fields]]
name = "opinion"
title = "县级意见"
kind = "line"
level = "county"
"#;

fn form() -> Definition {
    let form: Definition = toml::from_str(FORM).expect("it is written above");
    assert_eq!(form.check(), []);
    form
}

fn region(code: &str) -> RegionCode {
    RegionCode::new(code).expect("a code")
}

fn given() -> BTreeMap<String, Given> {
    let roads = vec![row("n1", &[("route", "Y001")]), row("n2", &[("route", "Y002")])];
    [one("asked", "100.00"), ("roads".to_owned(), Given::Rows(roads))].into()
}

fn document(state: &str) -> Document {
    serde_json::from_value(serde_json::json!({
        "form": "grant", "publisher": "320500", "release": 1, "id": "2026", "period": "2026", "version": 1, "turn": 1,
        "state": state, "given": given(), "filled_by": ["jingban"], "changed_at": 1,
    }))
    .expect("a document")
}

fn filled_in() -> BTreeMap<String, Given> {
    let roads = vec![row("n2", &[("route", "X999"), ("opinion", "核减")]), row("n9", &[("opinion", "没有这一路段")])];
    // What is the township's is none of the county's, whatever is sent for it.
    [one("asked", "1.00"), one("granted", "80.00"), ("roads".to_owned(), Given::Rows(roads))].into()
}

/// Each level fills in its own fields in its own states, and a county of a document of its own both, one after the
/// other.
#[test]
fn who_fills_in_what() {
    let (form, town, county, city) = (form(), region("320581101"), region("320581"), region("320500"));
    let locked = |state: &str, author: &RegionCode, bureau: &RegionCode| {
        form.locked(&Seen { state, author, bureau }).into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(locked("draft", &town, &town), "granted roads.opinion");
    assert_eq!(locked("review", &town, &town), "asked cut granted roads roads.opinion roads.route");
    assert_eq!(locked("draft", &town, &county), "asked cut granted roads roads.opinion roads.route");
    assert_eq!(locked("review", &town, &county), "asked cut roads roads.route");
    assert_eq!(locked("approved", &town, &county), "asked cut granted roads roads.opinion roads.route");
    assert_eq!(locked("review", &town, &city), "asked cut granted roads roads.opinion roads.route");
    assert_eq!(locked("review", &region("320582101"), &county), "asked cut granted roads roads.opinion roads.route");
    assert_eq!(locked("draft", &county, &county), "granted roads.opinion");
    assert_eq!(locked("review", &county, &county), "asked cut roads roads.route");
    let mut named = form.clone();
    named.fields[1].fill = vec!["approved".to_owned()];
    let seen = Seen { state: "approved", author: &town, bureau: &county };
    assert!(!named.locked(&seen).contains("granted") && named.locked(&seen).contains("roads.opinion"));
    assert!(form.asks_above() && !super::super::road::road().asks_above());
}

/// What the county filled in stands beside what the township did, takes the place of nothing, and is gone from the next
/// version; what is missing keeps the document back where it is to be filled in, and nowhere else.
#[test]
fn what_both_filled_in() {
    let (form, town, county) = (form(), region("320581101"), region("320581"));
    let sent = document("review");
    let case = Case { author: &town, document: &sent, verdict: None, blocked: false };
    let verdict = form.fill_above(&case, "jingban-xian", &filled_in(), BTreeMap::new());
    let filled = verdict.filled_into(1).cloned().expect("what was filled in");
    assert_eq!((verdict.state.as_str(), verdict.turn, &verdict.steps), ("review", 1, &Vec::new()));
    assert_eq!(filled.by, ["jingban-xian"]);
    assert!(!filled.given.contains_key("asked") && !serde_json::to_string(&filled).expect("JSON").contains("X999"));

    let case = Case { verdict: Some(&verdict), ..case };
    let joined = form.joined(&case).into_owned();
    let roads = vec![row("n1", &[("route", "Y001")]), row("n2", &[("route", "Y002"), ("opinion", "核减")])];
    let both: BTreeMap<String, Given> =
        [one("asked", "100.00"), one("granted", "80.00"), ("roads".to_owned(), Given::Rows(roads))].into();
    assert_eq!(joined, both);
    assert_eq!((form.below(&both), sent.given.clone()), (given(), given()));
    let values = form.read_kept(&joined, &joined).values;
    let cut = form.derived(&form.evaluate(&values, &Facts::default()));
    assert_eq!(cut.get("cut").map(String::as_str), Some("20.00"));

    let missing = Place::of("granted");
    let waits = |state, bureau| form.waits(&Seen { state, author: &town, bureau }, &missing);
    assert!(waits("draft", &town) && waits("review", &town) && waits("approved", &county) && !waits("review", &county));
    assert!(!form.waits(&Seen { state: "review", author: &town, bureau: &county }, &Place::of("asked")));

    let next = Document { version: 2, ..sent.clone() };
    let later = Case { document: &next, ..case };
    assert_eq!((form.joined(&later).into_owned(), form.whole(&later).into_owned()), (given(), next.clone()));
    // A county keeps what it fills into its own in the document.
    let own = Document { given: both.clone(), ..sent.clone() };
    let case = Case { author: &county, document: &own, verdict: None, blocked: false };
    assert_eq!(form.joined(&case).into_owned(), both);
}

/// Whoever filled the county's part in does not approve, and what was filled in goes with the decision.
#[test]
fn four_eyes_above() {
    let (form, town, county) = (form(), region("320581101"), region("320581"));
    let sent = document("review");
    let case = Case { author: &town, document: &sent, verdict: None, blocked: false };
    let filled = form.fill_above(&case, "a", &filled_in(), BTreeMap::new());
    let case = Case { verdict: Some(&filled), ..case };
    let duties = [FlowDuty::Approve];
    let actor = |account| Actor { region: &county, account, name: account, duties: &duties, alone: false };
    let take = |account| form.take("approve", &case, &actor(account), "", Moment(2));
    assert_eq!(take("a"), Err(StepFault::SamePerson("填写".into())));
    let Ok(Taken::Verdict(verdict)) = take("b") else { unreachable!("a verdict") };
    assert_eq!((verdict.state.as_str(), &verdict.filled), ("approved", &filled.filled));
    assert_eq!(sent.state(Some(&verdict)), "approved");

    // In a county's own document the part goes with the version that it was for.
    let approved = Document { state: "approved".into(), given: form.with_above(&given(), &filled_in()), ..sent };
    let case = Case { author: &county, document: &approved, verdict: None, blocked: false };
    let duties = [FlowDuty::Enter];
    let clerk = Actor { region: &county, account: "c", name: "c", duties: &duties, alone: false };
    let Ok(Taken::Document { document, before }) = form.take("adjust", &case, &clerk, "追加", Moment(3)) else {
        unreachable!("a document")
    };
    assert_eq!(document.given, given());
    assert!(before.is_some_and(|before| before.given.contains_key("granted")));
}

/// A field of the county is refused where the county has no step, and so are its files.
#[test]
fn nobody_to_fill_it_in() {
    let mut form = form();
    form.fields[1].kind = super::super::Kind::Files;
    for step in &mut form.flow.steps {
        step.level = FlowLevel::Keeper;
    }
    let problems = form.check();
    let faults = |place: &str| -> Vec<DefinitionFault> {
        problems.iter().filter(|it| it.place == place).map(|it| it.fault.clone()).collect()
    };
    assert_eq!(faults("fields.granted"), [DefinitionFault::NobodyFills, DefinitionFault::FilesAbove]);
    assert_eq!(faults("fields.roads.opinion"), [DefinitionFault::NobodyFills]);
}

/// What a township's record holds of the county's is nothing, whoever wrote it there; a new row is none of those of
/// which the county said something; and what may not be filled in stays as it is held.
#[test]
fn what_stays() {
    let (form, town, county) = (form(), region("320581101"), region("320581"));
    let forged = Document { given: form.with_above(&given(), &filled_in()), ..document("review") };
    let case = Case { author: &town, document: &forged, verdict: None, blocked: false };
    assert_eq!(form.joined(&case).into_owned(), given());
    assert_eq!(form.carried(&forged.given), given(), "it says anew of the next release");

    let verdict = form.fill_above(&case, "a", &filled_in(), BTreeMap::new());
    let mut left = document("draft");
    left.given.insert("roads".to_owned(), Given::Rows(vec![row("n1", &[("route", "Y001")])]));
    let case = Case { author: &town, document: &left, verdict: Some(&verdict), blocked: false };
    let roads = vec![row("n1", &[("route", "Y001")]), row("n2", &[("route", "Y003")])];
    let added: BTreeMap<String, Given> = [("roads".to_owned(), Given::Rows(roads))].into();
    let kept = form.renumbered(&case, added);
    let Some(Given::Rows(rows)) = kept.get("roads") else { unreachable!("rows") };
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["n1", "n10"], "n2 and n9 are taken");

    let sent = document("review");
    let locked = form.locked(&Seen { state: "review", author: &town, bureau: &county });
    let permitted = form.within_reach(&filled_in(), &sent.given, &locked);
    let roads = vec![row("n1", &[("route", "Y001")]), row("n2", &[("route", "Y002"), ("opinion", "核减")])];
    let due: BTreeMap<String, Given> =
        [one("asked", "100.00"), one("granted", "80.00"), ("roads".to_owned(), Given::Rows(roads))].into();
    assert_eq!(permitted, due);
    assert_eq!(form.overstepped(&filled_in(), &sent.given, &locked), ["申请金额", "路段"]);
    assert_eq!(form.overstepped(&due, &sent.given, &locked), [""; 0]);
}

/// By default the county fills its part in while it has the next step, and not once the document counts; columns of its
/// own do not take over the states of the township's table.
#[test]
fn in_which_states() {
    let (mut form, town, county) = (form(), region("320581101"), region("320581"));
    let revoke = Step {
        title: "撤销批复".into(),
        from: vec!["approved".into()],
        to: "review".into(),
        reason: true,
        ..Step::new("revoke", FlowLevel::County, FlowDuty::Approve)
    };
    form.flow.steps.push(revoke);
    form.fields[3].fill = vec!["draft".to_owned()];
    assert_eq!(form.check(), []);
    let locked = |state| form.locked(&Seen { state, author: &town, bureau: &county });
    assert!(locked("approved").contains("granted") && locked("approved").contains("roads.opinion"));
    assert!(!locked("review").contains("roads.opinion") && locked("review").contains("roads.route"));
    let below = form.locked(&Seen { state: "draft", author: &town, bureau: &town });
    assert!(!below.contains("roads.route") && below.contains("roads.opinion"));
    form.fields[3].level = Some(FlowLevel::County);
    form.fields[3].fields[0].level = Some(FlowLevel::Keeper);
    let faults: Vec<DefinitionFault> = form.check().into_iter().map(|it| it.fault).collect();
    assert_eq!(faults, [DefinitionFault::ColumnBelow]);
}
