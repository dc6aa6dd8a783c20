//! A command's result in the two forms that every command has: words for a person, one JSON document for a program.

use std::io;

use serde::Serialize;
use tongpin_console::output::Output;

use crate::failure::Failure;

/// A result that can be told.
pub(crate) trait Shown: Serialize {
    /// Tells it to a person.
    ///
    /// # Errors
    /// The output does not take it.
    fn tell(&self, output: Output) -> io::Result<()>;
}

/// Prints a result in the form that was asked for.
///
/// # Errors
/// [`Failure::Printing`].
pub(crate) fn give(output: Output, result: &impl Shown) -> Result<(), Failure> {
    let printed = if output.json { output.print_json(result) } else { result.tell(output) };
    Ok(printed?)
}

/// Tells one sentence in the language that was chosen.
///
/// # Errors
/// The output does not take it.
pub(crate) fn say(output: Output, zh: &str, en: &str) -> io::Result<()> {
    output.tell(output.pick(zh, en))
}
