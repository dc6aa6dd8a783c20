//! Signed envelopes: a payload, the signature over it, and the signer's certificates. They are made once and then
//! stored, sent and checked as the same bytes.

use bytes::Bytes;
use prost::Message;
use rustls_pki_types::CertificateDer;
use tongpin_domain::catalog::{Release, SignedRelease};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_proto::{v1, weight};

use crate::identity::{self, Identity, IdentityError, Peer, RootSet};

/// What the certificates of an envelope may take beside half of its length.
const SPARE: u64 = 4 * 1024;

/// What a signature is for. A signature made for one purpose never holds for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A release of a catalog.
    Release,
    /// A county's answer to a collection.
    Report,
    /// The answer to a report.
    Receipt,
    /// What a bureau asks the one above it.
    Question,
    /// A bundle file.
    Bundle,
    /// How far an audit log goes.
    AuditHead,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Report => "report",
            Self::Receipt => "receipt",
            Self::Question => "question",
            Self::Bundle => "bundle",
            Self::AuditHead => "audit-head",
        }
    }
}

/// Why an envelope is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Not an envelope, or its payload is not what it should be.
    #[error("not a signed envelope: {0}")]
    Malformed(String),
    /// The signature or a certificate does not hold.
    #[error("the signature does not hold")]
    Signature(#[source] IdentityError),
    /// Signed by another region than the one it must come from.
    #[error("signed by {signer}, not by {expected}")]
    Signer {
        /// Who signed.
        signer: RegionCode,
        /// Who should have.
        expected: RegionCode,
    },
    /// The present identity cannot sign.
    #[error("signing failed")]
    Signing(#[source] IdentityError),
}

/// An opened envelope: the payload, and who vouches for it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The signed bytes.
    pub payload: Bytes,
    /// The signer, read from its certificate.
    pub signer: RegionCode,
}

/// Signs a payload.
///
/// # Errors
/// [`SealError::Signing`].
pub fn seal(identity: &Identity, purpose: Purpose, payload: &[u8]) -> Result<v1::Signed, SealError> {
    let signature = identity.sign(purpose.name(), payload).map_err(SealError::Signing)?;
    let chain = identity.chain();
    // Whoever checks it has the root already, and must not take it from here.
    let without_root = &chain[..chain.len().saturating_sub(1)];
    Ok(v1::Signed {
        payload: payload.to_vec().into(),
        signature: signature.into(),
        chain: without_root.iter().map(|certificate| certificate.to_vec().into()).collect(),
    })
}

/// Checks an envelope at a moment: normally now, or for a release the moment it was signed.
///
/// # Errors
/// [`SealError::Signature`].
pub fn open(roots: &RootSet, purpose: Purpose, signed: &v1::Signed, at: Moment) -> Result<Opened, SealError> {
    let chain: Vec<CertificateDer<'_>> =
        signed.chain.iter().map(|certificate| CertificateDer::from(certificate.as_ref())).collect();
    let signer = identity::verify(roots, &chain, purpose.name(), &signed.payload, &signed.signature, at)
        .map_err(SealError::Signature)?;
    Ok(Opened { payload: signed.payload.clone(), signer })
}

/// A certificate that lies in an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The SHA-256 of the certificate.
    pub fingerprint: Digest,
    /// The begin of its validity.
    pub not_before: Moment,
    /// The end of its validity.
    pub not_after: Moment,
}

/// What the certificates of an envelope say of themselves, for a person who wants to see what a check rests on. It is
/// to be believed only where [`open`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Papers {
    /// The signer's own certificate.
    pub signer: Peer,
    /// Whoever certified it, up to below the root, which is not sent.
    pub issuers: Vec<Paper>,
}

/// Reads the certificates of an envelope.
///
/// # Errors
/// [`SealError::Signature`] if one cannot be read.
pub fn papers(signed: &v1::Signed) -> Result<Papers, SealError> {
    let chain: Vec<CertificateDer<'_>> =
        signed.chain.iter().map(|certificate| CertificateDer::from(certificate.as_ref())).collect();
    let paper = |certificate: &CertificateDer<'_>| {
        let (not_before, not_after) = identity::validity_of(certificate)?;
        Ok(Paper { fingerprint: Digest(identity::fingerprint_of(certificate)), not_before, not_after })
    };
    let signer = identity::peer_of(&chain).map_err(SealError::Signature)?;
    let issuers = chain.iter().skip(1).map(paper).collect::<Result<_, _>>().map_err(SealError::Signature)?;
    Ok(Papers { signer, issuers })
}

/// Reads an envelope from its stored bytes.
///
/// # Errors
/// [`SealError::Malformed`].
pub fn decode(envelope: &[u8]) -> Result<v1::Signed, SealError> {
    weight::check::<v1::Signed>(envelope, SPARE).map_err(|error| SealError::Malformed(error.to_string()))?;
    v1::Signed::decode(envelope).map_err(|error| SealError::Malformed(error.to_string()))
}

/// Signs a release.
///
/// # Errors
/// [`SealError::Signing`]; [`SealError::Malformed`] if the release cannot be written as JSON.
pub fn seal_release(identity: &Identity, release: Release) -> Result<SignedRelease, SealError> {
    let payload = serde_json::to_vec(&release).map_err(|error| SealError::Malformed(error.to_string()))?;
    let signed = seal(identity, Purpose::Release, &payload)?;
    Ok(SignedRelease { release, digest: Digest::of(&payload), envelope: signed.encode_to_vec() })
}

/// Checks a release's envelope: its signature held when it was signed, and the signer is its publisher.
///
/// A certificate lives for months and a release for years, so it is checked for the moment of signing; the chain of
/// releases keeps a later forger with an old key from slipping one in between.
///
/// # Errors
/// Every [`SealError`] but `Signing`.
pub fn open_release(roots: &RootSet, signed: &v1::Signed) -> Result<SignedRelease, SealError> {
    let release: Release =
        serde_json::from_slice(&signed.payload).map_err(|error| SealError::Malformed(error.to_string()))?;
    let opened = open(roots, Purpose::Release, signed, release.signed_at)?;
    if opened.signer != release.catalog.publisher {
        return Err(SealError::Signer { signer: opened.signer, expected: release.catalog.publisher });
    }
    Ok(SignedRelease { release, digest: Digest::of(&signed.payload), envelope: signed.encode_to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::{NOW, city};

    /// An envelope of as many certificates as fit two bytes each is refused before it is read, be its seal good or not;
    /// an honest one with a large payload is light.
    #[test]
    fn an_envelope_is_weighed() {
        let root = city();
        let honest = seal(&root, Purpose::Report, &vec![7; 1024 * 1024]).expect("signed");
        let read = decode(&honest.encode_to_vec()).expect("an envelope");
        assert_eq!(open(root.roots(), Purpose::Report, &read, NOW).expect("it holds").signer, *root.region());
        for count in [100_000, 4_000_000] {
            let heavy = v1::Signed { chain: vec![Bytes::new(); count], ..honest.clone() };
            let refused = decode(&heavy.encode_to_vec());
            assert!(
                matches!(&refused, Err(SealError::Malformed(reason)) if reason.contains("hold lists of")),
                "{count}"
            );
        }
    }
}
