//! `collect list`: every collection and how far it has come.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::lang::Lang;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collections::{Row, rows};
use tongpin_console::output::Printed;

#[derive(Serialize)]
#[serde(transparent)]
struct Listed(Vec<Row>);

/// Lists the collections.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn run(app: &App) -> Result<Exit, Failure> {
    Ok(app.output.give(&Listed(rows(app).await?))?)
}

impl Printed for Listed {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.0.is_empty() {
            let zh = "还没有归集任务。用 collect open 开放一个。";
            return output.tell(output.pick(zh, "No collections yet: collect open makes one."));
        }
        let headers = match output.lang {
            Lang::Zh => ["代号", "名称", "期间", "截止", "状态", "已报", "待审核", "未报单位"],
            Lang::En => ["Id", "Title", "Period", "Due", "State", "Reported", "To review", "Missing"],
        };
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|row| {
                vec![
                    row.id.clone(),
                    row.title.clone(),
                    row.period.clone(),
                    row.due.clone(),
                    row.state(output.lang).to_owned(),
                    row.progress(),
                    row.awaiting(output.lang),
                    row.missing(output.lang),
                ]
            })
            .collect();
        output.print_table(&headers, &rows)
    }
}
