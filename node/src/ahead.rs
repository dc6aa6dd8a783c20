//! Reading ahead what pages show: whoever searches the library or opens the first page does not wait for all of it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tongpin_link::error::chain;

use crate::office::Office;
use crate::tally::READ_EVERY_S;

/// Reads before anybody asks, and again after changes, until cancelled.
pub(crate) async fn read_ahead(office: Office, token: CancellationToken) {
    let mut changes = office.site.changes();
    // What changed too soon after a reading to be read again.
    let later = Duration::from_secs(READ_EVERY_S.unsigned_abs());
    loop {
        changes.borrow_and_update();
        let store = office.store();
        let read = tokio::try_join!(office.library.shelf(store), office.tally.read_ahead(store, office.site.now()));
        if let Err(error) = read {
            tracing::warn!(reason = %error, "what pages show could not be read ahead");
        }
        if let Err(error) = office.tally.correctable.look(&office).await {
            tracing::warn!(reason = chain(&error), "what was reported could not be compared with the records");
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(later) => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}
