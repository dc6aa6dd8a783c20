//! What was reported by month stays, whatever a file says of the same figures; the file's other figure is told.

use std::collections::BTreeMap;

use tongpin_domain::intake::{Intake, Problem, Table, Words};
use tongpin_domain::observation::Observation;
use tongpin_domain::observation::keeping::{keep_actual, keep_executed};
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Store, StoreError};

use crate::records::HeldProject;
use crate::records::observations;

/// What was reported of each project by month.
pub(crate) type Months = BTreeMap<String, Vec<Observation>>;

/// What this bureau reported by month, by project.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn of_all(store: &Store, own: &RegionCode) -> Result<Months, StoreError> {
    let mut months = Months::new();
    for it in observations::of_author(store, own).await? {
        months.entry(it.project_code.clone()).or_default().push(it);
    }
    Ok(months)
}

/// The same of one project.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn of_one(store: &Store, code: &str) -> Result<Months, StoreError> {
    Ok([(code.to_owned(), observations::of_project(store, code).await?)].into())
}

/// Keeps 全年执行数 of projects that are reported by month.
pub(super) fn keep_sums(table: &Table, intake: &mut Intake<Project>, held: &[HeldProject], months: &Months) {
    for (line, project) in &mut intake.accepted {
        let Some(months) = months.get(&project.code) else { continue };
        let before = held.iter().find(|held| held.project.code == project.code).map(|held| &held.project);
        let Some(given) = keep_executed(project, before, months) else { continue };
        let (kept, given) = (project.money.executed.raw(), given.raw());
        let zh = format!("{kept}。执行数由月报汇总为 {kept}，文件中的 {given} 未采用；要改请改月报或期初数");
        let en = format!("{kept}, the sum of the months, which stays; change a month or the opening instead");
        intake.warnings.push(told(table, *line, "executed", given, Words::new(zh, en)));
    }
}

/// Keeps 实际完成值 of lines that are reported by month.
pub(crate) fn keep_actuals(
    table: &Table,
    intake: &mut Intake<ProjectIndicator>,
    held: &[HeldProject],
    months: &Months,
) {
    for (line, indicator) in &mut intake.accepted {
        let Some(months) = months.get(&indicator.project_code) else { continue };
        let project = held.iter().find(|held| held.project.code == indicator.project_code);
        let before = project.and_then(|held| held.lines.iter().find(|line| line.seq == indicator.seq));
        let Some(given) = keep_actual(indicator, before, months) else { continue };
        let (kept, given) = (indicator.actual.raw(), given.raw());
        let zh = format!("{kept}。完成值由月报填报为 {kept}，文件中的 {given} 未采用；要改请改月报，或填写自评表");
        let en = format!("{kept}, as reported by month, which stays; change a month or the self-evaluation instead");
        intake.warnings.push(told(table, *line, "actual", given, Words::new(zh, en)));
    }
}

fn told(table: &Table, line: u64, column: &str, found: &str, expected: Words) -> Problem {
    Problem { file: table.name.clone(), line, column: column.to_owned(), found: found.to_owned(), expected }
}
