//! How many records each author has: what a county sees of its townships before it opens any of them.

use tongpin_domain::region::RegionCode;

use super::RECORD;
use crate::boxed;
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
    /// How many the author's present incarnation has not sent, see [`Store::left_behind`].
    pub left_behind: u64,
}

fn count(line: &Line) -> Result<RecordCount, StoreError> {
    let (all, aside) = (line.number("records")?, line.number("aside")?);
    Ok(RecordCount {
        author: line.region("author")?,
        kind: line.text("kind")?,
        sound: all.saturating_sub(aside),
        aside,
        left_behind: line.number("left_behind")?,
    })
}

impl Store {
    /// The records of every author by kind, sorted. It reads all of them.
    #[boxed]
    pub async fn record_counts(&self) -> Result<Vec<RecordCount>, StoreError> {
        let text = "SELECT r.author, r.kind, COUNT(*) AS records, COUNT(r.problem) AS aside, \
            COUNT(CASE WHEN r.seq > l.upto THEN 1 END) AS left_behind FROM record AS r LEFT JOIN life AS l \
            ON l.author = r.author AND l.stream = 'records' AND l.number = r.life \
            GROUP BY r.author, r.kind ORDER BY r.author, r.kind";
        sql(RECORD, "counting records", text).read(&mut *self.reader().await?, count).await
    }
}
