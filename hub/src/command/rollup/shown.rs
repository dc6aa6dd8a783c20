//! A roll-up as a person reads it: coverage and method first, then the figures.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::output::Output;

use crate::ops::rollup::RolledUp;
use tongpin_console::output::Printed;

/// The answer of `rollup`.
#[derive(Serialize)]
pub(super) struct Answered {
    #[serde(flatten)]
    pub(super) rolled_up: RolledUp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) out: Option<PathBuf>,
    /// Whether a table is printed.
    #[serde(skip)]
    pub(super) table: bool,
}

impl Printed for Answered {
    fn tell(&self, output: Output) -> io::Result<()> {
        for line in self.rolled_up.head(output.lang) {
            output.tell(&line)?;
        }
        let (headers, rows) = self.rolled_up.rows(output.lang);
        if self.table {
            if rows.is_empty() {
                output.tell(output.pick("还没有可汇总的上报。", "Nothing to roll up yet."))?;
            } else {
                output.print_table(&headers, &rows)?;
            }
        }
        if let Some(out) = &self.out {
            let lines = rows.len();
            let zh = format!("已写入 {}（{lines} 行）", out.display());
            output.tell(output.pick(&zh, &format!("{} lines written to {}", lines, out.display())))?;
        }
        Ok(())
    }
}
