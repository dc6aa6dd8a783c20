//! Randomness: the one adapter that asks the system for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Letters and digits that cannot be mistaken for one another when read aloud or from paper.
const LEGIBLE: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Random bytes.
///
/// # Panics
/// The system has no randomness: nothing that needs a secret can go on then.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("every system that this runs on has a source of randomness");
    bytes
}

/// A secret of 256 bits as text that fits into a cookie or a form.
#[must_use]
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A code for a person to type: three groups of four characters, 60 bits.
#[must_use]
pub fn code() -> String {
    let letter = |byte: &u8| char::from(LEGIBLE[usize::from(byte % 32)]);
    let letters: Vec<char> = bytes::<12>().iter().map(letter).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes have their form and do not repeat.
    #[test]
    fn codes() {
        let (one, two) = (code(), code());
        assert_ne!(one, two);
        assert_eq!(one.len(), 14);
        assert!(one.split('-').all(|group| group.len() == 4 && group.bytes().all(|byte| LEGIBLE.contains(&byte))));
        assert_eq!(secret().len(), 43);
    }
}
