//! 审核发布: a draft becomes the next release by somebody who did not draft it.

use tongpin_domain::digest::Digest;
use tongpin_link::publish::{self, Publication, PublishError};
use tongpin_store::Person;

use crate::app::App;
use crate::failure::Failure;

/// The draft of a catalog, checked and signed as its next release, by somebody who did not draft it. With `reviewed`,
/// only the draft of that digest.
///
/// # Errors
/// Every [`PublishError`], or the database cannot be read.
pub(crate) async fn approved(
    app: &App,
    catalog: &str,
    by: &Person,
    reviewed: Option<Digest>,
) -> Result<Publication, Failure> {
    let id = app.catalog(catalog);
    let publication = publish::prepare(&app.site, &id, by, app.separation().await?).await?;
    if reviewed.is_some_and(|reviewed| reviewed != publication.draft) {
        return Err(PublishError::DraftChanged(id).into());
    }
    Ok(publication)
}
