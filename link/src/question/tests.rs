//! Shows that a question arrives as it was sent, once, and that nobody asks in another's name.

use std::sync::Arc;

use tempfile::TempDir;
use tongpin_domain::moment::Moment;
use tongpin_proto::v1;
use tongpin_store::{REPORTS, Store};

use super::*;
use crate::downlink::Desk;
use crate::identity::Identity;
use crate::identity::tests::{NOW, city, code, enrol};
use crate::uplink;

async fn site(folder: &TempDir, name: &str, identity: &Identity) -> Arc<Site> {
    let keys = folder.path().join(name);
    identity.save(&keys).expect("writable");
    let path = folder.path().join(format!("{name}.sqlite"));
    let store = Store::open(path.to_str().expect("UTF-8")).await.expect("a database");
    Site::open(store, &keys, None, Arc::new(|| NOW), Arc::new(|| 0)).await.expect("a site")
}

fn question(region: &str, at: Moment) -> Question {
    Question::new(code(region), "指标口径", "满意度按户还是按人统计？", "经办岗（jingban）", at)
}

async fn batch(site: &Site, after: u64) -> v1::Batch {
    let found = uplink::batch_after(site, REPORTS, "i1", after).await.expect("readable");
    found.expect("something to send").0
}

/// What the city keeps is what the county signed; the same again changes nothing, and each is acknowledged.
#[tokio::test]
async fn arrives_once() {
    let folder = TempDir::new().expect("a folder");
    let root = city();
    let above = site(&folder, "320500", &root).await;
    let county = site(&folder, "320581", &enrol(&root, "320581")).await;
    let asked = question("320581", NOW);
    assert!(ask(&county, &asked).await.expect("sent"));
    assert!(!ask(&county, &asked).await.expect("known"));

    let desk = Desk::new(above.clone());
    for _ in 0..2 {
        let answers = desk.receive(&code("320581"), batch(&county, 0).await).await.expect("taken in");
        let [v1::downward::Body::Acknowledged(acknowledged)] = &answers[..] else {
            unreachable!("nothing but an acknowledgement: {answers:?}")
        };
        assert_eq!(acknowledged.position.as_ref().map(|position| position.number), Some(1));
    }
    let kept = above.store.questions().await.expect("readable");
    assert_eq!(kept.len(), 1);
    assert_eq!(serde_json::from_str::<Question>(&kept[0].payload).expect("JSON"), asked);
}

/// A question in another county's name is passed over, and the next one arrives; one that is too long or of another
/// region is not even signed.
#[tokio::test]
async fn nobody_asks_for_another() {
    let folder = TempDir::new().expect("a folder");
    let root = city();
    let above = site(&folder, "320500", &root).await;
    let county = site(&folder, "320581", &enrol(&root, "320581")).await;
    assert!(ask(&county, &question("320582", NOW)).await.is_err());
    let long = Question::new(code("320581"), "长", &"字".repeat(2001), "经办岗", NOW);
    assert!(ask(&county, &long).await.is_err());
    assert_eq!(county.store.outbox_last(REPORTS).await.expect("readable"), 0);

    ask(&county, &question("320581", NOW)).await.expect("sent");
    ask(&county, &question("320581", NOW.plus_seconds(1))).await.expect("sent");
    let desk = Desk::new(above.clone());
    // The batch comes from 张家港, whose certificate names another region than the signature.
    desk.receive(&code("320582"), batch(&county, 0).await).await.expect("passed over");
    assert_eq!(above.store.questions().await.expect("readable"), []);
    let position = above.store.position(&code("320582"), REPORTS).await.expect("readable");
    assert_eq!(position.map(|position| position.seq), Some(2));
    desk.receive(&code("320581"), batch(&county, 0).await).await.expect("taken in");
    assert_eq!(above.store.questions().await.expect("readable").len(), 2);
}
