//! 单据计数: how many documents each author has in each state, brought up to date by the documents that change, in the
//! transaction that lists them. Only where an earlier program wrote are all of them counted, once.

use std::collections::BTreeMap;

use tongpin_domain::form::Document;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::table::{self, Table};
use super::{DOCUMENTS, table::main};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, Statement, listed, run_pieces, sql, storable, tuples};

const COUNT: &str = "form_count";
const PERIOD: &str = "form_period";

/// How many documents an author has in a state, those that were handed on before apart from new ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentCount {
    /// Whose they are.
    pub author: RegionCode,
    /// The state.
    pub state: String,
    /// Whether whoever keeps them has handed them on before: in a state that is filled in, these came back.
    pub handed_on: bool,
    /// How many.
    pub count: u64,
    /// When the one that waits the longest was last changed by whoever keeps it.
    pub since: Moment,
}

/// What documents are counted by: author, state, and whether they were handed on.
type Group = (String, String, bool);

/// How many there are of a group, and the last change of the one that waits the longest.
#[derive(Clone, Copy)]
struct Counted {
    documents: u64,
    since: Moment,
}

/// What leaves the list of a form and what comes into it.
#[derive(Default)]
pub(super) struct Changes {
    gone: Vec<(Group, Moment)>,
    came: Vec<(Group, Moment)>,
    /// How many more there are of a period, or fewer.
    periods: BTreeMap<String, i64>,
}

impl Changes {
    /// Takes away rows from a table of documents: its statement gives back their [`COUNTED`] columns.
    pub(super) async fn take(&mut self, tx: &mut Tx, deletion: Statement) -> Result<(), StoreError> {
        let row = |line: &Line| {
            let group = (line.text("author")?, line.text("state")?, line.number("turn")? > 0);
            Ok((group, line.moment("changed_at")?, line.text("period")?))
        };
        for (group, changed_at, period) in deletion.read(tx.connection(), row).await? {
            self.gone.push((group, changed_at));
            self.of_period(&period, -1);
        }
        Ok(())
    }

    fn of_period(&mut self, period: &str, more: i64) {
        let count = self.periods.entry(period.to_owned()).or_default();
        *count = count.saturating_add(more);
    }

    /// Notes a document that comes into the list.
    pub(super) fn came(&mut self, author: &str, state: &str, document: &Document) {
        self.came.push(((author.to_owned(), state.to_owned(), document.turn > 0), document.changed_at));
        self.of_period(&storable(&document.period), 1);
    }

    /// Brings the counts of a form up to date, after its documents are listed. The turn of the form was taken.
    pub(super) async fn settle(self, tx: &mut Tx, table: &Table) -> Result<(), StoreError> {
        if !table.counted {
            return all(tx, table).await;
        }
        let Self { gone, came, periods } = self;
        let mut authors: Vec<&str> = gone.iter().chain(&came).map(|((author, ..), _)| author.as_str()).collect();
        authors.sort_unstable();
        authors.dedup();
        if authors.is_empty() {
            return Ok(());
        }
        let before = held(tx, &table.code, &authors).await?;
        let mut after = before.clone();
        let mut earliest_gone: BTreeMap<&Group, Moment> = BTreeMap::new();
        for (group, changed_at) in &came {
            let counted = after.entry(group.clone()).or_insert(Counted { documents: 0, since: *changed_at });
            counted.documents = counted.documents.saturating_add(1);
            counted.since = counted.since.min(*changed_at);
        }
        for (group, changed_at) in &gone {
            if let Some(counted) = after.get_mut(group) {
                counted.documents = counted.documents.saturating_sub(1);
            }
            let earliest = earliest_gone.entry(group).or_insert(*changed_at);
            *earliest = (*earliest).min(*changed_at);
        }
        for (group, counted) in &mut after {
            // Only where the one that waited the longest may have gone is the next one looked for.
            let known = before.get(group).map(|counted| counted.since);
            let lost = earliest_gone.get(group).is_some_and(|gone| known.is_none_or(|known| *gone <= known));
            if counted.documents > 0 && lost {
                counted.since = earliest(tx, table, group).await?.unwrap_or(counted.since);
            }
        }
        write(tx, &table.code, &before, after).await?;
        write_periods(tx, &table.code, periods).await
    }
}

/// The columns of a table of documents that a document is counted by.
pub(super) const COUNTED: &str = "key, author, state, turn, changed_at, period";

/// What is noted of some authors.
async fn held(tx: &mut Tx, code: &str, authors: &[&str]) -> Result<BTreeMap<Group, Counted>, StoreError> {
    let text = format!(
        "SELECT code, author, state, handed_on, documents, since FROM form_count WHERE code = $1 AND author IN {}",
        listed(tx.kind(), 2)
    );
    let row = |line: &Line| {
        let group = (line.text("author")?, line.text("state")?, line.flag("handed_on")?);
        Ok((group, Counted { documents: line.number("documents")?, since: line.moment("since")? }))
    };
    let query = sql(COUNT, "counting documents", text).text(code).list(authors);
    Ok(query.read(tx.connection(), row).await?.into_iter().collect())
}

/// The last change of the document that waits the longest. The index is by state and time: it is gone through from the
/// state's oldest until one is of this author.
async fn earliest(tx: &mut Tx, table: &Table, group: &Group) -> Result<Option<Moment>, StoreError> {
    let (author, state, handed_on) = group;
    let turns = if *handed_on { "> 0" } else { "= 0" };
    let text = format!(
        "SELECT key, author, changed_at FROM {} WHERE state = $1 AND author = $2 AND turn {turns} \
         ORDER BY changed_at LIMIT 1",
        table.name()
    );
    let query = sql(DOCUMENTS, "looking for the longest wait", text).text(state).text(author);
    query.first(tx.connection()).await?.map(|line| line.moment("changed_at")).transpose()
}

/// Writes the groups that are others than before.
async fn write(
    tx: &mut Tx,
    code: &str,
    before: &BTreeMap<Group, Counted>,
    after: BTreeMap<Group, Counted>,
) -> Result<(), StoreError> {
    let same = |group: &Group, now: &Counted| {
        before.get(group).is_some_and(|held| (held.documents, held.since) == (now.documents, now.since))
    };
    let changed: Vec<(Group, Counted)> = after.into_iter().filter(|(group, now)| !same(group, now)).collect();
    let (kept, none): (Vec<_>, Vec<_>) = changed.into_iter().partition(|(_, counted)| counted.documents > 0);
    let database = tx.kind();
    let row = |statement: Statement, (group, counted): &(Group, Counted)| {
        let (author, state, handed_on) = group;
        let statement = statement.text(code).text(author).text(state).flag(*handed_on);
        statement.number(counted.documents).moment(counted.since)
    };
    let statement = |chunk: &[(Group, Counted)]| {
        let text = format!(
            "INSERT INTO form_count (code, author, state, handed_on, documents, since) VALUES {} ON CONFLICT \
             (code, author, state, handed_on) DO UPDATE SET documents = excluded.documents, since = excluded.since",
            tuples(database, chunk.len(), 6)
        );
        Ok(chunk.iter().fold(sql(COUNT, "counting documents", text), row))
    };
    run_pieces(tx.connection(), &kept, statement).await?;
    for ((author, state, handed_on), _) in &none {
        let text = "DELETE FROM form_count WHERE code = $1 AND author = $2 AND state = $3 AND handed_on = $4";
        let statement = sql(COUNT, "counting documents", text).text(code).text(author).text(state).flag(*handed_on);
        statement.run(tx.connection()).await?;
    }
    Ok(())
}

async fn write_periods(tx: &mut Tx, code: &str, periods: BTreeMap<String, i64>) -> Result<(), StoreError> {
    let fewer = periods.values().any(|more| *more < 0);
    for (period, more) in periods.into_iter().filter(|(_, more)| *more != 0) {
        let text = "INSERT INTO form_period (code, period, documents) VALUES ($1, $2, $3) \
            ON CONFLICT (code, period) DO UPDATE SET documents = form_period.documents + excluded.documents";
        let statement = sql(PERIOD, "counting periods", text).text(code).text(&period).maybe_int(Some(more));
        statement.run(tx.connection()).await?;
    }
    if fewer {
        let text = "DELETE FROM form_period WHERE code = $1 AND documents <= 0";
        sql(PERIOD, "counting periods", text).text(code).run(tx.connection()).await?;
    }
    Ok(())
}

/// A statement that counts all documents of a form, with what stands before each group.
fn counting(code: &str, before: &str) -> String {
    format!(
        "SELECT {before}author, state, CAST(CASE WHEN turn > 0 THEN 1 ELSE 0 END AS BIGINT) AS handed_on, \
         COUNT(*) AS documents, MIN(changed_at) AS since FROM {} GROUP BY author, state, \
         CAST(CASE WHEN turn > 0 THEN 1 ELSE 0 END AS BIGINT)",
        main(code)
    )
}

/// Counts all documents of a form: what an earlier program left uncounted, or what is made anew. The turn of the form
/// was taken.
pub(super) async fn all(tx: &mut Tx, table: &Table) -> Result<(), StoreError> {
    let code = &table.code;
    // The code is a checked name.
    let groups = counting(code, &format!("'{code}', "));
    for text in [
        format!("DELETE FROM form_count WHERE code = '{code}'"),
        format!("INSERT INTO form_count (code, author, state, handed_on, documents, since) {groups}"),
        format!("DELETE FROM form_period WHERE code = '{code}'"),
        format!(
            "INSERT INTO form_period (code, period, documents) SELECT '{code}', period, COUNT(*) FROM {} GROUP BY period",
            main(code)
        ),
    ] {
        sql(COUNT, "counting documents", text).run(tx.connection()).await?;
    }
    let text = "UPDATE form_table SET counted = 1 WHERE code = $1";
    sql("form_table", "counting documents", text).text(code).run(tx.connection()).await?;
    Ok(())
}

impl Store {
    /// How many documents of a form each author has in each state, sorted.
    #[boxed]
    pub async fn document_counts(&self, code: &str) -> Result<Vec<DocumentCount>, StoreError> {
        let mut reader = self.reader().await?;
        let Some(table) = table::read(&mut reader, code).await? else { return Ok(Vec::new()) };
        let count = |line: &Line| {
            let (author, state, handed_on) = (line.region("author")?, line.text("state")?, line.flag("handed_on")?);
            Ok(DocumentCount {
                author,
                state,
                handed_on,
                count: line.number("documents")?,
                since: line.moment("since")?,
            })
        };
        if table.counted {
            let text = "SELECT author, state, handed_on, documents, since FROM form_count WHERE code = $1 \
                ORDER BY author, state, handed_on";
            return sql(COUNT, "counting documents", text).text(code).read(&mut reader, count).await;
        }
        let text = format!("{} ORDER BY 1, 2, 3", counting(code, ""));
        sql(DOCUMENTS, "counting documents", text).read(&mut reader, count).await
    }

    /// A word that is another once a document of a form came, went, was saved or was handed on.
    #[boxed]
    pub async fn documents_mark(&self, code: &str) -> Result<String, StoreError> {
        let mut reader = self.reader().await?;
        let Some(table) = table::read(&mut reader, code).await? else { return Ok(String::new()) };
        // The remainders of all times keep their sum within what a database calculates with.
        let text = format!(
            "SELECT author, state, COUNT(*) AS documents, MAX(changed_at) AS latest, \
             CAST(SUM(changed_at % 1000000007) AS BIGINT) AS times FROM {} GROUP BY author, state ORDER BY author, state",
            table.name()
        );
        let of_group = |line: &Line| {
            let (author, state) = (line.text("author")?, line.text("state")?);
            let (count, latest, times) = (line.number("documents")?, line.moment("latest")?, line.moment("times")?);
            Ok(format!("{author}/{state}/{count}/{}/{}", latest.0, times.0))
        };
        let groups = sql(DOCUMENTS, "looking for changes of documents", text).read(&mut reader, of_group).await?;
        Ok(groups.join(" "))
    }

    /// The periods that there are documents of, in order.
    #[boxed]
    pub async fn document_periods(&self, code: &str) -> Result<Vec<String>, StoreError> {
        let mut reader = self.reader().await?;
        let Some(table) = table::read(&mut reader, code).await? else { return Ok(Vec::new()) };
        let query = if table.counted {
            let text = "SELECT period FROM form_period WHERE code = $1 AND period <> '' ORDER BY period";
            sql(PERIOD, "reading periods", text).text(code)
        } else {
            let text = format!("SELECT DISTINCT period FROM {} WHERE period <> '' ORDER BY period", table.name());
            sql(DOCUMENTS, "reading periods", text)
        };
        query.read(&mut reader, |line| line.text("period")).await
    }
}
