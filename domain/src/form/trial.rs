//! 测算: what a drafted release of a form would do to the documents that exist, counted where they are kept. The drafted
//! form goes down as an entry of the catalog `trials`, and numbers come up: never what a document says, and no number
//! of so few documents that somebody could tell which they are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

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

/// Fewer documents than these are told as fewer than these.
pub const FEW: u64 = 5;

/// A drafted form that is to be tried: an entry of [`TRIALS`] under the form's code. Fields may be added, never
/// changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The form as it is drafted: what the body of its entry would be.
    pub form: String,
    /// The release of the catalog of forms that it was compared with.
    pub compared_with: u64,
    /// Who asks.
    pub by: String,
    /// Since when.
    pub at: Moment,
}

impl Trial {
    /// By what answers name it: what is drafted otherwise is another trial.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.form.as_bytes())
    }
}

words! {
    /// What is counted. All but the first two and the last are of the documents that can be changed now: others stay
    /// under the release that they were filled in under.
    Tally {
        /// Documents of the form.
        Documents = "documents", "单据数", "documents";
        /// Those that whoever keeps them may change now.
        Open = "open", "其中可修改", "of these open";
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

/// What a release would do to one document, by the same comparison that its page shows.
#[must_use]
pub fn burdens(before: Under<'_>, after: Under<'_>) -> BTreeSet<Tally> {
    let blocks = |under: &Under<'_>, check: &str| {
        let found = under.evaluated.findings.iter().filter(|finding| finding.check == check);
        found.filter(|finding| Finding::blocks(finding)).count()
    };
    let of = |place: &Place| match &place.inner {
        Some(inner) => format!("{}.{inner}", place.field),
        None => place.field.clone(),
    };
    let all = differences(before, after, Lang::Zh).into_iter();
    all.filter_map(|it| match it.becomes {
        Becomes::AddedRequired | Becomes::Required => {
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

/// A number as it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// This many.
    Exactly(u64),
    /// Some, but fewer than this.
    FewerThan(u64),
}

impl Counted {
    /// How a number is told of which fewer than `smallest` could be made out.
    #[must_use]
    pub fn told(number: u64, smallest: u64) -> Self {
        if (1..smallest).contains(&number) { Self::FewerThan(smallest) } else { Self::Exactly(number) }
    }

    /// The least and the most that it can be.
    #[must_use]
    pub fn range(self) -> (u64, u64) {
        match self {
            Self::Exactly(number) => (number, number),
            Self::FewerThan(number) => (1, number.saturating_sub(1).max(1)),
        }
    }

    /// As people read it.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match self {
            Self::Exactly(number) => number.to_string(),
            Self::FewerThan(number) => format!("{}{number}", lang.pick("少于 ", "fewer than ")),
        }
    }
}

/// What a bureau says of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 已测算: how many documents each of these concerns. What is not there was not counted.
    Counted(BTreeMap<Tally, Counted>),
    /// 未授权: its egress contract keeps even the numbers.
    Withheld,
    /// 程序较旧: it does not know parts of the drafted form.
    Unable,
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

/// Counts documents one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies(BTreeMap<Tally, u64>);

impl Tallies {
    /// One document more, with everything that is so of it.
    pub fn add(&mut self, of: impl IntoIterator<Item = Tally>) {
        for tally in of {
            let count = self.0.entry(tally).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn of(&self, tally: &Tally) -> u64 {
        self.0.get(tally).copied().unwrap_or(0)
    }

    /// What is told of them: every one that is counted, those of none among them.
    #[must_use]
    pub fn told(&self, smallest: u64) -> BTreeMap<Tally, Counted> {
        let told = |tally: &Tally| (tally.clone(), Counted::told(self.of(tally), smallest.max(FEW)));
        Tally::ALL.iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests;
