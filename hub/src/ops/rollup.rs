//! 汇总: the city's figures out of the reports that count, with who is missing and how each figure came about.

use serde::Serialize;
use tongpin_domain::csv_file;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::report::Report;
use tongpin_domain::rollup::{
    Basis, FundRollup, Method, RegionLine, RegionRollup, fund_csv, region_csv, scores_first, values_first,
};
use tongpin_domain::rules::RuleSet;
use tongpin_domain::score::RuleRef;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;

pub(crate) mod explain;
pub(crate) mod measure;
mod tables;

pub(crate) use tables::{RolledUp, region_note};

/// The figures, by method.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Figures {
    /// 先评分后加权
    Regions(RegionRollup),
    /// 先汇总后评分
    Funds(FundRollup),
}

/// A roll-up with all it rests on.
pub(crate) struct Computed {
    /// The reports.
    pub(crate) evidence: Collected,
    /// The method.
    pub(crate) method: Method,
    /// The rules by which it was finished.
    pub(crate) rules: RuleSet,
    /// The figures.
    pub(crate) figures: Figures,
}

impl Figures {
    /// The rules and what was withheld.
    pub(crate) fn basis(&self) -> &Basis {
        match self {
            Self::Regions(rollup) => &rollup.basis,
            Self::Funds(rollup) => &rollup.basis,
        }
    }

    /// As offices exchange them, to be opened by a spreadsheet.
    pub(crate) fn csv(&self) -> Vec<u8> {
        csv_file::marked(&match self {
            Self::Regions(rollup) => region_csv(&rollup.lines),
            Self::Funds(rollup) => fund_csv(&rollup.lines),
        })
    }
}

/// Rolls up what was reported for a collection.
///
/// # Errors
/// There is no such collection, or its reports cannot be rolled up.
pub(crate) async fn compute(app: &App, id: &str) -> Result<Computed, Failure> {
    finish(app, Collected::gather(app, id).await?).await
}

/// A roll-up for a page: head and rows.
///
/// # Errors
/// As [`compute`].
pub(crate) async fn rolled_up(app: &App, id: &str) -> Result<RolledUp, Failure> {
    Ok(RolledUp::new(compute(app, id).await?))
}

/// The regions' scores for a picture, the parent's last; `None` if the collection is rolled up otherwise.
///
/// # Errors
/// As [`compute`].
pub(crate) async fn region_lines(app: &App, id: &str) -> Result<Option<Vec<RegionLine>>, Failure> {
    match compute(app, id).await?.figures {
        Figures::Regions(rollup) => Ok(Some(rollup.lines)),
        Figures::Funds(_) => Ok(None),
    }
}

/// Computes the figures by the method that the collection is made for.
///
/// # Errors
/// No method fits, a rule set is missing, or the reports cannot be merged.
pub(crate) async fn finish(app: &App, evidence: Collected) -> Result<Computed, Failure> {
    let id = &evidence.collection.id;
    let Some(method) = Method::of(&evidence.collection) else {
        return Err(Failure::input(
            format!("归集任务“{id}”的表不适用任何一种内置的汇总方法；可用 collect show {id} 查看上报"),
            format!("no built-in method rolls the tables of {id:?} up; see collect show {id}"),
        ));
    };
    let reports = evidence.reports();
    let rules = rules(app, &evidence, &reports).await?;
    let figures = match method {
        Method::ScoresFirst => {
            let rollup = scores_first(&reports, &app.site.region(), &evidence.regions, &rules)?;
            Figures::Regions(rollup.of_asked(&evidence.coverage))
        }
        Method::ValuesFirst => {
            let library = app.library().await?;
            Figures::Funds(values_first(&reports, &evidence.regions, &library, &rules)?)
        }
    };
    Ok(Computed { evidence, method, rules, figures })
}

/// The rule set of the newest release that results were computed under, or the published one while there are none.
/// Where results of several releases meet, the answer says so.
///
/// # Errors
/// There is no such rule set, or the database cannot be read.
pub(crate) async fn rules(app: &App, evidence: &Collected, reports: &[&Report]) -> Result<RuleSet, Failure> {
    let named = reports.iter().flat_map(|report| &report.rules);
    let newest = named.max_by_key(|rules: &&RuleRef| (rules.release, rules.publisher == app.site.region()));
    match newest {
        Some(newest) => app.rules_at(newest).await,
        None => app.rules_for(&evidence.collection).await,
    }
}

/// Which rule sets stand behind figures: `规则第 2 版`.
pub(crate) fn rules_text(rules: &[RuleRef], lang: Lang) -> String {
    let one = |rules: &RuleRef| match lang {
        Lang::Zh => format!("{}（第 {} 版）", rules.key, rules.release),
        Lang::En => format!("{} (release {})", rules.key, rules.release),
    };
    let all: Vec<String> = rules.iter().map(one).collect();
    if all.is_empty() { "—".to_owned() } else { all.join(lang.pick("、", ", ")) }
}

/// The method's name as a heading says it.
pub(crate) fn method_text(method: Method, lang: Lang) -> String {
    method.say(lang)
}
