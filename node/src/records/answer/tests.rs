//! From records and published rules to a report, in a database of its own.

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::digest::Digest;
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
