//! 与上年比较: the collection of the year before that asked for the same.

use tongpin_domain::collection::Collection;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;

/// The evidence of the year before, if the same was collected then; of several collections the one due last.
///
/// # Errors
/// The database cannot be read.
pub(super) async fn evidence(app: &App, now: &Collection) -> Result<Option<Collected>, Failure> {
    let Some(wanted) = now.fiscal_year().and_then(|year| year.checked_sub(1)) else { return Ok(None) };
    let earlier = app.collections().await?.into_iter().filter(|published| {
        published.collection.fiscal_year() == Some(wanted) && same_shape(&published.collection, now)
    });
    match earlier.max_by_key(|published| published.collection.due) {
        Some(published) => Collected::of(app, published, app.regions().await?).await.map(Some),
        None => Ok(None),
    }
}

/// Whether figures of the two mean the same: the same records, conditions, groupings and measures.
fn same_shape(one: &Collection, other: &Collection) -> bool {
    one.tables == other.tables
}
