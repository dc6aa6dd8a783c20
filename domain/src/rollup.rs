//! Roll-ups (汇总): finished figures out of the mergeable partials that children reported.
//!
//! Two methods, which give different answers: *scores first* (先评分后加权) for regions, *values first* (先汇总后评分)
//! for funds. A missing report is never a zero, and every line can say how it came about.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::collection::Collection;
use crate::egress::Withheld;
use crate::lang::{Lang, Say};
use crate::partial::{MeasureKind, PartialError};
use crate::region::{RegionCode, Regions};
use crate::report::Report;
use crate::score::RuleRef;

mod coverage;
mod csv_form;
mod fund;
mod line;
mod merged;
mod note;
mod pivot;
mod region;

pub use coverage::{Coverage, LeftOut, Returned, Unit, coverage};
pub use csv_form::{fund_csv, region_csv};
pub use fund::{FundRollup, values_first};
pub use line::{Aggregate, EXECUTION, FundLine};
pub use note::{Note, RollupStep};
pub use pivot::{By, PivotLine, execution_measures, pivot, poolable};
pub use region::{RegionFigures, RegionLine, RegionRollup, scores_first};

use merged::{Merged, merge, set_aside};

/// How a collection is rolled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// 先评分后加权: a table `regions` of scored projects.
    ScoresFirst,
    /// 先汇总后评分: tables `funds` and `lines`.
    ValuesFirst,
}

use MeasureKind::{Count, Max, Min, Sum, Weighted};

const REGIONS: (&str, &[(&str, MeasureKind)]) = (
    "regions",
    &[
        ("projects", Count),
        ("projects_scored", Count),
        ("budget", Sum),
        ("budget_scored", Sum),
        ("score_by_budget", Weighted),
        ("score_sum", Sum),
    ],
);

const FUNDS: (&str, &[(&str, MeasureKind)]) =
    ("funds", &[("projects", Count), ("projects_used", Count), ("budget", Sum), ("executed", Sum)]);

const LINES: (&str, &[(&str, MeasureKind)]) = (
    "lines",
    &[
        ("first_seq", Min),
        ("weight_min", Min),
        ("weight_max", Max),
        ("weight_by_budget", Weighted),
        ("numbers", Count),
        ("target_sum", Sum),
        ("actual_sum", Sum),
        ("numbers_weighted", Count),
        ("target_by_budget", Weighted),
        ("actual_by_budget", Weighted),
        ("days", Count),
        ("target_latest", Max),
        ("actual_latest", Max),
        ("scores", Count),
        ("score_by_budget", Weighted),
    ],
);

/// The groupings of the table `lines`.
const LINE_KEYS: [&str; 6] = ["fund_code", "indicator_code", "unit", "nature", "rule_type", "rule_params"];

impl Method {
    /// The method that a collection's tables are made for; `None` if they suit neither.
    #[must_use]
    pub fn of(collection: &Collection) -> Option<Self> {
        let has = |(id, measures): (&str, &[(&str, MeasureKind)]), keys: &[&str]| {
            collection.table(id).is_some_and(|table| {
                let kind = |id: &str| table.measures.iter().find(|measure| measure.id == id).map(|found| found.kind);
                table.group_by == keys && measures.iter().all(|(id, wanted)| kind(id) == Some(*wanted))
            })
        };
        if has(REGIONS, &["region"]) {
            Some(Self::ScoresFirst)
        } else if has(FUNDS, &["fund_code"]) && has(LINES, &LINE_KEYS) {
            Some(Self::ValuesFirst)
        } else {
            None
        }
    }
}

impl Method {
    /// What a report lacks to be rolled up by this method; `None` if nothing.
    #[must_use]
    pub fn lacks(self, report: &Report) -> Option<RollupError> {
        let tables: &[(&'static str, &[(&'static str, MeasureKind)])] = match self {
            Self::ScoresFirst => &[REGIONS],
            Self::ValuesFirst => &[FUNDS, LINES],
        };
        tables.iter().find_map(|(table, measures)| {
            let Some(answer) = report.table(table) else {
                return Some(RollupError::Missing { table, measure: table });
            };
            let has =
                |id: &str, kind| answer.groups.iter().all(|it| it.measures.get(id).is_some_and(|it| it.kind() == kind));
            let missing = measures.iter().find(|(id, kind)| !has(id, *kind))?;
            Some(RollupError::Missing { table, measure: missing.0 })
        })
    }
}

impl Say for Method {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::ScoresFirst => lang.pick("先评分后加权", "scores first, then weighted"),
            Self::ValuesFirst => lang.pick("先汇总后评分", "values first, then scored"),
        }
        .to_owned()
    }
}

/// Reports can't be rolled up, or a group of them can't: such a group is set aside and shown as a line without
/// figures, and the others go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RollupError {
    /// Two reports of one region: only the newest accepted revision counts, so this is the caller's mistake.
    #[error("two reports of {0}")]
    Twice(RegionCode),
    /// A table or measure that this roll-up needs isn't there.
    #[error("table {table:?} has no {measure:?} of the right kind")]
    Missing {
        /// The table.
        table: &'static str,
        /// The measure, or the table itself.
        measure: &'static str,
    },
    /// Partials can't be merged.
    #[error("group {group:?} of table {table:?} cannot be merged")]
    Merge {
        /// The table.
        table: &'static str,
        /// The group's keys.
        group: String,
        /// Why.
        source: PartialError,
    },
    /// A figure is too large to be finished.
    #[error("a figure of group {group:?} is out of range")]
    OutOfRange {
        /// The group.
        group: String,
    },
}

impl Say for RollupError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Twice(region), Lang::Zh) => format!("{region} 有两份上报，无法汇总"),
            (Self::Missing { table, measure }, Lang::Zh) => {
                format!("上报的表“{table}”缺少汇总要用的“{measure}”，请核对归集任务")
            }
            (Self::Merge { table, group, source }, Lang::Zh) => {
                format!("表“{table}”分组“{group}”无法合并：{}", source.say(lang))
            }
            (Self::OutOfRange { group }, Lang::Zh) => format!("“{group}”的数值超出可计算的范围"),
            (Self::Merge { source, .. }, Lang::En) => format!("{self}: {}", source.say(lang)),
            (_, Lang::En) => self.to_string(),
        }
    }
}

/// What a roll-up rests on, beside the figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// Every rule set that reported records were scored under, sorted. More than one: results under different rules
    /// stand side by side, and a reader must be told.
    pub rules: Vec<RuleRef>,
    /// What children held back because of small groups.
    pub withheld: Withheld,
}

impl Basis {
    fn of(reports: &[&Report]) -> Self {
        let rules: BTreeSet<&RuleRef> = reports.iter().flat_map(|report| &report.rules).collect();
        let withheld = reports.iter().flat_map(|report| &report.tables).map(|table| table.withheld);
        let sum = |sum: Withheld, one: Withheld| Withheld {
            groups: sum.groups.saturating_add(one.groups),
            records: sum.records.saturating_add(one.records),
        };
        Self { rules: rules.into_iter().cloned().collect(), withheld: withheld.fold(Withheld::default(), sum) }
    }

    /// 规则版本不一: results under different rules were put together.
    #[must_use]
    pub fn mixed_rules(&self) -> bool {
        self.rules.len() > 1
    }
}

/// The county-level divisions right below a parent, by code: whose reports a roll-up waits for.
#[must_use]
pub fn children(regions: &Regions, parent: &RegionCode) -> Vec<RegionCode> {
    let below = |region: &&crate::region::Region| region.parent_code == *parent && region.code != *parent;
    regions.iter().filter(below).map(|region| region.code.clone()).collect()
}

fn no_region_twice(reports: &[&Report], regions: &Regions) -> Result<(), RollupError> {
    let mut seen = BTreeSet::new();
    match reports.iter().find(|report| !seen.insert(regions.current(&report.region))) {
        Some(report) => Err(RollupError::Twice(report.region.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
