//! Children: invitations are used once, certificates are admitted until they are revoked.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Certificate, ChildStatus, Contact, Invitation, Redeemed, Store};

use super::ground::{on_each, region};

const COUNTY: &str = "320581";

fn hash(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn certificate(name: &str, issued_at: i64) -> Certificate {
    Certificate {
        fingerprint: hash(name),
        serial: name.into(),
        region: region(COUNTY),
        issued_at: Moment(issued_at),
        not_after: Moment(issued_at + 1000),
        revoked_at: None,
        reason: String::new(),
    }
}

async fn invite(store: &Store) -> Invitation {
    let invitation = Invitation {
        secret_hash: hash("secret"),
        region: region(COUNTY),
        address: "hub.example:7443".into(),
        created_at: Moment(10),
        expires_at: Moment(20),
        used_at: None,
        used_key: None,
        by: "管理员".into(),
    };
    store.invite(&invitation).await.unwrap();
    invitation
}

/// Every way an invitation can be used ends as it should, and only the first use and its repetition record anything.
#[tokio::test]
async fn invitations_are_used_once() {
    on_each(async |store| {
        let invitation = invite(store).await;
        assert_eq!(store.invitation(&hash("secret")).await.unwrap(), Some(invitation.clone()));
        assert_eq!(store.children().await.unwrap()[0].status, ChildStatus::Invited);
        let redeem = async |secret: &str, key: &str, name: &str, at: i64| {
            store.redeem(&hash(secret), &hash(key), &[certificate(name, at)], Moment(at)).await.unwrap()
        };
        assert_eq!(redeem("wrong", "key", "c0", 11).await, Redeemed::NotFound);
        assert_eq!(redeem("secret", "key", "c0", 20).await, Redeemed::Expired { at: Moment(20) });
        assert_eq!(admitted(store).await, []);

        assert_eq!(redeem("secret", "key", "c1", 12).await, Redeemed::Redeemed);
        assert_eq!(redeem("secret", "other", "c2", 13).await, Redeemed::UsedByAnother);
        assert_eq!(redeem("secret", "key", "c3", 30).await, Redeemed::Again);
        let mut due = vec![(hash("c1"), region(COUNTY)), (hash("c3"), region(COUNTY))];
        due.sort();
        assert_eq!(admitted(store).await, due);

        let used = store.invitations().await.unwrap();
        assert_eq!(used, [Invitation { used_at: Some(Moment(12)), used_key: Some(hash("key")), ..invitation }]);
        let child = store.child(&region(COUNTY)).await.unwrap().unwrap();
        assert_eq!((child.status, child.serial.as_str()), (ChildStatus::Active, "c3"));
        assert_eq!(child.not_after, Some(Moment(1030)));
    })
    .await;
}

/// A revocation takes all of a child's certificates, and what was revoked does not come back by being recorded again;
/// a new certificate lets the child in again.
#[tokio::test]
async fn revocation() {
    on_each(async |store| {
        store.record_certificate(&certificate("c1", 1)).await.unwrap();
        store.record_certificate(&certificate("c2", 2)).await.unwrap();
        assert_eq!(store.revoke(&region(COUNTY), Moment(5), "设备遗失").await.unwrap(), 2);
        assert_eq!(store.revoke(&region(COUNTY), Moment(6), "再次").await.unwrap(), 0);
        store.record_certificate(&certificate("c1", 1)).await.unwrap();
        assert_eq!(admitted(store).await, []);
        let child = store.child(&region(COUNTY)).await.unwrap().unwrap();
        assert_eq!(child.status, ChildStatus::Revoked);
        let revoked =
            Certificate { revoked_at: Some(Moment(5)), reason: "设备遗失".into(), ..certificate("c2", 2) };
        assert_eq!(store.certificate(&hash("c2")).await.unwrap(), Some(revoked));

        store.record_certificate(&certificate("c3", 7)).await.unwrap();
        assert_eq!(admitted(store).await, [(hash("c3"), region(COUNTY))]);
        assert_eq!(store.certificates(&region(COUNTY)).await.unwrap().len(), 3);
        assert_eq!(store.child(&region(COUNTY)).await.unwrap().unwrap().status, ChildStatus::Active);
    })
    .await;
}

/// A revocation leaves no way back that was there before it: neither an invitation that is still open, nor the one that
/// let the child in, nor a certificate that its holder renews at that moment. A new invitation does.
#[tokio::test]
async fn nothing_outlives_a_revocation() {
    on_each(async |store| {
        let used = invite(store).await;
        let redeem = async |secret: &str, name: &str, at: i64| {
            store.redeem(&hash(secret), &hash("key"), &[certificate(name, at)], Moment(at)).await.unwrap()
        };
        assert_eq!(redeem("secret", "c1", 12).await, Redeemed::Redeemed);
        let open = Invitation { secret_hash: hash("open"), created_at: Moment(12), ..used.clone() };
        store.invite(&open).await.unwrap();
        assert!(store.renew_certificate(&hash("c1"), &certificate("c2", 13)).await.unwrap());
        assert_eq!(store.revoke(&region(COUNTY), Moment(15), "设备遗失").await.unwrap(), 2);

        assert_eq!(redeem("secret", "c3", 16).await, Redeemed::Expired { at: Moment(15) });
        assert_eq!(redeem("open", "c3", 16).await, Redeemed::Expired { at: Moment(15) });
        for held in ["c1", "c2", "never"] {
            assert!(!store.renew_certificate(&hash(held), &certificate("c3", 16)).await.unwrap(), "{held}");
        }
        assert_eq!(admitted(store).await, []);
        assert_eq!(store.child(&region(COUNTY)).await.unwrap().unwrap().status, ChildStatus::Revoked);

        let fresh = Invitation { secret_hash: hash("fresh"), created_at: Moment(17), expires_at: Moment(30), ..used };
        store.invite(&fresh).await.unwrap();
        assert_eq!(redeem("fresh", "c4", 18).await, Redeemed::Redeemed);
        assert_eq!(redeem("fresh", "c5", 40).await, Redeemed::Again);
    })
    .await;
}

/// The certificates that are not revoked, by fingerprint.
async fn admitted(store: &Store) -> Vec<(Digest, RegionCode)> {
    let held = store.all_certificates().await.unwrap().into_iter().filter(|held| held.revoked_at.is_none());
    let mut held: Vec<_> = held.map(|held| (held.fingerprint, held.region)).collect();
    held.sort();
    held
}

/// A contact updates what it says and keeps what it does not say; a stranger's leaves no trace.
#[tokio::test]
async fn contacts() {
    on_each(async |store| {
        store.record_certificate(&certificate("c1", 1)).await.unwrap();
        let mut contact = Contact {
            region: region(COUNTY),
            at: Moment(50),
            software: "0.1.0".into(),
            incarnation: "i1".into(),
            clock_offset_ms: Some(-1200),
            disk_free: Some(5_000_000_000),
            address: "10.0.0.7".into(),
        };
        store.note_children(&[], std::slice::from_ref(&contact)).await.unwrap();
        contact = Contact { at: Moment(60), clock_offset_ms: None, disk_free: None, ..contact };
        store.note_children(&[], std::slice::from_ref(&contact)).await.unwrap();
        store.note_children(&[], &[Contact { region: region("320582"), ..contact }]).await.unwrap();
        let children = store.children().await.unwrap();
        assert_eq!(children.len(), 1);
        assert_eq!(children[0].last_contact, Some(Moment(60)));
        assert_eq!(children[0].clock_offset_ms, Some(-1200));
        assert_eq!(children[0].disk_free, Some(5_000_000_000));
        assert_eq!(children[0].address, "10.0.0.7");
    })
    .await;
}

/// A region that joins anew by another invitation holds one certificate: the old one is out, and so is the old
/// invitation, while a lost answer of the new one is still made good.
#[tokio::test]
async fn joining_anew_replaces() {
    on_each(async |store| {
        let first = invite(store).await;
        let second = Invitation { secret_hash: hash("second"), created_at: Moment(13), ..first };
        let redeem = async |secret: &str, name: &str, at: i64| {
            store.redeem(&hash(secret), &hash(secret), &[certificate(name, at)], Moment(at)).await.unwrap()
        };
        assert_eq!(redeem("secret", "old", 12).await, Redeemed::Redeemed);
        store.invite(&second).await.unwrap();
        assert_eq!(redeem("second", "new", 15).await, Redeemed::Redeemed);
        assert_eq!(admitted(store).await, [(hash("new"), region(COUNTY))]);
        assert_eq!(redeem("second", "again", 16).await, Redeemed::Again);
        assert!(matches!(redeem("secret", "back", 17).await, Redeemed::Expired { .. }));
        assert_eq!(admitted(store).await.len(), 2);
    })
    .await;
}

/// A region has one live invitation: a new one ends those that are open, and joining ends whatever a race may have left
/// open beside the one that was used. Another region's stays.
#[tokio::test]
async fn one_invitation_at_a_time() {
    on_each(async |store| {
        let first = invite(store).await;
        let other = Invitation { secret_hash: hash("other"), region: region("320582"), ..first.clone() };
        store.invite(&other).await.unwrap();
        let second = Invitation { secret_hash: hash("second"), created_at: Moment(12), ..first.clone() };
        store.invite(&second).await.unwrap();
        let redeem = async |secret: &str, at: i64| {
            store.redeem(&hash(secret), &hash("key"), &[certificate("c", at)], Moment(at)).await.unwrap()
        };
        assert_eq!(redeem("secret", 13).await, Redeemed::Expired { at: Moment(12) });
        // As a clock that was set back between the two would leave it.
        let third = Invitation { secret_hash: hash("third"), created_at: Moment(25), expires_at: Moment(40), ..first };
        store.invite(&third).await.unwrap();
        assert_eq!(redeem("second", 14).await, Redeemed::Redeemed);
        assert_eq!(redeem("third", 15).await, Redeemed::Expired { at: Moment(14) });
        assert_eq!(redeem("second", 16).await, Redeemed::Again);
        assert_eq!(redeem("other", 17).await, Redeemed::Redeemed);
    })
    .await;
}
