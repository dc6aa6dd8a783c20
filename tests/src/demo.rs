//! The demo: a hub, its counties and two townships as real processes with real mutual TLS, from an empty folder to the
//! city's roll-up. Everything goes through the programs' own commands, as it would in a finance bureau.

mod data;
mod federation;
mod outcome;
pub mod people;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process::Program;

pub use data::DataFolder;
pub use federation::Federation;
pub use outcome::{Comparison, Outcome};

/// What the demo is asked to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// A folder shaped like `samples/`.
    pub data: PathBuf,
    /// Where the bureaus keep their data.
    pub work: PathBuf,
    /// Where `scores.csv`, `rollup_region.csv` and `rollup_fund.csv` go.
    pub out: Option<PathBuf>,
}

/// Runs from the empty folder to the roll-up. The federation runs until it is dropped.
///
/// # Errors
/// A command of the programs fails, or the data cannot be read.
pub fn run(plan: &Plan, tell: &mut dyn FnMut(&str)) -> Result<(Federation, Outcome)> {
    let data = DataFolder::read(&plan.data)?;
    tell(&format!(
        "数据：{} 个区县，{} 个项目，{} 行绩效指标（{}）",
        data.counties.len(),
        data.projects(),
        data.lines(),
        plan.data.display()
    ));
    // The first build takes minutes: whoever waits should know what for, and it is no part of the times that follow.
    tell("程序：正在构建 tongpin-hub 和 tongpin-node（首次需几分钟）");
    Program::Hub.path()?;
    let federation = Federation::found(&data, &plan.work, tell)?;
    federation.publish_guidance(&data, tell)?;
    federation.enter_projects(&data, tell)?;
    federation.score(tell)?;
    federation.collect(&data, tell)?;
    let outcome = Outcome::gather(&federation, &data, &plan.work)?;
    if let Some(out) = &plan.out {
        outcome.write(out)?;
        tell(&format!("结果文件：{}", out.display()));
    }
    Ok((federation, outcome))
}

/// The samples that come with the sources.
#[must_use]
pub fn samples() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples"))
}
