//! Records go up, inside one county: each once, whatever the line or either side does, and never further.

mod desk;
mod restored;

use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tongpin_domain::region::RegionCode;
use tongpin_link::downlink;
use tongpin_link::tls::Clock;
use tongpin_link::uplink::Parent;
use tongpin_store::{Put, RECORDS, RecordRow, Store};
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, region, until};
use tongpin_tests::proxy::{Loss, Proxy};

/// A county and its township, with a line between them that can fail.
struct Pair {
    county: Member,
    township: Member,
    line: Proxy,
    clock: Clock,
    folder: TempDir,
}

impl Pair {
    async fn new(county: &str, township: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = TestClock::default().clock();
        let county = Member::hub(folder.path(), county, &clock).await?;
        let line = Proxy::to(&county.address).await?;
        let day = Duration::from_hours(24);
        let token = downlink::invite(&county.site, &region(township), &line.address, day, "经办").await?;
        let own = folder.path().join(township);
        let joined = join(&own, &token, &clock).await?;
        let township = Member::start_timed(&own, Some(joined.parent), &clock, "127.0.0.1:0", brisk()).await?;
        Ok(Self { county, township, line, clock, folder })
    }

    fn author(&self) -> RegionCode {
        self.township.site.region()
    }

    /// Starts the township again after `between` had its way with the folder.
    async fn restart_township(mut self, between: impl AsyncFnOnce(&std::path::Path) -> Result<()>) -> Result<Self> {
        let (own, parent) = (self.township.folder().to_owned(), self.parent());
        self.township.crash().await;
        between(&own).await?;
        self.township = Member::start_timed(&own, Some(parent), &self.clock, "127.0.0.1:0", brisk()).await?;
        Ok(self)
    }

    /// The same for the county, which then listens on another port.
    async fn restart_county(mut self, between: impl AsyncFnOnce(&std::path::Path) -> Result<()>) -> Result<Self> {
        let own = self.county.folder().to_owned();
        self.county.crash().await;
        between(&own).await?;
        self.county = Member::start(&own, None, &self.clock, "127.0.0.1:0").await?;
        self.line.lead_to(&self.county.address);
        Ok(self)
    }

    fn parent(&self) -> Parent {
        Parent { region: self.county.site.region(), address: self.line.address.clone() }
    }

    /// Enters records of the township: `(key, version)`, no version to delete.
    async fn enter(&self, records: &[(&str, Option<u32>)]) -> Result<()> {
        let rows: Vec<RecordRow> = records
            .iter()
            .map(|(key, version)| RecordRow {
                kind: "project".into(),
                key: (*key).to_owned(),
                body: version.map(|version| format!("{{\"project_code\":\"{key}\",\"v\":{version}}}")),
            })
            .collect();
        let (store, own) = (&self.township.site.store, self.author());
        let at = self.township.site.now();
        store.put_records(&Put { own: &own, records: &rows, at, log: true }).await?;
        Ok(())
    }

    async fn position(&self) -> Result<u64> {
        Ok(self.county.site.store.position(&self.author(), RECORDS).await?.map_or(0, |position| position.seq))
    }

    /// Waits until everything that was entered is acknowledged.
    async fn settled(&self) -> Result<()> {
        let store = &self.township.site.store;
        until("all records acknowledged", async || {
            let last = store.outbox_last(RECORDS).await?;
            Ok(store.acked(RECORDS).await? == last && self.position().await? == last)
        })
        .await
    }

    /// The township's records as the county has them, and as the township has them.
    async fn both(&self) -> Result<[Vec<(String, String)>; 2]> {
        Ok([
            records_of(&self.county.site.store, &self.author()).await?,
            records_of(&self.township.site.store, &self.author()).await?,
        ])
    }
}

async fn records_of(store: &Store, author: &RegionCode) -> Result<Vec<(String, String)>> {
    let records = store.records("project", Some(author)).await?;
    Ok(records.into_iter().map(|record| (record.key, record.body)).collect())
}

/// What is lost on the way up is sent again, and what was heard but not answered is not applied again.
#[tokio::test(flavor = "multi_thread")]
async fn lost_requests_and_lost_answers() -> Result<()> {
    let pair = Pair::new("330101", "330101001").await?;
    let (county, township) = (&pair.county.site.store, &pair.township.site.store);
    pair.enter(&[("A", Some(1)), ("B", Some(1)), ("C", Some(1))]).await?;
    pair.settled().await?;

    pair.line.lose(Loss::Requests);
    pair.enter(&[("A", Some(2)), ("B", None), ("D", Some(1))]).await?;
    until("something was lost on the way up", async || Ok(pair.line.lost() > 0)).await?;
    assert_eq!((pair.position().await?, township.acked(RECORDS).await?), (3, 3));
    pair.line.mend();
    pair.settled().await?;
    let [there, here] = pair.both().await?;
    assert_eq!(there.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["A", "C", "D"]);
    assert_eq!((there[0].1.as_str(), &there), (r#"{"project_code":"A","v":2}"#, &here));

    pair.line.lose(Loss::Answers);
    pair.enter(&[("E", Some(1))]).await?;
    until("the county has it", async || Ok(pair.position().await? == 7)).await?;
    let before = county.change_count().await?;
    assert_eq!(township.acked(RECORDS).await?, 6, "the answer was lost");
    pair.line.mend();
    pair.settled().await?;
    // Every batch that is applied is counted as a change.
    assert_eq!(county.change_count().await?, before, "it was applied again");
    let [there, here] = pair.both().await?;
    assert_eq!((there.len(), &there), (4, &here));
    Ok(())
}

/// Either side stops dead three times while records flow: the county ends with exactly what the township has.
#[tokio::test(flavor = "multi_thread")]
async fn three_crashes_of_each_side() -> Result<()> {
    let mut pair = Pair::new("330102", "330102001").await?;
    for round in 0..6_u32 {
        let before = pair.position().await?;
        for step in 0..40_u32 {
            // Half of the keys come back in later rounds and are changed; every tenth is deleted in odd rounds.
            let key = format!("P{:03}", (round / 2) * 40 + step);
            let version = (step % 10 != 0 || round % 2 == 0).then_some(round);
            pair.enter(&[(key.as_str(), version)]).await?;
        }
        let some = before + 1 + u64::from(round) * 3;
        until("some of it is there", async || Ok(pair.position().await? >= some)).await?;
        pair = match round % 2 {
            0 => pair.restart_township(async |_| Ok(())).await?,
            _ => pair.restart_county(async |_| Ok(())).await?,
        };
    }
    pair.settled().await?;
    // 6 rounds of 40 changes, each written to the log once; 3 × 40 keys, of which 3 × 4 were deleted again.
    assert_eq!(pair.position().await?, 240);
    let [there, here] = pair.both().await?;
    assert_eq!(there, here);
    assert_eq!(there.len(), 108);
    assert_eq!(pair.county.site.store.left_behind(&pair.author()).await?, []);
    Ok(())
}

/// Records that are no JSON objects are set aside at the county with the reason, the others flow, and a corrected one
/// takes its place.
#[tokio::test(flavor = "multi_thread")]
async fn poison_records_are_set_aside() -> Result<()> {
    let pair = Pair::new("330103", "330103001").await?;
    let (county, township) = (&pair.county.site.store, &pair.township.site.store);
    pair.enter(&[("A", Some(1))]).await?;
    let at = pair.township.site.now();
    for (key, poison) in [("B", &b"{\"half"[..]), ("C", b"[1]"), ("D", b"\xff\xfe")] {
        township.append(RECORDS, "project", key, Some(poison), at).await?;
    }
    pair.enter(&[("E", Some(1))]).await?;
    pair.settled().await?;
    let keys = |records: Vec<tongpin_store::Record>| -> Vec<String> { records.into_iter().map(|it| it.key).collect() };
    assert_eq!(keys(county.records("project", None).await?), ["A", "E"]);
    let aside = county.set_aside().await?;
    let problems: Vec<&str> = aside.iter().filter_map(|record| record.problem.as_deref()).collect();
    assert_eq!(problems.len(), 3);
    assert!(problems[0].starts_with("内容不是 JSON:"), "{problems:?}");
    assert_eq!(problems[1..], ["内容不是 JSON 对象", "内容不是 UTF-8 文本"]);
    assert_eq!(aside[0].body, "{\"half", "what came is kept as it came");

    pair.enter(&[("B", Some(2)), ("D", Some(2))]).await?;
    pair.settled().await?;
    assert_eq!(keys(county.records("project", None).await?), ["A", "B", "D", "E"]);
    assert_eq!(keys(county.set_aside().await?), ["C"]);
    Ok(())
}

/// In three tiers records stop at the county: the township's reach it whole, and neither those nor its own go further.
#[tokio::test(flavor = "multi_thread")]
async fn records_stop_at_the_county() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330200", &clock).await?;
    let county = Member::node(folder.path(), "330281", &hub, &clock).await?;
    let township = Member::node(folder.path(), "330281101", &county, &clock).await?;
    let rows = [RecordRow { kind: "project".into(), key: "A".into(), body: Some("{}".into()) }];
    // The county enters one of its own, too, and puts it on its way by mistake.
    for member in [&township, &county] {
        let (own, store) = (member.site.region(), &member.site.store);
        let at = member.site.now();
        store.put_records(&Put { own: &own, records: &rows, at, log: true }).await?;
    }
    let (own, store, at) = (township.site.region(), &township.site.store, township.site.now());
    until("the county has it", async || Ok(store.acked(RECORDS).await? == 1)).await?;
    assert_eq!(records_of(&county.site.store, &own).await?, [("A".to_owned(), "{}".to_owned())]);

    // Something that does go up to the city comes after it, so that what does not come has had its time.
    county.site.store.append(tongpin_store::REPORTS, "report", "x", Some(b"?"), at).await?;
    let reports = async || Ok(county.site.store.acked(tongpin_store::REPORTS).await? == 1);
    until("the city answered", reports).await?;
    let at_the_city = hub.site.store.positions(&county.site.region()).await?;
    assert_eq!(at_the_city.iter().map(|it| it.stream.as_str()).collect::<Vec<_>>(), ["reports"]);
    assert_eq!(hub.site.store.count_records("project").await.context("counting")?, 0);
    Ok(())
}
