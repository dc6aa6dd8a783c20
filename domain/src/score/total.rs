//! The total and its rating, or why there is none.

use rust_decimal::Decimal;

use super::{Execution, Flag, LineScore, Status, Step, Summing};
use crate::rules::RuleSet;

/// What the lines and the execution rate come to.
pub(super) struct Total {
    pub(super) indicator_sum: Decimal,
    pub(super) unscored: u32,
    pub(super) points: Option<Decimal>,
    pub(super) rating: Option<String>,
    pub(super) status: Status,
    pub(super) flags: Vec<Flag>,
    pub(super) steps: Vec<Step>,
}

/// Adds up. The total is the exact sum of rounded lines, and the band is decided on that total.
pub(super) fn total(execution: &Execution, lines: &[LineScore], rules: &RuleSet) -> Total {
    let scores = lines.iter().filter_map(|line| line.score);
    let sum = checked_sum(scores).map(|sum| rules.rounding.round(sum));
    let open = lines.iter().filter(|line| line.score.is_none()).count();
    let unscored = u32::try_from(open).unwrap_or(u32::MAX);
    let of_lines = lines.iter().map(|line| line.status).max().unwrap_or(Status::Scored);
    let mut status = execution.status.max(of_lines);
    let mut flags = Vec::new();
    let mut steps = Vec::new();

    let weights = checked_sum(lines.iter().map(|line| line.weight));
    if weights != Some(rules.indicators.weight_total) {
        status = Status::DataError;
        let with_execution = weights.and_then(|weights| weights.checked_add(rules.execution.weight));
        let shown = with_execution.unwrap_or(Decimal::MAX);
        flags.push(Flag::WeightSum(shown));
        let expected = rules.full_weight().unwrap_or(Decimal::ONE_HUNDRED);
        steps.push(Summing::WeightsDiffer { sum: shown, expected }.into());
    }
    let total = match (status, sum) {
        (Status::Scored, Some(sum)) => total_of(execution, sum, rules),
        _ => None,
    };
    let Some((total, step)) = total else {
        steps.push(Summing::NoTotal { status, unscored }.into());
        if status == Status::Review {
            steps.extend(proposed(execution, lines, rules).map(Step::from));
        }
        let indicator_sum = sum.unwrap_or_default();
        return Total { indicator_sum, unscored, points: None, rating: None, status, flags, steps };
    };
    steps.push(step.into());
    let rating = rules.rating(total);
    steps.extend(rating.map(|band| Summing::Rated { total, word: band.word.clone(), from: band.from }.into()));
    let rating = rating.map(|band| band.word.clone());
    Total { indicator_sum: sum.unwrap_or_default(), unscored, points: Some(total), rating, status, flags, steps }
}

fn total_of(execution: &Execution, indicators: Decimal, rules: &RuleSet) -> Option<(Decimal, Summing)> {
    if execution.not_applicable {
        let (full, applicable) = (rules.full_weight()?, rules.indicators.weight_total);
        let total = rules.rounding.round(indicators.checked_mul(full)?.checked_div(applicable)?);
        return Some((total, Summing::Rescaled { indicators, full, applicable, total }));
    }
    let execution = execution.score?;
    let total = execution.checked_add(indicators)?;
    Some((total, Summing::Sum { execution, indicators, total }))
}

/// The total that the proposals of all lines without a score would give.
fn proposed(execution: &Execution, lines: &[LineScore], rules: &RuleSet) -> Option<Summing> {
    let scores: Option<Vec<Decimal>> = lines.iter().map(|line| line.score.or(line.proposed)).collect();
    let indicators = rules.rounding.round(checked_sum(scores?)?);
    let (total, _) = total_of(execution, indicators, rules)?;
    Some(Summing::Proposed { indicators, total })
}

fn checked_sum(numbers: impl IntoIterator<Item = Decimal>) -> Option<Decimal> {
    numbers.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add)
}
