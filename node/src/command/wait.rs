//! `wait`: until every township holds the releases that it should.

use std::io;
use std::time::{Duration, Instant};

use serde::Serialize;
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, Printed};

use crate::app::App;
use crate::command::say::say;
use crate::failure::Failure;
use crate::guidance;
use crate::ops::summary::{self, ChildLine};

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long to wait.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  tongpin-node wait --timeout 300      超时退出码为 1，并列出谁还没有、为什么")]
pub(crate) struct Args {
    /// 最多等几秒
    #[arg(long, value_name = "秒", default_value_t = 60)]
    timeout: u64,
}

#[derive(Serialize)]
struct Told {
    complete: bool,
    children: usize,
    missing: Vec<ChildLine>,
}

/// Waits.
///
/// # Errors
/// The database cannot be read. Time running out ends with [`Exit::Different`].
pub(crate) async fn run(app: &App, args: Args) -> Result<Exit, Failure> {
    let regions = guidance::regions(app.store()).await?;
    let begun = Instant::now();
    let limit = Duration::from_secs(args.timeout);
    let mut bar = None;
    loop {
        let mut children = summary::children(app, &regions).await?;
        children.retain(|child| child.status == "active");
        let count = children.len();
        let missing: Vec<ChildLine> = children.into_iter().filter(|child| !child.current).collect();
        let bar = bar.get_or_insert_with(|| {
            app.output.progress(count as u64, app.output.pick("各乡镇应用目录", "townships applying releases"))
        });
        bar.set_position((count - missing.len()) as u64);
        let complete = missing.is_empty();
        if complete || begun.elapsed() >= limit {
            bar.finish_and_clear();
            app.output.give(&Told { complete, children: count, missing })?;
            return Ok(if complete { Exit::Done } else { Exit::Different });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl Printed for Told {
    fn tell(&self, output: Output) -> io::Result<()> {
        let count = self.children;
        if self.complete {
            return say(
                output,
                &format!("{count} 个乡镇都已应用应有的目录版本"),
                &format!("all {count} townships are current"),
            );
        }
        let missing = self.missing.len();
        say(
            output,
            &format!("等待超时：{missing} 个乡镇还不齐全"),
            &format!("time ran out: {missing} are not current"),
        )?;
        for child in &self.missing {
            output.tell(&format!(
                "  {} {} {}:{}",
                child.region,
                child.name,
                child.standing(output.lang),
                child.lacks(output.lang)
            ))?;
        }
        Ok(())
    }
}
