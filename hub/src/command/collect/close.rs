//! `collect close` and `collect reopen`: a closed period takes no reports until it is opened again with a reason.

use std::io;

use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::{Lang, Say};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;
use crate::ops::collections::decide::{Decided, decide};
use tongpin_console::output::Printed;

/// What to close.
#[derive(Debug, clap::Args)]
pub(crate) struct Close {
    /// 任务代号
    #[arg(value_name = "代号")]
    id: String,
    /// 谁关闭
    #[arg(long, value_name = "姓名", env = "TONGPIN_BY")]
    by: String,
    /// 原因
    #[arg(long, value_name = "原因", default_value = "")]
    reason: String,
    /// 不再询问
    #[arg(long)]
    yes: bool,
}

/// What to open again, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct Reopen {
    /// 任务代号
    #[arg(value_name = "代号")]
    id: String,
    /// 重新开放的原因
    #[arg(long, value_name = "原因")]
    reason: String,
    /// 谁决定
    #[arg(long, value_name = "姓名", env = "TONGPIN_BY")]
    by: String,
}

/// Closes a collection.
///
/// # Errors
/// There is none of this id, nothing was confirmed, or the database cannot be written.
pub(crate) async fn close(app: &App, args: Close) -> Result<Exit, Failure> {
    let evidence = Collected::gather(app, &args.id).await?;
    if evidence.open {
        let zh =
            format!("将关闭归集任务 {}（{}），之后的上报一律退回。确定？", args.id, evidence.coverage.say(Lang::Zh));
        let en = format!("This closes {} ({}). Go on?", args.id, evidence.coverage.say(Lang::En));
        app.output.confirm(&zh, &en, args.yes)?;
    }
    let entry = app.audit_entry(&args.by, "collection_close", &args.id, args.reason.trim());
    Ok(app.output.give(&decide(app, evidence, false, &args.by, &entry).await?)?)
}

/// Opens a collection again.
///
/// # Errors
/// There is none of this id, no reason, or the database cannot be written.
pub(crate) async fn reopen(app: &App, args: Reopen) -> Result<Exit, Failure> {
    if args.reason.trim().is_empty() {
        return Err(Failure::input("请写明重新开放的原因", "the reason is needed"));
    }
    let evidence = Collected::gather(app, &args.id).await?;
    let entry = app.audit_entry(&args.by, "collection_reopen", &args.id, args.reason.trim());
    Ok(app.output.give(&decide(app, evidence, true, &args.by, &entry).await?)?)
}

impl Printed for Decided {
    fn tell(&self, output: Output) -> io::Result<()> {
        let id = &self.collection;
        let coverage = self.coverage.say(output.lang);
        let (zh, en) = match (self.open, self.changed) {
            (true, true) => ("已重新开放，可以上报", "is open again"),
            (true, false) => ("本来就开放，未作改动", "was open already"),
            (false, true) => ("已关闭，不再接收上报", "is closed"),
            (false, false) => ("此前已关闭，未作改动", "was closed already"),
        };
        let zh = format!("归集任务 {id} {zh}。{coverage}");
        output.tell(output.pick(&zh, &format!("Collection {id} {en}. {coverage}")))
    }
}
