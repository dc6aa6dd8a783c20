//! The known key that a mistyped one was probably meant to be.

/// The nearest of the known words, if any is near enough to be worth suggesting.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    let most = (word.chars().count() / 3).max(1);
    known
        .map(|candidate| (distance(&word, &plain(candidate)), candidate))
        .filter(|(steps, _)| *steps <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Case and the choice of dash are no difference in meaning.
fn plain(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.chars().enumerate() {
        let mut line = vec![row + 1];
        for (column, wanted) in other.iter().enumerate() {
            let change = above[column] + usize::from(letter != *wanted);
            line.push(change.min(above[column + 1] + 1).min(line[column] + 1));
        }
        above = line;
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows the number of typing mistakes between words, counted by hand.
    #[test]
    fn counts_typing_mistakes() {
        assert_eq!(distance("listen", "listen"), 0);
        assert_eq!(distance("lisen", "listen"), 1);
        // kitten → sitten → sittin → sitting
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    /// Shows that a near word is suggested, a far one is not, and that case and dashes do not count.
    #[test]
    fn suggests_only_what_is_near() {
        let known = ["listen", "database", "page_size"];
        assert_eq!(nearest("lisetn", known.into_iter()), Some("listen"));
        assert_eq!(nearest("Page-Size", known.into_iter()), Some("page_size"));
        assert_eq!(nearest("colour", known.into_iter()), None);
    }
}
