//! A folder shaped like `samples/`, cut into what each bureau enters itself.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use csv::StringRecord;

use super::samples;

/// One county and what it, or its township, enters.
#[derive(Debug, Clone)]
pub struct County {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The township that enters the projects, if not the county itself: code and name.
    pub township: Option<(String, String)>,
    projects: Vec<StringRecord>,
    lines: Vec<StringRecord>,
}

/// The folder's content.
#[derive(Debug, Clone)]
pub struct DataFolder {
    folder: PathBuf,
    /// The city's code and name.
    pub city: (String, String),
    /// The counties, by code.
    pub counties: Vec<County>,
    project_header: StringRecord,
    line_header: StringRecord,
    /// Project codes in the order of `projects.csv`.
    pub order: Vec<String>,
}

impl DataFolder {
    /// Reads the folder. Catalogs that it lacks are taken from `samples/`.
    ///
    /// # Errors
    /// A file is missing or broken, or a project lies in no county of `regions.csv`.
    pub fn read(folder: &Path) -> Result<Self> {
        let (region_header, regions) = read_csv(&folder.join("regions.csv"))?;
        let column = |header: &StringRecord, name: &str| {
            header.iter().position(|found| found == name).with_context(|| format!("没有 {name} 列"))
        };
        let (code, name) = (column(&region_header, "code")?, column(&region_header, "name")?);
        let (level, aliases) = (column(&region_header, "level")?, column(&region_header, "alias_codes")?);
        let city = regions.iter().find(|region| &region[level] == "市").context("regions.csv names no city （市）")?;
        let mut home: HashMap<String, String> = HashMap::new();
        let mut counties: BTreeMap<String, County> = BTreeMap::new();
        for region in regions.iter().filter(|region| &region[level] == "县") {
            let own = region[code].to_owned();
            home.insert(own.clone(), own.clone());
            for alias in region[aliases].split(';').filter(|alias| !alias.is_empty()) {
                home.insert(alias.to_owned(), own.clone());
            }
            let county = County {
                code: own.clone(),
                name: region[name].to_owned(),
                township: None,
                projects: Vec::new(),
                lines: Vec::new(),
            };
            counties.insert(own, county);
        }
        let (project_header, projects) = read_csv(&folder.join("projects.csv"))?;
        let (line_header, lines) = read_csv(&folder.join("project_indicators.csv"))?;
        let project_code = column(&project_header, "project_code")?;
        let region_code = column(&project_header, "region_code")?;
        let mut county_of: HashMap<String, String> = HashMap::new();
        let mut order = Vec::new();
        for project in projects {
            let county = home
                .get(&project[region_code])
                .with_context(|| format!("projects.csv：{} 不在 regions.csv 的区县之中", &project[region_code]))?;
            county_of.insert(project[project_code].to_owned(), county.clone());
            order.push(project[project_code].to_owned());
            counties.get_mut(county).context("a county")?.projects.push(project);
        }
        let line_code = column(&line_header, "project_code")?;
        for line in lines {
            let county = county_of
                .get(&line[line_code])
                .with_context(|| format!("project_indicators.csv：{} 不在 projects.csv 之中", &line[line_code]))?;
            counties.get_mut(county).context("a county")?.lines.push(line);
        }
        let mut counties: Vec<County> = counties.into_values().collect();
        choose_townships(&mut counties, &project_header)?;
        let city = (city[code].to_owned(), city[name].to_owned());
        Ok(Self { folder: folder.to_owned(), city, counties, project_header, line_header, order })
    }

    /// How many projects there are.
    #[must_use]
    pub fn projects(&self) -> usize {
        self.order.len()
    }

    /// How many lines of indicators there are.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.counties.iter().map(|county| county.lines.len()).sum()
    }

    /// A file of the folder, or the one of `samples/` where the folder has none.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        let own = self.folder.join(name);
        if own.exists() { own } else { samples().join(name) }
    }

    /// What the folder says the outcome should be, if it does.
    #[must_use]
    pub fn expected(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(name)).ok()
    }

    /// The year that the projects belong to.
    ///
    /// # Errors
    /// There is no project, or its year is not a number.
    pub fn fiscal_year(&self) -> Result<i32> {
        let column = self
            .project_header
            .iter()
            .position(|name| name == "fiscal_year")
            .context("projects.csv 没有 fiscal_year 列")?;
        let project =
            self.counties.iter().flat_map(|county| &county.projects).next().context("projects.csv 没有项目")?;
        project[column].trim().parse().with_context(|| format!("fiscal_year 不是年份：{}", &project[column]))
    }

    /// Writes the files that one county's bureau, or its township's, enters.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn write_entries(&self, county: &County, folder: &Path) -> Result<(PathBuf, PathBuf)> {
        std::fs::create_dir_all(folder)?;
        let projects = folder.join(format!("projects-{}.csv", county.code));
        let lines = folder.join(format!("project_indicators-{}.csv", county.code));
        write_csv(&projects, &self.project_header, &county.projects)?;
        write_csv(&lines, &self.line_header, &county.lines)?;
        Ok((projects, lines))
    }
}

impl County {
    /// How many projects it has.
    #[must_use]
    pub fn projects(&self) -> usize {
        self.projects.len()
    }

    /// How many lines of indicators it has.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines.len()
    }
}

/// Two counties let a township enter their projects: those in which one township has the most of them.
fn choose_townships(counties: &mut [County], header: &StringRecord) -> Result<()> {
    let column = |name: &str| header.iter().position(|found| found == name).with_context(|| format!("没有 {name} 列"));
    let (code, name) = (column("township_code")?, column("township_name")?);
    let busiest = |county: &County| {
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        let own = county.projects.iter().filter(|project| project[code].starts_with(&county.code));
        for project in own.filter(|project| project[code].len() == 9) {
            *counts.entry((project[code].to_owned(), project[name].to_owned())).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(township, count)| (*count, std::cmp::Reverse(township.clone())))
    };
    let mut found: Vec<(usize, usize, (String, String))> = counties
        .iter()
        .enumerate()
        .filter_map(|(index, county)| busiest(county).map(|(township, count)| (count, index, township)))
        .collect();
    found.sort_by_key(|(count, index, _)| (std::cmp::Reverse(*count), *index));
    for (_, index, township) in found.into_iter().take(2) {
        counties[index].township = Some(township);
    }
    Ok(())
}

fn read_csv(path: &Path) -> Result<(StringRecord, Vec<StringRecord>)> {
    let shown = path.display();
    let mut reader = csv::Reader::from_path(path).with_context(|| format!("{shown}"))?;
    let header = reader.headers().with_context(|| format!("{shown}"))?.clone();
    let rows = reader.records().collect::<Result<Vec<_>, _>>().with_context(|| format!("{shown}"))?;
    ensure!(!rows.is_empty(), "{shown} 没有数据行");
    Ok((header, rows))
}

fn write_csv(path: &Path, header: &StringRecord, rows: &[StringRecord]) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().from_path(path).with_context(|| format!("{}", path.display()))?;
    writer.write_record(header)?;
    rows.iter().try_for_each(|row| writer.write_record(row))?;
    Ok(writer.flush()?)
}
