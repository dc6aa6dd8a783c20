//! How many records each author has: what a county sees of its townships before it opens any of them.

use tongpin_domain::region::RegionCode;

use super::RECORD;
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, sql};

/// The records of one kind that one author has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordCount {
    /// Whose they are.
    pub author: RegionCode,
    /// `project`, `observation` …
    pub kind: String,
    /// How many are sound.
    pub sound: u64,
    /// How many were set aside.
    pub aside: u64,
}

fn count(line: &Line) -> Result<RecordCount, StoreError> {
    let (all, aside) = (line.number("records")?, line.number("aside")?);
    Ok(RecordCount {
        author: line.region("author")?,
        kind: line.text("kind")?,
        sound: all.saturating_sub(aside),
        aside,
    })
}

impl Store {
    /// The records of every author by kind, sorted.
    pub async fn record_counts(&self) -> Result<Vec<RecordCount>, StoreError> {
        let text = "SELECT author, kind, COUNT(*) AS records, COUNT(problem) AS aside FROM record \
            GROUP BY author, kind ORDER BY author, kind";
        sql(RECORD, "counting records", text).read(&mut *self.reader().await?, count).await
    }

    /// How many sound records of a kind each author has whose key ends like this, as those of one month do.
    pub async fn records_ending(&self, kind: &str, end: &str) -> Result<Vec<(RegionCode, u64)>, StoreError> {
        let text = "SELECT author, COUNT(*) AS records FROM record WHERE kind = $1 AND problem IS NULL \
            AND key LIKE $2 ESCAPE '\\' GROUP BY author ORDER BY author";
        let pattern = format!("%{}", end.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        let query = sql(RECORD, "counting records", text).text(kind).text(&pattern);
        query.read(&mut *self.reader().await?, |line| Ok((line.region("author")?, line.number("records")?))).await
    }
}
