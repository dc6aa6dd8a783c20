//! `revoke`: a township's certificates no longer hold, from its next request on.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::region::RegionCode;
use tongpin_link::admin;

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::townships;

/// Whose certificates, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node revoke 320581101 --reason 设备遗失")]
pub(crate) struct Args {
    /// 乡镇的区划代码
    #[arg(value_name = "区划代码")]
    region: RegionCode,
    /// 原因，留档备查
    #[arg(long, value_name = "原因")]
    reason: String,
    /// 不再询问
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Told {
    region: RegionCode,
    certificates: u64,
    reason: String,
}

/// Revokes.
///
/// # Errors
/// There is no such child, no reason, no confirmation, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    admin::node(&app.site, &args.region).await?;
    app.output.confirm(
        &format!("将吊销 {} 的全部证书，其连接立即中断。", args.region),
        &format!("All certificates of {} will be revoked and its link ends at once.", args.region),
        args.yes,
    )?;
    let entry = app.entry("", "node_revoke", args.region.as_str(), "");
    let revoked = townships::revoke(app, &args.region, &args.reason, &entry).await?;
    let told = Told { region: args.region, certificates: revoked.certificates, reason: args.reason };
    Ok(app.output.give(&told)?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { region, certificates, reason } = self;
        say(
            output,
            &format!(
                "已吊销 {region} 的 {certificates} 张证书（原因：{reason}）。已收到的数据保留；如需恢复，请重新 invite"
            ),
            &format!(
                "{certificates} certificates of {region} are revoked ({reason}). What was received stays; invite to let it back in"
            ),
        )
    }
}
