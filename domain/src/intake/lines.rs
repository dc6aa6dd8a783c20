//! Intake of the indicators of projects: one line of a self-evaluation each, with target and actual as typed.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{Asked, sheet_columns};
use super::sheet::{Cells, Sheet};
use super::{Intake, Table, Words, spoilt};
use crate::project::ProjectIndicator;

/// Reads the lines of known projects by the form in force. Any target and any actual is accepted as typed: scoring
/// decides what it is worth.
#[must_use]
pub fn project_indicators(
    table: &Table,
    asked: &Asked<'_>,
    known_projects: &BTreeSet<String>,
) -> Intake<ProjectIndicator> {
    let columns = sheet_columns(asked.form());
    let sheet = match Sheet::open(table, &columns) {
        Ok(sheet) => sheet,
        Err(problems) => return Intake::refused(problems),
    };
    let mut seen = BTreeMap::new();
    let mut intake = sheet.read(|cells| line(cells, asked, known_projects, &mut seen));
    intake.warnings.extend(sheet.warn_of_extra());
    intake
}

fn line(
    cells: &mut Cells<'_>,
    asked: &Asked<'_>,
    known_projects: &BTreeSet<String>,
    seen: &mut BTreeMap<(String, u32), u64>,
) -> Option<ProjectIndicator> {
    let project_code = cells.identifier("project_code");
    if spoilt(&project_code).is_none() && !known_projects.contains(&project_code) {
        let expected = Words::new("已导入的项目代码", "the code of a project that has been imported");
        cells.problem("project_code", expected);
    }
    let seq = cells.whole("seq");
    if cells.raw("seq").trim().is_empty() {
        cells.problem("seq", Words::new("不小于 0 的整数", "a whole number from 0"));
    }
    if let Some(seq) = seq {
        cells.unique("seq", (project_code.clone(), seq), seen);
    }
    let name = cells.required("name");
    cells.levels();
    cells.directions();
    let weight = cells.number("weight", 0, 100);
    if cells.raw("weight").trim().is_empty() {
        cells.problem("weight", Words::new("0 到 100 之间的数", "a number from 0 to 100"));
    }
    let qual_pct = cells.number("qual_pct", 0, 100);
    let self_score = cells.number("self_score", -100, 100);
    let low_target_confirmed = cells.flag("low_target_confirmed", "0");
    let evidence_count = cells.whole("evidence_count");
    let more = asked.beyond(cells);
    let indicator_code = Some(cells.identifier("indicator_code")).filter(|code| !code.is_empty());
    Some(ProjectIndicator {
        project_code,
        seq: seq?,
        indicator_code,
        level1: cells.word("level1"),
        level2: cells.word("level2"),
        name,
        nature: cells.word("nature"),
        unit: cells.code("unit"),
        target: cells.typed("target"),
        actual: cells.typed("actual"),
        qual_pct,
        weight: weight?,
        rule_type: cells.code("rule_type"),
        rule_params: cells.code("rule_params"),
        low_target_confirmed,
        self_score,
        deviation_reason: cells.text("deviation_reason"),
        evidence_count: evidence_count.unwrap_or_default(),
        more,
    })
}
