//! `rollup`: the city's figures out of the reports that count, with who is missing and how each figure came about.

use std::path::PathBuf;

use tongpin_console::exit::Exit;
use tongpin_console::failure::Common;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::rollup::explain::explain;
use crate::ops::rollup::{RolledUp, compute};

mod explained;
mod shown;

/// What to roll up, and in which form.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-hub rollup county-scores                            区县得分表
  tongpin-hub rollup fund-indicators --out 专项汇总.csv       写成 CSV
  tongpin-hub rollup county-scores --explain 320581           一个区县的数是怎么来的
  tongpin-hub rollup fund-indicators --explain ZX2024-01/JY-21-001
未上报、待审核的单位不计入、不按 0 计；每次都列明应报、已报、待审核、未报和迟报。")]
pub(crate) struct Args {
    /// 任务代号，如 county-scores
    #[arg(value_name = "代号")]
    id: String,
    /// 写成 CSV 文件（已存在的覆盖）；不再打印表格
    #[arg(long, value_name = "文件")]
    out: Option<PathBuf>,
    /// 写 CSV 时也打印表格
    #[arg(long)]
    table: bool,
    /// 说明一个数的来历：区划代码，或 专项代码/指标代码（预算执行率用 EXEC）
    #[arg(long, value_name = "数", conflicts_with_all = ["out", "table"])]
    explain: Option<String>,
}

/// Rolls a collection up.
///
/// # Errors
/// There is no such collection, its reports cannot be rolled up, or the file cannot be written.
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let computed = compute(app, &args.id).await?;
    if let Some(wanted) = &args.explain {
        return Ok(app.output.give(&explain(app, &computed, wanted, app.output.lang)?)?);
    }
    if let Some(path) = &args.out {
        std::fs::write(path, computed.figures.csv()).map_err(|source| Common::File { path: path.clone(), source })?;
    }
    let table = args.table || args.out.is_none();
    Ok(app.output.give(&shown::Answered { rolled_up: RolledUp::new(computed), out: args.out, table })?)
}
