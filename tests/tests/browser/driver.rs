//! Chromium and its driver: found, started on a free port with a fresh profile, and ended with the test.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

/// What the browser is started with: no window, no calls home, nothing kept.
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1366,768",
];
/// How long a page may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a missing browser is a failure.
pub(crate) fn required() -> bool {
    std::env::var_os("TONGPIN_TEST_BROWSER").is_some_and(|wish| wish == "required")
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&folders).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    places.find(|place| place.is_file())
}

/// How often a driver is started before its ports are given up.
const ATTEMPTS: usize = 5;

/// A running driver. It is told to quit when this is dropped, because whoever kills it leaves its browsers behind.
struct Driver {
    child: Child,
    port: u16,
    /// Held so that the driver can go on printing.
    _stdout: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts it. It takes a free port for one family of addresses and then the same for the other, which somebody else
    /// may have: then it ends, and another is tried.
    fn start(program: &Path) -> Result<Self> {
        for _ in 0..ATTEMPTS {
            match Self::started(program)? {
                Ok(driver) => return Ok(driver),
                Err(said) if said.contains("port not available") => {}
                Err(said) => bail!("the driver did not start: {said}"),
            }
        }
        bail!("the driver finds no free port");
    }

    /// The driver, or what it said before it ended.
    fn started(program: &Path) -> Result<Result<Self, String>> {
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("the driver could not be started")?;
        let mut stdout = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut said = String::new();
        while stdout.read_line(&mut said)? > 0 {
            let port = said.lines().last().and_then(|line| line.split_once("successfully on port "));
            if let Some(port) = port.and_then(|(_, port)| port.trim_end_matches('.').parse().ok()) {
                return Ok(Ok(Self { child, port, _stdout: stdout }));
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        Ok(Err(said))
    }

    fn quit(&self) -> std::io::Result<()> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port))?;
        line.set_read_timeout(Some(PATIENCE))?;
        line.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        line.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.quit();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command of Chromium's own, beside what every driver knows.
#[derive(Debug)]
struct Devtools(&'static str, Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

/// A browser at one console. Fields are dropped in this order: the profile goes last.
pub(crate) struct Browser {
    pub(crate) client: Client,
    _driver: Driver,
    _profile: TempDir,
    /// Where the console is, without a slash at the end.
    page: String,
    /// The names under which pages were looked at.
    pub(crate) looked_at: Mutex<BTreeSet<String>>,
}

impl Browser {
    /// Opens a browser, or says why there is none.
    pub(crate) async fn open(page: &str) -> Result<Option<Self>> {
        let driver = on_path(&["chromedriver"]);
        let browser = on_path(&["chromium", "chromium-browser", "google-chrome"]);
        let (Some(driver), Some(browser)) = (driver, browser) else {
            ensure!(!required(), "chromium and chromedriver are not installed, but TONGPIN_TEST_BROWSER requires them");
            eprintln!("skipped: chromium and chromedriver are not installed (Debian: chromium, chromium-driver)");
            return Ok(None);
        };
        let profile = tempfile::tempdir()?;
        let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let mut wishes = Capabilities::new();
        wishes.insert("goog:chromeOptions".to_owned(), json!({ "binary": browser, "args": flags }));
        let driver = Driver::start(&driver)?;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(wishes).connect(&format!("http://127.0.0.1:{}", driver.port)).await?;
        let page = page.trim_end_matches('/').to_owned();
        Ok(Some(Self { client, _driver: driver, _profile: profile, page, looked_at: Mutex::default() }))
    }

    /// Opens an address of the console.
    pub(crate) async fn goto(&self, path: &str) -> Result<()> {
        Ok(self.client.goto(&format!("{}{path}", self.page)).await?)
    }

    /// Where the browser is, without what stands behind a question mark.
    pub(crate) async fn path(&self) -> Result<String> {
        Ok(self.client.current_url().await?.path().to_owned())
    }

    /// Fails unless the browser is at this address.
    pub(crate) async fn is_at(&self, path: &str) -> Result<()> {
        let at = self.path().await?;
        ensure!(at == path, "led to {at} instead of {path}: {}", self.text("body").await?);
        Ok(())
    }

    /// The first element of this kind.
    pub(crate) async fn find(&self, css: &str) -> Result<Element> {
        let found = self.client.find(Locator::Css(css)).await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => bail!("no {css} at {}: {error}\n{}", self.path().await?, self.client.source().await?),
        }
    }

    /// What a reader sees of the first element of this kind.
    pub(crate) async fn text(&self, css: &str) -> Result<String> {
        Ok(Box::pin(self.find(css)).await?.text().await?)
    }

    /// Fails unless the reader sees these words in the first element of this kind.
    pub(crate) async fn says(&self, css: &str, words: &str) -> Result<()> {
        let text = self.text(css).await?;
        ensure!(text.contains(words), "{css} does not say {words:?} but {text:?}");
        Ok(())
    }

    /// Types into fields, by their names; what stood there is replaced.
    pub(crate) async fn fill(&self, fields: &[(&str, &str)]) -> Result<()> {
        for (name, value) in fields {
            let field = self.find(&format!("[name={name}]")).await?;
            field.clear().await?;
            field.send_keys(value).await?;
        }
        Ok(())
    }

    /// Types into a field of a line of a self-evaluation, by the line's number.
    pub(crate) async fn fill_line(&self, seq: u32, field: &str, value: &str) -> Result<()> {
        let field = self.find(&format!("[name^='lines.{seq}-'][name$='.{field}']")).await?;
        field.clear().await?;
        field.send_keys(value).await?;
        Ok(())
    }

    /// Chooses what is sent as this value.
    pub(crate) async fn choose(&self, name: &str, value: &str) -> Result<()> {
        Ok(self.find(&format!("[name={name}]")).await?.select_by_value(value).await?)
    }

    /// Checks a box by clicking its words.
    pub(crate) async fn check(&self, id: &str) -> Result<()> {
        self.find(&format!("label[for={id}]")).await?.click().await?;
        ensure!(self.find(&format!("#{id}")).await?.is_selected().await?, "{id} is checked");
        Ok(())
    }

    /// Presses the button, or follows the link, that bears these words, and waits for the page it leads to.
    pub(crate) async fn press(&self, words: &str) -> Result<()> {
        let path = format!("//*[self::a or self::button][normalize-space()='{words}']");
        let found = self.client.find(Locator::XPath(&path)).await;
        let Ok(target) = found else {
            bail!("nothing to press says {words:?} at {}: {}", self.path().await?, self.text("body").await?);
        };
        self.through(target.click()).await.with_context(|| format!("pressing {words:?}"))
    }

    /// Does something that leads to another page, and waits for it.
    pub(crate) async fn through(&self, act: impl Future<Output = Result<(), CmdError>>) -> Result<()> {
        self.client.execute("window.leaving = true", Vec::new()).await?;
        act.await?;
        let began = Instant::now();
        loop {
            let arrived = "return !window.leaving && document.readyState === 'complete'";
            // Between two pages there is nothing to ask.
            if matches!(self.client.execute(arrived, Vec::new()).await, Ok(Value::Bool(true))) {
                return Ok(());
            }
            ensure!(began.elapsed() < PATIENCE, "no new page came; still at {}", self.path().await?);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses one key, whatever has the focus.
    pub(crate) async fn key(&self, key: char) -> Result<(), CmdError> {
        let presses = KeyActions::new("keyboard".to_owned());
        let presses = presses.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        self.client.perform_actions(presses).await
    }

    /// Sends a command of Chromium's own.
    pub(crate) async fn devtools(&self, command: &'static str, values: Value) -> Result<Value> {
        Ok(self.client.issue_cmd(Devtools(command, values)).await?)
    }
}
