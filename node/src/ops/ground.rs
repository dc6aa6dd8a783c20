//! The ground that tests stand on: a node's database with the sample rules, the sample collection and its projects.

use std::collections::BTreeSet;
use std::path::Path;

use tempfile::TempDir;
use tongpin_domain::catalog::{Audience, CatalogId, Difference, Entry, Release, SignedRelease, Turnover};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Definition, Facts};
use tongpin_domain::intake::{self, Asked, Intake, Table};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, Project, ProjectIndicator};
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::Receipt;
use tongpin_domain::rules::RuleSet;
use tongpin_store::{Application, PackedDifference, Put, ReceiptTaken, RecordRow, Store};

use crate::ops::scoring::{self, Material};
use crate::sheets::entry;

pub(crate) fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a code")
}

/// A table of projects, read by the form as the program ships it.
pub(crate) fn read_projects(table: &Table) -> Intake<Project> {
    intake::projects(table, &Asked::new(Definition::of_projects(), &Facts::default()))
}

/// The same of their indicators.
pub(crate) fn read_lines(table: &Table, known: &BTreeSet<String>) -> Intake<ProjectIndicator> {
    intake::project_indicators(table, &Asked::new(Definition::of_lines(), &Facts::default()), known)
}

fn sample(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)
}

/// A node of 常熟 with the sample rules, the sample collection and its own six projects.
pub(crate) struct TestNode {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
}

impl TestNode {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.sqlite");
        let store = Store::open(path.to_str().expect("UTF-8")).await.expect("a database");
        let desk = Self { store, folder };
        let rules = RuleSet::from_toml(&std::fs::read_to_string(sample("rules.toml")).expect("a sample"));
        let rules = serde_json::to_string(&rules.expect("sound")).expect("JSON");
        desk.publish("rules", "project-self-evaluation", &rules, 1).await;
        let text = std::fs::read(sample("collections/county-scores.toml")).expect("a sample");
        let collection = intake::entry_from_toml("collections", "county-scores.toml", &text);
        desk.publish("collections", "county-scores", &collection.accepted[0].1.body, 1).await;
        let mut projects = entry::file::table(&sample("projects.csv")).expect("a sample");
        let region = projects.header.iter().position(|title| title == "region_code").expect("a column");
        projects.rows.retain(|row| row.cells[region] == "320581");
        let read = read_projects(&projects);
        let known = read.accepted.iter().map(|(_, project)| project.code.clone()).collect();
        let mut lines = entry::file::table(&sample("project_indicators.csv")).expect("a sample");
        lines.rows.retain(|row| row.cells[0].starts_with("320581"));
        let lines = read_lines(&lines, &known);
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

    pub(crate) async fn publish(&self, catalog: &str, key: &str, body: &str, number: u64) {
        self.publish_by("320500", catalog, key, body, number).await;
    }

    pub(crate) async fn publish_by(&self, publisher: &str, catalog: &str, key: &str, body: &str, number: u64) {
        let entry = Entry { key: key.into(), audience: Audience::Everyone, release: number, body: body.into() };
        let difference = Difference { upserts: vec![entry], removals: Vec::new() };
        self.release(CatalogId::new(code(publisher), catalog), difference, number).await;
    }

    pub(crate) async fn retire(&self, catalog: &str, key: &str, number: u64) {
        let difference = Difference { upserts: Vec::new(), removals: vec![key.to_owned()] };
        self.release(CatalogId::new(code("320500"), catalog), difference, number).await;
    }

    async fn release(&self, catalog: CatalogId, difference: Difference, number: u64) {
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

    pub(crate) async fn put(&self, records: &[RecordRow]) {
        let own = code("320581");
        let put = Put { own: &own, records, at: Moment(0), log: false };
        self.store.put_records(&put).await.expect("writable");
    }

    pub(crate) async fn score(&self) {
        let material = Material::load(&self.store).await.expect("readable");
        let (scored, skipped) = material.score(None, Lang::Zh).expect("rules for 2024");
        assert!(skipped.is_empty());
        scoring::keep(&self.store, &material, &scored, Moment(1)).await.expect("writable");
    }

    pub(crate) async fn take(&self, parent: &RegionCode, receipt: &Receipt) {
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
}

pub(crate) fn row(kind: &str, key: &str, body: Result<String, serde_json::Error>) -> RecordRow {
    RecordRow { kind: kind.into(), key: key.into(), body: Some(body.expect("JSON")) }
}
