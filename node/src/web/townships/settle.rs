//! Choosing whose state of a record is to hold, of a township that was restored from an old copy. The
//! township carries it out, because its records are its own.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Tone, notice};
use tongpin_domain::lang::Say as _;
use tongpin_domain::region::RegionCode;
use tongpin_store::Choice;

use super::detail;
use crate::failure::Failure;
use crate::ops::restored::SETTLERS;
use crate::web::parts::Context;

/// Notes a choice.
pub(super) async fn post(
    cx: Context,
    Path(region): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    cx.must(SETTLERS).await?;
    let lang = cx.lang();
    let (of, key) = (typed.raw("kind"), typed.raw("key"));
    let chosen = (RegionCode::new(&region).ok(), Choice::read(typed.raw("choice")));
    let (told, status) = if let (Some(author), Some(choice)) = chosen {
        let detail = match choice {
            Choice::Parent => format!("{of} {key}：以本级保留的为准"),
            Choice::Child => format!("{of} {key}：以 {author} 的为准"),
        };
        let entry = cx.audit_entry("record_settle", &region, &detail);
        let by = &cx.signed.account.name;
        let step = cx.app.store().choose(&author, of, key, choice, by);
        match cx.app.store().audited_as(&entry, step, |done| matches!(done, Ok(true)).then_some(true)).await {
            Ok(true) => {
                let said = lang.pick("已选定，正在通知对方", "noted; the township is told");
                return Ok(cx.done(&format!("/townships/{region}"), said));
            }
            Ok(false) => {
                let text = lang.pick("这条记录两边已经一致，未作改动", "both sides agree on it already");
                (notice(Tone::Warn, text), StatusCode::CONFLICT)
            }
            Err(error) => {
                let failure = Failure::from(error);
                (notice(Tone::Bad, &failure.say(lang)), failure.status())
            }
        }
    } else {
        (html! {}, StatusCode::NOT_FOUND)
    };
    detail::show(&cx, &region, &Asked::at(format!("/townships/{region}")), &told, status).await
}
