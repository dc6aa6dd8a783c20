//! 测算: what a drafted release of a form would do to the documents that exist, counted where they are kept. The drafted
//! form goes down as an entry of the catalog `trials`, and numbers come up: never what a document says, and no number
//! of so few documents that somebody could tell which they are.

mod count;
mod personal;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use count::{Count, Counted, FEW, Tallies};
pub use personal::Personal;

use super::word::words;
use super::{Becomes, Finding, Place, Under, differences};
use crate::digest::Digest;
use crate::lang::Lang;
use crate::moment::Moment;

/// The catalog of trials (影响测算): a form's code, and what is drafted of it. It sets no rule, so that one person may
/// publish it.
pub const TRIALS: &str = "trials";

/// The most trials that are answered.
pub const MOST_TRIALS: usize = 200;

/// The most different trials of one form that a bureau counts on one day: whoever asks about many drafts that differ by
/// little could make out single documents from what is different in the numbers.
pub const MOST_A_DAY: usize = 10;

/// A drafted form that is to be tried: an entry of [`TRIALS`] under the form's code. Fields may be added, never
/// changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The form as it is drafted: what the body of its entry would be.
    pub form: String,
    /// The release that the catalog of forms was in when it was asked; 0 before the first. A later one that changes the
    /// form ends the trial.
    pub forms_at: u64,
    /// Who asks.
    pub by: String,
    /// Since when.
    pub at: Moment,
}

impl Trial {
    /// By what answers name it: what is drafted otherwise, or asked again, is another trial.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_parts([self.form.as_bytes(), &self.at.0.to_be_bytes()])
    }
}

words! {
    /// What is counted. All but the first two and the last are of the documents that can move to the new release:
    /// others stay under the release that they were filled in under.
    Tally {
        /// Documents of the form.
        Documents = "documents", "单据数", "documents";
        /// Those that a step of the new release lets come to it from where they are.
        Movable = "movable", "其中可改用新版", "of these can move";
        /// A field that the new release requires is not filled in.
        Lacking = "lacking", "缺必填", "lack what is required";
        /// A value that the new release does not take.
        Refused = "refused", "值不再允许", "hold a value not allowed";
        /// A choice that is retired.
        Chosen = "chosen", "已选停用选项", "hold a retired choice";
        /// A check keeps it from being handed on, and did not before.
        Stopped = "stopped", "将被校验拦下", "stopped by a check";
        /// A field that is retired holds something.
        Retired = "retired", "停用字段仍有值", "hold a retired field";
        /// The document, or the release that it was filled in under, cannot be read here.
        Unread = "unread", "无法读取", "cannot be read";
    }
}

/// What a release would do to one document, by the same comparison that its page shows. What tells of personal fields
/// is left out.
#[must_use]
pub fn burdens(before: Under<'_>, after: Under<'_>, personal: &Personal) -> BTreeSet<Tally> {
    let blocks = |under: &Under<'_>, check: &str| {
        let found = under.evaluated.findings.iter().filter(|finding| finding.check == check);
        found.filter(|finding| Finding::blocks(finding)).count()
    };
    let of = |place: &Place| match &place.inner {
        Some(inner) => format!("{}.{inner}", place.field),
        None => place.field.clone(),
    };
    let all = differences(before, after, Lang::Zh).into_iter().filter(|it| !personal.tells(it));
    all.filter_map(|it| match it.becomes {
        // Told only where the document lacks it.
        Becomes::Required => Some(Tally::Lacking),
        Becomes::AddedRequired => {
            after.evaluated.missing.iter().any(|place| of(place) == it.place).then_some(Tally::Lacking)
        }
        Becomes::Unreadable => Some(Tally::Refused),
        Becomes::ChoiceRetired => Some(Tally::Chosen),
        Becomes::Retired => (!it.before.is_empty()).then_some(Tally::Retired),
        Becomes::CheckAdded | Becomes::CheckChanged | Becomes::CheckResult => {
            (blocks(&after, &it.place) > 0 && blocks(&before, &it.place) == 0).then_some(Tally::Stopped)
        }
        Becomes::Added | Becomes::Gone | Becomes::NotAsked | Becomes::Figure | Becomes::CheckDropped => None,
    })
    .collect()
}

/// What a bureau says of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 已测算: how many documents each of these concerns.
    Counted(Count),
    /// 未授权: its egress contract keeps even the numbers.
    Withheld,
    /// 程序较旧: it does not know parts of the drafted form.
    Unable,
    /// 次数已满: it has counted [`MOST_A_DAY`] trials of this form today, and counts this one the next day.
    Postponed,
}

/// What a bureau told of one trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialAnswer {
    /// [`Trial::digest`]
    pub trial: Digest,
    /// When it counted.
    pub at: Moment,
    /// What it says.
    pub answer: Answer,
}

#[cfg(test)]
mod tests;
