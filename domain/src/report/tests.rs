//! What a parent refuses of a report, one case for each reason.

use super::*;
use crate::collection::{Collection, Group};
use crate::partial::Partial;
use crate::region::{Region, Regions};

fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a code")
}

fn asked() -> Collection {
    let json = r#"{"id":"c","title":"t","period":"2024","due":"2025-03-31","audience":["320581","320582"],
        "tables":[{"id":"t","records":"projects","group_by":["region","fund_code"],"measures":[
        {"id":"n","kind":"count"},{"id":"ok","kind":"count","where":[{"field":"status","is":"SCORED"}]},
        {"id":"sum","kind":"sum","field":"budget_fen"}]}]}"#;
    serde_json::from_str(json).expect("a collection")
}

fn group(region: &str, fund: &str, records: u64) -> Group {
    let measures = [
        ("n".to_owned(), Partial::Count(records)),
        ("ok".to_owned(), Partial::Count(0)),
        ("sum".to_owned(), Partial::Sum(5.into())),
    ];
    Group { keys: vec![region.into(), fund.into()], records, measures: measures.into() }
}

fn sound() -> Report {
    let groups = vec![group("320581", "F1", 2), group("320581", "F2", 1)];
    let answer = TableAnswer { table: "t".into(), records: 4, groups };
    Report {
        collection: "c".into(),
        collection_release: CollectionRef { publisher: code("320500"), release: 3 },
        region: code("320581"),
        period: "2024".into(),
        revision: 1,
        replaces: Digest::NONE,
        tables: vec![ReportTable { answer, withheld: Withheld { groups: 1, records: 1 } }],
        rules: vec![RuleRef { publisher: code("320500"), key: "r".into(), release: 1 }],
        computed_at: Moment(1_000),
        approved_by: "审核岗".into(),
    }
}

fn problems(change: impl Fn(&mut Report)) -> Vec<ReportProblem> {
    let mut report = sound();
    change(&mut report);
    check(&report, &asked(), &code("320581"), &Regions::default())
}

fn groups(report: &mut Report) -> &mut Vec<Group> {
    &mut report.tables[0].answer.groups
}

/// A sound report passes, and each way to go beyond the collection is found as what it is.
#[test]
fn each_problem() {
    assert_eq!(problems(|_| ()), []);
    let one = |problem: ReportProblem| vec![problem];
    assert_eq!(problems(|r| r.collection = "d".into()), one(ReportProblem::Collection("d".into())));
    assert_eq!(problems(|r| r.period = "2023".into()), one(ReportProblem::Period("2023".into())));
    assert_eq!(problems(|r| r.revision = 0), one(ReportProblem::Revision));
    let claimed = ReportProblem::Region { claimed: code("320582"), peer: code("320581") };
    assert_eq!(problems(|r| r.region = code("320582")), one(claimed));
    assert_eq!(
        check(&Report { region: code("320583"), ..sound() }, &asked(), &code("320583"), &Regions::default()).first(),
        Some(&ReportProblem::NotAsked(code("320583")))
    );
    assert_eq!(problems(|r| r.tables.clear()), one(ReportProblem::Tables(vec![])));
    let measure =
        |name: &str| one(ReportProblem::Measure { table: "t".into(), group: "320581/F1".into(), measure: name.into() });
    assert_eq!(problems(|r| drop(groups(r)[0].measures.remove("sum"))), measure("sum"));
    assert_eq!(problems(|r| drop(groups(r)[0].measures.insert("names".into(), Partial::Count(1)))), measure("names"));
    assert_eq!(problems(|r| drop(groups(r)[0].measures.insert("sum".into(), Partial::Min(None)))), measure("sum"));
    let counts = |what: &str| one(ReportProblem::Counts { table: "t".into(), what: what.into() });
    assert_eq!(problems(|r| drop(groups(r)[0].measures.insert("n".into(), Partial::Count(1)))), counts("320581/F1 n"));
    assert_eq!(
        problems(|r| drop(groups(r)[0].measures.insert("ok".into(), Partial::Count(3)))),
        counts("320581/F1 ok")
    );
    assert_eq!(problems(|r| r.tables[0].answer.records = 5), counts("total"));
}

/// Groups are the peer's own, each once, in order, as many keys as asked, and not smaller than asked.
#[test]
fn each_group_problem() {
    let outside = ReportProblem::Outside { table: "t".into(), key: "320582".into() };
    assert_eq!(problems(|r| groups(r)[1].keys[0] = "320582".into()), [outside]);
    let order = ReportProblem::Order { table: "t".into(), group: "320581/F1".into() };
    assert_eq!(problems(|r| groups(r)[1].keys[1] = "F1".into()), std::slice::from_ref(&order));
    assert_eq!(problems(|r| groups(r).swap(0, 1)), [order]);
    let keys = ReportProblem::Keys { table: "t".into(), group: "320581/F2/个".into() };
    assert_eq!(problems(|r| groups(r)[1].keys.push("个".into())), [keys]);
    let strict = Collection { smallest_group: 2, ..asked() };
    let small = ReportProblem::Small { table: "t".into(), group: "320581/F2".into() };
    assert_eq!(check(&sound(), &strict, &code("320581"), &Regions::default()), [small]);
}

/// A county whose code became 320586 goes on reporting under the 320581 of its certificate, keyed by either code, and
/// is asked by either; without the change told, the new code is another's.
#[test]
fn either_code_of_the_sender() {
    let city = code("320500");
    let moved = Region {
        code: code("320586"),
        name: "常熟市".into(),
        level: "县".into(),
        parent_code: city,
        mof_div_code: String::new(),
        kind: String::new(),
        alias_codes: vec![code("320581")],
        valid_from: None,
        valid_to: None,
        note: String::new(),
    };
    let regions = Regions::new([moved]);
    let now = Collection { audience: vec![code("320586")], ..asked() };
    for key in ["320581", "320586"] {
        let mut report = sound();
        for group in groups(&mut report) {
            group.keys[0] = key.into();
        }
        assert_eq!(check(&report, &now, &code("320581"), &regions), [], "keyed by {key}");
    }
    assert_eq!(check(&sound(), &now, &code("320581"), &Regions::default()).len(), 1);
    let mut report = sound();
    groups(&mut report)[1].keys[0] = "320582".into();
    assert_eq!(check(&report, &now, &code("320581"), &regions).len(), 1);
}

/// The frozen form of a report: these bytes are signed.
#[test]
fn frozen_form() {
    let mut report = sound();
    groups(&mut report).truncate(1);
    let json = concat!(
        r#"{"collection":"c","collection_release":{"publisher":"320500","release":3},"region":"320581","#,
        r#""period":"2024","revision":1,"replaces":"0000000000000000000000000000000000000000000000000000000000000000","#,
        r#""tables":[{"table":"t","records":4,"groups":[{"keys":["320581","F1"],"records":2,"#,
        r#""measures":{"n":{"count":2},"ok":{"count":0},"sum":{"sum":"5"}}}],"withheld":{"groups":1,"records":1}}],"#,
        r#""rules":[{"publisher":"320500","key":"r","release":1}],"computed_at":1000,"approved_by":"审核岗"}"#,
    );
    assert_eq!(serde_json::to_string(&report).expect("JSON"), json);
    assert_eq!(serde_json::from_str::<Report>(json).expect("the form above"), report);
}

/// A receipt says what became of which report, and why.
#[test]
fn receipts() {
    let receipt = Receipt {
        number: 7,
        collection: "c".into(),
        region: code("320581"),
        revision: 2,
        report: Digest::of(b"report"),
        verdict: Verdict::Returned,
        reasons: vec!["期间不符".into(), "缺少一张表".into()],
        by: "复核岗".into(),
        at: Moment(0),
        held: None,
        question: None,
    };
    let said = "回执 7：“c”第 2 次上报退回（1970-01-01 08:00:00）：期间不符；缺少一张表";
    assert_eq!(receipt.say(Lang::Zh), said);
    let json = serde_json::to_string(&receipt).expect("JSON");
    assert!(json.contains(r#""verdict":"returned""#), "{json}");
    assert_eq!(serde_json::from_str::<Receipt>(&json).expect("written above"), receipt);
    assert!(!json.contains("held"), "receipts that do not need it keep their form: {json}");
    assert!(!json.contains("question"), "{json}");
    let received = Receipt { verdict: Verdict::Received, reasons: Vec::new(), ..receipt.clone() };
    assert_eq!(received.say(Lang::Zh), "回执 7：“c”第 2 次上报已收，待审核（1970-01-01 08:00:00）");
    let json = serde_json::to_string(&received).expect("JSON");
    assert!(json.contains(r#""verdict":"received""#), "{json}");
    let refused = Receipt { question: Some(Digest::NONE), ..receipt.clone() };
    assert_eq!(refused.say(Lang::Zh), "回执 7：提问未被接收（1970-01-01 08:00:00）：期间不符；缺少一张表");
    let json = serde_json::to_string(&refused).expect("JSON");
    assert_eq!(serde_json::from_str::<Receipt>(&json).expect("written above"), refused);
    let told = Receipt { held: Some(Held { revision: 3, digest: Digest::NONE }), ..receipt };
    let json = serde_json::to_string(&told).expect("JSON");
    assert!(json.ends_with(&format!(r#""held":{{"revision":3,"digest":"{}"}}}}"#, Digest::NONE)), "{json}");
    assert_eq!(serde_json::from_str::<Receipt>(&json).expect("written above"), told);
}
