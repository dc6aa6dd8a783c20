//! 业务数据: records of one author each, the log of what this node changed, and how far each author's log was applied.

mod accept;
mod apart;
mod change;
mod compare;
mod count;
mod life;
mod outbox;
mod put;
mod settle;
mod typist;
mod write;

use tongpin_domain::region::RegionCode;

pub use accept::{Acceptance, Batch, Change, Past, Position};
pub use apart::{Apart, Choice, Difference};
pub use change::ProjectChange;
pub use count::RecordCount;
pub use life::{Life, Written};
pub use outbox::{OutboxRow, SentRow, change_mark};
pub use put::{Expected, Put, PutCounts, RecordRow};
pub use settle::{Settlement, Settling};

pub(crate) use accept::{Claim, claim, known_again, move_position};
pub(crate) use life::live;
pub(crate) use outbox::last_of;

use crate::boxed;
use crate::db::{Kind, Store};
use crate::error::StoreError;
use crate::sql::{Line, Statement, listed, sql};

/// The stream of a township's records to its county.
pub const RECORDS: &str = "records";
/// The stream of a county's reports to its city.
pub const REPORTS: &str = "reports";

/// The turn of whoever writes this node's own records, or something that follows from them.
pub(crate) const OWN_RECORDS: &str = "records of this node";
pub(crate) const RECORD: &str = "record";
pub(crate) const COLUMNS: &str = "kind, key, author, seq, problem, body";

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is; only the author changes it.
    pub author: RegionCode,
    /// `project`, `indicator` …
    pub kind: String,
    /// Unique within author and kind.
    pub key: String,
    /// A JSON object.
    pub body: String,
    /// The number in its author's log that it came from; 0 if it is in none.
    pub seq: u64,
    /// Why it was set aside, if it was.
    pub problem: Option<String>,
}

/// Which keys of a kind are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys<'a> {
    /// This one.
    One(&'a str),
    /// Every key that begins with this one and a slash, as lines begin with the key of what they belong to.
    Below(&'a str),
    /// These, however many.
    These(&'a [&'a str]),
}

impl Keys<'_> {
    /// The first and the last that there can be below a key, in the order of bytes.
    pub(crate) fn ends_below(key: &str) -> (String, String) {
        (format!("{key}/"), format!("{key}/{}", char::MAX))
    }

    /// What a statement says of its keys, with variables from a number on.
    pub(crate) fn condition(self, kind: Kind, first: usize) -> String {
        match self {
            Self::One(_) => format!("key = ${first}"),
            Self::Below(_) => format!("key >= ${first} AND key <= ${}", first + 1),
            Self::These(_) => format!("key IN {}", listed(kind, first)),
        }
    }

    /// Binds those variables.
    pub(crate) fn bound(self, statement: Statement) -> Statement {
        match self {
            Self::One(key) => statement.text(key),
            Self::Below(key) => {
                let (first, last) = Self::ends_below(key);
                statement.text(&first).text(&last)
            }
            Self::These(keys) => statement.list(keys),
        }
    }
}

pub(crate) fn record(line: &Line) -> Result<Record, StoreError> {
    Ok(Record {
        kind: line.text("kind")?,
        key: line.text("key")?,
        author: line.region("author")?,
        body: line.text("body")?,
        seq: line.number("seq")?,
        problem: line.maybe_text("problem")?,
    })
}

impl Store {
    /// The sound records of a kind, of one author or of all, sorted by key.
    #[boxed]
    pub async fn records(&self, kind: &str, author: Option<&RegionCode>) -> Result<Vec<Record>, StoreError> {
        let by_author = if author.is_some() { "AND author = $2" } else { "" };
        let text = format!(
            "SELECT {COLUMNS} FROM record WHERE kind = $1 AND problem IS NULL {by_author} ORDER BY key, author"
        );
        let query = sql(RECORD, "reading records", text).text(kind);
        let query = if let Some(author) = author { query.shown(author) } else { query };
        query.read(&mut *self.reader().await?, record).await
    }

    /// The sound record of a key; if several authors have one, the first of them.
    #[boxed]
    pub async fn record(&self, kind: &str, key: &str) -> Result<Option<Record>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM record WHERE kind = $1 AND key = $2 AND problem IS NULL ORDER BY author LIMIT 1"
        );
        let query = sql(RECORD, "reading a record", text).text(kind).text(key);
        query.first(&mut *self.reader().await?).await?.as_ref().map(record).transpose()
    }

    /// The sound records that one author has of some keys, sorted by key.
    #[boxed]
    pub async fn records_named(
        &self,
        kind: &str,
        author: &RegionCode,
        keys: &[&str],
    ) -> Result<Vec<Record>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM record WHERE kind = $1 AND author = $2 AND key IN {} AND problem IS NULL ORDER BY key",
            listed(self.kind(), 3)
        );
        let query = sql(RECORD, "reading records", text).text(kind).shown(author).list(keys);
        query.read(&mut *self.reader().await?, record).await
    }

    /// The sound records of some keys, whoever their author, sorted by key.
    pub async fn records_at(&self, kind: &str, keys: Keys<'_>) -> Result<Vec<Record>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM record WHERE kind = $1 AND {} AND problem IS NULL ORDER BY key, author",
            keys.condition(self.kind(), 2)
        );
        let query = keys.bound(sql(RECORD, "reading records", text).text(kind));
        query.read(&mut *self.reader().await?, record).await
    }

    /// Up to `limit` sound records with a key after `after_key`, and all that share the last key among them, so that
    /// the next page begins after it.
    #[boxed]
    pub async fn records_page(&self, kind: &str, after_key: &str, limit: u64) -> Result<Vec<Record>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM record WHERE kind = $1 AND key > $2 AND problem IS NULL AND key <= \
             (SELECT MAX(key) FROM (SELECT key FROM record WHERE kind = $1 AND key > $2 AND problem IS NULL \
              ORDER BY key, author LIMIT $3) AS page) ORDER BY key, author"
        );
        let query = sql(RECORD, "reading a page of records", text).text(kind).text(after_key).number(limit);
        query.read(&mut *self.reader().await?, record).await
    }

    /// How many sound records of a kind there are.
    #[boxed]
    pub async fn count_records(&self, kind: &str) -> Result<u64, StoreError> {
        let text = "SELECT COUNT(*) AS records FROM record WHERE kind = $1 AND problem IS NULL";
        let line = sql(RECORD, "counting records", text).text(kind).first(&mut *self.reader().await?).await?;
        line.map_or(Ok(0), |line| line.number("records"))
    }

    /// 待处理: the records that were set aside because something is wrong with them.
    #[boxed]
    pub async fn set_aside(&self) -> Result<Vec<Record>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM record WHERE problem IS NOT NULL ORDER BY author, kind, key");
        sql(RECORD, "reading what was set aside", text).read(&mut *self.reader().await?, record).await
    }

    /// A child's records that its present database does not know: it was restored from a copy older than them.
    #[boxed]
    pub async fn left_behind(&self, author: &RegionCode) -> Result<Vec<Record>, StoreError> {
        let columns = COLUMNS.split(", ").map(|column| format!("r.{column}")).collect::<Vec<_>>().join(", ");
        let text = format!(
            "SELECT {columns} FROM record AS r JOIN life AS l ON l.author = r.author AND l.stream = 'records' \
             AND l.number = r.life WHERE r.author = $1 AND r.seq > l.upto ORDER BY r.kind, r.key"
        );
        let query = sql(RECORD, "reading what was left behind", text).shown(author);
        query.read(&mut *self.reader().await?, record).await
    }
}
