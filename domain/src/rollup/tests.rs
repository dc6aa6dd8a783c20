//! Roll-ups against worked examples 4 and 5 of the trade's reference, and in any grouping and order.

use rust_decimal::Decimal;

use super::*;
use crate::collection::{Rows, answer};
use crate::digest::Digest;
use crate::egress::EgressContract;
use crate::indicator::{Aggregation, Indicator};
use crate::moment::Moment;
use crate::project::{Project, ProjectIndicator};
use crate::report::{CollectionRef, ReportTable};
use crate::rules::RuleSet;
use crate::score::{ScoreSheet, Status, score};

type Scored = (Project, ScoreSheet);

fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a code")
}

fn dec(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn rules() -> RuleSet {
    RuleSet::from_toml(include_str!("../../../samples/rules.toml")).expect("the default rules")
}

fn rule_ref(release: u64) -> RuleRef {
    RuleRef { publisher: code("320500"), key: "default".into(), release }
}

/// A line as JSON fields: code, unit, target, actual, 定性系数, weight, method.
type LineText<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str, &'a str);

/// A scored project of fund F; a self-made line takes up what the weights lack of 90.
fn project(region: &str, number: u32, budget: &str, executed: &str, lines: &[LineText<'_>]) -> Scored {
    let json = format!(
        r#"{{"project_code":"{region}-{number}","project_name":"项目","fiscal_year":2024,"region_code":"{region}",
        "fund_code":"F","budget_adjusted":"{budget}","executed":"{executed}"}}"#
    );
    let project: Project = serde_json::from_str(&json).expect("a project");
    let rest = Decimal::from(90) - lines.iter().map(|line| dec(line.5)).sum::<Decimal>();
    let filler = ("", "项", "1", "1", "", &*rest.to_string(), "PROP_UP");
    let lines: Vec<ProjectIndicator> = lines
        .iter()
        .chain([&filler])
        .enumerate()
        .map(|(index, (indicator, unit, target, actual, pct, weight, method))| {
            let indicator = if indicator.is_empty() { "null".into() } else { format!("\"{indicator}\"") };
            let pct = if pct.is_empty() { "null".into() } else { format!("\"{pct}\"") };
            let nature = match *method {
                "GRADE" => "定性",
                "DEADLINE" => "≤",
                _ => "≥",
            };
            let json = format!(
                r#"{{"project_code":"{region}-{number}","seq":{},"indicator_code":{indicator},"name":"指标","nature":"{nature}",
                "unit":"{unit}","target":"{target}","actual":"{actual}","qual_pct":{pct},"weight":"{weight}",
                "rule_type":"{method}"}}"#,
                index + 1
            );
            serde_json::from_str(&json).expect("a line")
        })
        .collect();
    let sheet = score(&project, &lines, &rules(), &rule_ref(1), &Regions::default());
    (project, sheet)
}

fn library() -> Vec<Indicator> {
    [("BED", "累加"), ("SAT", "加权平均"), ("KEEP", "定性加权"), ("DAY", "最晚值")]
        .map(|(code, method)| {
            let json =
                format!(r#"{{"code":"{code}","name":"{code}名称","agg_method":"{method}","rule_type":"PROP_UP"}}"#);
            serde_json::from_str(&json).expect("an indicator")
        })
        .into()
}

fn report(region: &str, collection: &Collection, scored: &[Scored]) -> Report {
    let rows = Rows::new(scored.iter().map(|(project, sheet)| (project, sheet)));
    let answers = answer(collection, &rows).expect("an answer");
    let tables = EgressContract::default().withhold(collection, answers);
    Report {
        collection: collection.id.clone(),
        collection_release: CollectionRef { publisher: code("320500"), release: 1 },
        region: code(region),
        period: "2024".into(),
        revision: 1,
        replaces: Digest::NONE,
        tables: tables.into_iter().map(|(answer, withheld)| ReportTable { answer, withheld }).collect(),
        rules: vec![rule_ref(1)],
        computed_at: Moment(0),
        approved_by: "审核岗".into(),
    }
}

fn template(text: &str) -> Collection {
    toml::from_str(text).expect("a collection")
}

fn fund_template() -> Collection {
    template(include_str!("../../../samples/collections/fund-indicators.toml"))
}

fn funds(scored: Vec<Vec<Scored>>) -> Vec<FundLine> {
    let collection = fund_template();
    let regions = ["320581", "320582", "320583"];
    let reports: Vec<Report> =
        regions.iter().zip(scored).map(|(region, scored)| report(region, &collection, &scored)).collect();
    let reports: Vec<&Report> = reports.iter().collect();
    values_first(&reports, &Regions::default(), &library(), &rules()).expect("a roll-up").lines
}

fn written(lines: &[FundLine]) -> Vec<String> {
    let text = String::from_utf8(fund_csv(lines)).expect("UTF-8");
    text.lines().skip(1).map(str::to_owned).collect()
}

/// By hand, three counties. ΣT = 500, ΣA = 483: 483 ÷ 500 × 20 = 19.32. Satisfaction:
/// (5.5·87.6 + 2.2·94.0 + 1.3·91.0) ÷ 9 = 806.9 ÷ 9 = 89.6556, ÷ 90 × 10 = 9.96. Qualitative:
/// (5.5·11.25 + 2.2·13.50 + 1.3·9.00) ÷ 9 = 103.275 ÷ 9 = 11.475. Execution: 7.983 ÷ 9.000 × 10 = 8.87.
#[test]
fn example_5() {
    let county = |region, budget, executed, beds: (&str, &str), satisfied, grade, pct| {
        let lines = [
            ("BED", "张", beds.0, beds.1, "", "20", "PROP_UP"),
            ("SAT", "%", "90", satisfied, "", "10", "SATISFACTION"),
            ("KEEP", "", "可持续", grade, pct, "15", "GRADE"),
        ];
        vec![project(region, 1, budget, executed, &lines)]
    };
    let lines = funds(vec![
        county("320581", "5500000", "4873000", ("300", "285"), "87.6", "部分达成", "75"),
        county("320582", "2200000", "2200000", ("120", "138"), "94.0", "达成", "90"),
        county("320583", "1300000", "910000", ("80", "60"), "91.0", "部分达成", "60"),
    ]);
    let expected = [
        "F,EXEC,预算执行率,累加,9000000.00,7983000.00,10,8.87,3,3,",
        "F,BED,BED名称,累加,500.0000,483.0000,20,19.32,3,3,",
        "F,SAT,SAT名称,加权平均,90.0000,89.6556,10,9.96,3,3,",
        "F,KEEP,KEEP名称,定性加权,,,15,11.48,3,3,",
    ];
    assert_eq!(written(&lines), expected);
    let steps: Vec<String> = lines[1].steps.iter().map(|step| step.say(Lang::Zh)).collect();
    assert_eq!(steps[0], "累加（各项目相加），采用 3 个项目（共 3 个）：汇总指标值 500.0000，汇总完成值 483.0000");
    assert!(steps[1].contains("483") && steps[1].contains("19.32"), "{steps:?}");
}

/// By hand: (5.5·93.32 + 2.0·71.78 + 12.5·86.00) ÷ 20 = 1731.82 ÷ 20 = 86.591; the plain mean is
/// 251.10 ÷ 3 = 83.70; 20 of 21 million are rated, 95.238 %.
#[test]
fn example_4() {
    let rated = |number, budget: &str, total: Option<&str>| {
        let (project, mut sheet) = project("320581", number, budget, budget, &[]);
        sheet.total = total.map(dec);
        sheet.status = if total.is_some() { Status::Scored } else { Status::Incomplete };
        (project, sheet)
    };
    let scored = [
        rated(1, "5500000", Some("93.32")),
        rated(2, "2000000", Some("71.78")),
        rated(3, "12500000", Some("86.00")),
        rated(4, "1000000", None),
    ];
    let collection = template(include_str!("../../../samples/collections/county-scores.toml"));
    let own = report("320581", &collection, &scored);
    let rollup = scores_first(&[&own], &code("320500"), &Regions::default(), &rules()).expect("a roll-up");
    let line = "4,3,21000000.00,20000000.00,95.24,86.59,83.70,良";
    let text = String::from_utf8(region_csv(&rollup.lines)).expect("UTF-8");
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(rows, [format!("320581,320581,{line}"), format!("320500,320500,{line}")]);
    assert_eq!((rollup.lines[0].rank, rollup.lines[1].rank), (Some(1), None));

    // A county that reports no projects has zeros; reports under two releases of the rules are told apart.
    let mut empty = report("320582", &collection, &[]);
    empty.rules = vec![rule_ref(2)];
    let rollup = scores_first(&[&own, &empty], &code("320500"), &Regions::default(), &rules()).expect("a roll-up");
    let text = String::from_utf8(region_csv(&rollup.lines)).expect("UTF-8");
    assert_eq!(text.lines().nth(2), Some("320582,320582,0,0,0.00,0.00,,,,"));
    assert!(rollup.basis.mixed_rules() && rollup.lines[2].mixed_rules && !rollup.lines[0].mixed_rules);
    assert_eq!(
        scores_first(&[&own, &own], &code("320500"), &Regions::default(), &rules()),
        Err(RollupError::Twice(code("320581")))
    );
    assert_eq!(
        values_first(&[&own], &Regions::default(), &library(), &rules()),
        Err(RollupError::Missing { table: "funds", measure: "funds" })
    );
}

fn one_line(first: LineText<'_>, second: LineText<'_>) -> String {
    let lines = funds(vec![
        vec![project("320581", 1, "3000000", "3000000", &[first])],
        vec![project("320582", 1, "1000000", "1000000", &[second])],
    ]);
    written(&lines[1..]).join("\n")
}

/// Values of different units are never added; a unit that only an unusable value has stops nothing.
#[test]
fn mixed_units() {
    let line = |unit, actual| ("BED", unit, "100", actual, "", "20", "PROP_UP");
    let mixed = "F,BED,BED名称,累加,,,20,,2,2,度量单位不一（个、张），未汇总";
    assert_eq!(one_line(line("张", "90"), line("个", "100")), mixed);
    assert_eq!(one_line(line("张", "90"), line("个", "很多")), "F,BED,BED名称,累加,100.0000,90.0000,20,18.00,1,2,");
}

/// Weights of 20 and 10 with budgets of 3 and 1 million: (3·20 + 1·10) ÷ 4 = 17.5; 190 ÷ 200 × 17.5 = 16.625.
#[test]
fn mixed_weights() {
    assert_eq!(
        one_line(("BED", "张", "100", "90", "", "20", "PROP_UP"), ("BED", "张", "100", "100", "", "10", "PROP_UP")),
        "F,BED,BED名称,累加,200.0000,190.0000,17.5,16.63,2,2,各项目分值不一（10至20），取按预算加权的平均分值"
    );
}

/// Two methods: the library's own counts, and the line says so. An indicator outside the library isn't guessed at.
#[test]
fn mixed_methods_and_unknown_indicators() {
    assert_eq!(
        one_line(("BED", "张", "100", "90", "", "20", "PROP_UP"), ("BED", "张", "100", "100", "", "20", "TWO_SIDED")),
        "F,BED,BED名称,累加,200.0000,190.0000,20,19.00,2,2,赋分方法不一（≥ PROP_UP、≥ TWO_SIDED），按指标库的方法计分"
    );
    let unknown = ("X-1", "张", "100", "90", "", "20", "PROP_UP");
    assert_eq!(one_line(unknown, unknown), "F,X-1,,,,,20,,0,2,指标库中没有此指标，未汇总");
}

/// Far above the target there is no cut at fund level and never more than the weight: 700 ÷ 200 = 3.5.
#[test]
fn no_cut_and_never_above_the_weight() {
    let line = |actual| ("BED", "张", "100", actual, "", "20", "PROP_UP");
    assert_eq!(one_line(line("600"), line("100")), "F,BED,BED名称,累加,200.0000,700.0000,20,20.00,2,2,");
}

/// Nothing usable is no zero, a negative target that wasn't met goes to a person, and the latest day decides.
#[test]
fn what_has_no_score() {
    let text = ("SAT", "%", "90", "完成", "", "10", "SATISFACTION");
    assert_eq!(one_line(text, text), "F,SAT,SAT名称,加权平均,,,10,,0,2,没有可用的数值");
    let falling = |actual| ("SAT", "%", "-1", actual, "", "10", "DIFF_REVIEW");
    assert_eq!(
        one_line(falling("-3"), falling("-1")),
        "F,SAT,SAT名称,加权平均,-1.0000,-2.5000,10,,2,2,按规则须人工评定"
    );
    let day = |actual| ("DAY", "日期", "2024-05-31", actual, "", "15", "DEADLINE");
    assert_eq!(
        one_line(day("2024/5/30"), day("2024-06-01")),
        "F,DAY,DAY名称,最晚值,2024-05-31,2024-06-01,15,0.00,2,2,"
    );
}

/// Projects with data errors are left out of every sum and stay in the total; a blank budget can't be weighed.
#[test]
fn data_errors_and_blank_budgets() {
    let line = |actual| ("SAT", "%", "90", actual, "", "10", "SATISFACTION");
    let lines = funds(vec![
        vec![project("320581", 1, "3000000", "3000000", &[line("81")])],
        vec![project("320582", 1, "0", "5", &[line("99")]), project("320582", 2, "", "1", &[line("99")])],
    ]);
    let expected = [
        "F,EXEC,预算执行率,累加,3000000.00,3000000.00,10,10.00,1,3,",
        "F,SAT,SAT名称,加权平均,90.0000,81.0000,10,9.00,1,3,",
    ];
    assert_eq!(written(&lines), expected);
    assert_eq!(lines[1].method, Some(Aggregation::WeightedMean));
    let idle = funds(vec![vec![project("320581", 1, "0", "0", &[line("81")])]]);
    let expected = [
        "F,EXEC,预算执行率,累加,0.00,0.00,10,,1,1,预算数和执行数均为0，不适用",
        "F,SAT,SAT名称,加权平均,,,10,,1,1,预算合计为0，无法加权",
    ];
    assert_eq!(written(&idle), expected);
}

/// A collection is rolled up by the method that its tables are made for, and by none if a measure is missing.
#[test]
fn methods() {
    let mut collection = fund_template();
    assert_eq!(Method::of(&collection), Some(Method::ValuesFirst));
    collection.tables[1].measures.pop();
    assert_eq!(Method::of(&collection), None);
}

/// Figures too large to be exact set their own line aside, with a note; every other line stays.
#[test]
fn one_bad_line_does_not_stop_the_others() {
    let collection = fund_template();
    let lines = [("BED", "张", "100", "90", "", "20", "PROP_UP"), ("SAT", "%", "90", "81", "", "10", "SATISFACTION")];
    let mut bad = report("320581", &collection, &[project("320581", 1, "100", "100", &lines)]);
    let good = report("320582", &collection, &[project("320582", 1, "100", "100", &lines)]);
    let groups = &mut bad.tables[1].answer.groups;
    let bed = groups.iter_mut().find(|group| group.keys[1] == "BED").expect("the line above");
    bed.measures.insert("target_sum".into(), crate::partial::Partial::Sum(Decimal::MAX));
    let rollup = values_first(&[&bad, &good], &Regions::default(), &library(), &rules()).expect("a roll-up");
    let expected = [
        "F,EXEC,预算执行率,累加,200.00,200.00,10,10.00,2,2,",
        "F,SAT,SAT名称,加权平均,90.0000,81.0000,10,9.00,2,2,",
        "F,BED,,,,,,,0,2,上报的数值无法精确合并，未汇总，请核对各地上报",
    ];
    assert_eq!(written(&rollup.lines), expected);
}

/// So do figures that add up but are more than any amount of money: the county that told them and the city's sum have
/// no figures, every other county has its own, and of a fund only the line of its budget is set aside.
#[test]
fn figures_beyond_money() {
    let beyond = |report: &mut Report| {
        for group in &mut report.tables[0].answer.groups {
            group.measures.insert("budget".into(), crate::partial::Partial::Sum(dec("100000000000000000000")));
        }
    };
    let collection = template(include_str!("../../../samples/collections/county-scores.toml"));
    let good = report("320581", &collection, &[project("320581", 1, "100", "100", &[])]);
    let mut bad = report("320582", &collection, &[project("320582", 1, "100", "100", &[])]);
    beyond(&mut bad);
    let rollup =
        scores_first(&[&good, &bad], &code("320500"), &Regions::default(), &rules()).expect("a roll-up for the others");
    let text = String::from_utf8(region_csv(&rollup.lines)).expect("UTF-8");
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let expected =
        ["320581,320581,1,1,100.00,100.00,100.00,100.00,100.00,优", "320582,320582,,,,,,,,", "320500,320500,,,,,,,,"];
    assert_eq!(rows, expected);

    let (collection, lines) = (fund_template(), [("SAT", "%", "90", "81", "", "10", "SATISFACTION")]);
    let good = report("320581", &collection, &[project("320581", 1, "100", "100", &lines)]);
    let mut bad = report("320582", &collection, &[project("320582", 1, "100", "100", &lines)]);
    beyond(&mut bad);
    let rollup = values_first(&[&good, &bad], &Regions::default(), &library(), &rules()).expect("a roll-up");
    let expected = [
        "F,EXEC,,,,,,,0,2,上报的数值无法精确合并，未汇总，请核对各地上报",
        "F,SAT,SAT名称,加权平均,90.0000,81.0000,10,9.00,2,2,",
    ];
    assert_eq!(written(&rollup.lines), expected);
}
