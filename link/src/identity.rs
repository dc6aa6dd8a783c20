//! Who is who: one bureau's keys and certificates, and what it can do with them.
//!
//! A region is a DNS name in a certificate ([`dns_name`]); an issuing certificate is constrained to its own subtree,
//! so that a child's region always lies within its parent's, whoever checks the chain.

mod error;
mod files;
mod issuing;
mod keys;
mod name;
mod roots;
mod standing;
#[cfg(test)]
pub(crate) mod tests;

use rustls_pki_types::CertificateDer;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

pub use error::IdentityError;
pub use issuing::Issued;
pub use keys::{PendingKeys, check_proof};
pub use name::{NAME_SUFFIX, Peer, dns_name, fingerprint_of, peer_of, region_of};
pub use roots::{RootSet, verify, verify_chain};
pub use standing::Standing;

pub(crate) use issuing::short;
pub(crate) use name::{moment, region_of_name, unix_time, validity_of};

use issuing::IssuerKey;
use keys::Key;

/// A bureau's own keys and certificates. Its private keys never leave this process and its folder.
#[derive(Clone)]
pub struct Identity {
    key: Key,
    chain: Vec<CertificateDer<'static>>,
    issuer: Option<IssuerKey>,
    roots: RootSet,
    own: Peer,
}

impl Identity {
    /// The identity that a parent's answer makes of the pending keys.
    ///
    /// # Errors
    /// [`IdentityError::WrongRoot`] if the chain lacks the root of the invitation, [`IdentityError::WrongKey`] if the
    /// certificates are for other keys, [`IdentityError::WrongRegion`] if they are for another region, and whatever
    /// [`verify_chain`] finds.
    pub fn from_issued(
        keys: PendingKeys,
        leaf_chain: Vec<CertificateDer<'static>>,
        issuer_chain: Vec<CertificateDer<'static>>,
        root: &Digest,
        region: &RegionCode,
        now: Moment,
    ) -> Result<Self, IdentityError> {
        let certificate = leaf_chain
            .iter()
            .find(|certificate| fingerprint_of(certificate) == root.0)
            .ok_or(IdentityError::WrongRoot { expected: *root })?;
        let roots = RootSet::new(vec![certificate.clone()])?;
        let found = verify_chain(&roots, &leaf_chain, now)?;
        if found != *region {
            return Err(IdentityError::WrongRegion { expected: region.clone(), found });
        }
        let issuer = (!issuer_chain.is_empty()).then_some(IssuerKey { key: keys.issuer, chain: issuer_chain });
        Self::assemble(keys.identity, leaf_chain, issuer, roots)
    }

    /// Puts an identity together, checking that keys and certificates belong together. It does not ask for the time:
    /// an expired identity can be looked at and say so.
    fn assemble(
        key: Key,
        chain: Vec<CertificateDer<'static>>,
        issuer: Option<IssuerKey>,
        roots: RootSet,
    ) -> Result<Self, IdentityError> {
        let own = peer_of(&chain)?;
        verify_chain(&roots, &chain, own.not_before)?;
        let issuer_certificate = issuer.as_ref().and_then(|issuer| issuer.chain.first());
        let pairs = [(chain.first(), Some(&key)), (issuer_certificate, issuer.as_ref().map(|issuer| &issuer.key))];
        for pair in pairs {
            if let (Some(certificate), Some(key)) = pair
                && name::public_key_of(certificate)? != key.spki()
            {
                return Err(IdentityError::WrongKey);
            }
        }
        Ok(Self { key, chain, issuer, roots, own })
    }

    /// The bureau's region.
    #[must_use]
    pub fn region(&self) -> &RegionCode {
        &self.own.region
    }

    /// The region that certified this one, `None` for a root.
    #[must_use]
    pub fn parent(&self) -> Option<RegionCode> {
        self.chain().get(1).and_then(name::certifies_within)
    }

    /// The own certificate, then its issuers, the root last.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// The roots this bureau trusts.
    #[must_use]
    pub fn roots(&self) -> &RootSet {
        &self.roots
    }

    /// The fingerprint of the root that the own chain ends in: what invitations carry.
    #[must_use]
    pub fn root_fingerprint(&self) -> Digest {
        let own = self.chain.last().map(|root| Digest(fingerprint_of(root)));
        let trusted = self.roots.fingerprints();
        own.filter(|own| trusted.contains(own)).or_else(|| trusted.first().copied()).unwrap_or(Digest::NONE)
    }

    /// The SHA-256 of the own certificate.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.own.fingerprint
    }

    /// The serial number of the own certificate, in hexadecimal digits.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.own.serial
    }

    /// The begin of the own certificate's validity.
    #[must_use]
    pub fn not_before(&self) -> Moment {
        self.own.not_before
    }

    /// The end of the own certificate's validity.
    #[must_use]
    pub fn not_after(&self) -> Moment {
        self.own.not_after
    }

    /// Whether this bureau can certify children.
    #[must_use]
    pub fn can_issue(&self) -> bool {
        self.issuer.is_some()
    }

    /// Whether this bureau holds the federation's root.
    #[must_use]
    pub fn holds_root(&self) -> bool {
        self.issuer.as_ref().is_some_and(|issuer| issuer.is_root(&self.roots))
    }

    /// Signs a payload for a purpose; [`verify`] is the other side.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`] if the system gives no randomness.
    pub fn sign(&self, purpose: &str, payload: &[u8]) -> Result<Vec<u8>, IdentityError> {
        self.key.sign(purpose, payload)
    }

    /// The private key as rustls wants it.
    pub(crate) fn tls_key(&self) -> rustls_pki_types::PrivateKeyDer<'static> {
        self.key.der()
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("region", self.region())
            .field("fingerprint", &short(&self.own.fingerprint))
            .field("not_after", &self.own.not_after)
            .field("can_issue", &self.can_issue())
            .finish_non_exhaustive()
    }
}
