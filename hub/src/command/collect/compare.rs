//! `collect diff`: what changed between two revisions of one region's report.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected;
use crate::ops::collections::compare::{Change, changes};
use tongpin_console::output::Printed;

/// Whose report, and which revisions.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub collect diff county-scores 320581                最近两次
  tongpin-hub collect diff county-scores 320581 --from 1 --to 3")]
pub(crate) struct Args {
    /// 任务代号
    #[arg(value_name = "代号")]
    id: String,
    /// 区划代码
    #[arg(value_name = "区划代码")]
    region: RegionCode,
    /// 较早的一次；默认是倒数第二次
    #[arg(long, value_name = "次数")]
    from: Option<u64>,
    /// 较晚的一次；默认是最近一次
    #[arg(long, value_name = "次数")]
    to: Option<u64>,
}

#[derive(Serialize)]
struct Compared {
    collection: String,
    region: RegionCode,
    name: String,
    from: u64,
    to: u64,
    changes: Vec<Change>,
}

/// Compares two revisions.
///
/// # Errors
/// There are no two, or the database cannot be read.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let Args { id, region, from, to } = args;
    let asked = app.collection(&id).await?.collection;
    let regions = app.regions().await?;
    let all = collected::revisions(app, &id, &regions, &region).await?;
    let numbers: Vec<u64> = all.iter().map(|received| received.revision).collect();
    let to = to.or_else(|| numbers.last().copied()).unwrap_or(0);
    let from = from.or_else(|| numbers.iter().rev().find(|number| **number < to).copied()).unwrap_or(0);
    let revision = |wanted: u64| {
        let found = all.iter().find(|received| received.revision == wanted);
        let list: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let (zh, en) = if list.is_empty() {
            (format!("{region} 还没有上报过“{id}”"), format!("{region} has sent nothing for {id:?}"))
        } else {
            let list = list.join("、");
            (
                format!("{region} 对“{id}”只有第 {list} 次上报，没有可比较的另一次"),
                format!("{region} sent only {list} for {id:?}"),
            )
        };
        found.ok_or_else(|| Failure::input(zh, en)).and_then(collected::read)
    };
    let changes = changes(&asked, &revision(from)?, &revision(to)?, app.output.lang);
    let name = regions.name(&region);
    Ok(app.output.give(&Compared { collection: id, region, name, from, to, changes })?)
}

impl Printed for Compared {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { collection, region, name, from, to, changes } = self;
        let count = changes.len();
        let zh = format!("{region} {name} 对“{collection}”的第 {from} 次与第 {to} 次上报：{count} 处不同");
        let en = format!("{region} {name}, {collection:?}, revisions {from} and {to}: {count} differences");
        output.tell(output.pick(&zh, &en))?;
        if changes.is_empty() {
            return Ok(());
        }
        let headers = match output.lang {
            Lang::Zh => ["表", "分组", "项目", "之前", "之后"],
            Lang::En => ["Table", "Group", "Measure", "Before", "After"],
        };
        let none = output.pick("（无）", "(none)");
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| none.to_owned());
        let rows: Vec<Vec<String>> = changes
            .iter()
            .map(|one| {
                vec![one.table.clone(), one.group.clone(), one.measure.clone(), shown(&one.before), shown(&one.after)]
            })
            .collect();
        output.print_table(&headers, &rows)
    }
}
