//! Opening a collection in two steps, as the pages do it: one person puts it into the catalog's draft, another
//! publishes what was read.

use tongpin_domain::catalog::{self, Audience, Entry};
use tongpin_domain::collection::Collection;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_link::publish::{self, PublishError};
use tongpin_store::{AuditDraft, DraftEdit, DraftEdited, DraftRow, Person};

use super::open::{note_of, set_open};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::publish::approved;

/// The draft of the catalog, as far as it changes anything.
pub(crate) struct Drafted {
    /// What it would open.
    pub(crate) collections: Vec<Collection>,
    /// The ids of those that it would take away.
    pub(crate) retired: Vec<String>,
    /// 经办, for readers.
    pub(crate) by: String,
    /// When it was drafted.
    pub(crate) at: Moment,
    /// What goes with the release.
    pub(crate) note: String,
    /// Which draft this is: whoever approves it approves exactly this.
    pub(crate) digest: Digest,
}

/// Puts a collection into the draft of the catalog, beside what others have drafted there.
///
/// # Errors
/// Somebody else drafts the same collection at this moment, or the database cannot be read or written.
pub(crate) async fn add(app: &App, collection: &Collection, by: &Person) -> Result<(), Failure> {
    let (catalog, store, key) = (app.catalog("collections"), app.store(), collection.id.as_str());
    let draft = store.draft_info(&catalog).await?;
    let before = match &draft {
        Some(_) => store.draft_row(&catalog, key).await?,
        None => store.entry(&catalog, key).await?.map(DraftRow::from),
    };
    let own = note_of(collection);
    let note = match draft.map(|draft| draft.note).filter(|note| !note.is_empty()) {
        Some(note) if note.contains(&own) => note,
        Some(note) => format!("{note}；{own}"),
        None => own,
    };
    let body = serde_json::to_string(collection).map_err(|error| Failure::unreadable(key, &error))?;
    let row = DraftRow { key: key.to_owned(), audience: Audience::Everyone, body };
    let seen = before.as_ref().map_or(Digest::NONE, DraftRow::digest);
    let edit = DraftEdit { key, seen, row: Some(&row), note: Some(&note), at: app.site.now() };
    match store.edit_draft(&catalog, &edit, by).await? {
        DraftEdited::Kept => Ok(()),
        DraftEdited::Overtaken(_) => Err(Failure::input(
            format!("另一人正在起草同一任务 {key}，没有保存；请打开待审核的草稿核对后再试"),
            format!("somebody else drafts {key:?} at this moment; look at the draft, then try again"),
        )),
    }
}

/// What the draft of the catalog would open and take away; `None` without a draft.
///
/// # Errors
/// The database cannot be read, or an entry is no collection.
pub(crate) async fn drafted(app: &App) -> Result<Option<Drafted>, Failure> {
    let catalog = app.catalog("collections");
    let Some(draft) = app.store().draft(&catalog).await? else { return Ok(None) };
    let changes = catalog::compare(&app.store().entries(&catalog).await?, &draft.entries);
    let wanted = |entry: &&Entry| changes.added.contains(&entry.key) || changes.changed.contains(&entry.key);
    let read = |entry: &Entry| {
        let what = format!("collections/{}", entry.key);
        serde_json::from_str(&entry.body).map_err(|error| Failure::unreadable(what, &error))
    };
    let digest = draft.digest();
    let collections = draft.entries.iter().filter(wanted).map(read).collect::<Result<_, _>>()?;
    Ok(Some(Drafted { collections, retired: changes.retired, by: draft.by, at: draft.at, note: draft.note, digest }))
}

/// A draft that was published.
pub(crate) struct Opening {
    pub(crate) release: u64,
    /// Those that stand closed all the same, because their state could not be written.
    pub(crate) closed: Vec<String>,
}

/// Publishes the draft that was reviewed, with an audit entry that names the release, and opens what is in it. Once it
/// is published it is done, also if something in it stays closed.
///
/// # Errors
/// Whoever approves drafted it, there is no draft or another one by now, it changes nothing, or the database cannot be
/// written.
pub(crate) async fn approve(
    app: &App,
    by: &Person,
    reviewed: Digest,
    entry: &AuditDraft<'_>,
) -> Result<Opening, Failure> {
    let Some(drafted) = drafted(app).await? else {
        return Err(PublishError::NoDraft(app.catalog("collections")).into());
    };
    let publication = approved(app, "collections", by, Some(reviewed)).await?;
    let release = publication.signed.release.number;
    let entry = AuditDraft { detail: &format!("第 {release} 版{}", publication.alone()), ..*entry };
    app.store().audited(&entry, publish::commit(&app.site, publication, None)).await?;
    // Only the draft of this digest was published, and `drafted` is that one unless it was replaced in between.
    let opened = drafted.collections.iter().filter(|_| drafted.digest == reviewed);
    let mut closed = Vec::new();
    for Collection { id, .. } in opened {
        if let Err(failure) = set_open(app, id, &by.name).await {
            tracing::error!(collection = id, reason = failure.chain(), "a published collection could not be opened");
            closed.push(id.clone());
        }
    }
    Ok(Opening { release, closed })
}
