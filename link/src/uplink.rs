//! Following a parent: one worker that connects, catches up, stays, and comes back after every failure.

mod batch_size;
mod intake;
mod join;
mod outbox;
mod proof;
mod refused;
mod renewal;
mod session;
mod state;
pub(crate) mod warned;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tongpin_domain::lang::{Lang, Say};

use batch_size::BatchSize;
pub use intake::Intake;
pub use join::{Joined, accept_file, join, request_file};
pub(crate) use outbox::{batch_after, lacks, lineage, streams};
pub use refused::Refused;
pub use renewal::renew_now;
pub(crate) use session::hello;
pub use state::{LinkState, Parent};
pub(crate) use state::{read, write};
pub use warned::{Suspension, Warning};

use crate::boxed;
use crate::error::{LinkError, chain};
use crate::retry::Retry;
use crate::site::Site;

/// Follows the parent until cancelled. No failure ends it: what is not worth a retry by itself (a revoked
/// certificate, say) is tried at the longest interval, because somebody may mend it at the other end.
#[boxed]
pub async fn follow(site: Arc<Site>, parent: Parent, token: CancellationToken) {
    let longest = site.timing.retry_longest;
    let batch_size = BatchSize::default();
    let mut retry = Retry::between(site.timing.retry_first, longest);
    loop {
        let ended = tokio::select! {
            ended = session::run(&site, &parent, &batch_size, || retry.succeeded()) => ended,
            () = token.cancelled() => return,
        };
        batch_size.ended();
        let error = match ended {
            Ok(()) => LinkError::Answer { code: tonic::Code::Unavailable, message: "the stream ended".into() },
            Err(error) => error,
        };
        let delay = if error.worth_a_retry() { retry.next_delay() } else { longest };
        tracing::warn!(
            region = %site.region(),
            parent = %parent.region,
            address = parent.address,
            reason = %chain(&error),
            retry_in = ?delay,
            "the link to the parent is down"
        );
        let noted = async {
            if error.is_revocation() {
                warned::suspend(&site, &parent.region).await?;
            }
            state::note_failure(&site, &error).await
        };
        if let Err(failed) = noted.await {
            tracing::warn!(error = %chain(&failed), "the state of the link could not be written");
        }
        tracing::debug!(said = error.say(Lang::Zh), "as the user reads it");
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = token.cancelled() => return,
        }
    }
}
