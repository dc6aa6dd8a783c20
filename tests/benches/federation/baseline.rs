//! What everything is measured beside: the same rows in a raw database, one table, one transaction, WAL and
//! `synchronous=FULL`, many rows a statement, and nothing else; for what crosses a line, the barest line there is.

use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tongpin_domain::catalog::{Difference, Entry};
use tongpin_proto::{packing, v1};
use tongpin_store::Change;

const ROWS: usize = 500;

async fn open(path: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", path.display()))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", "4000");
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

/// The bare path of a difference: packed once with zstd, sent to so many databases over TCP without TLS, and there
/// unpacked, written in one transaction each and acknowledged. Nothing is signed, checked or kept of what was before.
pub(crate) struct BarePath {
    lines: Vec<TcpStream>,
}

impl BarePath {
    /// Databases that hold all entries, each behind a connection.
    pub(crate) async fn open(path: &Path, all: &[(String, String)], databases: usize) -> Result<Self> {
        let mut lines = Vec::new();
        for number in 0..databases {
            let mut connection = open(&path.with_extension(format!("{number}.sqlite"))).await?;
            entry_table(&mut connection).await?;
            let mut tx = connection.begin().await?;
            put_entries(&mut tx, all, 1, "indicators").await?;
            tx.commit().await?;
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let line = TcpStream::connect(listener.local_addr()?).await?;
            line.set_nodelay(true)?;
            let (other_end, _) = listener.accept().await?;
            tokio::spawn(receive(other_end, connection));
            lines.push(line);
        }
        Ok(Self { lines })
    }

    /// From the entries to the last acknowledgement.
    pub(crate) async fn send(&mut self, changed: &[Entry]) -> Result<Duration> {
        let began = Instant::now();
        let difference = Difference { upserts: changed.to_vec(), removals: Vec::new() };
        let packed = packing::pack(&v1::Difference::from(difference), 3)?;
        for line in &mut self.lines {
            line.write_u64(packed.raw_length).await?;
            line.write_u64(packed.data.len() as u64).await?;
            line.write_all(&packed.data).await?;
        }
        for line in &mut self.lines {
            line.read_u8().await?;
        }
        Ok(began.elapsed())
    }
}

async fn receive(mut line: TcpStream, mut connection: SqliteConnection) -> Result<()> {
    line.set_nodelay(true)?;
    loop {
        let raw_length = line.read_u64().await?;
        let mut data = vec![0; usize::try_from(line.read_u64().await?)?];
        line.read_exact(&mut data).await?;
        let difference: v1::Difference = packing::unpack(&data, raw_length)?;
        let entries: Vec<_> = difference.upserts.into_iter().map(|entry| (entry.key, entry.body)).collect();
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        put_entries(&mut tx, &entries, 2, "indicators").await?;
        tx.commit().await?;
        line.write_u8(1).await?;
    }
}

/// All records in transactions of 5,000, as they arrive over a link.
pub(crate) async fn insert_records(path: &Path, changes: &[Change]) -> Result<Duration> {
    let mut connection = open(path).await?;
    let table = "CREATE TABLE record (kind TEXT NOT NULL, key TEXT NOT NULL, seq BIGINT NOT NULL, body TEXT NOT NULL, \
                 PRIMARY KEY (kind, key)) WITHOUT ROWID";
    sqlx::query(table).execute(&mut connection).await?;
    let began = Instant::now();
    let mut seq: i64 = 0;
    for batch in changes.chunks(5_000) {
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
