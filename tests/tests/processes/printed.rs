//! What the programs print: one JSON document for programs, and never a secret in a log.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tongpin_tests::demo::samples;
use tongpin_tests::process::Bureau;

use crate::ground::{APPROVER, DRAFTER, Ground, text, until};

/// Runs a command with `--json`; whatever its answer, what it prints is one document.
fn json(bureau: &Bureau, arguments: &[&str]) -> Result<Value> {
    let mut all = vec!["--json"];
    all.extend(arguments);
    let output = bureau.try_run(&all)?;
    let printed = String::from_utf8(output.stdout)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {:?}\n{printed}\n{said}", output.status);
    serde_json::from_str(&printed).with_context(|| format!("{arguments:?} printed {printed:?}"))
}

/// Every command of both programs, in the order of a year's work, prints exactly one JSON document; and after all of
/// it, with the log at its finest, no token and no key stands in any log.
#[test]
fn every_command() -> Result<()> {
    let mut ground = Ground::found()?;
    for bureau in [&ground.hub, &ground.county, &ground.township] {
        std::fs::create_dir_all(&bureau.data)?;
        std::fs::write(bureau.data.join("config.toml"), "log = \"debug\"\n")?;
    }
    let running = ground.run_all()?;
    let sample = |name: &str| text(&samples().join(name));
    for (catalog, file) in [("regions", "regions.csv"), ("rules", "rules.toml"), ("indicators", "indicators.csv")] {
        json(&ground.hub, &["import", catalog, &sample(file), "--by", DRAFTER])?;
        json(&ground.hub, &["diff", catalog])?;
        json(&ground.hub, &["publish", catalog, "--by", APPROVER, "--yes"])?;
    }
    json(&ground.hub, &["rollout", "rules"])?;
    json(&ground.hub, &["import", "funds", &sample("funds.csv"), "--by", DRAFTER])?;
    json(&ground.hub, &["discard", "funds", "--yes"])?;
    let open = ["collect", "open", "--template", "county-scores", "--period", "2024", "--due", "2025-03-31"];
    json(&ground.hub, &[&open[..], &["--by", DRAFTER, "--approved-by", APPROVER]].concat())?;
    json(&ground.hub, &["wait", "--timeout", "60"])?;
    json(&ground.county, &["wait", "--timeout", "60"])?;
    county_work(&ground)?;
    hub_work(&ground)?;
    by_file(&ground)?;
    for renewing in [&ground.hub, &ground.county, &ground.township] {
        json(renewing, &["renew"])?;
    }
    let county = ground.codes.0.as_str();
    json(&ground.county, &["revoke", &ground.codes.1, "--reason", "测试", "--yes"])?;
    json(&ground.hub, &["revoke", county, "--reason", "测试", "--yes"])?;
    drop(running);
    no_secret(&ground)
}

fn county_work(ground: &Ground) -> Result<()> {
    let (county, township) = (&ground.county, &ground.township);
    json(township, &["import", "projects", &text(&ground.entries.0)])?;
    json(township, &["import", "indicators", &text(&ground.entries.1)])?;
    until("the records are at the county", || {
        let unsent = township.ask(&["status"])?["unsent"].clone();
        Ok(unsent.as_array().context("unsent")?.iter().all(|stream| stream["count"] == 0))
    })?;
    for command in ["score", "scores", "collections", "catalogs", "nodes", "status", "doctor"] {
        json(county, &[command])?;
    }
    json(county, &["preview", "county-scores"])?;
    json(county, &["submit", "county-scores", "--by", APPROVER, "--yes"])?;
    until("the receipt is there", || Ok(county.ask(&["receipts"])?.as_array().is_some_and(|all| !all.is_empty())))?;
    json(county, &["sent"])?;
    json(county, &["export", "catalog", "indicators", "--out", &ground.file("exported.csv")])?;
    json(county, &["backup", &ground.file("county.sqlite")])?;
    Ok(())
}

fn hub_work(ground: &Ground) -> Result<()> {
    let hub = &ground.hub;
    for command in ["nodes", "status", "doctor"] {
        json(hub, &[command])?;
    }
    json(hub, &["collect", "list"])?;
    json(hub, &["collect", "show", "county-scores"])?;
    json(hub, &["rollup", "county-scores"])?;
    json(hub, &["rollup", "county-scores", "--explain", &ground.codes.0])?;
    let back = ["collect", "return", "county-scores", &ground.codes.0, "--revision", "1", "--reason", "更正"];
    json(hub, &[&back[..], &["--by", APPROVER]].concat())?;
    let remind = ["collect", "remind", "county-scores", "--note", "请尽快", "--by", APPROVER, "--yes"];
    ensure!(json(hub, &remind)?["release"] == 1, "the first notice");
    ensure!(!hub.try_run(&remind)?.status.success(), "nobody is reminded twice a day without saying so");
    json(hub, &[&remind[..], &["--again"]].concat())?;
    reviewed(ground)?;
    json(hub, &["collect", "close", "county-scores", "--by", APPROVER, "--yes"])?;
    json(hub, &["collect", "reopen", "county-scores", "--reason", "补报", "--by", APPROVER])?;
    json(hub, &["backup", &ground.file("hub.sqlite")])?;
    Ok(())
}

/// A collection whose reports a person accepts.
fn reviewed(ground: &Ground) -> Result<()> {
    let (hub, county) = (&ground.hub, &ground.county);
    let open = ["collect", "open", "--template", "county-scores", "--id", "reviewed", "--review", "--period", "2024"];
    let opened = json(hub, &[&open[..], &["--by", DRAFTER, "--approved-by", APPROVER]].concat())?;
    ensure!(opened["collection"]["accepting"] == "by_review", "{opened}");
    json(county, &["wait", "--timeout", "60"])?;
    until("the collection is there", || {
        Ok(county.ask(&["collections"])?.as_array().is_some_and(|all| all.iter().any(|one| one["id"] == "reviewed")))
    })?;
    json(county, &["submit", "reviewed", "--by", APPROVER, "--yes"])?;
    let state = || -> Result<Value> {
        let all = county.ask(&["collections"])?;
        let found = all.as_array().and_then(|all| all.iter().find(|one| one["id"] == "reviewed").cloned());
        Ok(found.context("the collection")?["state"].clone())
    };
    until("the report waits", || Ok(state()? == "received"))?;
    let region = ground.codes.0.as_str();
    json(hub, &["collect", "accept", "reviewed", region, "--revision", "1", "--by", APPROVER])?;
    until("the county knows", || Ok(state()? == "accepted"))
}

fn by_file(ground: &Ground) -> Result<()> {
    let (down, up) = (ground.file("down.tp"), ground.file("up.tp"));
    json(&ground.hub, &["pack", "--for", &ground.codes.0, &down])?;
    json(&ground.county, &["unpack", &down])?;
    json(&ground.county, &["pack", &up])?;
    json(&ground.hub, &["unpack", &up])?;
    Ok(())
}

/// Looks through every log for the tokens and for anything that a key's file holds.
fn no_secret(ground: &Ground) -> Result<()> {
    let mut secrets = ground.tokens.clone();
    for bureau in [&ground.hub, &ground.county, &ground.township] {
        for file in std::fs::read_dir(bureau.data.join("identity"))? {
            let content = std::fs::read_to_string(file?.path()).unwrap_or_default();
            let mut in_key = false;
            for line in content.lines() {
                if line.starts_with("-----") {
                    in_key = line.contains("BEGIN") && line.contains("PRIVATE KEY");
                } else if in_key {
                    secrets.push(line.to_owned());
                }
            }
        }
    }
    assert!(secrets.len() > ground.tokens.len() + 3, "keys were found: {}", secrets.len());
    for bureau in [&ground.hub, &ground.county, &ground.township] {
        let log = std::fs::read_to_string(bureau.data.join("serve.log"))?;
        assert!(log.lines().count() > 3, "a log was written at {}", shown(&bureau.data));
        for secret in &secrets {
            assert!(!log.contains(secret.as_str()), "a secret stands in the log of {}", shown(&bureau.data));
        }
        assert!(!log.contains("PRIVATE KEY"));
    }
    Ok(())
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}
