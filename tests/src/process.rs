//! The two programs as real processes: built, started on a free port, asked, stopped.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `tongpin-hub`
    Hub,
    /// `tongpin-node`
    Node,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Hub => "tongpin-hub",
            Self::Node => "tongpin-node",
        }
    }

    /// Where it was built, beside the running program.
    ///
    /// # Errors
    /// It cannot be built.
    pub fn path(self) -> Result<PathBuf> {
        static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let folder = BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}")));
        match folder {
            Ok(folder) => Ok(folder.join(format!("{}{}", self.name(), std::env::consts::EXE_SUFFIX))),
            Err(error) => bail!("{error}"),
        }
    }
}

/// Builds both programs in the profile of the running one and returns their folder.
fn build() -> Result<PathBuf> {
    let running = std::env::current_exe().context("where this program is")?;
    let mut folder = running.parent().context("the program's folder")?.to_owned();
    if folder.ends_with("deps") {
        folder.pop();
    }
    // Without cargo the programs must be there already.
    let Some(cargo) = std::env::var_os("CARGO") else { return Ok(folder) };
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "-p", "tongpin-hub", "-p", "tongpin-node"]);
    if folder.ends_with("release") {
        command.arg("--release");
    }
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let built = command.status().context("cargo could not be run")?;
    ensure!(built.success(), "the programs could not be built");
    Ok(folder)
}

/// One bureau: a program and its data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bureau {
    /// Which program it runs.
    pub program: Program,
    /// Its data folder.
    pub data: PathBuf,
}

impl Bureau {
    /// A bureau with its data in `folder/name`.
    #[must_use]
    pub fn new(program: Program, folder: &Path, name: &str) -> Self {
        Self { program, data: folder.join(name) }
    }

    /// A command with its arguments and nothing to read, for a test that says where its output goes.
    ///
    /// # Errors
    /// The program cannot be built.
    pub fn prepared(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(self.program.path()?);
        command.arg("--data").arg(&self.data).args(arguments).stdin(Stdio::null());
        // The settings of whoever runs this must not reach the programs.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TONGPIN_") {
                command.env_remove(name);
            }
        }
        Ok(command)
    }

    /// Runs a command and returns what it printed, whatever its exit code.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn try_run(&self, arguments: &[&str]) -> Result<Output> {
        self.prepared(arguments)?.output().with_context(|| format!("{:?} {arguments:?}", self.program))
    }

    /// Runs a command that must succeed and returns what it printed.
    ///
    /// # Errors
    /// It fails; the error holds what it said.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        self.sound(arguments, self.try_run(arguments)?)
    }

    /// The same with something to read from standard input, as a password is.
    ///
    /// # Errors
    /// As [`Bureau::run`].
    pub fn run_told(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut command = self.prepared(arguments)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{:?} {arguments:?}", self.program))?;
        child.stdin.take().context("its input is piped")?.write_all(input.as_bytes())?;
        self.sound(arguments, child.wait_with_output()?)
    }

    fn sound(&self, arguments: &[&str], output: Output) -> Result<String> {
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{} {} ended with {}:\n{said}{}",
            self.program.name(),
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stdout)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs a command with `--json` and returns the document.
    ///
    /// # Errors
    /// It fails, or does not print one JSON document.
    pub fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let mut all = vec!["--json"];
        all.extend(arguments);
        let printed = self.run(&all)?;
        serde_json::from_str(&printed).with_context(|| format!("not JSON from {arguments:?}: {printed}"))
    }

    /// Starts `serve` on a free port of the loopback address and waits until it is ready.
    ///
    /// # Errors
    /// It ends before it is ready.
    pub fn serve(&self) -> Result<Running> {
        self.serve_on("127.0.0.1:0")
    }

    /// Starts `serve` on a given address.
    ///
    /// # Errors
    /// It ends before it is ready.
    pub fn serve_on(&self, listen: &str) -> Result<Running> {
        std::fs::create_dir_all(&self.data)?;
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.data.join("serve.log"))?;
        let mut child = self
            .prepared(&["--json", "serve", "--listen", listen, "--page", "127.0.0.1:0"])?
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} serve", self.program.name()))?;
        let stdout = child.stdout.take().context("its output is piped")?;
        let mut first = String::new();
        BufReader::new(stdout).read_line(&mut first)?;
        let Ok(ready) = serde_json::from_str::<Value>(&first) else {
            let _ = child.kill();
            let _ = child.wait();
            let log = std::fs::read_to_string(self.data.join("serve.log")).unwrap_or_default();
            bail!("{} serve did not start:\n{log}", self.program.name());
        };
        let text = |field: &str| ready[field].as_str().unwrap_or_default().to_owned();
        Ok(Running { child, listen: text("listen"), page: text("page"), setup_code: text("setup_code") })
    }
}

/// A running `serve`; it is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// `host:port` for children.
    pub listen: String,
    /// The address of the console.
    pub page: String,
    /// The code that makes the first administrator there, empty if there is one.
    pub setup_code: String,
}

impl Running {
    /// Kills it at once, as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Tells it to stop as a service manager does, and waits until it has, at most for as long as it may drain.
    ///
    /// # Errors
    /// It does not stop, or not well.
    pub fn stop(mut self) -> Result<()> {
        stop(&mut self.child, Duration::from_secs(30))
    }

    /// The operating system's number of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

/// The processor time that the present threads of a process have used: of the process of a number, or of this one
/// (`self`).
///
/// # Errors
/// There is no such process, or this is no Linux.
pub fn processor_time(process: &str) -> Result<Duration> {
    let mut nanoseconds = 0_u64;
    for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let told = std::fs::read_to_string(task?.path().join("schedstat"))?;
        nanoseconds += told.split_whitespace().next().context("processor time")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Tells a program to stop as a service manager does, and waits until it has; one that takes longer is killed.
///
/// # Errors
/// It does not stop in time, or not well.
pub fn stop(child: &mut Child, limit: Duration) -> Result<()> {
    let number = child.id().to_string();
    let signal = |name: &str| Command::new("kill").args([name, &number]).status();
    ensure!(signal("-TERM")?.success(), "the signal could not be sent");
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || tell.send(child.wait()));
        let Ok(ended) = told.recv_timeout(limit) else {
            signal("-KILL")?;
            bail!("it does not stop");
        };
        let ended = ended?;
        ensure!(ended.success(), "it ended with {ended}");
        Ok(())
    })
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
