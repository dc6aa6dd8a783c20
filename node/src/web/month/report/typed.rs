//! What was typed into a month's form, kept as it was typed, and read into a report or into what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use tongpin_console::web::Fields;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::Given;
use tongpin_domain::intake::{Judged, written};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::money::Amount;
use tongpin_domain::month::Month;
use tongpin_domain::number;
use tongpin_domain::observation::check::{self, Fault};
use tongpin_domain::observation::{Evidence, Observation, Output};

use crate::ops::months::{Report, ReportedProject, month_texts};
use crate::records::evidence;
use crate::records::kept_form::KeptForm;
use crate::web::added::Added;

/// What was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct TypedMonth {
    /// What the form was made from.
    pub(super) version: String,
    /// 期初
    pub(super) opening: String,
    /// 本月支出
    pub(super) spent: String,
    /// 说明
    pub(super) note: String,
    /// The files that stay.
    pub(super) evidence: Vec<Evidence>,
    /// What the city asks beside, by field.
    pub(super) more: BTreeMap<String, Given>,
    outputs: BTreeMap<u32, String>,
}

/// What is wrong with it, empty where nothing is.
#[derive(Debug, Clone, Default)]
pub(super) struct Wrong {
    /// 期初
    pub(super) opening: String,
    /// 本月支出
    pub(super) spent: String,
    /// 说明
    pub(super) note: String,
    /// The file that was chosen.
    pub(super) file: String,
    /// What the city's form says.
    pub(super) judged: Judged,
    outputs: BTreeMap<u32, String>,
}

impl Wrong {
    /// What the city's form says, and nothing else.
    pub(super) fn of(judged: Judged) -> Self {
        Self { judged, ..Self::default() }
    }

    /// The same, and what is wrong with the file.
    pub(super) fn with_file(self, file: String) -> Self {
        Self { file, ..self }
    }

    /// What is wrong with a line.
    pub(super) fn output(&self, seq: u32) -> &str {
        self.outputs.get(&seq).map_or("", String::as_str)
    }

    fn is_empty(&self) -> bool {
        let said = self.outputs.is_empty() && self.judged.problems.is_empty();
        said && [&self.opening, &self.spent, &self.note].iter().all(|word| word.is_empty())
    }
}

impl TypedMonth {
    /// What is saved of a month; of one that is not, nothing but the opening.
    pub(super) fn saved(opened: &ReportedProject, month: Month) -> Self {
        let opening = opened.opening().raw().to_owned();
        let Some(saved) = opened.at(month) else { return Self { opening, ..Self::default() } };
        Self {
            version: String::new(),
            opening,
            spent: saved.spent.raw().to_owned(),
            note: saved.note.clone(),
            evidence: saved.evidence.clone(),
            more: saved.more.clone(),
            outputs: saved.outputs.iter().map(|output| (output.seq, output.value.raw().to_owned())).collect(),
        }
    }

    /// What a form sent.
    pub(super) fn posted(
        data: &Path,
        (opened, month): (&ReportedProject, Month),
        fields: &Fields,
        added: &Added,
    ) -> Self {
        let held = opened.at(month).map(|held| held.more.clone()).unwrap_or_default();
        let value = |seq: u32| fields.text(&format!("actual-{seq}")).to_owned();
        Self {
            version: fields.text("version").to_owned(),
            opening: fields.text("opening").to_owned(),
            spent: fields.text("spent").to_owned(),
            note: fields.text("note").replace("\r\n", "\n"),
            evidence: kept(data, opened, fields),
            more: added.posted(fields, &held),
            outputs: opened.held.lines.iter().map(|line| (line.seq, value(line.seq))).collect(),
        }
    }

    /// Adds a file, once.
    pub(super) fn add(&mut self, file: Evidence) {
        if !self.evidence.iter().any(|held| held.digest == file.digest) {
            self.evidence.push(file);
        }
    }

    /// What was typed for a line.
    pub(super) fn output(&self, seq: u32) -> &str {
        self.outputs.get(&seq).map_or("", String::as_str)
    }

    /// Reads it into a report, or says at each field how it should look.
    pub(super) fn read(
        &self,
        (opened, month): (&ReportedProject, Month),
        form: &KeptForm,
        (by, now): (&str, Moment),
        lang: Lang,
    ) -> Result<Report, Box<Wrong>> {
        let (opening, spent) = (Amount::parse(&self.opening), Amount::parse(&self.spent));
        let said = |fault: Option<Fault>| fault.map(|fault| fault.say(lang)).unwrap_or_default();
        let mut wrong = Wrong {
            opening: said(check::opening(&opening)),
            spent: said(check::amount(&spent)),
            note: said(check::note(&self.note, &spent)),
            judged: self.judged((opened, month), form),
            ..Wrong::default()
        };
        let long = self.outputs.iter().filter_map(|(seq, value)| Some((*seq, check::value(value)?.say(lang))));
        wrong.outputs = long.collect();
        let outputs = self.outputs.iter().filter(|(_, value)| !value.is_empty());
        let observation = Observation {
            project_code: opened.held.project.code.clone(),
            year: month.year(),
            month: month.number(),
            spent,
            outputs: outputs.map(|(seq, value)| Output { seq: *seq, value: number::Typed::parse(value) }).collect(),
            note: self.note.clone(),
            more: wrong.judged.more.clone(),
            evidence: self.evidence.clone(),
            reported_by: by.to_owned(),
            reported_at: now,
            changed_at: now,
        };
        let report = Report { opening, observation };
        if wrong.is_empty() {
            wrong.spent = said(check::total(&opened.with(&report)));
        }
        if wrong.is_empty() { Ok(report) } else { Err(Box::new(wrong)) }
    }

    /// What the city's form says of it. What it does not ask any more stays as it is held.
    pub(super) fn judged(&self, (opened, month): (&ReportedProject, Month), form: &KeptForm) -> Judged {
        let spent = Amount::parse(&self.spent);
        let texts = month_texts(&opened.held.project, month.number(), &spent, &self.note);
        let more: Vec<(&str, String)> = self.more.iter().map(|(name, given)| (name.as_str(), written(given))).collect();
        let mut typed: BTreeMap<&str, &str> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        typed.extend(more.iter().map(|(name, text)| (*name, text.as_str())));
        let asked = form.asked();
        let mut judged = asked.judge(&typed);
        judged.more = asked.kept(&self.more, judged.more);
        judged
    }
}

/// The files that a form says should stay, `digest/name` each: those that were reported of this project, and those
/// that were handed in with a form that could not be saved then.
fn kept(data: &Path, opened: &ReportedProject, fields: &Fields) -> Vec<Evidence> {
    let reported = || opened.observations.iter().flat_map(|it| &it.evidence);
    let read = |value: &str| {
        let (digest, name) = value.split_once('/')?;
        let digest: Digest = digest.parse().ok()?;
        let known = reported().find(|file| file.digest == digest && file.name == name).cloned();
        known.or_else(|| evidence::held(data, digest, name))
    };
    let mut files: Vec<Evidence> = Vec::new();
    for file in fields.all("evidence").filter_map(read) {
        if !files.iter().any(|held| held.digest == file.digest) {
            files.push(file);
        }
    }
    files
}
