//! From records and published rules to a report, in a database of its own.

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Field, Given, Kind, Leaving};
use tongpin_domain::project::PROJECT;
use tongpin_domain::report::Verdict;

use super::*;
use crate::ops::ground::{TestNode, code, row};

impl TestNode {
    async fn answer(&self, contract: &EgressContract) -> Result<Answer, AnswerError> {
        let asked = guidance::asked(&self.store, &code("320500"), &code("320581")).await.expect("readable");
        let asked = asked.into_iter().next().expect("one collection");
        Basis::load(&self.store).await.expect("readable").answer(&self.store, asked, contract).await
    }
}

/// Without scores nothing is answered, and with them the answer is one group of the county's six projects, five of
/// them scored, as `expected_rollup_region.csv` has it.
#[tokio::test]
async fn scores_come_first() {
    let desk = TestNode::open().await;
    let contract = EgressContract::default();
    let refused = desk.answer(&contract).await;
    assert!(matches!(&refused, Err(AnswerError::Unscored(codes)) if codes.len() == 6), "{refused:?}");
    desk.score().await;
    let answer = desk.answer(&contract).await.expect("an answer");
    assert_eq!((answer.projects, answer.groups(), answer.remarks.len()), (6, 1, 0));
    let told = answer.report(&code("320581"), Place::after(report::Held::NONE), Moment(2), "审核002");
    assert_eq!((told.revision, told.replaces), (1, Digest::NONE));
    assert_eq!(
        tongpin_domain::report::check(&told, &answer.asked.collection, &code("320581"), &Regions::default()),
        []
    );
    let group = &told.tables[0].answer.groups[0];
    assert_eq!(serde_json::to_string(&group.measures["projects_scored"]).expect("JSON"), r#"{"count":5}"#);
}

/// A record that changed after it was scored stops the answer; scoring again lets it through. Rules that were
/// published anew do not stop it, but are told.
#[tokio::test]
async fn what_leaves_is_borne_out_by_the_records() {
    let desk = TestNode::open().await;
    let contract = EgressContract::default();
    desk.score().await;
    let held = crate::records::load(&desk.store).await.expect("readable");
    let mut project = held.projects[0].project.clone();
    project.money.executed = tongpin_domain::money::Fen(100).into();
    desk.put(&[row(PROJECT, &project.code, serde_json::to_string(&project))]).await;
    let refused = desk.answer(&contract).await;
    assert!(matches!(&refused, Err(AnswerError::Stale(codes)) if *codes == [project.code.clone()]), "{refused:?}");
    desk.score().await;
    assert!(desk.answer(&contract).await.is_ok());

    let id = CatalogId::new(code("320500"), "rules");
    let rules = desk.store.entry(&id, "project-self-evaluation").await.expect("readable").expect("the rules");
    let stricter = rules.body.replace(r#""weight_total":90"#, r#""weight_total":80"#);
    desk.publish("rules", "project-self-evaluation", &stricter.replace(r#""weight":10"#, r#""weight":20"#), 2).await;
    let answer = desk.answer(&contract).await.expect("an answer under the old rules");
    assert!(matches!(answer.remarks[..], [Remark::NewerRules(_, 2)]), "{:?}", answer.remarks);
}

/// What the egress contract forbids is refused as a whole, however small the part.
#[tokio::test]
async fn the_contract_decides() {
    let desk = TestNode::open().await;
    desk.score().await;
    let mut contract = EgressContract::default();
    contract.fields.remove("total_score");
    let refused = desk.answer(&contract).await;
    assert!(matches!(&refused, Err(AnswerError::Egress(refusals)) if refusals.len() == 3), "{refused:?}");
}

/// What the city asks of projects beside, and lets leave, is summed and grouped by with what the program knows; what is
/// not filled in takes no part, and without that form at the county nothing leaves.
#[tokio::test]
async fn what_is_added_to_projects() {
    let desk = TestNode::open().await;
    let mut form = Definition::of_projects().clone();
    for (name, title, kind, leaves) in
        [("livelihood", "民生实事", Kind::YesNo, Leaving::Group), ("bond", "专项债券", Kind::Money, Leaving::Sum)]
    {
        form.fields.push(Field { leaves: vec![leaves], ..Field::new(name, title, kind) });
    }
    let due = tongpin_domain::number::Typed::parse("2025-03-31").date().expect("a day");
    let collection = form.collection("bonds", "2024", due).expect("something leaves");
    let held = crate::records::load(&desk.store).await.expect("readable");
    let one = |text: &str| Given::One(text.to_owned());
    let mut rows = Vec::new();
    for (held, (livelihood, bond)) in held.projects.iter().zip([("yes", "120.50"), ("no", "79.50"), ("yes", "")]) {
        let mut project = held.project.clone();
        project.more = [("livelihood".to_owned(), one(livelihood))].into();
        if !bond.is_empty() {
            project.more.insert("bond".to_owned(), one(bond));
        }
        rows.push(row(PROJECT, &project.code, serde_json::to_string(&project)));
    }
    desk.put(&rows).await;
    desk.score().await;
    desk.retire("collections", "county-scores", 2).await;
    desk.publish("collections", "bonds", &serde_json::to_string(&collection).expect("JSON"), 3).await;
    let contract = EgressContract::default();
    let refused = desk.answer(&contract).await;
    assert!(matches!(&refused, Err(AnswerError::Egress(_))), "the county has no such form: {refused:?}");
    desk.publish("forms", "project", &serde_json::to_string(&form).expect("JSON"), 1).await;
    let answer = desk.answer(&contract).await.expect("an answer");
    let told: BTreeMap<String, (u64, String)> = answer.tables[0]
        .answer
        .groups
        .iter()
        .map(|group| {
            let bond = serde_json::to_string(&group.measures["added_bond"]).expect("JSON");
            (group.keys.join(" "), (group.records, bond))
        })
        .collect();
    let of = |key: &str| told.get(key).cloned().unwrap_or_else(|| unreachable!("{told:?}"));
    assert_eq!(of("320581 是").0, 2);
    assert!(of("320581 是").1.contains("12050"), "{told:?}");
    assert_eq!(of("320581 否").0, 1);
    assert!(of("320581 否").1.contains("7950"), "{told:?}");
    assert_eq!(told.values().map(|(records, _)| records).sum::<u64>(), 6, "{told:?}");
    assert!(!serde_json::to_string(&answer.tables).expect("JSON").contains("320581-"), "no project is named");
}

/// The same content is not sent twice, unless it was returned.
#[tokio::test]
async fn unchanged_content_is_noticed() {
    let desk = TestNode::open().await;
    desk.score().await;
    let answer = desk.answer(&EgressContract::default()).await.expect("an answer");
    let told = answer.report(&code("320581"), Place::after(report::Held::NONE), Moment(2), "审核002");
    let last = |state| MyReport {
        collection: told.collection.clone(),
        revision: 1,
        digest: Digest::of(b"first"),
        payload: serde_json::to_string(&told).expect("JSON"),
        envelope: Vec::new(),
        state,
        approved_by: String::new(),
        at: Moment(2),
        seq: 1,
    };
    let accepted = last(ReportState::Accepted);
    assert!(!answer.is_sent(None) && answer.is_sent(Some(&accepted)));
    let returned = last(ReportState::Returned);
    assert!(!answer.is_sent(Some(&returned)) && answer.is_told(Some(&returned)));
}

/// A database restored from an old copy goes on after what the parent's receipt says it holds; what another region or
/// a receipt about another collection says does not count.
#[tokio::test]
async fn the_next_place() {
    let desk = TestNode::open().await;
    let parent = code("320500");
    let place = async || next_place(&desk.store, "county-scores", &parent).await.expect("readable");
    assert_eq!(place().await, Place::after(report::Held::NONE));
    let told = |number, collection: &str, revision| Receipt {
        number,
        collection: collection.into(),
        region: code("320581"),
        revision: 1,
        report: Digest::of(b"mine"),
        verdict: Verdict::Returned,
        reasons: Vec::new(),
        by: String::new(),
        at: Moment(2),
        held: Some(report::Held { revision, digest: Digest::of(b"theirs") }),
        question: None,
    };
    desk.take(&parent, &told(1, "county-scores", 3)).await;
    desk.take(&parent, &told(2, "fund-indicators", 8)).await;
    desk.take(&code("320600"), &told(1, "county-scores", 9)).await;
    assert_eq!(place().await, Place { revision: 4, replaces: Digest::of(b"theirs") });
}

/// A bureau goes by its code until a release tells its name, and by its name from then on, without a new start.
#[tokio::test]
async fn a_name_comes_from_the_city() {
    let desk = TestNode::open().await;
    let own = code("320581");
    assert_eq!(crate::guidance::region_name(&desk.store, &own).await.expect("readable"), "320581");
    let body = r#"{"code":"320581","name":"常熟市","level":"县","parent_code":"320500","mof_div_code":"320581000",
        "kind":"县级市","alias_codes":[],"valid_from":null,"valid_to":null,"note":""}"#;
    desk.publish("regions", "320581", body, 1).await;
    assert_eq!(crate::guidance::region_name(&desk.store, &own).await.expect("readable"), "常熟市");
}
