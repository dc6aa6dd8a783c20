//! The projects of one county, scored, and the answer to a collection that comes of them: worked example 4 of the
//! trade's reference.

use anyhow::{Result, anyhow};
use tongpin_domain::collection::{self, Collection, Rows};
use tongpin_domain::digest::Digest;
use tongpin_domain::egress::EgressContract;
use tongpin_domain::intake;
use tongpin_domain::moment::Moment;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::report::{CollectionRef, Report, ReportTable};
use tongpin_domain::rules::RuleSet;
use tongpin_domain::score::{RuleRef, ScoreSheet, score};

/// Words that stand in every project and must stay in the county.
pub const SECRETS: [&str; 4] = ["某养老院改造", "某事务中心", "XM-9001", "床位进度滞后"];

const TEMPLATE: &[u8] = include_bytes!("../../samples/collections/county-scores.toml");

/// The template of the collection as an entry's JSON.
///
/// # Panics
/// The sample is not sound.
#[must_use]
pub fn county_scores() -> String {
    let mut read = intake::entry_from_toml("collections", "county-scores.toml", TEMPLATE);
    read.accepted.pop().unwrap_or_else(|| unreachable!("the template is sound: {:?}", read.problems)).1.body
}

/// The rules by which these projects are scored.
///
/// # Panics
/// The sample is not sound.
#[must_use]
pub fn rules() -> RuleSet {
    let text = include_str!("../../samples/rules.toml");
    RuleSet::from_toml(text).unwrap_or_else(|error| unreachable!("{error}"))
}

/// The key of the rules among those that the city publishes.
pub const RULES: &str = "project-self-evaluation";

/// The first release of those rules.
#[must_use]
pub fn rule_ref(publisher: &RegionCode) -> RuleRef {
    RuleRef { publisher: publisher.clone(), key: RULES.into(), release: 1 }
}

/// A project whose money is all spent, 10 points, and whose one line of 90 points reaches `actual` of 9000.
fn scored(county: &RegionCode, number: u32, budget: &str, actual: &str) -> Result<(Project, ScoreSheet)> {
    let [name, unit, code, reason] = SECRETS;
    let code = format!("{code}-{number}");
    let project: Project = serde_json::from_value(serde_json::json!({
        "project_code": code, "project_name": name, "fiscal_year": 2024, "region_code": county,
        "implementing_unit": unit, "budget_adjusted": budget, "executed": budget,
    }))?;
    let line: ProjectIndicator = serde_json::from_value(serde_json::json!({
        "project_code": code, "seq": 1, "name": name, "nature": "≥", "unit": "张", "target": "9000", "actual": actual,
        "weight": "90", "rule_type": "PROP_UP", "deviation_reason": reason,
    }))?;
    let sheet = score(&project, &[line], &rules(), &rule_ref(county), &Regions::default());
    Ok((project, sheet))
}

/// 10 + 83.32, 10 + 61.78 and 10 + 76 points, and one project that lacks its figure.
///
/// # Errors
/// The collection asks for something else.
pub fn answer(county: &RegionCode, collection: &Collection) -> Result<Vec<ReportTable>> {
    let projects = [
        scored(county, 1, "5500000.00", "8332")?,
        scored(county, 2, "2000000.00", "6178")?,
        scored(county, 3, "12500000.00", "7600")?,
        scored(county, 4, "1000000.00", "")?,
    ];
    let rows = Rows::new(projects.iter().map(|(project, sheet)| (project, sheet)));
    let answers = collection::answer(collection, &rows).map_err(|error| anyhow!("{error:?}"))?;
    let tables = EgressContract::default().withhold(collection, answers);
    Ok(tables.into_iter().map(|(answer, withheld)| ReportTable { answer, withheld }).collect())
}

/// That answer as a county's first report, to a collection of this release.
///
/// # Errors
/// As [`answer`].
pub fn first_report(
    county: &RegionCode,
    (collection, release): (&Collection, CollectionRef),
    computed_at: Moment,
) -> Result<Report> {
    let tables = answer(county, collection)?;
    let rules = vec![rule_ref(&release.publisher)];
    Ok(Report {
        collection: collection.id.clone(),
        collection_release: release,
        region: county.clone(),
        period: "2024".into(),
        revision: 1,
        replaces: Digest::NONE,
        tables,
        rules,
        computed_at,
        approved_by: "审核-002".into(),
    })
}
