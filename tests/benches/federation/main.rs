//! `cargo bench`: what the federation costs beside a raw database in the same run. One line of JSON per measurement.
//!
//! Times on shared machines mean little; the ratio to the baseline measured beside it does.

mod baseline;
mod crowd;
mod forms;
mod idle;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;
use tongpin_link::publish;
use tongpin_store::{Change, DraftRow, Put, RecordRow, Topic};
use tongpin_tests::inprocess::{Member, TestClock, region, until};

const INDICATORS: usize = 10_000;
const CHANGED: usize = 100;
const NODES: usize = 10;
const RECORDS: usize = 100_000;
const ROUNDS: usize = 5;

fn main() -> Result<()> {
    if let Some(work) = idle::child_folder() {
        return idle::child(&work);
    }
    if let Some(work) = crowd::folder() {
        return crowd::child(&work);
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let asked = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // First, while the process has not yet freed memory that links could take unseen.
    if asked("idle_link") {
        runtime.block_on(idle::measure())?;
    }
    if asked("crowd") {
        runtime.block_on(crowd::measure())?;
    }
    if asked("first_load") {
        runtime.block_on(first_load())?;
    }
    if asked("difference") {
        runtime.block_on(difference())?;
    }
    if asked("records") {
        runtime.block_on(records())?;
    }
    if asked("verdict") {
        runtime.block_on(forms::verdicts())?;
    }
    if asked("form_changed") {
        runtime.block_on(forms::changed())?;
    }
    Ok(())
}

fn indicator(number: usize, version: usize) -> DraftRow {
    let body = json!({
        "code": format!("ZB-{:02}-{number:05}", number % 20), "department": "教育局", "domain": "教育",
        "level1": "产出", "level2": "数量", "name": format!("新增公办学位数 {number}"),
        "definition": "当年建成并具备招生条件的公办学校学位,以教育主管部门验收备案为准",
        "formula": "各新建改扩建学校启用学位数合计", "nature": "≥", "unit": "个", "direction": "正向",
        "rule_type": "PROP_UP", "rule_params": "",
        "scoring_rule": "比例法:达到或超过指标值得满分,未达到的按 完成值÷指标值×权重 计分",
        "typical_target": (3000 + number + version).to_string(), "target_basis": "计划标准",
        "data_source": "学校建设台账、招生计划", "applicable_level": "市级;县级", "agg_method": "累加", "is_common": 2,
    });
    DraftRow {
        key: format!("ZB-{:02}-{number:05}", number % 20),
        audience: tongpin_domain::catalog::Audience::Everyone,
        body: body.to_string(),
    }
}

fn library(version: usize) -> Vec<DraftRow> {
    // What changes between two versions is scattered over the library.
    let step = INDICATORS / CHANGED;
    let row = |number: usize| indicator(number, if number.is_multiple_of(step) { version } else { 0 });
    (0..INDICATORS).map(row).collect()
}

async fn draft(hub: &Member, rows: &[DraftRow]) -> Result<publish::Publication> {
    let id = hub.catalog("indicators");
    hub.site.store.replace_draft(&id, rows, "经办", hub.site.now(), "").await?;
    Ok(publish::prepare(&hub.site, &id, "审核", publish::Separation::TwoPeople).await?)
}

/// A fresh node: from joined to the whole library fetched, verified and durable.
async fn first_load() -> Result<()> {
    let rows = library(0);
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let folder = tempfile::tempdir()?;
        let clock = TestClock::default().clock();
        let hub = Member::hub(folder.path(), "320500", &clock).await?;
        let id = hub.catalog("indicators");
        let node = Member::node(folder.path(), "320581", &hub, &clock).await?;
        until("the node follows", async || Ok(!hub.downlink.links().regions().is_empty())).await?;
        let publication = draft(&hub, &rows).await?;
        publish::commit(&hub.site, publication, Some(&[region("320582")])).await?;
        // The release is there; the clock runs from the moment at which this node may have it.
        let applied = node.site.store.watch(|topic| matches!(topic, Topic::Catalog(_)));
        let began = Instant::now();
        hub.site.store.allow(&id, 1, None, hub.site.now()).await?;
        while node.site.store.head(&id).await?.is_none_or(|head| head.number < 1) {
            let _ = tokio::time::timeout(Duration::from_millis(200), applied.changed()).await;
        }
        let took = began.elapsed();
        ensure!(node.site.store.entries(&id).await?.len() == INDICATORS, "the library is whole");
        ours.push(took);
        let bodies: Vec<(String, String)> = rows.iter().map(|row| (row.key.clone(), row.body.clone())).collect();
        raw.push(baseline::insert_entries(&folder.path().join("raw.sqlite"), &bodies).await?);
        tracing::debug!(round, "measured");
    }
    let (ours, raw) = (median(ours), median(raw));
    let ratio = ours.as_secs_f64() / raw.as_secs_f64();
    print("first_load_10000_indicators", "ms", ms(ours), ("raw_sqlite", ms(raw)), ratio, "<= 2");
    Ok(())
}

/// A hundred changed entries: from the signed release to the last of ten durable acknowledgements.
async fn difference() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "320500", &clock).await?;
    let id = hub.catalog("indicators");
    let mut nodes = Vec::new();
    for number in 0..NODES {
        nodes.push(Member::node(folder.path(), &format!("3205{:02}", number + 10), &hub, &clock).await?);
    }
    let publication = draft(&hub, &library(0)).await?;
    publish::commit(&hub.site, publication, None).await?;
    for node in &nodes {
        node.holds(&id, 1).await?;
    }
    let library_0: Vec<_> = library(0).into_iter().map(|row| (row.key, row.body)).collect();
    let mut bare_path = baseline::BarePath::open(&folder.path().join("raw"), &library_0, NODES).await?;
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS * 6 {
        let rows = library(round);
        let publication = draft(&hub, &rows).await?;
        let number = publication.signed.release.number;
        let changed = publication.difference.upserts.clone();
        let mut acknowledged = hub.downlink.acknowledgements();
        let began = Instant::now();
        publish::commit(&hub.site, publication, None).await?;
        let mut missing = NODES;
        while missing > 0 {
            let applied = acknowledged.recv().await?;
            missing -= usize::from(applied.catalog == id && applied.number == number);
        }
        ours.push(began.elapsed());
        ensure!(changed.len() == CHANGED, "so many entries changed");
        raw.push(bare_path.send(&changed).await?);
    }
    let (ours, raw) = (median(ours), median(raw));
    // The goal of 20 ms stands beside a bare path of 11 ms and PostgreSQL's logical replication of 18 ms.
    let ratio = ours.as_secs_f64() / raw.as_secs_f64();
    print("difference_100_entries_to_10_nodes", "ms", ms(ours), ("bare_path", ms(raw)), ratio, "<= 1.8");
    Ok(())
}

/// A township's records: from written there to durable at the county and acknowledged.
async fn records() -> Result<()> {
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir()?;
        let clock = TestClock::default().clock();
        let hub = Member::hub(folder.path(), "320500", &clock).await?;
        let county = Member::node(folder.path(), "320581", &hub, &clock).await?;
        let township = Member::node(folder.path(), "320581101", &county, &clock).await?;
        until("the township follows", async || Ok(!county.downlink.links().regions().is_empty())).await?;
        let rows: Vec<RecordRow> = (0..RECORDS).map(record).collect();
        let own = region("320581101");
        let put = Put { own: &own, records: &rows, at: clock.now(), log: true };
        township.site.store.put_records(&put).await?;
        let began = Instant::now();
        until("all records are acknowledged", async || {
            Ok(township.site.store.acked(tongpin_store::RECORDS).await? == RECORDS as u64)
        })
        .await?;
        ours.push(began.elapsed());
        ensure!(county.site.store.count_records("observation").await? == RECORDS as u64, "every record arrived");
        let changes: Vec<Change> = rows
            .into_iter()
            .map(|row| Change { kind: row.kind, key: row.key, body: row.body, problem: None })
            .collect();
        raw.push(baseline::insert_records(&folder.path().join("raw.sqlite"), &changes).await?);
    }
    let (ours, raw) = (median(ours), median(raw));
    let rate = |took: Duration| f64::from(u32::try_from(RECORDS).unwrap_or(u32::MAX)) / took.as_secs_f64();
    print("township_records_100000", "rows/s", rate(ours), ("raw_sqlite", rate(raw)), rate(ours) / rate(raw), ">= 0.5");
    Ok(())
}

fn record(number: usize) -> RecordRow {
    let body = json!({
        "project_code": format!("32058124T{:012}", number / 12), "month": number % 12 + 1,
        "spent_fen": 1_000_000 + number, "output": "完成管网改造 120 米", "evidence": 2,
    });
    RecordRow { kind: "observation".into(), key: format!("32058124T{number:012}"), body: Some(body.to_string()) }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn print(name: &str, unit: &str, value: f64, baseline: (&str, f64), ratio: f64, goal: &str) {
    let round = |value: f64| (value * 100.0).round() / 100.0;
    println!(
        "{}",
        json!({ "measurement": name, "unit": unit, "value": round(value), baseline.0: round(baseline.1),
                "ratio": round(ratio), "goal": goal })
    );
}
