//! What an idle link costs the hub in memory. The children run in a process of their own, so that only the hub's side
//! is counted.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tongpin_link::downlink;
use tongpin_link::tls::Clock;
use tongpin_link::token::Token;
use tongpin_link::uplink;
use tongpin_store::Store;
use tongpin_tests::inprocess::{Member, TestClock, region, until};

const LINKS: usize = 200;
const CHILD: &str = "TONGPIN_BENCH_CHILD";

/// The folder for the children, if this process is to be them.
pub(crate) fn child_folder() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// Joins with each token from standard input, follows, and stays until the input ends.
pub(crate) fn child(folder: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let clock = TestClock::default().clock();
        let mut members = Vec::new();
        for line in std::io::stdin().lock().lines() {
            members.push(follow(folder, &line?, &clock).await?);
        }
        Ok(())
    })
}

async fn follow(folder: &Path, token: &str, clock: &Clock) -> Result<Member> {
    let token: Token = Token::parse(token)?;
    let folder = folder.join(token.region.as_str());
    std::fs::create_dir_all(&folder)?;
    let store = Store::open(folder.join("tongpin.sqlite").to_str().context("a path in UTF-8")?).await?;
    let joined = uplink::join(&store, &folder.join("identity"), &token, clock.clone()).await?;
    store.close().await;
    Member::start(&folder, Some(joined.parent), clock, "127.0.0.1:0").await
}

/// Resident memory of this process, bytes.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}

/// The hub's memory with and without the links.
pub(crate) async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "320500", &clock).await?;
    let work = folder.path().join("children");
    std::fs::create_dir_all(&work)?;
    let mut children =
        Command::new(std::env::current_exe()?).env(CHILD, &work).stdin(Stdio::piped()).spawn().context("children")?;
    let mut tokens = children.stdin.take().context("their input")?;
    let mut join = async |from: usize, upto: usize| -> Result<()> {
        for number in from..upto {
            let code = format!("3205{:02}{:03}", number / 100 + 10, number % 100 + 1);
            let day = Duration::from_hours(24);
            let token = downlink::invite(&hub.site, &region(&code), &hub.address, day, "经办").await?;
            writeln!(tokens, "{}", token.text())?;
            tokens.flush()?;
            until("it follows", async || Ok(hub.downlink.links().regions().len() > number)).await?;
        }
        // What joining needed is given back within a moment.
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(())
    };
    // The first links warm up what is shared by all.
    let warm = 40;
    join(0, warm).await?;
    let before = resident()?;
    join(warm, warm + LINKS).await?;
    let after = resident()?;
    ensure!(after >= before, "memory does not shrink by linking");
    let each = (after - before) / LINKS as u64;
    println!(
        "{}",
        json!({ "measurement": "idle_link_memory_at_hub", "unit": "bytes", "value": each, "links": LINKS, "goal": "< 60000" })
    );
    children.kill()?;
    children.wait()?;
    Ok(())
}
