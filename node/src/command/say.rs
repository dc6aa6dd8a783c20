//! One sentence of a command, in the language that was chosen.

use std::io;

use tongpin_console::output::Output;

/// Tells it.
///
/// # Errors
/// The output does not take it.
pub(super) fn say(output: Output, zh: &str, en: &str) -> io::Result<()> {
    output.tell(output.pick(zh, en))
}
