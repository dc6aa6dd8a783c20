//! 单据待办 in words: what waits here, what came back, what is still a draft, and what waits elsewhere.

use tongpin_console::duty::Duty;
use tongpin_console::state::State;
use tongpin_console::web::todo::Task;
use tongpin_domain::lang::Lang;

use crate::ops::summary::{FormLine, FormStanding, Left};
use crate::web::parts::{WORK, segment};

const ENTERS: &[Duty] = &[Duty::Enter];
const APPROVES: &[Duty] = &[Duty::Approve];
const EITHER: &[Duty] = &[Duty::Enter, Duty::Approve];

/// What a line asks of somebody.
pub(super) fn task(line: &FormLine, lang: Lang) -> Task {
    let (title, state, count) = (lang.pick(&line.title, &line.english), &line.state_title, line.count);
    let late = line.left.is_some_and(|left| left.late);
    let (usual, zh, en, doing) = match line.standing {
        FormStanding::Waiting => (
            State::Warn,
            format!("“{title}”{count} 份待{}{}（{state}）", if line.fills { "填写本级内容或" } else { "" }, line.step),
            format!(
                "{title}: {count} in the state {state} wait {}for {}",
                if line.fills { "to be filled in or " } else { "" },
                line.step
            ),
            ("去办理", "see them"),
        ),
        FormStanding::Returned => (
            State::Warn,
            format!("“{title}”{count} 份退回或撤回，待修改后重新送审"),
            format!("{title}: {count} came back, to be corrected and handed on again"),
            ("去修改", "correct"),
        ),
        FormStanding::Draft => (
            State::Plain,
            format!("“{title}”{count} 份{state}待填写送审"),
            format!("{title}: {count} in the state {state} are to be filled in"),
            ("去填写", "fill in"),
        ),
        FormStanding::Elsewhere => (State::Plain, elsewhere_zh(line), elsewhere_en(line), ("查看", "see")),
    };
    let duties = match (line.standing, line.enter, line.approve) {
        (FormStanding::Elsewhere, _, _) => WORK,
        (_, true, true) => EITHER,
        (_, false, true) => APPROVES,
        _ => ENTERS,
    };
    let author = line.author.as_ref().map(|author| format!("&author={author}")).unwrap_or_default();
    let to = format!("/forms/{}?state={}{author}", segment(&line.form), segment(&line.state));
    let task = Task::new(if late { State::Bad } else { usual }, lang.pick(&zh, &en)).of(duties);
    task.hint(hint(line, lang)).at(to, lang.pick(doing.0, doing.1))
}

/// 在县级审核，已 3 天
fn elsewhere_zh(line: &FormLine) -> String {
    let FormLine { title, state_title, count, days, .. } = line;
    match (count, days) {
        (1, 0) => format!("“{title}”在{state_title}，今天送出"),
        (1, days) => format!("“{title}”在{state_title}，已 {days} 天"),
        (_, 0) => format!("“{title}”{count} 份在{state_title}，今天送出"),
        (_, days) => format!("“{title}”{count} 份在{state_title}，最早的已 {days} 天"),
    }
}

fn elsewhere_en(line: &FormLine) -> String {
    let FormLine { english, state_title, count, days, .. } = line;
    format!("{english}: {count} in the state {state_title}, the earliest for {days} days")
}

/// Since when the earliest waits, and how much of its time is left.
fn hint(line: &FormLine, lang: Lang) -> String {
    let since = match (line.standing, line.days) {
        (FormStanding::Waiting, 0) => Some(lang.pick("最早的今天送来", "the earliest came today").to_owned()),
        (FormStanding::Waiting, days) => {
            let zh = format!("最早的已送来 {days} 天");
            Some(lang.pick(&zh, &format!("the earliest came {days} days ago")).to_owned())
        }
        _ => None,
    };
    let left = line.left.map(|left| told(left, lang));
    since.into_iter().chain(left).collect::<Vec<_>>().join(lang.pick("，", ", "))
}

fn told(Left { days, working, late }: Left, lang: Lang) -> String {
    let unit = lang.pick(if working { "个工作日" } else { "天" }, if working { "working days" } else { "days" });
    match (late, days, lang) {
        (true, 0, Lang::Zh) => "已过办理期限".to_owned(),
        (true, 0, Lang::En) => "it is overdue".to_owned(),
        (true, days, Lang::Zh) => format!("已超期 {} {unit}", days.saturating_abs()),
        (true, days, Lang::En) => format!("overdue by {} {unit}", days.saturating_abs()),
        (false, 0, Lang::Zh) => "今天到期".to_owned(),
        (false, 0, Lang::En) => "due today".to_owned(),
        (false, days, Lang::Zh) => format!("还剩 {days} {unit}"),
        (false, days, Lang::En) => format!("{days} {unit} are left"),
    }
}

#[cfg(test)]
mod tests {
    use tongpin_domain::moment::Moment;

    use super::*;

    fn line(standing: FormStanding) -> FormLine {
        FormLine {
            form: "roads".into(),
            title: "路况表".into(),
            english: "Roads".into(),
            standing,
            state: "review".into(),
            state_title: "县级审核".into(),
            step: "批复".into(),
            fills: false,
            enter: false,
            approve: true,
            author: None,
            count: 2,
            since: Moment(0),
            days: 3,
            left: None,
        }
    }

    /// What waits here says for which step, since when and how much time is left, and is the worst once that is over;
    /// it leads to the list of these and to nobody who cannot take the step.
    #[test]
    fn waiting() {
        let left = |days, late| Some(Left { days, working: true, late });
        let in_time = task(&FormLine { left: left(2, false), ..line(FormStanding::Waiting) }, Lang::Zh);
        assert_eq!((in_time.state, in_time.what.as_str()), (State::Warn, "“路况表”2 份待批复（县级审核）"));
        assert_eq!(in_time.hint, "最早的已送来 3 天，还剩 2 个工作日");
        assert_eq!((in_time.address.as_str(), in_time.duties), ("/forms/roads?state=review", APPROVES));
        let late = task(&FormLine { left: left(-1, true), ..line(FormStanding::Waiting) }, Lang::Zh);
        assert_eq!((late.state, late.hint.as_str()), (State::Bad, "最早的已送来 3 天，已超期 1 个工作日"));
    }

    /// What waits elsewhere says where and for how long, to everyone who works here.
    #[test]
    fn elsewhere() {
        let author = tongpin_domain::region::RegionCode::new("320581101").ok();
        let one = task(&FormLine { count: 1, author, ..line(FormStanding::Elsewhere) }, Lang::Zh);
        assert_eq!(
            (one.state, one.what.as_str(), one.hint.as_str()),
            (State::Plain, "“路况表”在县级审核，已 3 天", "")
        );
        assert_eq!((one.address.as_str(), one.duties), ("/forms/roads?state=review&author=320581101", WORK));
    }
}
