//! What the demo leads to: three files, compared with what they should be.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};

use super::data::DataFolder;
use super::federation::{COLLECTIONS, Federation};

/// The three results, as the programs wrote them, in the columns of the `expected_*` files.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// From the nodes.
    pub scores: String,
    /// From the hub.
    pub rollup_region: String,
    /// From the hub.
    pub rollup_fund: String,
    /// What the hub prints for people.
    pub printed: String,
}

impl Outcome {
    /// Asks the nodes for their scores and the hub for its roll-ups.
    ///
    /// # Errors
    /// A command fails.
    pub fn gather(federation: &Federation, data: &DataFolder, work: &Path) -> Result<Self> {
        let folder = work.join("results");
        std::fs::create_dir_all(&folder)?;
        let mut header = String::new();
        let mut by_project: HashMap<String, String> = HashMap::new();
        for county in &federation.counties {
            let file = folder.join(format!("scores-{}.csv", county.code));
            county.bureau.run(&["scores", "--out", file.to_str().context("a path in UTF-8")?])?;
            let text = unmarked(&file)?;
            let mut lines = text.split_inclusive('\n');
            lines.next().unwrap_or_default().clone_into(&mut header);
            for line in lines {
                let code = line.split(',').next().unwrap_or_default().to_owned();
                by_project.insert(code, line.to_owned());
            }
        }
        let rows = data.order.iter().filter_map(|code| by_project.remove(code));
        let scores = std::iter::once(header).chain(rows).collect();
        let mut printed = String::new();
        let mut files = Vec::new();
        for collection in COLLECTIONS {
            let file = folder.join(format!("{collection}.csv"));
            printed.push_str(&federation.hub.run(&["rollup", collection])?);
            federation.hub.run(&["rollup", collection, "--out", file.to_str().context("a path in UTF-8")?])?;
            files.push(unmarked(&file)?);
        }
        let [rollup_region, rollup_fund] = <[String; 2]>::try_from(files).ok().context("two roll-ups")?;
        Ok(Self { scores, rollup_region, rollup_fund, printed })
    }

    fn files(&self) -> [(&'static str, &'static str, &str); 3] {
        [
            ("scores.csv", "expected_scores.csv", &self.scores),
            ("rollup_region.csv", "expected_rollup_region.csv", &self.rollup_region),
            ("rollup_fund.csv", "expected_rollup_fund.csv", &self.rollup_fund),
        ]
    }

    /// Writes the three files.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(&self, out: &Path) -> Result<()> {
        std::fs::create_dir_all(out)?;
        for (name, _, text) in self.files() {
            std::fs::write(out.join(name), text).with_context(|| format!("{}", out.join(name).display()))?;
        }
        Ok(())
    }

    /// Compares with the `expected_*` files of the data folder: each file with its number of rows and every
    /// difference in words. A file without an expectation is not compared.
    #[must_use]
    pub fn compare(&self, data: &DataFolder) -> Vec<Comparison> {
        self.files()
            .into_iter()
            .map(|(name, expected, found)| {
                let expected = data.expected(expected);
                let rows = found.lines().count().saturating_sub(1);
                let differences = expected.as_deref().map(|expected| differences(expected, found));
                Comparison { name, rows, differences }
            })
            .collect()
    }
}

/// A file as it is compared: behind the byte order mark, by which spreadsheets know its Chinese.
fn unmarked(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file)?;
    let found = text.strip_prefix('\u{feff}').with_context(|| format!("{}: no byte order mark", file.display()))?;
    Ok(found.to_owned())
}

/// How one file compares.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The file.
    pub name: &'static str,
    /// Its rows without the header.
    pub rows: usize,
    /// What differs; `None` if there is nothing to compare with.
    pub differences: Option<Vec<String>>,
}

fn differences(expected: &str, found: &str) -> Vec<String> {
    let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let missing = "（无此行）";
    (0..expected.len().max(found.len()))
        .map(|index| (index, expected.get(index).unwrap_or(&missing), found.get(index).unwrap_or(&missing)))
        .filter(|(_, expected, found)| expected != found)
        .map(|(index, expected, found)| format!("第 {} 行应为 {expected}，实为 {found}", index + 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A changed, a missing and an extra line are each reported with its number.
    #[test]
    fn every_difference_is_told() {
        assert!(differences("a\nb\n", "a\nb\n").is_empty());
        assert_eq!(differences("a\nb\n", "a\nc\n"), ["第 2 行应为 b，实为 c"]);
        assert_eq!(differences("a\nb\n", "a\n"), ["第 2 行应为 b，实为 （无此行）"]);
        assert_eq!(differences("a\n", "a\nb\n"), ["第 2 行应为 （无此行），实为 b"]);
    }
}
