//! A township that was restored from an old copy: of which records it holds another state than the county, and the
//! choice whose state is to hold. The township carries it out, because its records are its own.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::list::Asked;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Signed, Tone, notice, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Choice, Difference};

use super::detail;
use crate::failure::Failure;
use crate::ops::restored::{SETTLERS, kind, side_by_side};
use crate::ops::summary::ChildLine;
use crate::web::parts::Context;

/// Differences that are listed; the rest is counted.
const LISTED: usize = 100;

/// The records that differ, each with the two states and what can be chosen.
pub(super) fn all(apart: &[Difference], line: &ChildLine, signed: &Signed, lang: Lang) -> Markup {
    let count = apart.len();
    let zh = format!("对方的数据库是从旧备份恢复的，有 {count} 条记录与本级不一致；本级保留的未被覆盖，对方也已得知");
    let en = format!("it was restored from an older copy and differs in {count} records; nothing here was overwritten");
    html! {
        @if count > 0 {
            h2 id="apart" { (lang.pick("两边不一致的记录", "Records that differ")) }
            (notice(Tone::Warn, lang.pick(&zh, &en)))
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("记录", "record")) }
                    th scope="col" { (lang.pick("本级保留的", "kept here")) }
                    th scope="col" { (lang.pick("对方的", "the township's")) }
                    th scope="col" { (lang.pick("以谁的为准", "which holds")) }
                } }
                tbody { @for it in apart.iter().take(LISTED) { (row(it, line, signed, lang)) } }
            } }
            @if count > LISTED { p { "… " (count - LISTED) } }
            p.hint { (lang.pick("选定后通知对方，由对方的程序写入自己的数据库；对方也可以自己处理。",
                "The township's program carries it out; it may also settle it itself.")) }
        }
    }
}

fn row(it: &Difference, line: &ChildLine, signed: &Signed, lang: Lang) -> Markup {
    let theirs = it.there.as_ref().and_then(|there| there.body.as_deref());
    let (here, there) = side_by_side(it.here.as_deref(), theirs, lang);
    let button = |choice: Choice, name: &str| {
        html! {
            form method="post" action=(format!("/townships/{}/settle", line.region)) {
                (token(signed))
                input type="hidden" name="kind" value=(it.kind);
                input type="hidden" name="key" value=(it.key);
                input type="hidden" name="choice" value=(choice.word());
                button { (name) }
            }
        }
    };
    html! {
        tr {
            th scope="row" { (kind(&it.kind, lang)) " " (it.key) }
            td { (here) }
            td { (there) @if it.there.as_ref().is_some_and(|it| it.older) { " " span.hint { (lang.pick("较旧", "older")) } } }
            td {
                @match it.choice {
                    Some(Choice::Parent) => (lang.pick("已定：本级的，待对方写入", "this county's; the township is told")),
                    Some(Choice::Child) => (lang.pick("已定：对方的，待对方写入", "the township's; the township is told")),
                    None if signed.may(SETTLERS) => {
                        (button(Choice::Parent, lang.pick("本级的", "this county's")))
                        (button(Choice::Child, lang.pick("对方的", "the township's")))
                    }
                    None => "—",
                }
            }
        }
    }
}

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
    detail::show(&cx, &region, &Asked::default(), &told, status).await
}
