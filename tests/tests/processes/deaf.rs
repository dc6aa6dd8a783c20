//! A log that nobody takes: on a full disk, into a closed pipe, into a pipe that nobody reads. The program serves all
//! the same, and stops when it is told to.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tongpin_tests::process::{Bureau, stop};

use crate::ground::Ground;

/// How long stopping may take: what is drained here is next to nothing.
const STOPPED_IN: Duration = Duration::from_secs(15);

/// A `serve` that logs all it can to a given place.
pub(crate) struct Serving {
    child: Child,
    page: String,
    pub(crate) listen: String,
}

impl Serving {
    fn begin(bureau: &Bureau, stderr: Stdio) -> Result<Self> {
        let mut command = bureau.prepared(&["--json", "--log", "trace", "serve", "--listen", "127.0.0.1:0"])?;
        command.args(["--page", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(stderr);
        Self::started(command.spawn()?)
    }

    /// Waits until it is ready; its standard output is piped.
    pub(crate) fn started(mut child: Child) -> Result<Self> {
        let mut first = String::new();
        BufReader::new(child.stdout.take().context("piped")?).read_line(&mut first)?;
        let ready: Value = serde_json::from_str(&first).with_context(|| format!("not ready: {first:?}"))?;
        let page = ready["page"].as_str().context("a page")?.trim_start_matches("http://");
        let listen = ready["listen"].as_str().context("an address")?.to_owned();
        Ok(Self { child, page: page.trim_end_matches('/').to_owned(), listen })
    }

    /// Asks for the first page, which is answered whatever becomes of the log.
    pub(crate) fn answers(&self) -> Result<()> {
        let mut line = TcpStream::connect(&self.page)?;
        line.set_read_timeout(Some(Duration::from_secs(10)))?;
        line.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        line.read_to_string(&mut answer)?;
        ensure!(answer.starts_with("HTTP/1.1 "), "{answer:?}");
        Ok(())
    }

    /// Tells it to stop, and waits for that.
    pub(crate) fn stops(mut self) -> Result<()> {
        stop(&mut self.child, STOPPED_IN)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A city and a county that has joined it, none of them running.
fn both() -> Result<Ground> {
    let mut ground = Ground::found()?;
    drop(ground.run_all()?);
    Ok(ground)
}

/// Both programs go on where the log goes to a full disk, and stop in time.
#[test]
fn a_full_disk() -> Result<()> {
    let ground = both()?;
    for bureau in [&ground.hub, &ground.county] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full")?;
        let serving = Serving::begin(bureau, full.into())?;
        for _ in 0..20 {
            serving.answers()?;
        }
        serving.stops()?;
    }
    Ok(())
}

/// A reader of the log that went away is no reason to go too.
#[test]
fn a_closed_pipe() -> Result<()> {
    let ground = both()?;
    for bureau in [&ground.hub, &ground.county] {
        let mut serving = Serving::begin(bureau, Stdio::piped())?;
        drop(serving.child.stderr.take());
        for _ in 0..20 {
            serving.answers()?;
        }
        serving.stops()?;
    }
    Ok(())
}

/// A pipe that is full from the first line on, whose reader reads nothing, blocks neither pages nor the end.
#[test]
fn a_pipe_that_nobody_reads() -> Result<()> {
    let ground = both()?;
    for bureau in [&ground.hub, &ground.county] {
        let (mut log, mut writer) = std::io::pipe()?;
        // As much as a pipe holds.
        writer.write_all(&vec![b'.'; 64 * 1024])?;
        let serving = Serving::begin(bureau, writer.into())?;
        for _ in 0..20 {
            serving.answers()?;
        }
        serving.stops()?;
        let mut held = Vec::new();
        log.read_to_end(&mut held)?;
        let held = String::from_utf8_lossy(&held);
        ensure!(held.ends_with('.'), "the pipe was not full: {}", held.trim_start_matches('.'));
    }
    Ok(())
}

/// A command whose standard output is a full disk says so and fails; one whose reader went away does not.
#[test]
fn output_that_nobody_takes() -> Result<()> {
    let ground = Ground::found()?;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full")?;
    let refused = ground.hub.prepared(&["status"])?.stdout(full).stderr(Stdio::piped()).spawn()?.wait_with_output()?;
    ensure!(refused.status.code() == Some(6), "{:?}", refused.status);
    ensure!(!refused.stderr.is_empty(), "it says why");
    let mut gone = ground.hub.prepared(&["status"])?.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(gone.stdout.take());
    let gone = gone.wait_with_output()?;
    ensure!(gone.status.success() && gone.stderr.is_empty(), "{gone:?}");
    Ok(())
}
