//! The step that says what a person decided about a line (人工复核): who, when, why, and on which text.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::plain;
use crate::lang::{Lang, Say};
use crate::moment::Moment;
use crate::review::{Decision, Verdict};

/// 人工复核
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// What was decided.
    pub verdict: Verdict,
    /// Who decided.
    pub name: String,
    /// The login name.
    pub login: String,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: String,
    /// On which papers, if any.
    #[serde(default)]
    pub evidence: String,
    /// 完成值 as it was typed, which stays.
    pub typed: String,
    /// 分值
    pub weight: Decimal,
    /// 得分 that comes of it, before any cut.
    pub score: Decimal,
}

impl Ruling {
    pub(in crate::score) fn new(decision: &Decision, score: Decimal) -> Self {
        Self {
            verdict: decision.verdict.clone(),
            name: decision.name.clone(),
            login: decision.login.clone(),
            at: decision.at,
            reason: decision.reason.clone(),
            evidence: decision.evidence.clone(),
            typed: decision.seen.actual.raw().to_owned(),
            weight: decision.seen.weight,
            score,
        }
    }

    /// Who decided: the name, and the account where it says more.
    #[must_use]
    pub fn by(&self) -> String {
        if self.name == self.login { self.name.clone() } else { format!("{}（{}）", self.name, self.login) }
    }
}

impl Say for Ruling {
    fn say(&self, lang: Lang) -> String {
        let Self { at, reason, evidence, score, .. } = self;
        let (by, typed, weight) = (self.by(), self.typed.trim(), plain(&self.weight));
        let (zh, en) = match &self.verdict {
            Verdict::Value(value) => (format!("完成值按 {} 计", value.raw()), format!("the actual is {}", value.raw())),
            Verdict::Coefficient(percent) => {
                let percent = plain(percent);
                (
                    format!("系数 {percent} %，分值 {weight} × {percent} % = {score}"),
                    format!("coefficient {percent} %, weight {weight} × {percent} % = {score}"),
                )
            }
            Verdict::Points(points) => {
                (format!("得 {} 分（分值 {weight}）", plain(points)), format!("{} points of {weight}", plain(points)))
            }
            Verdict::Withdrawn => ("已撤销".to_owned(), "withdrawn".to_owned()),
        };
        let papers = match (evidence.is_empty(), lang) {
            (true, _) => String::new(),
            (false, Lang::Zh) => format!("；佐证：{evidence}"),
            (false, Lang::En) => format!("; evidence: {evidence}"),
        };
        match lang {
            Lang::Zh => format!("人工复核：{by} {at} 定，{zh}；填报原文“{typed}”不变；理由：{reason}{papers}"),
            Lang::En => {
                format!("decided by {by}, {at}: {en}; typed \"{typed}\", which stays; because: {reason}{papers}")
            }
        }
    }
}
