//! Scores that follow by themselves: a township's records arrive over the link and nobody asks for their scores; what
//! was committed and not yet scored when the program was killed is scored at its next start.

use anyhow::{Context, Result};
use tongpin_domain::moment::Moment;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_store::{Put, RecordRow, Store};

use crate::ground::{Ground, text, until};

/// The county's scores by project: the total, or the status where there is none.
fn scores(ground: &Ground) -> Result<Vec<(String, String)>> {
    let told = ground.county.ask(&["scores"])?;
    let lines = told["scores"].as_array().context("scores")?;
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(lines.iter().map(|line| (word(&line["project_code"]), word(&line["status"]))).collect())
}

/// The township enters, and the county has the very scores that it would have had to ask for; another figure from the
/// township gives another score. Then the county is killed after a record was written and before its score was.
#[test]
fn nobody_asks() -> Result<()> {
    let mut ground = Ground::found()?;
    let mut running = ground.run_all()?;
    ground.publish("regions", "regions.csv")?;
    ground.publish("rules", "rules.toml")?;
    until("the rules are at the county", || Ok(ground.county.ask(&["catalogs"])?.to_string().contains("rules")))?;
    let (projects, lines) = (text(&ground.entries.0), text(&ground.entries.1));
    ground.township.run(&["import", "projects", &projects, "--indicators", &lines])?;
    let count = csv::Reader::from_path(&projects)?.records().count();
    until("every project has its score", || {
        let due = ground.county.ask(&["status"])?["due"] == 0;
        Ok(due && scores(&ground)?.len() == count)
    })?;
    let before = ground.file("before.csv");
    ground.county.run(&["scores", "--out", &before])?;
    let unasked = std::fs::read_to_string(&before)?;
    ground.county.run(&["score"])?;
    ground.county.run(&["scores", "--out", &before])?;
    assert_eq!(std::fs::read_to_string(&before)?, unasked);

    // Spent is another figure now, everywhere.
    let mut reader = csv::Reader::from_path(&projects)?;
    let spent = reader.headers()?.iter().position(|title| title == "executed").context("a column")?;
    let changed = ground.file("changed.csv");
    let mut writer = csv::Writer::from_path(&changed)?;
    writer.write_record(reader.headers()?)?;
    for row in reader.records() {
        let row = row?;
        writer.write_record(row.iter().enumerate().map(|(at, cell)| if at == spent { "1.00" } else { cell }))?;
    }
    writer.flush()?;
    ground.township.run(&["import", "projects", &changed])?;
    until("the scores are of the new figures", || {
        ground.county.run(&["scores", "--out", &before])?;
        let spent = csv::Reader::from_path(&before)?
            .records()
            .map(|row| Ok(row?.get(4).unwrap_or_default() == "1.00"))
            .collect::<Result<Vec<bool>>>()?;
        Ok(spent.len() == count && spent.into_iter().all(|new| new))
    })?;

    let listen = running[1].listen.clone();
    running[1].kill();
    let own = tongpin_tests::inprocess::region(&ground.codes.0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&text(&ground.county.data.join("tongpin.sqlite"))).await?;
        let body = format!(
            r#"{{"project_code":"K1","project_name":"n","fiscal_year":2024,"region_code":"{own}","budget_adjusted":"100","executed":"100"}}"#
        );
        let line = r#"{"project_code":"K1","seq":1,"name":"n","nature":"≥","target":"10","actual":"9","weight":"90","rule_type":"PROP_UP"}"#;
        let row = |kind: &str, key: &str, body: &str| {
            let (kind, key, body) = (kind.into(), key.into(), Some(body.into()));
            RecordRow { kind, key, body }
        };
        let records = [row(PROJECT, "K1", &body), row(PROJECT_INDICATOR, "K1/001", line)];
        store.put_records(&Put { own: &own, records: &records, at: Moment(0), log: false }).await?;
        store.close().await;
        anyhow::Ok(())
    })?;
    assert!(scores(&ground)?.iter().all(|(code, _)| code != "K1"));
    running[1] = ground.county.serve_on(&listen)?;
    until("what was left is scored", || Ok(scores(&ground)?.contains(&("K1".to_owned(), "SCORED".to_owned()))))
}
