//! An invitation (加入码) as text: where to go, as whom, which root to trust, and a secret that works once.
//!
//! The text form is frozen: tokens are handed over on paper and by messages between different versions.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;

/// What every token of this form begins with.
const PREFIX: &str = "TP1-";
/// Bytes of checksum at the end.
const CHECKSUM: usize = 4;

/// An invitation for one region, to be used once.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Where the parent listens: `host:port`.
    pub address: String,
    /// The parent's region.
    pub parent: RegionCode,
    /// The region that is invited.
    pub region: RegionCode,
    /// The SHA-256 of the federation's root certificate.
    pub root: Digest,
    /// What proves the invitation; the parent keeps only its hash.
    pub secret: [u8; 32],
}

/// Why a text is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It does not begin like a token.
    #[error("not an invitation token")]
    NotAToken,
    /// It is a token of a form that this version does not know.
    #[error("a token of an unknown form")]
    UnknownForm,
    /// It is cut off or mistyped.
    #[error("the token is incomplete or mistyped")]
    Damaged,
    /// The invited region does not lie within the inviting one.
    #[error("{region} does not lie within {parent}")]
    NotWithin {
        /// The invited region.
        region: RegionCode,
        /// The inviting one.
        parent: RegionCode,
    },
    /// The address is not `host:port`.
    #[error("not an address of the form host:port: {0:?}")]
    BadAddress(String),
    /// The system gives no randomness.
    #[error("no randomness from the system")]
    NoRandomness,
}

impl Token {
    /// Makes an invitation with a fresh secret.
    ///
    /// # Errors
    /// [`TokenError::BadAddress`], [`TokenError::NotWithin`], [`TokenError::NoRandomness`].
    pub fn generate(
        address: &str,
        parent: &RegionCode,
        region: &RegionCode,
        root: &Digest,
    ) -> Result<Self, TokenError> {
        let mut secret = [0; 32];
        SystemRandom::new().fill(&mut secret).map_err(|_| TokenError::NoRandomness)?;
        let token =
            Self { address: address.to_owned(), parent: parent.clone(), region: region.clone(), root: *root, secret };
        token.checked()
    }

    /// Reads a token, ignoring blanks and line breaks that came in when it was copied.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text: String = text.split_whitespace().collect();
        let Some(encoded) = text.strip_prefix(PREFIX) else {
            let known = text.strip_prefix("TP").and_then(|rest| rest.split_once('-'));
            let numbered = known.is_some_and(|(form, _)| !form.is_empty() && form.bytes().all(|b| b.is_ascii_digit()));
            return Err(if numbered { TokenError::UnknownForm } else { TokenError::NotAToken });
        };
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| TokenError::Damaged)?;
        let (content, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(TokenError::Damaged)?;
        if checksum(content) != *sum {
            return Err(TokenError::Damaged);
        }
        Self::decode(content).ok_or(TokenError::Damaged)?.checked()
    }

    /// The text to hand over. It is as secret as a password until it has been used.
    #[must_use]
    pub fn text(&self) -> String {
        let mut bytes = Vec::new();
        for part in [self.parent.as_str(), self.region.as_str()] {
            // A code has 6 or 9 digits, so its length fits.
            bytes.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes.extend_from_slice(&self.root.0);
        bytes.extend_from_slice(&self.secret);
        bytes.extend_from_slice(self.address.as_bytes());
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What the parent keeps of the secret.
    #[must_use]
    pub fn secret_hash(&self) -> Digest {
        hash_secret(&self.secret)
    }

    fn decode(content: &[u8]) -> Option<Self> {
        let (parent, rest) = code(content)?;
        let (region, rest) = code(rest)?;
        let (root, rest) = rest.split_first_chunk::<32>()?;
        let (secret, address) = rest.split_first_chunk::<32>()?;
        let address = String::from_utf8(address.to_vec()).ok()?;
        Some(Self { address, parent, region, root: Digest(*root), secret: *secret })
    }

    fn checked(self) -> Result<Self, TokenError> {
        if self.region == self.parent || !self.region.within(&self.parent) {
            return Err(TokenError::NotWithin { region: self.region, parent: self.parent });
        }
        if !is_address(&self.address) {
            return Err(TokenError::BadAddress(self.address));
        }
        Ok(self)
    }
}

/// The hash that a presented secret is looked up by. The secret is 32 random bytes, so it needs no salt.
#[must_use]
pub fn hash_secret(secret: &[u8]) -> Digest {
    Digest::of(secret)
}

/// Whether a text is `host:port` with a port that one can connect to. An IPv6 address is in brackets.
pub(crate) fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let plain = |host: &str| !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_good = bracketed.map_or_else(|| plain(host), |host| host.parse::<std::net::Ipv6Addr>().is_ok());
    host_good && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn code(bytes: &[u8]) -> Option<(RegionCode, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (digits, rest) = rest.split_at_checked(usize::from(*length))?;
    let region = RegionCode::new(std::str::from_utf8(digits).ok()?).ok()?;
    Some((region, rest))
}

fn checksum(content: &[u8]) -> [u8; CHECKSUM] {
    let [a, b, c, d, ..] = Digest::of_parts([PREFIX.as_bytes(), content]).0;
    [a, b, c, d]
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        Self::parse(text)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("address", &self.address)
            .field("parent", &self.parent)
            .field("region", &self.region)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl Say for TokenError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NotAToken, Lang::Zh) => "这不是加入码。加入码以 TP1- 开头，请向上级索取并完整复制。".into(),
            (Self::NotAToken, Lang::En) => "This is no invitation token; it begins with TP1-. Copy it whole.".into(),
            (Self::UnknownForm, Lang::Zh) => "加入码的格式本版本不认识。请升级本程序，或请上级重新邀请。".into(),
            (Self::UnknownForm, Lang::En) => "The token has a form that this version does not know; upgrade.".into(),
            (Self::Damaged, Lang::Zh) => "加入码不完整或有错字。请重新完整复制。".into(),
            (Self::Damaged, Lang::En) => "The token is cut off or mistyped; copy it again, whole.".into(),
            (Self::NotWithin { region, parent }, Lang::Zh) => {
                format!("{region} 不在 {parent} 的区划范围内，不能由其邀请。")
            }
            (Self::BadAddress(address), Lang::Zh) => format!("地址“{address}”应写作 主机：端口，例如 10.1.2.3:7443。"),
            (Self::BadAddress(address), Lang::En) => {
                format!("The address {address:?} should read host:port, such as 10.1.2.3:7443.")
            }
            (Self::NoRandomness, Lang::Zh) => "系统不能提供随机数，无法生成加入码。".into(),
            (Self::NotWithin { .. } | Self::NoRandomness, Lang::En) => format!("{self}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        RegionCode::new(text).expect("a valid code")
    }

    fn token() -> Token {
        Token {
            address: "10.1.2.3:7443".into(),
            parent: code("320500"),
            region: code("320581"),
            root: Digest([7; 32]),
            secret: [9; 32],
        }
    }

    /// A token reads back as it was, also when a line break and blanks came in.
    #[test]
    fn round_trip() {
        let text = token().text();
        assert!(text.starts_with("TP1-"));
        assert_eq!(Token::parse(&text), Ok(token()));
        let (left, right) = text.split_at(40);
        assert_eq!(Token::parse(&format!(" {left}\r\n  {right}\n")), Ok(token()));
    }

    /// Every single mistyped character and every truncation is noticed, and none panics.
    #[test]
    fn damage_is_noticed() {
        let text = token().text();
        for at in 0..text.len() {
            let cut = Token::parse(&text[..at]);
            assert!(matches!(cut, Err(TokenError::Damaged | TokenError::NotAToken)), "cut at {at}: {cut:?}");
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            let typo = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(Token::parse(&typo).is_err(), "typo at {at}");
        }
        assert_eq!(Token::parse("TP2-abcdef"), Err(TokenError::UnknownForm));
        assert_eq!(Token::parse("加入码"), Err(TokenError::NotAToken));
    }

    /// Two invitations differ in their secret, the secret is in no debug output, and the hash is not the secret.
    #[test]
    fn secrets_are_fresh_and_hidden() {
        let make = || Token::generate("hub.example:7443", &code("320500"), &code("320581"), &Digest([7; 32]));
        let (one, two) = (make().expect("a token"), make().expect("a token"));
        assert_ne!(one.secret, two.secret);
        assert_ne!(one.secret_hash(), two.secret_hash());
        assert_eq!(one.secret_hash(), hash_secret(&one.secret));
        assert_ne!(one.secret_hash().0, one.secret);
        let debug = format!("{:?}", token());
        assert!(!debug.contains("secret") && !debug.contains("9, 9"), "{debug}");
    }

    /// A bureau invites only within its region, to an address that can be connected to.
    #[test]
    fn senseless_invitations_are_refused() {
        let make = |address, region| Token::generate(address, &code("320581"), &code(region), &Digest([7; 32]));
        assert!(make("[::1]:7443", "320581101").is_ok());
        assert!(matches!(make("h:1", "320582101"), Err(TokenError::NotWithin { .. })));
        assert!(matches!(make("h:1", "320581"), Err(TokenError::NotWithin { .. })));
        for address in ["", "host", "host:", ":1", "host:0", "host:65536", "ho st:1", "::1:7443", "host:+1", "a/b:1"] {
            assert!(matches!(make(address, "320581101"), Err(TokenError::BadAddress(_))), "{address}");
        }
    }
}
