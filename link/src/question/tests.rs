//! Shows that a question arrives as it was sent, once, and that nobody asks in another's name.

use std::sync::Arc;

use tempfile::TempDir;
use tongpin_domain::moment::Moment;
use tongpin_domain::report::Receipt;
use tongpin_proto::v1;
use tongpin_store::{REPORTS, Store};

use super::*;
use crate::downlink::BatchReceiver;
use crate::identity::Identity;
use crate::identity::tests::{NOW, city, code, enrol};
use crate::uplink;

async fn site(folder: &TempDir, name: &str, identity: &Identity) -> Arc<Site> {
    let keys = folder.path().join(name);
    identity.save(&keys).expect("writable");
    let path = folder.path().join(format!("{name}.sqlite"));
    let store = Store::open(path.to_str().expect("UTF-8")).await.expect("a database");
    Site::open(store, &keys, None, crate::Clock::new(|| NOW), Arc::new(|| 0)).await.expect("a site")
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

    let desk = BatchReceiver::new(above.clone());
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

/// A question in another county's name is not taken in, whoever sent it is told so once, with the digest of what came,
/// and the next one arrives; one that is too long or of another region is not even signed.
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
    let desk = BatchReceiver::new(above.clone());
    // The batch comes from 张家港, whose certificate names another region than the signature.
    let answers = desk.receive(&code("320582"), batch(&county, 0).await).await.expect("answered");
    let [v1::downward::Body::Receipt(first), v1::downward::Body::Receipt(second), _] = &answers[..] else {
        unreachable!("two receipts and an acknowledgement: {answers:?}")
    };
    let told = |receipt: &v1::Receipt| -> Receipt {
        serde_json::from_slice(&receipt.signed.clone().unwrap_or_default().payload).expect("JSON")
    };
    let (first, mine) = (told(first), county.store.my_questions().await.expect("readable"));
    assert_eq!(first.question, Some(Digest::of(mine[1].payload.as_bytes())), "the older one came first");
    assert_eq!((first.number, told(second).number, &first.region), (1, 2, &code("320582")));
    assert!(first.reasons[0].contains("不是 320582"), "{first:?}");
    let again = desk.receive(&code("320582"), batch(&county, 0).await).await.expect("answered");
    assert_eq!(again.len(), 1, "told once: {again:?}");
    assert_eq!(above.store.questions().await.expect("readable"), []);
    let position = above.store.position(&code("320582"), REPORTS).await.expect("readable");
    assert_eq!(position.map(|position| position.seq), Some(2));
    desk.receive(&code("320581"), batch(&county, 0).await).await.expect("taken in");
    assert_eq!(above.store.questions().await.expect("readable").len(), 2);
}

/// What cannot be read, what was changed after it was signed, and what the check of the text refuses is told to whoever
/// sent it, each in its own words.
#[tokio::test]
async fn each_reason_is_told() {
    let folder = TempDir::new().expect("a folder");
    let root = city();
    let above = site(&folder, "320500", &root).await;
    let county = site(&folder, "320581", &enrol(&root, "320581")).await;
    let seal = |payload: &[u8]| sealed::seal(&county.identity(), Purpose::Question, payload).expect("signed");
    let json = |question: &Question| serde_json::to_vec(question).expect("JSON");
    let asked = question("320581", NOW);
    let mut changed = seal(&json(&asked));
    changed.payload = json(&Question { text: "别的".into(), ..asked.clone() }).into();
    let cases = [
        (b"noise".to_vec(), "提问内容无法识别", None),
        (seal(b"{}").encode_to_vec(), "提问内容无法识别", Some(Digest::of(b"{}"))),
        (changed.encode_to_vec(), "提问的签名无效", Some(Digest::of(&changed.payload))),
        (seal(&json(&Question { text: "别的".into(), ..asked })).encode_to_vec(), "编号与内容不符", None),
    ];
    let desk = BatchReceiver::new(above.clone());
    for (after, (envelope, reason, known_as)) in (0_u64..).zip(cases) {
        county.store.append(REPORTS, tongpin_store::QUESTION, "q", Some(&envelope), NOW).await.expect("written");
        desk.receive(&code("320581"), batch(&county, after).await).await.expect("answered");
        let made = above.store.receipts_after(&code("320581"), after).await.expect("readable");
        let receipt: Receipt = serde_json::from_str(&made[0].payload).expect("JSON");
        assert!(made.len() == 1 && receipt.reasons[0].starts_with(reason), "{receipt:?}");
        assert!(known_as.is_none() || receipt.question == known_as, "{receipt:?}");
    }
    assert_eq!(above.store.questions().await.expect("readable"), []);
}
