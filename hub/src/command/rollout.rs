//! `rollout`: who gets which release of a catalog, and widening that in waves.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::catalogs::titled;
use crate::ops::nodes::{self, CatalogRow};
use crate::ops::rollout::{newest, widen};
use tongpin_console::output::Printed;

/// Which catalog, and to whom the newest release shall go.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub rollout rules                   查看
  tongpin-hub rollout rules --to 320582       第二批
  tongpin-hub rollout rules --all             全部")]
pub(crate) struct Args {
    /// 目录，如 rules
    #[arg(value_name = "目录")]
    catalog: String,
    /// 把最新一版推给这些区划，用逗号隔开
    #[arg(long, value_name = "区划代码", value_delimiter = ',', conflicts_with = "all")]
    to: Vec<RegionCode>,
    /// 把最新一版推给全部
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct State {
    catalog: String,
    /// The newest release, 0 for none.
    number: u64,
    nodes: Vec<NodeState>,
}

#[derive(Serialize)]
struct NodeState {
    region: RegionCode,
    name: String,
    #[serde(flatten)]
    release: Option<CatalogRow>,
}

/// Shows, after widening it if that was asked for.
///
/// # Errors
/// Nothing is published, a region is not inside the city, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let id = app.catalog(&args.catalog);
    let number = newest(app, &args.catalog).await?;
    if args.all || !args.to.is_empty() {
        let whom: Vec<&str> = args.to.iter().map(RegionCode::as_str).collect();
        let whom = if whom.is_empty() { "全部".to_owned() } else { whom.join("、") };
        widen(app, &args.catalog, &args.to, &app.audit_entry("", "catalog_rollout", &args.catalog, &whom)).await?;
    }
    let rows = nodes::rows(app).await?.into_iter().filter(|row| row.status == "active");
    let nodes = rows.map(|row| NodeState {
        region: row.region,
        name: row.name,
        release: row.catalogs.into_iter().find(|one| one.publisher == id.publisher && one.catalog == id.name),
    });
    Ok(app.output.give(&State { catalog: args.catalog, number, nodes: nodes.collect() })?)
}

impl Printed for State {
    fn tell(&self, output: Output) -> io::Result<()> {
        let zh = format!("目录 {}，最新为第 {} 版", titled(&self.catalog), self.number);
        output.tell(output.pick(&zh, &format!("{}, newest release {}", self.catalog, self.number)))?;
        if self.nodes.is_empty() {
            return output.tell(output.pick("没有已加入的单位。", "No child has joined."));
        }
        let headers = match output.lang {
            Lang::Zh => ["区划", "名称", "推送", "状态"],
            Lang::En => ["Region", "Name", "Due", "State"],
        };
        let rows: Vec<Vec<String>> = self
            .nodes
            .iter()
            .map(|node| {
                let due = node.release.as_ref().map_or(0, |release| release.due);
                let state = match &node.release {
                    Some(release) if release.due > 0 => release.said(output.lang),
                    _ => output.pick("未推送", "not rolled out").to_owned(),
                };
                let due = if due == 0 { "—".to_owned() } else { due.to_string() };
                vec![node.region.to_string(), node.name.clone(), due, state]
            })
            .collect();
        output.print_table(&headers, &rows)
    }
}
