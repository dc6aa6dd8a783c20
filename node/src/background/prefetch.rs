//! Reading ahead what pages show: whoever searches the library or opens the first page does not wait for all of it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tongpin_link::error::chain;

use crate::app::App;
use crate::app::correctable::Bureau;
use crate::app::statistics::READ_EVERY_S;
use crate::records::answer::AnswerError;

/// Reads before anybody asks, and again after changes, until cancelled.
pub(crate) async fn read_ahead(app: App, token: CancellationToken) {
    let mut changes = app.site.changes();
    // What changed too soon after a reading to be read again.
    let later = Duration::from_secs(READ_EVERY_S.unsigned_abs());
    loop {
        changes.borrow_and_update();
        let store = app.store();
        let read = tokio::try_join!(app.library.index(store), app.statistics.read_ahead(store, app.site.now()));
        if let Err(error) = read {
            tracing::warn!(reason = %error, "what pages show could not be read ahead");
        }
        if let Err(error) = compare_reports(&app).await {
            tracing::warn!(reason = chain(&error), "what was reported could not be compared with the records");
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(later) => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

/// Compares what was reported with what the records say now, if something has changed.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn compare_reports(app: &App) -> Result<(), AnswerError> {
    let own = app.site.region();
    let bureau = Bureau { own: &own, parent: &app.parent.region, egress: &app.settings.egress };
    app.statistics.correctable.look(app.store(), app.site.now(), &bureau).await
}
