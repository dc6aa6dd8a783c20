//! 附件 of a document: what came with its page is kept beside it under its digest, as evidence is, and handed out to
//! whoever may read the document. Files stay where they were handed in; those above get name, size and digest.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use tongpin_console::duty::Duty;
use tongpin_console::web::kit::{self, Note, NoteTone};
use tongpin_console::web::{Fields, PageError, SentFile};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Attachment, Field, Given, Kind};
use tongpin_domain::lang::Say;
use tongpin_domain::observation::Evidence;

use super::{held_of, place};
use crate::ops::forms::{self, HeldDocument};
use crate::records::evidence;
use crate::web::evidence::hand_out;
use crate::web::parts::Context;

/// Where the files of a document are handed out; nowhere if another bureau keeps it.
pub(super) fn address(cx: &Context, held: &HeldDocument) -> String {
    if held.author == cx.app.site.region() { format!("{}/files", place(held)) } else { String::new() }
}

/// The fields of files that may be changed now.
fn open<'a>(cx: &Context, held: &'a HeldDocument) -> Vec<&'a Field> {
    let locked = held.locked(&cx.app.site.region());
    let fields = held.form.definition.fields.iter();
    fields.filter(|field| field.kind == Kind::Files && field.is_typed() && !locked.contains(&field.name)).collect()
}

fn attachment(file: Evidence) -> Attachment {
    Attachment { name: file.name, size: file.bytes, digest: file.digest.to_string() }
}

/// Adds a file, once.
fn add(given: &mut BTreeMap<String, Given>, field: &Field, file: Attachment) {
    match given.entry(field.name.clone()).or_insert_with(|| Given::Files(Vec::new())) {
        Given::Files(files) if files.iter().any(|known| known.digest == file.digest) => {}
        Given::Files(files) => files.push(file),
        other => *other = Given::Files(vec![file]),
    }
}

/// Files that came with a form that could not be saved then, and that the form says should stay: nobody should have to
/// choose them again.
pub(super) fn recovered(cx: &Context, held: &HeldDocument, fields: &Fields, given: &mut BTreeMap<String, Given>) {
    for field in open(cx, held) {
        for (digest, name) in kit::files_kept(fields, &field.name) {
            let found = digest.parse::<Digest>().ok().and_then(|digest| evidence::held(&cx.app.data, digest, name));
            if let Some(file) = found {
                add(given, field, attachment(file));
            }
        }
    }
}

/// Keeps the files that came with a page. Each that is not taken is told at its field; the others are kept all the
/// same. Returns what the log calls them, and what is told.
pub(super) async fn taken(
    cx: &Context,
    held: &HeldDocument,
    sent: Vec<SentFile>,
    given: &mut BTreeMap<String, Given>,
) -> (Vec<String>, Vec<Note>) {
    let (mut names, mut notes) = (Vec::new(), Vec::new());
    let open = open(cx, held);
    for file in sent {
        let Some(field) = open.iter().find(|field| kit::file_input(&field.name) == file.field) else { continue };
        match evidence::keep(&cx.app.data, &file.name, file.bytes.into()).await {
            Ok(kept) => {
                names.push(in_log(field, &kept.name));
                add(given, field, attachment(kept));
            }
            Err(error) => {
                notes.push(Note { place: field.name.clone(), tone: NoteTone::Bad, text: error.say(cx.lang()) });
            }
        }
    }
    (names, notes)
}

/// Hands a file out that the document names, or a version of it that another has followed.
pub(super) async fn get(
    cx: Context,
    Path((code, author, id, digest)): Path<(String, String, String, String)>,
) -> Result<Response, PageError> {
    let held = held_of(&cx, &(code, author, id)).await?;
    let lang = cx.lang();
    let refused = |why: &str| -> PageError {
        cx.refused(lang.pick("没有此文件", "No such file"), why, StatusCode::NOT_FOUND).into()
    };
    if held.author != cx.app.site.region() {
        return Err(refused(lang.pick(
            "附件保存在填报单位，没有上送；需要查看的，请向填报单位索取，并核对摘要",
            "the bureau that filled the document in keeps its files; ask there, and compare the digest",
        )));
    }
    match named(&cx, &held, &digest).await? {
        Some(found) => hand_out(&cx, (&held.document.record_key(), &found.in_log), &found.name, &found.digest).await,
        None => Err(refused(lang.pick(
            "单据中没有这份附件；可能已在修改时移除",
            "the document does not name this file; it may have been taken away",
        ))),
    }
}

/// What the log calls a file: whoever reads the log may not know what is personal.
fn in_log(field: &Field, name: &str) -> String {
    if field.personal { field.title.clone() } else { name.to_owned() }
}

/// A file that the reader may have.
struct Found {
    name: String,
    in_log: String,
    digest: Digest,
}

/// What a document, or a version of it that another has followed, calls a file that the reader may have.
async fn named(cx: &Context, held: &HeldDocument, digest: &str) -> Result<Option<Found>, tongpin_store::StoreError> {
    let Ok(digest) = digest.parse::<Digest>() else { return Ok(None) };
    // What is personal is for whoever fills the document in, as the page has it.
    let own = cx.may(&[Duty::Enter]);
    let mut number = held.document.version;
    let mut found = name_in(held, &digest, own);
    while found.is_none() && number > 1 {
        number -= 1;
        found = forms::version(&cx.app, held, number).await?.and_then(|version| name_in(&version, &digest, own));
    }
    Ok(found)
}

/// A file of a document as it stands; none if it has no such file, or one that is not for the reader.
fn name_in(held: &HeldDocument, digest: &Digest, personal: bool) -> Option<Found> {
    let told = digest.to_string();
    let fields = held.form.definition.fields.iter().filter(|field| personal || !field.personal);
    let mut files = fields.flat_map(|field| {
        let files = match held.document.given.get(&field.name) {
            Some(Given::Files(files)) => files.as_slice(),
            _ => &[],
        };
        files.iter().map(move |file| (field, file))
    });
    let (field, file) = files.find(|(_, file)| file.digest == told)?;
    Some(Found { name: file.name.clone(), in_log: in_log(field, &file.name), digest: *digest })
}
