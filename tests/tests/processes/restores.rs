//! A backup, and the way back to it, with the programs as they are run: what an operator does on a bad day.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::ground::{Ground, text};

/// What lies beside a database.
fn beside(data: &Path) -> Vec<PathBuf> {
    ["-wal", "-shm", "-journal"]
        .map(|end| data.join(format!("tongpin.sqlite{end}")))
        .into_iter()
        .filter(|path| path.exists())
        .collect()
}

/// Whoever stops city, county and township finds all that each holds in one file: no write-ahead log is left that
/// another file in its place would be read with. A command leaves none either.
#[test]
fn a_stop_leaves_one_file() -> Result<()> {
    let mut ground = Ground::found()?;
    let running = ground.run_all()?;
    ground.publish("regions", "regions.csv")?;
    ground.township.run(&["import", "projects", &text(&ground.entries.0)])?;
    for (bureau, running) in [&ground.hub, &ground.county, &ground.township].into_iter().zip(running) {
        assert!(!beside(&bureau.data).is_empty(), "a log is written while it runs");
        running.stop()?;
        assert_eq!(beside(&bureau.data), Vec::<PathBuf>::new(), "after the stop");
        bureau.run(&["status"])?;
        bureau.try_run(&["doctor"])?;
        assert_eq!(beside(&bureau.data), Vec::<PathBuf>::new(), "after a command");
    }
    Ok(())
}
