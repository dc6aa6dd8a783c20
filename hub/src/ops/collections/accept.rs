//! 通过: a report that waits for a person (人工审核) is accepted, in a signed receipt, and counts from then on.

use tongpin_domain::region::RegionCode;
use tongpin_link::report;
use tongpin_store::{Approved, Verdict};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected;

/// Accepts a report; returns the number of the receipt.
///
/// # Errors
/// There is no such report, it does not wait, or the database cannot be written.
pub(crate) async fn accept(app: &App, id: &str, region: &RegionCode, revision: u64, by: &str) -> Result<u64, Failure> {
    let said = |zh: String, en: String| Err(Failure::input(zh, en));
    let sender = collected::sender(app, id, region, revision).await?;
    match report::accept(&app.site, id, &sender, revision, by).await? {
        Approved::Done { receipt } => Ok(receipt),
        Approved::Missing => said(
            format!("没有收到过 {region} 对“{id}”的第 {revision} 次上报"),
            format!("{region} sent no revision {revision} for {id:?}"),
        ),
        Approved::Decided(Verdict::Returned) => said(
            format!("{region} 的第 {revision} 次上报已退回，不能再通过；请等对方更正后重新上报"),
            format!("revision {revision} of {region} was returned; a new revision is needed"),
        ),
        Approved::Decided(Verdict::Replaced) => said(
            format!("{region} 的第 {revision} 次上报已被更新的一次取代，请查看更新的那一次"),
            format!("a newer revision took the place of revision {revision} of {region}; look at that one"),
        ),
        Approved::Decided(_) => said(
            format!("{region} 的第 {revision} 次上报已接收，无需再审"),
            format!("revision {revision} of {region} is accepted already"),
        ),
        Approved::Closed => said(
            format!("归集任务“{id}”已关闭，不能审核通过；请先写明原因重新开放"),
            format!("{id:?} is closed, and nothing is accepted; open it again with a reason first"),
        ),
    }
}
