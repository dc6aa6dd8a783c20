//! 归集上报: what the parent asks, until when, and how far this bureau has come; what needs somebody comes first.

use axum::extract::{Extension, State};
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::{Page, Signed, Visitor, Web};
use tongpin_domain::lang::Lang;

use super::{RIGHT, WORK, failed, segment};
use crate::office::Office;
use crate::summary::{self, CollectionLine};

/// The list.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    visitor: Visitor,
    signed: Signed,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, WORK).await?;
    let lang = visitor.lang;
    let mut lines = summary::collections(&office).await.map_err(|failure| failed(&web, &visitor, &failure))?;
    lines.sort_by_key(urgency);
    let body = html! {
        @if lines.is_empty() {
            p.empty { (lang.pick(
                "上级目前没有要求本级上报的归集任务；上级发布后会自动出现在这里。若上级说已发布，请在“总览”查看与上级的连接",
                "Nothing is asked of this node. What the parent publishes appears here by itself; if it says it has, \
                 look at the link on the overview.")) }
        } @else {
            (table(&lines, lang))
        }
    };
    Ok(Page::new(&web, &visitor, lang.pick("归集上报", "Collections")).show(&body))
}

/// Returned comes before overdue, before open, before what waits for the parent, before what is done.
fn urgency(line: &CollectionLine) -> (u8, String) {
    let rank = match (line.state, line.overdue) {
        ("returned", _) => 0,
        ("open", true) => 1,
        ("open", false) => 2,
        ("submitted" | "received", _) => 3,
        _ => 4,
    };
    (rank, line.due.clone())
}

fn table(lines: &[CollectionLine], lang: Lang) -> Markup {
    html! {
        div.wide {
            table {
                thead { tr {
                    th scope="col" { (lang.pick("名称", "title")) }
                    th scope="col" { (lang.pick("期间", "period")) }
                    th scope="col" { (lang.pick("截止", "due")) }
                    th scope="col" { (lang.pick("状态", "state")) }
                    th scope="col" style=(RIGHT) { (lang.pick("最近一次", "last revision")) }
                } }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" { a href=(format!("/collections/{}", segment(&line.id))) { (line.title) } }
                            td { (line.period) }
                            td.when { (due(line, lang)) }
                            td { (state(line, lang)) }
                            td style=(RIGHT) { @if line.revision > 0 { (line.revision) } @else { "—" } }
                        }
                    }
                }
            }
        }
    }
}

/// The due day, marked if it has passed.
pub(crate) fn due(line: &CollectionLine, lang: Lang) -> Markup {
    html! {
        (line.due)
        @if line.overdue { " " span class="mark bad" { (lang.pick("已逾期", "overdue")) } }
    }
}

/// How far it has come, and why it was returned.
pub(crate) fn state(line: &CollectionLine, lang: Lang) -> Markup {
    let (class, word) = match line.state {
        "submitted" => ("mark warn", lang.pick("待确认", "waits for the receipt")),
        "received" => ("mark warn", lang.pick("已收，待审核", "received, awaiting review")),
        "accepted" => ("mark good", lang.pick("已接收", "accepted")),
        "returned" => ("mark bad", lang.pick("已退回", "returned")),
        _ => ("mark warn", lang.pick("未上报", "not reported")),
    };
    html! {
        span class=(class) { (word) }
        @if line.reminded_at.is_some() { " " span class="mark bad" { (lang.pick("市级催报", "reminded")) } }
        @if !line.reasons.is_empty() {
            span.hint { " " (line.reasons.join(lang.pick("；", "; "))) }
        }
    }
}
