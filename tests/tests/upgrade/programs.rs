//! The programs themselves on data folders of 0.1: what they answer is what the samples' independent figures say.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tongpin_tests::demo::samples;
use tongpin_tests::process::{Bureau, Program};

use super::goldens::data_folder;

/// The city's roll-up of the reports that 0.1 received is the expected one, to the last digit.
#[test]
fn the_citys_roll_up() -> Result<()> {
    let folder = tempfile::tempdir()?;
    data_folder(folder.path(), "city")?;
    let hub = Bureau::new(Program::Hub, folder.path(), "city");
    for (collection, file) in
        [("county-scores", "expected_rollup_region.csv"), ("fund-indicators", "expected_rollup_fund.csv")]
    {
        let out = folder.path().join(file);
        hub.run(&["rollup", collection, "--out", &out.to_string_lossy()])?;
        let (rolled, expected) = (std::fs::read_to_string(out)?, std::fs::read_to_string(samples().join(file))?);
        // A mark at the beginning tells Excel that the file is UTF-8.
        assert_eq!(
            rolled.trim_start_matches('\u{feff}').replace("\r\n", "\n"),
            expected.replace("\r\n", "\n"),
            "{file}"
        );
    }
    hub.run(&["collect", "show", "county-scores"])?;
    hub.run(&["nodes"])?;
    Ok(())
}

/// A county scores its records of 0.1 anew and gets the expected totals.
#[test]
fn a_countys_scores() -> Result<()> {
    let folder = tempfile::tempdir()?;
    data_folder(folder.path(), "lone-county")?;
    let node = Bureau::new(Program::Node, folder.path(), "lone-county");
    node.run(&["score"])?;
    let out = folder.path().join("scores.csv");
    node.run(&["scores", "--out", &out.to_string_lossy()])?;
    assert_eq!(rows(&std::fs::read_to_string(out)?, &COLUMNS)?, expected()?);
    node.run(&["sent"])?;
    node.run(&["catalogs"])?;
    Ok(())
}

const COLUMNS: [&str; 4] = ["project_code", "total_score", "rating", "status"];

/// The six scores of 吴中区 as they were computed independently.
fn expected() -> Result<Vec<Vec<String>>> {
    let all = rows(&std::fs::read_to_string(samples().join("expected_scores.csv"))?, &COLUMNS)?;
    let expected: Vec<_> = all.into_iter().filter(|row| row[0].starts_with("320506")).collect();
    anyhow::ensure!(expected.len() == 6, "{expected:?}");
    Ok(expected)
}

/// Nobody asks: what 0.1 scored is shown as old after the upgrade, `serve` scores it anew, and then it is as expected.
#[test]
fn scores_follow_by_themselves() -> Result<()> {
    let folder = tempfile::tempdir()?;
    data_folder(folder.path(), "lone-county")?;
    let node = Bureau::new(Program::Node, folder.path(), "lone-county");
    let stale = || -> Result<Vec<bool>> {
        let told = node.ask(&["scores"])?;
        let lines = told["scores"].as_array().context("scores")?;
        Ok(lines.iter().map(|line| line["stale"] == true).collect())
    };
    assert_eq!(node.ask(&["status"])?["due"], 6);
    assert_eq!(stale()?, [true; 6]);
    let running = node.serve()?;
    let began = Instant::now();
    while node.ask(&["status"])?["due"] != 0 {
        anyhow::ensure!(began.elapsed() < Duration::from_mins(1), "not scored in time");
    }
    drop(running);
    assert_eq!(stale()?, [false; 6]);
    let out = folder.path().join("scores.csv");
    node.run(&["scores", "--out", &out.to_string_lossy()])?;
    assert_eq!(rows(&std::fs::read_to_string(out)?, &COLUMNS)?, expected()?);
    Ok(())
}

fn rows(text: &str, columns: &[&str]) -> Result<Vec<Vec<String>>> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let head = reader.headers()?.clone();
    let places: Vec<usize> = columns.iter().filter_map(|column| head.iter().position(|name| name == *column)).collect();
    anyhow::ensure!(places.len() == columns.len(), "columns {head:?}");
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row?;
        rows.push(places.iter().map(|place| row[*place].to_owned()).collect());
    }
    rows.sort();
    Ok(rows)
}
