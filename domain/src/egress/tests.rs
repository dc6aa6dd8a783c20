//! What leaves by default, by configuration, and from small groups.

use super::*;
use crate::collection::Group;

fn collection(group_by: &str, measure: &str) -> Collection {
    let json = format!(
        r#"{{"id":"c","title":"t","period":"2024","due":"2025-03-31",
        "tables":[{{"id":"t","records":"projects","group_by":["{group_by}"],"measures":[{measure}]}}]}}"#
    );
    serde_json::from_str(&json).expect("a collection")
}

/// The default lets the groupings and measures of a roll-up out, and nothing that names a project or its unit.
#[test]
fn default_contract() {
    let contract = EgressContract::default();
    let sum = r#"{"id":"b","kind":"sum","field":"budget_fen"}"#;
    assert_eq!(contract.check(&collection("fund_code", sum)), Ok(()));
    let refused = |group_by: &str, measure: &str| contract.check(&collection(group_by, measure)).err().map(|r| r.len());
    assert_eq!(refused("project_code", sum), Some(1));
    assert_eq!(refused("region", r#"{"id":"n","kind":"max","field":"project_name"}"#), Some(1));
    let spying = r#"{"id":"n","kind":"count","where":[{"field":"project_name","is":"某项目"}]}"#;
    assert_eq!(refused("region", spying), Some(1));
    assert_eq!(refused("name", r#"{"id":"w","kind":"weighted","field":"total_score","by":"name"}"#), Some(2));
}

/// A county narrows the contract by configuration, but can't open what must never leave.
#[test]
fn configured_contract() {
    let json = r#"{"groupings":["region","project_code"],"kinds":["count"],"records":["indicators"]}"#;
    let contract: EgressContract = serde_json::from_str(json).expect("a contract");
    let refusals = contract.check(&collection("project_code", r#"{"id":"b","kind":"sum","field":"budget_fen"}"#));
    let expected = vec![
        EgressRefusal::Records { table: "t".into() },
        EgressRefusal::Grouping { table: "t".into(), field: "project_code".into() },
        EgressRefusal::Kind { table: "t".into(), measure: "b".into(), kind: MeasureKind::Sum },
    ];
    assert_eq!(refusals, Err(expected.clone()));
    assert!(expected[1].say(Lang::Zh).contains("project_code"));
}

/// The numbers of a trial leave by default, and stay where the county says so or keeps documents or counts.
#[test]
fn trials() {
    let contract = |json: &str| serde_json::from_str::<EgressContract>(json).expect("a contract");
    assert!(contract("{}").lets_trials());
    for json in [r#"{"trials":false}"#, r#"{"records":["projects"]}"#, r#"{"kinds":["sum"]}"#] {
        assert!(!contract(json).lets_trials(), "{json}");
    }
}

/// Groups below the smallest size are dropped, and their number and records are told.
#[test]
fn small_groups() {
    let group = |key: &str, records| Group { keys: vec![key.into()], records, measures: [].into() };
    let answer =
        TableAnswer { table: "t".into(), records: 9, groups: vec![group("a", 5), group("b", 1), group("c", 3)] };
    let mut asked = collection("fund_code", r#"{"id":"n","kind":"count"}"#);
    let kept = |contract: &EgressContract, asked: &Collection| {
        let all = contract.withhold(asked, vec![answer.clone()]);
        all.into_iter().map(|(answer, withheld)| (answer.groups.len(), withheld)).collect::<Vec<_>>()
    };
    let contract = EgressContract::default();
    assert_eq!(kept(&contract, &asked), [(3, Withheld::default())]);
    asked.smallest_group = 4;
    assert_eq!(kept(&contract, &asked), [(1, Withheld { groups: 2, records: 4 })]);
    let strict = EgressContract { smallest_group: 6, ..contract };
    assert_eq!(kept(&strict, &asked), [(0, Withheld { groups: 3, records: 9 })]);
}
