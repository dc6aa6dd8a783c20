//! 变更清单: which of this node's own projects changed, their lines and what was reported of them by month included, for
//! systems that keep a copy. Each project stands in it once, with the number of its last change, so that whoever asks
//! from any number on gets everything and nothing twice.

use std::collections::BTreeSet;

use tongpin_domain::moment::Moment;
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, ProjectIndicator};
use tongpin_domain::region::RegionCode;
use tongpin_domain::review::REVIEW;

use super::RecordRow;
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, fits, pieces, sql, tuples};

const CHANGE: &str = "project_change";

/// The last change of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectChange {
    /// Its number: above those of all changes before it.
    pub seq: u64,
    /// 项目代码
    pub project: String,
    /// When it changed.
    pub at: Moment,
    /// Whether the project is no longer there.
    pub removed: bool,
}

fn change(line: &Line) -> Result<ProjectChange, StoreError> {
    Ok(ProjectChange {
        seq: line.number("seq")?,
        project: line.text("project")?,
        at: line.moment("changed_at")?,
        removed: line.number("held")? == 0,
    })
}

/// The project that a record is of, if it is of one: the key of a line, and of a month, begins with its project's.
fn project(row: &RecordRow) -> Option<&str> {
    match row.kind.as_str() {
        PROJECT => Some(&row.key),
        PROJECT_INDICATOR | OBSERVATION | REVIEW => ProjectIndicator::project_in_key(&row.key),
        _ => None,
    }
}

async fn last(tx: &mut Tx) -> Result<u64, StoreError> {
    let query = sql(CHANGE, "reading changes", "SELECT MAX(seq) AS seq FROM project_change");
    let line = query.first(tx.connection()).await?;
    Ok(line.map(|line| line.maybe_number("seq")).transpose()?.flatten().unwrap_or(0))
}

/// Notes the projects of records that are written in this transaction, which holds the turn of own records.
pub(super) async fn note(tx: &mut Tx, rows: &[&RecordRow], at: Moment) -> Result<(), StoreError> {
    let projects: Vec<&str> = rows.iter().filter_map(|row| project(row)).collect::<BTreeSet<_>>().into_iter().collect();
    if projects.is_empty() {
        return Ok(());
    }
    let mut seq = last(tx).await?;
    for chunk in pieces(&projects) {
        let text = format!(
            "INSERT INTO project_change (project, seq, changed_at) VALUES {} \
             ON CONFLICT (project) DO UPDATE SET seq = excluded.seq, changed_at = excluded.changed_at",
            tuples(tx.kind(), chunk.len(), 3)
        );
        let mut statement = sql(CHANGE, "noting changes", text);
        for project in chunk {
            seq = fits("sequence number", seq.saturating_add(1))?;
            statement = statement.text(project).number(seq).moment(at);
        }
        statement.run(tx.connection()).await?;
    }
    Ok(())
}

impl Store {
    /// Up to `limit` projects of this node that changed after a number, in the order of their last changes.
    #[boxed]
    pub async fn project_changes(
        &self,
        own: &RegionCode,
        after: u64,
        limit: u64,
    ) -> Result<Vec<ProjectChange>, StoreError> {
        let text = "SELECT c.project, c.seq, c.changed_at, (SELECT COUNT(*) FROM record AS r WHERE r.kind = $1 \
             AND r.key = c.project AND r.author = $2) AS held \
            FROM project_change AS c WHERE c.seq > $3 ORDER BY c.seq LIMIT $4";
        let query = sql(CHANGE, "reading changes", text).text(PROJECT).shown(own).number(after).number(limit);
        query.read(&mut *self.reader().await?, change).await
    }

    /// The number of the last change, 0 if there was none.
    #[boxed]
    pub async fn last_project_change(&self) -> Result<u64, StoreError> {
        let query = sql(CHANGE, "reading changes", "SELECT MAX(seq) AS seq FROM project_change");
        let line = query.first(&mut *self.reader().await?).await?;
        Ok(line.map(|line| line.maybe_number("seq")).transpose()?.flatten().unwrap_or(0))
    }
}
