//! What collections promise: sentences for people, checks, and answers that do not depend on order.

use super::*;
use crate::partial::Partial;
use crate::project::Project;
use crate::region::Regions;
use crate::rules::RuleSet;
use crate::score::{RuleRef, score};

fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a code")
}

fn collection(tables: &str) -> Collection {
    let json = format!(r#"{{"id":"c","title":"测试归集","period":"2024","due":"2025-03-31","tables":{tables}}}"#);
    serde_json::from_str(&json).expect("a collection")
}

/// Rows of projects with one line each: (fund, year, budget, actual).
fn rows(projects: &[(&str, i32, &str, &str)]) -> Rows {
    let rules = RuleSet::from_toml(include_str!("../../../samples/rules.toml")).expect("the default rules");
    let reference = RuleRef { publisher: code("320500"), key: rules.name.clone(), release: 1 };
    let scored: Vec<_> = projects
        .iter()
        .enumerate()
        .map(|(index, (fund, year, budget, actual))| {
            let json = format!(
                r#"{{"project_code":"P{index}","project_name":"项目","fiscal_year":{year},"region_code":"320581",
                "fund_code":"{fund}","budget_adjusted":"{budget}","executed":"{budget}"}}"#
            );
            let project: Project = serde_json::from_str(&json).expect("a project");
            let json = format!(
                r#"{{"project_code":"P{index}","seq":1,"indicator_code":"A-1","name":"指标","nature":"≥","unit":" 个　",
                "target":"100","actual":"{actual}","weight":"90","rule_type":"PROP_UP"}}"#
            );
            let line = serde_json::from_str(&json).expect("a line");
            let sheet = score(&project, &[line], &rules, &reference, &Regions::default());
            (project, sheet)
        })
        .collect();
    Rows::new(scored.iter().map(|(project, sheet)| (project, sheet)))
}

const ALL_KINDS: &str = r#"[{"id":"t","title":"一","records":"indicators","group_by":["fund_code","unit"],
    "filter":[{"field":"indicator_code","present":true}],"measures":[
    {"id":"n","kind":"count"},{"id":"with","kind":"count","field":"actual"},
    {"id":"sum","kind":"sum","field":"actual"},{"id":"mean","kind":"weighted","field":"actual","by":"budget_fen"},
    {"id":"low","kind":"min","field":"actual","where":[{"field":"actual","at_least":"60"}]},
    {"id":"top","kind":"max","field":"actual"},
    {"id":"spread","kind":"histogram","field":"actual","edges":["60","90"]}]}]"#;

/// Each kind of measure, by hand; a blank and a text are counted as records and take part in nothing else, and
/// another year's project isn't there at all.
#[test]
fn answers() {
    let rows = rows(&[
        ("F1", 2024, "2.00", "50"),
        ("F1", 2024, "1.00", "95"),
        ("F1", 2024, "9.00", ""),
        ("F1", 2024, "9.00", "约300"),
        ("F1", 2023, "1.00", "1"),
        ("F2", 2024, "1.00", "60"),
    ]);
    let answers = answer(&collection(ALL_KINDS), &rows).expect("an answer");
    assert_eq!((answers.len(), answers[0].records, answers[0].groups.len()), (1, 5, 2));
    let group = &answers[0].groups[0];
    assert_eq!((group.keys.join("/").as_str(), group.records), ("F1/个", 4));
    // Σw = 200 + 100 fen, Σw·x = 200·50 + 100·95 = 19500.
    let expected = r#"{"low":{"min":{"number":"95"}},"mean":{"weighted":{"weight":"300","weighted":"19500"}},
        "n":{"count":4},"spread":{"histogram":{"edges":["60","90"],"counts":[1,0,1]}},"sum":{"sum":"145"},
        "top":{"max":{"number":"95"}},"with":{"count":2}}"#;
    let expected: std::collections::BTreeMap<String, Partial> = serde_json::from_str(expected).expect("partials");
    assert_eq!(group.measures, expected);
}

/// The order of the records doesn't show.
#[test]
fn order_does_not_matter() {
    let projects = [("F2", 2024, "2.00", "50"), ("F1", 2024, "1.00", "95.5"), ("F2", 2024, "3.00", "7")];
    let mut turned = projects;
    turned.reverse();
    let asked = collection(ALL_KINDS);
    assert_eq!(answer(&asked, &rows(&projects)), answer(&asked, &rows(&turned)));
}

/// Every test of a condition, on a field that is there and on one that is missing.
#[test]
fn conditions() {
    let rows = rows(&[("F1", 2024, "2.00", "50"), ("F1", 2024, "2.00", "")]);
    let lines = rows.of(Records::Indicators);
    for (condition, holds) in [
        (r#"{"field":"actual","present":true}"#, [true, false]),
        (r#"{"field":"actual","present":false}"#, [false, true]),
        (r#"{"field":"actual","is":"50"}"#, [true, false]),
        (r#"{"field":"actual","is_not":"51"}"#, [true, false]),
        (r#"{"field":"actual","one_of":["49","50"]}"#, [true, false]),
        (r#"{"field":"actual","at_least":"50.0"}"#, [true, false]),
        (r#"{"field":"actual","below":"50"}"#, [false, false]),
        (r#"{"field":"line_status","is":"INCOMPLETE"}"#, [false, true]),
    ] {
        let read: Condition = serde_json::from_str(condition).expect("a condition");
        assert_eq!([&lines[0], &lines[1]].map(|row| read.holds(row)), holds, "{condition}");
        assert_eq!(serde_json::to_string(&read).expect("JSON"), condition);
    }
    for wrong in [r#"{"field":"a"}"#, r#"{"field":"a","is":"1","below":"2"}"#, r#"{"field":"a","matches":".*"}"#] {
        assert!(serde_json::from_str::<Condition>(wrong).is_err(), "{wrong}");
    }
}

/// Everything that a collection can get wrong is found, in one go, before anything is computed.
#[test]
fn problems() {
    let wrong = collection(
        r#"[{"id":"t","records":"projects","group_by":["project_code","budget_fen"],"measures":[
        {"id":"m","kind":"sum","field":"rating"},{"id":"m","kind":"weighted","field":"total_score"},
        {"id":"h","kind":"histogram","field":"total_score","edges":["90","60"]},
        {"id":"c","kind":"count","where":[{"field":"status","below":"1"}]},{"id":"l","kind":"max","field":"actual"}]},
        {"id":"t","records":"projects","measures":[]}]"#,
    );
    let wrong = Collection { period: "去年".into(), ..wrong };
    let said: Vec<String> = wrong.check().iter().map(ToString::to_string).collect();
    let expected = [
        "the period \"去年\" does not begin with a year",
        "\"t\" stands twice",
        "\"m\" stands twice",
        "table \"t\" names the field \"project_code\", which its records do not have",
        "table \"t\": \"budget_fen\" is not of the kind that \"group_by\" needs",
        "table \"t\": \"rating\" is not of the kind that \"m\" needs",
        "measure \"m\" of table \"t\": by is missing, superfluous or out of order",
        "measure \"h\" of table \"t\": edges is missing, superfluous or out of order",
        "table \"t\": \"status\" is not of the kind that \"c\" needs",
        "table \"t\" names the field \"actual\", which its records do not have",
        "\"t\" asks for nothing",
    ];
    assert_eq!(said, expected);
    assert!(matches!(answer(&wrong, &Rows::default()), Err(CollectionError::Problems(all)) if all.len() == 11));
}

/// A county reads what is asked in its own language.
#[test]
fn sentences() {
    let asked = collection(
        r#"[{"id":"t","title":"表一","records":"projects","group_by":["region"],
        "filter":[{"field":"fund_code","present":true}],"measures":[{"id":"n","kind":"count"},
        {"id":"s","kind":"weighted","field":"total_score","by":"budget_fen","where":[{"field":"status","is":"SCORED"}]}]}]"#,
    );
    let zh = "测试归集：期间 2024，截止 2025-03-31。\n表一 从项目中专项资金代码已填且可用的记录，按县级区划代码分组，\
        上报：记录个数；总分按全年预算数（分）加权的合计（仅限计分状态为“已评分”的记录）。";
    assert_eq!(asked.say(Lang::Zh), zh);
    let en = "From projects where fund code is there and usable, grouped by region, report: the number of records; \
        total score weighted by budget fen (only where status is \"scored\").";
    assert_eq!(asked.tables[0].say(Lang::En), en);
}

/// An audience includes what lies within it; without one everyone is asked.
#[test]
fn audience() {
    let everyone = collection("[]");
    let some = Collection { audience: vec![code("320581")], ..everyone.clone() };
    let none = crate::region::Regions::default();
    assert!(everyone.asks(&code("320582"), &none) && !some.asks(&code("320582"), &none));
    assert!(some.asks(&code("320581"), &none) && some.asks(&code("320581101"), &none));
    assert!(!some.asks(&code("320500"), &none));
}

/// A collection that does not say how its reports are accepted is accepted by the check, and keeps its signed bytes;
/// one that wants a person says so in one word.
#[test]
fn how_reports_are_accepted() {
    let plain = collection("[]");
    assert_eq!(plain.accepting, Accepting::ByCheck);
    let json = serde_json::to_string(&plain).expect("JSON");
    assert!(!json.contains("accepting"), "{json}");
    let reviewed = Collection { accepting: Accepting::ByReview, ..plain };
    let json = serde_json::to_string(&reviewed).expect("JSON");
    assert!(json.contains(r#""accepting":"by_review""#), "{json}");
    assert_eq!(serde_json::from_str::<Collection>(&json).expect("written above"), reviewed);
    for word in [Accepting::ByCheck, Accepting::ByReview] {
        assert_eq!(Accepting::of_word(word.word()), word);
    }
    assert_eq!(Accepting::of_word(""), Accepting::ByCheck);
    assert_eq!(Accepting::ByReview.say(Lang::Zh), "人工审核：市级审核通过后才计入汇总");
}
