//! Opening a collection in two steps, as the pages do it: one person puts it into the catalog's draft, another publishes
//! what was read.

use tongpin_domain::catalog::{self, Entry};
use tongpin_domain::collection::Collection;
use tongpin_domain::moment::Moment;
use tongpin_link::publish::PublishError;

use super::open::{note_of, publish_draft, rows, set_open};
use crate::command::import::{drafters, with_drafter};
use crate::failure::Failure;
use crate::office::Office;

/// The draft of the catalog, as far as it changes anything.
pub(crate) struct Drafted {
    /// What it would open.
    pub(crate) collections: Vec<Collection>,
    /// The ids of those that it would take away.
    pub(crate) retired: Vec<String>,
    /// 经办, several divided by `、`.
    pub(crate) by: String,
    /// When it was drafted.
    pub(crate) at: Moment,
    /// What goes with the release.
    pub(crate) note: String,
}

/// Puts a collection into the draft of the catalog, beside what others have drafted there.
///
/// # Errors
/// The database cannot be read or written.
pub(crate) async fn add(office: &Office, collection: &Collection, by: &str) -> Result<(), Failure> {
    let catalog = office.catalog("collections");
    let own = note_of(collection);
    let (base, drafters, note) = match office.store().draft(&catalog).await? {
        Some(draft) if draft.note.contains(&own) || draft.note.is_empty() => {
            let note = if draft.note.is_empty() { own } else { draft.note };
            (draft.entries, with_drafter(&draft.by, by), note)
        }
        Some(draft) => (draft.entries, with_drafter(&draft.by, by), format!("{}；{own}", draft.note)),
        None => (office.store().entries(&catalog).await?, by.to_owned(), own),
    };
    let rows = rows(&base, collection)?;
    Ok(office.store().replace_draft(&catalog, &rows, &drafters, office.site.now(), &note).await?)
}

/// What the draft of the catalog would open and take away; `None` without a draft.
///
/// # Errors
/// The database cannot be read, or an entry is no collection.
pub(crate) async fn drafted(office: &Office) -> Result<Option<Drafted>, Failure> {
    let catalog = office.catalog("collections");
    let Some(draft) = office.store().draft(&catalog).await? else { return Ok(None) };
    let changes = catalog::compare(&office.store().entries(&catalog).await?, &draft.entries);
    let wanted = |entry: &&Entry| changes.added.contains(&entry.key) || changes.changed.contains(&entry.key);
    let read = |entry: &Entry| {
        let what = format!("collections/{}", entry.key);
        serde_json::from_str(&entry.body).map_err(|error| Failure::unreadable(what, &error))
    };
    let collections = draft.entries.iter().filter(wanted).map(read).collect::<Result<_, _>>()?;
    Ok(Some(Drafted { collections, retired: changes.retired, by: draft.by, at: draft.at, note: draft.note }))
}

/// Publishes the draft that was read, the one of the moment `seen`, and opens what is in it; returns the release.
///
/// # Errors
/// Whoever approves drafted it, there is no draft or another one by now, it changes nothing, or the database cannot be
/// written.
pub(crate) async fn approve(office: &Office, by: &str, seen: Moment) -> Result<u64, Failure> {
    let Some(drafted) = drafted(office).await? else {
        return Err(PublishError::NoDraft(office.catalog("collections")).into());
    };
    if !office.settings.publish.one_person && drafters(&drafted.by).any(|drafter| drafter == by) {
        return Err(PublishError::SamePerson(drafted.by).into());
    }
    if drafted.at != seen {
        return Err(Failure::input(
            "草稿在打开此页之后又改过，没有发布；请按下面的新内容重新核对",
            "the draft was changed after this page was opened, and was not published; read it anew",
        ));
    }
    let release = publish_draft(office, by).await?;
    for collection in &drafted.collections {
        set_open(office, &collection.id, by).await?;
    }
    Ok(release)
}
