//! The language a message is said in. Errors keep typed fields; only here do they become a user's words.

/// Language of messages: Chinese by default, English on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

impl Lang {
    /// Picks the text of this language.
    #[must_use]
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Something that can tell a user what happened and what to do next.
pub trait Say {
    /// The message in the user's words, without a trailing line break.
    fn say(&self, lang: Lang) -> String;
}
