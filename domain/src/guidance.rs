//! 指导: what a bureau asks the one above it, and what that one answers or lets everybody know.
//!
//! A question is the only text that leaves a county beside what collections declare, and only because a person sends
//! exactly that text. An answer and a notice come down in the catalog `notices`, signed and released like all guidance.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::lang::{Lang, Say};
use crate::moment::Moment;
use crate::region::RegionCode;

/// The catalog of notices and answers (通知与答复).
pub const NOTICES: &str = "notices";
/// The most characters of a title, of a question and of a notice or answer.
pub const LONGEST_TITLE: usize = 80;
/// See [`LONGEST_TITLE`].
pub const LONGEST_TEXT: usize = 2000;

/// 提问, as it is signed and travels: fields may be added, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Unique among all questions of all bureaus: see [`Question::new`].
    pub key: String,
    /// Who asks.
    pub region: RegionCode,
    /// 标题
    pub title: String,
    /// 内容
    pub text: String,
    /// The person who sends it.
    pub asked_by: String,
    /// When it was written.
    pub at: Moment,
}

impl Question {
    /// A question whose key follows from its content, so that one that is sent twice is one.
    #[must_use]
    pub fn new(region: RegionCode, title: &str, text: &str, asked_by: &str, at: Moment) -> Self {
        let (title, text) = (title.trim().to_owned(), text.trim().replace("\r\n", "\n"));
        let key = Self::key_of(&region, &title, &text, at);
        Self { key, region, title, text, asked_by: asked_by.to_owned(), at }
    }

    fn key_of(region: &RegionCode, title: &str, text: &str, at: Moment) -> String {
        let parts = [region.as_str().as_bytes(), title.as_bytes(), text.as_bytes(), &at.0.to_be_bytes()];
        let digest: String = Digest::of_parts(parts).to_string().chars().take(12).collect();
        format!("{region}-{digest}")
    }

    /// What keeps it from being sent or taken in; empty if nothing does.
    #[must_use]
    pub fn problems(&self) -> Vec<Unfit> {
        let mut problems = unfit(&self.title, &self.text);
        if self.key != Self::key_of(&self.region, &self.title, &self.text, self.at) {
            problems.push(Unfit::Key);
        }
        problems
    }
}

/// 通知 or 答复, as an entry of the catalog keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// 标题
    pub title: String,
    /// 内容
    pub text: String,
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// The key of the question that it answers, none for a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
    /// 催报: the id of the collection of which it reminds whoever gets it, none for any other notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminds: Option<String>,
}

/// Why a text is not fit to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// No title.
    NoTitle,
    /// The title has more than [`LONGEST_TITLE`] characters, or more than one line.
    Title,
    /// Nothing is said.
    NoText,
    /// The text has more than [`LONGEST_TEXT`] characters.
    Text,
    /// It holds characters that cannot be seen.
    Control,
    /// The key does not follow from the content.
    Key,
}

impl Unfit {
    /// Whether it is the title's fault; otherwise it is the text's.
    #[must_use]
    pub fn of_title(self) -> bool {
        matches!(self, Self::NoTitle | Self::Title)
    }
}

impl Say for Unfit {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::NoTitle => ("请写标题".to_owned(), "give it a title".to_owned()),
            Self::Title => (
                format!("标题须为一行，最长 {LONGEST_TITLE} 个字"),
                format!("the title is one line of at most {LONGEST_TITLE} characters"),
            ),
            Self::NoText => ("请写内容".to_owned(), "say something".to_owned()),
            Self::Text => {
                (format!("内容最长 {LONGEST_TEXT} 个字"), format!("the text has at most {LONGEST_TEXT} characters"))
            }
            Self::Control => (
                "含有看不见的控制字符；请改为纯文字".to_owned(),
                "it holds control characters; use plain text".to_owned(),
            ),
            Self::Key => ("编号与内容不符".to_owned(), "its key does not follow from its content".to_owned()),
        };
        if lang == Lang::Zh { zh } else { en }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

/// What is wrong with a title and a text; empty if nothing is.
#[must_use]
pub fn unfit(title: &str, text: &str) -> Vec<Unfit> {
    let mut problems = Vec::new();
    if title.trim().is_empty() {
        problems.push(Unfit::NoTitle);
    } else if title.chars().count() > LONGEST_TITLE || title.contains(['\n', '\r']) {
        problems.push(Unfit::Title);
    }
    if text.trim().is_empty() {
        problems.push(Unfit::NoText);
    } else if text.chars().count() > LONGEST_TEXT {
        problems.push(Unfit::Text);
    }
    let hidden = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    if title.chars().chain(text.chars()).any(hidden) {
        problems.push(Unfit::Control);
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(title: &str, text: &str, at: i64) -> Question {
        Question::new(RegionCode::new("320581").expect("a code"), title, text, "经办岗（jingban）", Moment(at))
    }

    /// The same words at the same moment are one question; other words or another moment make another.
    #[test]
    fn keys_follow_from_content() {
        let first = question("指标口径", "满意度按户还是按人？", 1);
        assert_eq!(first.key, question(" 指标口径 ", "满意度按户还是按人？\r\n", 1).key);
        assert_ne!(first.key, question("指标口径", "满意度按户还是按人？", 2).key);
        assert!(first.key.starts_with("320581-") && first.key.len() == 19, "{}", first.key);
        assert_eq!(first.problems(), []);
        let forged = Question { text: "别的".into(), ..first };
        assert_eq!(forged.problems(), [Unfit::Key]);
    }

    /// Nothing said, too much said, and what cannot be seen are refused; the longest text is not.
    #[test]
    fn texts_have_limits() {
        assert_eq!(unfit("", " \n"), [Unfit::NoTitle, Unfit::NoText]);
        assert_eq!(unfit("标\n题", &"字".repeat(2001)), [Unfit::Title, Unfit::Text]);
        assert_eq!(unfit("标题", "a\u{0}b"), [Unfit::Control]);
        assert_eq!(unfit(&"字".repeat(80), &"行\n".repeat(1000)), []);
        assert_eq!(Unfit::Text.say(Lang::Zh), "内容最长 2000 个字");
    }
}
