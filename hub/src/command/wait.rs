//! `wait`: until every admitted child has applied what was rolled out to it.

use std::io;
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, sleep};
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::nodes::{self, Row};
use tongpin_console::output::Printed;

/// How often the database is asked.
const EVERY: Duration = Duration::from_millis(100);

/// What to wait for.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub wait                                等全部目录，最多 60 秒
  tongpin-hub wait --catalog rules --timeout 300
等到了，退出码为 0；超时为 1，并列出谁还没有、为什么。")]
pub(crate) struct Args {
    /// 只等这个目录；可重复
    #[arg(long, value_name = "目录")]
    catalog: Vec<String>,
    /// 最多等多少秒
    #[arg(long, value_name = "秒", default_value_t = 60)]
    timeout: u64,
}

#[derive(Serialize)]
struct Waited {
    complete: bool,
    nodes: usize,
    /// Children that lack something, with only what they lack.
    missing: Vec<Row>,
    not_joined: usize,
}

/// Waits.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let until = Instant::now() + Duration::from_secs(args.timeout);
    let label = app.output.pick("应用", "Applying");
    let mut bar = None;
    let waited = loop {
        let waited = look(nodes::rows(app).await?, &args.catalog);
        let bar = bar.get_or_insert_with(|| app.output.progress(waited.nodes as u64, label));
        bar.set_position(waited.nodes.saturating_sub(waited.missing.len()) as u64);
        if waited.complete || Instant::now() >= until {
            bar.finish_and_clear();
            break waited;
        }
        sleep(EVERY).await;
    };
    Ok(app.output.give(&waited)?)
}

/// Who lacks what of these catalogs; of all if none is named.
fn look(rows: Vec<Row>, catalogs: &[String]) -> Waited {
    let (active, others): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.status == "active");
    let asked = |name: &String| catalogs.is_empty() || catalogs.contains(name);
    let nodes = active.len();
    let missing: Vec<Row> = active
        .into_iter()
        .map(|mut row| {
            row.catalogs.retain(|catalog| !catalog.current && asked(&catalog.catalog));
            row
        })
        .filter(|row| !row.catalogs.is_empty())
        .collect();
    let not_joined = others.iter().filter(|row| row.status == "invited").count();
    Waited { complete: missing.is_empty(), nodes, missing, not_joined }
}

impl Printed for Waited {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (nodes, missing) = (self.nodes, self.missing.len());
        if self.nodes == 0 {
            output.tell(output.pick("没有已加入的单位。", "No child has joined."))?;
        } else if self.complete {
            let zh = format!("{nodes} 个单位均已应用推送的版本。");
            output.tell(output.pick(&zh, &format!("All {nodes} children have applied what was rolled out.")))?;
        } else {
            let zh = format!("时间已到：{nodes} 个单位中有 {missing} 个尚未应用：");
            output.tell(output.pick(&zh, &format!("Time is up: {missing} of {nodes} children lack something:")))?;
        }
        for row in &self.missing {
            output.tell(&format!(
                "  {} {}  {}  {}",
                row.region,
                row.name,
                row.link(output.lang),
                row.releases(output.lang)
            ))?;
        }
        if self.not_joined > 0 {
            let zh = format!("另有 {} 个单位已邀请、未加入，不在等待之列。", self.not_joined);
            output.tell(output.pick(&zh, &format!("{} more are invited and have not joined.", self.not_joined)))?;
        }
        Ok(())
    }

    fn exit(&self) -> Exit {
        if self.complete { Exit::Done } else { Exit::Different }
    }
}
