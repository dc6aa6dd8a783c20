//! Who can be whom: issuing, verifying, signing and keeping identities, and every way in which that is refused.

mod issuing;
mod keeping;

use std::time::Duration;

use rcgen::{CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType};
use rustls_pki_types::CertificateDer;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::*;

/// 2026-11-23 00:00:00 UTC: 20,780 days of 86,400,000 ms.
pub(crate) const NOW: Moment = Moment(20_780 * 86_400_000);
pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a valid code")
}

pub(crate) fn days(at: Moment, days: i64) -> Moment {
    at.plus_seconds(days * 86_400)
}

/// The city's identity and root, with a leaf of 90 days.
pub(crate) fn city() -> Identity {
    Identity::create_root(&code("320500"), NOW, DAY * 3650, DAY * 90).expect("a root")
}

/// A child as it enrols: its own keys, certified by the parent, for 90 days.
pub(crate) fn enrol(parent: &Identity, region: &str) -> Identity {
    enrol_for(parent, region, DAY * 90, NOW)
}

pub(crate) fn enrol_for(parent: &Identity, region: &str, validity: Duration, now: Moment) -> Identity {
    let keys = PendingKeys::generate().expect("keys");
    let (own, authority) = (keys.identity_spki(), keys.issuer_spki());
    let issued = parent.issue(&code(region), &own, Some(&authority), validity, now).expect("issued");
    let root = parent.root_fingerprint();
    Identity::from_issued(keys, issued.leaf_chain, issued.issuer_chain, &root, &code(region), now).expect("an identity")
}

/// A certificate that an issuer's key signs outside this crate's rules, as a compromised county could, with the
/// issuer's
/// chain behind it.
fn forged(by: &Identity, change: impl FnOnce(&mut CertificateParams)) -> (KeyPair, Vec<CertificateDer<'static>>) {
    let issuer = by.issuer.as_ref().expect("an issuer");
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.not_before = name::calendar(NOW).expect("a time");
    params.not_after = name::calendar(days(NOW, 30)).expect("a time");
    change(&mut params);
    let signer = Issuer::from_ca_cert_der(&issuer.chain[0], issuer.key.pair()).expect("a signer");
    let certificate = params.signed_by(&key, &signer).expect("a certificate");
    (key, std::iter::once(certificate.into()).chain(issuer.chain.iter().cloned()).collect())
}

/// A region's whole identity as another bureau's issuing key forges it.
pub(crate) fn forged_identity(by: &Identity, region: &str) -> Identity {
    forged_with_names(by, &[region])
}

/// The same with several names, of which a proper certificate has one.
pub(crate) fn forged_with_names(by: &Identity, regions: &[&str]) -> Identity {
    let (key, chain) = forged(by, |params| params.subject_alt_names = regions.iter().map(|name| dns(name)).collect());
    let fingerprint = fingerprint_of(&chain[0]);
    let own = Peer { region: code(regions[0]), fingerprint, ..by.own.clone() };
    Identity { key: into_key(&key), chain, issuer: None, roots: by.roots().clone(), own }
}

fn dns(region: &str) -> SanType {
    SanType::DnsName(dns_name(&code(region)).try_into().expect("a name"))
}

/// Three levels: everyone's chain leads to the root and says their region, at every depth.
#[test]
fn chains_lead_to_the_root() {
    let city = city();
    let county = enrol(&city, "320581");
    let town = enrol(&county, "320581101");
    for (identity, region, length) in [(&city, "320500", 2), (&county, "320581", 2), (&town, "320581101", 3)] {
        assert_eq!(verify_chain(city.roots(), identity.chain(), NOW).expect("a good chain"), code(region));
        assert_eq!(identity.chain().len(), length, "{region}");
        // Whoever trusts the root need not be sent it.
        let short = &identity.chain()[..length - 1];
        assert_eq!(verify_chain(city.roots(), short, NOW).expect("a good chain"), code(region));
        assert_eq!(identity.root_fingerprint(), city.root_fingerprint());
    }
    assert!(city.holds_root() && !county.holds_root());
    assert!(county.can_issue() && !town.can_issue());
}

/// A county that misuses its issuing key convinces nobody: not as another county, another's township, the city or
/// several at once.
#[test]
fn a_forging_county_is_found_out() {
    let city = city();
    let county = enrol(&city, "320581");
    for other in ["320582", "320582101", "320500", "330100"] {
        let (_, chain) = forged(&county, |params| params.subject_alt_names = vec![dns(other)]);
        let found = verify_chain(city.roots(), &chain, NOW);
        assert!(matches!(found, Err(IdentityError::OutsideIssuer)), "{other}: {found:?}");
    }
    let (_, chain) = forged(&county, |params| params.subject_alt_names = vec![dns("320581101"), dns("320582101")]);
    assert!(matches!(verify_chain(city.roots(), &chain, NOW), Err(IdentityError::OutsideIssuer)));
    // The same forgery within the county is accepted, so that the refusals above are the constraint's work.
    let (_, chain) = forged(&county, |params| params.subject_alt_names = vec![dns("320581101")]);
    assert_eq!(verify_chain(city.roots(), &chain, NOW).expect("a good chain"), code("320581101"));
}

/// A certificate without a name, with an address for a name or with two names is nobody's, although X.509 name
/// constraints do not speak against it.
#[test]
fn a_certificate_names_exactly_one_region() {
    let city = city();
    let county = enrol(&city, "320581");
    let address = SanType::IpAddress([127, 0, 0, 1].into());
    let wildcard = SanType::DnsName("*.81.05.32.tongpin.internal".try_into().expect("a name"));
    for names in [vec![], vec![address], vec![dns("320581101"), dns("320581102")], vec![wildcard]] {
        let (_, chain) = forged(&county, |params| params.subject_alt_names.clone_from(&names));
        let found = verify_chain(city.roots(), &chain, NOW);
        assert!(matches!(found, Err(IdentityError::NotARegionName { .. })), "{names:?}: {found:?}");
    }
}

/// A county cannot set up a further authority below itself, and a leaf cannot certify anyone.
#[test]
fn authority_is_not_passed_on() {
    let city = city();
    let county = enrol(&city, "320581");
    let authority = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    };
    let (key, chain) = forged(&county, authority);
    let below = Identity { issuer: Some(IssuerKey { key: into_key(&key), chain }), ..county.clone() };
    let (_, chain) = forged(&below, |params| params.subject_alt_names = vec![dns("320581101")]);
    assert!(matches!(verify_chain(city.roots(), &chain, NOW), Err(IdentityError::BadChain(_))));

    let leaf = IssuerKey { key: county.key.clone(), chain: county.chain.clone() };
    let pretender = Identity { issuer: Some(leaf), ..county.clone() };
    let (_, chain) = forged(&pretender, |params| params.subject_alt_names = vec![dns("320581101")]);
    assert!(matches!(verify_chain(city.roots(), &chain, NOW), Err(IdentityError::BadChain(_))));
}

fn into_key(pair: &KeyPair) -> keys::Key {
    keys::Key::from_pkcs8(&pair.serialize_der().into()).expect("a P-256 key")
}

/// A county whose issuing key belongs to another county notices it when it certifies, not its child later.
#[test]
fn a_strange_issuing_key_is_noticed() {
    let city = city();
    let other = enrol(&city, "320582");
    let mixed = Identity { issuer: other.issuer.clone(), ..enrol(&city, "320581") };
    let keys = PendingKeys::generate().expect("keys");
    let found = mixed.issue(&code("320581101"), &keys.identity_spki(), None, DAY, NOW);
    assert!(matches!(found, Err(IdentityError::OutsideIssuer)), "{found:?}");
}

/// Expired and not yet valid are told apart, with the times.
#[test]
fn time_is_checked() {
    let city = city();
    let county = enrol(&city, "320581");
    let late = verify_chain(city.roots(), county.chain(), days(NOW, 91));
    assert!(matches!(late, Err(IdentityError::Expired { not_after, .. }) if not_after == days(NOW, 90)), "{late:?}");
    let early = verify_chain(city.roots(), county.chain(), days(NOW, -2));
    assert!(matches!(early, Err(IdentityError::NotYetValid { .. })), "{early:?}");
}

/// A signature holds for its bytes, its purpose, its signer and its federation, and for nothing else.
#[test]
fn signatures_hold_for_one_thing() {
    let city = city();
    let county = enrol(&city, "320581");
    let signature = county.sign("report", b"payload").expect("a signature");
    let check = |chain: &[_], purpose, payload: &[u8], signature: &[u8]| {
        verify(city.roots(), chain, purpose, payload, signature, NOW)
    };
    assert_eq!(check(county.chain(), "report", b"payload", &signature).expect("good"), code("320581"));
    let mut altered = signature.clone();
    *altered.last_mut().expect("bytes") ^= 1;
    let bad = [
        check(county.chain(), "report", b"payloae", &signature),
        check(county.chain(), "release", b"payload", &signature),
        check(county.chain(), "report\0pay", b"load", &signature),
        check(city.chain(), "report", b"payload", &signature),
        check(county.chain(), "report", b"payload", &altered),
        check(county.chain(), "report", b"payload", b""),
    ];
    for (index, found) in bad.iter().enumerate() {
        assert!(matches!(found, Err(IdentityError::BadSignature)), "{index}: {found:?}");
    }
    let stranger = Identity::create_root(&code("320500"), NOW, DAY * 3650, DAY * 90).expect("a root");
    let foreign = verify(stranger.roots(), county.chain(), "report", b"payload", &signature, NOW);
    assert!(matches!(foreign, Err(IdentityError::UnknownRoot)), "{foreign:?}");
    assert!(check(&[], "report", b"payload", &signature).is_err());
}
