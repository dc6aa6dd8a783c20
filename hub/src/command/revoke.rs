//! `revoke`: shuts one region out; it bites on the next request.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::region::RegionCode;
use tongpin_link::admin;

use crate::app::App;
use crate::failure::Failure;
use tongpin_console::output::Printed;

/// Whom to shut out, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub revoke 320581 --reason 设备遗失
吊销后对方立即断开；数据不受影响。要恢复，重新 invite，对方用新的加入码加入。")]
pub(crate) struct Args {
    /// 区划代码
    #[arg(value_name = "区划代码")]
    region: RegionCode,
    /// 原因
    #[arg(long, value_name = "原因")]
    reason: String,
    /// 不再询问
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Revocation {
    region: RegionCode,
    name: String,
    certificates: u64,
}

/// Revokes all certificates of a region.
///
/// # Errors
/// The region is no child, nothing was confirmed, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    admin::node(&app.site, &args.region).await?;
    let name = app.regions().await?.name(&args.region);
    let zh = format!("将吊销 {} {name} 的证书，对方立即断开。确定？", args.region);
    let en = format!("This revokes the certificates of {} {name} and ends its link. Go on?", args.region);
    app.output.confirm(&zh, &en, args.yes)?;
    let entry = app.audit_entry("", "node_revoke", args.region.as_str(), args.reason.trim());
    let step = admin::revoke(&app.site, &args.region, &args.reason);
    let revoked = app.store().audited(&entry, step).await?;
    Ok(app.output.give(&Revocation { region: args.region, name, certificates: revoked.certificates })?)
}

impl Printed for Revocation {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { region, name, certificates } = self;
        let zh = format!("已吊销 {region} {name} 的 {certificates} 张证书。要恢复，请重新 invite。");
        let en = format!("{certificates} certificates of {region} {name} are revoked. To let it in again, invite it.");
        output.tell(output.pick(&zh, &en))
    }
}
