//! 开放: a collection becomes an entry of the catalog `collections`, published with two persons' names.

use serde::Serialize;
use tongpin_domain::catalog::{Audience, Entry};
use tongpin_domain::collection::Collection;
use tongpin_link::publish::{self, PublishError, Separation};
use tongpin_store::{AuditDraft, CollectionState, DraftRow, Person};

use super::compose::{Choices, compose};
use crate::app::App;
use crate::failure::Failure;

/// A collection that was opened.
#[derive(Serialize)]
pub(crate) struct Opened {
    pub(crate) collection: Collection,
    pub(crate) release: u64,
    pub(crate) replaced: bool,
    /// The due day is over already.
    pub(crate) overdue: bool,
    pub(crate) by: String,
    pub(crate) approved_by: String,
}

/// Opens what a template or file describes with the choices of whoever opens it: drafted by one person and published by
/// another, at once.
///
/// # Errors
/// The file or a value will not do, one person stands for both, there is a draft in the way, or nothing would change.
pub(crate) async fn open(
    app: &App,
    (name, text): (&str, &str),
    choices: Choices,
    by: &str,
    approved_by: &str,
) -> Result<Opened, Failure> {
    let catalog = app.catalog("collections");
    if app.store().draft(&catalog).await?.is_some() {
        return Err(Failure::input(
            "目录 collections 有未发布的草稿，开放任务会把它一并发布；请先 publish collections 或 discard collections",
            "collections has a draft, which this would publish as well; publish or discard it first",
        ));
    }
    let published = app.store().entries(&catalog).await?;
    let taken = |id: &str| published.iter().find(|entry| entry.key == id);
    let collection = compose(name, text.as_bytes(), choices, |id| taken(id).and_then(period_of))?;
    let replaced = taken(&collection.id).is_some();
    let rows = rows(&published, &collection)?;
    let note = note_of(&collection);
    // Who may not publish must not leave a draft behind either.
    let (drafter, approver) = (Person::named(by), Person::named(approved_by));
    if drafter.is(&approver) && app.separation().await? == Separation::TwoPeople {
        return Err(PublishError::SamePerson(by.to_owned()).into());
    }
    // The draft has an entry of its own: it is what stands if the program dies here.
    let drafted = app.audit_entry(by, "collection_draft", &collection.id, &collection.title);
    let store = app.store();
    store.audited(&drafted, store.replace_draft(&catalog, &rows, &drafter, app.site.now(), &note)).await?;
    let release = match publish_draft(app, &approver).await {
        Ok(release) => release,
        Err(failure) => {
            let discarded = AuditDraft { action: "catalog_discard", subject: "collections", ..drafted };
            store.audited(&discarded, store.discard_draft(&catalog, None)).await?;
            return Err(reworded(failure, &collection.id));
        }
    };
    set_open(app, &collection.id, by).await?;
    let overdue = app.site.now() >= collection.deadline();
    let (by, approved_by) = (by.to_owned(), approved_by.to_owned());
    Ok(Opened { collection, release, replaced, overdue, by, approved_by })
}

/// Here the user opened a collection, and knows of no draft.
fn reworded(failure: Failure, id: &str) -> Failure {
    match failure {
        Failure::Publish(PublishError::NothingChanges(_)) => Failure::input(
            format!("归集任务 {id} 已按同样的内容开放，未作改动；被关闭的任务用 collect reopen 重新开放"),
            format!("{id} is open with the same content already; use collect reopen if it was closed"),
        ),
        other => other,
    }
}

/// What goes with the release that opens it.
pub(crate) fn note_of(collection: &Collection) -> String {
    format!("开放归集任务：{}", collection.title)
}

/// A collection that was published takes reports, also one that was closed under the same id.
pub(crate) async fn set_open(app: &App, id: &str, by: &str) -> Result<(), Failure> {
    let (collection, by) = (id.to_owned(), by.to_owned());
    let state = CollectionState { collection, open: true, reason: String::new(), by, at: app.site.now() };
    Ok(app.store().set_collection_state(&state).await?)
}

async fn publish_draft(app: &App, approver: &Person) -> Result<u64, Failure> {
    let id = app.catalog("collections");
    let publication = publish::prepare(&app.site, &id, approver, app.separation().await?).await?;
    let number = publication.signed.release.number;
    let detail = format!("第 {number} 版{}", publication.alone());
    let entry = app.audit_entry(&approver.name, "collection_open", "collections", &detail);
    app.store().audited(&entry, publish::commit(&app.site, publication, None)).await?;
    Ok(number)
}

/// The period of a published collection, if it can be read.
fn period_of(entry: &Entry) -> Option<String> {
    serde_json::from_str::<Collection>(&entry.body).ok().map(|collection| collection.period)
}

/// The catalog's new content: what is published, with the collection in its place.
fn rows(published: &[Entry], collection: &Collection) -> Result<Vec<DraftRow>, Failure> {
    let body = serde_json::to_string(collection).map_err(|error| Failure::unreadable(&collection.id, &error))?;
    let others = published.iter().filter(|entry| entry.key != collection.id);
    let mut rows: Vec<DraftRow> = others
        .map(|entry| DraftRow { key: entry.key.clone(), audience: entry.audience.clone(), body: entry.body.clone() })
        .collect();
    rows.push(DraftRow { key: collection.id.clone(), audience: Audience::Everyone, body });
    Ok(rows)
}
