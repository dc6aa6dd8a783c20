//! Which projects use the indicators of the library (指标使用情况).

use std::collections::{BTreeSet, HashMap};

use crate::records::HeldProject;

/// Projects that are named of those that use an indicator; the rest is counted.
pub(crate) const NAMED: usize = 100;

/// Which projects use each indicator of the library.
#[derive(Debug, Clone, Default)]
pub(crate) struct Used {
    users: HashMap<String, BTreeSet<String>>,
    by_fund: HashMap<String, HashMap<String, usize>>,
}

/// What one project uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    fund: String,
    indicators: BTreeSet<String>,
}

impl Uses {
    /// Each indicator once, however many lines use it.
    pub(crate) fn of(held: &HeldProject) -> Self {
        let indicators = held.lines.iter().filter_map(|line| line.indicator_code.clone()).collect();
        Self { fund: held.project.fund_code.clone(), indicators }
    }
}

impl Used {
    /// Counts what a project uses, in the place of what it used.
    pub(crate) fn replace(&mut self, project: &str, before: &Uses, after: &Uses) {
        if before == after {
            return;
        }
        for code in &before.indicators {
            if let Some(users) = self.users.get_mut(code) {
                users.remove(project);
            }
            let of_fund = self.by_fund.get_mut(&before.fund);
            if let Some(count) = of_fund.and_then(|of_fund| of_fund.get_mut(code)) {
                *count = count.saturating_sub(1);
            }
        }
        for code in &after.indicators {
            self.users.entry(code.clone()).or_default().insert(project.to_owned());
            if !after.fund.is_empty() {
                let of_fund = self.by_fund.entry(after.fund.clone()).or_default();
                let count = of_fund.entry(code.clone()).or_default();
                *count = count.saturating_add(1);
            }
        }
    }

    /// By how many projects held here.
    pub(crate) fn times(&self, code: &str) -> usize {
        self.users.get(code).map_or(0, BTreeSet::len)
    }

    /// The codes of the projects held here that use it, the first [`NAMED`] of them.
    pub(crate) fn first(&self, code: &str) -> Vec<&str> {
        self.users.get(code).into_iter().flatten().take(NAMED).map(String::as_str).collect()
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

    fn counted(projects: &[HeldProject]) -> Used {
        let mut used = Used::default();
        for held in projects {
            used.replace(&held.project.code, &Uses::default(), &Uses::of(held));
        }
        used
    }

    /// A project counts once for an indicator, however many of its lines use it; one of no fund is similar to none.
    #[test]
    fn counting_use() {
        let projects =
            [project("P1", "F1", &["A1", "A1", "B1"]), project("P2", "F2", &["A1"]), project("P3", "", &["A1"])];
        let used = counted(&projects);
        assert_eq!([used.times("A1"), used.times("B1"), used.times("B2")], [3, 1, 0]);
        assert_eq!((used.first("A1"), used.first("B2")), (vec!["P1", "P2", "P3"], vec![]));
        let many: Vec<HeldProject> = (0..=NAMED).map(|number| project(&number.to_string(), "", &["A1"])).collect();
        let many = counted(&many);
        assert_eq!((many.times("A1"), many.first("A1").len()), (NAMED + 1, NAMED));
        assert_eq!([used.times_in("F1", "A1"), used.times_in("F2", "B1"), used.times_in("", "A1")], [1, 0, 0]);
    }

    /// What a project no longer uses, or uses for another fund, is taken off again.
    #[test]
    fn changing_use() {
        let (before, after) = (project("P1", "F1", &["A1", "B1"]), project("P1", "F2", &["B1", "C1"]));
        let mut used = counted(&[before.clone(), project("P2", "F1", &["A1"])]);
        used.replace("P1", &Uses::of(&before), &Uses::of(&after));
        assert_eq!([used.times("A1"), used.times("B1"), used.times("C1")], [1, 1, 1]);
        assert_eq!(used.first("A1"), ["P2"]);
        assert_eq!([used.times_in("F1", "A1"), used.times_in("F1", "B1"), used.times_in("F2", "B1")], [1, 0, 1]);
    }
}
