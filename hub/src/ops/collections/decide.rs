//! 关闭与重新开放: a closed period takes no reports until it is opened again with a reason.

use serde::Serialize;
use tongpin_domain::rollup::Coverage;
use tongpin_store::{AuditDraft, CollectionState};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;

/// What was decided.
#[derive(Serialize)]
pub(crate) struct Decided {
    pub(crate) collection: String,
    pub(crate) open: bool,
    /// It stood otherwise before.
    pub(crate) changed: bool,
    pub(crate) coverage: Coverage,
}

/// Opens or closes a collection, for the reason that is the detail of the audit entry. One that stood like that already
/// is entered as not done.
///
/// # Errors
/// Nobody decides, or the database cannot be written.
pub(crate) async fn decide(
    app: &App,
    evidence: Collected,
    open: bool,
    by: &str,
    entry: &AuditDraft<'_>,
) -> Result<Decided, Failure> {
    if by.trim().is_empty() {
        return Err(Failure::input("请用 --by 写明是谁决定的", "give the name with --by"));
    }
    let changed = evidence.open != open;
    let collection = evidence.collection.id;
    let step = async {
        if !changed {
            return Ok(());
        }
        let (by, reason) = (by.trim().to_owned(), entry.detail.to_owned());
        let state = CollectionState { collection: collection.clone(), open, reason, by, at: app.site.now() };
        app.store().set_collection_state(&state).await
    };
    app.store().audited_as(entry, step, |done| Some(changed && done.is_ok())).await?;
    Ok(Decided { collection, open, changed, coverage: evidence.coverage })
}
