//! The differences as a person reads them.

use std::io;

use tongpin_console::output::Output;

use crate::ops::catalogs::titled;
use crate::ops::diff::{Differences, FieldChange, Named};
use tongpin_console::output::Printed;

/// How many entries of each kind are shown.
const SHOWN: usize = 50;
/// How much of a field is shown.
const WIDTH: usize = 60;

impl Differences {
    fn tell_head(&self, output: Output) -> io::Result<()> {
        let (added, changed, retired) = (self.added.len(), self.changed.len(), self.retired.len());
        let against = match self.release {
            0 => output.pick("尚未发布过", "nothing published yet").to_owned(),
            n => output.pick(&format!("与已发布的第 {n} 版相比"), &format!("against release {n}")).to_owned(),
        };
        let zh = format!(
            "目录 {} 的草稿（经办 {}，{}），{against}：新增 {added} 条，修改 {changed} 条，停用 {retired} 条，不变 {} 条",
            titled(&self.catalog),
            self.drafted_by,
            self.drafted_at,
            self.unchanged
        );
        let en = format!(
            "Draft of {} (by {}, {}), {against}: {added} added, {changed} changed, {retired} retired, {} unchanged",
            self.catalog, self.drafted_by, self.drafted_at, self.unchanged
        );
        output.tell(output.pick(&zh, &en))?;
        if self.note.is_empty() {
            return Ok(());
        }
        output.tell(&format!("{}{}", output.pick("说明：", "Note: "), self.note))
    }

    fn tell_retired(&self, output: Output) -> io::Result<()> {
        if self.retired.is_empty() {
            return Ok(());
        }
        let zh = if self.usage_known {
            "停用："
        } else {
            "停用（还没有相关上报，不知道哪些单位在用）："
        };
        let en = if self.usage_known { "Retired:" } else { "Retired (no report tells yet who uses them):" };
        output.tell(output.pick(zh, en))?;
        for entry in self.retired.iter().take(SHOWN) {
            let users: Vec<String> = entry
                .used_by
                .iter()
                .map(|using| format!("{} {} {}", using.name, using.records, output.pick("项", "records")))
                .collect();
            let users = match (users.is_empty(), self.usage_known) {
                (true, true) => output.pick(" —— 上报中无人使用", " — unused in reports").to_owned(),
                (true, false) => String::new(),
                _ => format!(" —— {}{}", output.pick("在用：", "used by "), users.join(output.pick("、", ", "))),
            };
            output.tell(&format!("  - {}{users}", entry.named.shown()))?;
        }
        tell_more(output, self.retired.len())
    }
}

impl Named {
    fn shown(&self) -> String {
        if self.title.is_empty() { self.key.clone() } else { format!("{} {}", self.key, self.title) }
    }
}

fn tell_more(output: Output, all: usize) -> io::Result<()> {
    let more = all.saturating_sub(SHOWN);
    if more == 0 {
        return Ok(());
    }
    let zh = format!("  ……另有 {more} 条，用 --json 可看全部");
    output.tell(output.pick(&zh, &format!("  … and {more} more; --json shows all")))
}

/// Enough of a field to see what changed.
fn shortened(text: Option<&String>, output: Output) -> String {
    let Some(text) = text else { return output.pick("（无）", "(none)").to_owned() };
    let mut shown: String = text.chars().take(WIDTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(WIDTH).is_some() {
        shown.push('…');
    }
    if shown.is_empty() { output.pick("（空）", "(blank)").to_owned() } else { shown }
}

impl Printed for Differences {
    fn tell(&self, output: Output) -> io::Result<()> {
        self.tell_head(output)?;
        if !self.added.is_empty() {
            output.tell(output.pick("新增：", "Added:"))?;
        }
        for entry in self.added.iter().take(SHOWN) {
            output.tell(&format!("  + {}", entry.shown()))?;
        }
        tell_more(output, self.added.len())?;
        if !self.changed.is_empty() {
            output.tell(output.pick("修改：", "Changed:"))?;
        }
        for entry in self.changed.iter().take(SHOWN) {
            output.tell(&format!("  ~ {}", entry.named.shown()))?;
            for FieldChange { field, before, after } in &entry.fields {
                let (before, after) = (shortened(before.as_ref(), output), shortened(after.as_ref(), output));
                output.tell(&format!("      {field}: {before} → {after}"))?;
            }
        }
        tell_more(output, self.changed.len())?;
        self.tell_retired(output)
    }
}
