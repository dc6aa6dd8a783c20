//! Counties that answer collections: the samples' projects scored, put together, signed with certificates that the hub
//! issued, and received as they would be over a link.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::collection::{Collection, Rows, answer};
use tongpin_domain::egress::EgressContract;
use tongpin_domain::form::{Definition, Facts};
use tongpin_domain::intake::{self, Asked, Intake, Table, read_csv};
use tongpin_domain::project::Project;
use tongpin_domain::region::{Region, Regions};
use tongpin_domain::report::{CollectionRef, Receipt, Report, ReportTable, Verdict};
use tongpin_domain::rules::RuleSet;
use tongpin_domain::score::{RuleRef, ScoreSheet, score};
use tongpin_link::identity::PendingKeys;
use tongpin_link::report::submit;
use tongpin_store::{Arrival, Minted, Received};

use super::*;

/// A sample file's text.
pub(super) fn sample(name: &str) -> String {
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    std::fs::read_to_string(samples.join(name)).expect("a sample")
}

pub(super) fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a code")
}

fn table(name: &str) -> Table {
    read_csv(name, sample(name).as_bytes()).expect("a table")
}

fn all<T>(intake: Intake<T>) -> Vec<T> {
    intake.accepted.into_iter().map(|(_, record)| record).collect()
}

/// The samples' projects with their scores, by county.
pub(super) fn scored() -> BTreeMap<RegionCode, Vec<(Project, ScoreSheet)>> {
    let projects =
        all(intake::projects(&table("projects.csv"), &Asked::new(Definition::of_projects(), &Facts::default())));
    let known: BTreeSet<String> = projects.iter().map(|project| project.code.clone()).collect();
    let lines = all(intake::project_indicators(
        &table("project_indicators.csv"),
        &Asked::new(Definition::of_lines(), &Facts::default()),
        &known,
    ));
    let regions = all(intake::entries("regions", &table("regions.csv")));
    let regions = regions.iter().map(|entry| serde_json::from_str::<Region>(&entry.body).expect("a division"));
    let (rules, regions) = (RuleSet::from_toml(&sample("rules.toml")).expect("rules"), Regions::new(regions));
    let mut counties: BTreeMap<RegionCode, Vec<(Project, ScoreSheet)>> = BTreeMap::new();
    for project in projects {
        let sheet = score(&project, &lines, &rules, &rule_ref(), &regions);
        counties.entry(sheet.region.clone()).or_default().push((project, sheet));
    }
    counties
}

fn rule_ref() -> RuleRef {
    let rules = RuleSet::from_toml(&sample("rules.toml")).expect("rules");
    RuleRef { publisher: code("320500"), key: rules.name, release: 1 }
}

/// A county's first report on its projects.
pub(super) fn report(collection: &Collection, region: &RegionCode, scored: &[(Project, ScoreSheet)]) -> Report {
    let rows = Rows::new(scored.iter().map(|(project, sheet)| (project, sheet)));
    let tables = EgressContract::default().withhold(collection, answer(collection, &rows).expect("an answer"));
    Report {
        collection: collection.id.clone(),
        collection_release: CollectionRef { publisher: code("320500"), release: 1 },
        region: region.clone(),
        period: collection.period.clone(),
        revision: 1,
        replaces: Digest::NONE,
        tables: tables.into_iter().map(|(answer, withheld)| ReportTable { answer, withheld }).collect(),
        rules: vec![rule_ref()],
        computed_at: clock::now(),
        approved_by: "审核岗".into(),
    }
}

/// A county's node, as far as it signs.
pub(super) struct County {
    site: Arc<Site>,
    _folder: TempDir,
}

impl County {
    pub(super) async fn join(ground: &Ground, region: &RegionCode) -> Self {
        let folder = TempDir::new().expect("a folder");
        let (keys, city, now) = (PendingKeys::generate().expect("keys"), ground.app.site.identity(), clock::now());
        let issued = city.issue(region, &keys.identity_spki(), None, 90 * DAY, now).expect("issued");
        let root = city.root_fingerprint();
        let identity = Identity::from_issued(keys, issued.leaf_chain, issued.issuer_chain, &root, region, now);
        let path = folder.path().join("identity");
        identity.expect("an identity").save(&path).expect("saved");
        let store = Store::open(folder.path().join("t.sqlite").to_str().expect("UTF-8")).await.expect("a database");
        let parent = Some(code("320500"));
        let site = Site::open(store, &path, parent, tongpin_link::Clock::new(clock::now), Arc::new(|| 1))
            .await
            .expect("a site");
        Self { site, _folder: folder }
    }

    /// Signs a report; the hub receives and accepts it.
    pub(super) async fn reports(&self, ground: &Ground, report: &Report) {
        self.reports_as(ground, report, tongpin_store::Verdict::Accepted).await;
    }

    /// Signs a report; the hub receives it and decides this.
    pub(super) async fn reports_as(&self, ground: &Ground, report: &Report, verdict: tongpin_store::Verdict) {
        submit(&self.site, report).await.expect("submitted");
        let mine = self.site.store.my_reports(&report.collection).await.expect("readable").pop().expect("submitted");
        let at = clock::now();
        let received = Received {
            collection: report.collection.clone(),
            region: report.region.clone(),
            revision: report.revision,
            digest: mine.digest,
            payload: mine.payload,
            envelope: mine.envelope,
            received_at: at,
            verdict,
            reasons: Vec::new(),
            decided_by: "系统校验".into(),
            decided_at: at,
        };
        ground.receive(&received, mine.seq).await;
    }
}

impl Ground {
    /// Takes a report in, with its receipt.
    pub(super) async fn receive(&self, received: &Received, seq: u64) {
        let (author, at) = (&received.region, received.received_at);
        let arrival = Arrival {
            author,
            stream: "reports",
            incarnation: &received.collection,
            seq,
            mark: Digest::NONE,
            received: Some(received),
            at,
            limit: None,
        };
        let mint = |number| {
            let receipt = Receipt {
                number,
                collection: received.collection.clone(),
                region: received.region.clone(),
                revision: received.revision,
                report: received.digest,
                verdict: match received.verdict {
                    tongpin_store::Verdict::Received => Verdict::Received,
                    tongpin_store::Verdict::Accepted => Verdict::Accepted,
                    tongpin_store::Verdict::Returned | tongpin_store::Verdict::Replaced => Verdict::Returned,
                },
                reasons: Vec::new(),
                by: "系统校验".into(),
                at,
                held: None,
                question: None,
            };
            let payload = serde_json::to_string(&receipt).map_err(|error| error.to_string())?;
            Ok(Minted { payload, envelope: Vec::new() })
        };
        self.app.store().accept_report(&arrival, mint).await.expect("accepted");
    }

    /// Publishes the samples' guidance, the collections among it.
    pub(super) async fn guided(&self, collections: &[(&str, String)]) {
        let clerk = self.reader("qicao", &[Duty::Enter]).await;
        let officer = self.reader("kaifang", &[Duty::Publish]).await;
        let mut files = vec![
            ("rules", "rules.toml", sample("rules.toml")),
            ("regions", "regions.csv", sample("regions.csv")),
            ("indicators", "indicators.csv", sample("indicators.csv")),
            ("funds", "funds.csv", sample("funds.csv")),
        ];
        files.extend(collections.iter().map(|(name, text)| ("collections", *name, text.clone())));
        for (catalog, file, content) in files {
            let (status, shown) = clerk.import(catalog, file, &content).await;
            assert_eq!(status, 303, "{shown}");
            let (status, shown) = officer.send(&format!("/catalogs/{catalog}/publish"), &[("sure", "1")]).await;
            assert_eq!(status, 303, "{shown}");
        }
    }

    /// A collection as it is published.
    pub(super) async fn collection(&self, id: &str) -> Collection {
        self.app.collection(id).await.expect("published").collection
    }
}
