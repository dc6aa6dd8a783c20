//! 填表说明: the form's own help, made from what it is.

use axum::extract::Path;
use axum::response::Response;
use maud::html;
use tongpin_console::web::{PageError, kit};

use super::{form_address, form_of};
use crate::guidance;
use crate::web::parts::Context;

/// The page.
pub(super) async fn get(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    let form = form_of(&cx, &code).await?;
    let lang = cx.lang();
    let definition = &form.definition;
    let publisher = guidance::region_name(cx.app.store(), &form.publisher).await?;
    let title = format!("{}{}", lang.pick("填表说明：", "Help: "), definition.called(lang));
    let body = html! {
        p.hint {
            (lang.pick("由", "published by ")) (publisher) (lang.pick("发布，第 ", ", release ")) (form.release)
            (lang.pick(" 版", ""))
            @if !definition.basis.is_empty() { (lang.pick("；依据：", "; basis: ")) (definition.basis.join("、")) }
        }
        (kit::help(definition, lang))
        p.noprint { a href=(form_address(&definition.code)) { (lang.pick("返回列表", "Back to the list")) } }
    };
    Ok(cx.page(&title).show(&body))
}
