//! `status`: how this node stands, what a person needs to see first.

use std::io;

use tongpin_console::disk;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::lang::{Lang, Say as _};

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::summary::{StallLine, Summary};
use crate::words::catalog;

/// Shows how the node stands.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn run(app: &App) -> Result<Exit, Failure> {
    Ok(app.output.give(&Summary::gather(app).await?)?)
}

impl Printed for Summary {
    fn tell(&self, output: Output) -> io::Result<()> {
        let lang = output.lang;
        facts(self, output)?;
        for said in self.troubles(lang) {
            output.tell(&said)?;
        }
        let headers = [
            output.pick("目录", "catalog"),
            output.pick("发布单位", "publisher"),
            output.pick("版本", "release"),
            output.pick("条目", "entries"),
        ];
        let rows: Vec<Vec<String>> = self
            .catalogs
            .iter()
            .map(|line| {
                let name = if lang == Lang::Zh {
                    format!("{} {}", line.catalog, catalog::title(&line.catalog, lang))
                } else {
                    line.catalog.clone()
                };
                vec![name, line.publisher.to_string(), line.release.to_string(), line.entries.to_string()]
            })
            .collect();
        if rows.is_empty() {
            say(output, "\n还没有收到目录", "\nno catalogs have come yet")?;
        } else {
            output.tell("")?;
            output.print_table(&headers, &rows)?;
        }
        if !self.collections.is_empty() {
            output.tell("")?;
            let headers =
                [output.pick("归集任务", "collection"), output.pick("截止", "due"), output.pick("状态", "state")];
            let rows: Vec<Vec<String>> = self
                .collections
                .iter()
                .map(|line| vec![line.id.clone(), line.due.clone(), line.standing(lang)])
                .collect();
            output.print_table(&headers, &rows)?;
        }
        for stall in &self.stalls {
            let StallLine { collection, since, reason_zh, reason_en } = stall;
            say(
                output,
                &format!("自动上报受阻 {collection}（{since} 起）：{reason_zh}"),
                &format!("not submitted by itself: {collection} (since {since}): {reason_en}"),
            )?;
        }
        for unasked in &self.unasked {
            output.tell(&unasked.say(lang))?;
        }
        if !self.children.is_empty() {
            output.tell("")?;
            let headers = [
                output.pick("下级", "township"),
                output.pick("名称", "name"),
                output.pick("状态", "state"),
                output.pick("目录", "catalogs"),
            ];
            let rows: Vec<Vec<String>> = self
                .children
                .iter()
                .map(|child| {
                    vec![child.region.to_string(), child.name.clone(), child.standing(lang), child.lacks(lang)]
                })
                .collect();
            output.print_table(&headers, &rows)?;
        }
        for unread in &self.unread {
            say(output, &unread.say(Lang::Zh), &unread.say(Lang::En))?;
        }
        if let Some(restored) = &self.restored {
            output.tell(&format!("{}{}", output.pick("恢复：", "restored: "), restored.say(lang)))?;
            say(output, "请用 take-back 或在“恢复”页面处理", "settle it with take-back or on the page Restored")?;
        }
        for aside in &self.set_aside {
            output.tell(&aside.say(output.lang))?;
        }
        Ok(())
    }
}

fn facts(summary: &Summary, output: Output) -> io::Result<()> {
    let lang = output.lang;
    let fact = |zh: &str, en: &str, value: &str| {
        output.tell(&format!("{}{}{value}", output.pick(zh, en), output.pick("：", ": ")))
    };
    let Summary { region, name, software, parent, .. } = summary;
    fact("本级", "this node", &format!("{region} {name}, {software}"))?;
    let running = match &summary.serving {
        Some(serving) => {
            let page = serving
                .page
                .as_ref()
                .map(|page| format!("{} {page}", output.pick("，管理页面", ", console")))
                .unwrap_or_default();
            format!("{} {}{page}", output.pick("运行中，监听", "running on"), serving.listen)
        }
        None => output.pick("没有运行", "not running").to_owned(),
    };
    fact("serve", "serve", &running)?;
    fact("上级", "parent", &format!("{} {}, {}", parent.region, parent.name, parent.address))?;
    fact("连接", "link", &summary.link(lang))?;
    fact("待上级确认", "unacknowledged", &summary.waiting(lang))?;
    fact("证书有效期至", "certificate ends", &summary.certificate_ends.to_string())?;
    let count = |kind: &str| summary.records.get(kind).copied().unwrap_or(0);
    let (projects, lines) = (count("project"), count("project_indicator"));
    let records = match lang {
        Lang::Zh => format!("项目 {projects}，项目绩效指标 {lines}，有问题未计入 {}", summary.set_aside.len()),
        Lang::En => format!("{projects} projects, {lines} indicator lines, {} set aside", summary.set_aside.len()),
    };
    fact("记录", "records", &records)?;
    fact("评分", "scores", &summary.scoring(lang))?;
    let size = disk::shown_bytes(summary.database_bytes);
    fact("数据库", "database", &format!("{size}{} {}", output.pick("，实例", ", incarnation"), summary.incarnation))
}
