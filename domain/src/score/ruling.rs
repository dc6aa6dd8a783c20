//! A line that no formula can score, scored as a person decided (人工复核).

use rust_decimal::Decimal;

use super::formula::{Line, Outcome, formula_score};
use super::{Flag, Ruling, Status};
use crate::project::ProjectIndicator;
use crate::review::{Decision, Verdict};
use crate::rules::RuleSet;

/// What a decision makes of an outcome that waits for a person, and the line as it is to be read with it. `None` if it
/// does not lead to a score: then the line goes on waiting.
pub(super) fn apply(
    indicator: &ProjectIndicator,
    decision: &Decision,
    open: &Outcome,
    rules: &RuleSet,
) -> Option<(Outcome, ProjectIndicator)> {
    let weight = indicator.weight;
    let points = |points: Decimal| {
        let within = (Decimal::ZERO..=weight).contains(&points);
        within.then(|| rules.rounding.round(points).min(weight))
    };
    let mut outcome = open.clone();
    let mut read = indicator.clone();
    let (score, award) = match &decision.verdict {
        Verdict::Value(value) => {
            read.actual = value.clone();
            let mut line = Line::of(&read);
            line.actual.decided = true;
            let scored = formula_score(&line, rules);
            outcome.flags.extend(scored.flags);
            (scored.score?, scored.steps)
        }
        Verdict::Coefficient(percent) => {
            let product = weight.checked_mul(*percent)?.checked_div(Decimal::ONE_HUNDRED)?;
            (points(product)?, Vec::new())
        }
        Verdict::Points(given) => (points(*given)?, Vec::new()),
        Verdict::Withdrawn => return None,
    };
    outcome.status = Status::Scored;
    outcome.score = Some(score);
    outcome.flags.insert(Flag::Reviewed);
    outcome.steps.push(Ruling::new(decision, score).into());
    outcome.steps.extend(award);
    Some((outcome, read))
}
