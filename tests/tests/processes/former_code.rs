//! A county whose division code changes goes on working: what it enters, reports and is summed up by is the same under
//! the code of its certificate and under the new one, and so is its township.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tongpin_tests::demo::{DataFolder, samples};
use tongpin_tests::process::{Bureau, Program};

use crate::ground::{APPROVER, DRAFTER, Ground, text, until};

const FORMER: &str = "320585";
const PRESENT: &str = "320586";
const TOWNSHIP: &str = "320585100";

/// Writes a file again with each record changed.
pub(crate) fn rewritten(from: &Path, to: &Path, change: impl Fn(Vec<String>) -> Option<Vec<String>>) -> Result<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(from)?;
    let mut writer = csv::Writer::from_path(to)?;
    for (at, record) in reader.records().enumerate() {
        let cells: Vec<String> = record?.iter().map(str::to_owned).collect();
        let cells = if at == 0 { Some(cells) } else { change(cells) };
        if let Some(cells) = cells {
            writer.write_record(cells)?;
        }
    }
    writer.flush()?;
    Ok(text(to))
}

/// The divisions after 太仓市 became 娄东市: its code and those of its townships are others, with the former ones named.
fn changed_divisions(to: &Path) -> Result<String> {
    rewritten(&samples().join("regions.csv"), to, |mut cells| {
        if cells[0].starts_with(FORMER) {
            let former = cells[0].clone();
            cells[6] = former;
            for at in [0, 3, 4] {
                cells[at] = cells[at].replace(FORMER, PRESENT);
            }
            cells[1] = cells[1].replace("太仓市", "娄东市");
        }
        Some(cells)
    })
}

/// Submits and waits until the city has accepted.
pub(crate) fn submit(county: &Bureau, id: &str) -> Result<()> {
    county.run(&["submit", id, "--by", APPROVER, "--yes"])?;
    until("the receipt", || {
        let asked = county.ask(&["collections"])?;
        let row = asked.as_array().into_iter().flatten().find(|row| row["id"] == id).cloned();
        let state = row.as_ref().and_then(|row| row["state"].as_str().map(str::to_owned)).unwrap_or_default();
        ensure!(state != "returned", "{asked}");
        Ok(state == "accepted")
    })
}

/// What the roll-up says of a region: its name and its weighted score, and how many lines are about it.
pub(crate) fn line(hub: &Bureau, id: &str, region: &str) -> Result<(usize, String)> {
    let rollup = hub.ask(&["rollup", id])?;
    let lines = find_lines(&rollup).context("lines")?;
    let found: Vec<&Value> = lines.iter().filter(|line| line["region"] == region).collect();
    Ok((found.len(), found.first().map(|line| line["figures"]["weighted_score"].to_string()).unwrap_or_default()))
}

fn find_lines(value: &Value) -> Option<&Vec<Value>> {
    match value {
        Value::Array(all) if all.iter().any(|one| one.get("figures").is_some()) => Some(all),
        Value::Object(fields) => fields.values().find_map(find_lines),
        _ => None,
    }
}

/// 320585 imports, scores, reports and is rolled up; its division becomes 320586; it goes on doing all of it, under
/// either code, with a township that does as well, and the city's figure (92.57, as the samples' independent
/// computation has it) stands once, under the new code. Whoever invites it under the new code lets the same node in.
#[test]
fn goes_on_under_either_code() -> Result<()> {
    let ground = Ground::found()?;
    let (hub, county) = (&ground.hub, Bureau::new(Program::Node, ground.folder.path(), FORMER));
    let township = Bureau::new(Program::Node, ground.folder.path(), TOWNSHIP);
    let serving = hub.serve()?;
    ground.publish("regions", "regions.csv")?;
    ground.publish("rules", "rules.toml")?;
    let invite = |parent: &Bureau, region: &str, address: &str| {
        parent.ask(&["invite", region, "--address", address, "--by", DRAFTER])
    };
    let token = |invited: Value| invited["token"].as_str().map(str::to_owned).context("a token");
    county.run(&["join", &token(invite(hub, FORMER, &serving.listen)?)?])?;
    let county_serves = county.serve()?;
    let address = county_serves.listen.clone();
    hub.run(&["wait", "--timeout", "60"])?;

    let data = DataFolder::read(samples())?;
    let own = data.counties.iter().find(|county| county.code == FORMER).context("the county")?;
    let (projects, lines) = data.write_entries(own, &ground.folder.path().join("own"))?;
    county.run(&["import", "projects", &text(&projects)])?;
    county.run(&["import", "indicators", &text(&lines)])?;
    county.run(&["score"])?;
    let open = |id: &str, to: &str| {
        let open = ["collect", "open", "--template", "county-scores", "--id", id, "--period", "2024", "--to", to];
        hub.run(&[&open[..], &["--due", "2099-03-31", "--by", DRAFTER, "--approved-by", APPROVER]].concat())?;
        hub.run(&["wait", "--timeout", "60"])
    };
    open("before", FORMER)?;
    submit(&county, "before")?;
    assert_eq!(line(hub, "before", FORMER)?, (1, "\"92.57\"".into()));

    ground.publish_file("regions", &changed_divisions(&ground.folder.path().join("changed.csv"))?)?;
    hub.run(&["wait", "--timeout", "60"])?;
    assert_eq!(line(hub, "before", PRESENT)?, (1, "\"92.57\"".into()), "history stands under the new code");
    assert_eq!(line(hub, "before", FORMER)?.0, 0);
    // What was scored under the former code leaves as it is; what is entered again may bear either code.
    open("unchanged", PRESENT)?;
    submit(&county, "unchanged")?;
    let renamed = ground.folder.path().join("renamed.csv");
    let renamed = rewritten(&projects, &renamed, |mut cells| {
        cells[3] = cells[3].replace(FORMER, PRESENT);
        Some(cells)
    })?;
    county.run(&["import", "projects", &renamed])?;
    county.run(&["import", "projects", &text(&projects)])?;
    county.run(&["import", "projects", &renamed])?;
    county.run(&["score"])?;
    open("after", FORMER)?;
    submit(&county, "after")?;
    for id in ["unchanged", "after"] {
        assert_eq!(line(hub, id, PRESENT)?, (1, "\"92.57\"".into()), "{id}");
        assert_eq!(line(hub, id, FORMER)?.0, 0, "{id}");
    }

    // A township joins under either code of its own, and its records reach the county.
    let invited = invite(&county, "320586100", &address)?;
    assert_eq!(invited["region"], TOWNSHIP, "{invited}");
    township.run(&["join", &token(invited)?])?;
    let _township_serves = township.serve()?;
    county.run(&["wait", "--timeout", "60"])?;
    let theirs = rewritten(&projects, &ground.folder.path().join("theirs.csv"), |mut cells| {
        cells[0] = cells[0].replace("32058524T", "32058624T");
        cells[3] = PRESENT.into();
        cells[0].ends_with("101").then_some(cells)
    })?;
    township.run(&["import", "projects", &theirs])?;
    until("the township's record", || Ok(county.ask(&["status"])?["records"]["project"].as_u64() == Some(7)))?;

    let again = invite(hub, PRESENT, &serving.listen)?;
    assert_eq!((&again["region"], &again["joined_before"]), (&FORMER.into(), &true.into()), "{again}");
    assert!(again["remarks"].to_string().contains("同一单位"), "{again}");
    county.run(&["join", &token(again)?])?;
    assert_eq!(hub.ask(&["nodes"])?.as_array().map(Vec::len), Some(1));
    Ok(())
}
