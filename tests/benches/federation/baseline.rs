//! The raw database beside which everything is measured: the same rows, one table, one transaction, WAL and
//! `synchronous=FULL`, many rows a statement, and nothing else.

use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection};
use tongpin_store::{Change, DraftRow};

const ROWS: usize = 500;

async fn open(path: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", path.display()))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    Ok(SqliteConnection::connect_with(&options).await?)
}

async fn entry_table(connection: &mut SqliteConnection) -> Result<()> {
    let table = "CREATE TABLE entry (catalog TEXT NOT NULL, key TEXT NOT NULL, release BIGINT NOT NULL, \
                 body TEXT NOT NULL, PRIMARY KEY (catalog, key)) WITHOUT ROWID";
    sqlx::query(table).execute(connection).await?;
    Ok(())
}

/// Plain question marks: numbered variables cost the driver a look-up each, and a baseline must be as fast as it can.
fn values(rows: usize) -> String {
    vec!["(?,?,?,?)"; rows].join(",")
}

async fn put_entries(
    connection: &mut SqliteConnection,
    entries: &[(String, String)],
    release: i64,
    path: &str,
) -> Result<()> {
    for chunk in entries.chunks(ROWS) {
        let text = format!(
            "INSERT INTO entry (catalog, key, release, body) VALUES {} \
             ON CONFLICT (catalog, key) DO UPDATE SET release = excluded.release, body = excluded.body",
            values(chunk.len())
        );
        let query = sqlx::query(AssertSqlSafe(text));
        let query = chunk.iter().fold(query, |query, (key, body)| query.bind(path).bind(key).bind(release).bind(body));
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// One transaction of all entries into an empty table.
pub(crate) async fn insert_entries(path: &Path, entries: &[(String, String)]) -> Result<Duration> {
    let mut connection = open(path).await?;
    entry_table(&mut connection).await?;
    let began = Instant::now();
    let mut tx = connection.begin().await?;
    put_entries(&mut tx, entries, 1, "indicators").await?;
    tx.commit().await?;
    Ok(began.elapsed())
}

/// The changed entries in one transaction each in so many databases, one after the other on one thread.
pub(crate) async fn update_entries(
    path: &Path,
    all: &[DraftRow],
    changed: &[(String, String)],
    databases: usize,
) -> Result<Duration> {
    let mut connections = Vec::new();
    for number in 0..databases {
        let path = path.with_extension(format!("{number}.sqlite"));
        let fresh = !path.exists();
        let mut connection = open(&path).await?;
        if fresh {
            entry_table(&mut connection).await?;
            let all: Vec<(String, String)> = all.iter().map(|row| (row.key.clone(), row.body.clone())).collect();
            let mut tx = connection.begin().await?;
            put_entries(&mut tx, &all, 1, "indicators").await?;
            tx.commit().await?;
        }
        connections.push(connection);
    }
    let began = Instant::now();
    for connection in &mut connections {
        let mut tx = connection.begin().await?;
        put_entries(&mut tx, changed, 2, "indicators").await?;
        tx.commit().await?;
    }
    Ok(began.elapsed())
}

/// All records in transactions of 2,000, as they arrive over a link.
pub(crate) async fn insert_records(path: &Path, changes: &[Change]) -> Result<Duration> {
    let mut connection = open(path).await?;
    let table = "CREATE TABLE record (kind TEXT NOT NULL, key TEXT NOT NULL, seq BIGINT NOT NULL, body TEXT NOT NULL, \
                 PRIMARY KEY (kind, key)) WITHOUT ROWID";
    sqlx::query(table).execute(&mut connection).await?;
    let began = Instant::now();
    let mut seq: i64 = 0;
    for batch in changes.chunks(2_000) {
        let mut tx = connection.begin().await?;
        for chunk in batch.chunks(ROWS) {
            let text = format!("INSERT INTO record (kind, key, seq, body) VALUES {}", values(chunk.len()));
            let mut query = sqlx::query(AssertSqlSafe(text));
            for change in chunk {
                seq += 1;
                query = query.bind(&change.kind).bind(&change.key).bind(seq).bind(change.body.as_deref());
            }
            query.execute(&mut *tx).await?;
        }
        tx.commit().await?;
    }
    Ok(began.elapsed())
}
