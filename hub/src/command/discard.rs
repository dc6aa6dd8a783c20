//! `discard`: gives a draft up.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_link::publish::PublishError;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::catalogs::titled;
use tongpin_console::output::Printed;

/// Whose draft.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 目录，如 indicators
    #[arg(value_name = "目录")]
    catalog: String,
    /// 不再询问
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Discarded {
    catalog: String,
    entries: usize,
}

/// Deletes the draft of a catalog; what is published stays.
///
/// # Errors
/// There is none, or nothing was confirmed.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let id = app.catalog(&args.catalog);
    let draft = app.store().draft(&id).await?.ok_or_else(|| PublishError::NoDraft(id.clone()))?;
    let entries = draft.entries.len();
    let zh = format!("将放弃目录 {} 的草稿（{entries} 条，经办 {}）。确定？", titled(&args.catalog), draft.by);
    let en = format!("This discards the draft of {} ({entries} entries by {}). Go on?", args.catalog, draft.by);
    app.output.confirm(&zh, &en, args.yes)?;
    let entry = app.audit_entry("", "catalog_discard", &args.catalog, "");
    if !app.store().audited_if(&entry, app.store().discard_draft(&id, Some(draft.at))).await? {
        let zh = format!("目录 {} 的草稿刚刚又有改动，没有放弃；请核对后再试", titled(&args.catalog));
        let en = format!("the draft of {} was changed just now and is still there; look at it again", args.catalog);
        return Err(Failure::input(zh, en));
    }
    Ok(app.output.give(&Discarded { catalog: args.catalog, entries })?)
}

impl Printed for Discarded {
    fn tell(&self, output: Output) -> io::Result<()> {
        let zh = format!("已放弃目录 {} 的草稿（{} 条）；已发布的内容不变。", titled(&self.catalog), self.entries);
        let en = format!("The draft of {} is discarded; what is published stays.", self.catalog);
        output.tell(output.pick(&zh, &en))
    }
}
