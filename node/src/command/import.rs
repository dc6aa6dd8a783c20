//! `import`: projects and their indicators from files. A file with problems changes nothing; everything that is wrong
//! with it is shown at once, beside what is right.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::intake::Problem;
use tongpin_domain::lang::Say;

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::tables::{self, Checks};
use crate::sheets::entry::file;
use crate::sheets::entry::{self, Entered};
use crate::sheets::file_kind::FileKind;

/// Problems and warnings that a person is shown at once; the rest is told as a number.
const SHOWN: usize = 30;

/// What to import.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 项目（可同时导入项目绩效指标）
    #[command(after_help = "例：
  tongpin-node import projects 项目.xlsx --dry-run             只检查，不导入
  tongpin-node import projects 项目.csv --indicators 指标.csv")]
    Projects {
        /// 项目文件（Excel 工作簿 .xlsx，或 CSV,UTF-8 或 GB18030）
        #[arg(value_name = "文件")]
        file: PathBuf,
        /// 项目绩效指标文件，与项目一并检查、一并导入
        #[arg(long, value_name = "文件")]
        indicators: Option<PathBuf>,
        /// 只检查，不导入
        #[arg(long)]
        dry_run: bool,
    },
    /// 项目绩效指标；文件中每个项目的指标行须完整，未列出的旧行会删除
    #[command(after_help = "例：
  tongpin-node import indicators 指标.csv")]
    Indicators {
        /// 项目绩效指标文件（.xlsx 或 CSV）
        #[arg(value_name = "文件")]
        file: PathBuf,
        /// 只检查，不导入
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Default, Serialize)]
struct Told {
    imported: bool,
    dry_run: bool,
    projects: Option<usize>,
    indicators: Option<usize>,
    added: u64,
    changed: u64,
    unchanged: u64,
    removed: u64,
    goes_up: bool,
    warnings: Vec<Problem>,
    problems: Vec<Problem>,
}

/// Imports.
///
/// # Errors
/// A file cannot be read, or the database cannot be written. Problems in a file end with [`Exit::Input`].
pub(crate) async fn run(app: &App, command: Command) -> Result<Exit, Failure> {
    let checks = Checks::load(app).await?;
    let (projects, indicators, dry_run) = match &command {
        Command::Projects { file, indicators, dry_run } => {
            let table = file::table_of(file, FileKind::Projects, checks.forms())?;
            let projects = checks.projects(&table);
            let lines = match indicators {
                Some(file) => {
                    let table = file::table_of(file, FileKind::Indicators, checks.forms())?;
                    Some(checks.indicators(&table, &projects.codes))
                }
                None => None,
            };
            (Some(projects), lines, *dry_run)
        }
        Command::Indicators { file, dry_run } => {
            let table = file::table_of(file, FileKind::Indicators, checks.forms())?;
            (None, Some(checks.indicators(&table, &BTreeSet::new())), *dry_run)
        }
    };
    let mut told = Told {
        dry_run,
        projects: projects.as_ref().map(|entered| entered.records),
        indicators: indicators.as_ref().map(|entered| entered.records),
        goes_up: app.records_go_up(),
        ..Told::default()
    };
    let mut all = Entered::default();
    for entered in [projects, indicators].into_iter().flatten() {
        all.rows.extend(entered.rows);
        told.problems.extend(entered.problems);
        told.warnings.extend(entered.warnings);
    }
    if told.problems.is_empty() && !dry_run {
        let detail = detail(&command, &told);
        let subject = if told.projects.is_some() { "projects" } else { "indicators" };
        let step = async { tables::put(app, &all.rows).await.map_err(Failure::from) };
        let counts = app.store().audited(&app.entry("", "import", subject, &detail), step).await?;
        told.imported = true;
        (told.added, told.changed) = (counts.added, counts.changed);
        (told.unchanged, told.removed) = (counts.unchanged, counts.removed);
    }
    app.output.give(&told)?;
    Ok(if told.problems.is_empty() { Exit::Done } else { Exit::Input })
}

/// What the audit log says was imported: the files, and how much is in them.
fn detail(command: &Command, told: &Told) -> String {
    let files = match command {
        Command::Projects { file, indicators, .. } => vec![Some(file), indicators.as_ref()],
        Command::Indicators { file, .. } => vec![Some(file)],
    };
    let name = |file: &PathBuf| file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    let files: Vec<String> = files.into_iter().flatten().map(name).collect();
    let read = [("项目", told.projects), ("绩效指标", told.indicators)].into_iter();
    let read: Vec<String> = read.filter_map(|(word, count)| count.map(|count| format!("{word} {count} 条"))).collect();
    format!("{}：{}", files.join("、"), read.join("，"))
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        list(output, &self.warnings, "提示", "warning")?;
        list(output, &self.problems, "问题", "problem")?;
        let read = [("项目", "projects", self.projects), ("绩效指标", "indicator lines", self.indicators)];
        let read: Vec<String> = read
            .into_iter()
            .filter_map(|(zh, en, count)| count.map(|count| format!("{} {count}", output.pick(zh, en))))
            .collect();
        let read = read.join(output.pick("、", ", "));
        if !self.problems.is_empty() {
            let name =
                |column: String| if column.is_empty() { output.pick("整行", "whole row").to_owned() } else { column };
            let columns: Vec<String> = entry::by_column(&self.problems)
                .into_iter()
                .map(|(column, count)| {
                    format!("{} {}{count}{}", name(column), output.pick("列 ", ""), output.pick(" 处", ""))
                })
                .collect();
            let (count, columns) = (self.problems.len(), columns.join("、"));
            return say(
                output,
                &format!(
                    "未导入：有 {count} 处问题（{columns}）；没有问题的：{read}。改正文件后重新导入即可，原有数据没有变动"
                ),
                &format!("not imported: {count} problems ({columns}); sound: {read}. Nothing was changed"),
            );
        }
        if self.dry_run {
            return say(
                output,
                &format!("检查通过：{read}，可以导入（本次没有导入）"),
                &format!("sound: {read}; nothing was imported"),
            );
        }
        let Self { added, changed, unchanged, removed, .. } = self;
        say(
            output,
            &format!("已导入：{read}（新增 {added}，修改 {changed}，未变 {unchanged}，删除 {removed}）"),
            &format!("imported: {read} ({added} added, {changed} changed, {unchanged} unchanged, {removed} removed)"),
        )?;
        if self.goes_up {
            say(output, "记录将随 serve 自动上送县级", "serve sends the records to the county by itself")?;
        }
        say(
            output,
            "serve 运行时自动评分；没有运行的，用 score 评分",
            "serve scores by itself; where it does not run, run score",
        )
    }
}

fn list(output: Output, problems: &[Problem], zh: &str, en: &str) -> io::Result<()> {
    for problem in problems.iter().take(SHOWN) {
        output.tell(&format!("{}{}{}", output.pick(zh, en), output.pick("：", ": "), problem.say(output.lang)))?;
    }
    let left = problems.len().saturating_sub(SHOWN);
    if left > 0 {
        let more_zh = format!("……另有 {left} 条{zh}，用 --json 查看全部");
        say(output, &more_zh, &format!("… and {left} more; --json shows all"))?;
    }
    Ok(())
}
