//! 下一张表: the documents that a step of this one has begun, and what a step is about to begin.

use maud::{Markup, html};
use tongpin_domain::form::id_of;
use tongpin_store::StoreError;

use super::address;
use crate::ops::forms::{self, HeldDocument};
use crate::web::parts::Context;

/// The way to the documents that steps of this one have begun; nothing where none has.
pub(super) async fn begun(cx: &Context, held: &HeldDocument) -> Result<Markup, StoreError> {
    let found = forms::following(&cx.app, held).await?;
    let lang = cx.lang();
    Ok(html! {
        @for next in found.iter().filter(|next| !next.documents.is_empty()) {
            @let definition = &next.form.definition;
            p.row.noprint {
                (lang.pick("已生成的下一张表：", "the next form: "))
                @for row in &next.documents {
                    a href=(address(&definition.code, &row.author, id_of(&row.key))) {
                        (definition.called(lang)) " " (definition.subject.per.shown(&row.period, lang)) " "
                        (definition.flow.state(&row.state).map_or(row.state.as_str(), |state| &state.title))
                    }
                }
            }
        }
    })
}

/// What a step begins, told before it is taken.
pub(super) async fn to_begin(cx: &Context, code: &str) -> Result<Markup, StoreError> {
    let form = forms::find(cx.app.store(), code).await?;
    let lang = cx.lang();
    let called = form.as_ref().map_or(code, |form| form.definition.called(lang));
    Ok(html! {
        p { (lang.pick("同时生成（已有的不再生成）：", "It also begins, unless there is one: ")) strong { (called) } }
    })
}
