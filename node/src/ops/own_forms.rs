//! 本级表单: forms that a county makes for itself and its townships, beside those that come from above: drafted by one
//! person from a workbook or a TOML file, published by another, and on their way as all guidance is.

use std::collections::BTreeSet;

use tongpin_console::workbook::{form_book, is_workbook};
use tongpin_domain::catalog::{Audience, CatalogId, Entry};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::FORMS;
use tongpin_domain::intake::{self, DraftEntry, Intake};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::publish::forms::{self, Impact};
use tongpin_link::publish::{self, PublishError, Separation};
use tongpin_store::{AuditDraft, Draft, DraftEdit, DraftEdited, DraftRow, Person, StoreError};

use crate::app::App;
use crate::failure::Failure;
use crate::guidance;

/// How these forms stand.
pub(crate) struct OwnForms {
    /// Those in force.
    pub(crate) published: Vec<Entry>,
    /// What is being prepared: every form that would be in force.
    pub(crate) draft: Option<Draft>,
    /// What that does to the documents that exist.
    pub(crate) impacts: Vec<Impact>,
}

/// The catalog of them.
pub(crate) fn catalog(app: &App) -> CatalogId {
    CatalogId::new(app.site.region(), FORMS)
}

/// Reads them.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn read(app: &App) -> Result<OwnForms, Failure> {
    let (store, id) = (app.store(), catalog(app));
    let impacts = forms::of_draft(store, &id).await?;
    Ok(OwnForms { published: store.entries(&id).await?, draft: store.draft(&id).await?, impacts })
}

/// Reads a file as a form: a workbook, or TOML. What is wrong with it is part of the answer.
///
/// # Errors
/// The file is no workbook that can be read.
pub(crate) async fn read_file(app: &App, name: &str, bytes: &[u8]) -> Result<Intake<DraftEntry>, Failure> {
    let mut read = if is_workbook(bytes) {
        let read = form_book::read(name, bytes);
        read.map_err(|error| Failure::input(error.say(Lang::Zh), error.say(Lang::En)))?
    } else {
        intake::entry_from_toml(FORMS, name, bytes)
    };
    let above = codes_above(app).await?;
    for (_, entry) in read.accepted.iter().filter(|(_, entry)| above.contains(&entry.key)) {
        read.problems.push(intake::Problem {
            file: name.to_owned(),
            line: 0,
            column: "编码".to_owned(),
            found: entry.key.clone(),
            expected: intake::Words::new("上级没有使用的编码", "a code that no level above uses"),
        });
    }
    Ok(read)
}

/// The codes of the forms that come from above: documents of one code are of one form.
async fn codes_above(app: &App) -> Result<BTreeSet<String>, Failure> {
    let own = app.site.region();
    let all = guidance::entries(app.store(), FORMS).await?;
    Ok(all.into_iter().filter(|(publisher, _)| *publisher != own).map(|(_, entry)| entry.key).collect())
}

/// What one version of a form is known by: that of the draft, or that which is in force.
async fn seen(app: &App, key: &str) -> Result<Digest, Failure> {
    let (store, id) = (app.store(), catalog(app));
    let row = match store.draft_info(&id).await? {
        Some(_) => store.draft_row(&id, key).await?,
        None => store.entry(&id, key).await?.map(DraftRow::from),
    };
    Ok(row.as_ref().map_or(Digest::NONE, DraftRow::digest))
}

/// Puts a form into the draft.
///
/// # Errors
/// Somebody else changed it at the same moment, or the database cannot be written.
pub(crate) async fn keep(
    app: &App,
    form: &DraftEntry,
    note: &str,
    by: &Person,
    entry: &AuditDraft<'_>,
) -> Result<(), Failure> {
    let row = DraftRow { key: form.key.clone(), audience: Audience::Everyone, body: form.body.clone() };
    edit(app, &form.key, Some(&row), Some(note).filter(|note| !note.is_empty()), by, entry).await
}

/// Takes a form out of the draft: once that is published, nobody begins a document of it any more.
///
/// # Errors
/// As [`keep`].
pub(crate) async fn retire(app: &App, key: &str, by: &Person, entry: &AuditDraft<'_>) -> Result<(), Failure> {
    edit(app, key, None, None, by, entry).await
}

async fn edit(
    app: &App,
    key: &str,
    row: Option<&DraftRow>,
    note: Option<&str>,
    by: &Person,
    entry: &AuditDraft<'_>,
) -> Result<(), Failure> {
    let (store, id) = (app.store(), catalog(app));
    let edit = DraftEdit { key, seen: seen(app, key).await?, row, note, at: app.site.now() };
    let kept = |outcome: &Result<DraftEdited, StoreError>| outcome.as_ref().ok().map(|it| *it == DraftEdited::Kept);
    match store.audited_as(entry, store.edit_draft(&id, &edit, by), kept).await? {
        DraftEdited::Kept => Ok(()),
        DraftEdited::Overtaken(_) => Err(Failure::input(
            "别人刚改了这张表单，没有写入；请核对后再试",
            "somebody changed this form just now; nothing was written: look again",
        )),
    }
}

/// Publishes the draft that was looked at, by somebody who did not draft it unless the bureau has nobody else.
///
/// # Errors
/// Why not: it changed, the same person drafted it, forms are wrong, or a code is used above by now.
pub(crate) async fn publish(app: &App, reviewed: Digest, by: &Person, entry: &AuditDraft<'_>) -> Result<u64, Failure> {
    let id = catalog(app);
    let separation = if app.store().one_clerk().await? { Separation::OnePerson } else { Separation::TwoPeople };
    let said = |error: PublishError| Failure::input(error.say(Lang::Zh), error.say(Lang::En));
    let publication = publish::prepare(&app.site, &id, by, separation).await.map_err(said)?;
    if publication.draft != reviewed {
        return Err(said(PublishError::DraftChanged(id)));
    }
    let above = codes_above(app).await?;
    if let Some(taken) = publication.difference.upserts.iter().find(|entry| above.contains(&entry.key)) {
        let key = &taken.key;
        return Err(Failure::input(
            format!("上级已下发编码为 {key} 的表单，没有发布；请放弃草稿，换一个编码重新导入"),
            format!("a form {key} has come from above; discard the draft and use another code"),
        ));
    }
    let number = publication.signed.release.number;
    app.store().audited(entry, publish::commit(&app.site, publication, None)).await.map_err(said)?;
    Ok(number)
}
