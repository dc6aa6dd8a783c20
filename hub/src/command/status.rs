//! `status`: what a person at the city needs to know at a glance.

use std::io;

use tongpin_console::disk::shown_bytes;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::{Lang, Say};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::catalogs::titled;
use crate::ops::status::{Status, gather};
use tongpin_console::output::Printed;

/// Shows the state.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn run(app: &App) -> Result<Exit, Failure> {
    Ok(app.output.give(&gather(app).await?)?)
}

impl Printed for Status {
    fn tell(&self, output: Output) -> io::Result<()> {
        let lang = output.lang;
        let serving = self.serving.as_ref().map_or_else(
            || lang.pick("未运行（用 serve 启动）", "not running (start it with serve)").to_owned(),
            |serving| {
                let page = serving.page.as_deref().unwrap_or_else(|| lang.pick("未开", "off"));
                let zh = format!("运行中，监听 {}，管理页面 {page}，自 {}", serving.listen, serving.since);
                let en = format!("up on {}, page {page}, since {}", serving.listen, serving.since);
                lang.pick(&zh, &en).to_owned()
            },
        );
        let facts = [
            (lang.pick("单位", "Bureau"), format!("{} {}", self.region, self.name)),
            (lang.pick("服务", "Service"), serving),
            (lang.pick("证书到期", "Certificate ends"), self.certificate_ends.to_string()),
            (lang.pick("数据目录", "Data folder"), self.data.display().to_string()),
            (lang.pick("数据库大小", "Database size"), shown_bytes(self.database_bytes)),
            (lang.pick("下级单位", "Children"), self.nodes.said(lang)),
        ];
        for (label, value) in facts {
            output.tell(&format!("{label}{}{value}", lang.pick("：", ": ")))?;
        }
        let headers = match lang {
            Lang::Zh => ["目录", "版本", "条目", "发布时间", "草稿"],
            Lang::En => ["Catalog", "Release", "Entries", "Published", "Draft"],
        };
        let rows: Vec<Vec<String>> = self
            .catalogs
            .iter()
            .map(|state| {
                let name = if lang == Lang::Zh { titled(&state.catalog) } else { state.catalog.clone() };
                let number = if state.number == 0 { "—".to_owned() } else { state.number.to_string() };
                let at =
                    state.published_at.map_or_else(|| lang.pick("未发布", "never").to_owned(), |at| at.to_string());
                vec![name, number, state.entries.to_string(), at, state.draft_said(lang)]
            })
            .collect();
        output.tell("")?;
        output.print_table(&headers, &rows)?;
        for row in &self.collections {
            let zh = format!("归集 {}（{}）：{}，{}", row.id, row.title, row.state(lang), row.coverage.say(lang));
            let en = format!("Collection {}: {}, {}", row.id, row.state(lang), row.coverage.say(lang));
            output.tell(lang.pick(&zh, &en))?;
        }
        Ok(())
    }
}
