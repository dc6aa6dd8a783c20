//! `nodes`: every child with its link, its certificate and its releases.

use std::io;

use serde::Serialize;
use tongpin_console::disk::shown_bytes;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::Lang;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::nodes::{Row, day, rows};
use tongpin_console::output::Printed;

#[derive(Serialize)]
#[serde(transparent)]
struct Listed(Vec<Row>);

/// Lists the children.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn run(app: &App) -> Result<Exit, Failure> {
    Ok(app.output.give(&Listed(rows(app).await?))?)
}

impl Printed for Listed {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.0.is_empty() {
            let zh = "还没有下级单位。用 invite 区划代码 邀请区县加入。";
            return output.tell(output.pick(zh, "No children yet: invite REGION lets one in."));
        }
        let headers = match output.lang {
            Lang::Zh => ["区划", "名称", "连接", "目录", "证书到期", "时钟", "磁盘余量", "软件"],
            Lang::En => ["Region", "Name", "Link", "Catalogs", "Cert. ends", "Clock", "Disk free", "Software"],
        };
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|row| {
                vec![
                    row.code(output.lang),
                    row.name.clone(),
                    row.link(output.lang),
                    row.releases(output.lang),
                    day(row.certificate_ends),
                    row.clock(output.lang),
                    row.disk_free_bytes.map_or_else(|| "—".to_owned(), shown_bytes),
                    if row.software.is_empty() { "—".to_owned() } else { row.software.clone() },
                ]
            })
            .collect();
        output.print_table(&headers, &rows)?;
        for (zh, en) in self.0.iter().filter_map(|row| row.twin.as_ref()) {
            output.tell(output.pick(zh, en))?;
        }
        Ok(())
    }
}
