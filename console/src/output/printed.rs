//! What a command prints: one document for programs, words and tables for people, and an exit code.

use std::io;

use serde::Serialize;

use super::Output;
use crate::exit::Exit;

/// The result of a command.
pub trait Printed: Serialize {
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

impl Output {
    /// Prints a result in the form that was asked for.
    ///
    /// # Errors
    /// What stdout refused.
    pub fn give(self, result: &impl Printed) -> io::Result<Exit> {
        if self.json {
            self.print_json(result)?;
        } else {
            result.tell(self)?;
        }
        Ok(result.exit())
    }

    /// Tells lines, each indented, and how many more there are beyond the first `shown`.
    ///
    /// # Errors
    /// What stdout refused.
    pub fn tell_list(&self, lines: &[String], shown: usize) -> io::Result<()> {
        for line in lines.iter().take(shown) {
            self.tell(&format!("  {line}"))?;
        }
        let rest = lines.len().saturating_sub(shown);
        if rest > 0 {
            let zh = format!("  ……另有 {rest} 条，用 --json 可看全部");
            let en = format!("  … and {rest} more; --json shows all");
            self.tell(self.pick(&zh, &en))?;
        }
        Ok(())
    }
}
