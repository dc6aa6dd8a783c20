//! `samples/expected_rollup_*.csv`: from records to the city's figures, the whole way that they take in a federation.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tongpin_domain::collection::{Collection, Rows, answer};
use tongpin_domain::digest::Digest;
use tongpin_domain::egress::EgressContract;
use tongpin_domain::indicator::Indicator;
use tongpin_domain::intake;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::project::Project;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::{CollectionRef, Report, ReportTable, check};
use tongpin_domain::rollup::{
    Coverage, FundRollup, Method, RegionRollup, Returned, coverage, fund_csv, region_csv, scores_first, values_first,
};
use tongpin_domain::score::ScoreSheet;

use super::samples::{Samples, rule_ref, samples, table, text};

fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a code")
}

fn collection(name: &str) -> Collection {
    let toml = text(&format!("collections/{name}.toml"));
    let collection: Collection = toml::from_str(&toml).expect("a collection");
    assert_eq!(collection.check(), []);
    let json = serde_json::to_string(&collection).expect("JSON");
    assert_eq!(serde_json::from_str::<Collection>(&json).expect("written above"), collection);
    collection
}

fn library() -> Vec<Indicator> {
    let entries = intake::entries("indicators", &table("indicators.csv")).accepted;
    entries.iter().map(|(_, entry)| serde_json::from_str(&entry.body).expect("intake has checked it")).collect()
}

/// One region's report on these projects, checked as its parent does, written and read as it travels.
fn report(collection: &Collection, region: &RegionCode, scored: &[(&Project, &ScoreSheet)]) -> Report {
    let contract = EgressContract::default();
    assert_eq!(contract.check(collection), Ok(()));
    let answers = answer(collection, &Rows::new(scored.iter().copied())).expect("an answer");
    let tables = contract.withhold(collection, answers);
    let report = Report {
        collection: collection.id.clone(),
        collection_release: CollectionRef { publisher: code("320500"), release: 1 },
        region: region.clone(),
        period: collection.period.clone(),
        revision: 1,
        replaces: Digest::NONE,
        tables: tables.into_iter().map(|(answer, withheld)| ReportTable { answer, withheld }).collect(),
        rules: vec![rule_ref()],
        computed_at: Moment(0),
        approved_by: "审核岗".into(),
    };
    serde_json::from_str(&serde_json::to_string(&report).expect("JSON")).expect("written above")
}

/// Every county's report on its own projects.
fn reports(collection: &Collection, samples: &Samples, sheets: &[ScoreSheet]) -> Vec<Report> {
    let mut counties: BTreeMap<RegionCode, Vec<(&Project, &ScoreSheet)>> = BTreeMap::new();
    for (project, sheet) in samples.projects.iter().zip(sheets) {
        counties.entry(sheet.region.clone()).or_default().push((project, sheet));
    }
    let report = |(region, scored): (&RegionCode, &Vec<_>)| {
        let report = report(collection, region, scored);
        assert_eq!(check(&report, collection, region, &samples.regions), []);
        report
    };
    counties.iter().map(report).collect()
}

fn regions_of(reports: &[Report], samples: &Samples) -> RegionRollup {
    let reports: Vec<&Report> = reports.iter().collect();
    scores_first(&reports, &code("320500"), &samples.regions, &samples.rules).expect("a roll-up")
}

fn funds_of(reports: &[Report], samples: &Samples) -> FundRollup {
    let reports: Vec<&Report> = reports.iter().collect();
    values_first(&reports, &samples.regions, &library(), &samples.rules).expect("a roll-up")
}

fn assert_same(written: &[u8], expected: &str) {
    let written = std::str::from_utf8(written).expect("UTF-8");
    let different: Vec<_> = expected.lines().zip(written.lines()).filter(|(want, got)| want != got).collect();
    assert!(different.is_empty(), "{different:#?}");
    assert_eq!(written, expected);
}

/// Scores first: ten counties and the city, byte for byte.
#[test]
fn regions() {
    let (collection, samples) = (collection("county-scores"), samples());
    assert_eq!(Method::of(&collection), Some(Method::ScoresFirst));
    let rollup = regions_of(&reports(&collection, &samples, &samples.sheets()), &samples);
    assert_same(&region_csv(&rollup.lines), &text("expected_rollup_region.csv"));
    assert!(!rollup.basis.mixed_rules());
    // 昆山 70.48 % and 太仓 73.73 % of their budget are rated, below the 80 % that a rank needs. By the file's scores:
    // 98.11 姑苏, 97.90 虎丘, 97.72 常熟, 94.50 张家港, 90.73 园区, 89.86 吴江, 87.66 吴中, 84.33 相城; the city has none.
    let ranks: Vec<_> = rollup.lines.iter().map(|line| line.rank).collect();
    let expected = [2, 7, 8, 1, 6, 5, 3, 4].map(Some);
    assert_eq!(ranks, [&expected[..], &[None, None, None]].concat());
}

/// Values first: 75 lines of 12 funds, byte for byte.
#[test]
fn funds() {
    let (collection, samples) = (collection("fund-indicators"), samples());
    assert_eq!(Method::of(&collection), Some(Method::ValuesFirst));
    let rollup = funds_of(&reports(&collection, &samples, &samples.sheets()), &samples);
    assert_same(&fund_csv(&rollup.lines), &text("expected_rollup_fund.csv"));
    let said = |lang: Lang| rollup.lines.iter().all(|line| line.steps.iter().all(|step| !step.say(lang).is_empty()));
    assert!(said(Lang::Zh) && said(Lang::En) && rollup.lines.iter().all(|line| !line.steps.is_empty()));
}

/// A county without a report is blank and named, its projects are in no sum, and the others' lines don't change.
#[test]
fn a_missing_report_is_not_zero() {
    let (collection, samples) = (collection("county-scores"), samples());
    let mut reports = reports(&collection, &samples, &samples.sheets());
    reports.retain(|report| report.region != code("320585"));
    let rollup = regions_of(&reports, &samples);
    let written = String::from_utf8(region_csv(&rollup.lines)).expect("UTF-8");
    let expected = text("expected_rollup_region.csv");
    assert_eq!(written.lines().take(10).collect::<Vec<_>>(), expected.lines().take(10).collect::<Vec<_>>());
    assert_eq!(written.lines().nth(10), Some("320585,太仓市,,,,,,,,"));
    // The city without 太仓: 739830073.12 − 60236809.59 and 660123787.35 − 44411831.59.
    let city = written.lines().nth(11).expect("the city's line");
    assert!(city.starts_with("320500,苏州市,54,48,679593263.53,615711955.76,"), "{city}");
    // 2025-04-01 00:00 in China is 2025-03-31 16:00 UTC, 1743436800 s: the first moment that is too late.
    let deadline = Moment(1_743_436_800_000);
    let returned: Vec<Returned<'_>> = reports
        .iter()
        .map(|report| Returned { report, received_at: Moment(deadline.0 - i64::from(report.region != code("320505"))) })
        .collect();
    let covered = |awaiting: &[RegionCode]| {
        coverage(&collection, &samples.regions, &code("320500"), &returned, awaiting, deadline)
    };
    let missing = covered(&[]);
    assert_eq!(missing.say(Lang::Zh), "应报 10 个，已报 9 个，逾期未报：太仓市，迟报：虎丘区");
    let waiting = covered(&[code("320585")]);
    assert_eq!(waiting.say(Lang::Zh), "应报 10 个，已报 9 个，已收待审核：太仓市，迟报：虎丘区");
    assert!(!waiting.complete() && waiting.missing.is_empty() && waiting.only_awaits(&code("320585")));
    assert_eq!((waiting.everyone().count(), missing.everyone().count()), (10, 10));
    // An earlier report goes on counting while a newer one waits.
    let newer = covered(&[code("320505")]);
    assert_eq!((newer.reported.len(), newer.awaiting.len(), newer.missing.len()), (9, 1, 1));
    assert!(!newer.only_awaits(&code("320505")) && newer.everyone().count() == 10);
    let said = |coverage: &Coverage| {
        let line = rollup.clone().of_asked(coverage).lines.into_iter().find(|line| line.region == code("320585"));
        let line = line.expect("it is asked");
        (line.figures.is_none(), line.awaits_review(), line.steps[0].say(Lang::Zh))
    };
    assert_eq!(said(&missing), (true, false, "尚未上报，没有数字（不按 0 计）".into()));
    assert_eq!(said(&waiting), (true, true, "上报已收到，待审核，暂无数字（不按 0 计）".into()));
}

/// Splits the sample projects into reports by arbitrary groups, in arbitrary order.
fn split(
    collection: &Collection,
    samples: &Samples,
    sheets: &[ScoreSheet],
    order: &[usize],
    parts: &[usize],
) -> Vec<Report> {
    let mut groups: BTreeMap<usize, Vec<(&Project, &ScoreSheet)>> = BTreeMap::new();
    for (index, part) in order.iter().zip(parts) {
        groups.entry(*part).or_default().push((&samples.projects[*index], &sheets[*index]));
    }
    // Codes of a made-up city stand for the groups; the roll-up of funds doesn't look at them.
    groups.iter().map(|(part, scored)| report(collection, &code(&format!("3299{:02}", part + 1)), scored)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However the projects are split and in whatever order they are merged, every figure stays the same.
    #[test]
    fn any_grouping_any_order(
        order in Just((0..60).collect::<Vec<usize>>()).prop_shuffle(),
        parts in proptest::collection::vec(0_usize..8, 60),
    ) {
        let samples = samples();
        let sheets = samples.sheets();
        let funds = split(&collection("fund-indicators"), &samples, &sheets, &order, &parts);
        prop_assert_eq!(
            String::from_utf8(fund_csv(&funds_of(&funds, &samples).lines)).expect("UTF-8"),
            text("expected_rollup_fund.csv")
        );
        let scores = split(&collection("county-scores"), &samples, &sheets, &order, &parts);
        let whole = regions_of(&scores, &samples);
        let expected = text("expected_rollup_region.csv");
        let city = region_csv(&whole.lines[whole.lines.len() - 1..]);
        let city = String::from_utf8(city).expect("UTF-8");
        prop_assert_eq!(city.lines().last(), expected.lines().last());
    }
}
