//! One township: how it stands, what it sent month by month, what was set aside and why, and cutting it off.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::disk::shown_bytes;
use tongpin_console::duty::Duty;
use tongpin_console::page;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Reasoned, Signed, Tone, notice};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_domain::project_form::{GOAL, SELF_EVALUATION};
use tongpin_domain::region::RegionCode;
use tongpin_domain::thousands::marked;
use tongpin_link::downlink::quotas_told;
use tongpin_store::{Difference, RECORDS, Witness};

use super::months::Months;
use super::{READERS, apart};
use crate::app::App;
use crate::app::statistics::Read;
use crate::failure::Failure;
use crate::guidance;
use crate::ops::summary::{self, ChildLine};
use crate::ops::townships;
use crate::records::SetAside;
use crate::web::parts::{Context, WORK, fact};

/// Records set aside that are named; the rest is counted.
const NAMED: usize = 200;

/// The page.
pub(super) async fn get(cx: Context, Path(region): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(&READERS).await?;
    show(&cx, &region, &asked, &html! {}, StatusCode::OK).await
}

/// Everything that the page tells.
struct Detail {
    line: ChildLine,
    /// How far its records were taken in.
    position: u64,
    /// Its records by kind, as [`crate::app::statistics`] counted them last, and those set aside.
    read: Arc<Read>,
    months: Option<Months>,
    /// Its records of which it holds another state.
    apart: Vec<Difference>,
    /// What is held of its audit log.
    witness: Option<Witness>,
    /// What it used of its quotas, in words.
    quotas: String,
}

/// Gathers it. `None` if there is no such township.
async fn gather(
    app: &App,
    region: &RegionCode,
    asked: &Asked,
    signed: &Signed,
    lang: Lang,
) -> Result<Option<Detail>, Failure> {
    let (store, now) = (app.store(), app.site.now());
    let regions = guidance::regions(store).await?;
    let line = summary::children(app, &regions).await?.into_iter().find(|line| line.region == *region);
    let Some(line) = line else { return Ok(None) };
    Ok(Some(Detail {
        apart: store.differences(region).await?,
        quotas: quotas_told(&store.quotas(region).await?, now, lang),
        line,
        position: store.position(region, RECORDS).await?.map_or(0, |position| position.seq),
        read: app.statistics.read(store).await?,
        months: Months::read(app, region, asked, signed.may(WORK)).await?,
        witness: store.witness(region).await?,
    }))
}

pub(super) async fn show(
    cx: &Context,
    region: &str,
    asked: &Asked,
    notice: &Markup,
    status: StatusCode,
) -> Result<Response, PageError> {
    let lang = cx.lang();
    let told = match RegionCode::new(region) {
        Ok(code) => gather(&cx.app, &code, asked, &cx.signed, lang).await?,
        Err(_) => None,
    };
    let Some(told) = told else {
        let title = lang.pick("没有此乡镇", "No such township");
        let zh = format!("{region} 不是本级邀请过的乡镇；可在“乡镇”中查看全部");
        let en = format!("{region} is no township that was invited; see Townships");
        return Err(cx.refused(title, lang.pick(&zh, &en), StatusCode::NOT_FOUND).into());
    };
    let line = &told.line;
    if let Some(months) = &told.months
        && let Some(file) = months.exported(&line.name, asked, lang)
    {
        let detail = format!("{} 个项目的各月填报", months.total);
        cx.audit("project_export", region, &detail, true).await?;
        return Ok(file);
    }
    let body = html! {
        (notice)
        (state(&told, lang))
        (received(&told, lang))
        @if let Some(months) = &told.months { (months.draw(asked, lang)) }
        (apart::all(&told.apart, line, &cx.signed, lang))
        (set_aside(&told, lang))
        @if cx.may(&[Duty::System]) { (admission(&told, &cx.signed, lang)) }
        p.noprint { a href="/townships" { (lang.pick("返回乡镇列表", "Back to the townships")) } }
    };
    Ok(cx.page(&format!("{} {}", line.name, line.region)).status(status).show(&body))
}

fn state(told: &Detail, lang: Lang) -> Markup {
    let line = &told.line;
    let dash = || "—".to_owned();
    let witness = page::witness(told.witness.as_ref(), lang);
    html! {
        dl {
            div class=(super::tone(line)) { dt { (lang.pick("状态", "State")) } dd { (line.standing(lang)) } }
            (fact(lang.pick("最近联系", "Last contact"), line.last_contact.map_or_else(dash, |at| at.to_string())))
            (fact(lang.pick("证书到期", "Certificate ends"), line.certificate_ends.map_or_else(dash, |at| at.to_string())))
            (fact(lang.pick("时钟差（秒）", "Clock (s)"), line.clock_offset_ms.map_or_else(dash, |ms| (ms / 1000).to_string())))
            (fact(lang.pick("磁盘剩余", "Disk free"), line.disk_free.map_or_else(dash, shown_bytes)))
            (fact(lang.pick("目录", "Catalogs"), line.lacks(lang)))
            div class=(witness.state.class()) {
                dt { (witness.label) }
                dd { (witness.value) @if !witness.hint.is_empty() { p.hint { (witness.hint) } } }
            }
            (fact(lang.pick("今日用量", "Used today"), &told.quotas))
            (fact(lang.pick("软件", "Software"), if line.software.is_empty() { "—" } else { &line.software }))
        }
    }
}

/// Its records by kind, and when it last reported.
fn received(told: &Detail, lang: Lang) -> Markup {
    let names = [
        (PROJECT, lang.pick("项目", "projects")),
        (PROJECT_INDICATOR, lang.pick("项目绩效指标", "indicator lines")),
        (OBSERVATION, lang.pick("按月填报", "monthly reports")),
        (GOAL, lang.pick("绩效目标", "goals")),
        (SELF_EVALUATION, lang.pick("绩效自评", "self-evaluations")),
    ];
    let name = |kind: &str| {
        names.iter().find(|(known, _)| *known == kind).map_or_else(|| kind.to_owned(), |(_, name)| (*name).to_owned())
    };
    let region = &told.line.region;
    // What cannot be read is set aside here, while the database counts it as sound: the list counts the same.
    let aside = |kind: &str| told.read.set_aside().filter(|it| it.author == *region && it.kind == kind).count() as u64;
    let counts = told.read.received().get(region);
    html! {
        h2 { (lang.pick("收到的数据", "What was received")) }
        @if let Some(counts) = counts {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("类别", "kind")) }
                    th.number scope="col" { (lang.pick("条数", "records")) }
                    th.number scope="col" { (lang.pick("待处理", "set aside")) }
                } }
                tbody { @for (kind, count) in counts {
                    @let aside = aside(kind);
                    tr {
                        th scope="row" { (name(kind)) }
                        td.number { (marked(&(count.sound + count.aside).saturating_sub(aside).to_string())) }
                        td.number { (marked(&aside.to_string())) }
                    }
                } }
            } }
            p.hint { (lang.pick("条数在变更后几秒内更新。", "Counted a few seconds after a change.")) }
        } @else if told.position > 0 {
            p.empty { (lang.pick("正在统计，几秒内显示", "being counted; it shows in a few seconds")) }
        } @else {
            p.empty { (lang.pick("还没有收到数据；对方登记项目后自动送来", "nothing yet; it comes by itself")) }
        }
        p.hint {
            (lang.pick(&format!("已收到其第 {} 条变更。", told.position), &format!("Change {} of it has been taken in. ", told.position)))
            @if let Some(at) = told.months.as_ref().and_then(|months| months.reported_at) { (lang.pick("最近一次填报：", "Last reported: ")) (at) }
        }
    }
}

fn set_aside(told: &Detail, lang: Lang) -> Markup {
    let own = |aside: &&SetAside| aside.author == told.line.region;
    let all: Vec<&SetAside> = told.read.set_aside().filter(own).collect();
    html! {
        @if !all.is_empty() {
            h2 { (lang.pick("未计入的记录", "Records set aside")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("键", "key")) }
                    th scope="col" { (lang.pick("类别", "kind")) }
                    th scope="col" { (lang.pick("原因", "reason")) }
                } }
                tbody { @for aside in all.iter().take(NAMED) { tr {
                    th scope="row" { (aside.key) }
                    td { (aside.kind) }
                    td { (aside.reason) }
                } } }
            } }
            @if all.len() > NAMED { p { "… " (all.len() - NAMED) } }
            p.hint { (lang.pick("其余记录不受影响；请通知该乡镇更正，更正后自动重新送来。",
                "Everything else goes on; ask the township to correct them, and they come again by themselves.")) }
        }
    }
}

/// Cutting it off, or letting it in again.
fn admission(told: &Detail, signed: &Signed, lang: Lang) -> Markup {
    let line = &told.line;
    html! {
        h2 id="admission" { (lang.pick("接入管理", "Admission")) }
        p { a.button href=(format!("/townships?region={}#invite", line.region)) {
            @if line.status == "revoked" { (lang.pick("重新邀请", "Invite it again")) }
            @else { (lang.pick("再发一个加入码", "Make another token")) }
        } }
        @if line.status == "active" {
            (Reasoned::revoking(&format!("/townships/{}/revoke", line.region), "", lang).draw(signed, lang))
        }
    }
}

/// Shuts a township out.
pub(super) async fn revoke(
    cx: Context,
    Path(region): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::System]).await?;
    let lang = cx.lang();
    let action = format!("/townships/{region}/revoke");
    if let Some(page) = cx.lacking(&Reasoned::revoking(&action, "", lang), &typed) {
        return Ok(page);
    }
    let reason = typed.text("reason");
    let (told, status) = match RegionCode::new(&region) {
        Ok(code) => {
            match townships::revoke(&cx.app, &code, reason, &cx.audit_entry("node_revoke", &region, "")).await {
                Ok(_) => {
                    let said = lang.pick("已吊销，连接随即断开", "revoked; the link ends at once");
                    return Ok(cx.done(&format!("/townships/{region}"), said));
                }
                Err(error) => {
                    let failure = Failure::from(error);
                    (notice(Tone::Bad, &failure.say(lang)), failure.status())
                }
            }
        }
        Err(_) => (html! {}, StatusCode::NOT_FOUND),
    };
    show(&cx, &region, &Asked::at(format!("/townships/{region}")), &told, status).await
}
