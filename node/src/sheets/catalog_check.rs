//! What the catalogs that this node holds know of funds, departments and indicators, and what a file says otherwise.
//! None of it refuses: a local fund or an indicator of one's own is in no catalog. Where a catalog is not held, nothing
//! is said.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tongpin_domain::form::Definition;
use tongpin_domain::intake::{Problem, Words};
use tongpin_domain::project::{PROJECT, Project, ProjectIndicator};
use tongpin_domain::unit;
use tongpin_store::{Store, StoreError};

use crate::guidance;
use crate::sheets::entry::Entered;

/// The codes and words that the catalogs have.
#[derive(Debug, Default)]
pub(crate) struct CatalogCheck {
    funds: BTreeSet<String>,
    departments: BTreeSet<String>,
    /// 度量单位 by 指标代码.
    units: BTreeMap<String, String>,
}

/// What a fund's entry says of itself.
#[derive(Deserialize)]
struct Fund {
    #[serde(rename = "fund_code", default)]
    code: String,
    #[serde(default)]
    department: String,
}

impl CatalogCheck {
    /// Reads the catalogs.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let mut known = Self::default();
        for fund in guidance::published::<Fund>(store, "funds").await? {
            known.funds.insert(fund.value.code);
            known.departments.insert(fund.value.department);
        }
        for entry in guidance::indicators(store).await? {
            known.departments.insert(entry.department);
            known.units.insert(entry.code, entry.unit);
        }
        known.funds.remove("");
        known.departments.remove("");
        Ok(known)
    }

    /// 度量单位 of an entry of the library.
    pub(crate) fn unit(&self, code: &str) -> Option<&str> {
        self.units.get(code).map(String::as_str)
    }

    /// Everything that a file says otherwise, by line: its name and titles, and the form that its columns are of.
    pub(crate) fn doubts(&self, table: (&str, &[String]), form: &Definition, entered: &Entered) -> Vec<Problem> {
        let (file, header) = table;
        let mut doubts = Vec::new();
        for (row, line) in entered.rows.iter().zip(&entered.lines) {
            let Some(body) = &row.body else { continue };
            let found = if row.kind == PROJECT {
                serde_json::from_str(body).map(|project| self.of_project(&project))
            } else {
                serde_json::from_str(body).map(|line| self.of_line(&line))
            };
            doubts.extend(found.unwrap_or_default().into_iter().map(|(column, found, expected)| {
                let column = form.heading(column, header).unwrap_or(column).to_owned();
                Problem { file: file.to_owned(), line: *line, column, found, expected }
            }));
        }
        doubts
    }

    /// What one project and its lines say otherwise, each line by its number; the project itself is at 0.
    pub(crate) fn of_whole(&self, project: &Project, lines: &[(u64, ProjectIndicator)]) -> Vec<Problem> {
        let project = self.of_project(project).into_iter().map(|found| (0, found));
        let lines = lines.iter().flat_map(|(at, line)| self.of_line(line).into_iter().map(|found| (*at, found)));
        let told = |(line, (column, found, expected)): (u64, (&str, String, Words))| Problem {
            file: String::new(),
            line,
            column: column.to_owned(),
            found,
            expected,
        };
        project.chain(lines).map(told).collect()
    }

    fn of_project(&self, project: &Project) -> Vec<(&'static str, String, Words)> {
        let mut doubts = Vec::new();
        let unknown = |held: &BTreeSet<String>, text: &str| {
            !held.is_empty() && !text.trim().is_empty() && !held.contains(text.trim())
        };
        if unknown(&self.funds, &project.fund_code) {
            let zh = "上级发布的专项资金目录中的代码；目录中没有这个代码，请核对（本级资金可忽略）";
            let words = Words::new(zh, "a code of the published catalog of funds (a local fund is in none)");
            doubts.push(("fund_code", project.fund_code.clone(), words));
        }
        if unknown(&self.departments, &project.department) {
            let zh = "上级发布的目录中的主管部门；目录中没有这个部门，请核对名称是否写全";
            let words = Words::new(zh, "a department of the published catalogs: is its name complete?");
            doubts.push(("department", project.department.clone(), words));
        }
        doubts
    }

    fn of_line(&self, line: &ProjectIndicator) -> Vec<(&'static str, String, Words)> {
        let Some(code) = line.indicator_code.as_deref().filter(|_| !self.units.is_empty()) else { return Vec::new() };
        let Some(library) = self.unit(code) else {
            let zh = "上级发布的指标库中的代码，自设指标不填；指标库中没有这个代码，请核对";
            let words = Words::new(zh, "a code of the published library, or blank for an indicator of one's own");
            return vec![("indicator_code", code.to_owned(), words)];
        };
        unit::differing(&line.unit, library).map(|words| ("unit", line.unit.clone(), words)).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use tongpin_domain::project::PROJECT_INDICATOR;

    use super::*;
    use crate::sheets::entry;

    fn known() -> CatalogCheck {
        let set = |word: &str| BTreeSet::from([word.to_owned()]);
        let units = [("JY-21-001", "个"), ("JY-11-001", "元")];
        let units = units.into_iter().map(|(code, unit)| (code.to_owned(), unit.to_owned())).collect();
        CatalogCheck { funds: set("ZX2024-01"), departments: set("教育局"), units }
    }

    fn project(fund: &str, department: &str) -> Entered {
        let json = format!(
            r#"{{"project_code":"P","project_name":"n","fiscal_year":2024,"region_code":"320581","fund_code":"{fund}",
            "department":"{department}"}}"#
        );
        let project: Project = serde_json::from_str(&json).expect("a project");
        Entered { rows: vec![entry::row(PROJECT, "P".into(), &project)], lines: vec![7], ..Entered::default() }
    }

    fn line(code: &str, unit: &str) -> Entered {
        let json = format!(
            r#"{{"project_code":"P","seq":1,"name":"n","weight":"9","unit":"{unit}","indicator_code":{code}}}"#
        );
        let line: ProjectIndicator = serde_json::from_str(&json).expect("a line");
        let rows = vec![entry::row(PROJECT_INDICATOR, "P/001".into(), &line)];
        Entered { rows, lines: vec![3], ..Entered::default() }
    }

    /// An unknown fund, department or indicator and another unit are told at their line, under the column's name in
    /// that file; where no catalog is held nothing is said.
    #[test]
    fn told_by_line() {
        let header = ["fund_code", "主管部门", "度量单位", "indicator_code"].map(str::to_owned);
        let found = |known: &CatalogCheck, entered: &Entered| {
            let of_projects = entered.rows[0].kind == PROJECT;
            let form = if of_projects { Definition::of_projects() } else { Definition::of_lines() };
            let doubts = known.doubts(("f.csv", &header), form, entered);
            doubts.into_iter().map(|it| (it.line, it.column, it.found)).collect::<Vec<_>>()
        };
        let at = |line: u64, column: &str, found: &str| (line, column.to_owned(), found.to_owned());
        let both = [at(7, "fund_code", "ZX2024-99"), at(7, "主管部门", "教育")];
        assert_eq!(found(&known(), &project("ZX2024-99", "教育")), both);
        assert_eq!(found(&known(), &project("ZX2024-01", "教育局")), []);
        assert_eq!(found(&known(), &project("", "")), []);
        assert_eq!(found(&known(), &line("\"XX-1\"", "个")), [at(3, "indicator_code", "XX-1")]);
        assert_eq!(found(&known(), &line("\"JY-21-001\"", "（个）")), []);
        assert_eq!(found(&known(), &line("\"JY-21-001\"", "件")), [at(3, "度量单位", "件")]);
        assert_eq!(found(&known(), &line("\"JY-11-001\"", "万元")), [at(3, "度量单位", "万元")]);
        assert_eq!(found(&known(), &line("null", "件")), []);
        for entered in [project("ZX2024-99", "教育"), line("\"XX-1\"", "件")] {
            assert_eq!(found(&CatalogCheck::default(), &entered), []);
        }
    }
}
