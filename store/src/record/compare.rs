//! Whether a record that arrives is newer than the one that is held. What is not is kept apart for a person: a restored
//! database never overwrites what its author wrote after the copy.

use std::collections::{BTreeMap, HashMap};

use tongpin_domain::region::RegionCode;

use super::RECORD;
use super::life::Lives;
use super::write::RecordWrite;
use crate::db::Tx;
use crate::error::StoreError;
use crate::sql::{listed, pieces, sql, tuples};

const GONE: &str = "record_gone";

/// A state of a record that is held; the body is `None` if it was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) life: u64,
    pub(super) seq: u64,
    pub(super) body: Option<String>,
}

/// How a change that arrives stands to what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Newer, or the same.
    Newer,
    /// The sender's own log goes on to what is held.
    Passed,
    /// What is held was written in knowledge of it.
    Older,
    /// Neither was written in knowledge of the other.
    Apart,
}

/// A change that arrives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arriving<'a> {
    /// The sender's present life, whose log it stands in.
    pub(super) life: u64,
    /// Its number there.
    pub(super) seq: u64,
    /// The new body.
    pub(super) body: Option<&'a str>,
    /// What of the held ones a person decided to replace: life and number.
    pub(super) over: Option<(u64, u64)>,
}

/// `told` is whether the sender told of the lives of its database. One that does not is taken by the numbers alone, as
/// if its log had never forked; what stands behind what is held is kept apart all the same.
pub(super) fn standing(lives: &Lives, told: bool, arriving: &Arriving<'_>, held: &Held) -> Standing {
    let Arriving { life, seq, body, over } = *arriving;
    if lives.owner(life, held.seq) == held.life {
        return if seq > held.seq { Standing::Newer } else { Standing::Passed };
    }
    let replaced = over.is_some_and(|(of, upto)| lives.owner(of, held.seq) == held.life && held.seq <= upto);
    if replaced || body == held.body.as_deref() || (!told && seq >= held.seq) {
        return Standing::Newer;
    }
    let shared = lives.owner(held.life, seq) == lives.owner(life, seq);
    match (shared, seq < held.seq) {
        (true, true) => Standing::Older,
        (true, false) => Standing::Newer,
        (false, _) => Standing::Apart,
    }
}

fn by_kind<'a>(writes: &[&RecordWrite<'a>]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for write in writes {
        by_kind.entry(write.kind).or_default().push(write.key);
    }
    by_kind
}

/// What is held of an author under these names, the deleted among them.
pub(super) async fn held(
    tx: &mut Tx,
    author: &RegionCode,
    writes: &[RecordWrite<'_>],
) -> Result<HashMap<(String, String), Held>, StoreError> {
    let mut found = HashMap::new();
    for (kind, keys) in by_kind(&writes.iter().collect::<Vec<_>>()) {
        for (table, columns) in [(GONE, "key, life, seq, NULL AS body"), (RECORD, "key, life, seq, body")] {
            let text = format!(
                "SELECT {columns} FROM {table} WHERE author = $1 AND kind = $2 AND key IN {}",
                listed(tx.kind(), 3)
            );
            let query = sql(table, "comparing records", text).shown(author).text(kind).list(&keys);
            for line in query.all(tx.connection()).await? {
                let body = if table == RECORD { line.maybe_text("body")? } else { None };
                let held = Held { life: line.number("life")?, seq: line.number("seq")?, body };
                found.insert((kind.to_owned(), line.text("key")?), held);
            }
        }
    }
    Ok(found)
}

/// Remembers which records of an author are deleted, and forgets it of those that are there again.
pub(super) async fn bury(tx: &mut Tx, author: &RegionCode, writes: &[RecordWrite<'_>]) -> Result<(), StoreError> {
    let text = "SELECT author FROM record_gone WHERE author = $1 LIMIT 1";
    let any = sql(GONE, "reading what is gone", text).shown(author).first(tx.connection()).await?.is_some();
    let (back, gone): (Vec<&RecordWrite<'_>>, Vec<&RecordWrite<'_>>) = writes.iter().partition(|it| it.body.is_some());
    for chunk in pieces(&gone) {
        let text = format!(
            "INSERT INTO record_gone (author, kind, key, life, seq) VALUES {} \
             ON CONFLICT (author, kind, key) DO UPDATE SET life = excluded.life, seq = excluded.seq",
            tuples(tx.kind(), chunk.len(), 5)
        );
        let mut statement = sql(GONE, "noting what is gone", text);
        for it in chunk {
            statement = statement.shown(author).text(it.kind).text(it.key).number(it.life).number(it.seq);
        }
        statement.run(tx.connection()).await?;
    }
    if any {
        let text =
            format!("DELETE FROM record_gone WHERE author = $1 AND kind = $2 AND key IN {}", listed(tx.kind(), 3));
        for (kind, keys) in by_kind(&back) {
            let statement = sql(GONE, "forgetting what is back", text.clone()).shown(author).text(kind).list(&keys);
            statement.run(tx.connection()).await?;
        }
    }
    Ok(())
}
