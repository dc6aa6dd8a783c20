//! What a certificate says is decided by its issuer, never by who asks for it.

use super::*;

/// A county can only certify what lies within it.
#[test]
fn issuing_stays_within_the_region() {
    let city = city();
    let county = enrol(&city, "320581");
    let keys = PendingKeys::generate().expect("keys");
    for other in ["320582101", "320582", "320581", "320500", "330100"] {
        let refused = county.issue(&code(other), &keys.identity_spki(), None, DAY, NOW);
        assert!(matches!(refused, Err(IdentityError::NotWithin { .. })), "{other}: {refused:?}");
    }
    let town = enrol(&county, "320581101");
    let refused = town.issue(&code("320581102"), &keys.identity_spki(), None, DAY, NOW);
    assert!(matches!(refused, Err(IdentityError::NotAnIssuer { .. })), "{refused:?}");
}

/// Only public keys are taken from a request. A signing request that asks to be an authority for the whole city is not
/// even a key, and the key inside it gets an ordinary certificate.
#[test]
fn a_request_cannot_ask_for_more() {
    let city = city();
    let pair = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["05.32.tongpin.internal".to_owned()]).expect("names");
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let request = params.serialize_request(&pair).expect("a request");
    let refused = city.issue(&code("320581"), request.der(), None, DAY, NOW);
    assert!(matches!(refused, Err(IdentityError::BadKey)), "{refused:?}");

    let spki = rcgen::PublicKeyData::subject_public_key_info(&pair);
    let issued = city.issue(&code("320581"), &spki, None, DAY, NOW).expect("issued");
    let (_, parsed) = x509_parser::parse_x509_certificate(&issued.leaf_chain[0]).expect("a certificate");
    assert!(!parsed.is_ca());
    assert!(!parsed.key_usage().expect("usages").expect("usages").value.key_cert_sign());
    assert_eq!(region_of(&issued.leaf_chain[0]).expect("a region"), code("320581"));
    assert!(issued.issuer_chain.is_empty());
}

/// The issuing certificate carries the constraint as X.509 wants it: critical, one permitted subtree, the own name.
#[test]
fn the_constraint_is_written() {
    let county = enrol(&city(), "320581");
    let chain = &county.issuer.as_ref().expect("an issuer").chain;
    let (_, parsed) = x509_parser::parse_x509_certificate(&chain[0]).expect("a certificate");
    let extension = parsed.name_constraints().expect("readable").expect("present");
    assert!(extension.critical);
    let permitted = extension.value.permitted_subtrees.as_ref().expect("permitted subtrees");
    let names: Vec<String> = permitted.iter().map(|subtree| subtree.base.to_string()).collect();
    assert_eq!(names, ["DNSName(81.05.32.tongpin.internal)"]);
    // A county's authority may have no further authority below it.
    let basic = parsed.basic_constraints().expect("readable").expect("present").value;
    assert_eq!((basic.ca, basic.path_len_constraint), (true, Some(0)));
}

/// Keys of another kind, cut keys and rubbish are refused before anything is signed.
#[test]
fn foreign_keys_are_refused() {
    let city = city();
    let other = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).expect("a key");
    let good = PendingKeys::generate().expect("keys").identity_spki();
    let spki = rcgen::PublicKeyData::subject_public_key_info(&other);
    for bad in [&spki[..], &good[..good.len() - 1], b"", b"rubbish"] {
        assert!(matches!(city.issue(&code("320581"), bad, None, DAY, NOW), Err(IdentityError::BadKey)));
        let issuer = city.issue(&code("320581"), &good, Some(bad), DAY, NOW);
        assert!(matches!(issuer, Err(IdentityError::BadKey)), "{issuer:?}");
    }
}

/// A certificate never outlives the one it is signed with, begins as early as that one if it is to last as long, and an
/// expired issuer issues none.
#[test]
fn validity_is_clamped() {
    let city = city();
    let county = enrol_for(&city, "320581", DAY * 90, NOW);
    assert_eq!(county.not_after(), days(NOW, 90));
    assert_eq!(county.not_before(), days(NOW, -1));
    let later = enrol_for(&city, "320581", DAY * 90, days(NOW, 100));
    assert_eq!((later.not_before(), later.not_after()), (days(NOW, 10), days(NOW, 190)));
    let town = enrol_for(&county, "320581101", DAY * 365, days(NOW, 30));
    assert_eq!(town.not_after(), days(NOW, 90));
    let keys = PendingKeys::generate().expect("keys");
    let late = county.issue(&code("320581102"), &keys.identity_spki(), None, DAY, days(NOW, 90));
    assert!(matches!(late, Err(IdentityError::IssuerExpired { .. })), "{late:?}");
}

/// A proof of possession binds a request to the key, and to no other request.
#[test]
fn possession_is_proven() {
    let keys = PendingKeys::generate().expect("keys");
    let other = PendingKeys::generate().expect("keys");
    let proof = keys.prove(b"request").expect("a proof");
    assert!(check_proof(&keys.identity_spki(), b"request", &proof).is_ok());
    let wrong = [
        check_proof(&other.identity_spki(), b"request", &proof),
        check_proof(&keys.issuer_spki(), b"request", &proof),
        check_proof(&keys.identity_spki(), b"requesu", &proof),
    ];
    for found in wrong {
        assert!(matches!(found, Err(IdentityError::BadSignature)), "{found:?}");
    }
}

/// What a parent answers is believed only if it has the invitation's root, the own keys and the own region.
#[test]
fn an_answer_is_checked() {
    let (city, other) = (city(), city());
    let keys = PendingKeys::generate().expect("keys");
    let issue = |region: &str, keys: &PendingKeys| {
        city.issue(&code(region), &keys.identity_spki(), Some(&keys.issuer_spki()), DAY, NOW).expect("issued")
    };
    let take = |keys: &PendingKeys, issued: Issued, root: Digest| {
        let region = code("320581");
        Identity::from_issued(keys.clone(), issued.leaf_chain, issued.issuer_chain, &root, &region, NOW)
    };
    let root = city.root_fingerprint();
    assert!(take(&keys, issue("320581", &keys), root).is_ok());
    let found = take(&keys, issue("320581", &keys), other.root_fingerprint());
    assert!(matches!(found, Err(IdentityError::WrongRoot { .. })), "{found:?}");
    let found = take(&keys, issue("320582", &keys), root);
    assert!(matches!(found, Err(IdentityError::WrongRegion { .. })), "{found:?}");
    let found = take(&keys, issue("320581", &PendingKeys::generate().expect("keys")), root);
    assert!(matches!(found, Err(IdentityError::WrongKey)), "{found:?}");
}

/// The root's holder renews its own certificate under the same root; nobody else renews themselves.
#[test]
fn the_root_holder_renews_itself() {
    let city = city();
    let later = days(NOW, 80);
    let renewed = city.renew_own_leaf(DAY * 90, later).expect("renewed");
    assert_eq!(renewed.root_fingerprint(), city.root_fingerprint());
    assert_ne!(renewed.fingerprint(), city.fingerprint());
    assert_eq!(renewed.not_after(), days(NOW, 170));
    let county = enrol(&city, "320581");
    assert!(matches!(county.renew_own_leaf(DAY, NOW), Err(IdentityError::NotAnIssuer { .. })));
}
