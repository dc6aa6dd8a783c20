//! 改用新版表单: a document moved to a newer release of its form: what of it is carried over, and what becomes of it
//! there, told before anybody takes the step. Nothing is lost by it: the version before stays as it was.

mod comparison;

use std::collections::BTreeMap;

use serde::Serialize;

pub use comparison::differences;

use super::read::is_given;
use super::take::moved;
use super::{
    Actor, Case, Definition, Edition, Evaluated, FlowLevel, FormChange, Given, GivenRow, Reading, StepFault, Taken,
    changes,
};
use crate::lang::{Lang, Say};
use crate::moment::Moment;

/// A document under one release of its form.
#[derive(Debug, Clone, Copy)]
pub struct Under<'a> {
    /// The release.
    pub definition: &'a Definition,
    /// What was typed, read by it.
    pub reading: &'a Reading,
    /// What follows by it.
    pub evaluated: &'a Evaluated,
}

/// What a document holds under the release that it moves to.
#[derive(Debug, Clone)]
pub struct Carried {
    /// The release, with that of what the county adds.
    pub edition: Edition,
    /// What is typed in it: see [`Definition::carried`].
    pub given: BTreeMap<String, Given>,
    /// What follows from that.
    pub derived: BTreeMap<String, String>,
}

/// What happens to a part of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// A field more.
    Added,
    /// A field more that must be filled in.
    AddedRequired,
    /// A field that must be filled in now, and is not.
    Required,
    /// A field that nobody fills in any more; what it holds is kept.
    Retired,
    /// A field that the form has no more; what it held stands in the version before.
    Gone,
    /// A field that is not asked any more because of what the document says elsewhere.
    NotAsked,
    /// A value that the new release does not take.
    Unreadable,
    /// A choice that is retired; the document keeps it.
    ChoiceRetired,
    /// A value that comes out otherwise.
    Figure,
    /// A check more.
    CheckAdded,
    /// A check that asks or does something else.
    CheckChanged,
    /// A check less.
    CheckDropped,
    /// A check that finds something else because the figures are others.
    CheckResult,
}

impl Say for Becomes {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Added => ("新增", "added"),
            Self::AddedRequired => ("新增，必填", "added, required"),
            Self::Required => ("改为必填，须补填", "required now"),
            Self::Retired => ("停用，已填的保留", "retired, kept"),
            Self::Gone => ("取消，原值只留在改用前的版本", "gone, kept in the version before"),
            Self::NotAsked => ("不再需要填写", "not asked any more"),
            Self::Unreadable => ("不符合新版要求，须改正", "to be corrected"),
            Self::ChoiceRetired => ("选项停用，已选的保留", "choice retired, kept"),
            Self::Figure => ("结果不同", "comes out otherwise"),
            Self::CheckAdded => ("新增校验", "check added"),
            Self::CheckChanged => ("校验有变", "check changed"),
            Self::CheckDropped => ("取消校验", "check dropped"),
            Self::CheckResult => ("校验结果不同", "check finds otherwise"),
        };
        lang.pick(zh, en).to_owned()
    }
}

/// One thing that is otherwise in the document afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, as in [`Place`]; for a field of all rows `rows.field`, for a check its name.
    pub place: String,
    /// What people call it: a field's title, what a check says.
    pub title: String,
    /// What happens to it.
    pub becomes: Becomes,
    /// What is there now, as people read it; empty for nothing.
    pub before: String,
    /// What is there afterwards.
    pub after: String,
    /// Whether the values are personal.
    pub personal: bool,
}

impl Definition {
    /// What of a document's content is typed under this release too: fields of the same name. What is no field of it,
    /// or is calculated or filled in by it, is not; what it cannot read is, as it was typed, to be put right there.
    #[must_use]
    pub fn carried(&self, given: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
        let typed = |name: &String| self.field(name).filter(|field| is_given(field));
        let all = given.iter().filter_map(|(name, given)| {
            let field = typed(name)?;
            let Given::Rows(rows) = given else { return Some((name.clone(), given.clone())) };
            let known = |name: &String| field.fields.iter().any(|inner| inner.name == *name && is_given(inner));
            let row = |row: &GivenRow| {
                let cells = row.cells.iter().filter(|(name, _)| known(name));
                GivenRow { id: row.id.clone(), cells: cells.map(|(name, text)| (name.clone(), text.clone())).collect() }
            };
            Some((name.clone(), Given::Rows(rows.iter().map(row).collect())))
        });
        // What the county said of the version before it says anew of the next.
        self.below(&all.collect())
    }

    /// Moves a document of an earlier release to this one, by a step of this one's flow.
    ///
    /// # Errors
    /// [`StepFault`]; then nothing is to be kept.
    pub fn renew(
        &self,
        step: &str,
        case: &Case<'_>,
        actor: &Actor<'_>,
        (reason, at): (&str, Moment),
        carried: Carried,
    ) -> Result<Taken, StepFault> {
        if case.document.edition() >= carried.edition {
            return Err(StepFault::Newest);
        }
        let (step, taken) = self.permitted(step, case, actor, reason, at)?;
        if !step.renews() {
            return Err(StepFault::NoStep(step.name.clone()));
        }
        if actor.region != case.author {
            return Err(StepFault::Level(FlowLevel::Keeper.text(Lang::Zh).to_owned()));
        }
        let mut result = moved(step, case, taken, at);
        if let Taken::Document { document, .. } = &mut result {
            (document.release, document.added) = (carried.edition.release, carried.edition.added);
            document.given = carried.given;
            document.derived = carried.derived;
        }
        Ok(result)
    }
}

/// What of the form itself is otherwise, beside what [`differences`] tells of the document, for whoever fills it in.
#[must_use]
pub fn other_changes(before: &Definition, after: &Definition) -> Vec<FormChange> {
    let told = |change: &FormChange| {
        matches!(
            change,
            FormChange::TitleChanged { .. }
                | FormChange::FieldRevived(_)
                | FormChange::Optional(_)
                | FormChange::OriginChanged(_)
                | FormChange::FilledElsewhere(_)
                | FormChange::AskedOtherwise(_)
                | FormChange::ChoiceAdded { .. }
                | FormChange::StateAdded(_)
                | FormChange::StateChanged(_)
                | FormChange::StepsChanged
                | FormChange::LooksChanged
        )
    };
    changes(before, after).into_iter().filter(told).collect()
}

#[cfg(test)]
mod tests;
