//! 单据: a form that somebody fills in, as it is kept and travels: one author, whole, numbered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Field, Kind};
use crate::digest::Digest;
use crate::moment::Moment;
use crate::region::RegionCode;

/// A document: the body of a record of the kind `form`. Fields may be added, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The form's code.
    pub form: String,
    /// Who published the form.
    pub publisher: RegionCode,
    /// The release of the form's entry that it is filled in under.
    pub release: u64,
    /// The release of what the county adds to the form ([`super::Supplement`]), in the same way; 0 if it adds nothing.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub added: u64,
    /// Unique among the documents of the form: see [`Document::record_key`].
    pub id: String,
    /// What it is about: a project's code, a fund's, a name; empty where it is about nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// What that is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject_name: String,
    /// The period that it is for; empty where there is one for all time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub period: String,
    /// 版本: 1, and one more with every adjustment.
    pub version: u32,
    /// Counts the steps of whoever keeps it; a decision is about the document at one of them.
    pub turn: u32,
    /// The state that whoever keeps it left it in.
    pub state: String,
    /// What was typed, each as its kind is written; what was not is not there.
    #[serde(default)]
    pub given: BTreeMap<String, Given>,
    /// What followed from it when it was saved. A value inside rows is named `rows.<row>.<field>`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub derived: BTreeMap<String, String>,
    /// The accounts that filled this version in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled_by: Vec<String>,
    /// What was done with it at this level, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepTaken>,
    /// When it was last changed.
    pub changed_at: Moment,
}

/// What was given for a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Given {
    /// One value, as its kind is written.
    One(String),
    /// Rows.
    Rows(Vec<GivenRow>),
    /// Choices.
    Several(Vec<String>),
    /// Files.
    Files(Vec<Attachment>),
}

impl Given {
    /// What the text in a field's column stands for: several choices stand on lines of their own.
    #[must_use]
    pub fn of_column(field: &Field, text: &str) -> Self {
        match field.kind {
            Kind::AnyOf => Self::Several(text.lines().map(str::to_owned).collect()),
            _ => Self::One(text.to_owned()),
        }
    }
}

/// A row as it was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenRow {
    /// Stays the row's as long as it is there.
    pub id: String,
    /// What was typed, by field.
    #[serde(default)]
    pub cells: BTreeMap<String, String>,
}

/// A file that is kept beside the document, under its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is called.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub digest: String,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTaken {
    /// The step's name in the flow.
    pub step: String,
    /// The state before.
    pub from: String,
    /// The state after.
    pub to: String,
    /// The bureau in which it was taken.
    pub region: RegionCode,
    /// The account.
    pub account: String,
    /// The person's name, as it was shown.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why, where it was asked or given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The version of the document.
    pub version: u32,
}

/// 审核意见: what a bureau decided about a document that another keeps. An entry of its catalog `verdicts`, for that
/// other alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The document's key.
    pub document: String,
    /// Who keeps it.
    pub author: RegionCode,
    /// The [`Document::turn`] that was decided about; once the document has another, this is history.
    pub turn: u32,
    /// [`Document::content`] as it was decided about: what says something else was not.
    pub content: Digest,
    /// The state that it is in since.
    pub state: String,
    /// The steps taken at this level, in order, of all turns.
    pub steps: Vec<StepTaken>,
    /// What this level filled in, where the form asks it for something: for each version of the document once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<Filled>,
}

impl Verdict {
    /// What was filled into a version of the document.
    #[must_use]
    pub fn filled_into(&self, version: u32) -> Option<&Filled> {
        self.filled.iter().find(|filled| filled.version == version)
    }
}

/// What a bureau filled into a document that another keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The version of the document that it is for.
    pub version: u32,
    /// What was typed for the fields of this level; of rows the cells of this level, by the rows' ids.
    #[serde(default)]
    pub given: BTreeMap<String, Given>,
    /// What followed from that and the document together, under the same names as in the document.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub derived: BTreeMap<String, String>,
    /// The accounts that filled it in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over by reference")]
fn is_nothing(added: &u64) -> bool {
    *added == 0
}

/// What tells a document from others of its form, of its [`Document::record_key`].
#[must_use]
pub fn id_of(key: &str) -> &str {
    key.split_once('/').map_or(key, |(_, id)| id)
}

impl Document {
    /// The key of its record: the form and what tells it from others of it.
    #[must_use]
    pub fn record_key(&self) -> String {
        format!("{}/{}", self.form, self.id)
    }

    /// Stands for what it says: what was typed and what followed, about what, for when, under which release.
    #[must_use]
    pub fn content(&self) -> Digest {
        let said = (&self.given, &self.derived, &self.subject, &self.period, self.release, self.version);
        // Maps of texts are always JSON, and in one order. What nothing is added to says what it always said.
        let said = if self.added == 0 { serde_json::to_vec(&said) } else { serde_json::to_vec(&(said, self.added)) };
        Digest::of(&said.unwrap_or_default())
    }

    /// The state that it is in: a decision about it as it stands goes before the state it was left in.
    #[must_use]
    pub fn state<'a>(&'a self, verdict: Option<&'a Verdict>) -> &'a str {
        match verdict {
            Some(verdict) if verdict.turn == self.turn && verdict.content == self.content() => &verdict.state,
            _ => &self.state,
        }
    }

    /// Every step taken at either level, in the order of time. What a document says of steps is believed of its own
    /// bureau alone.
    #[must_use]
    pub fn history<'a>(&'a self, author: &RegionCode, verdict: Option<&'a Verdict>) -> Vec<&'a StepTaken> {
        let decided = verdict.map(|verdict| verdict.steps.as_slice()).unwrap_or_default();
        let own = self.steps.iter().filter(|step| step.region == *author);
        let mut all: Vec<&StepTaken> = own.chain(decided).collect();
        all.sort_by_key(|step| step.at);
        all
    }
}
