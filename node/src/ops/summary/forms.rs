//! 单据待办: how the documents of each form stand, for whoever has to do something about them. It is told from how many
//! there are in each state, so that it costs the same however many documents there are.

use std::collections::BTreeMap;

use serde::Serialize;
use tongpin_domain::calendar::Calendar;
use tongpin_domain::form::{Days, Definition, Flow, FlowDuty, Seen, State, Step};
use tongpin_domain::moment::Moment;
use tongpin_domain::number::Typed;
use tongpin_domain::region::RegionCode;
use tongpin_store::{DocumentCount, StoreError};

use crate::app::App;
use crate::app::statistics::CountedForm;
use crate::guidance::forms::calendar;

/// What is to be done about documents, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FormStanding {
    /// 待办: they wait for a step that is taken here.
    Waiting,
    /// 退回: this bureau's own, which came back after they were handed on, or were taken back.
    Returned,
    /// 草稿: this bureau's own, which were never handed on.
    Draft,
    /// 在办: this bureau's own, which wait for a step that is taken elsewhere.
    Elsewhere,
}

/// The documents of one form in one state that stand alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FormLine {
    /// The form's code.
    pub(crate) form: String,
    /// 表名
    pub(crate) title: String,
    /// The English name, or the Chinese one where there is none.
    pub(crate) english: String,
    /// What is to be done.
    pub(crate) standing: FormStanding,
    /// The state.
    pub(crate) state: String,
    /// What people call it.
    pub(crate) state_title: String,
    /// For what waits here: the step, as its button says it.
    pub(crate) step: String,
    /// Whether this bureau, as the county's, must fill something in before.
    pub(crate) fills: bool,
    /// Whether 经办 does it.
    pub(crate) enter: bool,
    /// Whether 审核 does it.
    pub(crate) approve: bool,
    /// Whose they are, if this bureau's own alone are meant.
    pub(crate) author: Option<RegionCode>,
    /// How many.
    pub(crate) count: u64,
    /// Since when whoever keeps it has left the earliest of them as it is.
    pub(crate) since: Moment,
    /// How many days ago that is, in China's days.
    pub(crate) days: u64,
    /// How much of its time that one has left, where the state has a limit and the calendar knows the days.
    pub(crate) left: Option<Left>,
}

/// How much time is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Left {
    /// Days, below zero since it is too late.
    pub(crate) days: i64,
    /// 工作日 instead of calendar days.
    pub(crate) working: bool,
    /// 超期: the day has passed, be it that no day was worked since.
    pub(crate) late: bool,
}

/// Where and when it is told.
struct Here<'a> {
    own: &'a RegionCode,
    now: Moment,
    calendar: &'a Calendar,
}

/// How the documents of all forms stand, in the order of the forms and their states.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn lines(app: &App) -> Result<Vec<FormLine>, StoreError> {
    let counted = app.statistics.forms(app.store()).await?;
    let timed = |it: &CountedForm| it.form.definition.flow.states.iter().any(|state| state.within.is_some());
    let calendar = if counted.iter().any(timed) { calendar(app.store()).await? } else { Calendar::default() };
    let here = Here { own: &app.site.region(), now: app.site.now(), calendar: &calendar };
    Ok(counted.iter().flat_map(|it| of_form(it, &here)).collect())
}

/// What documents of one state have in common that stand alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    standing: FormStanding,
    fills: bool,
    enter: bool,
    approve: bool,
}

fn of_form(counted: &CountedForm, here: &Here<'_>) -> Vec<FormLine> {
    let CountedForm { form, counts, .. } = counted;
    // Nothing is done by a form that this program does not know.
    if !form.unknown.is_empty() {
        return Vec::new();
    }
    let definition = &form.definition;
    let mut lines = Vec::new();
    for state in &definition.flow.states {
        let mut found: BTreeMap<Alike, (u64, Moment)> = BTreeMap::new();
        for count in counts.iter().filter(|count| count.state == state.name) {
            if let Some(alike) = alike(definition, state, count, here.own) {
                let (all, since) = found.entry(alike).or_insert((0, count.since));
                *all = all.saturating_add(count.count);
                *since = count.since.min(*since);
            }
        }
        lines.extend(found.into_iter().map(|(alike, (count, since))| {
            let Alike { standing, fills, enter, approve } = alike;
            FormLine {
                form: definition.code.clone(),
                title: definition.title.clone(),
                english: definition.called(tongpin_domain::lang::Lang::En).to_owned(),
                standing,
                state: state.name.clone(),
                state_title: state.title.clone(),
                step: if standing == FormStanding::Waiting {
                    step(&definition.flow, state, alike)
                } else {
                    String::new()
                },
                fills,
                enter,
                approve,
                author: (standing != FormStanding::Waiting).then(|| here.own.clone()),
                count,
                since,
                days: here.now.day().saturating_sub(since.day()),
                left: state.within.and_then(|within| left(within, since, here)),
            }
        }));
    }
    lines
}

/// How documents of a state stand here; `None` if nobody has to do anything about them, or only others.
fn alike(definition: &Definition, state: &State, count: &DocumentCount, own: &RegionCode) -> Option<Alike> {
    let (flow, ours) = (&definition.flow, count.author == *own);
    if state.open {
        let standing = if count.handed_on { FormStanding::Returned } else { FormStanding::Draft };
        return ours.then_some(Alike { standing, fills: false, enter: true, approve: false });
    }
    // What counts is done with; a state from which it only goes back is an end too.
    let mut onward = onward(flow, state).peekable();
    if state.counts || onward.peek().is_none() {
        return None;
    }
    let (mut enter, mut approve) = (false, false);
    for step in onward.filter(|step| step.level.is_of(&count.author, own)) {
        enter |= step.duty == FlowDuty::Enter;
        approve |= step.duty == FlowDuty::Approve;
    }
    if enter || approve {
        let fills = definition.is_wanted_above(&Seen { state: &state.name, author: &count.author, bureau: own });
        return Some(Alike { standing: FormStanding::Waiting, fills, enter: enter || fills, approve });
    }
    ours.then_some(Alike { standing: FormStanding::Elsewhere, fills: false, enter, approve })
}

/// The steps that lead on from a state, and not back to whoever fills the document in.
fn onward<'a>(flow: &'a Flow, state: &'a State) -> impl Iterator<Item = &'a Step> {
    flow.steps_from(&state.name).filter(|step| flow.state(&step.to).is_some_and(|to| !to.open))
}

/// What the first step is called that leads on and is taken with these duties.
fn step(flow: &Flow, state: &State, alike: Alike) -> String {
    let taken = |step: &&Step| match step.duty {
        FlowDuty::Enter => alike.enter,
        FlowDuty::Approve => alike.approve || alike.fills,
        FlowDuty::Unknown(_) => false,
    };
    onward(flow, state).find(taken).map(|step| step.title.clone()).unwrap_or_default()
}

/// What is left of the time that a document may stay in a state.
fn left(within: Days, since: Moment, here: &Here<'_>) -> Option<Left> {
    if within.working {
        let day = |at: Moment| Typed::parse(at.to_string().get(..10)?).date();
        let (due, today) = (here.calendar.after(day(since)?, within.days)?, day(here.now)?);
        return Some(Left { days: here.calendar.working_days(today, due)?, working: true, late: today > due });
    }
    let due = since.day().saturating_add(within.days.into());
    let days = i64::try_from(due).ok()?.checked_sub(i64::try_from(here.now.day()).ok()?)?;
    Some(Left { days, working: false, late: days < 0 })
}

#[cfg(test)]
mod tests;
