//! One indicator line: its formula, the cut for a target that was set too low, and what is still owed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::formula::formula_of;
use super::{Flag, Line, LineScore, Notice, Outcome, Status, formula_score, ruling};
use crate::number::TypedValue;
use crate::project::ProjectIndicator;
use crate::review::Decision;
use crate::rules::{OverStep, RuleSet};

/// Scores a line, and gives its flags as they are, for the project to choose from.
///
/// A line that waits for a person is scored as the `decision` says that is in force for it; its texts stay what they
/// are.
pub(super) fn score_line(
    indicator: &ProjectIndicator,
    decision: Option<&Decision>,
    rules: &RuleSet,
) -> (LineScore, BTreeSet<Flag>) {
    let mut outcome = formula_score(&Line::of(indicator), rules);
    let decision = decision.filter(|_| outcome.status == Status::Review);
    let decided = decision.and_then(|decision| ruling::apply(indicator, decision, &outcome, rules));
    let mut read = Cow::Borrowed(indicator);
    let mut decision_used = None;
    if let Some((scored, line)) = decided {
        outcome = scored;
        read = Cow::Owned(line);
        decision_used = decision.cloned();
    }
    over_achievement(&read, rules, &mut outcome);
    let reason_missing = reason_due(indicator, rules, &outcome) && indicator.deviation_reason.trim().is_empty();
    if reason_missing {
        outcome.flags.insert(Flag::ReasonMissing);
        outcome.steps.push(Notice::ReasonDue.into());
    }
    compare_self_score(indicator, rules, &mut outcome);
    let score = LineScore {
        seq: indicator.seq,
        indicator_code: indicator.indicator_code.clone(),
        name: indicator.name.clone(),
        unit: indicator.unit.clone(),
        nature: indicator.nature.clone(),
        rule_type: indicator.rule_type.clone(),
        rule_params: indicator.rule_params.clone(),
        weight: indicator.weight,
        target: indicator.target.clone(),
        actual: indicator.actual.clone(),
        score: outcome.score,
        proposed: outcome.proposed,
        self_score: indicator.self_score,
        status: outcome.status,
        flags: outcome.flags.iter().map(Flag::code).collect::<BTreeSet<_>>().into_iter().collect(),
        steps: outcome.steps,
        reason_missing,
        decision: decision_used,
    };
    (score, outcome.flags)
}

/// 超额完成: flagged at once, cut only where a reviewer confirmed that the target was set low (指标值设定偏低).
fn over_achievement(indicator: &ProjectIndicator, rules: &RuleSet, outcome: &mut Outcome) {
    let (Some(score), Some(step), Some(ratio)) = (outcome.score, step_reached(indicator, rules), ratio(indicator))
    else {
        return;
    };
    outcome.flags.insert(Flag::OverAchieved);
    outcome.steps.push(Notice::OverAchieved { ratio, above: step.above, cut_pct: step.cut_pct }.into());
    if !indicator.low_target_confirmed {
        return;
    }
    let Some(cut) = indicator.weight.checked_mul(step.cut_pct).map(|product| product / Decimal::ONE_HUNDRED) else {
        return;
    };
    let left = rules.rounding.round((score - cut).max(Decimal::ZERO));
    outcome.score = Some(left);
    outcome.flags.insert(Flag::LowTargetCut);
    outcome.steps.push(Notice::LowTargetCut { weight: indicator.weight, cut_pct: step.cut_pct, score: left }.into());
}

/// The highest step that the actual lies above. Compared as products, so that a ratio of exactly 2 is not above 2.
fn step_reached<'a>(indicator: &ProjectIndicator, rules: &'a RuleSet) -> Option<&'a OverStep> {
    let formula = formula_of(&indicator.rule_type, rules)?;
    if !rules.over_achievement.formulas.contains(&formula) {
        return None;
    }
    let (target, actual) = numbers(indicator)?;
    if target <= Decimal::ZERO {
        return None;
    }
    let above = |step: &&OverStep| target.checked_mul(step.above).is_some_and(|bound| actual > bound);
    rules.over_achievement.steps.iter().filter(above).max_by_key(|step| step.above)
}

/// Target and actual as they are in the line's unit.
fn numbers(indicator: &ProjectIndicator) -> Option<(Decimal, Decimal)> {
    match (indicator.target.value_in(&indicator.unit), indicator.actual.value_in(&indicator.unit)) {
        (TypedValue::Number(target), TypedValue::Number(actual)) => Some((target, actual)),
        _ => None,
    }
}

/// actual ÷ target to four places, for showing only.
fn ratio(indicator: &ProjectIndicator) -> Option<Decimal> {
    let (target, actual) = numbers(indicator)?;
    actual.checked_div(target).map(|ratio| ratio.round_dp(4))
}

/// 偏差原因 is due for whatever the rule set names, and for a line that waits for a person because it was not met.
fn reason_due(indicator: &ProjectIndicator, rules: &RuleSet, outcome: &Outcome) -> bool {
    let not_met = [Flag::NegativeTarget, Flag::ZeroTarget, Flag::DiffReview];
    let below = outcome.score.is_some_and(|score| score < indicator.weight)
        || not_met.iter().any(|flag| outcome.flags.contains(flag));
    (rules.reasons.below_full && below) || (rules.reasons.over_achieved && outcome.flags.contains(&Flag::OverAchieved))
}

/// 自评得分 is a fact of its own: a difference is shown, neither side is changed.
fn compare_self_score(indicator: &ProjectIndicator, rules: &RuleSet, outcome: &mut Outcome) {
    let (Some(reported), Some(computed)) = (indicator.self_score, outcome.score) else { return };
    let apart = reported.checked_sub(computed).map_or(Decimal::MAX, |difference| difference.abs());
    if apart > rules.reasons.self_score_tolerance {
        outcome.flags.insert(Flag::SelfScoreMismatch);
        outcome.steps.push(Notice::SelfScoreDiffers { reported, computed }.into());
    }
}
