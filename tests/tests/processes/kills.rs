//! Power cuts: processes are killed at random moments while guidance goes down and records go up, and start again.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use tongpin_store::{RECORDS, Store};
use tongpin_tests::process::{Bureau, Running};

use crate::ground::{Ground, text, until};

/// A small generator of numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Kills one process after another and starts each again where it listened, until told to stop; returns how often.
fn cut_power(bureaus: &[Bureau; 3], running: &mut [Running; 3], seed: u64, stop: &AtomicBool) -> Result<u32> {
    let (mut dice, mut kills) = (Dice(seed), 0);
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(30 + dice.roll(250)));
        let victim = usize::try_from(dice.roll(3))?;
        running[victim].kill();
        running[victim] = bureaus[victim].serve_on(&running[victim].listen.clone())?;
        kills += 1;
    }
    Ok(kills)
}

/// The first rows of a file under its header.
fn slice(from: &Path, rows: usize, to: &Path) -> Result<String> {
    let mut reader = csv::Reader::from_path(from)?;
    let mut writer = csv::Writer::from_path(to)?;
    writer.write_record(reader.headers()?)?;
    for row in reader.records().take(rows) {
        writer.write_record(&row?)?;
    }
    writer.flush()?;
    Ok(text(to))
}

/// What guidance and entries come to: releases grow, projects come in parts, and some are entered again.
fn work(ground: &Ground) -> Result<()> {
    ground.publish("regions", "regions.csv")?;
    ground.publish("rules", "rules.toml")?;
    let library = tongpin_tests::demo::samples().join("indicators.csv");
    let (projects, lines) = &ground.entries;
    let folder = ground.folder.path();
    until("the rules are there", || {
        let catalogs = ground.township.ask(&["catalogs"])?;
        Ok(catalogs.to_string().contains("rules"))
    })?;
    for step in 1..=4 {
        ground.publish_file("indicators", &slice(&library, 20 * step, &folder.join("library.csv"))?)?;
        let some = slice(projects, 2 * step, &folder.join("projects.csv"))?;
        ground.township.run(&["import", "projects", &some])?;
    }
    ground.township.run(&["import", "projects", &text(projects)])?;
    ground.township.run(&["import", "indicators", &text(lines)])?;
    Ok(())
}

/// Where a federation ends: what each level holds.
#[derive(Debug, PartialEq, Eq)]
struct End {
    scores: String,
    library: [String; 2],
    releases: [String; 2],
    records: Vec<(String, String, String)>,
}

impl End {
    fn of(ground: &Ground) -> Result<Self> {
        let (hub, county, township) = (&ground.hub, &ground.county, &ground.township);
        hub.run(&["wait", "--timeout", "60"])?;
        county.run(&["wait", "--timeout", "60"])?;
        until("all records have gone up", || {
            let unsent = township.ask(&["status"])?["unsent"].clone();
            Ok(unsent.as_array().context("unsent")?.iter().all(|stream| stream["count"] == 0))
        })?;
        county.run(&["score"])?;
        let (scores, library) = (ground.file("scores.csv"), ground.file("exported.csv"));
        county.run(&["scores", "--out", &scores])?;
        let exported = |bureau: &Bureau| -> Result<String> {
            let _ = std::fs::remove_file(&library);
            bureau.run(&["export", "catalog", "indicators", "--out", &library])?;
            Ok(std::fs::read_to_string(&library)?)
        };
        let releases = |bureau: &Bureau| -> Result<String> {
            let catalogs = bureau.ask(&["catalogs"])?;
            let line = |row: &serde_json::Value| format!("{} {}", row["catalog"], row["release"]);
            Ok(catalogs.as_array().context("catalogs")?.iter().map(line).collect::<Vec<_>>().join(", "))
        };
        Ok(Self {
            scores: std::fs::read_to_string(&scores)?,
            library: [exported(county)?, exported(township)?],
            releases: [releases(county)?, releases(township)?],
            records: Vec::new(),
        })
    }
}

/// Runs the whole work, with the power cut again and again if there is a seed, and returns where it ended.
fn federation(seed: Option<u64>) -> Result<(End, u32)> {
    let mut ground = Ground::found()?;
    let mut running = ground.run_all()?;
    let bureaus = [ground.hub.clone(), ground.county.clone(), ground.township.clone()];
    let stop = AtomicBool::new(false);
    let kills = std::thread::scope(|scope| -> Result<u32> {
        let (bureaus, running, stop) = (&bureaus, &mut running, &stop);
        let cutting = seed.map(|seed| scope.spawn(move || cut_power(bureaus, running, seed, stop)));
        let worked = work(&ground);
        stop.store(true, Ordering::Relaxed);
        let kills = cutting.map_or(Ok(0), |cutting| cutting.join().unwrap_or_else(|_| anyhow::bail!("it panicked")))?;
        worked.map(|()| kills)
    })?;
    let mut end = End::of(&ground)?;
    running.iter_mut().for_each(Running::kill);
    end.records = held(&ground)?;
    Ok((end, kills))
}

/// The township's records as the county's database holds them, after checking that each change was applied once.
fn held(ground: &Ground) -> Result<Vec<(String, String, String)>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let open = async |bureau: &Bureau| Store::open(&text(&bureau.data.join("tongpin.sqlite"))).await;
        let (county, township) = (open(&ground.county).await?, open(&ground.township).await?);
        let author = tongpin_tests::inprocess::region(&ground.codes.1);
        let position = county.position(&author, RECORDS).await?.context("a position")?;
        assert_eq!(position.incarnation, township.incarnation().await?, "no restart made another database of it");
        assert_eq!(position.seq, township.outbox_last(RECORDS).await?);
        assert_eq!(county.set_aside().await?, []);
        let mut all = Vec::new();
        for kind in ["project", "project_indicator"] {
            let there = county.records(kind, Some(&author)).await?;
            let here = township.records(kind, Some(&author)).await?;
            assert_eq!(there, here);
            all.extend(there.into_iter().map(|record| (record.kind, record.key, record.body)));
        }
        Ok(all)
    })
}

/// City, county and township are killed and started again many times while they work: they end exactly where a
/// federation ends that nobody disturbed.
#[test]
fn killed_at_any_moment() -> Result<()> {
    let (calm, _) = federation(None)?;
    assert_eq!(calm.library[0], calm.library[1]);
    assert!(calm.releases[0].contains("\"indicators\" 4"), "{:?}", calm.releases);
    assert!(calm.scores.lines().count() > 3 && calm.records.len() > 20, "{calm:?}");
    for seed in [1, 2] {
        let (end, kills) = federation(Some(seed))?;
        assert!(kills >= 3, "only {kills} kills: the work was done too soon to be disturbed");
        assert_eq!(end, calm, "seed {seed}");
    }
    Ok(())
}
