//! Between wire messages and domain types, parsed once; a failure names the field.

mod trial;

use tongpin_domain::catalog::{Audience, CatalogId, Difference, Entry, Head};
use tongpin_domain::digest::Digest;
use tongpin_domain::region::RegionCode;

use crate::v1;

/// A message from the other side that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid field {field}: {found}")]
pub struct Invalid {
    /// The field, as the .proto file names it.
    pub field: &'static str,
    /// What stood there, shortened.
    pub found: String,
}

impl Invalid {
    /// Names a field and what was found in it.
    #[must_use]
    pub fn new(field: &'static str, found: impl Into<String>) -> Self {
        let found: String = found.into();
        Self { field, found: found.chars().take(80).collect() }
    }
}

/// Reads a region code.
///
/// # Errors
/// [`Invalid`] if it is not one.
pub fn region(field: &'static str, text: &str) -> Result<RegionCode, Invalid> {
    RegionCode::new(text).map_err(|_| Invalid::new(field, text))
}

/// Reads a digest of 32 bytes.
///
/// # Errors
/// [`Invalid`] if it has another length.
pub fn digest(field: &'static str, bytes: &[u8]) -> Result<Digest, Invalid> {
    Digest::from_bytes(bytes).ok_or_else(|| Invalid::new(field, format!("{} bytes", bytes.len())))
}

/// Reads a catalog's name: letters, digits, `-` and `_`, up to 40.
///
/// # Errors
/// [`Invalid`] otherwise.
pub fn catalog(publisher: &str, name: &str) -> Result<CatalogId, Invalid> {
    let known_form = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if name.is_empty() || name.len() > 40 || !known_form {
        return Err(Invalid::new("catalog", name));
    }
    Ok(CatalogId::new(region("publisher", publisher)?, name))
}

/// Reads a number that is kept: databases hold no larger ones than 2⁶³−1.
///
/// # Errors
/// [`Invalid`] if it is larger.
pub fn number(field: &'static str, number: u64) -> Result<u64, Invalid> {
    i64::try_from(number).map(|_| number).map_err(|_| Invalid::new(field, number.to_string()))
}

impl TryFrom<v1::Head> for Head {
    type Error = Invalid;

    fn try_from(head: v1::Head) -> Result<Self, Invalid> {
        let id = catalog(&head.publisher, &head.catalog)?;
        let number = number("head.number", head.number)?;
        Ok(Self { catalog: id, number, digest: digest("head.digest", &head.digest)? })
    }
}

impl From<&Head> for v1::Head {
    fn from(head: &Head) -> Self {
        Self {
            publisher: head.catalog.publisher.to_string(),
            catalog: head.catalog.name.clone(),
            number: head.number,
            digest: head.digest.0.to_vec().into(),
        }
    }
}

impl TryFrom<v1::Entry> for Entry {
    type Error = Invalid;

    fn try_from(entry: v1::Entry) -> Result<Self, Invalid> {
        let audience = Audience::try_from(entry.audience).map_err(|wrong| Invalid::new("entry.audience", wrong.0))?;
        if entry.key.is_empty() {
            return Err(Invalid::new("entry.key", ""));
        }
        let release = number("entry.release", entry.release)?;
        Ok(Self { key: entry.key, audience, release, body: entry.body })
    }
}

impl From<Entry> for v1::Entry {
    fn from(entry: Entry) -> Self {
        Self { key: entry.key, audience: entry.audience.to_string(), release: entry.release, body: entry.body }
    }
}

impl TryFrom<v1::Difference> for Difference {
    type Error = Invalid;

    fn try_from(difference: v1::Difference) -> Result<Self, Invalid> {
        let upserts = difference.upserts.into_iter().map(Entry::try_from).collect::<Result<_, _>>()?;
        Ok(Self { upserts, removals: difference.removals })
    }
}

impl From<Difference> for v1::Difference {
    fn from(difference: Difference) -> Self {
        let upserts = difference.upserts.into_iter().map(v1::Entry::from).collect();
        Self { upserts, removals: difference.removals }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes from outside is refused with the name of the field that is wrong.
    #[test]
    fn invalid_fields_are_named() {
        let head = |publisher: &str, catalog: &str, digest: usize| v1::Head {
            publisher: publisher.into(),
            catalog: catalog.into(),
            number: 1,
            digest: vec![0; digest].into(),
        };
        let field = |head: v1::Head| Head::try_from(head).map_err(|invalid| invalid.field);
        assert_eq!(field(head("32x", "rules", 32)), Err("publisher"));
        assert_eq!(field(head("320500", "ru/les", 32)), Err("catalog"));
        assert_eq!(field(head("320500", "rules", 31)), Err("head.digest"));
        assert!(field(head("320500", "rules", 32)).is_ok());
        let numbered = |number| field(v1::Head { number, ..head("320500", "rules", 32) });
        assert_eq!((numbered(u64::MAX >> 1).is_ok(), numbered(1 << 63)), (true, Err("head.number")));
        let entry = v1::Entry { key: "a".into(), audience: "somebody".into(), release: 1, body: "{}".into() };
        assert_eq!(Entry::try_from(entry).map_err(|invalid| invalid.field), Err("entry.audience"));
    }

    /// An entry and a head survive the round trip, body byte for byte.
    #[test]
    fn round_trip() {
        let entry = Entry {
            key: "JY-21-001".into(),
            audience: Audience::Everyone,
            release: 7,
            body: "{\"name\": \"学位\",  \"later_field\": 1}".into(),
        };
        assert_eq!(Entry::try_from(v1::Entry::from(entry.clone())), Ok(entry));
    }
}
