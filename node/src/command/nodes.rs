//! `nodes`: the townships, whether they are heard of, and what each holds.

use std::io;

use serde::Serialize;
use tongpin_console::disk;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::guidance;
use crate::ops::summary::{self, ChildLine};

#[derive(Serialize)]
#[serde(transparent)]
struct Told(Vec<ChildLine>);

/// Shows the townships.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn run(app: &App) -> Result<Exit, Failure> {
    let regions = guidance::regions(app.store()).await?;
    Ok(app.output.give(&Told(summary::children(app, &regions).await?))?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.0.is_empty() {
            return say(output, "还没有下级；用 invite 邀请乡镇", "no townships yet; invite one");
        }
        let headers = [
            output.pick("区划", "region"),
            output.pick("名称", "name"),
            output.pick("状态", "state"),
            output.pick("最近联系", "last contact"),
            output.pick("证书到期", "certificate ends"),
            output.pick("目录", "catalogs"),
            output.pick("时钟差（秒）", "clock (s)"),
            output.pick("磁盘剩余", "disk free"),
            output.pick("软件", "software"),
        ];
        let dash = || "—".to_owned();
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|child| {
                vec![
                    child.region.to_string(),
                    child.name.clone(),
                    child.standing(output.lang),
                    child.last_contact.map_or_else(dash, |at| at.to_string()),
                    child.certificate_ends.map_or_else(dash, |at| at.to_string()),
                    child.lacks(output.lang),
                    child.clock_offset_ms.map_or_else(dash, |ms| (ms / 1000).to_string()),
                    child.disk_free.map_or_else(dash, disk::shown_bytes),
                    child.software.clone(),
                ]
            })
            .collect();
        output.print_table(&headers, &rows)?;
        for (zh, en) in self.0.iter().filter_map(|child| child.twin.as_ref()) {
            say(output, zh, en)?;
        }
        for child in self.0.iter().filter(|child| child.left_behind > 0) {
            let (region, count) = (&child.region, child.left_behind);
            say(
                output,
                &format!(
                    "注意：{region} 的数据库是从旧备份恢复的，有 {count} 条记录它自己已没有，本级仍保留；请与其核对"
                ),
                &format!("note: {region} was restored from an older copy and lacks {count} records that are kept here"),
            )?;
        }
        Ok(())
    }
}
