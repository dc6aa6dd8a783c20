//! How many documents stand where: counted by what changes, and always what counting all of them gives.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AnyConnection, Connection as _};
use tongpin_domain::form::{Document, VERDICTS};
use tongpin_domain::moment::Moment;
use tongpin_store::{Batch, Change, DocumentCount, FormFilter, Put, RECORDS, RecordRow, Store};

use super::super::ground::{on_each_at, region, run};
use super::{FIRST, catalog, document, page, publish, publish_form, put};

const TOWN: &str = "320581101";
const STATES: [&str; 3] = ["draft", "review", "approved"];

/// The same numbers whenever it is run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// A document in some state, at some step, changed at some time, under the first release or one that comes later.
fn some(numbers: &mut Numbers, id: u64) -> String {
    let mut body: Document = serde_json::from_str(&document(&id.to_string(), 1, "{}")).unwrap();
    STATES[usize::try_from(numbers.below(3)).unwrap()].clone_into(&mut body.state);
    body.turn = u32::try_from(numbers.below(3)).unwrap();
    body.changed_at = Moment(i64::try_from(numbers.below(50)).unwrap());
    body.release = 1 + numbers.below(2);
    ["", "2025Q1", "2025Q2"][usize::try_from(numbers.below(3)).unwrap()].clone_into(&mut body.period);
    serde_json::to_string(&body).unwrap()
}

/// What is counted is what counting all documents one by one gives.
async fn agrees(store: &Store, when: &str) {
    assert_eq!(store.document_counts("roads").await.unwrap(), recounted(store).await, "{when}");
    let rows = page(store, FIRST, &FormFilter::default()).await;
    let periods: BTreeSet<String> = rows.into_iter().map(|row| row.period).filter(|it| !it.is_empty()).collect();
    let counted = store.document_periods("roads").await.unwrap();
    assert_eq!(counted, periods.into_iter().collect::<Vec<_>>(), "{when}");
}

/// All documents counted one by one.
async fn recounted(store: &Store) -> Vec<DocumentCount> {
    let mut groups: BTreeMap<(String, String, bool), (u64, Moment)> = BTreeMap::new();
    for row in page(store, FIRST, &FormFilter::default()).await {
        let group = (row.author.to_string(), row.state, row.turn > 0);
        let (count, since) = groups.entry(group).or_insert((0, row.changed_at));
        (*count, *since) = (*count + 1, row.changed_at.min(*since));
    }
    let counted = groups.into_iter().map(|((author, state, handed_on), (count, since))| DocumentCount {
        author: region(&author),
        state,
        handed_on,
        count,
        since,
    });
    counted.collect()
}

async fn from_town(store: &Store, number: u64, id: u64, body: Option<String>) {
    let town = region(TOWN);
    let changes = [Change { kind: "form".into(), key: format!("roads/{id}"), body, problem: None }];
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: number, changes: &changes };
    store.accept_records(&batch).await.unwrap();
}

/// The county decides about a document of its township as it stands, or about one that is not there.
async fn decided(store: &Store, numbers: &mut Numbers, release: u64) {
    let id = numbers.below(12);
    let key = format!("roads/{id}");
    let records = store.records_at("form", tongpin_store::Keys::One(&key)).await.unwrap();
    let body = records.into_iter().find(|it| it.author == region(TOWN)).map(|it| it.body);
    let about: Document = serde_json::from_str(&body.unwrap_or_else(|| document("1", 1, "{}"))).unwrap();
    let state = STATES[usize::try_from(numbers.below(3)).unwrap()];
    let verdict = format!(
        r#"{{"document":"{key}","author":"{TOWN}","turn":{},"content":"{}","state":"{state}","steps":[]}}"#,
        about.turn,
        about.content()
    );
    let name = format!("{TOWN}/{key}");
    let (upserts, removals): (Vec<(&str, &str)>, Vec<&str>) =
        if numbers.below(3) == 0 { (Vec::new(), vec![&name]) } else { (vec![(&name, &verdict)], Vec::new()) };
    publish(store, &catalog("320581", VERDICTS), release, &upserts, &removals).await;
}

/// Whatever comes, goes, is decided, waits for its release or is made anew, the counts are what counting all documents
/// gives, and the longest wait is the earliest change.
#[tokio::test]
async fn counts_follow() {
    on_each_at(async |store, url| {
        let mut numbers = Numbers(7);
        publish_form(store, 1, FIRST).await;
        let (mut sent, mut verdicts) = (0, 0);
        for round in 0..160 {
            let id = numbers.below(12);
            match numbers.below(8) {
                0..=2 => {
                    let body = some(&mut numbers, id);
                    put(store, &[(&format!("roads/{id}"), Some(body))]).await;
                }
                3 => put(store, &[(&format!("roads/{id}"), None)]).await,
                4..=5 => {
                    sent += 1;
                    let body = Some(some(&mut numbers, id)).filter(|_| numbers.below(4) > 0);
                    from_town(store, sent, id, body).await;
                }
                _ => {
                    verdicts += 1;
                    decided(store, &mut numbers, verdicts).await;
                }
            }
            if round == 80 {
                publish_form(store, 2, FIRST).await;
            }
            if round == 100 {
                // As an earlier program left it: nothing is counted.
                let mut other = AnyConnection::connect(url).await.unwrap();
                let text = "DELETE FROM form_count; DELETE FROM form_period; UPDATE form_table SET counted = 0;";
                run(&mut other, text.to_owned()).await;
                other.close().await.unwrap();
            }
            agrees(store, &format!("after step {round}")).await;
        }
        assert!(store.document_counts("roads").await.unwrap().len() > 4, "there is something to count");
        let mut other = AnyConnection::connect(url).await.unwrap();
        let text = "UPDATE form_count SET documents = 99, since = 1; UPDATE form_period SET period = 'x' || period;";
        run(&mut other, text.to_owned()).await;
        other.close().await.unwrap();
        store.rebuild_form("roads", Moment(9)).await.unwrap();
        agrees(store, "made anew").await;
    })
    .await;
}

/// Many at once are counted once, each where it came to stand.
#[tokio::test]
async fn many_at_once() {
    on_each_at(async |store, _| {
        publish_form(store, 1, FIRST).await;
        let own = region("320581");
        let mut numbers = Numbers(11);
        for _ in 0..2 {
            let row = |id: u64| {
                let body = some(&mut numbers, id).replace("\"release\":2", "\"release\":1");
                RecordRow { kind: "form".into(), key: format!("roads/{id}"), body: Some(body) }
            };
            let records: Vec<RecordRow> = (0..90).map(row).collect();
            store.put_records(&Put { own: &own, records: &records, at: Moment(1), log: false }).await.unwrap();
            let counted = store.document_counts("roads").await.unwrap();
            assert_eq!(counted.iter().map(|it| it.count).sum::<u64>(), 90);
            agrees(store, "all of them").await;
        }
    })
    .await;
}
