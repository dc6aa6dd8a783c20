//! 归集上报: what the parent asks, until when, and how far this bureau has come; what needs somebody comes first.

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::PageError;
use tongpin_console::web::list::{self, Asked, Cell, Column, Filter, Listing};
use tongpin_domain::lang::Lang;

use super::rows::chosen;
use crate::ops::summary::{self, CollectionLine};
use crate::web::parts::{Context, WORK, segment};

const COLUMNS: [Column; 6] = [
    Column::new("title", "名称", "title"),
    Column::new("period", "期间", "period"),
    Column::new("due", "截止", "due"),
    Column::new("state", "状态", "state"),
    Column { number: true, ..Column::new("revision", "最近一次", "last revision") },
    Column { shown: false, ..Column::new("id", "代号", "id") },
];

/// The list.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    // A parent asks some dozens of collections, and their states come from several tables: found and sorted here.
    let mut lines = summary::collections(&cx.app).await?;
    lines.sort_by_key(urgency);
    let none = lines.is_empty();
    let fits = |line: &&CollectionLine| match asked.text("state") {
        "" => true,
        "overdue" => line.overdue,
        state => line.state == state,
    };
    let rows = lines.iter().filter(fits).map(|line| row(line, lang)).collect();
    let (rows, total) = chosen(rows, &asked, &COLUMNS, "title");
    let title = lang.pick("归集上报", "Collections");
    let empty = lang.pick("没有符合条件的归集任务；可放宽查询条件", "nothing fits; ask for less");
    let listing = Listing { title, columns: &COLUMNS, rows: &rows, total, empty };
    if let Some(file) = listing.exported(&asked, lang) {
        return Ok(file);
    }
    let body = html! {
        @if none {
            p.empty { (lang.pick(
                "上级目前没有要求本级上报的归集任务；上级发布后会自动出现在这里。若上级说已发布，请在“总览”查看与上级的连接",
                "Nothing is asked of this node. What the parent publishes appears here by itself; if it says it has, \
                 look at the link on the overview.")) }
        } @else {
            (search(&asked, lang))
            (listing.draw(&asked, lang))
        }
    };
    Ok(cx.page(title).show(&body))
}

fn search(asked: &Asked, lang: Lang) -> Markup {
    let states = [
        ("open", "未上报", "not reported"),
        ("overdue", "已逾期", "overdue"),
        ("submitted", "待确认", "waits for the receipt"),
        ("received", "已收，待审核", "received, awaiting review"),
        ("returned", "已退回", "returned"),
        ("accepted", "已接收", "accepted"),
    ];
    let filters = [Filter::words("", lang), Filter::one("state", lang.pick("状态", "State"), states, lang)];
    list::search(&filters, asked, lang)
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

fn row(line: &CollectionLine, lang: Lang) -> Vec<Cell> {
    let revision = if line.revision > 0 { line.revision.to_string() } else { "—".to_owned() };
    let told: Vec<&str> = std::iter::once(word(line, lang).1).chain(line.reasons.iter().map(String::as_str)).collect();
    vec![
        Cell::link(line.title.clone(), &format!("/collections/{}", segment(&line.id))),
        line.period.clone().into(),
        Cell::drawn(line.due.clone(), due(line, lang)),
        Cell::drawn(told.join("；"), state(line, lang)),
        revision.into(),
        line.id.clone().into(),
    ]
}

/// The due day, marked if it has passed.
pub(crate) fn due(line: &CollectionLine, lang: Lang) -> Markup {
    html! {
        (line.due)
        @if line.overdue { " " span class="mark bad" { (lang.pick("已逾期", "overdue")) } }
    }
}

/// How far it has come: class and word.
fn word(line: &CollectionLine, lang: Lang) -> (&'static str, &'static str) {
    match line.state {
        "submitted" => ("mark warn", lang.pick("待确认", "waits for the receipt")),
        "received" => ("mark warn", lang.pick("已收，待审核", "received, awaiting review")),
        "accepted" => ("mark good", lang.pick("已接收", "accepted")),
        "returned" => ("mark bad", lang.pick("已退回", "returned")),
        _ => ("mark warn", lang.pick("未上报", "not reported")),
    }
}

/// How far it has come, and why it was returned.
pub(crate) fn state(line: &CollectionLine, lang: Lang) -> Markup {
    let (class, word) = word(line, lang);
    html! {
        span class=(class) { (word) }
        @if line.reminded_at.is_some() { " " span class="mark bad" { (lang.pick("市级催报", "reminded")) } }
        @if !line.reasons.is_empty() {
            span.hint { " " (line.reasons.join(lang.pick("；", "; "))) }
        }
    }
}
