//! Looking at a page: pictures of it, whether it fits, and what axe finds wrong for readers who see or move less.

use std::path::Path;
use std::sync::PoisonError;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::driver::{Browser, required};

/// Width and height of a desk's screen and of a phone's.
const DESK: (u64, u64) = (1366, 768);
const PHONE: (u64, u64) = (390, 844);
/// Axe's rules; what it finds comes back as lines to read.
const AXE: &str = r"
    const done = arguments[arguments.length - 1];
    const line = rule => rule.nodes.map(node => `${rule.id} (${rule.impact}): ${node.html}\n  ${node.failureSummary}`);
    axe.run(document, { resultTypes: ['violations'] })
        .then(found => done(found.violations.flatMap(line)), error => done([`axe failed: ${error}`]));
";

/// Axe's own text, if the environment says where it is.
fn axe() -> Result<Option<String>> {
    let Some(file) = std::env::var_os("TONGPIN_TEST_AXE") else {
        ensure!(!required(), "TONGPIN_TEST_AXE names no axe.min.js, but TONGPIN_TEST_BROWSER requires it");
        eprintln!("axe is skipped: TONGPIN_TEST_AXE does not name an axe.min.js (npm install axe-core)");
        return Ok(None);
    };
    std::fs::read_to_string(&file).map(Some).with_context(|| format!("reading {}", file.display()))
}

impl Browser {
    /// Takes pictures of the page at a desk and on a phone, light and dark, into `target/screenshots`; fails if it does
    /// not fit or axe finds anything. A page that was looked at under this name is not looked at again.
    pub(crate) async fn look(&self, name: &str) -> Result<()> {
        if !self.looked_at.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned()) {
            return Ok(());
        }
        Box::pin(self.looked(name)).await.with_context(|| format!("looking at {name}"))
    }

    async fn looked(&self, name: &str) -> Result<()> {
        self.size(PHONE, true).await?;
        self.fits().await.context("on a phone")?;
        self.picture(&format!("{name}-phone"), PHONE).await?;
        self.size(DESK, false).await?;
        self.fits().await.context("at a desk")?;
        self.picture(name, DESK).await?;
        let Some(axe) = axe()? else { return Ok(()) };
        self.client.execute(&axe, Vec::new()).await?;
        for scheme in ["light", "dark"] {
            let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
            self.devtools("Emulation.setEmulatedMedia", features).await?;
            if scheme == "dark" {
                self.picture(&format!("{name}-dark"), DESK).await?;
            }
            let found = self.client.execute_async(AXE, Vec::new()).await?;
            let Value::Array(found) = found else { bail!("axe answered {found}") };
            let found: Vec<&str> = found.iter().filter_map(Value::as_str).collect();
            ensure!(found.is_empty(), "axe, {scheme}:\n{}", found.join("\n"));
        }
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [] })).await.map(drop)
    }

    async fn size(&self, (width, height): (u64, u64), mobile: bool) -> Result<()> {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await.map(drop)
    }

    /// Nobody has to scroll sideways to read the page.
    async fn fits(&self) -> Result<()> {
        let widths = "return [document.documentElement.scrollWidth, window.innerWidth]";
        let widths = self.client.execute(widths, Vec::new()).await?;
        let (Some(page), Some(window)) = (widths[0].as_u64(), widths[1].as_u64()) else { bail!("widths: {widths}") };
        ensure!(page <= window, "the page is {page} wide in a window of {window}");
        Ok(())
    }

    /// A picture of the whole page, however long it is.
    async fn picture(&self, name: &str, (width, height): (u64, u64)) -> Result<()> {
        let long = self.client.execute("return document.documentElement.scrollHeight", Vec::new()).await?;
        let (long, mobile) = (long.as_u64().unwrap_or(height).max(height), width == PHONE.0);
        self.size((width, long), mobile).await?;
        let picture = self.client.screenshot().await?;
        self.size((width, height), mobile).await?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::create_dir_all(&folder)?;
        Ok(std::fs::write(folder.join(format!("{name}.png")), picture)?)
    }
}
