//! Passwords: what one must be, and how it is kept and checked (Argon2id).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tongpin_domain::lang::Lang;

use crate::random;

/// The fewest characters of a password.
const SHORTEST: usize = 10;
/// The most bytes of a password: hashing more would be work for nothing.
const LONGEST: usize = 256;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    /// Fewer than ten characters.
    Short,
    /// More than 256 bytes.
    Long,
    /// Fewer than three of upper case, lower case, digits and other characters.
    Plain,
    /// It contains the account's name.
    HasName,
    /// One character makes up more than half of it, or it runs as keys or digits do.
    Obvious,
}

impl Weak {
    /// What the person who chose it reads.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Short => lang.pick("密码至少 10 个字符", "a password has ten characters or more"),
            Self::Long => lang.pick("密码最长 256 字节", "a password has 256 bytes at most"),
            Self::Plain => lang.pick(
                "密码须含大写字母、小写字母、数字、其他字符中的至少三类",
                "a password has at least three of: upper case, lower case, digits, other characters",
            ),
            Self::HasName => lang.pick("密码不能包含登录名", "a password does not contain the account's name"),
            Self::Obvious => lang
                .pick("密码过于简单：字符重复或连续", "a password is no run of keys and does not repeat one character"),
        }
    }
}

/// Runs that people type when they are asked for a password.
const RUNS: [&str; 6] = ["0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "password"];

/// Whether a password may be taken for an account of this name.
///
/// # Errors
/// The first reason against it.
pub fn check(password: &str, name: &str) -> Result<(), Weak> {
    if password.chars().count() < SHORTEST {
        return Err(Weak::Short);
    }
    if password.len() > LONGEST {
        return Err(Weak::Long);
    }
    let kinds: [fn(char) -> bool; 4] = [
        char::is_uppercase,
        char::is_lowercase,
        |letter| letter.is_ascii_digit(),
        |letter| !letter.is_uppercase() && !letter.is_lowercase() && !letter.is_ascii_digit(),
    ];
    if kinds.iter().filter(|kind| password.chars().any(kind)).count() < 3 {
        return Err(Weak::Plain);
    }
    let lower = password.to_lowercase();
    if !name.is_empty() && lower.contains(&name.to_lowercase()) {
        return Err(Weak::HasName);
    }
    let most = lower.chars().map(|letter| lower.matches(letter).count()).max().unwrap_or(0);
    let run =
        |run: &str| (0..run.len().saturating_sub(5)).any(|at| run.get(at..at + 6).is_some_and(|it| lower.contains(it)));
    if most * 2 > lower.chars().count() || RUNS.iter().any(|it| run(it)) {
        return Err(Weak::Obvious);
    }
    Ok(())
}

/// Hashes a password with a salt of its own. It takes some 20 ms of a processor and 19 MiB, on purpose.
///
/// # Errors
/// The hash cannot be made.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password_with_salt(password.as_bytes(), &random::bytes::<16>())?.to_string())
}

/// Whether a password is the one that was hashed. An account that does not exist has no hash, and takes as long.
#[must_use]
pub fn matches(password: &str, hash: Option<&str>) -> bool {
    /// The hash of a password that nobody knows.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    if password.len() > LONGEST {
        return false;
    }
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each rule refuses what it is for, and lets a good password pass, in Chinese too.
    #[test]
    fn rules() {
        assert_eq!(check("Kx7#pd", "chen"), Err(Weak::Short));
        assert_eq!(check(&"Aa1!".repeat(65), "chen"), Err(Weak::Long));
        assert_eq!(check("kjhgtrewqm", "chen"), Err(Weak::Plain));
        assert_eq!(check("xChen#2031k", "chen"), Err(Weak::HasName));
        assert_eq!(check("Aaaaaaaaa#1", "chen"), Err(Weak::Obvious));
        assert_eq!(check("Zk#12345678", "chen"), Err(Weak::Obvious));
        assert_eq!(check("Fen-2 Jue Xin", "chen"), Ok(()));
        assert_eq!(check("同频共振上下联动Ab1", "chen"), Ok(()));
    }

    /// A hash is of its password alone, differs each time, and no hash matches nothing.
    #[test]
    fn hashes() {
        let (one, two) = (hash("Fen-2 Jue Xin").expect("a hash"), hash("Fen-2 Jue Xin").expect("a hash"));
        assert_ne!(one, two);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches("Fen-2 Jue Xin", Some(&one)) && matches("Fen-2 Jue Xin", Some(&two)));
        assert!(!matches("fen-2 Jue Xin", Some(&one)));
        assert!(!matches("Fen-2 Jue Xin", None) && !matches("", None) && !matches("x", Some("not a hash")));
    }
}
