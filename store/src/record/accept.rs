//! Taking in what goes up: effect and position in one transaction, each change once.

use std::collections::HashMap;

use tongpin_domain::digest::Digest;
use tongpin_domain::region::RegionCode;

use super::apart::{self, KeptApart};
use super::compare::{Arriving, Standing, bury, held, standing};
use super::life::{Life, Lives, Written, begin};
use super::write::{RecordWrite, write_records};
use super::{RECORDS, change_mark};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, fits, sql};

const POSITION: &str = "stream_position";

/// How far an author's stream was applied here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The stream.
    pub stream: String,
    /// The incarnation of the author's database that the number belongs to.
    pub incarnation: String,
    /// The last number applied.
    pub seq: u64,
    /// The [`change_mark`](super::change_mark) of that change; none if it came to a program that kept none.
    pub mark: Option<Digest>,
}

/// One change of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `project`, `indicator` …
    pub kind: String,
    /// Which one.
    pub key: String,
    /// The new content, `None` if the record was deleted.
    pub body: Option<String>,
    /// What is wrong with it: the record is kept, but set aside.
    pub problem: Option<String>,
}

/// Changes with consecutive numbers from one author.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Whose they are, from its certificate.
    pub author: &'a RegionCode,
    /// The stream.
    pub stream: &'a str,
    /// The incarnation of the author's database.
    pub incarnation: &'a str,
    /// The number of the first change.
    pub first_seq: u64,
    /// The changes, in order.
    pub changes: &'a [Change],
}

/// What a batch tells of the past of its author's database.
#[derive(Debug, Clone, Copy, Default)]
pub struct Past<'a> {
    /// The lives of it, the present one last. Empty if the author does not tell.
    pub lineage: &'a [Life],
    /// By number, ascending: what is held here that a person decided to replace with that change.
    pub over: &'a [(u64, Written)],
    /// The [`change_mark`](super::change_mark) of its last change.
    pub mark: Option<Digest>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It is durable.
    Accepted {
        /// The position afterwards: what to acknowledge.
        seq: u64,
        /// How many changes were new.
        applied: u64,
        /// How many had been applied before.
        skipped: u64,
    },
    /// Something before it is missing; nothing was written.
    Gap {
        /// The number that should come next.
        expected: u64,
    },
}

/// Where a numbered arrival stands against the position.
pub(crate) enum Claim {
    /// The first `skip` of it were applied before; the last that was is known by its mark.
    Fits { skip: u64, mark: Option<Digest> },
    /// The number that should come next.
    Gap { expected: u64 },
}

fn position(line: &Line) -> Result<Position, StoreError> {
    Ok(Position {
        stream: line.text("stream")?,
        incarnation: line.text("incarnation")?,
        seq: line.number("seq")?,
        mark: line.maybe_digest("mark")?,
    })
}

/// Compares a first number with the position, which stays locked until the transaction ends. Another incarnation than
/// the one known starts again from nothing, and takes the place of that one for good.
///
/// # Errors
/// [`StoreError::Replaced`] if another incarnation took the place of this one before.
pub(crate) async fn claim(
    tx: &mut Tx,
    author: &RegionCode,
    stream: &str,
    incarnation: &str,
    first_seq: u64,
) -> Result<Claim, StoreError> {
    tx.lock(&format!("position {author} {stream}")).await?;
    let text = "SELECT author, stream, incarnation, seq, mark FROM stream_position WHERE author = $1 AND stream = $2";
    let query = sql(POSITION, "reading a position", text).shown(author).text(stream);
    let held = query.first(tx.connection()).await?.as_ref().map(position).transpose()?;
    let (expected, mark) = match held {
        Some(held) if held.incarnation == incarnation => (held.seq.saturating_add(1), held.mark),
        _ => {
            begin(tx, author, stream, incarnation).await?;
            (1, None)
        }
    };
    Ok(expected.checked_sub(first_seq).map_or(Claim::Gap { expected }, |skip| Claim::Fits { skip, mark }))
}

/// Whether what comes again under the number that was taken last is what was taken.
///
/// # Errors
/// [`StoreError::Forked`] if it is another change.
pub(crate) fn known_again(
    (author, stream, number): (&RegionCode, &str, u64),
    taken: Option<Digest>,
    came: Digest,
) -> Result<(), StoreError> {
    if taken.is_none_or(|taken| taken == came) {
        return Ok(());
    }
    Err(StoreError::Forked { author: author.clone(), stream: stream.to_owned(), number })
}

/// Moves the position within the transaction that has the effect.
pub(crate) async fn move_position(
    tx: &mut Tx,
    author: &RegionCode,
    stream: &str,
    incarnation: &str,
    (seq, mark): (u64, Option<Digest>),
) -> Result<(), StoreError> {
    let text = "INSERT INTO stream_position (author, stream, incarnation, seq, mark) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (author, stream) DO UPDATE SET incarnation = excluded.incarnation, seq = excluded.seq, \
        mark = excluded.mark";
    let statement = sql(POSITION, "moving a position", text).shown(author).text(stream).text(incarnation);
    let statement = statement.number(fits("sequence number", seq)?).maybe_bytes(mark.as_ref().map(|mark| &mark.0[..]));
    statement.run(tx.connection()).await?;
    Ok(())
}

impl Store {
    /// How far an author's stream was applied.
    #[boxed]
    pub async fn position(&self, author: &RegionCode, stream: &str) -> Result<Option<Position>, StoreError> {
        Ok(self.positions(author).await?.into_iter().find(|position| position.stream == stream))
    }

    /// How far each of an author's streams was applied.
    #[boxed]
    pub async fn positions(&self, author: &RegionCode) -> Result<Vec<Position>, StoreError> {
        let text =
            "SELECT author, stream, incarnation, seq, mark FROM stream_position WHERE author = $1 ORDER BY stream";
        sql(POSITION, "reading positions", text).shown(author).read(&mut *self.reader().await?, position).await
    }

    /// Applies a batch: skips what was applied before, writes the rest, moves the position, all in one transaction.
    ///
    /// A new incarnation of the author starts again from 1. What is held and newer than what it sends stays, and what
    /// it sent of it is kept apart: see [`Store::differences`]. [`Store::left_behind`] lists what it does not know.
    #[boxed]
    pub async fn accept_records(&self, batch: &Batch<'_>) -> Result<Acceptance, StoreError> {
        self.accept_told(batch, Past::default()).await
    }

    /// The same of an author that tells of the past of its database.
    pub async fn accept_told(&self, batch: &Batch<'_>, past: Past<'_>) -> Result<Acceptance, StoreError> {
        let Batch { author, stream, incarnation, first_seq, changes } = *batch;
        let mut tx = self.begin().await?;
        let (skip, taken) = match claim(&mut tx, author, stream, incarnation, first_seq).await? {
            Claim::Gap { expected } => return Ok(Acceptance::Gap { expected }),
            Claim::Fits { skip, mark } => (skip, mark),
        };
        let again = skip.checked_sub(1).and_then(|before| changes.get(usize::try_from(before).ok()?));
        // What is set aside may be kept otherwise than it came.
        if let Some(again) = again.filter(|again| again.problem.is_none()) {
            let came = change_mark(&again.kind, &again.key, again.body.as_deref().map(str::as_bytes));
            known_again((author, stream, first_seq.saturating_add(skip).saturating_sub(1)), taken, came)?;
        }
        let count = changes.len() as u64;
        let skipped = skip.min(count);
        if skipped == count {
            let seq = first_seq.saturating_add(skip).saturating_sub(1);
            return Ok(Acceptance::Accepted { seq, applied: 0, skipped });
        }
        let last = first_seq.checked_add(count - 1);
        let last = last.ok_or(StoreError::TooLarge { what: "sequence number", number: first_seq })?;
        let last = fits("sequence number", last)?;
        let start = usize::try_from(skipped).unwrap_or(usize::MAX);
        let fresh = changes.get(start..).unwrap_or_default();
        let mut writes = newest(fresh, first_seq.saturating_add(skipped));
        let mut lives = Lives::read(&mut tx, author, stream).await?;
        if past.lineage.last().is_some_and(|life| life.incarnation == incarnation) {
            lives.learn(&mut tx, author, stream, past.lineage).await?;
        }
        if !lives.is_only() {
            writes = sift(&mut tx, batch, &past, &lives, writes).await?;
        }
        let present = lives.number(incarnation).unwrap_or(0);
        for write in &mut writes {
            write.life = lives.owner(present, write.seq);
        }
        write_records(&mut tx, author, &writes).await?;
        bury(&mut tx, author, &writes).await?;
        move_position(&mut tx, author, stream, incarnation, (last, past.mark)).await?;
        tx.commit().await?;
        Ok(Acceptance::Accepted { seq: last, applied: count - skipped, skipped })
    }

    /// Lets a life of an author's database begin before it has sent anything. Nothing happens if it has begun.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] if another one took its place before.
    #[boxed]
    pub async fn begin_life(&self, author: &RegionCode, lineage: &[Life]) -> Result<(), StoreError> {
        let Some(present) = lineage.last() else { return Ok(()) };
        let incarnation = present.incarnation.as_str();
        let mut tx = self.begin().await?;
        let fits = matches!(claim(&mut tx, author, RECORDS, incarnation, 1).await?, Claim::Fits { skip: 0, .. });
        let mut lives = Lives::read(&mut tx, author, RECORDS).await?;
        lives.learn(&mut tx, author, RECORDS, lineage).await?;
        if fits {
            move_position(&mut tx, author, RECORDS, incarnation, (0, None)).await?;
        }
        tx.commit().await
    }
}

/// Leaves those that are newer than what is held, and keeps the others apart.
async fn sift<'a>(
    tx: &mut Tx,
    batch: &Batch<'_>,
    past: &Past<'_>,
    lives: &Lives,
    writes: Vec<RecordWrite<'a>>,
) -> Result<Vec<RecordWrite<'a>>, StoreError> {
    let there = held(tx, batch.author, &writes).await?;
    let (life, told) = (lives.number(batch.incarnation).unwrap_or(0), !past.lineage.is_empty());
    let (mut newer, mut kept, mut agreed) = (Vec::with_capacity(writes.len()), Vec::new(), Vec::new());
    for write in writes {
        let name = (write.kind.to_owned(), write.key.to_owned());
        let over = past.over.binary_search_by_key(&write.seq, |(seq, _)| *seq).ok();
        let over = over.and_then(|place| past.over.get(place)).map(|(_, over)| over);
        let over = over.and_then(|over| Some((lives.number(&over.incarnation)?, over.number)));
        let arriving = Arriving { life, seq: write.seq, body: write.body, over };
        match there.get(&name).map_or(Standing::Newer, |held| standing(lives, told, &arriving, held)) {
            Standing::Newer => {
                agreed.push((write.kind, write.key));
                newer.push(write);
            }
            Standing::Passed => {}
            standing => kept.push(KeptApart {
                kind: write.kind,
                key: write.key,
                incarnation: lives.incarnation(lives.owner(life, write.seq)),
                number: write.seq,
                older: standing == Standing::Older,
                body: write.body,
            }),
        }
    }
    apart::forget(tx, batch.author, &agreed).await?;
    apart::keep(tx, batch.author, &kept).await?;
    Ok(newer)
}

/// The last change of each name, because one statement may not touch a row twice.
fn newest(changes: &[Change], first_seq: u64) -> Vec<RecordWrite<'_>> {
    let all = changes.iter().zip(first_seq..).map(|(change, seq)| RecordWrite {
        kind: &change.kind,
        key: &change.key,
        body: change.body.as_deref(),
        problem: change.problem.as_deref(),
        seq,
        life: 0,
    });
    // What comes in the order of its names, as from a file, has none of them twice.
    if changes.is_sorted_by(|one, next| (&one.kind, &one.key) < (&next.kind, &next.key)) {
        return all.collect();
    }
    let mut places: HashMap<(&str, &str), usize> = HashMap::with_capacity(changes.len());
    let mut writes: Vec<RecordWrite<'_>> = Vec::with_capacity(changes.len());
    for write in all {
        let name = (write.kind, write.key);
        if let Some(before) = places.get(&name).and_then(|place| writes.get_mut(*place)) {
            *before = write;
        } else {
            places.insert(name, writes.len());
            writes.push(write);
        }
    }
    writes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of several changes of one record only the last is written, with its own number.
    #[test]
    fn the_last_change_counts() {
        let change = |key: &str, body: Option<&str>| Change {
            kind: "project".into(),
            key: key.into(),
            body: body.map(Into::into),
            problem: None,
        };
        let changes = [change("a", Some("1")), change("b", Some("2")), change("a", None), change("b", Some("3"))];
        let newest = newest(&changes, 7);
        let seen: Vec<_> = newest.iter().map(|it| (it.key, it.body, it.seq)).collect();
        assert_eq!(seen, [("a", None, 9), ("b", Some("3"), 10)]);

        let changes = [change("a", Some("1")), change("a", Some("2")), change("b", Some("3"))];
        let seen: Vec<_> = super::newest(&changes, 1).iter().map(|it| (it.key, it.body, it.seq)).collect();
        assert_eq!(seen, [("a", Some("2"), 2), ("b", Some("3"), 3)], "in order, but one twice");
    }
}
