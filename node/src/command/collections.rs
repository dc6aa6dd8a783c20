//! `collections`: what the parent asks, until when, and how far this bureau has come.

use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::summary::{self, CollectionLine};

#[derive(Serialize)]
#[serde(transparent)]
struct Told(Vec<CollectionLine>);

/// Shows the collections.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn run(app: &App) -> Result<Exit, Failure> {
    Ok(app.output.give(&Told(summary::collections(app).await?))?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.0.is_empty() {
            return say(output, "上级目前没有要求本级上报的归集任务", "nothing is asked of this node");
        }
        let headers = [
            output.pick("任务", "collection"),
            output.pick("名称", "title"),
            output.pick("期间", "period"),
            output.pick("截止", "due"),
            output.pick("状态", "state"),
        ];
        let rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|line| {
                vec![
                    line.id.clone(),
                    line.title.clone(),
                    line.period.clone(),
                    line.due.clone(),
                    line.standing(output.lang),
                ]
            })
            .collect();
        output.print_table(&headers, &rows)?;
        for line in &self.0 {
            if let Some(at) = line.reminded_at {
                let id = &line.id;
                say(output, &format!("{id} 上级催报：{at}"), &format!("{id}: the parent reminded of it on {at}"))?;
            }
        }
        for line in self.0.iter().filter(|line| !line.reasons.is_empty()) {
            let reasons = line.reasons.join(output.pick("；", "; "));
            let id = &line.id;
            say(output, &format!("{id} 退回原因：{reasons}"), &format!("{id} was returned: {reasons}"))?;
        }
        if self.0.iter().any(|line| matches!(line.state, "open" | "returned")) {
            say(
                output,
                "下一步：preview 任务 查看将上报的内容，submit 任务 --by 审核人 上报",
                "next: preview COLLECTION, then submit COLLECTION --by NAME",
            )?;
        }
        Ok(())
    }
}
