//! 节点: every child with its link, certificate, clock and disk; the system administrator invites and revokes.

pub(super) mod invite;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::disk::shown_bytes;
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{Asked, Cell, Column, Filter, Listing, search};
use tongpin_console::web::{PageError, PageFailure as _, Posted, Reasoned, Signed, Tone, notice};
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;
use tongpin_link::admin;

use self::invite::Form;
use super::Context;
use super::rows::chosen;
use crate::failure::Failure;
use crate::ops::nodes::{self, Row, day};

/// Where the page is.
const ADDRESS: &str = "/nodes";

/// Who sees the nodes.
pub(super) const READERS: [Duty; 5] = [Duty::System, Duty::Enter, Duty::Approve, Duty::Publish, Duty::Read];

const COLUMNS: [Column; 8] = [
    Column::new("name", "单位", "node"),
    Column::new("region", "区划", "region"),
    Column::new("link", "连接", "link"),
    Column::new("catalogs", "目录", "catalogs"),
    Column::new("ends", "证书到期", "certificate ends"),
    Column::new("clock", "时钟", "clock"),
    Column { sorts: false, ..Column::new("disk", "磁盘余量", "disk free") },
    Column::new("software", "软件", "software"),
];

/// The page, or the file that its list is exported to.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(&READERS).await?;
    show(&cx, Form::default(), (StatusCode::OK, html! {}), &asked).await
}

async fn show(
    cx: &Context,
    form: Form,
    (status, told): (StatusCode, Markup),
    asked: &Asked,
) -> Result<Response, PageError> {
    let lang = cx.lang();
    let rows = nodes::rows(&cx.app).await?;
    let regions = cx.app.regions().await?;
    let administers = cx.may(&[Duty::System]);
    let (shown, total) = listed(&rows, lang, administers, asked);
    let title = lang.pick("节点", "Nodes");
    let empty = lang.pick("没有符合条件的单位；可换个词", "Nobody fits: try another word.");
    let listing = Listing { title, columns: &COLUMNS, rows: &shown, total, empty };
    if let Some(file) = listing.exported(asked, lang) {
        return Ok(file);
    }
    let body = html! {
        (told)
        @if rows.is_empty() {
            p.empty { (lang.pick("还没有单位加入。由系统管理员邀请区县，把加入码当面交给对方。",
                "Nobody has joined. The system administrator invites a county and hands its token over.")) }
        } @else {
            (search(&[Filter::words("", lang)], asked, lang))
            @for (zh, en) in rows.iter().filter_map(|row| row.twin.as_ref()) {
                (notice(Tone::Bad, lang.pick(zh, en)))
            }
            (listing.draw(asked, lang))
        }
        @if administers {
            (invite::form(cx, &regions, &form))
            (revoke_forms(&rows, lang, &cx.signed))
        }
    };
    Ok(cx.page(title).status(status).show(&body))
}

/// The list. A city has some dozens of counties, and how each stands comes from several tables and from the running
/// `serve`: found and sorted here.
fn listed(rows: &[Row], lang: Lang, administers: bool, asked: &Asked) -> (Vec<Vec<Cell>>, u64) {
    let row = |row: &Row| {
        let name = html! {
            a href=(format!("/nodes/{}", row.region)) { (row.name) }
            @if administers && row.status == "active" {
                " " a href=(format!("#revoke-{}", row.region)) { (lang.pick("吊销", "revoke")) }
            }
        };
        let ends = day(row.certificate_ends);
        vec![
            Cell::drawn(row.name.clone(), name),
            row.code(lang).into(),
            row.link(lang).into(),
            row.releases(lang).into(),
            Cell::drawn(ends.clone(), html! { span.when { (ends) } }),
            row.clock(lang).into(),
            row.disk_free_bytes.map_or_else(|| "—".to_owned(), shown_bytes).into(),
            if row.software.is_empty() { "—".into() } else { row.software.clone().into() },
        ]
    };
    chosen(rows.iter().map(row).collect(), &COLUMNS, asked)
}

fn revoke_forms(rows: &[Row], lang: Lang, signed: &Signed) -> Markup {
    html! {
        @for row in rows.iter().filter(|row| row.status == "active") {
            h2 id=(format!("revoke-{}", row.region)) { (lang.pick("吊销 ", "Revoke ")) (row.name) }
            @let (action, id) = (format!("/nodes/{}/revoke", row.region), format!("-{}", row.region));
            (Reasoned::revoking(&action, &id, lang).draw(signed, lang))
        }
    }
}

/// Shuts a region out.
pub(super) async fn revoke(
    cx: Context,
    Path(region): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::System]).await?;
    let lang = cx.lang();
    let action = format!("/nodes/{region}/revoke");
    if let Some(page) = cx.lacking(&Reasoned::revoking(&action, "", lang), &typed) {
        return Ok(page);
    }
    let reason = typed.text("reason");
    let refusal = match RegionCode::new(&region) {
        Err(_) => return Ok(cx.back("/nodes")),
        Ok(code) => {
            let entry = cx.audit_entry("node_revoke", &region, reason);
            let step = admin::revoke(&cx.app.site, &code, reason);
            match cx.app.store().audited_as(&entry, step, |done| Some(done.is_ok())).await {
                Ok(_) => {
                    let said = lang.pick("已吊销，连接随即断开", "revoked; the link ends at once");
                    return Ok(cx.done("/nodes", said));
                }
                Err(error) => {
                    let failure = Failure::from(error);
                    (failure.status(), notice(Tone::Bad, &failure.on_page(lang)))
                }
            }
        }
    };
    show(&cx, Form::default(), refusal, &Asked::at(ADDRESS)).await
}
