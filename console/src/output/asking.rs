//! Asking the person at the terminal before a step that is hard to undo.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::Output;
use crate::failure::Common;

impl Output {
    /// Asks, unless `--yes` was given.
    ///
    /// # Errors
    /// [`Common::Unconfirmed`] where nobody can be asked, [`Common::Declined`] after a no.
    pub fn confirm(&self, zh: &str, en: &str, yes: bool) -> Result<(), Common> {
        if yes {
            return Ok(());
        }
        if self.json || !self.terminal || !io::stdin().is_terminal() {
            return Err(Common::Unconfirmed);
        }
        let mut out = io::stderr().lock();
        write!(out, "{} {}", self.pick(zh, en), self.pick("[输入 是 或 yes 确认] ", "[type yes to go on] "))?;
        out.flush()?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        match line.trim().to_lowercase().as_str() {
            "是" | "y" | "yes" => Ok(()),
            _ => Err(Common::Declined),
        }
    }
}
