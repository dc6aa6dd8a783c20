//! Key pairs: made here, kept here, and proven to be held without ever being shown.

use std::path::Path;
use std::sync::Arc;

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _, SigningKey as _, SubjectPublicKeyInfo};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::roots::signed_bytes;
use super::{IdentityError, files};

/// The purpose that a proof of possession is signed for.
const PROOF: &str = "proof-of-possession";

/// An ECDSA P-256 private key.
#[derive(Debug, Clone)]
pub(crate) struct Key(Arc<KeyPair>);

impl Key {
    pub(crate) fn generate() -> Result<Self, IdentityError> {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(IdentityError::crypto("making a key"))?;
        Ok(Self(Arc::new(pair)))
    }

    /// Reads a key; `None` if it is not an ECDSA P-256 key.
    pub(crate) fn from_pkcs8(der: &PrivatePkcs8KeyDer<'_>) -> Option<Self> {
        KeyPair::from_pkcs8_der_and_sign_algo(der, &PKCS_ECDSA_P256_SHA256).ok().map(|pair| Self(Arc::new(pair)))
    }

    pub(crate) fn pair(&self) -> &KeyPair {
        &self.0
    }

    pub(crate) fn pem(&self) -> String {
        self.0.serialize_pem()
    }

    pub(crate) fn der(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.0.serialize_der()))
    }

    /// The public half, as the DER of a `SubjectPublicKeyInfo`.
    pub(crate) fn spki(&self) -> Vec<u8> {
        self.0.subject_public_key_info()
    }

    pub(crate) fn sign(&self, purpose: &str, payload: &[u8]) -> Result<Vec<u8>, IdentityError> {
        self.0.sign(&signed_bytes(purpose, payload)).map_err(IdentityError::crypto("signing"))
    }
}

/// The two key pairs of an enrolment or a renewal, before there are certificates for them.
///
/// They are kept in `pending.pem`, so that a join whose answer was lost can be repeated with the same keys.
#[derive(Debug, Clone)]
pub struct PendingKeys {
    pub(crate) identity: Key,
    pub(crate) issuer: Key,
}

impl PendingKeys {
    /// Makes new keys, in memory only.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`] if the system gives no randomness.
    pub fn generate() -> Result<Self, IdentityError> {
        Ok(Self { identity: Key::generate()?, issuer: Key::generate()? })
    }

    /// The keys of an earlier attempt, or new ones that are durable before this returns.
    ///
    /// # Errors
    /// [`IdentityError::Io`] or [`IdentityError::BadFile`] on `pending.pem`, [`IdentityError::Crypto`] as above.
    pub fn load_or_create(dir: &Path) -> Result<Self, IdentityError> {
        if let Some(keys) = files::load_pending(dir)? {
            return Ok(keys);
        }
        let keys = Self::generate()?;
        files::save_pending(dir, &keys)?;
        Ok(keys)
    }

    /// Forgets the keys of an attempt that was given up; no file is no error.
    ///
    /// # Errors
    /// [`IdentityError::Io`] if the file cannot be removed.
    pub fn discard(dir: &Path) -> Result<(), IdentityError> {
        files::remove_pending(dir)
    }

    /// The public key of the identity to be.
    #[must_use]
    pub fn identity_spki(&self) -> Vec<u8> {
        self.identity.spki()
    }

    /// The public key that would certify children.
    #[must_use]
    pub fn issuer_spki(&self) -> Vec<u8> {
        self.issuer.spki()
    }

    /// Signs a request with the new identity key, so that nobody asks for a certificate for another's key.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`] if the system gives no randomness.
    pub fn prove(&self, request: &[u8]) -> Result<Vec<u8>, IdentityError> {
        self.identity.sign(PROOF, request)
    }
}

/// Checks that whoever wrote the request holds the key that it asks a certificate for.
///
/// # Errors
/// [`IdentityError::BadKey`] if the public key is not ECDSA P-256, [`IdentityError::BadSignature`] if the proof fails.
pub fn check_proof(identity_spki: &[u8], request: &[u8], proof: &[u8]) -> Result<(), IdentityError> {
    let key = public_key(identity_spki)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.der_bytes())
        .verify(&signed_bytes(PROOF, request), proof)
        .map_err(|_| IdentityError::BadSignature)
}

/// Reads a public key that came from outside: nothing but an uncompressed P-256 point is taken.
pub(crate) fn public_key(spki: &[u8]) -> Result<SubjectPublicKeyInfo, IdentityError> {
    let key = SubjectPublicKeyInfo::from_der(spki).map_err(|_| IdentityError::BadKey)?;
    let point = key.der_bytes();
    let uncompressed = point.len() == 65 && point.first() == Some(&4);
    if key.algorithm() != &PKCS_ECDSA_P256_SHA256 || !uncompressed {
        return Err(IdentityError::BadKey);
    }
    Ok(key)
}
