//! Words of definitions: each stands once, as it is written in TOML and JSON and as people read and write it in
//! Chinese. A word of a newer program is kept as it came.

/// Makes an enum of words, read from either way of writing them. What is not among them becomes `Unknown`, which is
/// passed on unchanged.
macro_rules! words {
    (
        $(#[$about:meta])* $name:ident {
            $($(#[$each:meta])* $variant:ident = $word:literal, $zh:literal, $en:literal;)+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$each])* $variant,)+
            /// A word that this program does not know.
            Unknown(String),
        }

        impl $name {
            /// Every word that this program knows, in the order in which it is offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// How it is written in a definition.
            #[must_use]
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word,
                }
            }

            /// How people read it.
            #[must_use]
            pub fn text(&self, lang: $crate::lang::Lang) -> &str {
                match self {
                    $(Self::$variant => lang.pick($zh, $en),)+
                    Self::Unknown(word) => word,
                }
            }

            /// Reads the word of a definition, or the Chinese one.
            #[must_use]
            pub fn read(text: &str) -> Self {
                match text.trim() {
                    $($word | $zh => Self::$variant,)+
                    other => Self::Unknown(other.to_owned()),
                }
            }

            /// The word, if this program does not know it.
            #[must_use]
            pub fn unknown(&self) -> Option<&str> {
                if let Self::Unknown(word) = self { Some(word) } else { None }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::read(&text)
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.word().to_owned()
            }
        }
    };
}

pub(super) use words;
