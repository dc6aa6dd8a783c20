//! Making the tables of a form, and widening them, in the transaction that applies a release of it.

use std::time::Duration;

use tongpin_domain::form::{Definition, SubjectOf};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::table::{self, Added, Column, RowsTable, Shape, Table};
use super::waiting;
use crate::db::{Kind, Tx, dialect, settings};
use crate::error::StoreError;
use crate::sql::sql;

/// Makes the tables of a form, or adds what a release of it needs; nothing if the code is another publisher's, or if
/// its documents are records that the program keeps as such. The turn of the form was taken.
pub(super) async fn settle(
    tx: &mut Tx,
    publisher: &RegionCode,
    definition: &Definition,
    at: Moment,
) -> Result<(), StoreError> {
    if definition.is_kept() {
        return Ok(());
    }
    let held = table::read(tx.connection(), &definition.code).await?;
    if held.as_ref().is_some_and(|held| held.publisher != *publisher) {
        return Ok(());
    }
    let fresh = held.is_none();
    let mut table = held.unwrap_or_else(|| Table {
        code: definition.code.clone(),
        publisher: publisher.clone(),
        shape: Shape::default(),
        counted: true,
    });
    let (added, made) = table.shape.grow(definition);
    if fresh {
        create(tx, &table).await?;
    } else {
        for added in &added {
            add(tx, added).await?;
        }
    }
    for rows in &made {
        create_rows(tx, rows).await?;
    }
    let by_subject = !table.shape.by_subject && has_page(definition);
    if by_subject {
        find_by_subject(tx, &table).await?;
        table.shape.by_subject = true;
    }
    if fresh || by_subject || !added.is_empty() || !made.is_empty() {
        save(tx, &table, at).await?;
    }
    Ok(())
}

async fn save(tx: &mut Tx, table: &Table, at: Moment) -> Result<(), StoreError> {
    let columns = serde_json::to_string(&table.shape).map_err(|error| StoreError::Inconsistent {
        table: "form_table",
        column: "columns",
        row: table.code.clone(),
        problem: error.to_string(),
    })?;
    let text = "INSERT INTO form_table (code, publisher, columns, made_at, counted, waiting) \
        VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (code) DO UPDATE SET columns = excluded.columns";
    let statement = sql("form_table", "noting the tables of a form", text).text(&table.code).shown(&table.publisher);
    statement.text(&columns).moment(at).flag(table.counted).number(waiting::SOME).run(tx.connection()).await?;
    Ok(())
}

/// The columns of fields as `CREATE TABLE` names them.
fn named(columns: &[Column]) -> String {
    columns.iter().map(|column| format!("{} {}, ", column.name, column.kind.sql())).collect::<Vec<_>>().concat()
}

/// Whether what a form is about has a page, which shows the documents about it. Those about a region are nearly all of
/// one region, and an index finds nothing faster there.
fn has_page(definition: &Definition) -> bool {
    !matches!(definition.subject.of, SubjectOf::Nothing | SubjectOf::Region)
}

/// Finds documents by what they are about.
async fn find_by_subject(tx: &mut Tx, table: &Table) -> Result<(), StoreError> {
    alter(tx, &format!("CREATE INDEX s_{} ON {} (subject);", table.code, table.name())).await
}

/// One index of every table, because each costs as much as the table: by state and the last change. What waits in a
/// state, the oldest or the latest first, and how many there are of each state, is what is asked most; one document is
/// found by the key.
async fn create(tx: &mut Tx, table: &Table) -> Result<(), StoreError> {
    let (name, code, columns) = (table.name(), &table.code, named(&table.shape.columns));
    let text = format!(
        "CREATE TABLE {name} (key TEXT NOT NULL, author TEXT NOT NULL, publisher TEXT NOT NULL, \
         release BIGINT NOT NULL, subject TEXT NOT NULL, subject_name TEXT NOT NULL, period TEXT NOT NULL, \
         state TEXT NOT NULL, version BIGINT NOT NULL, turn BIGINT NOT NULL, changed_at BIGINT NOT NULL, \
         words TEXT NOT NULL, {columns}PRIMARY KEY (key, author)) WITHOUT ROWID; \
         CREATE INDEX i_{code} ON {name} (state, changed_at);"
    );
    let text = dialect(&text, tx.kind());
    settings(tx.connection(), &text).await
}

/// A row is named by its place, because two of one id would keep the document from landing.
async fn create_rows(tx: &mut Tx, rows: &RowsTable) -> Result<(), StoreError> {
    let text = format!(
        "CREATE TABLE {} (key TEXT NOT NULL, author TEXT NOT NULL, row_id TEXT NOT NULL, position BIGINT NOT NULL, \
         {}PRIMARY KEY (key, author, position)) WITHOUT ROWID;",
        rows.name,
        named(&rows.columns)
    );
    let text = dialect(&text, tx.kind());
    settings(tx.connection(), &text).await
}

async fn add(tx: &mut Tx, added: &Added) -> Result<(), StoreError> {
    let Added { table, column } = added;
    let text = format!("ALTER TABLE {table} ADD COLUMN {} {};", column.name, column.kind.sql());
    alter(tx, &dialect(&text, tx.kind())).await
}

/// How often a lock is asked for before the release has to wait for the next attempt.
const ATTEMPTS: u32 = 10;

/// PostgreSQL waits until nobody reads the table, and whoever comes meanwhile waits behind: it is asked briefly and
/// often, so that no list stands still for long. SQLite does not wait.
async fn alter(tx: &mut Tx, text: &str) -> Result<(), StoreError> {
    if tx.kind() == Kind::Sqlite {
        return settings(tx.connection(), text).await;
    }
    let guarded = format!(
        "SAVEPOINT widening; SET LOCAL lock_timeout = '500ms'; {text} SET LOCAL lock_timeout TO DEFAULT; \
         RELEASE SAVEPOINT widening;"
    );
    let mut attempt = 1;
    loop {
        match settings(tx.connection(), &guarded).await {
            Err(StoreError::Busy { .. }) if attempt < ATTEMPTS => attempt += 1,
            done => return done,
        }
        settings(tx.connection(), "ROLLBACK TO SAVEPOINT widening; RELEASE SAVEPOINT widening;").await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
