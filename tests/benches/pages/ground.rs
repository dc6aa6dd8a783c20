//! A county's node full of projects, and the city above it with its library.

use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tongpin_tests::process::{Bureau, Program, Running};

/// Projects in the node, and indicators in the city's library.
pub(crate) const PROJECTS: usize = 20_000;
const INDICATORS: usize = 10_000;
/// Indicator lines of a project.
const LINES: usize = 3;
const COUNTY: &str = "320581";

/// The running programs. Fields are dropped in this order: the folder goes last.
pub(crate) struct Ground {
    node: Running,
    _hub: Running,
    pub(crate) account: String,
    pub(crate) password: String,
    pub(crate) some_project: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    _folder: TempDir,
}

impl Ground {
    pub(crate) fn prepare() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let hub = Bureau::new(Program::Hub, folder.path(), "hub");
        hub.run(&["init", "--region", "320500", "--name", "苏州市"])?;
        let city = hub.serve()?;
        let samples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples"));
        let library = folder.path().join("indicators.csv");
        std::fs::write(&library, self::library(&samples.join("indicators.csv"))?)?;
        for (catalog, file) in
            [("regions", samples.join("regions.csv")), ("rules", samples.join("rules.toml")), ("indicators", library)]
        {
            hub.run(&["import", catalog, path(&file)?, "--by", "经办-001"])?;
            hub.run(&["publish", catalog, "--by", "审核-002", "--yes"])?;
        }
        let node = Bureau::new(Program::Node, folder.path(), COUNTY);
        let invited = hub.ask(&["invite", COUNTY, "--address", &city.listen, "--by", "经办-001"])?;
        node.run(&["join", invited["token"].as_str().context("a token")?])?;
        let county = node.serve()?;
        hub.run(&["wait", "--timeout", "120"])?;

        let (columns, rows) = projects(&samples.join("projects.csv"))?;
        let projects = folder.path().join("projects.csv");
        write(&projects, &columns, &rows)?;
        let lines = folder.path().join("lines.csv");
        std::fs::write(&lines, self::lines(&rows))?;
        node.run(&["import", "projects", path(&projects)?, "--indicators", path(&lines)?])?;
        node.run(&["score"])?;
        let (account, password) = ("jingban".to_owned(), "Harvest-canal-48".to_owned());
        node.run_told(
            &["account", "add", &account, "--display", "经办-001", "--duties", "enter", "--password-stdin"],
            &password,
        )?;
        let some_project = rows.get(PROJECTS / 2).and_then(|row| row.first()).context("a project")?.clone();
        Ok(Self { node: county, _hub: city, account, password, some_project, columns, rows, _folder: folder })
    }

    pub(crate) fn page(&self) -> &str {
        &self.node.page
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

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path in UTF-8")
}

/// The sample library over and over, under codes of its own.
fn library(sample: &Path) -> Result<Vec<u8>> {
    let mut reader = csv::Reader::from_path(sample)?;
    let header = reader.headers()?.clone();
    let entries: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header)?;
    for (number, entry) in (0..INDICATORS).zip(entries.iter().cycle()) {
        let varied = |(at, cell): (usize, &str)| match header.get(at) {
            Some("code") => format!("{}-{number:05}", cell.split('-').next().unwrap_or("ZB")),
            Some("name") => format!("{cell} {number}"),
            _ => cell.to_owned(),
        };
        writer.write_record(entry.iter().enumerate().map(varied))?;
    }
    Ok(writer.into_inner()?)
}

/// The sample's projects over and over, all of one county.
fn projects(sample: &Path) -> Result<(Vec<String>, Vec<Vec<String>>)> {
    let mut reader = csv::Reader::from_path(sample)?;
    let columns: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let entries: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    let sound = entries.iter().filter(|entry| entry.iter().next_back() == Some("")).cycle();
    let row = |(number, entry): (usize, &csv::StringRecord)| {
        let varied = |(name, cell): (&String, &str)| match name.as_str() {
            "project_code" => format!("{COUNTY}24T{number:012}"),
            "region_code" => COUNTY.to_owned(),
            "region_name" => "常熟市".to_owned(),
            "mof_div_code" => format!("{COUNTY}000"),
            "township_code" => format!("{COUNTY}101"),
            "township_name" => "虞山街道".to_owned(),
            "project_name" => format!("{cell} {number}"),
            _ => cell.to_owned(),
        };
        columns.iter().zip(entry.iter()).map(varied).collect()
    };
    let rows = (0..PROJECTS).zip(sound).map(row).collect();
    Ok((columns, rows))
}

fn lines(projects: &[Vec<String>]) -> String {
    use std::fmt::Write as _;
    let mut text = "project_code,seq,indicator_code,level1,level2,name,nature,unit,target,actual,qual_pct,weight,\
                    rule_type,rule_params,low_target_confirmed,self_score,deviation_reason,evidence_count\n"
        .to_owned();
    for (number, project) in projects.iter().enumerate() {
        let code = project.first().map_or("", String::as_str);
        for seq in 1..=LINES {
            let _ = writeln!(
                text,
                "{code},{seq},,产出,数量,完成数量 {seq},≥,个,{},{},,30,PROP_UP,,0,,因工期调整,0",
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
