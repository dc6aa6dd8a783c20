//! From records and published rules to a report, in a database of its own.

use std::path::Path;

use tempfile::TempDir;
use tongpin_domain::catalog::{Audience, CatalogId, Difference, Entry, Release, SignedRelease, Turnover};
use tongpin_domain::digest::Digest;
use tongpin_domain::intake;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_domain::report::Verdict;
use tongpin_domain::rules::RuleSet;
use tongpin_store::{Application, PackedDifference, Put, ReceiptTaken, RecordRow};

use super::*;
use crate::{entry, scoring};

fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a code")
}

fn sample(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)
}

/// A node of 常熟 with the sample rules, the sample collection and its own six projects.
struct Desk {
    store: Store,
    _folder: TempDir,
}

impl Desk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.sqlite");
        let store = Store::open(path.to_str().expect("UTF-8")).await.expect("a database");
        let desk = Self { store, _folder: folder };
        let rules = RuleSet::from_toml(&std::fs::read_to_string(sample("rules.toml")).expect("a sample"));
        let rules = serde_json::to_string(&rules.expect("sound")).expect("JSON");
        desk.publish("rules", "project-self-evaluation", &rules, 1).await;
        let text = std::fs::read(sample("collections/county-scores.toml")).expect("a sample");
        let collection = intake::entry_from_toml("collections", "county-scores.toml", &text);
        desk.publish("collections", "county-scores", &collection.accepted[0].1.body, 1).await;
        let mut projects = entry::table(&sample("projects.csv")).expect("a sample");
        let region = projects.header.iter().position(|title| title == "region_code").expect("a column");
        projects.rows.retain(|row| row.cells[region] == "320581");
        let read = intake::projects(&projects);
        let known = read.accepted.iter().map(|(_, project)| project.code.clone()).collect();
        let mut lines = entry::table(&sample("project_indicators.csv")).expect("a sample");
        lines.rows.retain(|row| row.cells[0].starts_with("320581"));
        let lines = intake::project_indicators(&lines, &known);
        let mut rows: Vec<RecordRow> = read
            .accepted
            .iter()
            .map(|(_, project)| row(PROJECT, &project.code, serde_json::to_string(project)))
            .collect();
        rows.extend(
            lines
                .accepted
                .iter()
                .map(|(_, line)| row(PROJECT_INDICATOR, &line.record_key(), serde_json::to_string(line))),
        );
        desk.put(&rows).await;
        desk
    }

    async fn publish(&self, catalog: &str, key: &str, body: &str, number: u64) {
        let catalog = CatalogId::new(code("320500"), catalog);
        let head = self.store.head(&catalog).await.expect("readable");
        let release = Release {
            catalog,
            number,
            previous: head.as_ref().map_or(Digest::NONE, |head| head.digest),
            parts: Vec::new(),
            drafted_by: String::new(),
            approved_by: String::new(),
            note: String::new(),
            signed_at: Moment(0),
        };
        let digest = Digest::of(&number.to_be_bytes());
        let signed = SignedRelease { release, digest, envelope: Vec::new() };
        let entry = Entry { key: key.into(), audience: Audience::Everyone, release: number, body: body.into() };
        let difference = Difference { upserts: vec![entry], removals: Vec::new() };
        let packed = tongpin_link::history::pack(difference.clone()).await.expect("a small difference");
        let application = Application {
            releases: &[signed],
            difference: &difference,
            turnover: &Turnover::default(),
            packed: PackedDifference { data: &packed.data, raw_length: packed.raw_length },
            full: false,
            staged: false,
            expected_head: head.map_or(0, |head| head.number),
            at: Moment(0),
        };
        self.store.apply(&application).await.expect("the next release");
    }

    async fn put(&self, records: &[RecordRow]) {
        let own = code("320581");
        let put = Put { own: &own, records, at: Moment(0), log: false };
        self.store.put_records(&put).await.expect("writable");
    }

    async fn score(&self) {
        let held = crate::records::load(&self.store).await.expect("readable");
        let book = RuleBook::load(&self.store).await.expect("readable");
        let regions = guidance::regions(&self.store).await.expect("readable");
        let (scored, skipped) =
            scoring::score_all(&held.projects, &book, None, &regions, Lang::Zh).expect("rules for 2024");
        assert!(skipped.is_empty());
        let rows: Vec<ScoreRow> = scored.iter().map(|scored| scored.row(Moment(1)).expect("JSON")).collect();
        self.store.replace_scores(&rows).await.expect("writable");
    }

    async fn take(&self, parent: &RegionCode, receipt: &Receipt) {
        let payload = serde_json::to_string(receipt).expect("JSON");
        let taken = ReceiptTaken {
            parent,
            number: receipt.number,
            payload: &payload,
            envelope: &[],
            at: Moment(3),
            about: None,
        };
        self.store.take_receipt(&taken).await.expect("writable");
    }

    async fn answer(&self, contract: &EgressContract) -> Result<Answer, AnswerError> {
        let asked = guidance::asked(&self.store, &code("320500"), &code("320581")).await.expect("readable");
        let asked = asked.into_iter().next().expect("one collection");
        Basis::load(&self.store).await.expect("readable").answer(&self.store, asked, contract).await
    }
}

fn row(kind: &str, key: &str, body: Result<String, serde_json::Error>) -> RecordRow {
    RecordRow { kind: kind.into(), key: key.into(), body: Some(body.expect("JSON")) }
}

/// Without scores nothing is answered, and with them the answer is one group of the county's six projects, five of
/// them scored, as `expected_rollup_region.csv` has it.
#[tokio::test]
async fn scores_come_first() {
    let desk = Desk::open().await;
    let contract = EgressContract::default();
    let refused = desk.answer(&contract).await;
    assert!(matches!(&refused, Err(AnswerError::Unscored(codes)) if codes.len() == 6), "{refused:?}");
    desk.score().await;
    let answer = desk.answer(&contract).await.expect("an answer");
    assert_eq!((answer.projects, answer.groups(), answer.remarks.len()), (6, 1, 0));
    let told = answer.report(&code("320581"), Place::after(report::Held::NONE), Moment(2), "审核002");
    assert_eq!((told.revision, told.replaces), (1, Digest::NONE));
    assert_eq!(tongpin_domain::report::check(&told, &answer.asked.collection, &code("320581")), []);
    let group = &told.tables[0].answer.groups[0];
    assert_eq!(serde_json::to_string(&group.measures["projects_scored"]).expect("JSON"), r#"{"count":5}"#);
}

/// A record that changed after it was scored stops the answer; scoring again lets it through. Rules that were
/// published anew do not stop it, but are told.
#[tokio::test]
async fn what_leaves_is_borne_out_by_the_records() {
    let desk = Desk::open().await;
    let contract = EgressContract::default();
    desk.score().await;
    let held = crate::records::load(&desk.store).await.expect("readable");
    let mut project = held.projects[0].project.clone();
    project.money.executed = tongpin_domain::money::Fen(100).into();
    desk.put(&[row(PROJECT, &project.code, serde_json::to_string(&project))]).await;
    let refused = desk.answer(&contract).await;
    assert!(matches!(&refused, Err(AnswerError::Stale(codes)) if *codes == [project.code.clone()]), "{refused:?}");
    desk.score().await;
    assert!(desk.answer(&contract).await.is_ok());

    let id = CatalogId::new(code("320500"), "rules");
    let rules = desk.store.entry(&id, "project-self-evaluation").await.expect("readable").expect("the rules");
    let stricter = rules.body.replace(r#""weight_total":90"#, r#""weight_total":80"#);
    desk.publish("rules", "project-self-evaluation", &stricter.replace(r#""weight":10"#, r#""weight":20"#), 2).await;
    let answer = desk.answer(&contract).await.expect("an answer under the old rules");
    assert!(matches!(answer.remarks[..], [Remark::NewerRules(_, 2)]), "{:?}", answer.remarks);
}

/// What the egress contract forbids is refused as a whole, however small the part.
#[tokio::test]
async fn the_contract_decides() {
    let desk = Desk::open().await;
    desk.score().await;
    let mut contract = EgressContract::default();
    contract.fields.remove("total_score");
    let refused = desk.answer(&contract).await;
    assert!(matches!(&refused, Err(AnswerError::Egress(refusals)) if refusals.len() == 3), "{refused:?}");
}

/// The same content is not sent twice, unless it was returned.
#[tokio::test]
async fn unchanged_content_is_noticed() {
    let desk = Desk::open().await;
    desk.score().await;
    let answer = desk.answer(&EgressContract::default()).await.expect("an answer");
    let told = answer.report(&code("320581"), Place::after(report::Held::NONE), Moment(2), "审核002");
    let last = |state| MyReport {
        collection: told.collection.clone(),
        revision: 1,
        digest: Digest::of(b"first"),
        payload: serde_json::to_string(&told).expect("JSON"),
        envelope: Vec::new(),
        state,
        approved_by: String::new(),
        at: Moment(2),
        seq: 1,
    };
    let accepted = last(ReportState::Accepted);
    assert!(!answer.is_sent(None) && answer.is_sent(Some(&accepted)));
    let returned = last(ReportState::Returned);
    assert!(!answer.is_sent(Some(&returned)) && answer.is_told(Some(&returned)));
}

/// A database restored from an old copy goes on after what the parent's receipt says it holds; what another region or
/// a receipt about another collection says does not count.
#[tokio::test]
async fn the_next_place() {
    let desk = Desk::open().await;
    let parent = code("320500");
    let place = async || next_place(&desk.store, "county-scores", &parent).await.expect("readable");
    assert_eq!(place().await, Place::after(report::Held::NONE));
    let told = |number, collection: &str, revision| Receipt {
        number,
        collection: collection.into(),
        region: code("320581"),
        revision: 1,
        report: Digest::of(b"mine"),
        verdict: Verdict::Returned,
        reasons: Vec::new(),
        by: String::new(),
        at: Moment(2),
        held: Some(report::Held { revision, digest: Digest::of(b"theirs") }),
    };
    desk.take(&parent, &told(1, "county-scores", 3)).await;
    desk.take(&parent, &told(2, "fund-indicators", 8)).await;
    desk.take(&code("320600"), &told(1, "county-scores", 9)).await;
    assert_eq!(place().await, Place { revision: 4, replaces: Digest::of(b"theirs") });
}
