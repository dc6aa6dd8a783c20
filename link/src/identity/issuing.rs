//! Making certificates: the root, a node's own, and those of its children.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyUsagePurpose, NameConstraints, PublicKeyData, SanType, SerialNumber,
};
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls_pki_types::CertificateDer;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{Level, RegionCode};

use super::keys::{Key, public_key};
use super::name::{calendar, dns_name, hexadecimal, peer_of, validity_of};
use super::{Identity, IdentityError, RootSet, verify_chain};

/// A root begins this long before it is made. Whatever is certified under it begins as long before it is made as it is
/// to last after, but no earlier than its issuer: so a certificate that is made by a clock which is ahead, however much
/// up to its own life, is valid when that clock is right again, and for peers whose clocks are behind.
const ROOT_BACKDATE: Duration = Duration::from_hours(24);

/// The key that certifies children, and its chain from its own certificate to the root.
#[derive(Debug, Clone)]
pub(crate) struct IssuerKey {
    pub(crate) key: Key,
    pub(crate) chain: Vec<CertificateDer<'static>>,
}

/// What a parent gives a child that enrols or renews.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The child's certificate, then its issuers, the root last.
    pub leaf_chain: Vec<CertificateDer<'static>>,
    /// The child's issuing certificate, then its issuers; empty where nothing can lie below the child.
    pub issuer_chain: Vec<CertificateDer<'static>>,
    /// The serial number of the child's certificate, in hexadecimal digits.
    pub serial: String,
    /// The SHA-256 of the child's certificate.
    pub fingerprint: [u8; 32],
    /// The end of its validity.
    pub not_after: Moment,
}

/// The span of a certificate's validity.
#[derive(Clone, Copy)]
struct Span {
    not_before: Moment,
    not_after: Moment,
}

impl Span {
    fn around(now: Moment, before: Duration, after: Duration) -> Self {
        let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX / 2000);
        Self {
            not_before: Moment(now.plus_seconds(-seconds(before)).0.max(0)),
            not_after: now.plus_seconds(seconds(after)),
        }
    }

    /// Never outlives, nor predates, the certificate that it is signed with.
    fn within(self, issuer: (Moment, Moment)) -> Self {
        Self { not_before: self.not_before.max(issuer.0), not_after: self.not_after.min(issuer.1) }
    }
}

impl Identity {
    /// Makes a federation's root and the identity of the bureau that holds it, in memory only.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`] if the system gives no randomness, [`IdentityError::BadMoment`] on absurd times.
    pub fn create_root(
        region: &RegionCode,
        now: Moment,
        root_validity: Duration,
        leaf_validity: Duration,
    ) -> Result<Self, IdentityError> {
        root_holder(create_issuer(region, now, root_validity)?, region, now, leaf_validity)
    }

    /// Certifies a child's public keys. Nothing but the keys is taken from what the child asks for.
    ///
    /// Where nothing can lie below the child it gets no issuing certificate, even if it asks.
    ///
    /// # Errors
    /// [`IdentityError::NotAnIssuer`], [`IdentityError::NotWithin`], [`IdentityError::IssuerExpired`],
    /// [`IdentityError::BadKey`] for keys other than ECDSA P-256, and what [`verify_chain`] finds if the own issuing
    /// certificate is no good.
    pub fn issue(
        &self,
        child: &RegionCode,
        identity_spki: &[u8],
        issuer_spki: Option<&[u8]>,
        validity: Duration,
        now: Moment,
    ) -> Result<Issued, IdentityError> {
        let issuer =
            self.issuer.as_ref().ok_or_else(|| IdentityError::NotAnIssuer { region: self.region().clone() })?;
        if child == self.region() || !child.within(self.region()) {
            return Err(IdentityError::NotWithin { child: child.clone(), parent: self.region().clone() });
        }
        let identity_key = public_key(identity_spki)?;
        let issuer_key = issuer_spki.map(public_key).transpose()?;
        let span = issuer.span(now, validity, self.region())?;
        let leaf_chain = issuer.certify(&leaf_params(child, span)?, &identity_key)?;
        let issuer_chain = match (issuer_key, authority_params(child, span, "issuer")?) {
            (Some(key), Some(params)) => issuer.certify(&params, &key)?,
            _ => Vec::new(),
        };
        // Whoever holds an issuing certificate that does not fit its region or root finds out here, not at its child.
        verify_chain(self.roots(), &leaf_chain, now)?;
        let peer = peer_of(&leaf_chain)?;
        Ok(Issued {
            leaf_chain,
            issuer_chain,
            serial: peer.serial,
            fingerprint: peer.fingerprint,
            not_after: peer.not_after,
        })
    }

    /// A new certificate and key for the root's own holder, which has nobody above it to renew with.
    ///
    /// # Errors
    /// [`IdentityError::NotAnIssuer`] for anyone but the root's holder, otherwise as [`Identity::issue`].
    pub fn renew_own_leaf(&self, validity: Duration, now: Moment) -> Result<Self, IdentityError> {
        match &self.issuer {
            Some(issuer) if issuer.is_root(self.roots()) => root_holder(issuer.clone(), self.region(), now, validity),
            _ => Err(IdentityError::NotAnIssuer { region: self.region().clone() }),
        }
    }
}

impl IssuerKey {
    /// True if this is the root itself, held by the bureau at the top.
    pub(crate) fn is_root(&self, roots: &RootSet) -> bool {
        matches!(self.chain.as_slice(), [own] if roots.certificates().contains(own))
    }

    fn span(&self, now: Moment, validity: Duration, region: &RegionCode) -> Result<Span, IdentityError> {
        let own = validity_of(self.certificate()?)?;
        if own.1 <= now {
            return Err(IdentityError::IssuerExpired { region: region.clone(), not_after: own.1 });
        }
        Ok(Span::around(now, validity, validity).within(own))
    }

    fn certificate(&self) -> Result<&CertificateDer<'static>, IdentityError> {
        self.chain.first().ok_or(IdentityError::BadCertificate { problem: "the issuer has no certificate" })
    }

    /// Signs a certificate and puts this issuer's chain behind it.
    fn certify(
        &self,
        params: &CertificateParams,
        key: &impl PublicKeyData,
    ) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
        let failed = IdentityError::crypto("certifying");
        let issuer = Issuer::from_ca_cert_der(self.certificate()?, self.key.pair()).map_err(&failed)?;
        let certificate = params.signed_by(key, &issuer).map_err(&failed)?;
        Ok(std::iter::once(certificate.into()).chain(self.chain.iter().cloned()).collect())
    }
}

/// A new root: a self-signed authority over a region and all within it.
pub(crate) fn create_issuer(region: &RegionCode, now: Moment, validity: Duration) -> Result<IssuerKey, IdentityError> {
    let params = authority_params(region, Span::around(now, ROOT_BACKDATE, validity), "root")?
        .ok_or_else(|| IdentityError::NotAnIssuer { region: region.clone() })?;
    let key = Key::generate()?;
    let certificate = params.self_signed(key.pair()).map_err(IdentityError::crypto("certifying"))?;
    Ok(IssuerKey { key, chain: vec![certificate.into()] })
}

/// The identity of the bureau that holds the root: it certifies itself.
pub(crate) fn root_holder(
    issuer: IssuerKey,
    region: &RegionCode,
    now: Moment,
    validity: Duration,
) -> Result<Identity, IdentityError> {
    let key = Key::generate()?;
    let span = issuer.span(now, validity, region)?;
    let chain = issuer.certify(&leaf_params(region, span)?, key.pair())?;
    let roots = RootSet::new(issuer.chain.clone())?;
    Identity::assemble(key, chain, Some(issuer), roots)
}

/// A certificate that names a region and can certify nobody.
fn leaf_params(region: &RegionCode, span: Span) -> Result<CertificateParams, IdentityError> {
    let name = dns_name(region).try_into().map_err(IdentityError::crypto("naming"))?;
    let mut params = params(region, span, "node")?;
    params.subject_alt_names = vec![SanType::DnsName(name)];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

/// A certificate that certifies what lies within a region; `None` for a region below which nothing lies.
fn authority_params(region: &RegionCode, span: Span, role: &str) -> Result<Option<CertificateParams>, IdentityError> {
    let Some(authorities_below) = authorities_below(region) else { return Ok(None) };
    let mut params = params(region, span, role)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(authorities_below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(dns_name(region))],
        excluded_subtrees: Vec::new(),
    });
    Ok(Some(params))
}

/// How many further authorities can stand between this one and a leaf: townships certify nobody.
fn authorities_below(region: &RegionCode) -> Option<u8> {
    match region.level() {
        Level::Province => Some(2),
        Level::City => Some(1),
        Level::County => Some(0),
        Level::Township => None,
    }
}

fn params(region: &RegionCode, span: Span, role: &str) -> Result<CertificateParams, IdentityError> {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::OrganizationName, "Tongpin");
    subject.push(DnType::CommonName, format!("{region} {role}"));
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    params.not_before = calendar(span.not_before)?;
    params.not_after = calendar(span.not_after)?;
    params.serial_number = Some(SerialNumber::from_slice(&serial()?));
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// A random serial number, positive and of fixed length.
fn serial() -> Result<[u8; 16], IdentityError> {
    let mut serial = [0_u8; 16];
    SystemRandom::new()
        .fill(&mut serial)
        .map_err(|_| IdentityError::Crypto { doing: "numbering", source: rcgen::Error::RingUnspecified })?;
    serial[0] = (serial[0] & 0x7f) | 0x40;
    Ok(serial)
}

/// The beginning of a fingerprint, for logs.
pub(crate) fn short(fingerprint: &[u8; 32]) -> String {
    hexadecimal(&fingerprint[..6])
}
