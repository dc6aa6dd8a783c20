//! The draft of collections: read by a second person, who opens what is in it, or given up.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Signed, Tone, discarding, notice, sure, token};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;

use super::super::Context;
use super::super::WORK;
use super::new::preview;
use crate::ops::collections::draft::{Drafted, Opening, approve, drafted};
use crate::ops::collections::of_form;

/// The draft's page.
pub(in crate::web) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    show(&cx, &html! {}, StatusCode::OK).await
}

async fn show(cx: &Context, above: &Markup, status: StatusCode) -> Result<Response, PageError> {
    let lang = cx.lang();
    let draft = drafted(&cx.app).await?;
    let (regions, published) = (cx.app.regions().await?, of_form::published(&cx.app).await?);
    let now = cx.app.site.now();
    let body = html! {
        (above)
        @match &draft {
            None => p.empty { (lang.pick("没有待审核的归集任务。由经办在归集列表中新建。",
                "Nothing waits for approval. A new collection is begun in the list.")) },
            Some(draft) => {
                p { (lang.pick("经办：", "Drafted by: ")) (draft.by) "，" (draft.at) @if !draft.note.is_empty() { "，" (draft.note) } }
                @if draft.collections.is_empty() && draft.retired.is_empty() {
                    (notice(Tone::Warn, lang.pick("草稿与已开放的内容相同，没有要开放的任务。可以放弃草稿。", "The draft changes nothing; it can be given up.")))
                }
                @for collection in &draft.collections {
                    h2 { (collection.title) }
                    (preview(collection, &published, &regions, now, lang))
                }
                @if !draft.retired.is_empty() {
                    (notice(Tone::Warn, &format!("{}{}", lang.pick("开放后，下列任务将停用：", "These will be taken away: "),
                        draft.retired.join(lang.pick("、", ", ")))))
                }
                (forms(draft, lang, &cx.signed))
            }
        }
        p { a href="/collections" { (lang.pick("返回归集列表", "Back to the collections")) } }
    };
    Ok(cx.page(lang.pick("待审核的归集任务", "Collections to approve")).status(status).show(&body))
}

fn forms(draft: &Drafted, lang: Lang, signed: &Signed) -> Markup {
    html! {
        @if signed.may(&[Duty::Publish]) {
            h2 { (lang.pick("审核开放", "Approve and open")) }
            form.card method="post" action="/collections/draft/open" {
                (token(signed))
                input type="hidden" name="draft" value=(draft.digest);
                p { (lang.pick("开放后随“归集任务”目录签名发布，送达全部区县，不能撤回，只能关闭或另发新版。须由经办以外的人审核。",
                    "It is signed, published and sent to every county. It cannot be taken back, only closed or published anew. Whoever drafted it cannot approve it.")) }
                (sure(lang, "sure-open"))
                button.main { (lang.pick("审核通过并开放", "Approve and open")) }
            }
        }
        @if signed.may(&[Duty::Enter, Duty::Publish]) {
            h2 { (lang.pick("放弃草稿", "Give the draft up")) }
            @let says = lang.pick("已开放的任务不变，已定的发布时间一并取消。", "What is open stays, what is planned is cancelled.");
            (discarding::form("/collections/draft/discard", says, draft.at, signed, lang))
        }
    }
}

/// Opens what is in the draft, by somebody who did not draft it.
pub(in crate::web) async fn open(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Publish]).await?;
    let lang = cx.lang();
    let refuse = async |said: &str| show(&cx, &notice(Tone::Bad, said), StatusCode::UNPROCESSABLE_ENTITY).await;
    if !typed.checked("sure") {
        return refuse(lang.pick("请勾选“确认”后再开放", "check that you are sure")).await;
    }
    let reviewed = typed.text("draft").parse().unwrap_or(Digest::NONE);
    let entry = cx.audit_entry("collection_open", "collections", "");
    match approve(&cx.app, &cx.person(), reviewed, &entry).await {
        Ok(Opening { release, closed }) if !closed.is_empty() => {
            let named = closed.join(lang.pick("、", ", "));
            let zh = format!("已随第 {release} 版发布，但没能改为开放：{named}；此前已关闭的请到其页面重新开放");
            let en = format!("published with release {release}, but not set open: {named}; open again what was closed");
            Ok(cx.led_to("/collections", &notice(Tone::Warn, lang.pick(&zh, &en))))
        }
        Ok(Opening { release, .. }) => {
            let zh = format!("已开放，随第 {release} 版发布，正在送达各区县");
            let en = format!("open, published with release {release}, and on its way");
            Ok(cx.done("/collections", lang.pick(&zh, &en)))
        }
        Err(failure) => {
            cx.audit("collection_open", "collections", &failure.on_page(Lang::Zh), false).await?;
            refuse(&failure.on_page(lang)).await
        }
    }
}

/// Gives the draft up.
pub(in crate::web) async fn discard(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter, Duty::Publish]).await?;
    if !typed.checked("sure") {
        let above = notice(Tone::Bad, cx.lang().pick("请勾选“确认”后再放弃", "check that you are sure"));
        return show(&cx, &above, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (id, entry) = (cx.app.catalog("collections"), cx.audit_entry("catalog_discard", "collections", ""));
    discarding::discard(&cx, cx.app.store(), (&id, &entry), &typed, "/collections").await
}
