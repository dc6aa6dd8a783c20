//! 待重算: which projects are to be scored, marked in the transaction that changes their records and unmarked in the one
//! that writes their scores, so that no crash in between leaves a score behind that nobody knows to be old.

use std::collections::BTreeSet;

use tongpin_domain::digest::Digest;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, ProjectIndicator};
use tongpin_domain::review::REVIEW;

use super::basis;
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::record::OWN_RECORDS;
use crate::sql::{listed, pieces, sql, tuples};
use crate::topic::Topic;

const DUE: &str = "score_due";
/// The most projects that a transaction names to those who watch.
const NAMED: usize = 500;

/// The project whose score a record of this kind and key goes into, if it goes into one.
fn project<'a>(kind: &str, key: &'a str) -> Option<&'a str> {
    match kind {
        PROJECT => Some(key),
        PROJECT_INDICATOR | REVIEW => ProjectIndicator::project_in_key(key),
        _ => None,
    }
}

/// Marks the projects of records, by kind and key, that this transaction changes.
pub(crate) async fn mark<'a>(tx: &mut Tx, records: impl Iterator<Item = (&'a str, &'a str)>) -> Result<(), StoreError> {
    let (mut projects, mut astray) = (BTreeSet::new(), false);
    for (kind, key) in records {
        match project(kind, key) {
            Some(code) => drop(projects.insert(code)),
            None => astray |= matches!(kind, PROJECT_INDICATOR | REVIEW),
        }
    }
    if !projects.is_empty() {
        tx.touch(Topic::Due);
    }
    if astray || projects.len() > NAMED {
        tx.touch(Topic::ManyProjects);
    } else {
        for code in &projects {
            tx.touch(Topic::Project((*code).to_owned()));
        }
    }
    for chunk in pieces(&projects.into_iter().collect::<Vec<_>>()) {
        let rows = tuples(tx.kind(), chunk.len(), 1);
        let text = format!("INSERT INTO score_due (project) VALUES {rows} ON CONFLICT (project) DO NOTHING");
        let statement = sql(DUE, "marking scores", text);
        chunk.iter().fold(statement, |it, project| it.text(project)).run(tx.connection()).await?;
    }
    Ok(())
}

/// Takes the marks of projects away, in the transaction that writes their scores or finds that there is none to write.
pub(super) async fn unmark(tx: &mut Tx, projects: &[&str]) -> Result<(), StoreError> {
    let text = format!("DELETE FROM score_due WHERE project IN {}", listed(tx.kind(), 1));
    sql(DUE, "unmarking scores", text).list(projects).run(tx.connection()).await?;
    Ok(())
}

impl Store {
    /// How many projects are to be scored.
    #[boxed]
    pub async fn count_due(&self) -> Result<u64, StoreError> {
        let query = sql(DUE, "counting marks", "SELECT COUNT(*) AS count FROM score_due");
        query.first(&mut *self.reader().await?).await?.map_or(Ok(0), |line| line.number("count"))
    }

    /// Up to `limit` projects that are to be scored, sorted, after a code.
    #[boxed]
    pub async fn due_after(&self, code: &str, limit: u64) -> Result<Vec<String>, StoreError> {
        let text = "SELECT project FROM score_due WHERE project > $1 ORDER BY project LIMIT $2";
        let query = sql(DUE, "reading marks", text).text(code).number(limit);
        query.read(&mut *self.reader().await?, |line| line.text("project")).await
    }

    /// Those of some projects that are to be scored.
    #[boxed]
    pub async fn due_of(&self, codes: &[&str]) -> Result<BTreeSet<String>, StoreError> {
        let text = format!("SELECT project FROM score_due WHERE project IN {}", listed(self.kind(), 1));
        let query = sql(DUE, "reading marks", text).list(codes);
        Ok(query.read(&mut *self.reader().await?, |line| line.text("project")).await?.into_iter().collect())
    }

    /// Marks projects whose scores were found to be old otherwise than by a change of their records.
    #[boxed]
    pub async fn mark_due(&self, codes: &[&str]) -> Result<(), StoreError> {
        let mut tx = self.begin_apart().await?;
        mark(&mut tx, codes.iter().map(|code| (PROJECT, *code))).await?;
        tx.commit().await
    }

    /// Takes the marks of projects away that have nothing to be scored, each with the [`basis`] that this was seen in.
    /// What has changed since keeps its mark.
    #[boxed]
    pub async fn nothing_to_score(&self, seen: &[(&str, Digest)]) -> Result<(), StoreError> {
        let mut tx = self.begin_apart().await?;
        tx.lock(OWN_RECORDS).await?;
        let codes: Vec<&str> = seen.iter().map(|(code, _)| *code).collect();
        let now = basis::of_some(tx.connection(), &codes).await?;
        let settled = seen.iter().filter(|(code, basis)| now.get(*code) == Some(basis));
        unmark(&mut tx, &settled.map(|(code, _)| *code).collect::<Vec<_>>()).await?;
        tx.commit().await
    }
}
