//! Finding entries as one types: every word must occur, wherever it stands; what begins with a word comes first.
//!
//! Chinese is written without spaces, so words are found inside texts and no dictionary is needed. Ten thousand entries
//! are a few megabytes of text, which is quicker to look through than an index of it would be to keep.

/// Texts to be searched, each prepared once.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// What is looked through, and where its first part, the name, ends.
    prepared: Vec<(String, usize)>,
}

/// Full-width letters and digits as half-width ones, and everything in lower case: as people type the same thing.
#[must_use]
pub fn prepared(text: &str) -> String {
    crate::number::half_width(text).to_lowercase()
}

impl Texts {
    /// Prepares entries: the name of each, and everything else that is worth finding it by.
    #[must_use]
    pub fn new<'a>(entries: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let whole = |(name, rest): (&str, String)| {
            let name = prepared(name);
            let end = name.len();
            (name + "\n" + &prepared(&rest), end)
        };
        Self { prepared: entries.into_iter().map(whole).collect() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.prepared.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prepared.is_empty()
    }

    /// The numbers of the entries that hold every word of `wanted`: first those whose name begins with it, then those
    /// whose name holds all words, then the others, each in their own order. No words find everything.
    #[must_use]
    pub fn find(&self, wanted: &str) -> Vec<usize> {
        let wanted = prepared(wanted);
        let words: Vec<&str> = wanted.split_whitespace().collect();
        let mut found: Vec<(u8, usize)> = Vec::new();
        for (number, (text, name_end)) in self.prepared.iter().enumerate() {
            if words.iter().all(|word| text.contains(word)) {
                let name = text.get(..*name_end).unwrap_or_default();
                let rank = match words.first() {
                    Some(first) if name.starts_with(first) => 0,
                    _ if words.iter().all(|word| name.contains(word)) => 1,
                    _ => 2,
                };
                found.push((rank, number));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, number)| number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words are found inside Chinese text, in full width and in capitals; a name that begins with them comes first.
    #[test]
    fn finding() {
        let texts = Texts::new([
            ("校舍安全改造面积", "JY-21-003 教育局 平方米".to_owned()),
            ("新增公办学位数", "JY-21-001 教育局 个".to_owned()),
            ("学位补助标准", "JY-11-009 教育局 新增".to_owned()),
        ]);
        assert_eq!(texts.find("学位"), [2, 1]);
        assert_eq!(texts.find("新增 学位"), [1, 2]);
        assert_eq!(texts.find("ｊｙ－２１"), [0, 1]);
        assert_eq!(texts.find(" "), [0, 1, 2]);
        assert_eq!(texts.find("医院"), [0; 0]);
        assert_eq!((texts.len(), texts.is_empty(), Texts::default().is_empty()), (3, false, true));
    }
}
