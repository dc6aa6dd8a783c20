//! Reports go up as what was asked and nothing else, and each is answered by a signed receipt.

mod given_back;
mod implausible;
mod refused;
mod restored;
mod reviewed;

use std::time::Duration;

use anyhow::{Context, Result};
use prost::Message;
use tempfile::TempDir;
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::collection::Collection;
use tongpin_domain::digest::Digest;
use tongpin_domain::egress::EgressContract;
use tongpin_domain::region::Regions;
use tongpin_domain::report::{CollectionRef, Held, Place, Receipt, Report, Verdict, next_place};
use tongpin_domain::rollup;
use tongpin_link::downlink;
use tongpin_link::sealed::{self, Purpose};
use tongpin_link::uplink::Parent;
use tongpin_link::{Site, report};
use tongpin_proto::v1;
use tongpin_store::{CollectionState, MyReport, REPORTS, ReportState};
use tongpin_tests::figures;
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, region, until};
use tongpin_tests::proxy::Proxy;

/// A city that has opened the collection of county scores, and a county that holds it.
struct Asked {
    hub: Member,
    county: Member,
    line: Proxy,
    time: TestClock,
    folder: TempDir,
}

const COLLECTION: &str = "county-scores";

impl Asked {
    async fn new(hub: &str, county: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let time = TestClock::default();
        let clock = time.clock();
        let hub = Member::hub(folder.path(), hub, &clock).await?;
        hub.publish("collections", &[(COLLECTION.into(), "*".into(), figures::county_scores())]).await?;
        hub.publish("rules", &[(figures::RULES.into(), "*".into(), "{}".into())]).await?;
        let line = Proxy::to(&hub.address).await?;
        let day = Duration::from_hours(24);
        let token = downlink::invite(&hub.site, &region(county), &line.address, day, "经办").await?;
        let own = folder.path().join(county);
        let joined = join(&own, &token, &clock).await?;
        let county = Member::start_timed(&own, Some(joined.parent), &clock, "127.0.0.1:0", brisk()).await?;
        county.holds(&hub.catalog("collections"), 1).await?;
        Ok(Self { hub, county, line, time, folder })
    }

    fn parent(&self) -> Parent {
        Parent { region: self.hub.site.region(), address: self.line.address.clone() }
    }

    /// The county's sound answer, at the place where its program would put it.
    async fn answer(&self) -> Result<Report> {
        let mine = self.county.site.store.my_reports(COLLECTION).await?;
        let own = mine.last().map_or(Held::NONE, |last| Held { revision: last.revision, digest: last.digest });
        let Place { revision, replaces } = next_place(own, &self.receipts().await?);
        let first = answer_of(&self.county.site, &self.hub.catalog("collections")).await?;
        Ok(Report { revision, replaces, ..first })
    }

    /// Submits a report and waits for what becomes of it.
    async fn decided(&self, told: &Report) -> Result<MyReport> {
        report::submit(&self.county.site, told).await?;
        self.known_as(told.revision, |state| state != ReportState::Submitted).await
    }

    /// Waits until the county knows of a revision what is asked.
    async fn known_as(&self, revision: u64, known: impl Fn(ReportState) -> bool) -> Result<MyReport> {
        let find = async || {
            let mine = self.county.site.store.my_reports(COLLECTION).await?;
            mine.into_iter().find(|mine| mine.revision == revision).context("the revision")
        };
        until(&format!("a receipt for revision {revision}"), async || Ok(known(find().await?.state))).await?;
        find().await
    }

    /// Puts an envelope on its way as it is.
    async fn send(&self, signed: &v1::Signed) -> Result<()> {
        let (store, at) = (&self.county.site.store, self.county.site.now());
        let before = store.receipts_held(&self.hub.site.region()).await?;
        store.append(REPORTS, "report", COLLECTION, Some(&signed.encode_to_vec()), at).await?;
        until("a receipt", async || Ok(store.receipts_held(&self.hub.site.region()).await? == before + 1)).await
    }

    /// Every receipt that the county holds, each verified.
    async fn receipts(&self) -> Result<Vec<Receipt>> {
        let held = self.county.site.store.my_receipts().await?;
        held.iter().map(|receipt| verified(&self.county.site, &self.hub.site, &receipt.envelope)).collect()
    }

    /// The revisions that count at the city.
    async fn counted(&self) -> Result<Vec<u64>> {
        Ok(self.hub.site.store.received(COLLECTION).await?.iter().map(|received| received.revision).collect())
    }
}

/// A county's first sound answer to the collection of a catalog.
async fn answer_of(county: &Site, catalog: &CatalogId) -> Result<Report> {
    let entry = county.store.entry(catalog, COLLECTION).await?.context("the collection")?;
    let collection = serde_json::from_str(&entry.body)?;
    let release = CollectionRef { publisher: catalog.publisher.clone(), release: entry.release };
    figures::first_report(&county.region(), (&collection, release), county.now())
}

fn shown(number: Option<impl ToString>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

fn verified(site: &Site, signer: &Site, envelope: &[u8]) -> Result<Receipt> {
    let opened = sealed::open(site.identity().roots(), Purpose::Receipt, &sealed::decode(envelope)?, site.now())?;
    assert_eq!(opened.signer, signer.region());
    Ok(serde_json::from_slice(&opened.payload)?)
}

/// A report is accepted, its receipt is signed by the city and names its digest, and the city's roll-up of it is
/// worked example 4 of the trade's reference, to the hundredth.
#[tokio::test(flavor = "multi_thread")]
async fn accepted_with_a_receipt() -> Result<()> {
    let asked = Asked::new("340100", "340181").await?;
    let told = asked.answer().await?;
    let mine = asked.decided(&told).await?;
    assert_eq!(mine.state, ReportState::Accepted);
    let receipts = asked.receipts().await?;
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    let receipt = &receipts[0];
    assert_eq!((receipt.number, receipt.revision, receipt.verdict), (1, 1, Verdict::Accepted));
    assert_eq!((receipt.report, &receipt.region), (mine.digest, &region("340181")));

    let received = asked.hub.site.store.received(COLLECTION).await?;
    assert_eq!(received.len(), 1);
    assert_eq!((&received[0].payload, received[0].digest), (&mine.payload, mine.digest));
    let report: Report = serde_json::from_str(&received[0].payload)?;
    let rolled = rollup::scores_first(&[&report], &region("340100"), &Regions::default(), &figures::rules())?;
    let figures = rolled.lines[0].figures.as_ref().context("figures")?;
    // (93.32 × 5.5 + 71.78 × 2 + 86 × 12.5) ÷ 20 = 86.591; 20 ÷ 21 = 95.238 %; (93.32 + 71.78 + 86) ÷ 3 = 83.70.
    assert_eq!((figures.projects, figures.projects_scored, figures.budget_total.0), (4, 3, 2_100_000_000));
    assert_eq!(shown(figures.weighted_score), "86.59");
    assert_eq!(shown(figures.coverage_pct), "95.24");
    assert_eq!(shown(figures.simple_mean), "83.70");
    assert_eq!(figures.rating.as_deref(), Some("良"));
    Ok(())
}

/// Of all that a county's program has written to send, nothing names a project, its code or its unit, though the
/// records that the figures come from are full of them.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_declared_leaves() -> Result<()> {
    let asked = Asked::new("340200", "340281").await?;
    asked.decided(&asked.answer().await?).await?;
    let store = &asked.county.site.store;
    assert_eq!(store.outbox_last("records").await?, 0);
    let leaving = store.outbox_after(REPORTS, 0, 100).await?;
    assert_eq!(leaving.len(), 1);
    let bytes = leaving[0].body.as_deref().context("a body")?;
    // The envelope holds the signed JSON as it is, so that looking through its bytes finds every word of it.
    let holds = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(holds("score_by_budget"), "the search finds what is there");
    for word in figures::SECRETS {
        assert!(!holds(word), "{word} would leave");
    }
    for row in asked.hub.site.store.received_all(COLLECTION).await? {
        assert!(figures::SECRETS.iter().all(|word| !row.payload.contains(word)));
    }
    Ok(())
}

/// A collection that asks for names of projects is not answered at all: the county's contract and the list of fields
/// both refuse it, whoever signed it.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_never_answered() -> Result<()> {
    let asked = Asked::new("340300", "340381").await?;
    let greedy = figures::county_scores().replace("\"group_by\":[\"region\"]", "\"group_by\":[\"project_name\"]");
    assert_ne!(greedy, figures::county_scores());
    asked.hub.publish("collections", &[(COLLECTION.into(), "*".into(), greedy)]).await?;
    let catalog = asked.hub.catalog("collections");
    asked.county.holds(&catalog, 2).await?;
    let entry = asked.county.site.store.entry(&catalog, COLLECTION).await?.context("the collection")?;
    let collection: Collection = serde_json::from_str(&entry.body)?;
    let refusals = EgressContract::default().check(&collection).expect_err("names stay");
    assert_eq!(refusals.len(), 1);
    assert!(refusals[0].to_string().contains("project_name"), "{refusals:?}");
    let answered = asked.answer().await;
    assert!(answered.is_err(), "{answered:?}");
    Ok(())
}

/// A correction names what it replaces; one that does not, or that skips a number, is returned and never counted, and
/// the next sound one is taken.
#[tokio::test(flavor = "multi_thread")]
async fn revisions_continue_one_another() -> Result<()> {
    let asked = Asked::new("340400", "340481").await?;
    for revision in 1..=2 {
        let mine = asked.decided(&asked.answer().await?).await?;
        assert_eq!((mine.revision, mine.state), (revision, ReportState::Accepted));
    }
    assert_eq!(asked.counted().await?, [2]);

    let unnamed = Report { replaces: Digest::NONE, ..asked.answer().await? };
    assert_eq!(asked.decided(&unnamed).await?.state, ReportState::Returned);
    assert_eq!(asked.counted().await?, [2]);
    let sound = asked.decided(&asked.answer().await?).await?;
    assert_eq!((sound.revision, sound.state), (4, ReportState::Accepted));
    // Nobody told the county to skip a number, so this is sent past its own books.
    let skipping = Report { revision: 6, ..asked.answer().await? };
    let identity = asked.county.site.identity();
    asked.send(&sealed::seal(&identity, Purpose::Report, &serde_json::to_vec(&skipping)?)?).await?;
    assert_eq!(asked.counted().await?, [4]);
    let reasons: Vec<String> = asked.receipts().await?.into_iter().flat_map(|receipt| receipt.reasons).collect();
    assert_eq!(
        reasons,
        ["上报次序不衔接：上级已收到第 2 次，本次为第 3 次", "上报次序不衔接：上级已收到第 4 次，本次为第 6 次",]
    );
    Ok(())
}

/// The number of a revision that was received cannot be used for other content: the first stays, the second is
/// answered with the reason.
#[tokio::test(flavor = "multi_thread")]
async fn one_revision_one_content() -> Result<()> {
    let asked = Asked::new("340500", "340581").await?;
    let told = asked.answer().await?;
    let first = asked.decided(&told).await?;
    let other = Report { approved_by: "审核-009".into(), ..told };
    let signed = sealed::seal(&asked.county.site.identity(), Purpose::Report, &serde_json::to_vec(&other)?)?;
    asked.send(&signed).await?;
    let receipts = asked.receipts().await?;
    assert_eq!((receipts[1].verdict, receipts[1].revision), (Verdict::Returned, 1));
    assert_eq!(receipts[1].reasons, ["第 1 次上报已收到过内容不同的一份；请以新的次序重新上报"]);
    let kept = asked.hub.site.store.received_all(COLLECTION).await?;
    assert_eq!(kept.iter().map(|kept| kept.digest).collect::<Vec<_>>(), [first.digest]);
    // The receipt is about other content than the report that the county has under this number.
    assert_eq!(asked.known_as(1, |_| true).await?.state, ReportState::Accepted);
    Ok(())
}

/// A closed period takes no report and says so; reopened, it takes the next one.
#[tokio::test(flavor = "multi_thread")]
async fn closed_and_reopened() -> Result<()> {
    let asked = Asked::new("340600", "340681").await?;
    let set = async |open: bool| {
        let (at, reason) = (asked.hub.site.now(), "补报".to_owned());
        let state = CollectionState { collection: COLLECTION.into(), open, reason, by: "经办".into(), at };
        asked.hub.site.store.set_collection_state(&state).await
    };
    set(false).await?;
    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Returned);
    assert_eq!(asked.receipts().await?[0].reasons, ["本期归集已关闭；如需更正，请联系上级重新开放"]);
    assert_eq!(asked.counted().await?, Vec::<u64>::new());
    set(true).await?;
    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Accepted);
    assert_eq!(asked.counted().await?, [2]);
    Ok(())
}
