//! 以前的版本: a document as it was before it was adjusted or moved to a new release, to be read and printed.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, Tone, notice};

use super::{files, held_of, place, sheet, view};
use crate::ops::forms::{self, HeldDocument};
use crate::web::parts::Context;

type Address = (String, String, String, u32);

/// Where a version of a document is.
pub(super) fn version_address(held: &HeldDocument, number: u32) -> String {
    format!("{}/versions/{number}", place(held))
}

/// The document of an address, and the version of it.
async fn version_of(cx: &Context, at: Address) -> Result<(HeldDocument, HeldDocument), PageError> {
    let (code, author, id, number) = at;
    let held = held_of(cx, &(code, author, id)).await?;
    if let Some(version) = forms::version(&cx.app, &held, number).await? {
        return Ok((held, version));
    }
    let title = cx.lang().pick("没有此版本", "No such version");
    let why = cx.lang().pick(
        "单据没有这一版，或本级还没有收到；请从单据页面的“以前的版本”打开",
        "The document has no such version, or it has not arrived; open one from the document's page.",
    );
    Err(cx.refused(title, why, StatusCode::NOT_FOUND).into())
}

/// The page.
pub(super) async fn get(cx: Context, Path(at): Path<Address>) -> Result<Response, PageError> {
    let (held, version) = version_of(&cx, at).await?;
    let lang = cx.lang();
    let definition = &version.form.definition;
    let checked = forms::as_it_was(&cx.app, &version).await?;
    let about = view::about(&cx, &version).await?;
    let mut drawn = view::view(definition, &version.document.given, &checked, about, lang);
    drawn.files_at = files::address(&cx, &held);
    if version.author == cx.app.site.region() && cx.may(&[Duty::Enter]) {
        view::with_personal(&mut drawn);
    }
    let (number, now) = (version.document.version, held.document.version);
    let under = version.form.edition().shown(lang);
    let zh =
        format!("这是以前的第 {number} 版，按表单{under}填报，当时为“{}”；现为第 {now} 版。", version.state_title());
    let en = format!(
        "This is version {number}, {under} of the form, in the state {}; version {now} has followed it.",
        version.state_title()
    );
    let body = html! {
        div.noprint { (notice(Tone::Warn, lang.pick(&zh, &en))) }
        p.row.noprint {
            a href=(place(&held)) { (lang.pick("返回单据", "Back to the document")) }
            a href=(format!("{}/sheet.xlsx", version_address(&held, number))) {
                (lang.pick("导出 Excel", "Export to Excel"))
            }
        }
        (tongpin_console::web::kit::sheet(&drawn))
    };
    Ok(cx.page(definition.called(lang)).show(&body))
}

/// Its official sheet as a workbook.
pub(super) async fn file(cx: Context, Path(at): Path<Address>) -> Result<Response, PageError> {
    let (_, version) = version_of(&cx, at).await?;
    let checked = forms::as_it_was(&cx.app, &version).await?;
    // It is read, and never comes back into the document.
    let key = format!("{}/{}", version.document.record_key(), version.document.version);
    sheet::file(&cx, &version, (&version.document.given, &checked), &key).await
}
