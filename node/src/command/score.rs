//! `score`: scores every project this node holds under the rules that were published.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};
use tongpin_domain::lang::Say;
use tongpin_domain::region::RegionCode;
use tongpin_domain::score::{RuleRef, ScoreSheet};

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::scoring::{self, Material, Skipped};
use crate::records::SetAside;
use crate::sheets::scores::reviewers;
use crate::words::flag;

/// What to score.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node score                                     全部项目
  tongpin-node score --project 32058124T000000000101     看一个项目每一分是怎么来的
  tongpin-node score --rules project-self-evaluation     指定规则")]
pub(crate) struct Args {
    /// 评分后详细说明这个项目
    #[arg(long, value_name = "项目代码")]
    project: Option<String>,
    /// 用哪套规则（适用于同一年度的规则有多套时）
    #[arg(long, value_name = "规则名")]
    rules: Option<String>,
}

/// One line of the table.
#[derive(Serialize)]
pub(super) struct Line {
    project_code: String,
    project_name: String,
    author: RegionCode,
    region: RegionCode,
    execution_score: Option<String>,
    indicator_sum: String,
    total: Option<String>,
    rating: Option<String>,
    status: &'static str,
    flags: Vec<String>,
    /// Who decided about lines of it.
    reviewed_by: String,
    /// Whether its records have changed since.
    stale: bool,
    #[serde(skip)]
    status_word: String,
}

#[derive(Serialize)]
struct Told {
    projects: Vec<Line>,
    counts: BTreeMap<&'static str, usize>,
    rules: Vec<RuleRef>,
    skipped: Vec<Skipped>,
    set_aside: Vec<SetAside>,
}

/// Scores and stores the scores.
///
/// # Errors
/// No rules have been received, the project is not held, or the database cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let material = Material::load(app.store()).await?;
    let rules = args.rules.as_deref();
    let entry = app.entry("", "score", rules.unwrap_or_default(), "");
    let (scored, skipped) = scoring::all_anew(app, &material, rules, app.output.lang, &entry).await?;
    if let Some(code) = &args.project {
        let found = scored.iter().find(|scored| scored.sheet.project_code == *code);
        let found = found.ok_or_else(|| {
            Failure::input(format!("没有项目 {code}；用 scores 查看全部项目"), format!("no project {code}"))
        })?;
        let sheet = Explained { name: found.held.project.name.clone(), sheet: found.sheet.clone() };
        return Ok(app.output.give(&sheet)?);
    }
    let mut counts = BTreeMap::new();
    let mut rules: Vec<RuleRef> = Vec::new();
    for scored in &scored {
        *counts.entry(scored.sheet.status.code()).or_default() += 1;
        if !rules.contains(&scored.sheet.rules) {
            rules.push(scored.sheet.rules.clone());
        }
    }
    let projects = scored
        .iter()
        .map(|scored| line(&scored.held.project.name, &scored.held.author, &scored.sheet, app.output))
        .collect();
    Ok(app.output.give(&Told { projects, counts, rules, skipped, set_aside: material.held.set_aside })?)
}

/// The line of one sheet.
pub(super) fn line(name: &str, author: &RegionCode, sheet: &ScoreSheet, output: Output) -> Line {
    Line {
        project_code: sheet.project_code.clone(),
        project_name: name.to_owned(),
        author: author.clone(),
        region: sheet.region.clone(),
        execution_score: sheet.execution_score.map(|score| score.to_string()),
        indicator_sum: sheet.indicator_sum.to_string(),
        total: sheet.total.map(|total| total.to_string()),
        rating: sheet.rating.clone(),
        status: sheet.status.code(),
        flags: sheet.flags.clone(),
        reviewed_by: reviewers(sheet),
        stale: false,
        status_word: sheet.status.say(output.lang),
    }
}

impl Line {
    /// Says of a score that its records have changed since.
    pub(super) fn out_of_date(mut self, output: Output) -> Self {
        self.stale = true;
        self.status_word.push_str(output.pick("（待重算）", " (being scored anew)"));
        self
    }
}

/// The table of lines.
///
/// # Errors
/// The output does not take it.
pub(super) fn table(output: Output, lines: &[Line]) -> io::Result<()> {
    let headers = [
        output.pick("项目代码", "project"),
        output.pick("项目名称", "name"),
        output.pick("执行率得分", "execution"),
        output.pick("指标得分", "indicators"),
        output.pick("总分", "total"),
        output.pick("评级", "rating"),
        output.pick("状态", "status"),
        output.pick("提示", "flags"),
        output.pick("人工复核", "reviewed by"),
    ];
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            vec![
                line.project_code.clone(),
                shortened(&line.project_name),
                line.execution_score.clone().unwrap_or_else(|| "—".into()),
                line.indicator_sum.clone(),
                line.total.clone().unwrap_or_else(|| "—".into()),
                line.rating.clone().unwrap_or_default(),
                line.status_word.clone(),
                flag::words(&line.flags, output.lang),
                line.reviewed_by.clone(),
            ]
        })
        .collect();
    output.print_table(&headers, &rows)
}

/// Enough of a name to recognise it; the file has it whole.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 24;
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    name.chars().take(LONGEST - 1).chain(['…']).collect()
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        if self.projects.is_empty() && self.skipped.is_empty() {
            return say(output, "没有项目；请先用 import projects 导入", "no projects; import some first");
        }
        table(output, &self.projects)?;
        let count = |status: &str| self.counts.get(status).copied().unwrap_or(0);
        let (scored, incomplete) = (count("SCORED"), count("INCOMPLETE"));
        let (review, wrong) = (count("REVIEW"), count("DATA_ERROR"));
        let all = self.projects.len();
        say(
            output,
            &format!("共 {all} 个项目：已评分 {scored}，待复核 {review}，未完成填报 {incomplete}，数据错误 {wrong}"),
            &format!(
                "{all} projects: {scored} scored, {review} to be reviewed, {incomplete} incomplete, {wrong} in error"
            ),
        )?;
        for rules in &self.rules {
            let RuleRef { publisher, key, release } = rules;
            say(
                output,
                &format!("规则：{publisher} 发布的“{key}”第 {release} 版"),
                &format!("rules: {key} of {publisher}, release {release}"),
            )?;
        }
        for skipped in &self.skipped {
            let Skipped { project_code, reason } = skipped;
            say(output, &format!("未评分 {project_code}：{reason}"), &format!("not scored: {project_code}: {reason}"))?;
        }
        for aside in &self.set_aside {
            output.tell(&aside.say(output.lang))?;
        }
        say(
            output,
            "看一个项目的每一分是怎么来的：score --project 项目代码",
            "how one project's score comes about: score --project CODE",
        )
    }
}

/// One project, every line explained.
#[derive(Serialize)]
struct Explained {
    name: String,
    sheet: ScoreSheet,
}

impl Printed for Explained {
    fn tell(&self, output: Output) -> io::Result<()> {
        let sheet = &self.sheet;
        output.tell(&format!("{} {}", sheet.project_code, self.name))?;
        for line in &sheet.lines {
            let score = line.score.map_or_else(|| "—".to_owned(), |score| score.to_string());
            say(
                output,
                &format!(
                    "\n{}. {}：{score} 分（分值 {}，{}）",
                    line.seq,
                    line.name,
                    line.weight.normalize(),
                    line.status.say(output.lang)
                ),
                &format!(
                    "\n{}. {}: {score} of {} ({})",
                    line.seq,
                    line.name,
                    line.weight.normalize(),
                    line.status.say(output.lang)
                ),
            )?;
            for step in &line.steps {
                output.tell(&format!("   {}", step.say(output.lang)))?;
            }
        }
        say(output, "\n合计", "\nTotal")?;
        for step in &sheet.steps {
            output.tell(&format!("   {}", step.say(output.lang)))?;
        }
        let RuleRef { publisher, key, release } = &sheet.rules;
        say(
            output,
            &format!("规则：{publisher} 发布的“{key}”第 {release} 版"),
            &format!("rules: {key} of {publisher}, release {release}"),
        )
    }
}
