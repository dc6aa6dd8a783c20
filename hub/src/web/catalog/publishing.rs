//! 核对与发布: what is checked before a draft is published, what would change, whom it concerns; publishing it at once,
//! to some first, or at a time.

mod review;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use tongpin_console::duty::Duty;
use tongpin_console::web::{Fields, PageError, PageFailure as _, Posted, Tone, notice};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::publish::{self as releases, PublishError};
use tongpin_store::PlannedRelease;

use super::View;
use super::rollout::checked;
use crate::failure::Failure;
use crate::ops::publish::approved;
use crate::ops::rollout::wave;
use crate::web::Context;

/// What an approver asked for.
struct Order {
    /// The draft that was looked at; `None` if the form did not say.
    reviewed: Option<Digest>,
    to: Vec<RegionCode>,
    /// When; `None` for at once.
    at: Option<Moment>,
}

/// The page on which the draft is checked and approved.
pub(in crate::web) async fn get(cx: Context, Path(name): Path<String>) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Publish]).await?;
    view.review(&html! {}, &Fields::default(), "", StatusCode::OK).await
}

/// Publishes the draft, or plans that, by somebody who did not draft it.
pub(in crate::web) async fn post(
    cx: Context,
    Path(name): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Publish]).await?;
    let (lang, now) = (view.cx.lang(), view.cx.now());
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let at = if typed.text("when") == "later" { Moment::from_local(typed.text("at")) } else { None };
    if typed.text("when") == "later" && at.is_none_or(|at| at <= now) {
        let told = lang.pick(
            "请填写今后的日期和时间，如 2026-03-31 09:00",
            "give a day and time to come, such as 2026-03-31 09:00",
        );
        return view.review(&html! {}, &typed, told, wrong).await;
    }
    if !typed.checked("sure") {
        let unsure = lang.pick("请勾选“确认”后再发布", "check that you are sure");
        return view.review(&notice(Tone::Bad, unsure), &typed, "", wrong).await;
    }
    let order = Order { reviewed: typed.text("draft").parse().ok(), to: checked(&typed), at };
    match view.carry_out(&order).await {
        Ok((zh, en)) => {
            let address = format!("/catalogs/{}", view.name);
            Ok(view.cx.done(&address, lang.pick(&zh, &en)))
        }
        Err(failure) => {
            view.cx.audit(order.action(), &view.name, &failure.on_page(Lang::Zh), false).await?;
            view.review(&notice(Tone::Bad, &failure.on_page(lang)), &typed, "", failure.status()).await
        }
    }
}

/// Cancels what is planned.
pub(in crate::web) async fn cancel(
    cx: Context,
    Path(name): Path<String>,
    Posted(_): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Publish]).await?;
    let (store, id) = (view.cx.app.store(), view.id());
    let entry = view.cx.audit_entry("catalog_plan", &view.name, "取消定时发布");
    store.audited_if(&entry, store.cancel_planned_release(&id)).await?;
    Ok(view.cx.back(&format!("/catalogs/{}", view.name)))
}

impl Order {
    fn action(&self) -> &'static str {
        if self.at.is_some() { "catalog_plan" } else { "catalog_publish" }
    }
}

impl View {
    /// Does what was ordered, and tells in both languages what was done; the audit log has it in Chinese.
    async fn carry_out(&self, order: &Order) -> Result<(String, String), Failure> {
        let app = &self.cx.app;
        let to = wave(app, &order.to).await?;
        let by = self.cx.person();
        let publication = approved(app, &self.name, &by, order.reviewed).await?;
        let store = app.store();
        let Some(at) = order.at else {
            let number = publication.signed.release.number;
            let zh = format!("已发布第 {number} 版，正在送达各单位");
            let detail = format!("{zh}{}", publication.alone());
            let entry = self.cx.audit_entry(order.action(), &self.name, &detail);
            store.audited(&entry, releases::commit(&app.site, publication, to.as_deref())).await?;
            return Ok((zh, format!("published as release {number}; it is on its way")));
        };
        let plan = PlannedRelease {
            catalog: self.id(),
            draft: publication.draft,
            approved_by: by.name,
            account: self.cx.signed.account.name.clone(),
            at,
            regions: to,
            planned_at: self.cx.now(),
            problem: String::new(),
        };
        let zh = format!("已定于 {at} 发布；在此之前草稿有改动的，到时不发布");
        store.audited(&self.cx.audit_entry(order.action(), &self.name, &zh), store.plan_release(&plan)).await?;
        Ok((zh, format!("to be published at {at}")))
    }
}

/// Whether there is nothing to look at.
fn no_draft(outcome: &Result<releases::Publication, Failure>) -> bool {
    matches!(outcome, Err(Failure::Publish(PublishError::NoDraft(_))))
}
