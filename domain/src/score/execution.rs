//! The execution rate (执行率, formula code EXEC): X executed against Y budgeted.

use rust_decimal::Decimal;

use super::{Column, Flag, Status, Step, Summing};
use crate::money::{Amount, Fen};
use crate::project::{MoneyDoubt, Project};
use crate::rules::RuleSet;

/// What execution scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// In percent, rounded, not capped.
    pub rate: Option<Decimal>,
    /// Rounded, at most its weight; none if not applicable or not known.
    pub score: Option<Decimal>,
    /// True if neither was budgeted nor spent: the other scores are rescaled.
    pub not_applicable: bool,
    /// Scored, or why not.
    pub status: Status,
    /// The rules demand a reason for the rate, and there is none.
    pub reason_missing: bool,
    /// What is worth noticing.
    pub flags: Vec<Flag>,
    /// The arithmetic.
    pub steps: Vec<Step>,
}

impl Execution {
    fn open(status: Status, flags: Vec<Flag>, steps: Vec<Step>) -> Self {
        Self { rate: None, score: None, not_applicable: false, status, reason_missing: false, flags, steps }
    }
}

/// Execution of a project's amounts as typed: a blank makes it incomplete, what can't be read goes to a person, and
/// amounts that contradict one another are wrong data, whatever the rate would be.
pub(super) fn of_project(project: &Project, rules: &RuleSet) -> Execution {
    let money = &project.money;
    if let (Some(budget), Some(executed)) = (money.adjusted.fen(), money.executed.fen()) {
        let scored = with_doubts(execution(budget, executed, rules), &money.doubts(), executed > budget);
        return with_reason(scored, &project.execution_reason);
    }
    let mut open = Execution::open(Status::Scored, Vec::new(), Vec::new());
    for (column, amount) in [(Column::Budget, &money.adjusted), (Column::Executed, &money.executed)] {
        let Some((status, step)) = problem(column, amount) else { continue };
        open.status = open.status.max(status);
        open.steps.push(step.into());
        if status == Status::Review {
            open.flags = vec![Flag::AmountUnreadable];
        }
    }
    open
}

/// What the other amounts say against the rate. More spent than arrived is told already where it is overspent.
fn with_doubts(mut scored: Execution, doubts: &[MoneyDoubt], overspent: bool) -> Execution {
    let told = || doubts.iter().filter(|doubt| doubt.is_contradiction() || !overspent);
    let steps = told().map(|doubt| Step::from(Summing::AmountsDoubtful { doubt: *doubt }));
    if told().any(|doubt| !doubt.is_contradiction()) {
        scored.flags.push(Flag::ExecOverArrived);
    }
    if !doubts.iter().any(MoneyDoubt::is_contradiction) {
        scored.steps.extend(steps);
        return scored;
    }
    let mut flags = scored.flags;
    flags.retain(|flag| *flag != Flag::ExecNa);
    flags.push(Flag::AmountsContradict);
    Execution::open(Status::DataError, flags, steps.collect())
}

/// 执行率偏低的原因 is owed like that of any line.
fn with_reason(mut scored: Execution, reason: &str) -> Execution {
    let due = |step: &Step| matches!(step, Step::Summing(Summing::ExecutionReasonDue { .. }));
    let reason = reason.trim();
    if !scored.steps.iter().any(due) {
        return scored;
    }
    if reason.is_empty() {
        scored.reason_missing = true;
        scored.flags.push(Flag::ReasonMissing);
    } else {
        scored.steps.retain(|step| !due(step));
        scored.steps.push(Summing::ExecutionReason { reason: reason.to_owned() }.into());
    }
    scored
}

fn problem(column: Column, amount: &Amount) -> Option<(Status, Summing)> {
    if amount.fen().is_some() {
        None
    } else if amount.is_missing() {
        Some((Status::Incomplete, Summing::AmountMissing { column }))
    } else {
        Some((Status::Review, Summing::AmountUnreadable { column, text: amount.raw().to_owned() }))
    }
}

/// Scores execution: `weight × min(1, executed ÷ budget)`. A zero budget is never replaced by anything: without
/// spending the rate is not applicable, with spending the data are wrong.
#[must_use]
pub fn execution(budget: Fen, executed: Fen, rules: &RuleSet) -> Execution {
    if budget == Fen::ZERO && executed == Fen::ZERO {
        let open = Execution::open(Status::Scored, vec![Flag::ExecNa], vec![Summing::ExecutionNotApplicable.into()]);
        return Execution { not_applicable: true, ..open };
    }
    let weight = rules.execution.weight;
    let (whole, part) = (budget.yuan(), executed.yuan());
    let quotient = |of: Decimal| part.checked_mul(of).and_then(|product| product.checked_div(whole));
    let contradicts = budget <= Fen::ZERO || executed < Fen::ZERO;
    let (false, Some(rate), Some(raw)) = (contradicts, quotient(Decimal::ONE_HUNDRED), quotient(weight)) else {
        let step = Summing::ExecutionContradicts { executed, budget };
        return Execution::open(Status::DataError, vec![Flag::ExecDataError], vec![step.into()]);
    };
    let shown = rules.rounding.round(rate);
    let score = rules.rounding.round(raw.min(weight));
    let mut flags = Vec::new();
    let mut steps = Vec::new();
    if executed > budget {
        flags.push(Flag::ExecOverBudget);
        steps.push(Summing::Overspent { executed, budget, rate: shown, score }.into());
    } else {
        steps.push(Summing::Executed { executed, budget, rate: shown, weight, score }.into());
    }
    if rate < rules.execution.reason_below_pct {
        steps.push(Summing::ExecutionReasonDue { rate: shown, below: rules.execution.reason_below_pct }.into());
    }
    let open = Execution::open(Status::Scored, flags, steps);
    Execution { rate: Some(shown), score: Some(score), ..open }
}
