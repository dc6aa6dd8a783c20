//! The federation that the demo founds: who runs, and what is done at each bureau, in the order of a real year.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::data::{County, DataFolder};
use crate::process::{Bureau, Program, Running};

/// The two collections of the demo, by the name of the template that they are opened from.
pub(super) const COLLECTIONS: [&str; 2] = ["county-scores", "fund-indicators"];

/// How long anything may take before the demo gives up.
const PATIENCE: Duration = Duration::from_mins(2);

/// Who drafts and who approves, at every bureau of the demo.
const DRAFTER: &str = "经办-001";
const APPROVER: &str = "审核-002";

/// A county's node, and its township's if it has one.
#[derive(Debug)]
pub struct CountyNode {
    /// Its code and name.
    pub code: String,
    /// 名称
    pub name: String,
    /// The county's bureau.
    pub bureau: Bureau,
    /// The township's bureau, if a township enters the projects.
    pub township: Option<Bureau>,
    projects: usize,
    lines: usize,
}

/// A running federation. Dropping it stops every process.
#[derive(Debug)]
pub struct Federation {
    /// The city's bureau.
    pub hub: Bureau,
    /// The counties' bureaus, by code.
    pub counties: Vec<CountyNode>,
    running: Vec<(String, PathBuf, Running)>,
    work: PathBuf,
}

impl Federation {
    /// Makes the city's hub, invites the counties and their townships, and starts them all.
    ///
    /// # Errors
    /// A command fails or a program does not start.
    pub fn found(data: &DataFolder, work: &Path, tell: &mut dyn FnMut(&str)) -> Result<Self> {
        let began = Instant::now();
        let hub = Bureau::new(Program::Hub, work, "hub");
        hub.run(&["init", "--region", &data.city.0, "--name", &data.city.1])?;
        let city = hub.serve()?;
        let address = city.listen.clone();
        let mut running = vec![(format!("市级平台 {}", data.city.1), hub.data.clone(), city)];
        let mut counties = Vec::new();
        for county in &data.counties {
            let bureau = Bureau::new(Program::Node, work, &county.code);
            let served = join_and_serve(&hub, &address, &bureau, &county.code)?;
            let listen = served.listen.clone();
            running.push((format!("{} {}", county.code, county.name), bureau.data.clone(), served));
            let mut township = None;
            if let Some((code, name)) = &county.township {
                let office = Bureau::new(Program::Node, work, code);
                let served = join_and_serve(&bureau, &listen, &office, code)?;
                let title = format!("{code} {name}（{} 的乡镇节点）", county.name);
                running.push((title, office.data.clone(), served));
                township = Some(office);
            }
            counties.push(CountyNode {
                code: county.code.clone(),
                name: county.name.clone(),
                bureau,
                township,
                projects: county.projects(),
                lines: county.lines(),
            });
        }
        let townships = counties.iter().filter(|county| county.township.is_some()).count();
        tell(&format!(
            "组网：1 个市级平台、{} 个区县节点、{townships} 个乡镇节点，双向 TLS 1.3（{}）",
            counties.len(),
            took(began)
        ));
        Ok(Self { hub, counties, running, work: work.to_owned() })
    }

    /// The programs by name, as they run.
    pub fn running(&self) -> impl Iterator<Item = (&str, &Running)> {
        self.running.iter().map(|(name, _, running)| (name.as_str(), running))
    }

    /// The name and the running program of a bureau.
    #[must_use]
    pub fn of(&self, bureau: &Bureau) -> Option<(&str, &Running)> {
        let found = self.running.iter().find(|(_, data, _)| *data == bureau.data);
        found.map(|(name, _, running)| (name.as_str(), running))
    }

    /// Whether every program still runs.
    pub fn is_alive(&mut self) -> bool {
        self.running.iter_mut().all(|(_, _, running)| running.is_alive())
    }

    /// Imports and publishes the catalogs, and waits until every node has applied them.
    ///
    /// # Errors
    /// A command fails, or a node does not apply a release in time.
    pub fn publish_guidance(&self, data: &DataFolder, tell: &mut dyn FnMut(&str)) -> Result<()> {
        let began = Instant::now();
        let catalogs = [
            ("regions", "regions.csv"),
            ("rules", "rules.toml"),
            ("indicators", "indicators.csv"),
            ("experts", "experts.csv"),
            ("procedures", "procedures.csv"),
            ("funds", "funds.csv"),
            ("forms", "forms/road_dispatch.toml"),
            ("calendars", "calendars/2025.toml"),
        ];
        // Another folder need not have what came later.
        let later = ["forms", "calendars"];
        let there = |catalog: &str, file: &str| !later.contains(&catalog) || data.file(file).is_file();
        let catalogs: Vec<_> = catalogs.into_iter().filter(|(catalog, file)| there(catalog, file)).collect();
        for (catalog, file) in &catalogs {
            let file = data.file(file);
            let file = file.to_str().context("a path in UTF-8")?;
            self.hub.run(&["import", catalog, file, "--by", DRAFTER])?;
            self.hub.run(&["publish", catalog, "--by", APPROVER, "--yes"])?;
        }
        self.wait_for_nodes()?;
        tell(&format!("发布：{} 个目录已由全部节点校验并应用（{}）", catalogs.len(), took(began)));
        Ok(())
    }

    fn wait_for_nodes(&self) -> Result<()> {
        self.hub.run(&["wait", "--timeout", "120"])?;
        // What the counties relay to their townships.
        for county in self.counties.iter().filter(|county| county.township.is_some()) {
            county.bureau.run(&["wait", "--timeout", "120"])?;
        }
        Ok(())
    }

    /// Lets every county, or its township, enter its own projects.
    ///
    /// # Errors
    /// A command fails, or a township's records do not arrive in time.
    pub fn enter_projects(&self, data: &DataFolder, tell: &mut dyn FnMut(&str)) -> Result<()> {
        let began = Instant::now();
        let folder = self.work.join("entered");
        let own: Vec<(&CountyNode, &County)> = self.counties.iter().zip(&data.counties).collect();
        for (node, county) in own {
            if county.projects() == 0 {
                continue;
            }
            let (projects, lines) = data.write_entries(county, &folder)?;
            let by = node.township.as_ref().unwrap_or(&node.bureau);
            let path = |path: &'_ Path| path.to_str().map(str::to_owned).context("a path in UTF-8");
            by.run(&["import", "projects", &path(&projects)?])?;
            if county.lines() > 0 {
                by.run(&["import", "indicators", &path(&lines)?])?;
            }
        }
        for node in self.counties.iter().filter(|node| node.township.is_some()) {
            until("乡镇记录到达区县", || {
                let status = node.bureau.ask(&["status"])?;
                let count = |kind: &str| status["records"][kind].as_u64().unwrap_or(0);
                Ok(count("project") == node.projects as u64 && count("project_indicator") == node.lines as u64)
            })?;
        }
        let townships = self.counties.iter().filter(|node| node.township.is_some()).count();
        tell(&format!("录入：{} 个项目，其中 {townships} 个区县由乡镇录入后上送（{}）", data.projects(), took(began)));
        Ok(())
    }

    /// Scores the projects at every county.
    ///
    /// # Errors
    /// A command fails.
    pub fn score(&self, tell: &mut dyn FnMut(&str)) -> Result<()> {
        let began = Instant::now();
        for county in &self.counties {
            county.bureau.run(&["score"])?;
        }
        tell(&format!("评分：各区县按市级规则为本级项目评分（{}）", took(began)));
        Ok(())
    }

    /// Opens the two collections, lets every county approve and submit its answer, and waits for the receipts.
    ///
    /// # Errors
    /// A command fails, or an answer is returned or does not arrive in time.
    pub fn collect(&self, data: &DataFolder, tell: &mut dyn FnMut(&str)) -> Result<()> {
        let began = Instant::now();
        let year = data.fiscal_year()?;
        let due = format!("{}-03-31", year + 1);
        for template in COLLECTIONS {
            let year = year.to_string();
            let open = ["collect", "open", "--template", template, "--period", &year, "--due", &due];
            self.hub.run(&[&open[..], &["--by", DRAFTER, "--approved-by", APPROVER]].concat())?;
        }
        self.wait_for_nodes()?;
        for county in &self.counties {
            for collection in COLLECTIONS {
                county.bureau.run(&["preview", collection])?;
                county.bureau.run(&["submit", collection, "--by", APPROVER, "--yes"])?;
            }
        }
        for county in &self.counties {
            until("市级回执", || {
                let asked = county.bureau.ask(&["collections"])?;
                let states: Vec<&str> = asked
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|row| COLLECTIONS.contains(&row["id"].as_str().unwrap_or_default()))
                    .map(|row| row["state"].as_str().unwrap_or_default())
                    .collect();
                if states.contains(&"returned") {
                    bail!("{} 的上报被退回：{asked}", county.name);
                }
                Ok(states.len() == COLLECTIONS.len() && states.iter().all(|state| *state == "accepted"))
            })?;
        }
        tell(&format!("归集：{} 个区县的两项归集均已审核、上报并收到回执（{}）", self.counties.len(), took(began)));
        Ok(())
    }
}

fn join_and_serve(parent: &Bureau, address: &str, child: &Bureau, region: &str) -> Result<Running> {
    let invited = parent.ask(&["invite", region, "--address", address, "--by", DRAFTER])?;
    let token = invited["token"].as_str().context("invite prints a token")?;
    child.run(&["join", token])?;
    child.serve()
}

/// Asks again and again until something holds.
///
/// # Errors
/// It fails, or does not hold in time.
fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while !holds()? {
        if began.elapsed() > PATIENCE {
            bail!("等待“{what}”超过 {} 秒", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn took(began: Instant) -> String {
    format!("{:.1} 秒", began.elapsed().as_secs_f64())
}
