//! 乡镇: the county's page about its townships: links, certificates, what they sent and what is late; the system
//! administrator invites them, cuts them off and lets them in again.

mod apart;
mod detail;
mod invite;
mod months;
mod settle;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get as reading, post};
use maud::{Markup, html};
use tongpin_console::disk::shown_bytes;
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{Asked, Cell, Column, Filter, Listing, search};
use tongpin_console::web::{PageError, Web};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::month::Month;
use tongpin_domain::region::Regions;
use tongpin_store::MonthCount;

use super::rows::chosen;
use crate::app::App;
use crate::failure::Failure;
use crate::guidance;
use crate::ops::summary::{self, ChildLine};
use crate::records::observations::month_name;
use crate::web::parts::Context;

/// Who sees the townships.
pub(super) const READERS: [Duty; 4] = [Duty::System, Duty::Enter, Duty::Approve, Duty::Read];

const COLUMNS: [Column; 11] = [
    Column::new("name", "乡镇", "township"),
    Column::new("region", "区划", "region"),
    Column::new("state", "状态", "state"),
    Column::new("contact", "最近联系", "last contact"),
    Column { number: true, ..Column::new("projects", "项目", "projects") },
    Column { sorts: false, ..Column::new("month", "上月填报", "last month") },
    Column { number: true, ..Column::new("aside", "待处理", "set aside") },
    Column::new("catalogs", "目录", "catalogs"),
    Column::new("ends", "证书到期", "certificate ends"),
    Column { number: true, shown: false, ..Column::new("clock", "时钟差（秒）", "clock (s)") },
    Column { sorts: false, shown: false, ..Column::new("disk", "磁盘剩余", "disk free") },
];

/// The pages about townships.
pub(super) fn pages() -> Router<Web> {
    Router::new()
        .route("/townships", reading(get))
        .route("/townships/invite", reading(invite::get).post(invite::post))
        .route("/townships/{region}", reading(detail::get))
        .route("/townships/{region}/revoke", post(detail::revoke))
        .route("/townships/{region}/settle", post(settle::post))
}

/// A township with what it sent.
struct Township {
    line: ChildLine,
    /// How far it has come with the last month.
    count: MonthCount,
    /// How many of its records do not take part, as [`crate::app::statistics`] found last.
    aside: usize,
}

/// The month whose report is due next or was due last: the one before the present.
fn last_month(now: Moment) -> Month {
    Month::of(now).previous()
}

async fn townships(app: &App, regions: &Regions) -> Result<Vec<Township>, Failure> {
    let (store, now) = (app.store(), app.site.now());
    let counts = store.month_counts(last_month(now), &app.site.region()).await?;
    let read = app.statistics.read(store).await?;
    let township = |line: ChildLine| {
        let aside = read.set_aside().filter(|aside| aside.author == line.region).count();
        Township { count: counts.get(&line.region).copied().unwrap_or_default(), aside, line }
    };
    Ok(summary::children(app, regions).await?.into_iter().map(township).collect())
}

/// The page, or the file that its list is exported to.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(&READERS).await?;
    let form = invite::Form::asked(asked.text("region"));
    // Whom to invite is asked once: no way from the page asks it again.
    show(&cx, &asked.but(&["region"]), &form).await
}

/// The page with a form as it was filled in.
async fn show(cx: &Context, asked: &Asked, form: &invite::Form) -> Result<Response, PageError> {
    let lang = cx.lang();
    let regions = guidance::regions(cx.app.store()).await?;
    let all = townships(&cx.app, &regions).await?;
    let none = all.is_empty();
    let now = cx.now();
    // A county has dozens of townships at most, and what is told of them comes from several tables: found and sorted
    // here.
    let rows = all.iter().map(|township| row(township, now, lang)).collect();
    let (rows, total) = chosen(rows, asked, &COLUMNS, "name");
    let listing = Listing {
        title: lang.pick("乡镇", "Townships"),
        columns: &COLUMNS,
        rows: &rows,
        total,
        empty: if none {
            lang.pick(
                "还没有乡镇加入。由系统管理员在下面邀请，把加入码当面交给对方。",
                "No township has joined. The system administrator invites one below and hands its token over.",
            )
        } else {
            lang.pick("没有符合条件的乡镇", "nothing fits")
        },
    };
    if let Some(file) = listing.exported(asked, lang) {
        return Ok(file);
    }
    let month = last_month(now);
    let body = html! {
        (search(&[Filter::words("", lang)], asked, lang))
        (listing.draw(asked, lang))
        p.hint {
            (lang.pick("“上月填报”指 ", "Last month is ")) (month_name(month, lang))
            (lang.pick(&format!("，{} 前应报齐。", month.late_from()), &format!(", due before {}.", month.late_from())))
        }
        @if cx.may(&[Duty::System]) { (form.draw(&cx.app, &regions, &cx.signed, lang)) }
    };
    let status = if form.is_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(cx.page(lang.pick("乡镇", "Townships")).status(status).show(&body))
}

fn row(township: &Township, now: Moment, lang: Lang) -> Vec<Cell> {
    let line = &township.line;
    let dash = || Cell::from("—");
    let MonthCount { projects, due, reported } = township.count;
    let month = format!("{reported} / {due}");
    let late = reported < due && now >= last_month(now).late_from();
    let month = match (due, late) {
        (0, _) => dash(),
        (_, true) => marked("bad", format!("{month} {}", lang.pick("逾期", "overdue"))),
        (_, false) if reported < due => marked("warn", month),
        _ => marked("good", month),
    };
    vec![
        Cell::link(line.name.clone(), &format!("/townships/{}", line.region)),
        line.region.to_string().into(),
        marked(tone(line), line.standing(lang)),
        line.last_contact.map_or_else(dash, |at| at.to_string().into()),
        Cell::amount(projects.to_string()),
        month,
        if township.aside == 0 { "0".into() } else { marked("warn", township.aside.to_string()) },
        line.lacks(lang).into(),
        line.certificate_ends.map_or_else(dash, |at| at.to_string().into()),
        line.clock_offset_ms.map_or_else(dash, |ms| (ms / 1000).to_string().into()),
        line.disk_free.map_or_else(dash, |bytes| shown_bytes(bytes).into()),
    ]
}

fn marked(class: &str, text: impl Into<String>) -> Cell {
    let text = text.into();
    let markup: Markup = html! { span class={ "mark " (class) } { (text) } };
    Cell::drawn(text, markup)
}

/// How its link is meant.
fn tone(line: &ChildLine) -> &'static str {
    match (line.status, line.heard) {
        ("active", Some(true)) => "good",
        ("revoked", _) => "bad",
        _ => "warn",
    }
}
