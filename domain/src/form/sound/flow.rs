//! The flow: every state is reached, every document that can be filled in can be handed on, and some documents count.

use std::collections::BTreeSet;

use super::{DefinitionFault, DefinitionProblem, twice};
use crate::form::flow::FILL;
use crate::form::{Action, Flow, FlowLevel, State, is_name};

/// Looks at states and steps.
pub(super) fn check(flow: &Flow, problems: &mut Vec<DefinitionProblem>) {
    let mut tell = |place: &str, fault| problems.push(DefinitionProblem::new(place, fault));
    let Some(first) = flow.states.first() else {
        tell("flow", DefinitionFault::NoStates);
        return;
    };
    for name in twice(flow.states.iter().map(|state| state.name.as_str())) {
        tell("flow.states", DefinitionFault::Twice(name));
    }
    for name in twice(flow.steps.iter().map(|step| step.name.as_str())) {
        tell("flow.steps", DefinitionFault::Twice(name));
    }
    if !flow.states.iter().any(|state| state.open) {
        tell("flow", DefinitionFault::NothingOpen);
    } else if !first.open {
        tell(&format!("flow.states.{}", first.name), DefinitionFault::FirstNotOpen);
    }
    let reached = reached(flow);
    if !flow.states.iter().any(|state| state.counts && reached.contains(state.name.as_str())) {
        tell("flow", DefinitionFault::NothingCounts);
    }
    for state in &flow.states {
        let place = format!("flow.states.{}", state.name);
        for fault in of_state(flow, state, &reached) {
            tell(&place, fault);
        }
    }
    for step in &flow.steps {
        let place = format!("flow.steps.{}", step.name);
        for fault in named(&step.name, &step.title) {
            tell(&place, fault);
        }
        if step.actions.contains(&Action::Freeze) && flow.state(&step.to).is_some_and(|state| state.open) {
            tell(&place, DefinitionFault::FrozenOpen);
        }
        if (step.renews() || step.next_form().is_some()) && step.level != FlowLevel::Keeper {
            tell(&place, DefinitionFault::NotByKeeper);
        }
        if step.renews() && flow.state(&step.to).is_some_and(|state| !state.open) {
            tell(&place, DefinitionFault::RenewedClosed);
        }
        if step.next_form().is_some_and(|code| !is_name(code)) || (step.next_form().is_none() && !step.makes.is_empty())
        {
            tell(&place, DefinitionFault::MakesNothing);
        }
        if step.from.is_empty() {
            tell(&place, DefinitionFault::FromNowhere);
        }
        for state in step.from.iter().chain([&step.to]).filter(|name| flow.state(name).is_none()) {
            tell(&place, DefinitionFault::NoSuchState(state.clone()));
        }
        for other in step.other_than.iter().filter(|name| *name != FILL && flow.step(name).is_none()) {
            tell(&place, DefinitionFault::NoSuchStep(other.clone()));
        }
    }
}

fn named(name: &str, title: &str) -> Vec<DefinitionFault> {
    let name = (!is_name(name)).then(|| DefinitionFault::NotAName(name.to_owned()));
    let title = title.trim().is_empty().then_some(DefinitionFault::NoTitle);
    name.into_iter().chain(title).collect()
}

fn of_state(flow: &Flow, state: &State, reached: &BTreeSet<&str>) -> Vec<DefinitionFault> {
    let mut faults = named(&state.name, &state.title);
    if !reached.contains(state.name.as_str()) {
        faults.push(DefinitionFault::Unreached);
    }
    if state.open && !flow.steps_from(&state.name).any(|step| step.to != state.name) {
        faults.push(DefinitionFault::DeadEnd);
    }
    if state.within.is_some_and(|within| within.days == 0) {
        faults.push(DefinitionFault::NoDays);
    }
    faults
}

/// The states that a document can come to.
fn reached(flow: &Flow) -> BTreeSet<&str> {
    let mut reached: BTreeSet<&str> = flow.states.first().map(|state| state.name.as_str()).into_iter().collect();
    loop {
        let before = reached.len();
        for step in &flow.steps {
            if step.from.iter().any(|from| reached.contains(from.as_str())) {
                reached.insert(&step.to);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}
