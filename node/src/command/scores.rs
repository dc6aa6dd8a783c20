//! `scores`: the stored scores, as a table or as the file that offices exchange.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};

use super::score::{self, Line};
use crate::app::App;
use crate::command::files::write_file;
use crate::command::say::say;
use crate::failure::Failure;
use crate::ops::kept_scores::{self, KeptScore};
use crate::records;
use crate::sheets::scores;

/// Where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node scores
  tongpin-node scores --out 评分.csv")]
pub(crate) struct Args {
    /// 导出为 CSV 文件（已存在则覆盖）
    #[arg(long, value_name = "文件")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Told {
    scores: Vec<Line>,
    file: Option<PathBuf>,
}

/// Shows or exports the scores.
///
/// # Errors
/// The database cannot be read, or the file cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let held = records::load(app.store()).await?;
    let kept = kept_scores::all(app.store(), &held).await?;
    let codes: Vec<&str> = kept.iter().map(|kept| kept.project.code.as_str()).collect();
    let due = app.store().due_of(&codes).await?;
    let line = |kept: &KeptScore| {
        let line = score::line(&kept.project.name, &kept.author, &kept.sheet, app.output);
        if due.contains(&kept.project.code) { line.out_of_date(app.output) } else { line }
    };
    let told = Told { scores: kept.iter().map(line).collect(), file: args.out };
    if let Some(file) = &told.file {
        let rows = kept.iter().map(|kept| (&kept.project, &kept.sheet, None));
        write_file(file, &scores::csv(rows, false).into_marked())?;
    }
    Ok(app.output.give(&told)?)
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let count = self.scores.len();
        if count == 0 {
            return say(output, "还没有评分；请先运行 score", "nothing is scored yet; run score");
        }
        match &self.file {
            None => score::table(output, &self.scores),
            Some(file) => {
                let file = file.display();
                say(output, &format!("已导出 {count} 个项目的评分到 {file}"), &format!("{count} scores are in {file}"))
            }
        }
    }
}
