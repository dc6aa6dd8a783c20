//! `collect show`: one collection, what it asks, and where every region stands with it.

use std::io;

use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::Say;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collections::status::{CollectionStatus, gather};
use tongpin_console::output::Printed;

/// Which collection.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 任务代号，如 county-scores
    #[arg(value_name = "代号")]
    id: String,
}

/// Shows a collection.
///
/// # Errors
/// There is none of this id, or the database cannot be read.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    Ok(app.output.give(&gather(app, &args.id).await?)?)
}

impl Printed for CollectionStatus {
    fn tell(&self, output: Output) -> io::Result<()> {
        let lang = output.lang;
        output.tell(&format!("{}  {}", self.collection.id, self.collection.say(lang)))?;
        if !self.collection.method.is_empty() {
            output.tell(&format!("{}{}", lang.pick("汇总方法：", "Method: "), self.collection.method))?;
        }
        output.tell(&self.state(lang))?;
        output.print_table(&Self::headers(lang), &self.rows(lang))
    }
}
