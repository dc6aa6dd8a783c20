//! Writing records, and beside them whatever is kept of them for lists.

use std::collections::BTreeMap;

use tongpin_domain::form::DOCUMENT;
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project::PROJECT;
use tongpin_domain::region::RegionCode;

use super::RECORD;
use crate::db::Tx;
use crate::error::StoreError;
use crate::form::write_form_rows;
use crate::observation::write_observation_rows;
use crate::project::write_project_rows;
use crate::score::due;
use crate::sql::{Statement, listed, rows_alike, run_pieces, sql};

/// A record on its way into the table.
pub(super) struct RecordWrite<'a> {
    pub(super) kind: &'a str,
    pub(super) key: &'a str,
    pub(super) body: Option<&'a str>,
    pub(super) problem: Option<&'a str>,
    pub(super) seq: u64,
    pub(super) life: u64,
}

/// Writes records of one author, no name twice.
pub(super) async fn write_records(
    tx: &mut Tx,
    author: &RegionCode,
    writes: &[RecordWrite<'_>],
) -> Result<(), StoreError> {
    let author = author.to_string();
    tx.touch_records(writes.iter().map(|write| write.kind));
    let (kept, gone): (Vec<&RecordWrite<'_>>, Vec<&RecordWrite<'_>>) = writes.iter().partition(|it| it.body.is_some());
    let mut alike: BTreeMap<(&str, Option<&str>, u64), Vec<&RecordWrite<'_>>> = BTreeMap::new();
    for it in kept {
        alike.entry((it.kind, it.problem, it.life)).or_default().push(it);
    }
    for ((kind, problem, life), rows) in alike {
        let database = tx.kind();
        let statement = |chunk: &[&RecordWrite<'_>]| {
            let text = format!(
                "INSERT INTO record (key, seq, body, kind, author, problem, life) {} \
                 ON CONFLICT (kind, key, author) DO UPDATE SET seq = excluded.seq, life = excluded.life, \
                 problem = excluded.problem, body = excluded.body",
                rows_alike(database, chunk.len(), 3, 4)
            );
            let row = |statement: Statement, it: &&RecordWrite<'_>| {
                statement.text(it.key).number(it.seq).text(it.body.unwrap_or_default())
            };
            let statement = chunk.iter().fold(sql(RECORD, "writing records", text), row);
            Ok(statement.text(kind).text(&author).maybe_text(problem).number(life))
        };
        run_pieces(tx.connection(), &rows, statement).await?;
    }
    let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for it in gone {
        by_kind.entry(it.kind).or_default().push(it.key);
    }
    let text = format!("DELETE FROM record WHERE author = $1 AND kind = $2 AND key IN {}", listed(tx.kind(), 3));
    for (kind, keys) in by_kind {
        let statement = sql(RECORD, "deleting records", text.clone()).text(&author).text(kind).list(&keys);
        statement.run(tx.connection()).await?;
    }
    // What lists show of them; of what was set aside nothing.
    let listed = |kind: &str| -> Vec<(&str, Option<&str>)> {
        let rows = writes.iter().filter(|it| it.kind == kind);
        rows.map(|it| (it.key, it.body.filter(|_| it.problem.is_none()))).collect()
    };
    write_project_rows(tx, &author, &listed(PROJECT)).await?;
    write_observation_rows(tx, &author, &listed(OBSERVATION)).await?;
    write_form_rows(tx, &author, &listed(DOCUMENT)).await?;
    due::mark(tx, writes.iter().map(|it| (it.kind, it.key))).await
}
