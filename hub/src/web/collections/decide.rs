//! Closing a collection and opening it again, each with a reason that stays on its page.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Reasoned, Tone, notice};
use tongpin_domain::lang::Lang;

use super::super::Context;
use super::one::View;
use crate::ops::collected::Collected;
use crate::ops::collections::decide::decide;
use crate::ops::collections::names;
use crate::ops::collections::status::CollectionStatus;

/// What an officer can decide about a collection, and what a clerk can draft anew of it.
pub(super) fn form(shown: &CollectionStatus, view: &View) -> Markup {
    let lang = view.lang();
    let (address, title) = if shown.open {
        ("close", lang.pick("关闭归集", "Close"))
    } else {
        ("reopen", lang.pick("重新开放", "Open again"))
    };
    html! {
        @if view.cx.may(&[Duty::Approve]) {
            h2 { (title) }
            @if shown.open && !shown.coverage.awaiting.is_empty() {
                (notice(Tone::Warn, &format!("{}{}", lang.pick("还有上报待审核，关闭后须重新开放才能通过：",
                    "Reports wait for review, and can be accepted only once it is open again: "), names(&shown.coverage.awaiting, lang))))
            }
            (decision(&format!("/collections/{}/{address}", view.id), !shown.open, lang).draw(&view.cx.signed, lang))
        }
        @if view.cx.may(&[Duty::Enter]) {
            p.noprint { a href=(format!("/collections/new?from={}", view.id)) {
                (lang.pick("以此为底起草：改截止日期、范围，或开下一年度的任务", "Draft from this one: another due day, other counties, another year"))
            } }
        }
    }
}

/// The form that closes a collection, or opens it again.
fn decision(action: &str, open: bool, lang: Lang) -> Reasoned<'_> {
    let (hint, button) = if open {
        (
            lang.pick("重新开放后，各单位可更正并再次上报", "counties can correct and report again"),
            lang.pick("重新开放", "Open again"),
        )
    } else {
        let en = "reports are returned by themselves until it is opened again";
        (lang.pick("关闭后的上报一律自动退回，直到重新开放", en), lang.pick("关闭", "Close"))
    };
    let label = lang.pick("原因", "Reason");
    Reasoned { action, id: "-decide", about: html! {}, label, hint, button, is_grave: !open }
}

/// Closes.
pub(in crate::web) async fn close(cx: Context, Path(id): Path<String>, posted: Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Approve]).await?;
    View::of(cx, id).decide(posted, false).await
}

/// Opens again.
pub(in crate::web) async fn reopen(cx: Context, Path(id): Path<String>, posted: Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Approve]).await?;
    View::of(cx, id).decide(posted, true).await
}

impl View {
    async fn decide(&self, Posted(typed): Posted, open: bool) -> Result<Response, PageError> {
        let lang = self.lang();
        let action = format!("/collections/{}/{}", self.id, if open { "reopen" } else { "close" });
        let cx = &self.cx;
        if let Some(page) = cx.lacking(&decision(&action, open, lang), &typed) {
            return Ok(page);
        }
        let reason = typed.text("reason");
        let evidence = Collected::gather(&self.cx.app, &self.id).await?;
        let action = if open { "collection_reopen" } else { "collection_close" };
        let entry = self.cx.audit_entry(action, &self.id, reason);
        let decided = decide(&self.cx.app, evidence, open, &self.cx.person().name, &entry).await;
        let changed = decided.as_ref().is_ok_and(|decided| decided.changed);
        let said = match (decided, open) {
            (Err(failure), _) => {
                let said = failure.on_page(lang);
                return self.show(&notice(Tone::Bad, &said), StatusCode::UNPROCESSABLE_ENTITY).await;
            }
            (Ok(_), _) if !changed => lang.pick("状态本来如此，未作改动", "it stood like that already"),
            (Ok(_), true) => lang.pick("已重新开放，可以上报", "it is open again"),
            (Ok(_), false) => lang.pick("已关闭，不再接收上报", "it is closed"),
        };
        Ok(self.cx.done(&format!("/collections/{}", self.id), said))
    }
}
