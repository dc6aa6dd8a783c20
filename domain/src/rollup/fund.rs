//! Values first (先汇总后评分): a fund's targets and actuals are put together over all regions, and scored once.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::line::{Aggregate, EXECUTION, FundLine, four_places};
use super::{Basis, FUNDS, LINES, Merged, Note, RollupError, RollupStep, merge, no_region_twice, set_aside};
use crate::indicator::{Aggregation, Indicator};
use crate::number::{TypedValue, half_width};
use crate::partial::Value;
use crate::region::Regions;
use crate::report::Report;
use crate::rules::RuleSet;
use crate::score::{Line, Outcome, Reading, Status, execution, formula_score};

/// 专项资金汇总
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FundRollup {
    /// By fund: the execution rate first, then the indicators in the order of the goals.
    pub lines: Vec<FundLine>,
    /// What it rests on.
    pub basis: Basis,
}

/// How one variant of an indicator is scored and measured. Lines of one indicator should have one variant only.
struct Variant<'a> {
    unit: &'a str,
    nature: &'a str,
    rule_type: &'a str,
    rule_params: &'a str,
    merged: &'a Merged,
}

/// Rolls up the newest accepted report of each region.
///
/// # Errors
/// [`RollupError`] if the reports don't answer a collection of this method.
pub fn values_first(
    reports: &[&Report],
    regions: &Regions,
    library: &[Indicator],
    rules: &RuleSet,
) -> Result<FundRollup, RollupError> {
    no_region_twice(reports, regions)?;
    let library: BTreeMap<&str, &Indicator> =
        library.iter().map(|indicator| (indicator.code.as_str(), indicator)).collect();
    let mut totals: BTreeMap<String, u64> = BTreeMap::new();
    let mut lines: Vec<((String, u8, u64, String), FundLine)> = Vec::new();
    for (keys, merged) in merge(reports, FUNDS.0)? {
        let fund = keys.into_iter().next().unwrap_or_default();
        let total = set_aside(merged.count("projects"))?;
        totals.extend(total.map(|total| (fund.clone(), total)));
        let bare = FundLine::new(&fund, EXECUTION, total);
        let line = set_aside(execution_line(bare.clone(), &merged, rules))?.unwrap_or_else(|| unmergeable(bare));
        lines.push(((fund, 0, 0, String::new()), line));
    }
    let groups = merge(reports, LINES.0)?;
    let mut indicators: BTreeMap<(&str, &str), Vec<Variant<'_>>> = BTreeMap::new();
    for (keys, merged) in &groups {
        let [fund, code, unit, nature, rule_type, rule_params] = keys.as_slice() else { continue };
        let variant = Variant { unit, nature, rule_type, rule_params, merged };
        indicators.entry((fund, code)).or_default().push(variant);
    }
    for ((fund, code), variants) in indicators {
        let bare = FundLine::new(fund, code, totals.get(fund).copied());
        let indicator = library.get(code).copied();
        let line = set_aside(indicator_line(bare.clone(), &variants, indicator, rules))?;
        let (seq, line) = line.unwrap_or_else(|| (u64::MAX, unmergeable(bare)));
        lines.push(((fund.to_owned(), 1, seq, code.to_owned()), line));
    }
    lines.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(FundRollup { lines: lines.into_iter().map(|(_, line)| line).collect(), basis: Basis::of(reports) })
}

/// One line that can't be put together is set aside and shown; the others go on.
fn unmergeable(line: FundLine) -> FundLine {
    FundLine { notes: vec![Note::Unmergeable], ..line }
}

/// 预算执行率 of a fund: Σ executed ÷ Σ budget.
fn execution_line(mut line: FundLine, merged: &Merged, rules: &RuleSet) -> Result<FundLine, RollupError> {
    "预算执行率".clone_into(&mut line.name);
    line.method = Some(Aggregation::Sum);
    line.weight = Some(rules.execution.weight);
    line.projects_used = merged.count("projects_used")?;
    if line.projects_used == 0 {
        line.notes.push(Note::NothingUsable);
        return Ok(line);
    }
    let (budget, executed) = (merged.fen("budget")?, merged.fen("executed")?);
    line.target = Some(Aggregate::Money(budget));
    line.actual = Some(Aggregate::Money(executed));
    line.steps.push(aggregated(&line, Aggregation::Sum));
    let scored = execution(budget, executed, rules);
    line.score = scored.score;
    if scored.not_applicable {
        line.notes.push(Note::NotApplicable);
    } else if scored.score.is_none() {
        line.notes.push(Note::ForReview);
    }
    line.steps.extend(scored.steps.into_iter().map(|formula| RollupStep::Scored { formula }));
    Ok(line)
}

fn aggregated(line: &FundLine, method: Aggregation) -> RollupStep {
    RollupStep::Aggregated {
        method,
        used: line.projects_used,
        total: line.projects_total,
        target: line.target,
        actual: line.actual,
    }
}

/// All variants of one indicator as one line, and its place within the fund.
fn indicator_line(
    mut line: FundLine,
    variants: &[Variant<'_>],
    indicator: Option<&Indicator>,
    rules: &RuleSet,
) -> Result<(u64, FundLine), RollupError> {
    let whole = together(variants, &line);
    let seq = whole.extreme("first_seq")?.and_then(Value::number).and_then(|seq| seq.to_u64()).unwrap_or(u64::MAX);
    set_weight(&mut line, &whole)?;
    let Some(indicator) = indicator else {
        line.notes.push(Note::NotInLibrary);
        return Ok((seq, line));
    };
    let method = indicator.agg_method;
    line.name.clone_from(&indicator.name);
    line.method = Some(method);
    let mut used = Vec::new();
    for variant in variants {
        if variant.merged.count(used_measure(method))? > 0 {
            used.push(variant);
        }
    }
    line.projects_used = whole.count(used_measure(method))?;
    if used.is_empty() {
        line.notes.push(Note::NothingUsable);
        return Ok((seq, line));
    }
    if method == Aggregation::QualitativeMean {
        qualitative(&mut line, &whole, rules)?;
        return Ok((seq, line));
    }
    let units: BTreeSet<&str> = used.iter().map(|variant| variant.unit).collect();
    if units.len() > 1 && method != Aggregation::Latest {
        line.notes.push(Note::MixedUnits { units: units.into_iter().map(str::to_owned).collect() });
        return Ok((seq, line));
    }
    let values = put_together(method, &whole)?;
    let Some((target, actual)) = values else {
        line.notes.push(Note::NoBudget);
        return Ok((seq, line));
    };
    line.target = Some(target);
    line.actual = Some(actual);
    line.steps.push(aggregated(&line, method));
    score_values(&mut line, &used, indicator, (target, actual), rules);
    Ok((seq, line))
}

/// The measure that counts the usable values of a method.
fn used_measure(method: Aggregation) -> &'static str {
    match method {
        Aggregation::Sum => "numbers",
        Aggregation::WeightedMean => "numbers_weighted",
        Aggregation::QualitativeMean => "scores",
        Aggregation::Latest => "days",
    }
}

fn together(variants: &[Variant<'_>], line: &FundLine) -> Merged {
    let mut all = Merged::new(LINES.0, format!("{}/{}", line.fund_code, line.indicator_code));
    for variant in variants {
        all.merge(variant.merged);
    }
    all
}

/// 分值: the one that all lines have, else the mean by budget, with a note. Lines of projects with data errors don't
/// take part.
fn set_weight(line: &mut FundLine, whole: &Merged) -> Result<(), RollupError> {
    let bound = |id| Ok(whole.extreme(id)?.and_then(Value::number));
    let (Some(from), Some(to)) = (bound("weight_min")?, bound("weight_max")?) else { return Ok(()) };
    if from == to {
        line.weight = Some(from);
    } else {
        line.weight = whole.mean("weight_by_budget")?.map(|mean| {
            mean.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero).normalize()
        });
        line.notes.push(Note::MixedWeights { from, to });
    }
    Ok(())
}

/// Target and actual of the whole; none if there is no budget to weigh by.
fn put_together(method: Aggregation, whole: &Merged) -> Result<Option<(Aggregate, Aggregate)>, RollupError> {
    let number = |value: Option<Decimal>| value.map(Aggregate::Number);
    let day = |id| Ok(whole.extreme(id)?.and_then(Value::date).map(Aggregate::Date));
    let (target, actual) = match method {
        Aggregation::Sum => (number(Some(whole.sum("target_sum")?)), number(Some(whole.sum("actual_sum")?))),
        Aggregation::WeightedMean => (number(whole.mean("target_by_budget")?), number(whole.mean("actual_by_budget")?)),
        Aggregation::Latest => (day("target_latest")?, day("actual_latest")?),
        Aggregation::QualitativeMean => (None, None),
    };
    Ok(target.zip(actual))
}

/// 定性加权: scores are weighted, values aren't.
fn qualitative(line: &mut FundLine, whole: &Merged, rules: &RuleSet) -> Result<(), RollupError> {
    line.steps.push(aggregated(line, Aggregation::QualitativeMean));
    match (whole.mean("score_by_budget")?, line.weight) {
        (Some(mean), Some(weight)) => {
            let score = rules.rounding.round(mean).min(weight);
            line.score = Some(score);
            line.steps.push(RollupStep::QualitativeScore { score, weight });
        }
        _ => line.notes.push(Note::NoBudget),
    }
    Ok(())
}

/// Applies the formula once to the values put together: no cut for over-achievement, never above the weight.
fn score_values(
    line: &mut FundLine,
    used: &[&Variant<'_>],
    indicator: &Indicator,
    values: (Aggregate, Aggregate),
    rules: &RuleSet,
) {
    let Some(weight) = line.weight else {
        line.notes.push(Note::NoBudget);
        return;
    };
    let methods: BTreeSet<_> =
        used.iter().map(|variant| (variant.rule_type, variant.rule_params, variant.nature)).collect();
    let own = (indicator.rule_type.as_str(), indicator.rule_params.as_str(), indicator.nature.as_str());
    let (rule_type, rule_params, nature) = match methods.first() {
        Some(only) if methods.len() == 1 => *only,
        _ => own,
    };
    if methods.len() > 1 {
        let told = methods.iter().map(|(rule, params, nature)| format!("{nature} {rule} {params}").trim().to_owned());
        line.notes.push(Note::MixedMethods { methods: told.collect() });
    }
    let score = |(target, actual): (TypedValue, TypedValue)| {
        let (target, actual) = (Reading::computed(target), Reading::computed(actual));
        let rule_params = half_width(rule_params);
        formula_score(
            &Line { rule_type, rule_params: &rule_params, nature, target, actual, qual_pct: None, weight },
            rules,
        )
    };
    let exact = score((reading(values.0, false), reading(values.1, false)));
    // The explanation shows four decimals, as the file does, wherever that gives the same score.
    let shown = score((reading(values.0, true), reading(values.1, true)));
    let Outcome { steps, .. } = if shown.score == exact.score { shown } else { exact.clone() };
    line.score = exact.score;
    if exact.status != Status::Scored {
        line.notes.push(Note::ForReview);
    }
    line.steps.extend(steps.into_iter().map(|formula| RollupStep::Scored { formula }));
}

fn reading(value: Aggregate, rounded: bool) -> TypedValue {
    match value {
        Aggregate::Money(fen) => TypedValue::Number(fen.yuan()),
        Aggregate::Number(number) if rounded => TypedValue::Number(four_places(number).normalize()),
        Aggregate::Number(number) => TypedValue::Number(number),
        Aggregate::Date(date) => TypedValue::Date(date),
    }
}
