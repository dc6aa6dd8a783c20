//! The city program (市级平台): it parses, wires and runs; what the commands do is in `command`.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _};
use tongpin_console::exit::Exit;
use tongpin_console::help;
use tongpin_console::lifecycle;
use tongpin_console::logging::{self, LogFormat};

mod app;
mod command;
mod failure;
mod ops;
mod settings;
mod web;

use command::CommandLine;

fn main() -> anyhow::Result<ExitCode> {
    let matches = match help::localised(CommandLine::command()).try_get_matches() {
        Ok(matches) => matches,
        Err(error) if help::wants(error.kind()) => error.exit(),
        Err(error) => return Ok(help::output_before_parsing().fail(Exit::Usage, &help::Misuse::of(&error)).into()),
    };
    let line = CommandLine::from_arg_matches(&matches).context("the command line was read by the same definition")?;
    let output = line.globals.output();
    if let Err(error) = logging::begin(LogFormat::Human, line.globals.log.as_deref(), &line.log_level()) {
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
