//! The other programs: Python with openpyxl, and LibreOffice without a window.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

const LOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/workbooks/look.py");

/// Both, found on this machine.
pub(crate) struct Office {
    python: &'static str,
    soffice: &'static str,
}

impl Office {
    /// Finds them, or says what is missing.
    pub(crate) fn find() -> Result<Option<Self>> {
        let runs = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output();
            output.is_ok_and(|output| output.status.success())
        };
        let python = ["python3", "/usr/bin/python3"].into_iter().find(|it| runs(it, &["-c", "import openpyxl"]));
        let soffice = ["soffice", "libreoffice"].into_iter().find(|it| runs(it, &["--version"]));
        if let (Some(python), Some(soffice)) = (python, soffice) {
            return Ok(Some(Self { python, soffice }));
        }
        let said = "openpyxl or LibreOffice is not installed (Debian: python3-openpyxl, libreoffice-calc)";
        ensure!(
            std::env::var_os("TONGPIN_TEST_OFFICE").is_none_or(|wish| wish != "required"),
            "{said}, but TONGPIN_TEST_OFFICE requires them"
        );
        eprintln!("skipped: {said}");
        Ok(None)
    }

    /// What openpyxl finds in each of these files of a folder.
    pub(crate) fn look(&self, folder: &Path, names: &[&str]) -> Result<Value> {
        let output = Command::new(self.python).arg(LOOK).args(names.iter().map(|name| folder.join(name))).output()?;
        let Ok(found) = serde_json::from_slice(&output.stdout) else {
            bail!("openpyxl cannot read one of them: {}", String::from_utf8_lossy(&output.stderr));
        };
        Ok(found)
    }

    /// Opens each in LibreOffice and saves it as a workbook of LibreOffice's own making; returns their folder.
    pub(crate) fn save_again(&self, folder: &Path, names: &[&str]) -> Result<PathBuf> {
        let saved = folder.join("saved");
        let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
        let mut command = Command::new(self.soffice);
        command.args([&profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"]).arg(&saved);
        let output = command.args(names.iter().map(|name| folder.join(name))).output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "LibreOffice failed: {said}");
        for name in names {
            saved.join(name).metadata().with_context(|| format!("LibreOffice did not save {name}: {said}"))?;
        }
        Ok(saved)
    }
}
