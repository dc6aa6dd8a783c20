//! What systems are told of a form of which a project has one (绩效目标, 绩效自评).

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tongpin_console::web::api::Refusal;
use tongpin_domain::form::{Definition, Given, Place};
use tongpin_domain::intake::Words;
use tongpin_domain::lang::{Lang, Say};

use super::call::Call;
use super::forms::document;
use super::typed::{problem, refused};
use crate::ops::forms::FormError;
use crate::records::HeldProject;
use crate::records::checked::Checked;

/// One as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub(super) given: Map<String, Value>,
}

/// A form as it is told.
pub(super) struct Told<'a> {
    pub(super) project: &'a HeldProject,
    pub(super) definition: &'a Definition,
    /// The release that it was published in; none where it is as the program ships it.
    pub(super) release: Option<u64>,
    pub(super) given: &'a BTreeMap<String, Given>,
    pub(super) checked: &'a Checked,
    pub(super) version: &'a str,
}

impl Told<'_> {
    pub(super) fn json(&self, call: &Call) -> Value {
        let Self { project, definition, checked, .. } = self;
        let wrong: BTreeMap<String, String> =
            checked.faults().into_iter().map(|(name, words)| (name, words.say(Lang::Zh))).collect();
        json!({
            "project_code": project.project.code,
            "form": definition.code,
            "release": self.release,
            "author": project.author,
            "own": project.author == call.app.site.region(),
            "given": document::given(definition, self.given),
            "derived": document::derived(definition, definition.derived(&checked.evaluated)),
            "withheld": document::withheld(definition),
            "missing": checked.evaluated.missing.iter().map(Place::to_string).collect::<Vec<_>>(),
            "wrong": wrong,
            "version": self.version,
        })
    }
}

/// Nothing is written by a form of which this program does not know a part.
///
/// # Errors
/// The refusal, with the parts.
pub(super) fn known(unknown: &[String]) -> Result<(), Refusal> {
    if unknown.is_empty() {
        return Ok(());
    }
    let error = FormError::Unknown(unknown.to_vec());
    Err(Refusal::new(StatusCode::CONFLICT, "form_unknown", error.say(Lang::Zh), error.say(Lang::En)))
}

/// What is wrong keeps all of it from being written.
///
/// # Errors
/// The refusal, with every place, what `sent` says stood there, and how it should be.
pub(super) fn sound(faults: Vec<(String, Words)>, sent: impl Fn(&str) -> String) -> Result<(), Refusal> {
    if faults.is_empty() {
        return Ok(());
    }
    let problems: Vec<_> = faults.into_iter().map(|(place, words)| problem(0, &place, &sent(&place), words)).collect();
    Err(refused(&problems))
}
