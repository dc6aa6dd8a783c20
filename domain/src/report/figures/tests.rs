//! Figures that no records can come to, one case for each reason, beside what records do come to.

use rust_decimal::Decimal;

use super::*;
use crate::egress::Withheld;
use crate::region::{RegionCode, Regions};
use crate::report::{ReportProblem, check, check_approver};
use crate::score::RuleRef;

fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a code")
}

fn dec(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// The template of county scores, a measure for each kind beside it, and the same projects once more by fund.
fn asked() -> Collection {
    let mut collection: Collection =
        toml::from_str(include_str!("../../../../samples/collections/county-scores.toml")).expect("a collection");
    let more = r#"[
        {"id":"least","kind":"min","field":"total_score","where":[{"field":"status","is":"SCORED"}]},
        {"id":"most","kind":"max","field":"total_score","where":[{"field":"status","is":"SCORED"}]},
        {"id":"rated","kind":"count","field":"total_score","where":[{"field":"status","is":"SCORED"}]}]"#;
    let more: Vec<Measure> = serde_json::from_str(more).expect("measures");
    collection.tables[0].measures.extend(more);
    let by_fund = r#"{"id":"funds","records":"projects","group_by":["fund_code"],
        "measures":[{"id":"money","kind":"sum","field":"budget_fen"}]}"#;
    collection.tables.push(serde_json::from_str(by_fund).expect("a table"));
    collection
}

/// 4 projects of 21 million yuan, 3 of 20 million rated: 93.32, 71.78 and 86.00.
fn sound() -> Report {
    let json = r#"{"collection":"county-scores","collection_release":{"publisher":"320500","release":1},
        "region":"320581","period":"2024","revision":1,
        "replaces":"0000000000000000000000000000000000000000000000000000000000000000","tables":[
        {"table":"regions","records":4,"groups":[{"keys":["320581"],"records":4,"measures":{
        "projects":{"count":4},"projects_scored":{"count":3},"budget":{"sum":"2100000000"},
        "budget_scored":{"sum":"2000000000"},
        "score_by_budget":{"weighted":{"weight":"2000000000","weighted":"173182000000"}},
        "score_sum":{"sum":"251.1"},
        "score_spread":{"histogram":{"edges":["60","80","90"],"counts":[0,1,1,1]}},
        "least":{"min":{"number":"71.78"}},"most":{"max":{"number":"93.32"}},"rated":{"count":3}}}],
        "withheld":{"groups":0,"records":0}},
        {"table":"funds","records":4,"groups":[
        {"keys":[""],"records":1,"measures":{"money":{"sum":"100000000"}}},
        {"keys":["F"],"records":3,"measures":{"money":{"sum":"2000000000"}}}],
        "withheld":{"groups":0,"records":0}}],
        "rules":[{"publisher":"320500","key":"r","release":1}],"computed_at":0,"approved_by":"审核-001"}"#;
    serde_json::from_str(json).expect("a report")
}

/// The reasons, each with the measure it names, of the report with some figures of its first group changed.
fn found(figures: &[(&str, Partial)]) -> Vec<String> {
    let mut report = sound();
    for (measure, partial) in figures {
        report.tables[0].answer.groups[0].measures.insert((*measure).to_owned(), partial.clone());
    }
    let problems = check(&report, &asked(), &code("320581"), &Regions::default());
    let told = |problem: ReportProblem| match problem {
        ReportProblem::Figure(Wrong { measure, why, .. }) => format!("{measure}: {}", why.say(Lang::Zh)),
        other => other.say(Lang::Zh),
    };
    problems.into_iter().map(told).collect()
}

fn sum(text: &str) -> Partial {
    Partial::Sum(dec(text))
}

fn weighted(weight: &str, weighted: &str) -> Partial {
    Partial::Weighted { weight: dec(weight), weighted: dec(weighted) }
}

fn number(text: &str) -> Value {
    Value::Number(dec(text))
}

/// What the records come to is sound, and so is a county without projects and one of which nothing is rated.
#[test]
fn what_can_be_true() {
    assert_eq!(found(&[]), Vec::<String>::new());
    let mut empty = sound();
    for table in &mut empty.tables {
        table.answer.groups.clear();
        table.answer.records = 0;
    }
    assert_eq!(check(&empty, &asked(), &code("320581"), &Regions::default()), []);
    let nothing_rated = [
        ("projects_scored", Partial::Count(0)),
        ("rated", Partial::Count(0)),
        ("budget_scored", sum("0")),
        ("score_by_budget", weighted("0", "0")),
        ("score_sum", sum("0")),
        ("score_spread", Partial::Histogram { edges: vec![dec("60"), dec("80"), dec("90")], counts: vec![0; 4] }),
        ("least", Partial::Min(None)),
        ("most", Partial::Max(None)),
    ];
    assert_eq!(found(&nothing_rated), Vec::<String>::new());
}

/// Each kind of figure that cannot be is found at its measure and named.
#[test]
fn what_cannot_be_true() {
    let spread =
        |counts: [u64; 4]| Partial::Histogram { edges: vec![dec("60"), dec("80"), dec("90")], counts: counts.into() };
    let cases: [(&str, Partial, &str); 17] = [
        ("budget", sum("70000000000000000000000000000"), "应在 0 至 10000000000000000 之间"),
        ("budget", sum("-1"), "应在 0 至"),
        ("budget", sum("2100000000.5"), "小数位数"),
        ("score_by_budget", weighted("-2000000000", "-173182000000"), "应在 0 至"),
        // A mean of 140.
        ("score_by_budget", weighted("2000000000", "280000000000"), "应在 0 至 200000000000 之间"),
        ("score_by_budget", weighted("2000000000", "-1"), "应在 0 至"),
        ("score_by_budget", weighted("2000000000", "173182000000.0000001"), "小数位数"),
        ("score_by_budget", weighted("2000000001", "173182000000"), "与“budget_scored”前后矛盾"),
        ("budget_scored", sum("2200000000"), "与“budget”前后矛盾"),
        ("score_sum", sum("300.01"), "应在 0 至 300 之间"),
        ("projects_scored", Partial::Count(2), "与“projects_scored”前后矛盾"),
        ("rated", Partial::Count(2), "与“个数”前后矛盾"),
        ("score_spread", spread([1, 1, 1, 1]), "与“个数”前后矛盾"),
        ("least", Partial::Min(Some(number("94"))), "前后矛盾"),
        ("most", Partial::Max(Some(number("101"))), "应在 0 至 100 之间"),
        ("least", Partial::Min(None), "有记录，却没有数值"),
        ("score_sum", sum("210"), "与“least”前后矛盾"),
    ];
    for (measure, partial, reason) in cases {
        let told = found(&[(measure, partial)]);
        assert!(told.iter().any(|told| told.contains(reason)), "{measure}: {told:?} should hold {reason}");
    }
}

/// A figure of no records, tables of the same records that contradict each other, and sums that nothing can hold.
#[test]
fn what_contradicts() {
    let of_nothing = found(&[("projects_scored", Partial::Count(0)), ("rated", Partial::Count(0))]);
    for measure in ["budget_scored", "score_sum", "least", "most"] {
        assert!(of_nothing.contains(&format!("{measure}: 没有任何记录，却有数值")), "{measure}: {of_nothing:?}");
    }
    let mut report = sound();
    report.tables[1].answer.groups[1].measures.insert("money".into(), sum("1"));
    let told: Vec<String> = implausible(&report, &asked()).iter().map(|wrong| wrong.say(Lang::Zh)).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("分组“合计”的“budget”与“funds”前后矛盾"), "{told:?}");
    report.tables[1].withheld = Withheld { groups: 1, records: 1 };
    report.tables[1].answer.groups.remove(0);
    assert_eq!(implausible(&report, &asked()), [], "what was withheld may be the difference");

    let mut many = sound();
    for group in &mut many.tables[1].answer.groups {
        group.measures.insert("money".into(), Partial::Sum(MOST_FEN.into()));
    }
    let told = implausible(&many, &asked());
    assert!(told.iter().any(|wrong| wrong.group == "合计" && wrong.measure == "money"), "{told:?}");
}

/// The reasons for the first group's figures with some changed and some not told, weighed alone: what an accepted
/// report of an earlier version may hold.
fn weighed(figures: &[(&str, Partial)], untold: &[&str]) -> Vec<String> {
    let mut report = sound();
    let group = &mut report.tables[0].answer.groups[0];
    group.measures.retain(|measure, _| !untold.contains(&measure.as_str()));
    group.measures.extend(figures.iter().map(|(measure, partial)| ((*measure).to_owned(), partial.clone())));
    let told = implausible(&report, &asked());
    told.iter().map(|wrong| format!("{}: {}", wrong.measure, wrong.why.say(Lang::Zh))).collect()
}

/// Each comparison finds what it is for where no other one would: one that is taken away is missed.
#[test]
fn each_comparison_by_itself() {
    let none = Vec::<String>::new();
    let means = ["score_sum", "score_by_budget"];
    let least = |text: &str| ("least", Partial::Min(Some(number(text))));
    let most = |text: &str| ("most", Partial::Max(Some(number(text))));
    // 251.1 is more than three times 83, and 86.59 more than 83; 90 three times is more than 251.1.
    let told = weighed(&[most("83")], &[]);
    for measure in means {
        assert!(told.contains(&format!("{measure}: 与“most”前后矛盾")), "{told:?}");
    }
    let told = weighed(&[least("90")], &[]);
    for measure in means {
        assert!(told.contains(&format!("{measure}: 与“least”前后矛盾")), "{told:?}");
    }
    assert_eq!(weighed(&[least("93.32")], &means), none);
    assert_eq!(weighed(&[least("93.33")], &means), ["least: 与“most”前后矛盾"]);

    let money = ["budget", "budget_scored"];
    assert_eq!(weighed(&[], &money), none);
    let half_a_fen = [("score_by_budget", weighted("2000000000.5", "173182000000"))];
    assert_eq!(weighed(&half_a_fen, &money), ["score_by_budget: 数值 2000000000.5 的小数位数不可能这样多"]);

    let edges = vec![dec("60"), dec("80"), dec("90")];
    let spread =
        |counts: [u64; 4]| ("score_spread", Partial::Histogram { edges: edges.clone(), counts: counts.into() });
    let counts = ["projects_scored", "rated"];
    assert_eq!(weighed(&[spread([1, 1, 1, 1])], &counts), none, "nothing tells how many are rated");
    assert_eq!(weighed(&[spread([1, 1, 1, 2])], &counts), ["score_spread: 计入的记录多于实有的记录"]);
    assert_eq!(weighed(&[("projects", Partial::Count(5))], &[]), ["projects: 计入的记录多于实有的记录"]);
}

/// More records than a region has, other numbers of the same records in two tables, and a day in the place of a score.
#[test]
fn records_and_kinds() {
    let mut many = sound();
    many.tables[1].answer.groups[0].records = MOST_RECORDS + 1;
    let told = implausible(&many, &asked());
    assert!(matches!(&told[..], [Wrong { group, why: Implausible::Records, .. }] if group.is_empty()), "{told:?}");
    many.tables[1].answer.groups[0].records = MOST_RECORDS - 3;
    assert_eq!(implausible(&many, &asked()), []);

    let mut differing = sound();
    differing.tables[1].answer.records = 5;
    differing.tables[1].withheld = Withheld { groups: 1, records: 1 };
    let told = implausible(&differing, &asked());
    assert!(
        matches!(&told[..], [Wrong { measure, why: Implausible::Contradicts(other), .. }]
        if measure == "records" && other == "funds"),
        "{told:?}"
    );

    let day = time::Date::from_calendar_date(2024, time::Month::May, 31).expect("a day");
    let told = found(&[("least", Partial::Min(Some(Value::Date(day))))]);
    assert_eq!(told, ["表“regions”分组“320581”的“least”缺少、多余或类型不符"]);
}

/// An approver that nobody can read, rule sets in disorder, a text in the place of a key, and a revision beyond any.
#[test]
fn what_has_no_name() {
    for name in ["", "  ", "审\u{0}核", &"长".repeat(101)] {
        let report = Report { approved_by: name.into(), ..sound() };
        assert_eq!(check_approver(&report), Some(ReportProblem::Approver), "{name:?}");
    }
    assert_eq!(check_approver(&sound()), None);
    let rule = |release| RuleRef { publisher: code("320500"), key: "r".into(), release };
    for rules in [vec![rule(2), rule(1)], vec![rule(1), rule(1)], vec![rule(0)]] {
        assert_eq!(
            check(&Report { rules, ..sound() }, &asked(), &code("320581"), &Regions::default()),
            [ReportProblem::Rules]
        );
    }
    let mut told = sound();
    told.tables[1].answer.groups[1].keys[0] = "字".repeat(201);
    assert!(matches!(check(&told, &asked(), &code("320581"), &Regions::default())[..], [ReportProblem::Keys { .. }]));
    for revision in [0, 1 << 63, u64::MAX] {
        assert_eq!(
            check(&Report { revision, ..sound() }, &asked(), &code("320581"), &Regions::default()),
            [ReportProblem::Revision]
        );
    }
}
