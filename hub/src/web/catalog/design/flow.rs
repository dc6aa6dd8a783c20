//! 流程 on the page: a row for each state, and one for each step with the states that it leads from and to.

use std::collections::BTreeSet;

use maud::{Markup, html};
use tongpin_console::web::check_box;
use tongpin_domain::form::{Action, Days, FILL, Flow, FlowDuty, FlowLevel, State, Step};
use tongpin_domain::lang::Lang;

use super::drawn::{pick, slot, small, words};
use super::line::Line;
use super::typed::Typed;
use super::{Said, fresh, tell};

/// The rows of a flow: its states, and its steps.
pub(super) fn lines(flow: &Flow) -> (Vec<Line>, Vec<Line>) {
    let boxed = |yes: bool| if yes { "1" } else { "" };
    let state = |(at, state): (usize, &State)| {
        let mut line = Line::at(&state.name);
        line.set("order", at.to_string());
        line.set("name", &state.name);
        line.set("title", &state.title);
        line.set("open", boxed(state.open));
        line.set("counts", boxed(state.counts));
        line.set("days", state.within.map(|within| within.days.to_string()).unwrap_or_default());
        line.set("working", boxed(state.within.is_some_and(|within| within.working)));
        line
    };
    let step = |(at, step): (usize, &Step)| {
        let mut line = Line::at(&step.name);
        line.set("order", at.to_string());
        line.set("name", &step.name);
        line.set("title", &step.title);
        line.set("to", &step.to);
        line.set("level", step.level.word());
        line.set("duty", step.duty.word());
        line.set("complete", boxed(step.complete));
        line.set("reason", boxed(step.reason));
        line.set("makes", &step.makes);
        line.set_all("from", step.from.clone());
        line.set_all("other_than", step.other_than.clone());
        line.set_all("actions", step.actions.iter().map(|action| action.word().to_owned()).collect());
        line
    };
    ((1..).zip(&flow.states).map(state).collect(), (1..).zip(&flow.steps).map(step).collect())
}

/// A new row, with a name that no other has: steps speak of states by it.
pub(super) fn new_line(prefix: &str, others: &[Line]) -> Line {
    let mut taken: BTreeSet<String> = others.iter().map(|line| name(line).to_owned()).collect();
    let mut line = Line::default();
    line.set("name", fresh(prefix, &mut taken));
    line.set("level", FlowLevel::Keeper.word());
    line.set("duty", FlowDuty::Enter.word());
    line
}

fn name(line: &Line) -> &str {
    if line.origin.is_empty() { line.get("name") } else { &line.origin }
}

/// The rows that stay, in their order, each with its number on the page.
fn standing(lines: &[Line]) -> Vec<(usize, &Line)> {
    let stays = |(_, line): &(usize, &Line)| !line.is_blank() && !line.is("remove");
    let mut all: Vec<_> = lines.iter().enumerate().filter(stays).collect();
    all.sort_by_key(|(_, line)| line.order());
    all
}

/// Makes the flow. What a newer program added to a state or a step stays with it.
pub(super) fn build(base: &Flow, typed: &Typed, wrong: &mut Said, lang: Lang) -> Flow {
    let (states, steps) = (standing(&typed.states), standing(&typed.steps));
    let there = |all: &[(usize, &Line)], wanted: &str| all.iter().any(|(_, line)| name(line) == wanted);
    let state = |(at, line): &(usize, &Line)| {
        let days = line.get("days");
        let read = days.parse().ok();
        if read.is_none() && !days.is_empty() {
            let said = lang.pick("时限应为整数天数，例如 5", "days: a whole number such as 5");
            tell(wrong, &format!("z-{at}"), said.to_owned());
        }
        State {
            name: name(line).to_owned(),
            title: line.get("title").to_owned(),
            open: line.is("open"),
            counts: line.is("counts"),
            within: read.map(|days| Days { days, working: line.is("working") }),
        }
    };
    let built = states.iter().map(state).collect();
    let step = |(_, line): &(usize, &Line)| {
        let (level, duty) = (FlowLevel::read(line.get("level")), FlowDuty::read(line.get("duty")));
        let mut step =
            base.step(&line.origin).cloned().unwrap_or_else(|| Step::new(name(line), level.clone(), duty.clone()));
        (step.level, step.duty) = (level, duty);
        line.get("title").clone_into(&mut step.title);
        line.get("to").clone_into(&mut step.to);
        line.get("makes").clone_into(&mut step.makes);
        (step.complete, step.reason) = (line.is("complete"), line.is("reason"));
        step.from = line.all("from").iter().filter(|state| there(&states, state)).cloned().collect();
        let others = line.all("other_than").iter();
        step.other_than = others.filter(|other| *other == FILL || there(&steps, other)).cloned().collect();
        step.actions = line.all("actions").iter().map(|action| Action::read(action)).collect();
        step
    };
    Flow { states: built, steps: steps.iter().map(step).collect() }
}

/// The number of the row in which a state or a step was typed, by its name.
pub(super) fn row(lines: &[Line], wanted: &str) -> Option<usize> {
    lines.iter().position(|line| name(line) == wanted)
}

/// The two tables of rows.
pub(super) fn draw(typed: &Typed, wrong: &Said, lang: Lang) -> Markup {
    let called = |line: &Line| {
        let title = line.get("title");
        (name(line).to_owned(), if title.is_empty() { name(line).to_owned() } else { title.to_owned() })
    };
    let states: Vec<(String, String)> = typed.states.iter().map(called).collect();
    let mut others = vec![(FILL.to_owned(), lang.pick("填报人", "who filled it in").to_owned())];
    others.extend(typed.steps.iter().map(called));
    html! {
        h2 { (lang.pick("流程", "Flow")) }
        p.hint { (lang.pick("第一个状态是单据新建时的状态。新加的状态写好名称后点“刷新预览”，步骤里就能选到它。",
            "A document begins in the first state. Show the preview again to choose a new state in the steps.")) }
        @for (at, line) in typed.states.iter().enumerate() { (state(at, line, wrong, lang)) }
        div.row { button name="step" value="add-state" { (lang.pick("增加状态", "Add a state")) } }
        @for (at, line) in typed.steps.iter().enumerate() { (step(at, line, (&states, &others), wrong, lang)) }
        div.row { button name="step" value="add-step" { (lang.pick("增加步骤", "Add a step")) } }
    }
}

/// What a row begins with: who it is, and where it stands.
fn head(row: &str, line: &Line, title: &str, lang: Lang) -> Markup {
    html! {
        legend { (title) " " (line.get("order")) "：" span lang="zh-CN" { (line.get("title")) } }
        input type="hidden" name=(format!("{row}-origin")) value=(line.origin);
        input type="hidden" name=(format!("{row}-name")) value=(name(line));
        div.row {
            (small(&format!("{row}-order"), lang.pick("顺序", "order"), line.get("order")))
            (small(&format!("{row}-title"), lang.pick("名称", "title"), line.get("title")))
        }
    }
}

fn state(at: usize, line: &Line, wrong: &Said, lang: Lang) -> Markup {
    let row = format!("z-{at}");
    let part = |part: &str| format!("{row}-{part}");
    let flag = |name: &str, label: &str| check_box(&part(name), "1", label, "", line.is(name));
    html! {
        fieldset.card id=(row) {
            (head(&row, line, lang.pick("状态", "state"), lang))
            div.row {
                (flag("open", lang.pick("可填写", "can be filled in")))
                (flag("counts", lang.pick("计入汇总", "counts")))
                (small(&part("days"), lang.pick("时限（天）", "days allowed"), line.get("days")))
                (flag("working", lang.pick("按工作日", "working days")))
                (flag("remove", lang.pick("去掉这个状态", "take it out")))
            }
            (slot(&row, wrong))
        }
    }
}

type Named = Vec<(String, String)>;

fn step(at: usize, line: &Line, (states, others): (&Named, &Named), wrong: &Said, lang: Lang) -> Markup {
    let row = format!("t-{at}");
    let part = |part: &str| format!("{row}-{part}");
    let flag = |name: &str, label: &str| check_box(&part(name), "1", label, "", line.is(name));
    let several = |name: &str, label: &str, offered: &Named| {
        let checked = line.all(name);
        html! {
            fieldset.check-line {
                legend { (label) }
                @for (word, text) in offered {
                    (check_box(&part(name), word, text, "", checked.contains(word)))
                }
            }
        }
    };
    let others: Named = others.iter().filter(|(other, _)| other != name(line)).cloned().collect();
    let mut offered = words(Action::ALL, |it| (it.word(), it.text(lang)));
    let unknown = line.all("actions").iter().filter(|word| Action::read(word).unknown().is_some());
    offered.extend(unknown.map(|word| (word.clone(), word.clone())));
    html! {
        fieldset.card id=(row) {
            (head(&row, line, lang.pick("步骤", "step"), lang))
            (several("from", lang.pick("从哪些状态", "from"), states))
            div.row {
                (pick(&part("to"), lang.pick("到", "to"), states, line.get("to")))
                (pick(&part("level"), lang.pick("层级", "level"), &words(FlowLevel::ALL, |it| (it.word(), it.text(lang))), line.get("level")))
                (pick(&part("duty"), lang.pick("岗位", "duty"), &words(FlowDuty::ALL, |it| (it.word(), it.text(lang))), line.get("duty")))
                (flag("complete", lang.pick("须填完整", "must be complete")))
                (flag("reason", lang.pick("须写原因", "needs a reason")))
                (flag("remove", lang.pick("去掉这个步骤", "take it out")))
            }
            (several("other_than", lang.pick("须由他人（不能与下列人员同一账户）", "another account than"), &others))
            (several("actions", lang.pick("动作", "does beside"), &offered))
            div.row { (small(&part("makes"), lang.pick("生成表单（编码）", "begins the form (its code)"), line.get("makes"))) }
            (slot(&row, wrong))
        }
    }
}
