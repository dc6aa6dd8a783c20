//! `preview`: exactly what would leave, before it leaves.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::collection::{Collection, Measure, Table};
use tongpin_domain::lang::Say;
use tongpin_domain::report::{Report, ReportTable};

use crate::app::App;
use crate::command::files::write_file;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::submit::ReportDraft;
use crate::words::figure::{self, figure, is_nothing};

/// Groups that a person is shown at once; the file and `--json` have all.
const SHOWN: usize = 40;

/// What to preview.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node preview county-scores
  tongpin-node preview county-scores --out 拟上报.json     保存将要送出的原文，供审核存档")]
pub(crate) struct Args {
    /// 归集任务（collections 中的“任务”）
    #[arg(value_name = "任务")]
    collection: String,
    /// 把将要送出的原文（JSON）保存到文件
    #[arg(long, value_name = "文件")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Told<'a> {
    already_sent: bool,
    remarks: Vec<String>,
    payload: &'a Report,
    #[serde(skip)]
    collection: &'a Collection,
    #[serde(skip)]
    projects: usize,
    #[serde(skip)]
    file: Option<PathBuf>,
}

/// Shows what would leave.
///
/// # Errors
/// Nothing of that name is asked, the egress contract does not allow it, or scores are missing or out of date.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let draft = ReportDraft::prepare(app, &args.collection, "").await?;
    let ReportDraft { answer, report, .. } = &draft;
    if let Some(file) = &args.out {
        let payload = serde_json::to_vec_pretty(report).map_err(|error| Failure::internal(&error))?;
        write_file(file, &payload)?;
    }
    let told = Told {
        already_sent: draft.is_sent(),
        remarks: answer.remarks.iter().map(|remark| remark.say(app.output.lang)).collect(),
        payload: report,
        collection: &answer.asked.collection,
        projects: answer.projects,
        file: args.out,
    };
    Ok(app.output.give(&told)?)
}

impl Printed for Told<'_> {
    fn tell(&self, output: Output) -> io::Result<()> {
        head(output, self.collection, self.payload, self.projects)?;
        for (table, asked) in self.payload.tables.iter().zip(&self.collection.tables) {
            show_table(output, table, asked)?;
        }
        for remark in &self.remarks {
            say(output, &format!("注意：{remark}"), &format!("note: {remark}"))?;
        }
        if let Some(file) = &self.file {
            let file = file.display();
            say(output, &format!("原文已保存到 {file}"), &format!("the payload is in {file}"))?;
        }
        let (id, revision) = (&self.payload.collection, self.payload.revision);
        if self.already_sent {
            return say(
                output,
                "以上内容与最近一次上报相同，无需重复上报",
                "this is what was reported last; there is nothing to send",
            );
        }
        say(
            output,
            &format!("以上为第 {revision} 次上报的全部内容，尚未送出。确认无误后运行：submit {id} --by 审核人"),
            &format!("this is all of revision {revision}, and it has not left. To send it: submit {id} --by NAME"),
        )
    }
}

/// What is asked, by whom, and from how much it is computed.
pub(super) fn head(output: Output, collection: &Collection, report: &Report, projects: usize) -> io::Result<()> {
    let (publisher, due, method) = (&report.collection_release.publisher, collection.due, &collection.method);
    say(
        output,
        &format!(
            "{}（发布：{publisher}，期间 {}，截止 {due}）\n方法：{method}\n依据：本级 {projects} 个项目的评分",
            collection.title, collection.period
        ),
        &format!(
            "{} (of {publisher}, period {}, due {due})\nmethod: {method}\ncomputed from the scores of {projects} projects",
            collection.title, collection.period
        ),
    )
}

fn show_table(output: Output, told: &ReportTable, asked: &Table) -> io::Result<()> {
    let answer = &told.answer;
    let title = figure::title(asked);
    say(
        output,
        &format!("\n【{title}】{} 条记录，{} 组", answer.records, answer.groups.len()),
        &format!("\n[{title}] {} records, {} groups", answer.records, answer.groups.len()),
    )?;
    let names = figure::columns(asked, output.lang);
    if asked.group_by.len() + asked.measures.len() <= 9 {
        let headers: Vec<&str> = names.iter().map(String::as_str).collect();
        let rows: Vec<Vec<String>> = answer
            .groups
            .iter()
            .take(SHOWN)
            .map(|group| {
                let figure =
                    |measure: &Measure| group.measures.get(&measure.id).map(|partial| figure(measure, partial));
                let measures = asked.measures.iter().map(figure);
                group.keys.iter().cloned().chain(measures.map(Option::unwrap_or_default)).collect()
            })
            .collect();
        output.print_table(&headers, &rows)?;
    } else {
        // A table wider than a screen is told group by group.
        for group in answer.groups.iter().take(SHOWN) {
            let figures: Vec<String> = asked
                .measures
                .iter()
                .zip(names.iter().skip(asked.group_by.len()))
                .filter_map(|(measure, name)| group.measures.get(&measure.id).map(|partial| (measure, name, partial)))
                .filter(|(_, _, partial)| !is_nothing(partial))
                .map(|(measure, name, partial)| format!("{name} {}", figure(measure, partial)))
                .collect();
            let keys: Vec<&str> = group.keys.iter().map(String::as_str).filter(|key| !key.is_empty()).collect();
            output.tell(&format!("{}\n   {}", keys.join(" / "), figures.join(output.pick("；", "; "))))?;
        }
    }
    let left = answer.groups.len().saturating_sub(SHOWN);
    if left > 0 {
        say(output, &format!("……另有 {left} 组，用 --out 或 --json 查看全部"), &format!("… and {left} groups more"))?;
    }
    if told.withheld.groups > 0 {
        let (groups, records) = (told.withheld.groups, told.withheld.records);
        say(
            output,
            &format!("未送出：{groups} 组（{records} 条记录）小于最小分组，只报组数和条数"),
            &format!("withheld: {groups} groups ({records} records) are too small; only their number is told"),
        )?;
    }
    Ok(())
}
