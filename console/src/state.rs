//! How well something stands: one scale for pages, the doctor and their machine-readable forms.

use serde::Serialize;
use tongpin_domain::lang::Lang;

/// How well something stands; the order is from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A plain fact, neither good nor bad.
    #[default]
    Plain,
    /// 正常
    Good,
    /// 注意：works, but somebody should look at it.
    Warn,
    /// 异常：does not work until somebody acts.
    Bad,
}

impl State {
    /// The word that stands beside the fact, so that colour is never the only sign.
    #[must_use]
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => lang.pick("正常", "OK"),
            Self::Warn => lang.pick("注意", "Attention"),
            Self::Bad => lang.pick("异常", "Problem"),
        }
    }

    /// The class of the page's style sheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}
