//! 待列单据: documents that came before the release of the form that they are filled in under. They are listed once it
//! is here, so many at a time that whoever wants to write meanwhile does not wait long; readers never do.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::form::DOCUMENT;

use super::{land, table, turn};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::record::Keys;
use crate::sql::{Line, sql};

/// What `form_table.waiting` says: that none waits, that some may, and that those are being looked for.
const NONE: u64 = 0;
pub(super) const SOME: u64 = 1;
const LOOKED_FOR: u64 = 2;
/// How many are listed at once.
const PIECE: u64 = 500;

/// Notes that documents of a form wait for a release.
pub(super) async fn note(tx: &mut Tx, code: &str) -> Result<(), StoreError> {
    mark(tx, code, SOME, &[NONE, LOOKED_FOR]).await
}

async fn mark(tx: &mut Tx, code: &str, now: u64, before: &[u64]) -> Result<(), StoreError> {
    let before: Vec<String> = before.iter().map(u64::to_string).collect();
    let text = format!("UPDATE form_table SET waiting = $2 WHERE code = $1 AND waiting IN ({})", before.join(", "));
    sql("form_table", "noting what waits", text).text(code).number(now).run(tx.connection()).await?;
    Ok(())
}

/// A document by key and author.
type Name = (String, String);

impl Store {
    /// Lists the documents that waited for a release that has come, also what an earlier attempt left, and returns how
    /// many there were. To be called after each release of forms, and after a start.
    #[boxed]
    pub async fn list_waiting(&self) -> Result<u64, StoreError> {
        let text = format!("SELECT code FROM form_table WHERE waiting <> {NONE} ORDER BY code");
        let query = sql("form_table", "reading what waits", text);
        let codes = query.read(&mut *self.reader().await?, |line| line.text("code")).await?;
        let mut all = 0u64;
        for code in codes {
            all = all.saturating_add(self.list_waiting_of(&code).await?);
        }
        Ok(all)
    }

    async fn list_waiting_of(&self, code: &str) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&turn(code)).await?;
        mark(&mut tx, code, LOOKED_FOR, &[SOME]).await?;
        tx.commit().await?;
        let (mut listed, mut last) = (0u64, Name::default());
        loop {
            let names = self.unlisted(code, &last).await?;
            let Some(end) = names.last() else { break };
            last = end.clone();
            listed = listed.saturating_add(self.list_these(code, &names).await?);
        }
        // Whoever found meanwhile that a document still waits has said so.
        let mut tx = self.begin().await?;
        tx.lock(&turn(code)).await?;
        mark(&mut tx, code, NONE, &[LOOKED_FOR]).await?;
        tx.commit().await?;
        Ok(listed)
    }

    /// Records of documents that are in no list, sorted, after one of them.
    async fn unlisted(&self, code: &str, (key, author): &Name) -> Result<Vec<Name>, StoreError> {
        let text = format!(
            "SELECT r.key, r.author FROM record AS r WHERE r.kind = '{DOCUMENT}' AND r.key >= $1 AND r.key <= $2 \
             AND (r.key, r.author) > ($3, $4) AND r.problem IS NULL AND NOT EXISTS (SELECT 1 FROM {} AS f \
             WHERE f.key = r.key AND f.author = r.author) ORDER BY r.key, r.author LIMIT {PIECE}",
            table::main(code)
        );
        let (first, last) = Keys::ends_below(code);
        let first = if *key > first { key } else { &first };
        let query = sql("record", "reading documents", text).text(first).text(&last).text(key).text(author);
        let name = |line: &Line| Ok((line.text("key")?, line.text("author")?));
        query.read(&mut *self.reader().await?, name).await
    }

    async fn list_these(&self, code: &str, names: &[Name]) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&turn(code)).await?;
        let Some(table) = table::read(tx.connection(), code).await? else { return Ok(0) };
        let mut documents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (key, author) in names {
            documents.entry(author).or_default().insert(key);
        }
        let listed = land::land_again(&mut tx, &table, &documents).await?;
        if listed > 0 {
            tx.touch_records(std::iter::once(DOCUMENT));
        }
        tx.commit().await?;
        Ok(listed)
    }
}
