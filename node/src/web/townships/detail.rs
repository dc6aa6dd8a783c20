//! One township: how it stands, what it sent month by month, what was set aside and why, and cutting it off.

use std::collections::BTreeSet;

use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::disk::shown_bytes;
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{Page, Posted, Signed, Tone, Visitor, Web, notice, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::month::Month;
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, Project};
use tongpin_domain::region::RegionCode;
use tongpin_link::admin;
use tongpin_store::RECORDS;

use super::super::{fact, failed, refused};
use super::{READERS, Township, townships, voice};
use crate::command::nodes;
use crate::failure::Failure;
use crate::guidance::{self, RuleBook};
use crate::observations::{self, Kept, Matrix};
use crate::office::Office;
use crate::records::{self, Aside};

/// The page.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    visitor: Visitor,
    signed: Signed,
    Path(region): Path<String>,
    asked: Asked,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &READERS).await?;
    show(&web, &office, &visitor, &signed, &region, &asked, &html! {}, StatusCode::OK).await
}

/// Everything that the page tells.
struct Told {
    township: Township,
    /// How far its records were taken in.
    position: u64,
    projects: Vec<Project>,
    kept: Vec<Kept>,
    aside: Vec<Aside>,
    left_behind: usize,
    book: RuleBook,
}

/// Gathers it. `None` if there is no such township.
async fn gather(office: &Office, region: &RegionCode) -> Result<Option<Told>, Failure> {
    let store = office.store();
    let regions = guidance::regions(store).await?;
    let found = townships(office, &regions).await?.into_iter().find(|it| it.line.region == *region);
    let Some(township) = found else { return Ok(None) };
    let held = records::load(store).await?;
    let projects = held.projects.into_iter().filter(|it| it.author == *region).map(|it| it.project).collect();
    let (kept, unreadable) = observations::of_author(store, region).await?;
    let aside = held.aside.into_iter().filter(|it| it.author == *region).chain(unreadable).collect();
    Ok(Some(Told {
        left_behind: township.line.left_behind,
        township,
        position: store.position(region, RECORDS).await?.map_or(0, |position| position.seq),
        projects,
        kept,
        aside,
        book: RuleBook::load(store).await?,
    }))
}

#[expect(clippy::too_many_arguments, reason = "what every page is made from, and what this one adds")]
async fn show(
    web: &Web,
    office: &Office,
    visitor: &Visitor,
    signed: &Signed,
    region: &str,
    asked: &Asked,
    notice: &Markup,
    status: StatusCode,
) -> Result<Response, Response> {
    let lang = visitor.lang;
    let told = match RegionCode::new(region) {
        Ok(code) => gather(office, &code).await.map_err(|failure| failed(web, visitor, &failure))?,
        Err(_) => None,
    };
    let Some(told) = told else {
        let title = lang.pick("没有此乡镇", "No such township");
        let zh = format!("{region} 不是本级邀请过的乡镇；可在“乡镇”中查看全部");
        let en = format!("{region} is no township that was invited; see Townships");
        return Err(refused(web, visitor, title, lang.pick(&zh, &en), StatusCode::NOT_FOUND));
    };
    let body = html! {
        (notice)
        (state(&told, lang))
        (received(&told, lang))
        (months(&told, asked, web, lang))
        (set_aside(&told, lang))
        @if signed.may(&[Duty::System]) { (admission(&told, signed, lang)) }
        p.noprint { a href="/townships" { (lang.pick("返回乡镇列表", "Back to the townships")) } }
    };
    let line = &told.township.line;
    let mut response = Page::new(web, visitor, &format!("{} {}", line.name, line.region)).show(&body);
    *response.status_mut() = status;
    Ok(response)
}

fn state(told: &Told, lang: Lang) -> Markup {
    let line = &told.township.line;
    let dash = || "—".to_owned();
    html! {
        dl {
            div class=(super::tone(line)) { dt { (lang.pick("状态", "State")) } dd { (nodes::standing(line, voice(lang))) } }
            (fact(lang.pick("最近联系", "Last contact"), line.last_contact.map_or_else(dash, |at| at.to_string())))
            (fact(lang.pick("证书到期", "Certificate ends"), line.certificate_ends.map_or_else(dash, |at| at.to_string())))
            (fact(lang.pick("时钟差（秒）", "Clock (s)"), line.clock_offset_ms.map_or_else(dash, |ms| (ms / 1000).to_string())))
            (fact(lang.pick("磁盘剩余", "Disk free"), line.disk_free.map_or_else(dash, shown_bytes)))
            (fact(lang.pick("目录", "Catalogs"), nodes::lacks(line, voice(lang))))
            (fact(lang.pick("软件", "Software"), if line.software.is_empty() { "—" } else { &line.software }))
        }
    }
}

/// Its records by kind, and when it last reported.
fn received(told: &Told, lang: Lang) -> Markup {
    let names = [
        (PROJECT, lang.pick("项目", "projects")),
        (PROJECT_INDICATOR, lang.pick("项目绩效指标", "indicator lines")),
        (OBSERVATION, lang.pick("按月填报", "monthly reports")),
    ];
    let name = |kind: &str| {
        names.iter().find(|(known, _)| *known == kind).map_or_else(|| kind.to_owned(), |(_, name)| (*name).to_owned())
    };
    let newest = told.kept.iter().map(|it| it.observation.changed_at).max();
    html! {
        h2 { (lang.pick("收到的数据", "What was received")) }
        @if told.township.counts.is_empty() {
            p.empty { (lang.pick("还没有收到数据；对方登记项目后自动送来", "nothing yet; it comes by itself")) }
        } @else {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("类别", "kind")) }
                    th.number scope="col" { (lang.pick("条数", "records")) }
                    th.number scope="col" { (lang.pick("待处理", "set aside")) }
                } }
                tbody { @for (kind, (sound, aside)) in &told.township.counts { tr {
                    th scope="row" { (name(kind)) }
                    td.number { (sound) }
                    td.number { (aside) }
                } } }
            } }
        }
        p.hint {
            (lang.pick(&format!("已收到其第 {} 条变更。", told.position), &format!("Change {} of it has been taken in. ", told.position)))
            @if let Some(newest) = newest { (lang.pick("最近一次填报：", "Last reported: ")) (newest) }
        }
        @if told.left_behind > 0 {
            @let zh = format!("对方的数据库是从旧备份恢复的，有 {} 条记录它自己已没有，本级仍保留；请与其核对", told.left_behind);
            @let en = format!("it was restored from an older copy and lacks {} records that are kept here", told.left_behind);
            (notice(Tone::Warn, lang.pick(&zh, &en)))
        }
    }
}

/// The months of a year, of every project.
fn months(told: &Told, asked: &Asked, web: &Web, lang: Lang) -> Markup {
    let years: BTreeSet<i32> = told.projects.iter().map(|project| project.fiscal_year).collect();
    let now = Month::of(web.now());
    let usual = years.range(..=now.year()).next_back().or(years.first()).copied();
    let Some(year) = asked.text("year").parse().ok().filter(|year| years.contains(year)).or(usual) else {
        return html! {};
    };
    let matrix = Matrix::new(year, &told.projects, &told.kept, &told.book, web.now(), None);
    let overdue = matrix.overdue();
    html! {
        h2 { (lang.pick(&format!("{year} 年各月填报"), &format!("Months of {year}"))) }
        @if years.len() > 1 {
            p { @for other in &years { a href=(format!("?year={other}")) aria-current=[(*other == year).then_some("true")] { (other) } " " } }
        }
        @if overdue > 0 {
            @let zh = format!("有 {overdue} 项（项目 × 月份）逾期未报；请提醒该乡镇补报");
            @let en = format!("{overdue} reports (projects × months) are overdue; remind the township");
            (notice(Tone::Warn, lang.pick(&zh, &en)))
        }
        (matrix.draw(|_, _| None, lang))
    }
}

fn set_aside(told: &Told, lang: Lang) -> Markup {
    html! {
        @if !told.aside.is_empty() {
            h2 { (lang.pick("未计入的记录", "Records set aside")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("键", "key")) }
                    th scope="col" { (lang.pick("类别", "kind")) }
                    th scope="col" { (lang.pick("原因", "reason")) }
                } }
                tbody { @for aside in &told.aside { tr {
                    th scope="row" { (aside.key) }
                    td { (aside.kind) }
                    td { (aside.reason) }
                } } }
            } }
            p.hint { (lang.pick("其余记录不受影响；请通知该乡镇更正，更正后自动重新送来。",
                "Everything else goes on; ask the township to correct them, and they come again by themselves.")) }
        }
    }
}

/// Cutting it off, or letting it in again.
fn admission(told: &Told, signed: &Signed, lang: Lang) -> Markup {
    let line = &told.township.line;
    html! {
        h2 id="admission" { (lang.pick("接入管理", "Admission")) }
        p { a.button href=(format!("/townships?region={}#invite", line.region)) {
            @if line.status == "revoked" { (lang.pick("重新邀请", "Invite it again")) }
            @else { (lang.pick("再发一个加入码", "Make another token")) }
        } }
        @if line.status == "active" {
            form.card method="post" action=(format!("/townships/{}/revoke", line.region)) {
                (token(signed))
                p { (lang.pick("吊销后立即断开，双方数据不受影响；要恢复，重新邀请即可。",
                    "It is cut off at once, no data is touched; a new invitation lets it back in.")) }
                div.field {
                    label for="reason" { (lang.pick("原因", "Reason")) }
                    input id="reason" name="reason" required autocomplete="off";
                }
                div.check {
                    input type="checkbox" id="sure" name="sure" value="1" required;
                    label for="sure" { (lang.pick("确认", "I am sure")) }
                }
                button.danger { (lang.pick("吊销", "Revoke")) }
            }
        }
    }
}

/// Shuts a township out.
pub(super) async fn revoke(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    visitor: Visitor,
    signed: Signed,
    Path(region): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::System]).await?;
    let lang = visitor.lang;
    let reason = typed.text("reason");
    let (told, status) = match RegionCode::new(&region) {
        Ok(_) if reason.is_empty() || !typed.checked("sure") => {
            let told =
                lang.pick("没有吊销：请填写原因并勾选“确认”", "not done: give a reason and check that you are sure");
            (notice(Tone::Bad, told), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Ok(code) => {
            let entry = visitor.draft(&web, &signed.account.name, "node_revoke", &region, reason);
            let step = admin::revoke(&office.site, &code, reason);
            match office.store().audited_as(&entry, step, |done| Some(done.is_ok())).await {
                Ok(_) => (
                    notice(Tone::Good, lang.pick("已吊销，连接随即断开", "revoked; the link ends at once")),
                    StatusCode::OK,
                ),
                Err(error) => (notice(Tone::Bad, &error.say(lang)), StatusCode::UNPROCESSABLE_ENTITY),
            }
        }
        Err(_) => (html! {}, StatusCode::NOT_FOUND),
    };
    show(&web, &office, &visitor, &signed, &region, &Asked::default(), &told, status).await
}
