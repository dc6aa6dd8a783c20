//! The official sheet as a workbook, out and in. What comes back is merged with what is held: what was left as it was
//! stays, and what somebody else has changed since is told and not overwritten.

mod marked;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, Path};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::sheet::{self, Conflict, FilledSheet, SheetView};
use tongpin_console::web::list::{XLSX, attachment};
use tongpin_console::web::{FileBox, PageError, Room, Tone, Upload, notice, token};
use tongpin_console::workbook::{self, Book};
use tongpin_domain::form::{FieldProblem, Given};
use tongpin_domain::lang::{Lang, Say};

use super::{document, held_of, place, view, worker};
use crate::failure::Failure;
use crate::ops::forms::{self, Checked, FormError, HeldDocument};
use crate::web::importing::Uploads;
use crate::web::parts::Context;

pub(super) use marked::get as marked;

/// Under which filled sheets wait; no form has such a code.
const NOTE: &str = "/sheet";

type Address = (String, String, String);

/// The file.
pub(super) async fn get(cx: Context, Path(at): Path<Address>) -> Result<Response, PageError> {
    let held = held_of(&cx, &at).await?;
    let checked = document::checked(&cx, &held).await?;
    file(&cx, &held, (&held.given(), &checked), &held.document.record_key()).await
}

/// The sheet of a document, or of a version of it, under a key that it comes back with.
pub(super) async fn file(
    cx: &Context,
    held: &HeldDocument,
    (given, checked): (&BTreeMap<String, Given>, &Checked),
    key: &str,
) -> Result<Response, PageError> {
    let definition = &held.form.definition;
    let (shown, locked) =
        (view::shown_values(definition, &checked.evaluated, Lang::Zh), held.locked(&cx.app.site.region()));
    let about = view::about(cx, held).await?;
    // What is personal stands in the open cells only, which are for whoever fills them in.
    let open = key == held.document.record_key() && document::may_fill(cx, held);
    let edition = held.form.edition();
    let view = SheetView { definition, edition, key, about: &about, given, shown: &shown, locked: &locked, open };
    let bytes = sheet::write(&view).map_err(|error| Failure::internal(&error))?;
    let name = format!("{} {} {}.xlsx", definition.title, held.document.subject_name, held.document.period);
    Ok(attachment(bytes, XLSX, &name))
}

/// Where a filled sheet is handed in.
pub(super) fn upload(cx: &Context, held: &HeldDocument, lang: Lang) -> Markup {
    html! {
        details.noprint {
            summary { (lang.pick("导入填好的 Excel", "Import a filled workbook")) }
            form.card method="post" action=(format!("{}/sheet", place(held))) enctype="multipart/form-data" {
                (token(&cx.signed))
                (FileBox {
                    lang,
                    label: lang.pick("从本单据导出并填好的 .xlsx", "the .xlsx that was exported from this document"),
                    ..FileBox::default()
                }.draw())
                button { (lang.pick("导入", "Import")) }
            }
        }
    }
}

/// Back to the document, from an address to which a file is sent.
pub(super) async fn back(cx: Context, Path(at): Path<Address>) -> Result<Response, PageError> {
    let held = held_of(&cx, &at).await?;
    Ok(cx.back(&place(&held)))
}

/// Takes a filled sheet in. One with cells that cannot be read is kept a while, to be had again with those marked.
pub(super) async fn post(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    Path(at): Path<Address>,
    upload: Upload,
) -> Result<Response, PageError> {
    let held = held_of(&cx, &at).await?;
    if !document::may_fill(&cx, &held) {
        cx.must(&[Duty::Enter]).await?;
    }
    let lang = cx.lang();
    let filled = match read(&held, &upload.name, &upload.bytes, lang).await? {
        Ok(filled) => filled,
        Err(why) => return Ok(refused(&cx, &held, &html! { (notice(Tone::Bad, &why)) })),
    };
    let (before, locked) = (held.given(), held.locked(&cx.app.site.region()));
    let (given, conflicts) = filled.against(&held.form.definition, &before, &locked);
    let overstepped = held.form.definition.overstepped(&given, &before, &locked);
    if !overstepped.is_empty() {
        return Ok(refused(&cx, &held, &html! { (notice(Tone::Bad, &not_now(&overstepped, lang))) }));
    }
    if !conflicts.is_empty() {
        return Ok(refused(&cx, &held, &apart(&conflicts, lang)));
    }
    match save(&cx, &held, &given, &upload.name).await {
        Ok(()) => {
            let said = lang.pick("已导入，请核对后办理", "Imported; look at it, then go on");
            Ok(cx.done(&format!("{}/edit", place(&held)), said))
        }
        Err(FormError::Unreadable(problems)) => {
            let file = uploads.keep(&cx, &upload.name, NOTE, upload.bytes.clone());
            let body = html! {
                (unread(&filled, &problems, lang))
                @if !marked::cells(&filled, &problems).is_empty() { (marked::way(&held, &file, lang)) }
            };
            Ok(refused(&cx, &held, &body))
        }
        Err(FormError::Store(error)) => Err(error.into()),
        Err(error) => Ok(refused(&cx, &held, &html! { (notice(Tone::Bad, &error.say(lang))) })),
    }
}

/// What a file says, or why it cannot be taken. Unpacking a large workbook takes a while, which other readers need not
/// wait for.
async fn read(
    held: &HeldDocument,
    name: &str,
    bytes: &Bytes,
    lang: Lang,
) -> Result<Result<FilledSheet, String>, PageError> {
    let measured = bytes.clone();
    let memory = tokio::task::spawn_blocking(move || workbook::memory(&measured)).await;
    let _room = match Room::to_look_through(memory.map_err(|error| Failure::internal(&error))?).await {
        Ok(room) => room,
        Err(busy) => return Ok(Err(busy.say(lang))),
    };
    let (name, bytes, definition) = (name.to_owned(), bytes.clone(), held.form.definition.clone());
    let filled = tokio::task::spawn_blocking(move || {
        let mut book = Book::open(&name, &bytes)?;
        sheet::read(&mut book, &definition)
    });
    let filled = match filled.await.map_err(|error| Failure::internal(&error))? {
        Ok(filled) => filled,
        Err(error) => return Ok(Err(error.say(lang))),
    };
    if filled.identity.key != held.document.record_key() {
        let zh = "这个文件是从另一份单据导出的；请在那份单据的页面导入，或从本单据重新导出";
        return Ok(Err(lang.pick(zh, "this is the file of another document; import it there").to_owned()));
    }
    if filled.identity.edition != held.form.edition() {
        let zh = "这个文件是按表单的另一版导出的；请重新导出后填写";
        return Ok(Err(lang.pick(zh, "this file is of another release of the form; export it anew").to_owned()));
    }
    Ok(Ok(filled))
}

async fn save(cx: &Context, held: &HeldDocument, given: &BTreeMap<String, Given>, file: &str) -> Result<(), FormError> {
    let subject = held.document.record_key();
    let entry = cx.audit_entry("document_sheet", &subject, file);
    let (version, worker) = (held.version(), worker(cx));
    cx.app.store().audited(&entry, forms::save(&cx.app, held, &version, given, &worker)).await
}

fn refused(cx: &Context, held: &HeldDocument, why: &Markup) -> Response {
    let lang = cx.lang();
    let body = html! {
        (why)
        p { (lang.pick("没有导入任何内容。改正文件后再导入。", "Nothing was imported. Mend the file, then import it again.")) }
        p { a.button href=(format!("{}/edit", place(held))) { (lang.pick("返回单据", "Back to the document")) } }
    };
    cx.page(lang.pick("没有导入", "Not imported")).status(StatusCode::UNPROCESSABLE_ENTITY).show(&body)
}

/// What a file changes that is not filled in here at present: it was written out in another state, or by somebody else.
fn not_now(titles: &[String], lang: Lang) -> String {
    let titles = titles.join(lang.pick("、", ", "));
    let zh = format!("文件中改动了“{titles}”，现在不由本级填写；请重新导出后再填");
    lang.pick(&zh, &format!("{titles} are not filled in here at present; export the document anew")).to_owned()
}

/// What both the file and somebody else have changed.
fn apart(conflicts: &[Conflict], lang: Lang) -> Markup {
    html! {
        (notice(Tone::Bad, lang.pick("导出之后已有他人修改，下列内容两边不同，请核对", "somebody has changed these since the file was written")))
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("单元格", "cell")) }
                th scope="col" { (lang.pick("现在", "now")) }
                th scope="col" { (lang.pick("文件中", "in the file")) }
            } }
            tbody { @for conflict in conflicts { tr {
                th scope="row" { (conflict.cell) }
                td { (conflict.held) }
                td { (conflict.filled) }
            } } }
        } }
    }
}

/// What cannot be read, each at its cell.
fn unread(filled: &FilledSheet, problems: &[FieldProblem], lang: Lang) -> Markup {
    html! {
        (notice(Tone::Bad, lang.pick("下列单元格填写有误", "these cells cannot be read")))
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("单元格", "cell")) }
                th scope="col" { (lang.pick("问题", "problem")) }
            } }
            tbody { @for problem in problems { tr {
                @let at = problem.place.to_string();
                th scope="row" { (filled.cell(&at).unwrap_or(at)) }
                td { (problem.fault.say(lang)) }
            } } }
        } }
    }
}
