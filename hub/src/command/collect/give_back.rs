//! `collect return`: a report goes back with reasons, in a signed receipt; its author sends a new revision.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::region::RegionCode;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collections::give_back::give_back;
use tongpin_console::output::Printed;

/// Which report, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub collect return county-scores 320581 --revision 1 --reason 两个项目的完成值有误 --by 审核人
退回后这份上报不再计入汇总；对方更正后重新上报（次数加一）。")]
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
    /// 退回原因；可重复
    #[arg(long, value_name = "原因", required = true)]
    reason: Vec<String>,
    /// 谁退回
    #[arg(long, value_name = "姓名", env = "TONGPIN_BY")]
    by: String,
}

#[derive(Serialize)]
struct Returned {
    collection: String,
    region: RegionCode,
    name: String,
    revision: u64,
    receipt: u64,
}

/// Returns a report.
///
/// # Errors
/// There is no such report, no reason, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let reasons: Vec<String> = args.reason.iter().map(|reason| reason.trim().to_owned()).collect();
    if reasons.iter().any(String::is_empty) || args.by.trim().is_empty() {
        return Err(Failure::input("请写明退回原因和退回人", "the reason and the name are needed"));
    }
    let Args { id, region, revision, by, .. } = args;
    app.collection(&id).await?;
    let (subject, detail) = (format!("{id} {region} 第 {revision} 次"), reasons.join("；"));
    let entry = app.audit_entry(&by, "report_return", &subject, &detail);
    let step = give_back(app, &id, &region, revision, &reasons, by.trim());
    let done = |given: &Result<Option<u64>, _>| Some(matches!(given, Ok(Some(_))));
    let receipt = app.store().audited_as(&entry, step, done).await?;
    let Some(receipt) = receipt else {
        return Err(Failure::input(
            format!("没有收到过 {region} 对“{id}”的第 {revision} 次上报；可用 collect show {id} 查看"),
            format!("{region} sent no revision {revision} for {id:?}; see collect show {id}"),
        ));
    };
    let name = app.regions().await?.name(&region);
    Ok(app.output.give(&Returned { collection: id, region, name, revision, receipt })?)
}

impl Printed for Returned {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { collection, region, name, revision, receipt } = self;
        let zh =
            format!("已退回 {region} {name} 对“{collection}”的第 {revision} 次上报（回执 {receipt}），不再计入汇总。");
        let en = format!("Revision {revision} of {region} {name} for {collection:?} is returned (receipt {receipt}).");
        output.tell(output.pick(&zh, &en))
    }
}
