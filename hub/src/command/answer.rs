//! What a command answers: one document for programs, words and tables for people, and an exit code.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;

use crate::failure::Failure;

/// The result of a command.
pub(crate) trait Answer: Serialize {
    /// Prints it for a person.
    ///
    /// # Errors
    /// What stdout refused.
    fn tell(&self, output: Output) -> io::Result<()>;

    /// How the process ends.
    fn exit(&self) -> Exit {
        Exit::Done
    }
}

/// Prints an answer in the form that was asked for.
///
/// # Errors
/// [`Failure::Printing`].
pub(crate) fn give(output: Output, answer: &impl Answer) -> Result<Exit, Failure> {
    if output.json {
        output.print_json(answer)?;
    } else {
        answer.tell(output)?;
    }
    Ok(answer.exit())
}

/// Asks at the terminal before something that is hard to undo, unless `--yes` was given.
///
/// # Errors
/// [`Failure::Unconfirmed`] without a terminal, [`Failure::Declined`] after a no.
pub(crate) fn confirm(output: Output, question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if output.json || !io::stdin().is_terminal() {
        return Err(Failure::Unconfirmed);
    }
    let mut out = io::stderr().lock();
    write!(out, "{question} {}", output.pick("[输入 是 或 yes 确认] ", "[type yes to go on] "))?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    match line.trim().to_lowercase().as_str() {
        "是" | "y" | "yes" => Ok(()),
        _ => Err(Failure::Declined),
    }
}

/// Tells lines, each indented, and how many more there are beyond the first `shown`.
///
/// # Errors
/// What stdout refused.
pub(crate) fn tell_list(output: Output, lines: &[String], shown: usize) -> io::Result<()> {
    for line in lines.iter().take(shown) {
        output.tell(&format!("  {line}"))?;
    }
    let rest = lines.len().saturating_sub(shown);
    if rest > 0 {
        let zh = format!("  ……另有 {rest} 条，用 --json 可看全部");
        let en = format!("  … and {rest} more; --json shows all");
        output.tell(output.pick(&zh, &en))?;
    }
    Ok(())
}
