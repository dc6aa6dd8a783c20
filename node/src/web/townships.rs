//! 乡镇: the county's page about its townships: links, certificates, what they sent and what is late; the system
//! administrator invites them, cuts them off and lets them in again.

mod detail;
mod invite;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get as reading, post};
use maud::{Markup, html};
use tongpin_console::disk::shown_bytes;
use tongpin_console::duty::Duty;
use tongpin_console::output::Output;
use tongpin_console::web::list::{Asked, Cell, Column, Listing};
use tongpin_console::web::{Page, Signed, Visitor, Web};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::month::Month;
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project::PROJECT;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::search::Texts;

use super::failed;
use crate::command::nodes;
use crate::failure::Failure;
use crate::guidance;
use crate::observations::month_name;
use crate::office::Office;
use crate::summary::{self, ChildLine};

/// Who sees the townships.
pub(super) const READERS: [Duty; 4] = [Duty::System, Duty::Enter, Duty::Approve, Duty::Read];

const COLUMNS: [Column; 11] = [
    Column { key: "name", zh: "乡镇", en: "township", number: false, sorts: false, shown: true },
    Column { key: "region", zh: "区划", en: "region", number: false, sorts: false, shown: true },
    Column { key: "state", zh: "状态", en: "state", number: false, sorts: false, shown: true },
    Column { key: "contact", zh: "最近联系", en: "last contact", number: false, sorts: false, shown: true },
    Column { key: "projects", zh: "项目", en: "projects", number: true, sorts: false, shown: true },
    Column { key: "month", zh: "上月填报", en: "last month", number: false, sorts: false, shown: true },
    Column { key: "aside", zh: "待处理", en: "set aside", number: true, sorts: false, shown: true },
    Column { key: "catalogs", zh: "目录", en: "catalogs", number: false, sorts: false, shown: true },
    Column { key: "ends", zh: "证书到期", en: "certificate ends", number: false, sorts: false, shown: true },
    Column { key: "clock", zh: "时钟差（秒）", en: "clock (s)", number: true, sorts: false, shown: false },
    Column { key: "disk", zh: "磁盘剩余", en: "disk free", number: false, sorts: false, shown: false },
];

/// The pages about townships.
pub(super) fn pages() -> Router<Web> {
    Router::new()
        .route("/townships", reading(get))
        .route("/townships/invite", post(invite::post))
        .route("/townships/{region}", reading(detail::get))
        .route("/townships/{region}/revoke", post(detail::revoke))
}

/// A township with what it sent.
struct Township {
    line: ChildLine,
    /// Records by kind: sound ones, and those set aside.
    counts: BTreeMap<String, (u64, u64)>,
    /// How many projects of the last month's year it has, and how many of them it reported.
    due: (u64, u64),
}

impl Township {
    fn count(&self, kind: &str) -> u64 {
        self.counts.get(kind).map_or(0, |(sound, _)| *sound)
    }

    fn aside(&self) -> u64 {
        self.counts.values().map(|(_, aside)| aside).sum()
    }
}

/// The month whose report is due next or was due last: the one before the present.
fn last_month(now: Moment) -> Month {
    Month::of(now).previous()
}

async fn townships(office: &Office, regions: &Regions) -> Result<Vec<Township>, Failure> {
    let store = office.store();
    let month = last_month(office.site.now());
    let mut counts: BTreeMap<RegionCode, BTreeMap<String, (u64, u64)>> = BTreeMap::new();
    for count in store.record_counts().await? {
        counts.entry(count.author).or_default().insert(count.kind, (count.sound, count.aside));
    }
    let reported: BTreeMap<RegionCode, u64> =
        store.records_ending(OBSERVATION, &format!("/{month}")).await?.into_iter().collect();
    let mut found = Vec::new();
    for line in summary::children(office, regions).await? {
        let counts = counts.remove(&line.region).unwrap_or_default();
        let projects = store.records(PROJECT, Some(&line.region)).await?;
        let year = |body: &str| serde_json::from_str::<Dated>(body).is_ok_and(|it| it.fiscal_year == month.year());
        let due = projects.iter().filter(|record| year(&record.body)).count() as u64;
        let due = (due, reported.get(&line.region).copied().unwrap_or(0));
        found.push(Township { line, counts, due });
    }
    Ok(found)
}

/// The one thing about a project that the list needs.
#[derive(serde::Deserialize)]
struct Dated {
    fiscal_year: i32,
}

/// The page, or the file that its list is exported to.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    visitor: Visitor,
    signed: Signed,
    asked: Asked,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &READERS).await?;
    let form = invite::Form::asked(asked.text("region"));
    show(&web, &office, &visitor, &signed, &asked, &form).await
}

/// The page with a form as it was filled in.
async fn show(
    web: &Web,
    office: &Office,
    visitor: &Visitor,
    signed: &Signed,
    asked: &Asked,
    form: &invite::Form,
) -> Result<Response, Response> {
    let lang = visitor.lang;
    let broken = |failure: Failure| failed(web, visitor, &failure);
    let regions = guidance::regions(office.store()).await.map_err(|error| visitor.failed(error))?;
    let all = townships(office, &regions).await.map_err(broken)?;
    let texts = Texts::new(all.iter().map(|it| (it.line.name.as_str(), it.line.region.to_string())));
    let found: Vec<&Township> = texts.find(asked.text("q")).into_iter().filter_map(|at| all.get(at)).collect();
    let (first, most) = asked.window();
    let at = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let now = web.now();
    let rows: Vec<Vec<Cell>> =
        found.iter().skip(at(first)).take(at(most)).map(|township| row(township, now, lang)).collect();
    let listing = Listing {
        title: lang.pick("乡镇", "Townships"),
        columns: &COLUMNS,
        rows: &rows,
        total: found.len() as u64,
        empty: if all.is_empty() {
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
        form.search method="get" role="search" {
            (asked.hidden(&["q", "region"]))
            label { (lang.pick("包含", "Contains")) " " input name="q" value=(asked.text("q")); }
            button { (lang.pick("查询", "Search")) }
        }
        (listing.draw(asked, lang))
        p.hint {
            (lang.pick("“上月填报”指 ", "Last month is ")) (month_name(month, lang))
            (lang.pick(&format!("，{} 前应报齐。", month.late_from()), &format!(", due before {}.", month.late_from())))
        }
        @if signed.may(&[Duty::System]) { (form.draw(office, &regions, signed, lang)) }
    };
    let mut response = Page::new(web, visitor, lang.pick("乡镇", "Townships")).show(&body);
    if form.is_wrong() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The words of the commands of the same names are used here as well.
fn voice(lang: Lang) -> Output {
    Output { json: false, lang, terminal: false }
}

fn row(township: &Township, now: Moment, lang: Lang) -> Vec<Cell> {
    let line = &township.line;
    let dash = || Cell::from("—");
    let (due, reported) = township.due;
    let month = format!("{reported} / {due}");
    let late = reported < due && now >= last_month(now).late_from();
    let month = match (due, late) {
        (0, _) => dash(),
        (_, true) => marked("bad", format!("{month} {}", lang.pick("逾期", "overdue"))),
        (_, false) if reported < due => marked("warn", month),
        _ => marked("good", month),
    };
    let aside = township.aside();
    vec![
        Cell::link(line.name.clone(), &format!("/townships/{}", line.region)),
        line.region.to_string().into(),
        marked(tone(line), nodes::standing(line, voice(lang))),
        line.last_contact.map_or_else(dash, |at| at.to_string().into()),
        township.count(PROJECT).to_string().into(),
        month,
        if aside == 0 { "0".into() } else { marked("warn", aside.to_string()) },
        nodes::lacks(line, voice(lang)).into(),
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
