//! What was typed into the self-evaluation, as lines over those that are held: every value as it was typed.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tongpin_console::web::Fields;
use tongpin_domain::lang::Lang;
use tongpin_domain::number::{self, Typed};
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::score::ScoreSheet;

use crate::records::HeldProject;

/// The longest 实际完成值 and the longest 偏差原因, in characters.
pub(super) const LONGEST_ACTUAL: usize = 200;
pub(super) const LONGEST_REASON: usize = 1000;

/// A form that was filled in.
#[derive(Debug, Default)]
pub(super) struct TypedEvaluation {
    /// The lines with what was typed.
    pub(super) lines: Vec<ProjectIndicator>,
    /// 执行率偏低的原因
    pub(super) execution_reason: String,
    /// What cannot be kept as it was typed, by field.
    pub(super) refused: BTreeMap<String, Refused>,
}

/// A value that cannot be kept.
#[derive(Debug)]
pub(super) struct Refused {
    /// As it was typed.
    pub(super) typed: String,
    /// How it should look.
    pub(super) why: String,
}

/// The field of the project's own reason.
pub(super) const EXECUTION_REASON: &str = "execution_reason";

/// The name of a field of a line.
pub(super) fn name(what: &str, seq: u32) -> String {
    format!("{what}.{seq}")
}

impl TypedEvaluation {
    /// The form as it is held.
    pub(super) fn held(held: &HeldProject) -> Self {
        let execution_reason = held.project.execution_reason.clone();
        Self { lines: held.lines.clone(), execution_reason, refused: BTreeMap::new() }
    }

    /// The form with what was typed. A field that was not sent leaves its value as it is.
    pub(super) fn read(held: &HeldProject, fields: &Fields, lang: Lang) -> Self {
        let mut filled = Self { execution_reason: held.project.execution_reason.clone(), ..Self::default() };
        if let Some(typed) = fields.all(EXECUTION_REASON).next()
            && filled.fits(EXECUTION_REASON, typed, LONGEST_REASON, lang)
        {
            typed.replace("\r\n", "\n").trim().clone_into(&mut filled.execution_reason);
        }
        for held in &held.lines {
            let mut line = held.clone();
            filled.actual(&mut line, fields, lang);
            filled.grade(&mut line, fields, lang);
            filled.evidence(&mut line, fields, lang);
            filled.reason(&mut line, fields, lang);
            if line.actual != held.actual || line.qual_pct != held.qual_pct {
                // The score that a unit reported was that of another value.
                line.self_score = None;
            }
            filled.lines.push(line);
        }
        filled
    }

    /// The project to save.
    pub(super) fn project(&self, held: &Project) -> Project {
        Project { execution_reason: self.execution_reason.clone(), ..held.clone() }
    }

    /// The lines to save: whoever saves the form reports the scores that it shows, but where a score of the unit's own
    /// stands already.
    pub(super) fn reported(&self, sheet: Option<&ScoreSheet>) -> Vec<ProjectIndicator> {
        let score = |seq| sheet?.lines.iter().find(|line| line.seq == seq)?.score;
        let reported = |line: ProjectIndicator| ProjectIndicator {
            self_score: line.self_score.or_else(|| score(line.seq)),
            ..line
        };
        self.lines.iter().cloned().map(reported).collect()
    }

    fn actual(&mut self, line: &mut ProjectIndicator, fields: &Fields, lang: Lang) {
        let name = name("actual", line.seq);
        let Some(typed) = fields.all(&name).next() else { return };
        if self.fits(&name, typed, LONGEST_ACTUAL, lang) {
            line.actual = Typed::parse(typed);
        }
    }

    fn reason(&mut self, line: &mut ProjectIndicator, fields: &Fields, lang: Lang) {
        let name = name("reason", line.seq);
        let Some(typed) = fields.all(&name).next() else { return };
        if self.fits(&name, typed, LONGEST_REASON, lang) {
            typed.replace("\r\n", "\n").trim().clone_into(&mut line.deviation_reason);
        }
    }

    /// 定性系数, in percent of the weight.
    fn grade(&mut self, line: &mut ProjectIndicator, fields: &Fields, lang: Lang) {
        let name = name("grade", line.seq);
        let Some(typed) = fields.all(&name).next() else { return };
        let read = Typed::parse(typed);
        let within = |number: &Decimal| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(number);
        match read.number().filter(within) {
            None if !read.is_missing() => {
                let why =
                    lang.pick("系数应为 0 到 100 之间的数，如 75", "a number from 0 to 100, such as 75").to_owned();
                let refused = Refused { typed: typed.to_owned(), why };
                self.refused.insert(name.clone(), refused);
            }
            number => line.qual_pct = number,
        }
    }

    /// 佐证件数; a blank says that there is none, as in an import.
    fn evidence(&mut self, line: &mut ProjectIndicator, fields: &Fields, lang: Lang) {
        let name = name("evidence", line.seq);
        let Some(typed) = fields.all(&name).next() else { return };
        if let Some(count) = number::whole(typed) {
            line.evidence_count = count;
        } else {
            let zh = "佐证件数应为不小于 0 的整数，如 3；没有的填 0 或不填";
            let why = lang.pick(zh, "evidence: a whole number from 0, such as 3").to_owned();
            self.refused.insert(name.clone(), Refused { typed: typed.to_owned(), why });
        }
    }

    fn fits(&mut self, name: &str, typed: &str, longest: usize, lang: Lang) -> bool {
        let count = typed.chars().count();
        if count > longest {
            let zh = format!("已填 {count} 字，最多 {longest} 字，请精简");
            let en = format!("{count} characters; at most {longest}");
            let why = lang.pick(&zh, &en).to_owned();
            self.refused.insert(name.to_owned(), Refused { typed: typed.to_owned(), why });
        }
        count <= longest
    }

    /// What a field shows: what was typed, kept or not.
    pub(super) fn shown<'a>(&'a self, name: &str, kept: &'a str) -> &'a str {
        self.refused.get(name).map_or(kept, |refused| refused.typed.as_str())
    }

    /// What is wrong with the fields of a line.
    pub(super) fn wrong(&self, seq: u32) -> impl Iterator<Item = &str> {
        ["actual", "grade", "evidence", "reason"]
            .into_iter()
            .filter_map(move |what| self.refused.get(&name(what, seq)))
            .map(|refused| refused.why.as_str())
    }
}
