//! What was typed into a month's form, kept as it was typed, and read into a report or into what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use tongpin_console::web::Fields;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::money::{Amount, Fen};
use tongpin_domain::month::Month;
use tongpin_domain::number;
use tongpin_domain::observation::{Evidence, Observation, Output, spent_until};

use crate::evidence;
use crate::observations::{Opened, Report};

/// The longest note, characters.
pub(super) const LONGEST_NOTE: usize = 500;
/// The longest value of a line, characters.
const LONGEST_VALUE: usize = 200;

/// What was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
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
    outputs: BTreeMap<u32, String>,
}

impl Wrong {
    /// The same, and what is wrong with the file.
    pub(super) fn with_file(self, file: String) -> Self {
        Self { file, ..self }
    }

    /// What is wrong with a line.
    pub(super) fn output(&self, seq: u32) -> &str {
        self.outputs.get(&seq).map_or("", String::as_str)
    }

    fn is_empty(&self) -> bool {
        self.outputs.is_empty() && [&self.opening, &self.spent, &self.note].iter().all(|word| word.is_empty())
    }
}

impl Typed {
    /// What is saved of a month; of one that is not, nothing but the opening.
    pub(super) fn saved(opened: &Opened, month: Month) -> Self {
        let opening = opened.opening().raw().to_owned();
        let Some(saved) = opened.at(month) else { return Self { opening, ..Self::default() } };
        Self {
            version: String::new(),
            opening,
            spent: saved.spent.raw().to_owned(),
            note: saved.note.clone(),
            evidence: saved.evidence.clone(),
            outputs: saved.outputs.iter().map(|output| (output.seq, output.value.raw().to_owned())).collect(),
        }
    }

    /// What a form sent.
    pub(super) fn posted(data: &Path, opened: &Opened, fields: &Fields) -> Self {
        let value = |seq: u32| fields.text(&format!("actual-{seq}")).to_owned();
        Self {
            version: fields.text("version").to_owned(),
            opening: fields.text("opening").to_owned(),
            spent: fields.text("spent").to_owned(),
            note: fields.text("note").replace("\r\n", "\n"),
            evidence: kept(data, opened, fields),
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
        opened: &Opened,
        month: Month,
        by: &str,
        now: Moment,
        lang: Lang,
    ) -> Result<Report, Wrong> {
        let (opening, spent) = (Amount::parse(&self.opening), Amount::parse(&self.spent));
        let mut wrong = Wrong {
            opening: amount(&opening, lang),
            spent: amount(&spent, lang),
            note: self.note_problem(&spent, lang),
            ..Wrong::default()
        };
        if opening.fen().is_some_and(|fen| fen < Fen::ZERO) {
            lang.pick("期初不能是负数", "the opening cannot be negative").clone_into(&mut wrong.opening);
        }
        let long = self.outputs.iter().filter(|(_, value)| value.chars().count() > LONGEST_VALUE);
        wrong.outputs = long
            .map(|(seq, _)| {
                (
                    *seq,
                    lang.pick(
                        "过长；请只写完成值，其余写在说明里",
                        "too long: the value alone, the rest into the note",
                    )
                    .to_owned(),
                )
            })
            .collect();
        let outputs = self.outputs.iter().filter(|(_, value)| !value.is_empty());
        let observation = Observation {
            project_code: opened.held.project.code.clone(),
            year: month.year(),
            month: month.number(),
            spent,
            outputs: outputs.map(|(seq, value)| Output { seq: *seq, value: number::Typed::parse(value) }).collect(),
            note: self.note.clone(),
            evidence: self.evidence.clone(),
            reported_by: by.to_owned(),
            reported_at: now,
            changed_at: now,
        };
        let report = Report { opening, observation };
        if wrong.is_empty() {
            wrong.spent = total_problem(spent_until(&opened.with(&report), 12), lang);
        }
        if wrong.is_empty() { Ok(report) } else { Err(wrong) }
    }

    fn note_problem(&self, spent: &Amount, lang: Lang) -> String {
        let length = self.note.chars().count();
        if length > LONGEST_NOTE {
            let zh = format!("说明有 {length} 字，最多 {LONGEST_NOTE} 字；请压缩，或作为佐证材料附上");
            let en = format!("{length} characters; {LONGEST_NOTE} at most");
            return lang.pick(&zh, &en).to_owned();
        }
        if self.note.is_empty() && spent.fen().is_some_and(|fen| fen < Fen::ZERO) {
            return lang
                .pick("本月支出是负数，请在这里写明退回或冲销的原因", "say here why money came back")
                .to_owned();
        }
        String::new()
    }
}

/// What is wrong with the sum of opening and months.
fn total_problem(sum: Option<Fen>, lang: Lang) -> String {
    let (zh, en) = match sum {
        None => (
            "各月合计超出可表示的范围，请核对金额单位".to_owned(),
            "all months together are too large; check the unit".to_owned(),
        ),
        Some(sum) if sum < Fen::ZERO => (
            format!("期初加各月支出合计为 {sum} 元，不能是负数；请核对退回、冲销的金额"),
            format!("opening and months add up to {sum}, which cannot be negative"),
        ),
        Some(_) => return String::new(),
    };
    lang.pick(&zh, &en).to_owned()
}

/// What is wrong with an amount, and how it should look.
fn amount(amount: &Amount, lang: Lang) -> String {
    if amount.is_missing() {
        return lang
            .pick("请填写；没有的填 0（空着不等于 0）", "give an amount; 0 for nothing (a blank is not 0)")
            .to_owned();
    }
    let Some(problem) = amount.problem() else { return String::new() };
    let said = problem.say(lang);
    lang.pick(
        &format!("{said}；应为以元为单位的一个金额，如 12345.67 或 1.2万"),
        &format!("{said}; it should be one amount in yuan, such as 12345.67"),
    )
    .to_owned()
}

/// The files that a form says should stay, `digest/name` each: those that were reported of this project, and those
/// that were handed in with a form that could not be saved then.
fn kept(data: &Path, opened: &Opened, fields: &Fields) -> Vec<Evidence> {
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
