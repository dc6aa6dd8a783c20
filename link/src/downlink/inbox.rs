//! What a child sends, read ahead: while one batch is being committed the next ones are unpacked and checked, so that
//! a county takes in records at the speed of its disk.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, future};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tongpin_proto::{packing, v1};

use super::batch::{BatchReceiver, Unpacked};
use crate::error::LinkError;

/// How many messages are read ahead, the one at hand included.
const AHEAD: usize = 3;

/// What the batches of all children may take together once they are unpacked, KiB: a few of the largest, or as many
/// usual ones as any machine unpacks at once. The others wait.
const ROOM: usize = 64 * 1024;

/// The room for what is unpacked, shared by all links of a process.
pub(crate) fn room() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(ROOM))
}

/// A message of a child.
pub(crate) enum Letter {
    /// A batch, unpacked.
    Batch(Unpacked),
    /// Anything else.
    Other(v1::upward::Body),
}

/// The child's messages in order.
pub(crate) type Letters = BoxStream<'static, Result<Letter, LinkError>>;

/// The child's messages in order. Those of a newer version that this one does not know are passed over.
pub(crate) fn read(inbound: tonic::Streaming<v1::Upward>, room: Arc<Semaphore>) -> Letters {
    let known = inbound.filter_map(|message| {
        let known = match message {
            Ok(v1::Upward { body: Some(body) }) => Some(Ok(body)),
            Ok(v1::Upward { body: None }) => {
                tracing::debug!("a message of a newer version was passed over");
                None
            }
            Err(status) => Some(Err(LinkError::from_status(&status))),
        };
        future::ready(known)
    });
    // Room is taken in the order of the messages, so that a later batch never holds what an earlier one waits for.
    // Each is boxed while it is read, so that a link on which nothing comes does not hold room for it.
    let roomy = known.then(move |body| admit(body, room.clone()).boxed());
    roomy.map(|admitted| open(admitted).boxed()).buffered(AHEAD).boxed()
}

async fn admit(
    body: Result<v1::upward::Body, LinkError>,
    room: Arc<Semaphore>,
) -> Result<(v1::upward::Body, Option<OwnedSemaphorePermit>), LinkError> {
    let body = body?;
    let v1::upward::Body::Batch(batch) = &body else { return Ok((body, None)) };
    // What declares more than any batch may have is refused before it is unpacked.
    let needed = u32::try_from(batch.raw_length.min(packing::LARGEST_BATCH) / 1024).unwrap_or(u32::MAX);
    let taken = room.acquire_many_owned(needed.saturating_add(1)).await;
    Ok((body, Some(taken.map_err(|_| LinkError::Stopped)?)))
}

async fn open(
    admitted: Result<(v1::upward::Body, Option<OwnedSemaphorePermit>), LinkError>,
) -> Result<Letter, LinkError> {
    let (body, room) = admitted?;
    match body {
        v1::upward::Body::Batch(batch) => {
            let unpacked = tokio::task::spawn_blocking(move || BatchReceiver::unpack(batch)).await;
            let unpacked = unpacked.map_err(|_| LinkError::Stopped)??;
            Ok(Letter::Batch(unpacked.within(room)))
        }
        other => Ok(Letter::Other(other)),
    }
}
