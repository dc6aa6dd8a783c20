//! The sample files as typed records, read the way a node and a hub read them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use tongpin_domain::form::{Definition, Facts};
use tongpin_domain::intake::{self, Asked, Intake, Table, read_csv};
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::region::{Region, RegionCode, Regions};
use tongpin_domain::rules::RuleSet;
use tongpin_domain::score::{RuleRef, ScoreSheet, score};

/// Everything that a whole city's figures are computed from.
pub(crate) struct Samples {
    pub(crate) projects: Vec<Project>,
    pub(crate) lines: Vec<ProjectIndicator>,
    pub(crate) regions: Regions,
    pub(crate) rules: RuleSet,
}

/// The text of a sample file.
pub(crate) fn text(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name);
    std::fs::read_to_string(&path).expect("the samples are part of the sources")
}

/// A sample file as a table of text.
pub(crate) fn table(name: &str) -> Table {
    read_csv(name, text(name).as_bytes()).expect("a sample file is a table")
}

fn all<T>(name: &str, intake: Intake<T>) -> Vec<T> {
    assert!(intake.problems.is_empty(), "{name}: {:?}", intake.problems);
    intake.accepted.into_iter().map(|(_, record)| record).collect()
}

/// The default rule set, as published.
pub(crate) fn rules() -> RuleSet {
    RuleSet::from_toml(&text("rules.toml")).expect("the published rule set is sound")
}

/// A reference to the default rule set in the city's first release.
pub(crate) fn rule_ref() -> RuleRef {
    let publisher = RegionCode::new("320500").expect("a city's code");
    RuleRef { publisher, key: rules().name, release: 1 }
}

/// All sample records.
pub(crate) fn samples() -> Samples {
    let projects = all(
        "projects.csv",
        intake::projects(&table("projects.csv"), &Asked::new(Definition::of_projects(), &Facts::default())),
    );
    let known: BTreeSet<String> = projects.iter().map(|project| project.code.clone()).collect();
    let lines = intake::project_indicators(
        &table("project_indicators.csv"),
        &Asked::new(Definition::of_lines(), &Facts::default()),
        &known,
    );
    let lines = all("project_indicators.csv", lines);
    let regions = all("regions.csv", intake::entries("regions", &table("regions.csv")));
    let regions =
        regions.iter().map(|entry| serde_json::from_str::<Region>(&entry.body).expect("intake has checked the body"));
    Samples { projects, lines, regions: Regions::new(regions), rules: rules() }
}

impl Samples {
    /// Every project's sheet, in the order of the file.
    pub(crate) fn sheets(&self) -> Vec<ScoreSheet> {
        let rule_ref = rule_ref();
        let sheet = |project| score(project, &self.lines, &self.rules, &rule_ref, &self.regions);
        self.projects.iter().map(sheet).collect()
    }
}
