//! What a child sends, read ahead: while one batch is being committed the next ones are unpacked and checked, so that
//! a county takes in records at the speed of its disk.

use futures_util::{Stream, StreamExt, future};
use tongpin_proto::v1;

use super::desk::{Desk, Unpacked};
use crate::error::LinkError;

/// How many messages are read ahead, the one at hand included.
const AHEAD: usize = 3;

/// A message of a child.
pub(crate) enum Letter {
    /// A batch, unpacked.
    Batch(Unpacked),
    /// Anything else.
    Other(v1::upward::Body),
}

/// The child's messages in order. Those of a newer version that this one does not know are passed over.
pub(crate) fn read(inbound: tonic::Streaming<v1::Upward>) -> impl Stream<Item = Result<Letter, LinkError>> + Unpin {
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
    Box::pin(known.map(open).buffered(AHEAD))
}

async fn open(body: Result<v1::upward::Body, LinkError>) -> Result<Letter, LinkError> {
    match body? {
        v1::upward::Body::Batch(batch) => {
            let unpacked = tokio::task::spawn_blocking(move || Desk::unpack(batch)).await;
            unpacked.map_err(|_| LinkError::Stopped)?.map(Letter::Batch)
        }
        other => Ok(Letter::Other(other)),
    }
}
