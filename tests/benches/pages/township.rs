//! A township's node full of projects, each reported for every month of a year, and the county above it, which holds
//! all of it too.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tongpin_domain::moment::Moment;
use tongpin_domain::observation::{OBSERVATION, Observation};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Put, RECORDS, RecordRow, Store};
use tongpin_tests::process::{Bureau, Program, Running};

use super::ground::{City, account, entered, samples};

pub(crate) const TOWN: &str = "320582001";
const COUNTY: &str = "320582";
const YEAR: i32 = 2024;
/// One of so many projects was not reported for the last month.
const MISSING: usize = 20;
/// How long the records may take to the county.
const PATIENCE_S: u32 = 600;

/// The running programs. Fields are dropped in this order.
pub(crate) struct Township {
    pub(crate) town: Running,
    pub(crate) county: Running,
    pub(crate) some_project: String,
    _folder: TempDir,
}

impl Township {
    pub(crate) fn prepare(city: &City) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let above = Bureau::new(Program::Node, folder.path(), COUNTY);
        above.run(&["join", &city.invite(COUNTY)?])?;
        let county = above.serve()?;
        let own = Bureau::new(Program::Node, folder.path(), TOWN);
        let invited = above.ask(&["invite", TOWN, "--address", &county.listen, "--by", "经办-001"])?;
        own.run(&["join", invited["token"].as_str().context("a token")?])?;
        let town = own.serve()?;
        city.wait()?;
        above.run(&["wait", "--timeout", "120"])?;
        let (_, rows) = entered(&own, folder.path(), &samples().join("projects.csv"), COUNTY, "")?;
        let codes: Vec<&str> = rows.iter().filter_map(|row| row.first()).map(String::as_str).collect();
        tokio::runtime::Runtime::new()?.block_on(reported(&own.data, &codes))?;
        tokio::runtime::Runtime::new()?.block_on(async { tokio::try_join!(scored(&own.data), scored(&above.data)) })?;
        account(&own)?;
        account(&above)?;
        let some_project = codes.get(codes.len() / 2).context("a project")?.to_string();
        Ok(Self { town, county, some_project, _folder: folder })
    }
}

/// Every project is reported for each month, and all of it reaches the county.
async fn reported(data: &Path, codes: &[&str]) -> Result<()> {
    let database = data.join("tongpin.sqlite");
    let store = Store::open(database.to_str().context("a path in UTF-8")?).await?;
    let own = RegionCode::new(TOWN)?;
    for month in 1..=12_u8 {
        let report = |(number, code): (usize, &&str)| {
            let missing = month == 12 && number % MISSING == 0;
            (!missing).then(|| report(code, month)).transpose()
        };
        let records = codes.iter().enumerate().filter_map(|it| report(it).transpose());
        let records: Vec<RecordRow> = records.collect::<Result<_>>()?;
        store.put_records(&Put { own: &own, records: &records, at: Moment(1), log: true }).await?;
    }
    for _ in 0..PATIENCE_S {
        if store.acked(RECORDS).await? == store.outbox_last(RECORDS).await? {
            store.close().await;
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    ensure!(false, "the records have not reached the county in {PATIENCE_S} seconds");
    Ok(())
}

/// What a node does once, after so many records have come, is over then: its scores follow.
async fn scored(data: &Path) -> Result<()> {
    let database = data.join("tongpin.sqlite");
    let store = Store::open(database.to_str().context("a path in UTF-8")?).await?;
    for _ in 0..PATIENCE_S {
        if store.count_due().await? == 0 {
            store.close().await;
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    ensure!(false, "the scores have not followed the records in {PATIENCE_S} seconds");
    Ok(())
}

fn report(code: &str, month: u8) -> Result<RecordRow> {
    let json = serde_json::json!({
        "project_code": code, "year": YEAR, "month": month, "spent": format!("{month}000.50"),
        "outputs": [{ "seq": 1, "value": (month * 8).to_string() }], "note": "按计划推进",
        "reported_by": "经办-001", "reported_at": 0, "changed_at": 0,
    });
    let observation: Observation = serde_json::from_value(json)?;
    let body = serde_json::to_string(&observation)?;
    Ok(RecordRow { kind: OBSERVATION.to_owned(), key: observation.record_key(), body: Some(body) })
}
