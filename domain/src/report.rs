//! Reports (上报) and receipts (回执): what a child signs about its records, and what its parent signs about the report.
//!
//! Both are frozen: their JSON is signed, and the same bytes are stored and sent. Fields may be added, never changed.

use serde::{Deserialize, Serialize};

use crate::collection::TableAnswer;
use crate::digest::Digest;
use crate::egress::Withheld;
use crate::lang::{Lang, Say};
use crate::moment::Moment;
use crate::region::RegionCode;
use crate::score::RuleRef;

mod check;
mod figures;
mod place;

pub use check::{ReportProblem, check, check_approver};
pub use figures::{Implausible, MOST_RECORDS, Wrong, implausible};
pub use place::{Held, Place, next_place};

/// Which release of the `collections` catalog the collection was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CollectionRef {
    /// Who published it.
    pub publisher: RegionCode,
    /// The release that brought this version of it.
    pub release: u64,
}

/// One table of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportTable {
    /// What was computed.
    #[serde(flatten)]
    pub answer: TableAnswer,
    /// What was held back.
    pub withheld: Withheld,
}

/// 上报: one region's answer to a collection. A correction is a new revision that names the one it replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// 归集任务
    pub collection: String,
    /// Where the collection was read.
    pub collection_release: CollectionRef,
    /// Whose records it is about.
    pub region: RegionCode,
    /// 期间
    pub period: String,
    /// 1, 2, 3 …
    pub revision: u64,
    /// The digest of the revision before it, [`Digest::NONE`] for the first.
    pub replaces: Digest,
    /// The answers, in the order of the collection's tables.
    pub tables: Vec<ReportTable>,
    /// Every rule set that the records were scored under, sorted.
    pub rules: Vec<RuleRef>,
    /// When it was computed.
    pub computed_at: Moment,
    /// 审核: who let it leave.
    pub approved_by: String,
}

impl Report {
    /// The table of this id.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&TableAnswer> {
        self.tables.iter().map(|table| &table.answer).find(|answer| answer.table == id)
    }

    /// How many records it is made of, all tables together.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.tables.iter().map(|table| table.answer.records).fold(0, u64::saturating_add)
    }
}

/// What a parent did with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 已收，待审核: it is sound and kept, and does not count until a person accepts it.
    Received,
    /// 已接收
    Accepted,
    /// 退回
    Returned,
}

impl Say for Verdict {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Received => lang.pick("已收，待审核", "received, awaiting review"),
            Self::Accepted => lang.pick("已接收", "accepted"),
            Self::Returned => lang.pick("退回", "returned"),
        }
        .to_owned()
    }
}

/// 回执: numbered without gaps for each child, so that a lost one is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// 1, 2, 3 … for this child.
    pub number: u64,
    /// 归集任务
    pub collection: String,
    /// Whose report it was.
    pub region: RegionCode,
    /// Which revision.
    pub revision: u64,
    /// The digest of the report's signed bytes.
    pub report: Digest,
    /// What was done with it.
    pub verdict: Verdict,
    /// Why it was returned; empty if it was accepted.
    pub reasons: Vec<String>,
    /// Who decided, a person or the program's check.
    pub by: String,
    /// When.
    pub at: Moment,
    /// The latest revision that the parent held when it returned this one for its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// The digest of the question that this is about, which was not taken in; a receipt of a report has none. Then the
    /// names of collection and report above are empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Digest>,
}

impl Say for Receipt {
    fn say(&self, lang: Lang) -> String {
        let Self { number, collection, revision, at, .. } = self;
        let verdict = self.verdict.say(lang);
        let reasons = if self.reasons.is_empty() {
            String::new()
        } else {
            format!("{}{}", lang.pick("：", ": "), self.reasons.join(lang.pick("；", "; ")))
        };
        match lang {
            Lang::Zh if self.question.is_some() => format!("回执 {number}：提问未被接收（{at}）{reasons}"),
            Lang::En if self.question.is_some() => {
                format!("receipt {number}: a question was not taken ({at}){reasons}")
            }
            Lang::Zh => format!("回执 {number}：“{collection}”第 {revision} 次上报{verdict}（{at}）{reasons}"),
            Lang::En => format!("receipt {number}: revision {revision} of \"{collection}\" {verdict} ({at}){reasons}"),
        }
    }
}

#[cfg(test)]
mod tests;
