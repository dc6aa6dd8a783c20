//! 县级填写: what the county fills into a township's document. It is published in the county's verdict about it, so that it
//! comes down to whoever keeps the document as every decision does, and decides nothing by itself.

use std::collections::BTreeMap;

use tongpin_domain::form::Given;

use super::around::Around;
use super::{FormError, HeldDocument, Worker, stepping};
use crate::app::App;

/// Keeps what was typed for the fields of this level.
pub(super) async fn save(
    app: &App,
    held: &HeldDocument,
    given: &BTreeMap<String, Given>,
    by: &Worker,
) -> Result<(), FormError> {
    let definition = &held.form.definition;
    let around = Around::held(app, std::iter::once(held)).await?;
    let own = app.site.region();
    let given = definition.within_reach(given, &held.given(), &held.locked(&own));
    let given = definition.with_above(&held.document.given, &given);
    let checked = around.checked(held, &given);
    if !checked.reading.problems.is_empty() {
        return Err(FormError::Unreadable(checked.reading.problems));
    }
    let kept = definition.canonical(&checked.reading.values, &given);
    let filled = held.verdict.as_ref().and_then(|verdict| verdict.filled_into(held.document.version));
    if filled.is_some_and(|filled| filled.given == definition.above(&kept)) {
        return Ok(());
    }
    let derived = definition.derived(&checked.evaluated);
    let verdict = definition.fill_above(&held.case(false), by.account(), &kept, derived);
    stepping::publish(app, held, &verdict, by).await
}
