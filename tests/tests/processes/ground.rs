//! A city, a county and a township as processes, with the sample data of one county that its township enters.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tongpin_tests::demo::{DataFolder, samples};
use tongpin_tests::process::{Bureau, Program, Running};

pub(crate) const CITY: &str = "320500";
pub(crate) const DRAFTER: &str = "经办-001";
pub(crate) const APPROVER: &str = "审核-002";

/// Three bureaus, none of them running.
pub(crate) struct Ground {
    pub(crate) folder: TempDir,
    pub(crate) hub: Bureau,
    pub(crate) county: Bureau,
    pub(crate) township: Bureau,
    /// The county's and the township's codes.
    pub(crate) codes: (String, String),
    /// What the township enters: projects and their lines.
    pub(crate) entries: (PathBuf, PathBuf),
    /// Tokens that were printed, which must be found nowhere else.
    pub(crate) tokens: Vec<String>,
}

impl Ground {
    /// Founds the city; nobody has joined yet.
    pub(crate) fn found() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = DataFolder::read(samples())?;
        let county =
            data.counties.iter().find(|county| county.township.is_some()).context("a county with a township")?;
        let township = county.township.as_ref().map(|(code, _)| code.clone()).context("a township")?;
        let entries = data.write_entries(county, &folder.path().join("entered"))?;
        let bureau = |program, name: &str| Bureau::new(program, folder.path(), name);
        let ground = Self {
            hub: bureau(Program::Hub, "hub"),
            county: bureau(Program::Node, "county"),
            township: bureau(Program::Node, "township"),
            codes: (county.code.clone(), township),
            entries,
            tokens: Vec::new(),
            folder,
        };
        ground.hub.run(&["init", "--region", CITY, "--name", "苏州市"])?;
        Ok(ground)
    }

    /// A file in the folder.
    pub(crate) fn file(&self, name: &str) -> String {
        text(&self.folder.path().join(name))
    }

    /// Lets all three run; the county and the township join.
    pub(crate) fn run_all(&mut self) -> Result<[Running; 3]> {
        let hub = self.hub.serve()?;
        let (county_code, township_code) = self.codes.clone();
        let county = self.join(&self.hub.clone(), &hub.listen, &self.county.clone(), &county_code)?;
        let township = self.join(&self.county.clone(), &county.listen, &self.township.clone(), &township_code)?;
        Ok([hub, county, township])
    }

    pub(crate) fn join(&mut self, parent: &Bureau, address: &str, child: &Bureau, region: &str) -> Result<Running> {
        let invited = parent.ask(&["invite", region, "--address", address, "--by", DRAFTER])?;
        let token = invited["token"].as_str().context("invite prints a token")?.to_owned();
        child.run(&["join", &token])?;
        self.tokens.push(token);
        child.serve()
    }

    /// Imports a catalog from the samples and publishes it.
    pub(crate) fn publish(&self, catalog: &str, file: &str) -> Result<()> {
        let file = text(&samples().join(file));
        self.publish_file(catalog, &file)
    }

    pub(crate) fn publish_file(&self, catalog: &str, file: &str) -> Result<()> {
        self.hub.run(&["import", catalog, file, "--by", DRAFTER])?;
        self.hub.run(&["publish", catalog, "--by", APPROVER, "--yes"]).map(drop)
    }
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().map_or_else(|| unreachable!("temporary folders have plain names"), str::to_owned)
}

/// Exit code, standard output and what was said, of a command that ended.
pub(crate) fn ended(output: &Output) -> (i32, String, String) {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), lossy(&output.stdout), lossy(&output.stderr))
}

/// Asks again and again until something holds, at most a minute.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while !holds()? {
        ensure!(began.elapsed() < Duration::from_mins(1), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
