//! 填表说明: the form's own help, made from what it is.

use axum::extract::Path;
use axum::response::Response;
use maud::html;
use tongpin_console::web::{PageError, kit};

use super::{form_address, none};
use crate::guidance::{self, forms};
use crate::web::parts::{Context, WORK};

/// The page.
pub(super) async fn get(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let Some(form) = forms::described(cx.app.store(), &code).await? else { return Err(none(&cx)) };
    let lang = cx.lang();
    let definition = &form.definition;
    let title = format!("{}{}", lang.pick("填表说明：", "Help: "), definition.called(lang));
    let body = html! {
        p.hint {
            @match &form.published {
                Some((publisher, release)) => {
                    @let publisher = guidance::region_name(cx.app.store(), publisher).await?;
                    (lang.pick("由", "published by ")) (publisher) (lang.pick("发布，第 ", ", release ")) (release)
                    (lang.pick(" 版", ""))
                }
                None => { (lang.pick("程序自带的表样，上级没有另行下发", "as the program ships it: no other was published")) }
            }
            @if !definition.basis.is_empty() { (lang.pick("；依据：", "; basis: ")) (definition.basis.join("、")) }
        }
        (kit::help(definition, lang))
        @let (to, says) = if definition.is_kept() {
            ("/projects".to_owned(), lang.pick("到项目中填写", "Fill it in with a project"))
        } else {
            (form_address(&definition.code), lang.pick("返回列表", "Back to the list"))
        };
        p.noprint { a href=(to) { (says) } }
    };
    Ok(cx.page(&title).show(&body))
}
