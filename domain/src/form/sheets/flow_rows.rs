//! 状态 and 步骤: the flow. A workbook without either has the flow that every form has.

use super::cells::{named, or_blank, title_of, word, yes};
use super::names::{listed, one_of_list};
use super::{Line, Lines, Told};
use crate::form::flow::FILL;
use crate::form::{Action, Days, Flow, FlowDuty, FlowLevel, State, Step};
use crate::lang::Lang;

/// What people write for whoever filled the document in.
const FILLER: &str = "填报人";

/// The states as rows.
pub(super) fn write_states(flow: &Flow) -> Vec<Vec<String>> {
    let row = |state: &State| {
        vec![
            state.title.clone(),
            state.name.clone(),
            yes(state.open),
            yes(state.counts),
            or_blank(state.within.map(|within| within.days)),
            yes(state.within.is_some_and(|within| within.working)),
        ]
    };
    flow.states.iter().map(row).collect()
}

/// The steps as rows.
pub(super) fn write_steps(flow: &Flow) -> Vec<Vec<String>> {
    let state = |name: &String| one_of_list(&title_of(name, states(flow)));
    let other = |name: &String| {
        if name == FILL { FILLER.to_owned() } else { one_of_list(&title_of(name, steps(flow))) }
    };
    let row = |step: &Step| {
        vec![
            step.title.clone(),
            step.name.clone(),
            step.from.iter().map(state).collect::<Vec<_>>().join("、"),
            title_of(&step.to, states(flow)),
            step.level.text(Lang::Zh).to_owned(),
            step.duty.text(Lang::Zh).to_owned(),
            yes(step.complete),
            yes(step.reason),
            step.other_than.iter().map(other).collect::<Vec<_>>().join("、"),
            step.actions.iter().map(|action| action.text(Lang::Zh)).collect::<Vec<_>>().join("、"),
            step.makes.clone(),
        ]
    };
    flow.steps.iter().map(row).collect()
}

fn states(flow: &Flow) -> impl Iterator<Item = (&str, &str)> + Clone {
    flow.states.iter().map(|state| (state.name.as_str(), state.title.as_str()))
}

fn steps(flow: &Flow) -> impl Iterator<Item = (&str, &str)> + Clone {
    flow.steps.iter().map(|step| (step.name.as_str(), step.title.as_str()))
}

/// Reads the flow.
pub(super) fn read(states: &Lines<'_>, steps: &Lines<'_>, told: &mut Told) -> Flow {
    if states.0.is_empty() && steps.0.is_empty() {
        return Flow::default();
    }
    let names = states.names("代号", "s");
    let states = states.0.iter().zip(names).map(|(line, name)| state(line, name, told)).collect();
    let mut flow = Flow { states, steps: Vec::new() };
    let names = steps.names("代号", "t");
    let titled = steps.0.iter().zip(&names).map(|(line, name)| (name.as_str(), line.get("名称")));
    let titled: Vec<(&str, &str)> = titled.collect();
    flow.steps = steps.0.iter().zip(&names).map(|(line, name)| step(line, name, &flow, &titled, told)).collect();
    flow
}

fn state(line: &Line<'_>, name: String, told: &mut Told) -> State {
    let days: Option<u32> = told.number(line, "时限天数", "整数天数", "a whole number of days");
    let working = told.flag(line, "工作日");
    State {
        name,
        title: told.needed(line, "名称"),
        open: told.flag(line, "可填写"),
        counts: told.flag(line, "计入汇总"),
        within: days.map(|days| Days { days, working }),
    }
}

fn step(line: &Line<'_>, name: &str, flow: &Flow, titled: &[(&str, &str)], told: &mut Told) -> Step {
    let level = told.read(line, "层级", word!(FlowLevel, line.get("层级")));
    let duty = told.read(line, "岗位", word!(FlowDuty, line.get("岗位")));
    let from = listed(line.get("从"));
    if from.is_empty() {
        told.needed(line, "从");
    }
    let from = from.iter().filter_map(|from| told.read(line, "从", named(from, states(flow)))).collect();
    let to = told.read(line, "到", named(line.get("到"), states(flow))).unwrap_or_default();
    let other = |text: String| match named(&text, titled.iter().copied()) {
        Ok(name) => Some(name),
        Err(_) if text == FILLER || text == FILL => Some(FILL.to_owned()),
        Err(expected) => told.read(line, "须由他人", Err(expected)),
    };
    let other_than = listed(line.get("须由他人")).into_iter().filter_map(other).collect();
    let actions = listed(line.get("动作"));
    let actions = actions.iter().filter_map(|action| told.read(line, "动作", word!(Action, action))).collect();
    Step {
        title: told.needed(line, "名称"),
        from,
        to,
        complete: told.flag(line, "须填完整"),
        reason: told.flag(line, "须写原因"),
        other_than,
        actions,
        makes: line.get("生成表单").trim().to_owned(),
        ..Step::new(name, level.unwrap_or(FlowLevel::Keeper), duty.unwrap_or(FlowDuty::Enter))
    }
}
