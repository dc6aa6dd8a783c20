//! How a region is written in a certificate, and read back: the only source of who a peer is.

use ring::digest::{SHA256, digest};
use rustls_pki_types::{CertificateDer, UnixTime};
use time::OffsetDateTime;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use x509_parser::extensions::{GeneralName, GeneralSubtree};
use x509_parser::prelude::X509Certificate;

use super::IdentityError;

/// What every region's name ends in.
pub const NAME_SUFFIX: &str = "tongpin.internal";

/// The name of a region in certificates: `101.81.05.32.tongpin.internal` for `320581101`.
///
/// The deepest label comes first, so "lies within" is "is a subdomain of", which X.509 name constraints enforce.
#[must_use]
pub fn dns_name(region: &RegionCode) -> String {
    format!("{}.{NAME_SUFFIX}", region.labels().join("."))
}

/// The region of a name, if the name is one that [`dns_name`] writes.
pub(crate) fn region_of_name(name: &str) -> Option<RegionCode> {
    let labels = name.strip_suffix(NAME_SUFFIX)?.strip_suffix('.')?;
    let stem: String = labels.rsplit('.').collect();
    let region = RegionCode::new(&format!("{stem:0<6}")).ok()?;
    // Comparing with what would have been written refuses wildcards, other groupings and superfluous zeros.
    (dns_name(&region) == name).then_some(region)
}

/// The region that a certificate is for: its one and only name.
///
/// It says who a peer is only once the chain was verified.
///
/// # Errors
/// [`IdentityError::NotARegionName`] unless there is exactly one name and it is a region's.
pub fn region_of(certificate: &CertificateDer<'_>) -> Result<RegionCode, IdentityError> {
    region_of_parsed(&parse(certificate)?)
}

fn region_of_parsed(parsed: &X509Certificate<'_>) -> Result<RegionCode, IdentityError> {
    let extension = parsed
        .subject_alternative_name()
        .map_err(|_| IdentityError::BadCertificate { problem: "unreadable subject alternative name" })?;
    let names = extension.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
    if let [GeneralName::DNSName(name)] = names
        && let Some(region) = region_of_name(name)
    {
        return Ok(region);
    }
    Err(IdentityError::NotARegionName { names: names.iter().map(ToString::to_string).collect() })
}

/// The region that an issuing certificate certifies within: the one name that it is constrained to.
pub(crate) fn certifies_within(certificate: &CertificateDer<'_>) -> Option<RegionCode> {
    let parsed = parse(certificate).ok()?;
    let constraints = parsed.name_constraints().ok()??;
    match constraints.value.permitted_subtrees.as_deref()? {
        [GeneralSubtree { base: GeneralName::DNSName(name) }] => region_of_name(name),
        _ => None,
    }
}

/// The SHA-256 of a certificate: what it is known by in the register of children.
#[must_use]
pub fn fingerprint_of(certificate: &CertificateDer<'_>) -> [u8; 32] {
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest(&SHA256, certificate).as_ref());
    fingerprint
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its region.
    pub region: RegionCode,
    /// The SHA-256 of its certificate.
    pub fingerprint: [u8; 32],
    /// Its certificate's serial number, in hexadecimal digits.
    pub serial: String,
    /// The begin of its certificate's validity.
    pub not_before: Moment,
    /// The end of its certificate's validity.
    pub not_after: Moment,
}

/// Reads the peer from a chain that TLS has already verified.
///
/// # Errors
/// [`IdentityError::BadCertificate`] if there is none or it is unreadable, [`IdentityError::NotARegionName`] if it
/// names no region.
pub fn peer_of(chain: &[CertificateDer<'_>]) -> Result<Peer, IdentityError> {
    let leaf = chain.first().ok_or(IdentityError::BadCertificate { problem: "no certificate presented" })?;
    let parsed = parse(leaf)?;
    Ok(Peer {
        region: region_of_parsed(&parsed)?,
        fingerprint: fingerprint_of(leaf),
        serial: hexadecimal(parsed.raw_serial()),
        not_before: Moment(parsed.validity().not_before.timestamp().saturating_mul(1000)),
        not_after: Moment(parsed.validity().not_after.timestamp().saturating_mul(1000)),
    })
}

/// The begin and end of a certificate's validity.
pub(crate) fn validity_of(certificate: &CertificateDer<'_>) -> Result<(Moment, Moment), IdentityError> {
    let parsed = parse(certificate)?;
    let moment = |at: x509_parser::time::ASN1Time| Moment(at.timestamp().saturating_mul(1000));
    Ok((moment(parsed.validity().not_before), moment(parsed.validity().not_after)))
}

/// The public key of a certificate, as the DER of its `SubjectPublicKeyInfo`.
pub(crate) fn public_key_of(certificate: &CertificateDer<'_>) -> Result<Vec<u8>, IdentityError> {
    Ok(parse(certificate)?.tbs_certificate.subject_pki.raw.to_vec())
}

fn parse<'a>(certificate: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, IdentityError> {
    match x509_parser::parse_x509_certificate(certificate) {
        Ok(([], parsed)) => Ok(parsed),
        _ => Err(IdentityError::BadCertificate { problem: "not an X.509 certificate" }),
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A moment as webpki and rustls want it; certificates count whole seconds.
pub(crate) fn unix_time(at: Moment) -> Result<UnixTime, IdentityError> {
    let seconds = u64::try_from(at.0.div_euclid(1000)).map_err(|_| IdentityError::BadMoment(at))?;
    Ok(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
}

/// A moment from what webpki and rustls report.
pub(crate) fn moment(at: UnixTime) -> Moment {
    Moment(i64::try_from(at.as_secs()).unwrap_or(i64::MAX).saturating_mul(1000))
}

/// A moment as rcgen wants it.
pub(crate) fn calendar(at: Moment) -> Result<OffsetDateTime, IdentityError> {
    OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).map_err(|_| IdentityError::BadMoment(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        RegionCode::new(text).expect("a valid code")
    }

    /// A region's name and its reading are each other's inverse at every depth.
    #[test]
    fn names_round_trip() {
        let pairs = [
            ("320000", "32.tongpin.internal"),
            ("320500", "05.32.tongpin.internal"),
            ("320581", "81.05.32.tongpin.internal"),
            ("320581101", "101.81.05.32.tongpin.internal"),
        ];
        for (region, name) in pairs {
            assert_eq!(dns_name(&code(region)), name);
            assert_eq!(region_of_name(name), Some(code(region)), "{name}");
        }
    }

    /// Names that no region has are not repaired into one.
    #[test]
    fn other_names_are_no_region() {
        let names = [
            "tongpin.internal",
            ".tongpin.internal",
            "*.05.32.tongpin.internal",
            "0532.tongpin.internal",
            "00.05.32.tongpin.internal",
            "101.05.32.tongpin.internal",
            "81.05.32.tongpin.internal.",
            "81.05.32xtongpin.internal",
            "81.05.32.tongpin.internal.example.org",
            "1.01.81.05.32.tongpin.internal",
            "00.tongpin.internal",
        ];
        for name in names {
            assert_eq!(region_of_name(name), None, "{name}");
        }
    }
}
