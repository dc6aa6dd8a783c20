//! 归集: every collection at a glance, with who has reported and what waits for approval.

pub(super) mod accept;
mod build;
pub(super) mod decide;
pub(super) mod draft;
mod form;
pub(super) mod new;
pub(super) mod one;
pub(super) mod remind;
pub(super) mod report;
mod signature;
mod units;

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{self, Asked, Cell, Column, Filter, Listing};
use tongpin_console::web::{PageError, Tone, notice};
use tongpin_domain::lang::Lang;

use super::Context;
use super::WORK;
use super::rows::chosen;
use crate::ops::collections::draft::{Drafted, drafted};
use crate::ops::collections::{self, Row};

const COLUMNS: [Column; 8] = [
    Column { key: "title", zh: "名称", en: "title", number: false, sorts: true, shown: true },
    Column { key: "id", zh: "代号", en: "id", number: false, sorts: true, shown: false },
    Column { key: "period", zh: "期间", en: "period", number: false, sorts: true, shown: true },
    Column { key: "due", zh: "截止", en: "due", number: false, sorts: true, shown: true },
    Column { key: "state", zh: "状态", en: "state", number: false, sorts: true, shown: true },
    Column { key: "reported", zh: "已报", en: "reported", number: false, sorts: true, shown: true },
    Column { key: "awaiting", zh: "待审核", en: "to review", number: false, sorts: false, shown: true },
    Column { key: "missing", zh: "未报单位", en: "missing", number: false, sorts: false, shown: true },
];

/// The list.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let lang = cx.lang();
    // A city asks some dozens of collections, and how far each has come is computed from what was received: so they are
    // found and sorted here, not in the database.
    let all = collections::rows(&cx.app).await?;
    let draft = drafted(&cx.app).await?;
    let none = all.is_empty();
    let state = asked.text("state");
    let wanted = all.iter().filter(|row| match state {
        "" => true,
        "awaiting" => !row.coverage.awaiting.is_empty(),
        state => row.state(Lang::En) == state,
    });
    let (rows, total) = chosen(wanted.map(|row| cells(row, lang)).collect(), &COLUMNS, &asked);
    let title = lang.pick("归集", "Collections");
    let empty = lang.pick("没有符合条件的归集任务；可放宽查询条件。", "No collection fits; ask for less.");
    let listing = Listing { title, columns: &COLUMNS, rows: &rows, total, empty };
    if let Some(file) = listing.exported(&asked, lang) {
        return Ok(file);
    }
    let body = html! {
        @if let Some(draft) = &draft { (waiting(draft, lang)) }
        @if cx.may(&[Duty::Enter]) {
            p.noprint { a.button href="/collections/new" { (lang.pick("新建归集任务", "New collection")) } }
        }
        @if none {
            p.empty { (lang.pick("还没有归集任务。由经办点“新建归集任务”，选模板或自行设计，再由发布岗另一人审核开放。",
                "There is none yet. One person makes a new collection from a template, another approves it.")) }
        } @else {
            (search(&asked, lang))
            (listing.draw(&asked, lang))
        }
    };
    Ok(cx.page(title).show(&body))
}

/// A draft waits for another person.
fn waiting(draft: &Drafted, lang: Lang) -> Markup {
    let count = draft.collections.len();
    let zh = format!("有 {count} 个归集任务待审核开放（经办 {}，{}）", draft.by, draft.at);
    let en = format!("{count} collections wait for approval (by {}, {})", draft.by, draft.at);
    html! {
        (notice(Tone::Warn, lang.pick(&zh, &en)))
        p { a href="/collections/draft" { (lang.pick("核对草稿", "Read the draft")) } }
    }
}

fn cells(row: &Row, lang: Lang) -> Vec<Cell> {
    let state = row.state(lang);
    let class = match row.state(Lang::En) {
        "complete" => "mark good",
        "overdue" | "under review" => "mark warn",
        _ => "mark",
    };
    vec![
        Cell::link(row.title.clone(), &format!("/collections/{}", row.id)),
        row.id.clone().into(),
        row.period.clone().into(),
        row.due.clone().into(),
        Cell::drawn(state, html! { span class=(class) { (state) } }),
        row.progress().into(),
        row.awaiting(lang).into(),
        row.missing(lang).into(),
    ]
}

fn search(asked: &Asked, lang: Lang) -> Markup {
    let states = [
        ("open", "归集中", "open"),
        ("awaiting", "有待审核的上报", "with reports to review"),
        ("overdue", "已逾期", "overdue"),
        ("complete", "已报齐", "complete"),
        ("closed", "已关闭", "closed"),
    ];
    let hint = lang.pick("名称、期间、单位", "title, period, county");
    let filters = [Filter::words(hint, lang), Filter::one("state", lang.pick("状态", "State"), states, lang)];
    list::search(&filters, asked, lang)
}
