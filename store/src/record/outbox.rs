//! 发件箱: the append-only log of what this node changed or sent, in gapless streams, and what of it was acknowledged.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;

use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::meta::INCARNATION;
use crate::sql::{Line, fits, run_pieces, sql, tuples};
use crate::topic::Topic;

const OUTBOX: &str = "outbox";
/// Nothing but what is sent: with many rows each column counts.
const AFTER: &str = "SELECT seq, kind, key, body FROM outbox WHERE stream = $1 AND seq > $2 \
    ORDER BY seq LIMIT $3";
const ACKNOWLEDGEMENT: &str = "acknowledgement";

/// One entry of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// 1, 2, 3 … without gaps.
    pub seq: u64,
    /// What it is about.
    pub kind: String,
    /// Which one.
    pub key: String,
    /// The content, `None` if it was deleted.
    pub body: Option<Vec<u8>>,
}

/// By what a change is known again at the other end: after a database was put back from a plain copy and went on,
/// another change stands under its number.
#[must_use]
pub fn change_mark(kind: &str, key: &str, body: Option<&[u8]>) -> Digest {
    Digest::of_parts([kind.as_bytes(), key.as_bytes()].into_iter().chain(body))
}

/// 出域记录: one thing that left this node, or is about to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRow {
    /// The stream.
    pub stream: String,
    /// Its number in the stream.
    pub seq: u64,
    /// What it is about.
    pub kind: String,
    /// Which one.
    pub key: String,
    /// How large the content is.
    pub bytes: u64,
    /// When it was appended.
    pub created_at: Moment,
    /// When it was first acknowledged, if it was.
    pub acked_at: Option<Moment>,
}

/// What is to be appended.
pub(super) struct Entry<'a> {
    pub(super) kind: &'a str,
    pub(super) key: &'a str,
    pub(super) body: Option<&'a [u8]>,
}

/// The number that the next entry of a stream gets; until this transaction ends nobody else gets it.
pub(super) async fn next_seq(tx: &mut Tx, stream: &str) -> Result<u64, StoreError> {
    tx.lock(&format!("stream {stream}")).await?;
    Ok(last_of(tx, stream).await?.saturating_add(1))
}

/// The last number of a stream, 0 if it is empty.
pub(crate) async fn last_of(tx: &mut Tx, stream: &str) -> Result<u64, StoreError> {
    let text = "SELECT MAX(seq) AS seq FROM outbox WHERE stream = $1";
    let line = sql(OUTBOX, "reading a stream", text).text(stream).first(tx.connection()).await?;
    Ok(line.map(|line| line.maybe_number("seq")).transpose()?.flatten().unwrap_or(0))
}

/// Appends entries from a number on.
pub(super) async fn append_all(
    tx: &mut Tx,
    stream: &str,
    first: u64,
    entries: &[Entry<'_>],
    at: Moment,
) -> Result<(), StoreError> {
    tx.touch(Topic::Outbox(stream.to_owned()));
    let numbered: Vec<(u64, &Entry<'_>)> = (first..).zip(entries).collect();
    let database = tx.kind();
    let statement = |chunk: &[(u64, &Entry<'_>)]| {
        let text = format!(
            "INSERT INTO outbox (stream, seq, kind, key, created_at, body) VALUES {}",
            tuples(database, chunk.len(), 6)
        );
        let mut statement = sql(OUTBOX, "appending to a stream", text);
        for (seq, entry) in chunk {
            statement = statement.text(stream).number(fits("sequence number", *seq)?).text(entry.kind).text(entry.key);
            statement = statement.moment(at).maybe_bytes(entry.body);
        }
        Ok(statement)
    };
    run_pieces(tx.connection(), &numbered, statement).await
}

fn outbox_row(line: &Line) -> Result<OutboxRow, StoreError> {
    Ok(OutboxRow {
        seq: line.number("seq")?,
        kind: line.text("kind")?,
        key: line.text("key")?,
        body: line.maybe_bytes("body")?,
    })
}

/// Columns by their place in [`AFTER`]: a look-up by name for each of many rows is what this path avoids.
fn bulk_row(row: &SqliteRow) -> Result<OutboxRow, sqlx::Error> {
    let seq: i64 = row.try_get(0)?;
    Ok(OutboxRow {
        seq: u64::try_from(seq).map_err(|error| sqlx::Error::Decode(error.into()))?,
        kind: row.try_get(1)?,
        key: row.try_get(2)?,
        body: row.try_get(3)?,
    })
}

fn sent_row(line: &Line) -> Result<SentRow, StoreError> {
    Ok(SentRow {
        stream: line.text("stream")?,
        seq: line.number("seq")?,
        kind: line.text("kind")?,
        key: line.text("key")?,
        bytes: line.number("bytes")?,
        created_at: line.moment("created_at")?,
        acked_at: line.maybe_moment("acked_at")?,
    })
}

impl Tx {
    /// Appends to a stream within this transaction and returns the number.
    #[boxed]
    pub async fn append(
        &mut self,
        stream: &str,
        kind: &str,
        key: &str,
        body: Option<&[u8]>,
        at: Moment,
    ) -> Result<u64, StoreError> {
        let seq = next_seq(self, stream).await?;
        append_all(self, stream, seq, &[Entry { kind, key, body }], at).await?;
        Ok(seq)
    }
}

impl Store {
    /// Appends to a stream and returns the number.
    #[boxed]
    pub async fn append(
        &self,
        stream: &str,
        kind: &str,
        key: &str,
        body: Option<&[u8]>,
        at: Moment,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let seq = tx.append(stream, kind, key, body, at).await?;
        tx.commit().await?;
        Ok(seq)
    }

    /// Up to `limit` entries of a stream after a number, ascending.
    #[boxed]
    pub async fn outbox_after(&self, stream: &str, seq: u64, limit: u64) -> Result<Vec<OutboxRow>, StoreError> {
        if let Some(bulk) = self.bulk() {
            let limits = [seq, limit].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
            let query = sqlx::query(AFTER).bind(stream).bind(limits[0]).bind(limits[1]);
            let rows = query.try_map(|row| bulk_row(&row)).fetch_all(bulk).await;
            return rows.map_err(|source| StoreError::database("reading a stream", source));
        }
        let query = sql(OUTBOX, "reading a stream", AFTER).text(stream).number(seq).number(limit);
        query.read(&mut *self.reader().await?, outbox_row).await
    }

    /// The [`change_mark`] of an entry of a stream, `None` if there is none of this number.
    #[boxed]
    pub async fn mark_of(&self, stream: &str, seq: u64) -> Result<Option<Digest>, StoreError> {
        let Some(before) = seq.checked_sub(1) else { return Ok(None) };
        let found = self.outbox_after(stream, before, 1).await?;
        let found = found.iter().find(|row| row.seq == seq);
        Ok(found.map(|row| change_mark(&row.kind, &row.key, row.body.as_deref())))
    }

    /// When an entry of a stream was appended, `None` if there is none of this number.
    #[boxed]
    pub async fn appended_at(&self, stream: &str, seq: u64) -> Result<Option<Moment>, StoreError> {
        let text = "SELECT stream, seq, created_at FROM outbox WHERE stream = $1 AND seq = $2";
        let query = sql(OUTBOX, "reading a stream", text).text(stream).number(seq);
        query.first(&mut *self.reader().await?).await?.map(|line| line.moment("created_at")).transpose()
    }

    /// The last number of a stream, 0 if it is empty.
    #[boxed]
    pub async fn outbox_last(&self, stream: &str) -> Result<u64, StoreError> {
        let text = "SELECT MAX(seq) AS seq FROM outbox WHERE stream = $1";
        let line = sql(OUTBOX, "reading a stream", text).text(stream).first(&mut *self.reader().await?).await?;
        Ok(line.map(|line| line.maybe_number("seq")).transpose()?.flatten().unwrap_or(0))
    }

    /// Notes that the parent has everything up to a number, durably. An older note is ignored.
    ///
    /// It counts for this incarnation only: after a restore everything is sent again until the parent says how far it
    /// has come with the new one.
    #[boxed]
    pub async fn mark_acked(&self, stream: &str, upto: u64, at: Moment) -> Result<(), StoreError> {
        let upto = fits("sequence number", upto)?;
        if upto <= self.acked(stream).await? {
            return Ok(());
        }
        let text = "INSERT INTO acknowledgement (stream, incarnation, upto, acked_at) \
            SELECT $1, value, $2, $3 FROM meta WHERE key = $4 ON CONFLICT (stream, incarnation, upto) DO NOTHING";
        let mut tx = self.begin().await?;
        let statement = sql(ACKNOWLEDGEMENT, "noting an acknowledgement", text).text(stream).number(upto).moment(at);
        statement.text(INCARNATION).run(tx.connection()).await?;
        tx.commit().await
    }

    /// How far the parent has acknowledged a stream in this incarnation, 0 for nothing.
    #[boxed]
    pub async fn acked(&self, stream: &str) -> Result<u64, StoreError> {
        let text = "SELECT MAX(a.upto) AS upto FROM acknowledgement AS a WHERE a.stream = $1 AND a.incarnation = \
            (SELECT m.value FROM meta AS m WHERE m.key = $2)";
        let query = sql(ACKNOWLEDGEMENT, "reading acknowledgements", text).text(stream).text(INCARNATION);
        let line = query.first(&mut *self.reader().await?).await?;
        Ok(line.map(|line| line.maybe_number("upto")).transpose()?.flatten().unwrap_or(0))
    }

    /// When the parent last acknowledged something, in whatever stream and incarnation.
    #[boxed]
    pub async fn last_acked_at(&self) -> Result<Option<Moment>, StoreError> {
        let text = "SELECT MAX(acked_at) AS acked_at FROM acknowledgement";
        let query = sql(ACKNOWLEDGEMENT, "reading acknowledgements", text);
        let line = query.first(&mut *self.reader().await?).await?;
        Ok(line.map(|line| line.maybe_moment("acked_at")).transpose()?.flatten())
    }

    /// What left this node or is about to, newest first. Each stream is read from its end, so that a long log costs no
    /// more than a short one.
    #[boxed]
    pub async fn sent_log(&self, limit: u64) -> Result<Vec<SentRow>, StoreError> {
        let mut reader = self.reader().await?;
        let mut log = Vec::new();
        let mut stream = String::new();
        loop {
            let text = "SELECT MIN(stream) AS stream FROM outbox WHERE stream > $1";
            let next = sql(OUTBOX, "reading streams", text).text(&stream).first(&mut reader).await?;
            let Some(next) = next.map(|line| line.maybe_text("stream")).transpose()?.flatten() else { break };
            let text = "SELECT o.stream, o.seq, o.kind, o.key, CAST(COALESCE(LENGTH(o.body), 0) AS BIGINT) AS bytes, \
                o.created_at, (SELECT MIN(a.acked_at) FROM acknowledgement AS a \
                 WHERE a.stream = o.stream AND a.upto >= o.seq) AS acked_at \
                FROM outbox AS o WHERE o.stream = $1 ORDER BY o.seq DESC LIMIT $2";
            let query = sql(OUTBOX, "reading what was sent", text).text(&next).number(limit);
            log.extend(query.read(&mut reader, sent_row).await?);
            stream = next;
        }
        log.sort_by(|a, b| (b.created_at, &a.stream, b.seq).cmp(&(a.created_at, &b.stream, a.seq)));
        log.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(log)
    }
}
