//! The city with its library, and a county's node full of projects.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tongpin_tests::process::{Bureau, Program, Running, processor_time};

/// Projects in a node, and indicators in the city's library.
pub(crate) const PROJECTS: usize = 20_000;
const INDICATORS: usize = 10_000;
/// Indicator lines of a project.
const LINES: usize = 3;
pub(crate) const COUNTY: &str = "320581";
/// Who reads the pages.
pub(crate) const ACCOUNT: &str = "jingban";
pub(crate) const PASSWORD: &str = "Harvest-canal-48";

/// The running hub, which has published its catalogs.
pub(crate) struct City {
    hub: Bureau,
    running: Running,
    /// An indicator of the library.
    pub(crate) some_indicator: String,
    folder: TempDir,
}

impl City {
    pub(crate) fn prepare() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let hub = Bureau::new(Program::Hub, folder.path(), "hub");
        hub.run(&["init", "--region", "320500", "--name", "苏州市"])?;
        let running = hub.serve()?;
        let file = folder.path().join("indicators.csv");
        let (library, some_indicator) = library(&samples().join("indicators.csv"))?;
        std::fs::write(&file, library)?;
        let sample = |name: &str| samples().join(name);
        for (catalog, file) in [
            ("regions", sample("regions.csv")),
            ("rules", sample("rules.toml")),
            ("funds", sample("funds.csv")),
            ("indicators", file),
        ] {
            hub.run(&["import", catalog, path(&file)?, "--by", "经办-001"])?;
            hub.run(&["publish", catalog, "--by", "审核-002", "--yes"])?;
        }
        Ok(Self { hub, running, some_indicator, folder })
    }

    /// A token for a county.
    pub(crate) fn invite(&self, county: &str) -> Result<String> {
        let invited = self.hub.ask(&["invite", county, "--address", &self.running.listen, "--by", "经办-001"])?;
        Ok(invited["token"].as_str().context("a token")?.to_owned())
    }

    /// Drafts forms, each written as a file of its own.
    pub(crate) fn draft_forms(&self, forms: &[String]) -> Result<()> {
        let mut arguments = vec!["import".to_owned(), "forms".to_owned()];
        for (number, form) in forms.iter().enumerate() {
            let file = self.folder.path().join(format!("form_{number}.toml"));
            std::fs::write(&file, form)?;
            arguments.push(path(&file)?.to_owned());
        }
        arguments.extend(["--by", "经办-001"].map(str::to_owned));
        self.hub.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).map(|_| ())
    }

    /// Publishes what was drafted of forms.
    pub(crate) fn approve_forms(&self) -> Result<()> {
        self.hub.run(&["publish", "forms", "--by", "审核-002", "--yes"]).map(|_| ())
    }

    /// Until every county holds what is published.
    pub(crate) fn wait(&self) -> Result<()> {
        self.hub.run(&["wait", "--timeout", "120"]).map(|_| ())
    }
}

/// The running county. Fields are dropped in this order: the folder goes last.
pub(crate) struct Ground {
    node: Running,
    data: PathBuf,
    pub(crate) some_project: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    _folder: TempDir,
}

impl Ground {
    pub(crate) fn prepare(city: &City) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let node = Bureau::new(Program::Node, folder.path(), COUNTY);
        node.run(&["join", &city.invite(COUNTY)?])?;
        let county = node.serve()?;
        city.wait()?;
        let sample = samples().join("projects.csv");
        let (columns, rows) = entered(&node, folder.path(), &sample, COUNTY, &city.some_indicator)?;
        node.run(&["score"])?;
        account(&node)?;
        let some_project = rows.get(PROJECTS / 2).and_then(|row| row.first()).context("a project")?.clone();
        Ok(Self { node: county, data: node.data, some_project, columns, rows, _folder: folder })
    }

    pub(crate) fn page(&self) -> &str {
        &self.node.page
    }

    /// The address of its database.
    pub(crate) fn database(&self) -> Result<String> {
        Ok(path(&self.data.join("tongpin.sqlite"))?.to_owned())
    }

    /// Its projects: codes and names.
    pub(crate) fn projects(&self) -> Vec<(String, String)> {
        let at = |name: &str| self.columns.iter().position(|column| column == name).unwrap_or_default();
        let (code, name) = (at("project_code"), at("project_name"));
        let cell = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
        self.rows.iter().map(|row| (cell(row, code), cell(row, name))).collect()
    }

    /// The processor time that the node has used.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        processor_time(&self.node.id().to_string())
    }

    /// All projects as an Excel file, as an office would send it.
    pub(crate) fn workbook(&self) -> Result<Vec<u8>> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in std::iter::once(&self.columns).chain(&self.rows).enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                // What is held already is not imported again, so every project gets another name.
                let renamed = row > 0 && self.columns.get(column).is_some_and(|name| name == "project_name");
                let cell = if renamed { format!("{cell}（更名）") } else { cell.clone() };
                sheet.write_string(u32::try_from(row)?, u16::try_from(column)?, cell)?;
            }
        }
        Ok(book.save_to_buffer()?)
    }
}

pub(crate) fn samples() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples")).to_owned()
}

/// Whoever reads the pages of a bureau.
pub(crate) fn account(bureau: &Bureau) -> Result<()> {
    let arguments = ["account", "add", ACCOUNT, "--display", "经办-001", "--duties", "enter", "--password-stdin"];
    bureau.run_told(&arguments, PASSWORD).map(|_| ())
}

/// A table: its columns, and its rows.
pub(crate) type Table = (Vec<String>, Vec<Vec<String>>);

/// A bureau of a county enters its projects and their lines, the first of which uses an indicator of the library.
pub(crate) fn entered(bureau: &Bureau, folder: &Path, sample: &Path, county: &str, indicator: &str) -> Result<Table> {
    let (columns, rows) = projects(sample, county)?;
    let projects = folder.join("projects.csv");
    write(&projects, &columns, &rows)?;
    let lines = folder.join("lines.csv");
    std::fs::write(&lines, self::lines(&rows, indicator))?;
    bureau.run(&["import", "projects", path(&projects)?, "--indicators", path(&lines)?])?;
    Ok((columns, rows))
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path in UTF-8")
}

/// The sample library over and over, under codes of its own, and the first of them.
fn library(sample: &Path) -> Result<(Vec<u8>, String)> {
    let mut reader = csv::Reader::from_path(sample)?;
    let header = reader.headers()?.clone();
    let entries: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header)?;
    let code = |cell: &str, number: usize| format!("{}-{number:05}", cell.split('-').next().unwrap_or("ZB"));
    let first = entries.first().and_then(|entry| entry.get(0)).context("an indicator")?;
    let first = code(first, 0);
    for (number, entry) in (0..INDICATORS).zip(entries.iter().cycle()) {
        let varied = |(at, cell): (usize, &str)| match header.get(at) {
            Some("code") => code(cell, number),
            Some("name") => format!("{cell} {number}"),
            _ => cell.to_owned(),
        };
        writer.write_record(entry.iter().enumerate().map(varied))?;
    }
    Ok((writer.into_inner()?, first))
}

/// The sample's projects over and over, all of one county.
fn projects(sample: &Path, county: &str) -> Result<Table> {
    let mut reader = csv::Reader::from_path(sample)?;
    let columns: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let entries: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    let sound = entries.iter().filter(|entry| entry.iter().next_back() == Some("")).cycle();
    let row = |(number, entry): (usize, &csv::StringRecord)| {
        let varied = |(name, cell): (&String, &str)| match name.as_str() {
            "project_code" => format!("{county}24T{number:012}"),
            "region_code" => county.to_owned(),
            "region_name" => "一个县".to_owned(),
            "mof_div_code" => format!("{county}000"),
            "township_code" => format!("{county}001"),
            "township_name" => "一个街道".to_owned(),
            "project_name" => format!("{cell} {number}"),
            _ => cell.to_owned(),
        };
        columns.iter().zip(entry.iter()).map(varied).collect()
    };
    let rows = (0..PROJECTS).zip(sound).map(row).collect();
    Ok((columns, rows))
}

fn lines(projects: &[Vec<String>], indicator: &str) -> String {
    use std::fmt::Write as _;
    let mut text = "project_code,seq,indicator_code,level1,level2,name,nature,unit,target,actual,qual_pct,weight,\
                    rule_type,rule_params,low_target_confirmed,self_score,deviation_reason,evidence_count\n"
        .to_owned();
    for (number, project) in projects.iter().enumerate() {
        let code = project.first().map_or("", String::as_str);
        for seq in 1..=LINES {
            let used = if seq == 1 { indicator } else { "" };
            let _ = writeln!(
                text,
                "{code},{seq},{used},产出,数量,完成数量 {seq},≥,个,{},{},,30,PROP_UP,,0,,因工期调整,0",
                100 + number % 7,
                100 + number % 5
            );
        }
    }
    text
}

fn write(path: &Path, columns: &[String], rows: &[Vec<String>]) -> Result<()> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(columns)?;
    rows.iter().try_for_each(|row| writer.write_record(row))?;
    Ok(writer.flush()?)
}
