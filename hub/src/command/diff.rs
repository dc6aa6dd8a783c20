//! `diff`: what publishing a draft would change, field by field, and who uses what would be retired.

use tongpin_console::exit::Exit;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::diff::differences;

mod shown;

/// Whose draft.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 目录，如 indicators
    #[arg(value_name = "目录")]
    catalog: String,
}

/// Compares the draft with what is published.
///
/// # Errors
/// There is no draft, or the database cannot be read.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    Ok(app.output.give(&differences(app, &args.catalog).await?)?)
}
