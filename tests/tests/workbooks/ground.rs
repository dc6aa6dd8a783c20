//! A county of the samples with its scores, the city above it, and somebody signed in at both.

use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tongpin_tests::demo::{self, DataFolder};
use tongpin_tests::process::{Bureau, Program, Running};
use tongpin_tests::reader::Reader;

const COUNTY: &str = "320506";
/// One of its projects.
pub(crate) const PROJECT: &str = "32050624T000000000101";

/// Fields are dropped in this order: the folder goes last.
pub(crate) struct Ground {
    pub(crate) county: Reader,
    pub(crate) city: Reader,
    _node: Running,
    _hub: Running,
    pub(crate) folder: TempDir,
}

impl Ground {
    pub(crate) fn prepare() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = DataFolder::read(demo::samples())?;
        let hub = Bureau::new(Program::Hub, folder.path(), "hub");
        hub.run(&["init", "--region", "320500", "--name", "苏州市"])?;
        let city = hub.serve()?;
        for (catalog, file) in [
            ("regions", "regions.csv"),
            ("rules", "rules.toml"),
            ("indicators", "indicators.csv"),
            ("funds", "funds.csv"),
        ] {
            hub.run(&["import", catalog, path(&data.file(file))?, "--by", "经办-001"])?;
            hub.run(&["publish", catalog, "--by", "审核-002", "--yes"])?;
        }
        let node = Bureau::new(Program::Node, folder.path(), COUNTY);
        let invited = hub.ask(&["invite", COUNTY, "--address", &city.listen, "--by", "经办-001"])?;
        node.run(&["join", invited["token"].as_str().context("a token")?])?;
        let county = node.serve()?;
        hub.run(&["wait", "--timeout", "120"])?;
        let own = data.counties.iter().find(|own| own.code == COUNTY).context("the county of the samples")?;
        let (projects, lines) = data.write_entries(own, folder.path())?;
        node.run(&["import", "projects", path(&projects)?, "--indicators", path(&lines)?])?;
        node.run(&["score"])?;
        let signed_in = |bureau: &Bureau, page: &str| {
            let add = ["account", "add", "jingban", "--display", "经办-001", "--duties", "enter", "--password-stdin"];
            bureau.run_told(&add, "Harvest-canal-48")?;
            Reader::sign_in(page, "jingban", "Harvest-canal-48")
        };
        Ok(Self {
            county: signed_in(&node, &county.page)?,
            city: signed_in(&hub, &city.page)?,
            _node: county,
            _hub: city,
            folder,
        })
    }
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path in UTF-8")
}
