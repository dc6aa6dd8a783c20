//! Scores first (先评分后加权): county scores weighted by adjusted budget, and the parent's by the same formula over
//! projects, which is not the mean of the counties' means.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::{Basis, Coverage, Merged, REGIONS, RollupError, RollupStep, children, no_region_twice, set_aside};
use crate::money::Fen;
use crate::region::{RegionCode, Regions};
use crate::report::Report;
use crate::rules::RuleSet;

/// The figures of a region that has reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegionFigures {
    /// 项目数
    pub projects: u64,
    /// 已评分项目数
    pub projects_scored: u64,
    /// 全年预算数 of all projects
    pub budget_total: Fen,
    /// 全年预算数 of rated projects
    pub budget_scored: Fen,
    /// 覆盖率 in percent: the rated projects' share of the budget; none without a budget
    pub coverage_pct: Option<Decimal>,
    /// 加权得分; none if no budget stands behind a rated project
    pub weighted_score: Option<Decimal>,
    /// 简单平均, for contrast
    pub simple_mean: Option<Decimal>,
    /// 评级 of the weighted score
    pub rating: Option<String>,
}

/// One line of a league table. Without a report there are no figures, which is not zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegionLine {
    /// 区划代码
    pub region: RegionCode,
    /// 区划名称
    pub name: String,
    /// 曾用代码: the codes it had before, under which it may have reported.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub formerly: Vec<RegionCode>,
    /// What its report says.
    pub figures: Option<RegionFigures>,
    /// 排名 among the regions whose coverage reaches the rule set's threshold; equal scores share a rank.
    pub rank: Option<usize>,
    /// 规则版本不一: its records were scored under more than one rule set.
    pub mixed_rules: bool,
    /// How the figures came about.
    pub steps: Vec<RollupStep>,
}

/// 区县得分汇总
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegionRollup {
    /// One line a region, by code, then the parent's own.
    pub lines: Vec<RegionLine>,
    /// What it rests on.
    pub basis: Basis,
}

impl RegionLine {
    /// Why its report came and is not counted, if that is so.
    #[must_use]
    pub fn why_left_out(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| match step {
            RollupStep::LeftOut { reason } => Some(reason.as_str()),
            _ => None,
        })
    }

    /// Whether its report came and waits for a person.
    #[must_use]
    pub fn awaits_review(&self) -> bool {
        self.steps.contains(&RollupStep::AwaitsReview)
    }
}

impl RegionRollup {
    /// The same for those who are asked: a region that is not asked is no missing one and has no line, and one whose
    /// report waits for a person says so.
    #[must_use]
    pub fn of_asked(mut self, coverage: &Coverage) -> Self {
        let parent = self.lines.pop();
        self.lines.retain(|line| coverage.everyone().any(|unit| unit.code == line.region));
        for line in self.lines.iter_mut().filter(|line| coverage.only_awaits(&line.region)) {
            line.steps = vec![RollupStep::AwaitsReview];
        }
        for line in self.lines.iter_mut().filter(|line| line.figures.is_none()) {
            if let Some(reason) = coverage.why_left_out(&line.region) {
                line.steps = vec![RollupStep::LeftOut { reason: reason.to_owned() }];
            }
        }
        self.lines.extend(parent);
        self
    }
}

/// Rolls up the newest accepted report of each region below `parent`.
///
/// # Errors
/// [`RollupError`] if the reports don't answer a collection of this method.
pub fn scores_first(
    reports: &[&Report],
    parent: &RegionCode,
    regions: &Regions,
    rules: &RuleSet,
) -> Result<RegionRollup, RollupError> {
    no_region_twice(reports, regions)?;
    let by_region: BTreeMap<RegionCode, &Report> =
        reports.iter().map(|report| (regions.current(&report.region), *report)).collect();
    let mut codes = children(regions, parent);
    codes.extend(by_region.keys().cloned());
    codes.sort();
    codes.dedup();
    let line = |code: &RegionCode, reports: &[&Report]| region_line(code, reports, regions, rules);
    let mut lines = Vec::new();
    for code in &codes {
        let own: Vec<&Report> = by_region.get(code).copied().into_iter().collect();
        lines.push(line(code, &own)?);
    }
    rank(&mut lines, rules);
    lines.push(line(parent, reports)?);
    Ok(RegionRollup { lines, basis: Basis::of(reports) })
}

fn region_line(
    code: &RegionCode,
    reports: &[&Report],
    regions: &Regions,
    rules: &RuleSet,
) -> Result<RegionLine, RollupError> {
    let mut line = RegionLine {
        region: code.clone(),
        name: regions.name(code),
        formerly: regions.formerly(code),
        figures: None,
        rank: None,
        mixed_rules: Basis::of(reports).mixed_rules(),
        steps: vec![RollupStep::NotReported],
    };
    if !reports.is_empty() {
        let merged = merge_all(code, reports)?;
        let (figures, steps) = set_aside(figures(&merged, rules))?.unzip();
        line.figures = figures;
        line.steps = steps.unwrap_or_else(|| vec![RollupStep::Unmergeable]);
    }
    Ok(line)
}

/// All groups of the reports as one, beginning with nothing, so that a county without projects has figures too.
fn merge_all(code: &RegionCode, reports: &[&Report]) -> Result<Merged, RollupError> {
    let (table, measures) = REGIONS;
    let mut all = Merged::empty(table, code.to_string(), measures);
    for report in reports {
        let answer = report.table(table).ok_or(RollupError::Missing { table, measure: table })?;
        answer.groups.iter().for_each(|group| all.add(&group.measures));
    }
    Ok(all)
}

fn figures(merged: &Merged, rules: &RuleSet) -> Result<(RegionFigures, Vec<RollupStep>), RollupError> {
    let round = |exact: Option<Decimal>| exact.map(|value| rules.rounding.round(value));
    let quotient = |dividend: Decimal, divisor: Decimal| dividend.checked_div(divisor);
    let (projects, projects_scored) = (merged.count("projects")?, merged.count("projects_scored")?);
    let (budget_total, budget_scored) = (merged.fen("budget")?, merged.fen("budget_scored")?);
    let scored_pct = budget_scored.yuan().checked_mul(Decimal::ONE_HUNDRED).ok_or_else(|| merged.out_of_range())?;
    let weighted_score = round(merged.mean("score_by_budget")?);
    let figures = RegionFigures {
        projects,
        projects_scored,
        budget_total,
        budget_scored,
        coverage_pct: round(quotient(scored_pct, budget_total.yuan())),
        weighted_score,
        simple_mean: round(quotient(merged.sum("score_sum")?, Decimal::from(projects_scored))),
        rating: weighted_score.and_then(|score| rules.rating(score)).map(|band| band.word.clone()),
    };
    let mut steps = vec![RollupStep::Coverage {
        scored: projects_scored,
        projects,
        budget_scored,
        budget_total,
        coverage_pct: figures.coverage_pct,
    }];
    if let Some(score) = weighted_score {
        steps.push(RollupStep::WeightedScore { budget_scored, score, simple_mean: figures.simple_mean });
    }
    Ok((figures, steps))
}

/// Ranks the lines that are covered well enough, by the published score.
fn rank(lines: &mut [RegionLine], rules: &RuleSet) {
    let threshold = rules.ranking.coverage_pct;
    let score = |line: &RegionLine| {
        let figures = line.figures.as_ref()?;
        let scored = figures.budget_scored.yuan().checked_mul(Decimal::ONE_HUNDRED)?;
        let due = figures.budget_total.yuan().checked_mul(threshold)?;
        figures.weighted_score.filter(|_| scored >= due)
    };
    let scores: Vec<Decimal> = lines.iter().filter_map(score).collect();
    for line in lines {
        match score(line) {
            Some(own) => line.rank = Some(1 + scores.iter().filter(|other| **other > own).count()),
            None if line.figures.is_some() => line.steps.push(RollupStep::NotRanked { threshold }),
            None => {}
        }
    }
}
