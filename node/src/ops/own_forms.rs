//! 本级表单: forms that a county makes for itself and its townships, beside those that come from above, and what it adds
//! to those: drafted by one person from a workbook or a TOML file, published by another, and on their way as all
//! guidance is.

mod supplements;

use std::collections::BTreeSet;

use tokio::task::spawn_blocking;
use tongpin_console::web::Room;
use tongpin_console::workbook::{self, form_book};
use tongpin_domain::catalog::{Audience, CatalogId, Entry, Head};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Definition, FORMS, SUPPLEMENTS};
use tongpin_domain::intake::{self, DraftEntry, Intake, Problem, Words};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::publish::forms::{self, Impact};
use tongpin_link::publish::{self, Publication, PublishError, Separation};
use tongpin_store::{AuditDraft, Draft, DraftEdit, DraftEdited, DraftRow, Person, StoreError};

use crate::app::App;
use crate::failure::Failure;

pub(crate) use supplements::{Asked, asked};

/// What a county makes of forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ours {
    /// 本级表单: forms of its own.
    Forms,
    /// 本级增补: what it adds to forms from above.
    Supplements,
}

impl Ours {
    /// The catalog of it.
    pub(crate) fn catalog(self, app: &App) -> CatalogId {
        CatalogId::new(app.site.region(), self.name())
    }

    /// The catalog's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Forms => FORMS,
            Self::Supplements => SUPPLEMENTS,
        }
    }

    /// What it is called.
    pub(crate) fn called(self, lang: Lang) -> &'static str {
        match self {
            Self::Forms => lang.pick("本级表单", "Our own forms"),
            Self::Supplements => lang.pick("本级增补", "What we add to forms"),
        }
    }
}

/// How these forms stand.
pub(crate) struct OwnForms {
    /// Those in force.
    pub(crate) published: Vec<Entry>,
    /// What is being prepared: every form that would be in force.
    pub(crate) draft: Option<Draft>,
    /// What that does to the documents that exist.
    pub(crate) impacts: Vec<Impact>,
    /// What a change begins with: the digest of the draft, or without one of the release in force;
    /// [`Digest::NONE`] before the first.
    pub(crate) seen: Digest,
}

/// Reads them.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn read(app: &App, ours: Ours) -> Result<OwnForms, Failure> {
    let (store, id) = (app.store(), ours.catalog(app));
    // Before the entries: whoever sees newer ones than this says is told so in vain, and overwrites nothing.
    let head = store.head(&id).await?;
    let draft = store.draft(&id).await?;
    let seen = begun_with(draft.as_ref(), head.as_ref());
    let impacts = impacts(app, ours, draft.as_ref().map_or(&[], |draft| &draft.entries)).await?;
    Ok(OwnForms { published: store.entries(&id).await?, draft, impacts, seen })
}

/// What drafted entries do to documents that exist.
async fn impacts(app: &App, ours: Ours, drafted: &[Entry]) -> Result<Vec<Impact>, Failure> {
    match ours {
        Ours::Forms => Ok(forms::of(app.store(), &ours.catalog(app), drafted).await?),
        Ours::Supplements => supplements::impacts(app.store(), &ours.catalog(app), drafted).await,
    }
}

fn begun_with(draft: Option<&Draft>, head: Option<&Head>) -> Digest {
    draft.map(Draft::digest).or(head.map(|head| head.digest)).unwrap_or(Digest::NONE)
}

/// One of them, as it would be or is: that of the draft before that in force. What is added stands in the form that it
/// is added to; a form from above to which nothing is added is as it comes.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn one(app: &App, ours: Ours, key: &str) -> Result<Option<Definition>, Failure> {
    let (store, id) = (app.store(), ours.catalog(app));
    let drafted = if store.draft_info(&id).await?.is_some() { store.draft_row(&id, key).await? } else { None };
    let body = match drafted {
        Some(row) => Some(row.body),
        None => store.entry(&id, key).await?.map(|entry| entry.body),
    };
    match ours {
        Ours::Forms => Ok(body.and_then(|body| serde_json::from_str(&body).ok())),
        Ours::Supplements => supplements::whole(store, key, body.as_deref()).await,
    }
}

/// Reads a file as a form, where it keeps nobody else waiting: a workbook, or TOML. What is wrong with it is part of
/// the answer.
///
/// # Errors
/// The file is no workbook that can be read, or there is no room for it now.
pub(crate) async fn read_file(
    app: &App,
    ours: Ours,
    name: &str,
    bytes: impl AsRef<[u8]> + Clone + Send + 'static,
) -> Result<Intake<DraftEntry>, Failure> {
    let (file, measured) = (name.to_owned(), bytes.clone());
    let memory = spawn_blocking(move || workbook::memory(measured.as_ref())).await;
    let room = Room::to_look_through(memory.map_err(|error| Failure::internal(&error))?).await;
    let _room = room.map_err(|busy| Failure::input(busy.say(Lang::Zh), busy.say(Lang::En)))?;
    let read = spawn_blocking(move || {
        if workbook::is_workbook(bytes.as_ref()) {
            form_book::read(&file, bytes.as_ref())
        } else {
            Ok(intake::entry_from_toml(FORMS, &file, bytes.as_ref()))
        }
    });
    let read = read.await.map_err(|error| Failure::internal(&error))?;
    let mut read = read.map_err(|error| Failure::input(error.say(Lang::Zh), error.say(Lang::En)))?;
    if ours == Ours::Supplements {
        return supplements::read(app.store(), name, read).await;
    }
    let above = codes_above(app).await?;
    for (_, entry) in read.accepted.iter().filter(|(_, entry)| above.contains(&entry.key)) {
        read.problems.push(Problem {
            file: name.to_owned(),
            line: 0,
            column: "编码".to_owned(),
            found: entry.key.clone(),
            expected: Words::new(
                "上级没有用过的编码（要在上级表单上增加内容，请到“本级增补”导入）",
                "a code that no level above has used (add to a form from above on its own page)",
            ),
        });
    }
    Ok(read)
}

/// The codes of the forms that come from above or once did: documents of one code are of one form, and are kept for
/// ever.
async fn codes_above(app: &App) -> Result<BTreeSet<String>, Failure> {
    Ok(app.store().form_codes(&app.site.region()).await?)
}

/// Puts a form into the draft; `seen` is what the page showed, see [`OwnForms::seen`].
///
/// # Errors
/// Somebody else changed or published the draft meanwhile, or the database cannot be written.
pub(crate) async fn keep(
    app: &App,
    ours: Ours,
    (form, note): (&DraftEntry, &str),
    seen: Digest,
    by: &Person,
    entry: &AuditDraft<'_>,
) -> Result<(), Failure> {
    let row = DraftRow { key: form.key.clone(), audience: Audience::Everyone, body: form.body.clone() };
    let note = Some(note).filter(|note| !note.is_empty());
    edit(app, ours, (&form.key, Some(&row), note), seen, by, entry).await
}

/// Takes a form out of the draft: once that is published, nobody begins a document of it any more.
///
/// # Errors
/// As [`keep`], or there is no such form.
pub(crate) async fn retire(
    app: &App,
    ours: Ours,
    key: &str,
    seen: Digest,
    by: &Person,
    entry: &AuditDraft<'_>,
) -> Result<(), Failure> {
    edit(app, ours, (key, None, None), seen, by, entry).await
}

async fn edit(
    app: &App,
    ours: Ours,
    (key, row, note): (&str, Option<&DraftRow>, Option<&str>),
    seen: Digest,
    by: &Person,
    entry: &AuditDraft<'_>,
) -> Result<(), Failure> {
    let called = ours.called(Lang::Zh);
    let changed = || {
        Failure::input(
            format!("别人刚改了或发布了{called}的草稿，没有写入；请核对后再试"),
            "somebody changed or published the draft just now; nothing was written: look again",
        )
    };
    let (store, id) = (app.store(), ours.catalog(app));
    let draft = store.draft(&id).await?;
    let head = store.head(&id).await?;
    if begun_with(draft.as_ref(), head.as_ref()) != seen {
        return Err(changed());
    }
    let stands = match draft {
        Some(draft) => draft.entries.into_iter().find(|entry| entry.key == key),
        None => store.entry(&id, key).await?,
    };
    let stands = stands.map(DraftRow::from);
    if row.is_none() && stands.is_none() {
        let zh = match ours {
            Ours::Forms => "没有这张本级表单，没有写入；请刷新页面后再试",
            Ours::Supplements => "此表单没有本级增补，没有写入；请刷新页面后再试",
        };
        return Err(Failure::input(zh, "there is nothing of our own under this code; nothing was written"));
    }
    let seen = stands.as_ref().map_or(Digest::NONE, DraftRow::digest);
    let edit = DraftEdit { key, seen, row, note, at: app.site.now() };
    let kept = |outcome: &Result<DraftEdited, StoreError>| outcome.as_ref().ok().map(|it| *it == DraftEdited::Kept);
    match store.audited_as(entry, store.edit_draft(&id, &edit, by), kept).await? {
        DraftEdited::Kept => Ok(()),
        DraftEdited::Overtaken(_) => Err(changed()),
    }
}

fn said(error: &PublishError) -> Failure {
    Failure::input(error.say(Lang::Zh), error.say(Lang::En))
}

/// The draft that was looked at, signed as the next release by somebody who did not draft it unless the bureau has
/// nobody else.
///
/// # Errors
/// Why not: it changed, the same person drafted it, forms are wrong, or a code is used above by now.
pub(crate) async fn approved(app: &App, ours: Ours, reviewed: Digest, by: &Person) -> Result<Publication, Failure> {
    let id = ours.catalog(app);
    let separation = if app.store().one_clerk().await? { Separation::OnePerson } else { Separation::TwoPeople };
    let publication = publish::prepare(&app.site, &id, by, separation).await.map_err(|error| said(&error))?;
    if publication.draft != reviewed {
        return Err(said(&PublishError::DraftChanged(id)));
    }
    if ours == Ours::Supplements {
        supplements::publishable(app.store(), &id, &publication.difference.upserts).await?;
        return Ok(publication);
    }
    let above = codes_above(app).await?;
    if let Some(taken) = publication.difference.upserts.iter().find(|entry| above.contains(&entry.key)) {
        let key = &taken.key;
        return Err(Failure::input(
            format!("上级已用过编码 {key}，没有发布；请放弃草稿，换一个编码重新导入"),
            format!("the code {key} was used above; discard the draft and use another"),
        ));
    }
    Ok(publication)
}

/// Publishes what was approved.
///
/// # Errors
/// Something else was published meanwhile, or the database cannot be written.
pub(crate) async fn commit(app: &App, publication: Publication, entry: &AuditDraft<'_>) -> Result<(), Failure> {
    app.store()
        .audited(entry, publish::commit(&app.site, publication, None))
        .await
        .map(drop)
        .map_err(|error| said(&error))
}
