//! `collect accept`: a report that waits for a person (人工审核) is accepted, in a signed receipt, and counts from then on.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collections::accept::accept;
use tongpin_console::output::Printed;

/// Which report.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub collect accept county-scores 320581 --revision 1 --by 审核人
只有“人工审核”的任务需要；通过后这份上报计入汇总。有问题的用 collect return 退回。")]
pub(crate) struct Args {
    /// 任务代号
    #[arg(value_name = "代号")]
    id: String,
    /// 哪个单位的上报
    #[arg(value_name = "区划代码")]
    region: RegionCode,
    /// 第几次上报
    #[arg(long, value_name = "次数")]
    revision: u64,
    /// 谁审核
    #[arg(long, value_name = "姓名", env = "TONGPIN_BY")]
    by: String,
}

#[derive(Serialize)]
struct Accepted {
    collection: String,
    region: RegionCode,
    name: String,
    revision: u64,
    receipt: u64,
}

/// Accepts a report.
///
/// # Errors
/// There is no such report, it does not wait, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let Args { id, region, revision, by } = args;
    if by.trim().is_empty() {
        return Err(Failure::input("请用 --by 写明审核人", "give the name with --by"));
    }
    app.collection(&id).await?;
    let subject = format!("{id} {region} 第 {revision} 次");
    let entry = app.audit_entry(&by, "report_accept", &subject, "");
    let step = accept(app, &id, &region, revision, by.trim());
    let receipt = app.store().audited(&entry, step).await?;
    let name = app.regions().await?.name(&region);
    Ok(app.output.give(&Accepted { collection: id, region, name, revision, receipt })?)
}

impl Printed for Accepted {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { collection, region, name, revision, receipt } = self;
        output.tell(&match output.lang {
            Lang::Zh => {
                format!("已通过 {region} {name} 对“{collection}”的第 {revision} 次上报（回执 {receipt}），计入汇总。")
            }
            Lang::En => format!(
                "Revision {revision} of {region} {name} for {collection:?} is accepted (receipt {receipt}) and counts."
            ),
        })
    }
}
