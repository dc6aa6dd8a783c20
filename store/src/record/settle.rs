//! 处理不一致: the author of a record settles which state holds by a change of its own, made in knowledge of what its
//! parent holds. Nobody else ever writes its records.

use std::collections::{BTreeMap, HashMap};

use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::apart::{self, Choice};
use super::life::Written;
use super::put::{Put, RecordRow, log};
use super::write::{RecordWrite, write_records};
use super::{OWN_RECORDS, RECORD, change};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, fits, listed, pieces, sql, tuples};
use crate::topic::Topic;

const SETTLED: &str = "settled";

/// What is to hold of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The kind.
    pub kind: String,
    /// The key.
    pub key: String,
    /// Which change the parent's state came from.
    pub over: Written,
    /// The parent's state, `None` if it is deleted there.
    pub there: Option<String>,
    /// Whose state holds.
    pub choice: Choice,
    /// The number of the own change that was seen when it was chosen, 0 for none.
    pub seen: u64,
}

/// What is to be settled, and as whom.
#[derive(Debug, Clone, Copy)]
pub struct Settling<'a> {
    /// This node's region: the author.
    pub own: &'a RegionCode,
    /// The records.
    pub settlements: &'a [Settlement],
    /// When.
    pub at: Moment,
}

impl Store {
    /// Writes what was chosen as own changes, in one transaction, and returns how many they are. A record that was
    /// changed here since it was seen is left as it is, and what was settled before is not settled again.
    #[boxed]
    pub async fn settle(&self, settling: &Settling<'_>) -> Result<u64, StoreError> {
        let own = settling.own;
        let mut tx = self.begin().await?;
        tx.lock(OWN_RECORDS).await?;
        let items: BTreeMap<(&str, &str), &Settlement> =
            settling.settlements.iter().map(|it| ((it.kind.as_str(), it.key.as_str()), it)).collect();
        let held = held(&mut tx, own, items.keys().copied()).await?;
        let (mut rows, mut overs) = (Vec::new(), Vec::new());
        for ((kind, key), it) in items {
            let here = held.get(&(kind.to_owned(), key.to_owned()));
            let seen = here.map_or(0, |(seq, _)| *seq);
            if seen != it.seen || is_settled(&mut tx, &it.over).await? {
                continue;
            }
            let body = match it.choice {
                Choice::Parent => it.there.clone(),
                Choice::Child => here.map(|(_, body)| body.clone()),
            };
            rows.push(RecordRow { kind: kind.to_owned(), key: key.to_owned(), body });
            overs.push(&it.over);
        }
        if rows.is_empty() {
            return Ok(0);
        }
        let rows: Vec<&RecordRow> = rows.iter().collect();
        let first = log(&mut tx, &Put { own, records: &[], at: settling.at, log: true }, &rows).await?;
        let numbered = || first..;
        let writes = rows.iter().zip(numbered()).map(|(row, seq)| RecordWrite {
            kind: &row.kind,
            key: &row.key,
            body: row.body.as_deref(),
            problem: None,
            seq,
            life: 0,
        });
        write_records(&mut tx, own, &writes.collect::<Vec<_>>()).await?;
        note(&mut tx, &overs.into_iter().zip(numbered()).collect::<Vec<_>>()).await?;
        let names: Vec<(&str, &str)> = rows.iter().map(|row| (row.kind.as_str(), row.key.as_str())).collect();
        apart::forget(&mut tx, own, &names).await?;
        tx.touch(Topic::Decisions(own.clone()));
        change::note(&mut tx, &rows, settling.at).await?;
        tx.commit().await?;
        Ok(rows.len() as u64)
    }

    /// Which own changes between two numbers, the first not included, replace a state that only the parent held;
    /// ascending.
    #[boxed]
    pub async fn settled_between(&self, after: u64, upto: u64) -> Result<Vec<(u64, Written)>, StoreError> {
        let text = "SELECT seq, incarnation, number FROM settled WHERE seq > $1 AND seq <= $2 ORDER BY seq";
        let query = sql(SETTLED, "reading what was settled", text).number(after).number(upto);
        let written = |line: &Line| {
            let written = Written { incarnation: line.text("incarnation")?, number: line.number("number")? };
            Ok((line.number("seq")?, written))
        };
        query.read(&mut *self.reader().await?, written).await
    }
}

async fn is_settled(tx: &mut Tx, over: &Written) -> Result<bool, StoreError> {
    let text = "SELECT seq FROM settled WHERE incarnation = $1 AND number = $2";
    let query = sql(SETTLED, "reading what was settled", text).text(&over.incarnation).number(over.number);
    Ok(query.first(tx.connection()).await?.is_some())
}

async fn note(tx: &mut Tx, overs: &[(&Written, u64)]) -> Result<(), StoreError> {
    for chunk in pieces(overs) {
        let text =
            format!("INSERT INTO settled (seq, incarnation, number) VALUES {}", tuples(tx.kind(), chunk.len(), 3));
        let mut statement = sql(SETTLED, "noting what was settled", text);
        for (over, seq) in chunk {
            let number = fits("sequence number", over.number)?;
            statement = statement.number(*seq).text(&over.incarnation).number(number);
        }
        statement.run(tx.connection()).await?;
    }
    Ok(())
}

/// Numbers and bodies of the author's records of these names.
async fn held<'a>(
    tx: &mut Tx,
    author: &RegionCode,
    names: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<HashMap<(String, String), (u64, String)>, StoreError> {
    let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (kind, key) in names {
        by_kind.entry(kind).or_default().push(key);
    }
    let text = format!(
        "SELECT key, seq, body FROM record WHERE author = $1 AND kind = $2 AND key IN {}",
        listed(tx.kind(), 3)
    );
    let mut found = HashMap::new();
    for (kind, keys) in by_kind {
        let query = sql(RECORD, "comparing records", text.clone()).shown(author).text(kind).list(&keys);
        for line in query.all(tx.connection()).await? {
            found.insert((kind.to_owned(), line.text("key")?), (line.number("seq")?, line.text("body")?));
        }
    }
    Ok(found)
}
