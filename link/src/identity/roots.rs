//! Which roots are trusted here, and whether a chain, and what its owner signed, comes from one of them.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::ring::default_provider;
use rustls_pki_types::{CertificateDer, TrustAnchor};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use webpki::{EndEntityCert, KeyUsage};

use super::IdentityError;
use super::name::{fingerprint_of, moment, region_of, unix_time};

/// More certificates than any chain of divisions has; a longer one is not worth the work of checking.
const LONGEST_CHAIN: usize = 8;

/// The certificates at which trust ends: the federation's root, and its successor while one replaces the other.
#[derive(Debug, Clone)]
pub struct RootSet {
    certificates: Arc<[CertificateDer<'static>]>,
    anchors: Arc<[TrustAnchor<'static>]>,
}

impl RootSet {
    /// Trusts these certificates.
    ///
    /// # Errors
    /// [`IdentityError::BadCertificate`] if there is none, or one cannot be read.
    pub fn new(certificates: Vec<CertificateDer<'static>>) -> Result<Self, IdentityError> {
        let anchors = certificates
            .iter()
            .map(|certificate| webpki::anchor_from_trusted_cert(certificate).map(|anchor| anchor.to_owned()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| IdentityError::BadCertificate { problem: "a root cannot be read" })?;
        if anchors.is_empty() {
            return Err(IdentityError::BadCertificate { problem: "no root" });
        }
        Ok(Self { certificates: certificates.into(), anchors: anchors.into() })
    }

    /// The trusted certificates.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    /// The SHA-256 of each trusted certificate.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<Digest> {
        self.certificates.iter().map(|certificate| Digest(fingerprint_of(certificate))).collect()
    }

    /// The same roots as rustls wants them.
    pub(crate) fn store(&self) -> Arc<RootCertStore> {
        Arc::new(RootCertStore { roots: self.anchors.to_vec() })
    }
}

/// Whose chain this is: it must lead to a trusted root, be valid at that moment, and hold every name constraint.
///
/// # Errors
/// The reason why it is not good; see [`IdentityError`].
pub fn verify_chain(roots: &RootSet, chain: &[CertificateDer<'_>], at: Moment) -> Result<RegionCode, IdentityError> {
    let (leaf, others) = split(chain)?;
    let certificate = end_entity(leaf)?;
    check_path(&certificate, roots, others, at)?;
    region_of(leaf)
}

/// Who signed this payload for this purpose: the region of the chain, which must be good at that moment.
///
/// The caller still has to ask whether that region may say such a thing.
///
/// # Errors
/// [`IdentityError::BadSignature`] if the bytes, the purpose or the signer differ, otherwise as [`verify_chain`].
pub fn verify(
    roots: &RootSet,
    chain: &[CertificateDer<'_>],
    purpose: &str,
    payload: &[u8],
    signature: &[u8],
    at: Moment,
) -> Result<RegionCode, IdentityError> {
    let (leaf, others) = split(chain)?;
    let certificate = end_entity(leaf)?;
    check_path(&certificate, roots, others, at)?;
    certificate
        .verify_signature(webpki::ring::ECDSA_P256_SHA256, &signed_bytes(purpose, payload), signature)
        .map_err(|_| IdentityError::BadSignature)?;
    region_of(leaf)
}

/// What is really signed: the purpose keeps a signature for one thing from being passed off as one for another.
///
/// Frozen: every signature in the federation is over these bytes.
pub(crate) fn signed_bytes(purpose: &str, payload: &[u8]) -> Vec<u8> {
    [b"tongpin/1 ", purpose.as_bytes(), b"\0", payload].concat()
}

fn split<'a, 'b>(
    chain: &'a [CertificateDer<'b>],
) -> Result<(&'a CertificateDer<'b>, &'a [CertificateDer<'b>]), IdentityError> {
    match chain.split_first() {
        Some(parts) if chain.len() <= LONGEST_CHAIN => Ok(parts),
        Some(_) => Err(IdentityError::BadCertificate { problem: "the chain is too long" }),
        None => Err(IdentityError::BadCertificate { problem: "the chain is empty" }),
    }
}

fn end_entity<'a>(leaf: &'a CertificateDer<'a>) -> Result<EndEntityCert<'a>, IdentityError> {
    EndEntityCert::try_from(leaf).map_err(|_| IdentityError::BadCertificate { problem: "not an X.509 certificate" })
}

fn check_path(
    certificate: &EndEntityCert<'_>,
    roots: &RootSet,
    others: &[CertificateDer<'_>],
    at: Moment,
) -> Result<(), IdentityError> {
    let algorithms = default_provider().signature_verification_algorithms;
    let usage = KeyUsage::client_auth();
    certificate
        .verify_for_usage(algorithms.all, &roots.anchors, others, unix_time(at)?, usage, None, None)
        .map(drop)
        .map_err(|error| match error {
            webpki::Error::CertExpired { not_after, .. } => IdentityError::Expired { not_after: moment(not_after), at },
            webpki::Error::CertNotValidYet { not_before, .. } => {
                IdentityError::NotYetValid { not_before: moment(not_before), at }
            }
            // A root of the same name but another key shows as a signature that does not match.
            webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey => IdentityError::UnknownRoot,
            webpki::Error::NameConstraintViolation => IdentityError::OutsideIssuer,
            other => IdentityError::BadChain(other),
        })
}
