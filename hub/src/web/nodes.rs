//! 节点: every child with its link, certificate, clock and disk; the system administrator invites and revokes.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::disk::shown_bytes;
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{Asked, Cell, Column, Listing};
use tongpin_console::web::{Field, Fields, Page, Posted, Signed, Tone, Visitor, Web, notice, qr, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_link::admin;

use super::rows::chosen;
use super::{back, failed, person, sure};
use crate::command::invite::checked_address;
use crate::command::nodes::{self, Row, day};
use crate::failure::Failure;
use crate::office::Office;

/// Who sees the nodes.
pub(super) const READERS: [Duty; 5] = [Duty::System, Duty::Enter, Duty::Approve, Duty::Publish, Duty::Read];
/// Days that a token is good for, unless another number is typed, and the most.
const DAYS: u32 = 7;
const MOST_DAYS: u32 = 30;

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

/// What is wrong with each field, empty where nothing is.
#[derive(Default)]
struct Wrong {
    region: String,
    address: String,
    days: String,
}

/// The form as it was filled in.
#[derive(Default)]
struct Form {
    typed: Fields,
    wrong: Wrong,
}

/// The page, or the file that its list is exported to.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
    asked: Asked,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &READERS).await?;
    show(&web, &office, &visitor, &signed, Form::default(), &html! {}, &asked).await
}

async fn show(
    web: &Web,
    office: &Office,
    visitor: &Visitor,
    signed: &Signed,
    form: Form,
    told: &Markup,
    asked: &Asked,
) -> Result<Response, Response> {
    let lang = visitor.lang;
    let Form { typed, wrong } = form;
    let rows = nodes::rows(office).await.map_err(|failure| failed(web, visitor, &failure))?;
    let regions = office.regions().await.map_err(|failure| failed(web, visitor, &failure))?;
    let bad = [&wrong.region, &wrong.address, &wrong.days].iter().any(|problem| !problem.is_empty());
    let administers = signed.may(&[Duty::System]);
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
            form.search method="get" action="/nodes" role="search" {
                (asked.hidden(&["q"]))
                label { (lang.pick("查找", "Find")) " " input name="q" value=(asked.text("q")); }
                button { (lang.pick("查询", "Search")) }
            }
            @for (zh, en) in rows.iter().filter_map(|row| row.twin.as_ref()) {
                (notice(Tone::Bad, lang.pick(zh, en)))
            }
            (listing.draw(asked, lang))
        }
        @if administers {
            (invite_form(office, &regions, lang, signed, &typed, &wrong))
            (revoke_forms(&rows, lang, signed))
        }
    };
    let mut response = Page::new(web, visitor, title).show(&body);
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
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

fn invite_form(
    office: &Office,
    regions: &Regions,
    lang: Lang,
    signed: &Signed,
    typed: &Fields,
    wrong: &Wrong,
) -> Markup {
    let own = office.site.region();
    let below: Vec<_> = regions.iter().filter(|region| region.parent_code == own).collect();
    let hint = if below.is_empty() {
        lang.pick("6 位区划代码，如 320581", "a code of six digits, such as 320581").to_owned()
    } else {
        let list: Vec<String> = below.iter().map(|region| format!("{} {}", region.code, region.name)).collect();
        list.join(lang.pick("，", ", "))
    };
    let address = typed.text("address");
    let region = Field {
        name: "region",
        label: lang.pick("区划代码", "Region"),
        value: typed.text("region"),
        hint: &hint,
        error: &wrong.region,
        ..Field::default()
    };
    let address = Field {
        name: "address",
        label: lang.pick("对方连接本平台的地址", "Where it connects to"),
        value: if address.is_empty() { &office.settings.public_address } else { address },
        hint: lang.pick("主机:端口，如 10.0.0.1:7401", "host:port, such as 10.0.0.1:7401"),
        error: &wrong.address,
        ..Field::default()
    };
    let default_days = DAYS.to_string();
    let days = typed.text("days");
    let days = Field {
        name: "days",
        label: lang.pick("加入码有效天数", "Days that the token is good for"),
        value: if days.is_empty() { &default_days } else { days },
        error: &wrong.days,
        ..Field::default()
    };
    html! {
        h2 { (lang.pick("邀请单位", "Invite")) }
        form.card method="post" action="/nodes/invite" {
            (token(signed))
            (region.draw()) (address.draw()) (days.draw())
            button.main { (lang.pick("生成加入码", "Make a token")) }
        }
    }
}

fn revoke_forms(rows: &[Row], lang: Lang, signed: &Signed) -> Markup {
    html! {
        @for row in rows.iter().filter(|row| row.status == "active") {
            h2 id=(format!("revoke-{}", row.region)) { (lang.pick("吊销 ", "Revoke ")) (row.name) }
            form.card method="post" action=(format!("/nodes/{}/revoke", row.region)) {
                (token(signed))
                p { (lang.pick("吊销后立即断开，双方数据不受影响；要恢复，重新邀请即可。",
                    "It is cut off at once, no data is touched; a new invitation lets it back in.")) }
                div.field {
                    label for=(format!("reason-{}", row.region)) { (lang.pick("原因", "Reason")) }
                    input id=(format!("reason-{}", row.region)) name="reason" required autocomplete="off";
                }
                (sure(lang, &format!("sure-{}", row.region)))
                button.danger { (lang.pick("吊销", "Revoke")) }
            }
        }
    }
}

/// Makes a token and shows it, this once, as text and as a sheet to be printed.
pub(super) async fn invite(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::System]).await?;
    let lang = visitor.lang;
    let region = RegionCode::new(typed.text("region"));
    let address = checked_address(typed.text("address"));
    let days = typed.text("days").parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    let wrong = Wrong {
        region: region
            .as_ref()
            .err()
            .map_or_else(String::new, |_| lang.pick("应为 6 位区划代码", "a code of six digits").to_owned()),
        address: address.as_ref().err().map_or_else(String::new, |failure| failure.say(lang)),
        days: if days.is_some() { String::new() } else { lang.pick("1 至 30 天", "1 to 30").to_owned() },
    };
    let (Ok(region), Ok(address), Some(days)) = (region, address, days) else {
        return show(&web, &office, &visitor, &signed, Form { typed, wrong }, &html! {}, &Asked::default()).await;
    };
    // The token itself is a secret, and is in no log.
    let detail = format!("{address}，{days} 天");
    let entry = visitor.draft(&web, &signed.account.name, "node_invite", region.as_str(), &detail);
    let by = person(&signed);
    let step = admin::invite(&office.site, &region, &address, days, &by);
    let invited = match office.store().audited_as(&entry, step, |done| Some(done.is_ok())).await {
        Ok(invited) => invited,
        Err(error) => {
            let region = Failure::from(error).say(lang);
            let wrong = Wrong { region, ..Wrong::default() };
            return show(&web, &office, &visitor, &signed, Form { typed, wrong }, &html! {}, &Asked::default()).await;
        }
    };
    let regions = office.regions().await.map_err(|failure| failed(&web, &visitor, &failure))?;
    let (name, text) = (regions.name(&region), invited.token.text());
    let body = html! {
        div.noprint { (notice(Tone::Good, lang.pick("请打印或抄录后当面交给对方；此页离开后不再显示，加入码用过即失效。",
            "Print it and hand it over in person; it is not shown again, and works once."))) }
        @for remark in invited.remarks(&region, lang) { (notice(Tone::Warn, &remark)) }
        dl {
            div { dt { (lang.pick("单位", "Node")) } dd { (name) " " (invited.token.region) } }
            div { dt { (lang.pick("连接地址", "Connects to")) } dd { (address) } }
            div { dt { (lang.pick("有效期至", "Good until")) } dd { (invited.expires_at) } }
        }
        h2 { (lang.pick("加入码", "Token")) }
        p { code { (text) } }
        (qr(&text, lang.pick("加入码的二维码", "QR code of the token")))
        p { (lang.pick("在该单位的机器上运行：", "On its machine run: ")) code { "tongpin-node join @token.txt" }
            (lang.pick("（token.txt 里放上面的加入码）", " (with the token in token.txt)")) }
        p.noprint { a href="/nodes" { (lang.pick("返回节点列表", "Back to the nodes")) } }
    };
    let title = format!("{} {name}", lang.pick("邀请", "Invitation for"));
    Ok(Page::new(&web, &visitor, &title).show(&body))
}

/// Shuts a region out.
pub(super) async fn revoke(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
    Path(region): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::System]).await?;
    let lang = visitor.lang;
    let reason = typed.text("reason");
    let told = match RegionCode::new(&region) {
        Err(_) => return Ok(back("/nodes")),
        Ok(_) if reason.is_empty() || !typed.checked("sure") => {
            notice(Tone::Bad, lang.pick("请填写原因并勾选“确认”", "give a reason and check that you are sure"))
        }
        Ok(code) => {
            let entry = visitor.draft(&web, &signed.account.name, "node_revoke", &region, reason);
            let step = admin::revoke(&office.site, &code, reason);
            match office.store().audited_as(&entry, step, |done| Some(done.is_ok())).await {
                Ok(_) => {
                    let said = lang.pick("已吊销，连接随即断开", "revoked; the link ends at once");
                    return Ok(visitor.done(&web, "/nodes", said));
                }
                Err(error) => notice(Tone::Bad, &Failure::from(error).say(lang)),
            }
        }
    };
    show(&web, &office, &visitor, &signed, Form::default(), &told, &Asked::default()).await
}
