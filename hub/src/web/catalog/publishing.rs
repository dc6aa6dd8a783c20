//! 核对与发布: what is checked before a draft is published, what would change, whom it concerns; publishing it at once,
//! to some first, or at a time.

mod review;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use tongpin_console::duty::Duty;
use tongpin_console::web::{Fields, Posted, Tone, notice};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::publish::{self as releases, PublishError};
use tongpin_store::PlannedRelease;

use super::View;
use super::rollout::checked;
use crate::command::publish::{alone, approved};
use crate::command::rollout::wave;
use crate::failure::Failure;
use crate::web::desk::Desk;
use crate::web::{back, found_it};

/// What an approver asked for.
struct Order {
    /// The draft that was looked at; `None` if the form did not say.
    reviewed: Option<Digest>,
    to: Vec<RegionCode>,
    /// When; `None` for at once.
    at: Option<Moment>,
}

/// The page on which the draft is checked and approved.
pub(in crate::web) async fn get(desk: Desk, Path(name): Path<String>) -> Result<Response, Response> {
    let view = View::open(desk, name, &[Duty::Publish]).await?;
    view.review(&html! {}, &Fields::default(), "", StatusCode::OK).await
}

/// Publishes the draft, or plans that, by somebody who did not draft it.
pub(in crate::web) async fn post(
    desk: Desk,
    Path(name): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    let view = View::open(desk, name, &[Duty::Publish]).await?;
    let (lang, now) = (view.desk.lang(), view.desk.web.now());
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
            Ok(view.desk.done(&address, lang.pick(&zh, &en)))
        }
        Err(failure) => {
            view.desk.audit(order.action(), &view.name, &failure.say(Lang::Zh), false).await?;
            view.review(&notice(Tone::Bad, &failure.say(lang)), &typed, "", failure.status()).await
        }
    }
}

/// Cancels what is planned.
pub(in crate::web) async fn cancel(
    desk: Desk,
    Path(name): Path<String>,
    Posted(_): Posted,
) -> Result<Response, Response> {
    let view = View::open(desk, name, &[Duty::Publish]).await?;
    let (store, id) = (view.desk.app.store(), view.id());
    let entry = view.desk.entry("catalog_plan", &view.name, "取消定时发布");
    view.desk.told(store.audited_as(&entry, store.cancel_planned_release(&id), found_it).await)?;
    Ok(back(&format!("/catalogs/{}", view.name)))
}

impl Order {
    fn action(&self) -> &'static str {
        if self.at.is_some() { "catalog_plan" } else { "catalog_publish" }
    }
}

impl View {
    /// Does what was ordered, and tells in both languages what was done; the audit log has it in Chinese.
    async fn carry_out(&self, order: &Order) -> Result<(String, String), Failure> {
        let app = &self.desk.app;
        let to = wave(app, &order.to).await?;
        let by = self.desk.signed.person();
        let publication = approved(app, &self.name, &by, order.reviewed).await?;
        let store = app.store();
        let Some(at) = order.at else {
            let number = publication.signed.release.number;
            let zh = format!("已发布第 {number} 版，正在送达各单位");
            let detail = format!("{zh}{}", alone(&publication));
            let entry = self.desk.entry(order.action(), &self.name, &detail);
            store.audited(&entry, releases::commit(&app.site, publication, to.as_deref())).await?;
            return Ok((zh, format!("published as release {number}; it is on its way")));
        };
        let plan = PlannedRelease {
            catalog: self.id(),
            draft: publication.draft,
            approved_by: by.name,
            account: self.desk.signed.account.name.clone(),
            at,
            regions: to,
            planned_at: self.desk.web.now(),
            problem: String::new(),
        };
        let zh = format!("已定于 {at} 发布；在此之前草稿有改动的，到时不发布");
        store.audited(&self.desk.entry(order.action(), &self.name, &zh), store.plan_release(&plan)).await?;
        Ok((zh, format!("to be published at {at}")))
    }
}

/// Whether there is nothing to look at.
fn no_draft(outcome: &Result<releases::Publication, Failure>) -> bool {
    matches!(outcome, Err(Failure::Publish(PublishError::NoDraft(_))))
}
