//! `cargo demo`: the whole federation on this machine, from an empty folder to the city's roll-up.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tongpin_tests::demo::{self, DataFolder, Plan};

/// 演示：一个市级平台、全部区县节点和两个乡镇节点，从空目录到全市汇总
#[derive(Debug, Parser)]
#[command(name = "cargo demo")]
struct Options {
    /// 数据目录，格式同 `samples/`（默认即 `samples/`）
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 汇总后即结束；与应有结果有任何不同则以 1 退出
    #[arg(long)]
    once: bool,
    /// 把 `scores.csv`、`rollup_region.csv`、`rollup_fund.csv` 写到此目录
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// 各节点的数据放在此目录（须为空；默认为临时目录，结束后删除）
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("错误：{error:#}");
            ExitCode::from(1)
        }
    }
}

fn run(options: &Options) -> Result<bool> {
    let temporary = tempfile::Builder::new().prefix("tongpin-demo-").tempdir()?;
    let work = options.work.clone().unwrap_or_else(|| temporary.path().to_owned());
    if options.work.is_some() {
        let occupied = work.read_dir().is_ok_and(|mut found| found.next().is_some());
        anyhow::ensure!(!occupied, "{} 不是空目录；请换一个目录，或先清空", work.display());
    }
    let data = options.data.clone().unwrap_or_else(|| demo::samples().to_owned());
    println!("同频 Tongpin 演示：市—县—乡三级联动，预算绩效数据同频");
    let plan = Plan { data: data.clone(), work, out: options.out.clone() };
    let mut out = std::io::stdout();
    let (mut federation, outcome) = demo::run(&plan, &mut |line| {
        let _ = writeln!(out, "  ✓ {line}");
        let _ = out.flush();
    })?;
    println!("\n{}", outcome.printed);
    let alike = report(&outcome.compare(&DataFolder::read(&data)?));
    if options.once {
        return Ok(alike);
    }
    println!("\n各节点仍在运行（数据目录 {}）：", plan.work.display());
    for (name, running) in federation.running() {
        println!("  {name}  链路 {}  管理页面 {}", running.listen, running.page);
    }
    let (password, consoles) = demo::people::settle(&federation)?;
    println!("\n可登录的管理页面（密码均为 {password}）：");
    for console in &consoles {
        println!("  {}  {}", console.name, console.page);
        let accounts: Vec<String> = console.accounts.iter().map(|(name, post)| format!("{name}（{post}）")).collect();
        println!("    {}", accounts.join("  "));
    }
    println!("按 Ctrl-C 结束。{}", if std::io::stdout().is_terminal() { "" } else { "（可用 --once 自动结束）" });
    wait_for_signal()?;
    anyhow::ensure!(federation.is_alive(), "有节点已自行退出，请查看其 serve.log");
    Ok(alike)
}

fn report(comparisons: &[demo::Comparison]) -> bool {
    let mut alike = true;
    for comparison in comparisons {
        match &comparison.differences {
            None => println!("  {}：{} 行（没有可对照的应有结果）", comparison.name, comparison.rows),
            Some(differences) if differences.is_empty() => {
                println!("  {}：{} 行，与应有结果逐字一致", comparison.name, comparison.rows);
            }
            Some(differences) => {
                alike = false;
                println!("  {}：{} 行，{} 处不同", comparison.name, comparison.rows, differences.len());
                differences.iter().take(20).for_each(|difference| println!("    {difference}"));
            }
        }
    }
    alike
}

fn wait_for_signal() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Whoever is ended from outside must not leave its programs behind.
        let mut ended = signal(SignalKind::terminate()).context("the signal")?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.context("the signal"),
            _ = ended.recv() => Ok(()),
        }
    })
}
