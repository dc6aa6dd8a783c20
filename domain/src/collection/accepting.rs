//! 接收方式: whether a report that passes the program's check counts at once, or only after a person has looked at it.

use serde::{Deserialize, Serialize};

use crate::lang::{Lang, Say};

/// How a collection's reports are accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accepting {
    /// 自动接收: the program's check alone accepts a report.
    #[default]
    ByCheck,
    /// 人工审核: a report that passes the check waits for an officer, and counts once that one accepts it.
    ByReview,
}

impl Accepting {
    /// Whether the check alone accepts.
    #[must_use]
    pub fn is_by_check(&self) -> bool {
        *self == Self::ByCheck
    }

    /// How it is stored and sent by forms.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ByCheck => "by_check",
            Self::ByReview => "by_review",
        }
    }

    /// Reads a word that a form sent; nothing and anything unknown is what it always was.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        if word == Self::ByReview.word() { Self::ByReview } else { Self::ByCheck }
    }
}

impl Say for Accepting {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::ByCheck => {
                lang.pick("自动接收：通过系统校验即计入汇总", "by the check: a sound report counts at once")
            }
            Self::ByReview => {
                lang.pick("人工审核：市级审核通过后才计入汇总", "by review: a report counts once an officer accepts it")
            }
        }
        .to_owned()
    }
}
