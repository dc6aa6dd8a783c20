//! 办理: a step of a document's flow, taken by a person at one level. Pure: what comes out is the document or the verdict
//! that is to be kept.

use super::flow::FILL;
use super::{Action, Definition, Document, FlowDuty, FlowLevel, Step, StepTaken, Verdict};
use crate::lang::{Lang, Say};
use crate::moment::Moment;
use crate::region::{Level, RegionCode};

/// What a release says where one person did both: as it is said of a document.
pub const ALONE: &str = "一人经办并审核";

/// Who takes a step, and where.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// The bureau in whose node it is taken.
    pub region: &'a RegionCode,
    /// The account.
    pub account: &'a str,
    /// The person's name.
    pub name: &'a str,
    /// The duties that the account holds.
    pub duties: &'a [FlowDuty],
    /// Whether the bureau has registered that this one person does both duties.
    pub alone: bool,
}

/// A document, and what the level above decided about it.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Who keeps it.
    pub author: &'a RegionCode,
    /// The document.
    pub document: &'a Document,
    /// What was decided about it above, if anything was.
    pub verdict: Option<&'a Verdict>,
    /// Whether something that is required is missing in it, or a check keeps it back.
    pub blocked: bool,
}

/// What is to be kept once a step was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The document, at whoever keeps it; and the version before, if a new one has begun.
    Document {
        /// As it is now.
        document: Box<Document>,
        /// What stays readable.
        before: Option<Box<Document>>,
    },
    /// The verdict, at the level above.
    Verdict(Box<Verdict>),
}

/// Why a step is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepFault {
    /// The flow has no such step.
    #[error("no step {0:?}")]
    NoStep(String),
    /// The document is in another state.
    #[error("the document is in the state {0:?}")]
    State(String),
    /// It is taken at another level.
    #[error("it is taken by another level: {0}")]
    Level(String),
    /// It takes another duty.
    #[error("it takes the duty {0}")]
    Duty(String),
    /// The same person took a step before that another must have taken.
    #[error("the same person took {0}")]
    SamePerson(String),
    /// Something is missing, or a check keeps it back.
    #[error("something is missing or wrong in it")]
    Blocked,
    /// It takes a reason.
    #[error("a reason is needed")]
    NoReason,
    /// It moves a document to the release that this one is filled in under already.
    #[error("the document is filled in under this release already")]
    Newest,
    /// It holds something that this program does not know.
    #[error("this program does not know {0:?}")]
    Unknown(String),
}

impl Say for StepFault {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::NoStep(step) => format!("流程中没有“{step}”这一步；请刷新页面后重试"),
            Self::State(state) => format!("单据现为“{state}”，不能办理这一步；可能已有他人办理，请刷新页面"),
            Self::Level(level) => format!("这一步由{level}办理"),
            Self::Duty(duty) => format!("这一步由“{duty}”岗办理；请换有此岗位的账号登录，或请安全管理员授予岗位"),
            Self::SamePerson(step) => format!("“{step}”也是您办理的，这一步须由另一人办理"),
            Self::Blocked => "还有必填项未填或校验未通过，不能办理；请按页面提示改正".to_owned(),
            Self::NoReason => "请写明原因".to_owned(),
            Self::Newest => "单据已按现行的表单填报，不需要改用；请刷新页面".to_owned(),
            Self::Unknown(part) => format!("本程序不认识流程中的“{part}”；请先升级程序"),
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}

impl Definition {
    /// The steps that this actor's bureau and duties allow with a document as it stands, in the order of the flow.
    /// Whether it is complete, and who took the steps before, is told when one is taken. Those that move it to a newer
    /// release are told by that one: [`Definition::renewals_for`].
    #[must_use]
    pub fn steps_for<'a>(&'a self, case: &Case<'a>, actor: &Actor<'_>) -> Vec<&'a Step> {
        self.allowed(case, actor).filter(|step| !step.renews()).collect()
    }

    /// Of a newer release: the steps by which this actor may move a document of an earlier one to it.
    #[must_use]
    pub fn renewals_for<'a>(&'a self, case: &Case<'a>, actor: &Actor<'_>) -> Vec<&'a Step> {
        self.allowed(case, actor).filter(|step| step.renews()).collect()
    }

    fn allowed<'a>(&'a self, case: &Case<'a>, actor: &Actor<'_>) -> impl Iterator<Item = &'a Step> {
        let state = case.document.state(case.verdict);
        let allowed = move |step: &&Step| of_level(step, case, actor).is_ok() && actor.duties.contains(&step.duty);
        self.flow.steps_from(state).filter(allowed)
    }

    /// Whether a document can be in the state that it says of itself. One that counts is the county's to give: of a
    /// township's document it stands in a verdict and nowhere else, unless the flow lets the township take that step.
    #[must_use]
    pub fn believes(&self, document: &Document, author: &RegionCode) -> bool {
        let counts = self.flow.state(&document.state).is_some_and(|state| state.counts);
        let own = |step: &Step| step.to == document.state && step.level == FlowLevel::Keeper;
        !counts || author.level() <= Level::County || self.flow.steps.iter().any(own)
    }

    /// Whether whoever keeps a document may change what is typed in it.
    #[must_use]
    pub fn is_open(&self, case: &Case<'_>) -> bool {
        self.flow.state(case.document.state(case.verdict)).is_some_and(|state| state.open)
    }

    /// Takes a step.
    ///
    /// # Errors
    /// [`StepFault`]; then nothing is to be kept.
    pub fn take(
        &self,
        step: &str,
        case: &Case<'_>,
        actor: &Actor<'_>,
        reason: &str,
        at: Moment,
    ) -> Result<Taken, StepFault> {
        let (step, taken) = self.permitted(step, case, actor, reason, at)?;
        if step.renews() {
            return Err(StepFault::Newest);
        }
        if actor.region != case.author {
            return Ok(decided(case, taken));
        }
        let mut moved = moved(step, case, taken, at);
        if let Taken::Document { document, before: Some(_) } = &mut moved {
            // What the county said of the version before it says anew of the next.
            document.given = self.below(&document.given);
        }
        Ok(moved)
    }

    /// The step, and that it was taken, if all that it asks is there.
    pub(super) fn permitted(
        &self,
        step: &str,
        case: &Case<'_>,
        actor: &Actor<'_>,
        reason: &str,
        at: Moment,
    ) -> Result<(&Step, StepTaken), StepFault> {
        let step = self.flow.step(step).ok_or_else(|| StepFault::NoStep(step.to_owned()))?;
        if let Some(unknown) = step.actions.iter().find_map(Action::unknown) {
            return Err(StepFault::Unknown(unknown.to_owned()));
        }
        let state = case.document.state(case.verdict);
        if !step.from.iter().any(|from| from == state) {
            let title = self.flow.state(state).map_or(state, |state| &state.title);
            return Err(StepFault::State(title.to_owned()));
        }
        of_level(step, case, actor)?;
        if !actor.duties.contains(&step.duty) {
            return Err(StepFault::Duty(step.duty.text(Lang::Zh).to_owned()));
        }
        let same = self.same_person(step, case, actor);
        if let Some(before) = same.as_ref().filter(|_| !actor.alone) {
            return Err(StepFault::SamePerson(before.clone()));
        }
        if step.complete && case.blocked {
            return Err(StepFault::Blocked);
        }
        let mut reason = reason.trim().to_owned();
        if step.reason && reason.is_empty() {
            return Err(StepFault::NoReason);
        }
        if same.is_some() {
            let between = if reason.is_empty() { "" } else { "，" };
            reason = format!("{reason}{between}{ALONE}");
        }
        let taken = StepTaken {
            step: step.name.clone(),
            from: state.to_owned(),
            to: step.to.clone(),
            region: actor.region.clone(),
            account: actor.account.to_owned(),
            by: actor.name.to_owned(),
            at,
            reason,
            version: case.document.version,
        };
        Ok((step, taken))
    }

    /// What the same person did of this version that another must have done, as it is called.
    fn same_person(&self, step: &Step, case: &Case<'_>, actor: &Actor<'_>) -> Option<String> {
        let document = case.document;
        let here = |taken: &&&StepTaken| taken.region == *actor.region && taken.account == actor.account;
        let history = document.history(case.author, case.verdict);
        let this_round = history.iter().filter(here).filter(|taken| taken.version == document.version);
        let taken: Vec<&str> = this_round.map(|taken| taken.step.as_str()).collect();
        let above = super::level::filled(case).map(|filled| &filled.by);
        let filled_by = if case.author == actor.region { Some(&document.filled_by) } else { above };
        let filled = filled_by.is_some_and(|accounts| accounts.iter().any(|by| by == actor.account));
        let did = |name: &&String| if *name == FILL { filled } else { taken.contains(&name.as_str()) };
        step.other_than.iter().find(did).map(|name| match self.flow.step(name) {
            Some(step) => step.title.clone(),
            None => "填写".to_owned(),
        })
    }
}

/// Whether a step is taken at this actor's level.
fn of_level(step: &Step, case: &Case<'_>, actor: &Actor<'_>) -> Result<(), StepFault> {
    match &step.level {
        FlowLevel::Unknown(level) => Err(StepFault::Unknown(level.clone())),
        level if level.is_of(case.author, actor.region) => Ok(()),
        level => Err(StepFault::Level(level.text(Lang::Zh).to_owned())),
    }
}

/// The document in the state that the step leads to, at whoever keeps it.
pub(super) fn moved(step: &Step, case: &Case<'_>, taken: StepTaken, at: Moment) -> Taken {
    let mut document = case.document.clone();
    document.state.clone_from(&step.to);
    document.turn = document.turn.saturating_add(1);
    document.changed_at = at;
    document.steps.push(taken);
    let adjusts = step.actions.contains(&Action::NewVersion);
    let before = (adjusts || step.renews()).then(|| {
        // What was decided about the version before is part of it.
        let mut before = case.document.clone();
        case.document.state(case.verdict).clone_into(&mut before.state);
        document.version = document.version.saturating_add(1);
        // Moved to a new release, what is in it is still what they typed.
        if adjusts {
            document.filled_by.clear();
        }
        Box::new(before)
    });
    Taken::Document { document: Box::new(document), before }
}

fn decided(case: &Case<'_>, taken: StepTaken) -> Taken {
    let mut steps = case.verdict.map(|verdict| verdict.steps.clone()).unwrap_or_default();
    let state = taken.to.clone();
    steps.push(taken);
    Taken::Verdict(Box::new(Verdict {
        document: case.document.record_key(),
        author: case.author.clone(),
        turn: case.document.turn,
        content: case.document.content(),
        state,
        steps,
        filled: case.verdict.map(|verdict| verdict.filled.clone()).unwrap_or_default(),
    }))
}

#[cfg(test)]
mod tests;
