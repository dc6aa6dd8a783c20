//! `tongpin-node`: the program of a county or township bureau. It keeps the bureau's own records, follows its parent,
//! serves its townships, and lets out only what a collection asks and the bureau allows.

mod api;
mod app;
mod background;
mod command;
mod failure;
mod guidance;
mod ops;
mod records;
mod settings;
mod sheets;
mod web;
mod words;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _};
use tongpin_console::exit::Exit;
use tongpin_console::help;
use tongpin_console::lifecycle;
use tongpin_console::logging::{self, LogFormat};

use crate::command::CommandLine;

fn main() -> anyhow::Result<ExitCode> {
    let matches = match help::localised(CommandLine::command()).try_get_matches() {
        Ok(matches) => matches,
        Err(error) if help::wants(error.kind()) => error.exit(),
        Err(error) => return Ok(help::output_before_parsing().fail(Exit::Usage, &help::Misuse::of(&error)).into()),
    };
    let line = CommandLine::from_arg_matches(&matches).context("the command line was read by the same definition")?;
    let output = line.globals.output();
    if let Err(error) = logging::begin(LogFormat::default(), line.globals.log.as_deref(), &line.log_level()) {
        return Ok(output.fail(Exit::Usage, &error).into());
    }
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not be started")?;
    let exit = runtime.block_on(line.run()).unwrap_or_else(|failure| {
        tracing::debug!(error = failure.chain(), "the command failed");
        output.fail(failure.exit(), &failure)
    });
    lifecycle::finish(runtime);
    Ok(exit.into())
}
