//! Which projects use the indicators of the library (指标使用情况).

use std::collections::{HashMap, HashSet};

use crate::records::HeldProject;

/// Projects that are named of those that use an indicator; the rest is counted.
pub(crate) const NAMED: usize = 100;

/// How many projects use each indicator of the library, and the first of them.
#[derive(Debug, Default)]
pub(crate) struct Used {
    all: HashMap<String, Users>,
    by_fund: HashMap<String, HashMap<String, usize>>,
}

/// The projects that use one indicator.
#[derive(Debug, Default)]
struct Users {
    count: usize,
    first: Vec<String>,
}

impl Used {
    /// Counts each project once for each indicator.
    pub(crate) fn count(projects: &[HeldProject]) -> Self {
        let mut used = Self::default();
        for held in projects {
            let codes: HashSet<&str> = held.lines.iter().filter_map(|line| line.indicator_code.as_deref()).collect();
            for code in codes {
                let users = used.all.entry(code.to_owned()).or_default();
                users.count += 1;
                if users.first.len() < NAMED {
                    users.first.push(held.project.code.clone());
                }
                if !held.project.fund_code.is_empty() {
                    let of_fund = used.by_fund.entry(held.project.fund_code.clone()).or_default();
                    *of_fund.entry(code.to_owned()).or_default() += 1;
                }
            }
        }
        used
    }

    /// By how many projects held here.
    pub(crate) fn times(&self, code: &str) -> usize {
        self.all.get(code).map_or(0, |users| users.count)
    }

    /// The codes of the projects held here that use it, the first [`NAMED`] of them.
    pub(crate) fn first(&self, code: &str) -> &[String] {
        self.all.get(code).map_or(&[], |users| &users.first)
    }

    /// By how many projects of a fund.
    pub(crate) fn times_in(&self, fund: &str, code: &str) -> usize {
        self.by_fund.get(fund).and_then(|of_fund| of_fund.get(code)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use tongpin_domain::project::{Project, ProjectIndicator};

    use super::*;
    use crate::ops::ground::code;

    fn project(number: &str, fund: &str, used: &[&str]) -> HeldProject {
        let json = format!(
            r#"{{"project_code":"{number}","project_name":"n","fiscal_year":2024,"region_code":"320581",
                "township_code":null,"fund_code":"{fund}"}}"#
        );
        let project: Project = serde_json::from_str(&json).expect("a project");
        let line = |code: &&str| {
            let json =
                format!(r#"{{"project_code":"{number}","seq":1,"name":"n","weight":"1","indicator_code":"{code}"}}"#);
            serde_json::from_str::<ProjectIndicator>(&json).expect("a line")
        };
        HeldProject { author: code("320581"), lines: used.iter().map(line).collect(), project, reviews: Vec::new() }
    }

    /// A project counts once for an indicator, however many of its lines use it; one of no fund is similar to none.
    #[test]
    fn counting_use() {
        let projects =
            [project("P1", "F1", &["A1", "A1", "B1"]), project("P2", "F2", &["A1"]), project("P3", "", &["A1"])];
        let used = Used::count(&projects);
        assert_eq!([used.times("A1"), used.times("B1"), used.times("B2")], [3, 1, 0]);
        assert_eq!((used.first("A1"), used.first("B2")), (&["P1", "P2", "P3"].map(String::from)[..], &[][..]));
        let many: Vec<HeldProject> = (0..=NAMED).map(|number| project(&number.to_string(), "", &["A1"])).collect();
        let many = Used::count(&many);
        assert_eq!((many.times("A1"), many.first("A1").len()), (NAMED + 1, NAMED));
        assert_eq!([used.times_in("F1", "A1"), used.times_in("F2", "B1"), used.times_in("", "A1")], [1, 0, 0]);
    }
}
