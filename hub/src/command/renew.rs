//! `renew`: gives this hub a new certificate of its own at once, as after a wrong clock made one that is not valid.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::moment::Moment;
use tongpin_link::clock_watch::Blame;
use tongpin_link::downlink::CERTIFICATE_LIFE;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::nodes;
use tongpin_console::output::Printed;

/// What to renew.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub renew                 先核对本机时钟，再换发本级证书
证书平时自动续期；时钟出过错、证书尚未生效时用这个命令。serve 在运行的，一分钟内自动启用新证书，不必重启。")]
pub(crate) struct Args {
    /// 多数区县的时钟与本机不一致时也换发（确认本机时钟无误才用）
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Renewed {
    valid_from: Moment,
    valid_until: Moment,
}

/// Renews.
///
/// # Errors
/// The clock is most likely wrong, or the files cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let rows = nodes::rows(app).await?;
    if let (Blame::Ours { ahead_ms, peers }, false) = (nodes::blame(&rows), args.yes) {
        let minutes = ahead_ms / 60_000;
        return Err(Failure::input(
            format!("{peers} 个区县的时钟与本机相差 {minutes} 分钟，本机时钟可能有误；请先校准，确认无误的加 --yes"),
            format!("{peers} children's clocks differ from this one by {minutes} minutes: set it, or add --yes"),
        ));
    }
    let (identity, now) = (app.site.identity(), app.site.now());
    let entry = app.audit_entry("", "certificate_renew", identity.region().as_str(), "");
    let renewed = async { app.site.renew_identity(identity.renew_own_leaf(CERTIFICATE_LIFE, now)?) };
    app.store().audited(&entry, async { renewed.await.map_err(Failure::from) }).await?;
    let own = app.site.identity();
    Ok(app.output.give(&Renewed { valid_from: own.not_before(), valid_until: own.not_after() })?)
}

impl Printed for Renewed {
    fn tell(&self, output: Output) -> io::Result<()> {
        let Self { valid_from, valid_until } = self;
        let zh = format!("本级证书已换发，{valid_from} 至 {valid_until} 有效；serve 在运行的，一分钟内自动启用。");
        let en =
            format!("The own certificate is renewed, valid {valid_from} to {valid_until}; serve takes it up itself.");
        output.tell(output.pick(&zh, &en))
    }
}
