//! 录入人: which accounts typed what a line of this node says, so that somebody else judges it. Accounts are told apart by
//! their ids, never by names.

use std::collections::HashMap;

use tongpin_domain::project::{PROJECT_INDICATOR, ProjectIndicator};
use tongpin_domain::review::Seen;

use super::RecordRow;
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{listed, pieces, sql, tuples};

const TYPIST: &str = "line_typist";

/// What a change does to the accounts that are known to have typed a line.
#[derive(PartialEq, Eq)]
enum Typed {
    /// Somebody typed the value: that account alone stands for it.
    Value,
    /// Somebody typed what it is measured by: one more account.
    Terms,
    /// Nothing that a score depends on was typed.
    Nothing,
}

fn typed(before: Option<&String>, after: Option<&String>) -> Typed {
    let read = |body: Option<&String>| serde_json::from_str::<ProjectIndicator>(body?).ok();
    let (Some(before), Some(after)) = (read(before), read(after)) else { return Typed::Value };
    if before.actual != after.actual || before.qual_pct != after.qual_pct {
        Typed::Value
    } else if Seen::of(&before) == Seen::of(&after) {
        Typed::Nothing
    } else {
        Typed::Terms
    }
}

/// Notes who typed the lines among these changes: the account of the audit entry that is written with them. What comes
/// from elsewhere than an account has no typist.
pub(super) async fn note(
    tx: &mut Tx,
    changes: &[&RecordRow],
    held: &HashMap<(String, String), String>,
) -> Result<(), StoreError> {
    let (mut values, mut all) = (Vec::new(), Vec::new());
    for row in changes.iter().filter(|row| row.kind == PROJECT_INDICATOR) {
        let typed = typed(held.get(&(row.kind.clone(), row.key.clone())), row.body.as_ref());
        if typed == Typed::Value {
            values.push(row.key.as_str());
        }
        if typed != Typed::Nothing && row.body.is_some() {
            all.push(row.key.as_str());
        }
    }
    if values.is_empty() && all.is_empty() {
        return Ok(());
    }
    let text = format!("DELETE FROM line_typist WHERE line IN {}", listed(tx.kind(), 1));
    sql(TYPIST, "noting typists", text).list(&values).run(tx.connection()).await?;
    let Some(actor) = tx.actor() else { return Ok(()) };
    let query = sql("account", "reading an account", "SELECT id FROM account WHERE name = $1").text(&actor);
    let Some(account) = query.first(tx.connection()).await?.map(|line| line.text("id")).transpose()? else {
        return Ok(());
    };
    for chunk in pieces(&all) {
        let rows = tuples(tx.kind(), chunk.len(), 2);
        let text =
            format!("INSERT INTO line_typist (line, account) VALUES {rows} ON CONFLICT (line, account) DO NOTHING");
        let statement = sql(TYPIST, "noting typists", text);
        chunk.iter().fold(statement, |it, line| it.text(line).text(&account)).run(tx.connection()).await?;
    }
    Ok(())
}

impl Store {
    /// The ids of the accounts that typed what a line of this node says, as far as they are known.
    #[boxed]
    pub async fn line_typists(&self, line: &str) -> Result<Vec<String>, StoreError> {
        let text = "SELECT account FROM line_typist WHERE line = $1 ORDER BY account";
        let query = sql(TYPIST, "reading typists", text).text(line);
        query.read(&mut *self.reader().await?, |line| line.text("account")).await
    }
}
