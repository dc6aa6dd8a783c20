//! Identities over time: in their folder, and towards their expiry.

use super::*;

/// An identity comes back from its folder as it was, readable by its owner only, and its pending keys are gone.
#[test]
fn saved_and_loaded() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let home = dir.path().join("identity");
    assert!(matches!(Identity::load(&home), Err(IdentityError::Missing { .. })));
    let city = city();
    let keys = PendingKeys::load_or_create(&home).expect("keys");
    let again = PendingKeys::load_or_create(&home).expect("the same keys");
    assert_eq!(keys.identity_spki(), again.identity_spki());
    assert_eq!(keys.issuer_spki(), again.issuer_spki());
    let issued = city.issue(&code("320581"), &keys.identity_spki(), Some(&keys.issuer_spki()), DAY, NOW);
    let issued = issued.expect("issued");
    let (root, region) = (city.root_fingerprint(), code("320581"));
    let made = Identity::from_issued(keys, issued.leaf_chain, issued.issuer_chain, &root, &region, NOW);
    let made = made.expect("an identity");
    made.save(&home).expect("saved");
    assert!(!home.join("pending.pem").exists());

    let loaded = Identity::load(&home).expect("loaded");
    assert_eq!((loaded.region(), loaded.fingerprint()), (made.region(), made.fingerprint()));
    let signature = loaded.sign("x", b"y").expect("a signature");
    assert!(verify(city.roots(), made.chain(), "x", b"y", &signature, NOW).is_ok());
    assert!(enrol(&loaded, "320581101").chain().len() == 3);
    #[cfg(unix)]
    for name in ["identity.pem", "issuer.pem", "root.pem"] {
        use std::os::unix::fs::PermissionsExt as _;
        let permissions = std::fs::metadata(home.join(name)).expect("a file").permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600, "{name}");
    }
}

/// Files that do not belong together are refused, and the message names the file in the user's words.
#[test]
fn mixed_files_are_refused() {
    let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let city = city();
    enrol(&city, "320581").save(one.path()).expect("saved");
    enrol(&city, "320582").save(two.path()).expect("saved");
    let read = |dir: &tempfile::TempDir| std::fs::read_to_string(dir.path().join("identity.pem")).expect("a file");
    let (mine, theirs) = (read(&one), read(&two));
    let at = |text: &str| text.find("-----END PRIVATE KEY-----").expect("a key");
    let mixed = format!("{}{}", &mine[..at(&mine)], &theirs[at(&theirs)..]);
    std::fs::write(one.path().join("identity.pem"), mixed).expect("written");
    let refused = Identity::load(one.path()).expect_err("a mixed identity");
    assert!(matches!(refused, IdentityError::BadFile { .. }), "{refused:?}");
    assert!(refused.say(Lang::Zh).contains("identity.pem"));
    for broken in ["", "rubbish", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        std::fs::write(one.path().join("identity.pem"), broken).expect("written");
        assert!(matches!(Identity::load(one.path()), Err(IdentityError::BadFile { .. })), "{broken}");
    }
}

/// A root is made once: a second init is refused, an interrupted one goes on with the same root.
#[test]
fn the_root_is_made_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let init = || Identity::init(dir.path(), &code("320500"), NOW, DAY * 3650, DAY * 90);
    let root = init().expect("a root").root_fingerprint();
    let second = init();
    assert!(matches!(second, Err(IdentityError::AlreadyThere { .. })), "{second:?}");
    std::fs::remove_file(dir.path().join("identity.pem")).expect("as if it had not been written yet");
    assert_eq!(init().expect("continued").root_fingerprint(), root);
    assert_eq!(Identity::load(dir.path()).expect("loaded").root_fingerprint(), root);
}

/// A certificate of 90 days is due for renewal when a third (30 days) is left, however early it begins.
#[test]
fn standing_over_time() {
    let county = enrol(&city(), "320581");
    assert_eq!(county.standing(NOW), Standing::Valid { days_left: 90 });
    assert_eq!(county.standing(days(NOW, 59)), Standing::Valid { days_left: 31 });
    assert_eq!(county.standing(days(NOW, 60)), Standing::RenewSoon { days_left: 30 });
    assert_eq!(county.standing(days(NOW, 91)), Standing::Expired { since: days(NOW, 90) });
    assert_eq!(county.standing(days(NOW, -2)), Standing::NotYetValid { not_before: days(NOW, -1) });
    assert!(!county.renewal_due(NOW) && county.renewal_due(days(NOW, 60)) && county.renewal_due(days(NOW, 100)));
}

/// Debug output of an identity shows no key.
#[test]
fn debug_hides_keys() {
    let text = format!("{:?} {:?}", city(), PendingKeys::generate().expect("keys"));
    assert!(text.contains("320500") && !text.contains("PRIVATE"), "{text}");
    assert!(text.contains("[secret key elided]"), "{text}");
}
