//! What a file of reports by month would write, as it is gathered, and what follows from it for projects.

use std::collections::HashMap;

use tongpin_domain::intake::Words;
use tongpin_domain::moment::Moment;
use tongpin_domain::observation::{OBSERVATION, Observation};

use super::super::change::{Before, Change, FieldChange, What};
use super::Row;
use crate::ops::months::{Plan, ReportedProject};
use crate::sheets::entry::{self, Entered};

/// What a file would write, as it is gathered.
#[derive(Default)]
pub(super) struct Laid {
    rows: Vec<(u64, tongpin_store::RecordRow)>,
    pub(super) before: Before,
    pub(super) names: HashMap<String, String>,
    pub(super) follows: Vec<Change>,
    pub(super) plans: Vec<Plan>,
}

impl Laid {
    pub(super) fn lay(&mut self, plan: Plan, rows: &[Row<'_>]) {
        let project = &plan.opened.held.project;
        self.names.insert(project.code.clone(), project.name.clone());
        // Nobody and no time: the same file has the same effect whenever it is looked at.
        let after = plan.after("", Moment(0));
        for it in &plan.opened.observations {
            let row = entry::row(OBSERVATION, it.record_key(), it);
            self.before.extend(row.body.map(|body| ((row.kind, row.key), body)));
        }
        for it in &after {
            let line = rows.iter().find(|(_, row)| row.month == it.month).map(|(line, _)| *line);
            let held = plan.opened.observations.contains(it);
            if line.is_some() || !held {
                self.rows.push((line.unwrap_or(0), entry::row(OBSERVATION, it.record_key(), it)));
            }
        }
        self.follows.extend(follows(&plan.opened, &after));
        self.plans.push(plan);
    }

    /// The rows in the order of the file, and behind them what no line of it names.
    pub(super) fn entered(&self) -> Entered {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(line, _)| if *line == 0 { u64::MAX } else { *line });
        let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).filter(|line| *line > 0).collect();
        Entered {
            records: lines.len(),
            lines,
            rows: rows.into_iter().map(|(_, row)| row.clone()).collect(),
            ..Entered::default()
        }
    }
}

/// What the project's own record and its lines will say.
fn follows(opened: &ReportedProject, after: &[Observation]) -> Option<Change> {
    let (project, lines) = opened.settled(after)?;
    let held = &opened.held;
    let mut fields = Vec::new();
    let mut say = |field: Words, before: &str, after: &str| {
        if before != after {
            fields.push(FieldChange { field, before: before.to_owned(), after: after.to_owned() });
        }
    };
    let executed = Words::new("全年执行数", "spent in the year");
    say(executed, held.project.money.executed.raw(), project.money.executed.raw());
    for (before, after) in held.lines.iter().zip(&lines) {
        let (seq, name) = (before.seq, &before.name);
        let field = Words::new(format!("{seq}. {name} 实际完成值"), format!("{seq}. {name}, reached"));
        say(field, before.actual.raw(), after.actual.raw());
    }
    let (key, name) = (project.code, project.name);
    (!fields.is_empty()).then_some(Change { line: 0, key, name, what: What::Changed, fields })
}
