//! Sending what this node wrote: in order, numbered without gaps, kept until the parent's acknowledgement is stored.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tongpin_domain::digest::Digest;
use tongpin_domain::region::{self, RegionCode};
use tongpin_proto::{packing, v1};
use tongpin_store::{OutboxRow, RECORDS, REPORTS, Topic, Written};

use super::batch_size::BatchSize;
use super::state;
use crate::error::LinkError;
use crate::site::Site;

/// Changes in one batch.
const BATCH: u64 = 5_000;
/// The fewest changes that are looked at for a batch, however short it must be.
const FEWEST: u64 = 16;
/// Changes that may be on their way without an acknowledgement.
const WINDOW: u64 = 4 * BATCH;

/// How long the first change waits for others: what is written in one moment goes up in one batch, and what came down
/// in that moment is answered first.
const GATHER: Duration = Duration::from_millis(20);
/// How often acknowledgements are written down at most while more is on its way: a disk write each, beside those of the
/// records themselves.
const KEEP_EVERY: Duration = Duration::from_millis(50);

/// The streams a node sends to its parent. Records go up only inside one county.
#[must_use]
pub(crate) fn streams(own: &RegionCode, parent: &RegionCode) -> Vec<&'static str> {
    if region::records_go_up(own, parent) { vec![RECORDS, REPORTS] } else { vec![REPORTS] }
}

/// Whether this database lacks what the parent has of its present incarnation: it never wrote so much, or another
/// change stands under that number, because it was put back from an old copy and went on.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn lacks(site: &Site, position: &v1::Position) -> Result<bool, LinkError> {
    let (stream, number) = (position.stream.as_str(), position.number);
    if number > site.store.outbox_last(stream).await? {
        return Ok(true);
    }
    let Some(mark) = Digest::from_bytes(&position.mark) else { return Ok(false) };
    Ok(site.store.mark_of(stream, number).await?.is_some_and(|own| own != mark))
}

/// The next batch of a stream after a number, with the number of its last change; `None` if there is nothing.
///
/// # Errors
/// The database cannot be read, or one change is larger than any parent takes.
pub(crate) async fn batch_after(
    site: &Site,
    stream: &str,
    incarnation: &str,
    after: u64,
) -> Result<Option<(v1::Batch, u64)>, LinkError> {
    let lineage = lineage(site).await?;
    let Some(load) = rows_after(site, stream, after, BatchSize::LARGEST).await? else { return Ok(None) };
    let last = load.rows.last().map_or(after, |row| row.seq);
    Ok(Some((pack(stream, incarnation, &lineage, load)?, last)))
}

/// The lives of this database, as they are sent.
pub(crate) async fn lineage(site: &Site) -> Result<Vec<v1::Life>, LinkError> {
    let lives = site.store.lineage().await?;
    Ok(lives.into_iter().map(|life| v1::Life { incarnation: life.incarnation, start: life.start }).collect())
}

/// What a batch is made of.
struct Load {
    rows: Vec<OutboxRow>,
    /// By number, ascending: what the parent holds that a change replaces by decision.
    over: Vec<(u64, Written)>,
}

/// The changes that the next batch holds: at least one, and no more than a batch should.
async fn rows_after(site: &Site, stream: &str, after: u64, most: usize) -> Result<Option<Load>, LinkError> {
    // A short batch needs few of them read.
    let count = BATCH.saturating_mul(most as u64).div_ceil(BatchSize::LARGEST as u64).clamp(FEWEST, BATCH);
    let mut rows = site.store.outbox_after(stream, after, count).await?;
    let Some(first) = rows.first().map(|row| row.seq) else { return Ok(None) };
    if first != after + 1 {
        return Err(LinkError::Internal(format!("outbox {stream} has a gap after {after}")));
    }
    let mut bytes = 0;
    let fitting = rows.iter().take_while(|row| {
        let begins = bytes == 0;
        bytes += row.body.as_ref().map_or(0, Vec::len) + row.key.len() + 16;
        begins || bytes <= most
    });
    let fitting = fitting.count();
    rows.truncate(fitting);
    let last = rows.last().map_or(after, |row| row.seq);
    let over = if stream == RECORDS { site.store.settled_between(after, last).await? } else { Vec::new() };
    Ok(Some(Load { rows, over }))
}

fn pack(stream: &str, incarnation: &str, lineage: &[v1::Life], load: Load) -> Result<v1::Batch, LinkError> {
    let first = load.rows.first().map_or(0, |row| row.seq);
    let mut over = load.over.into_iter().peekable();
    let mut over_of = |seq: u64| {
        let (_, over) = over.next_if(|(number, _)| *number == seq)?;
        Some(v1::Written { incarnation: over.incarnation, number: over.number })
    };
    let change = |row: OutboxRow| {
        let over = over_of(row.seq);
        v1::Change { kind: row.kind, key: row.key, body: row.body.map(Into::into), over }
    };
    let changes = load.rows.into_iter().map(change).collect();
    let packed = packing::pack(&v1::Changes { changes }, 1)?;
    Ok(v1::Batch {
        stream: stream.to_owned(),
        incarnation: incarnation.to_owned(),
        first,
        data: packed.data,
        raw_length: packed.raw_length,
        lineage: lineage.to_vec(),
    })
}

/// Sends until cancelled: from what the parent has committed on, and whenever something new was written.
pub(crate) async fn pump(
    site: Arc<Site>,
    incarnation: String,
    mut cursors: HashMap<&'static str, u64>,
    mut acknowledged: watch::Receiver<HashMap<&'static str, u64>>,
    (outlet, batch_size): (mpsc::Sender<v1::Upward>, &BatchSize),
    caught_up: &Notify,
) -> Result<(), LinkError> {
    let lineage = Arc::new(lineage(&site).await?);
    let watch = site.store.watch(|topic| matches!(topic, Topic::Outbox(_)));
    loop {
        // What is written from here on wakes this once more.
        drop(watch.take());
        let acked = acknowledged.borrow_and_update().clone();
        for (stream, cursor) in &mut cursors {
            let limit = acked.get(stream).copied().unwrap_or(0).saturating_add(WINDOW);
            // While one batch is packed the next is read.
            let mut packing: Option<JoinHandle<Result<v1::Batch, LinkError>>> = None;
            while *cursor < limit {
                let Some(load) = rows_after(&site, stream, *cursor, batch_size.bytes()).await? else { break };
                let (stream, incarnation, lineage) = (*stream, incarnation.clone(), lineage.clone());
                *cursor = load.rows.last().map_or(*cursor, |row| row.seq);
                let next = tokio::task::spawn_blocking(move || pack(stream, &incarnation, &lineage, load));
                if let Some(packed) = packing.replace(next) {
                    send(packed, &outlet).await?;
                    batch_size.sent();
                }
            }
            if let Some(packed) = packing {
                send(packed, &outlet).await?;
                batch_size.sent();
            }
        }
        if cursors.iter().all(|(stream, cursor)| acked.get(stream).is_some_and(|acked| acked >= cursor)) {
            caught_up.notify_one();
        }
        tokio::select! {
            _ = watch.changed() => tokio::time::sleep(GATHER).await,
            changed = acknowledged.changed() => changed.map_err(|_| LinkError::Stopped)?,
        }
    }
}

async fn send(
    packed: JoinHandle<Result<v1::Batch, LinkError>>,
    outlet: &mpsc::Sender<v1::Upward>,
) -> Result<(), LinkError> {
    let batch = packed.await.map_err(|_| LinkError::Stopped)??;
    let message = v1::Upward { body: Some(v1::upward::Body::Batch(batch)) };
    outlet.send(message).await.map_err(|_| LinkError::Stopped)
}

/// Writes down what the parent acknowledged. While one number is being written newer ones may arrive, of which only
/// the last is written next: a quick link does not cost a disk write for each batch. What a crash loses of it the
/// parent says again in its next welcome.
pub(crate) async fn keep_acknowledged(
    site: Arc<Site>,
    mut acknowledged: watch::Receiver<HashMap<&'static str, u64>>,
    caught_up: &Notify,
) -> Result<(), LinkError> {
    acknowledged.mark_unchanged();
    loop {
        acknowledged.changed().await.map_err(|_| LinkError::Stopped)?;
        let numbers = acknowledged.borrow_and_update().clone();
        for (stream, number) in numbers {
            site.store.mark_acked(stream, number, site.now()).await?;
        }
        state::note_contact(&site).await?;
        tokio::select! {
            () = tokio::time::sleep(KEEP_EVERY) => {}
            () = caught_up.notified() => {}
        }
    }
}
