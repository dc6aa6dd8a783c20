//! 待办: what needs somebody, the worst first, each with the page where it is done.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use super::Signed;
use crate::duty::Duty;
use crate::page::mark;
use crate::state::State;

/// Something that needs somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// How bad it is that nobody has done it yet; a plain one only wants to be known.
    pub state: State,
    /// What it is.
    pub what: String,
    /// The cause and what to do, where the next step alone does not say so; empty otherwise.
    pub hint: String,
    /// Where it is done; empty if it is done nowhere on these pages.
    pub address: String,
    /// What the link there says.
    pub step: String,
    /// Whom it is for; nobody named means everyone.
    pub duties: &'static [Duty],
    /// Somebody else waits for it by name, so that it comes before all others.
    pub first: bool,
}

impl Task {
    /// Something for everyone, without a next step yet.
    #[must_use]
    pub fn new(state: State, what: impl Into<String>) -> Self {
        let (hint, address, step) = (String::new(), String::new(), String::new());
        Self { state, what: what.into(), hint, address, step, duties: &[], first: false }
    }

    /// The same with the page where it is done, and what the link there says.
    #[must_use]
    pub fn at(self, address: impl Into<String>, step: impl Into<String>) -> Self {
        Self { address: address.into(), step: step.into(), ..self }
    }

    /// The same with the cause.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// The same before all others, however bad they are.
    #[must_use]
    pub fn first(self) -> Self {
        Self { first: true, ..self }
    }

    /// The same for those who hold one of these duties.
    #[must_use]
    pub fn of(self, duties: &'static [Duty]) -> Self {
        Self { duties, ..self }
    }
}

/// What of it is for this reader: what others wait for by name, then the worst, and otherwise as it came.
#[must_use]
pub fn draw(mut tasks: Vec<Task>, signed: &Signed, lang: Lang) -> Markup {
    tasks.retain(|task| task.duties.is_empty() || signed.may(task.duties));
    tasks.sort_by_key(|task| std::cmp::Reverse((task.first, task.state)));
    html! {
        section.todo aria-labelledby="todo" {
            h2 id="todo" { (lang.pick("待办", "To do")) }
            @if tasks.is_empty() {
                p.empty { (lang.pick("目前没有需要处理的事项", "Nothing needs you at present.")) }
            } @else {
                ul { @for task in &tasks { li class=(task.state.class()) { (line(task, lang)) } } }
            }
        }
    }
}

fn line(task: &Task, lang: Lang) -> Markup {
    html! {
        (mark(task.state, lang)) " "
        (task.what)
        @if !task.address.is_empty() { " " a href=(task.address) { (task.step) } }
        @if !task.hint.is_empty() { div.hint { (task.hint) } }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tongpin_domain::digest::Digest;
    use tongpin_domain::moment::Moment;
    use tongpin_store::Account;

    use super::*;

    fn reader(duty: Duty) -> Signed {
        let account = Account {
            id: "1".into(),
            name: "jingban".into(),
            display_name: "经办岗".into(),
            duties: Vec::new(),
            password_hash: String::new(),
            totp_secret: None,
            totp_last_step: 0,
            active: true,
            failures: 0,
            last_failure: None,
            failures_before: 0,
            created_at: Moment(0),
            password_set_at: None,
            last_sign_in: None,
        };
        let duties = BTreeSet::from([duty]);
        Signed { account, duties, alone: false, undecided: false, csrf: String::new(), token_hash: Digest::NONE }
    }

    /// The worst comes first, what is somebody else's is left out, and what others wrote is text.
    #[test]
    fn worst_first_and_only_ones_own() {
        let tasks = || {
            vec![
                Task::new(State::Warn, "草稿<b>").at("/catalogs/rules", "去审核"),
                Task::new(State::Bad, "被退回").hint("完成值有误"),
                Task::new(State::Bad, "待上报").of(&[Duty::Approve]),
                Task::new(State::Plain, "有人在等").first(),
            ]
        };
        let drawn = draw(tasks(), &reader(Duty::Enter), Lang::Zh).into_string();
        let place = |text: &str| drawn.find(text).expect("it is there");
        assert!(place("有人在等") < place("被退回"));
        assert!(place("被退回") < place("草稿&lt;b&gt;") && !drawn.contains("待上报"), "{drawn}");
        assert!(drawn.contains(r#"<a href="/catalogs/rules">去审核</a>"#) && drawn.contains("完成值有误"));
        assert!(draw(tasks(), &reader(Duty::Approve), Lang::Zh).into_string().contains("待上报"));
        assert!(draw(Vec::new(), &reader(Duty::Enter), Lang::Zh).into_string().contains("没有需要处理的事项"));
    }
}
