//! 归集: every collection at a glance; and one of them: who has reported, each revision, giving one back, the roll-up.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Page, Posted, Signed, Tone, Visitor, Web, notice, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_link::report;

use super::{WORK, failed, person, sure};
use crate::command::collect::list;
use crate::command::collect::show::{self, Shown};
use crate::command::rollup;
use crate::failure::Failure;
use crate::office::Office;

/// The list.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &WORK).await?;
    let lang = visitor.lang;
    let rows = list::rows(&office).await.map_err(|failure| failed(&web, &visitor, &failure))?;
    let body = html! {
        @if rows.is_empty() {
            p.empty { (lang.pick("还没有归集任务。用命令 tongpin-hub collect open 开放一个。",
                "There is none yet: the command tongpin-hub collect open makes one.")) }
        } @else {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("名称", "title")) }
                    th scope="col" { (lang.pick("期间", "period")) }
                    th scope="col" { (lang.pick("截止", "due")) }
                    th scope="col" { (lang.pick("状态", "state")) }
                    th scope="col" { (lang.pick("已报", "reported")) }
                    th scope="col" { (lang.pick("未报单位", "missing")) }
                } }
                tbody { @for row in &rows { tr {
                    th scope="row" { a href=(format!("/collections/{}", row.id)) { (row.title) } }
                    td { (row.period) }
                    td.when { (row.due) }
                    td { (row.state(lang)) }
                    td { (row.progress()) }
                    td { (row.missing(lang)) }
                } } }
            } }
        }
    };
    Ok(Page::new(&web, &visitor, lang.pick("归集与汇总", "Collections")).show(&body))
}

/// One collection.
pub(super) async fn one(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &WORK).await?;
    show_one(&web, &office, &visitor, &signed, &id, &html! {}, StatusCode::OK).await
}

async fn show_one(
    web: &Web,
    office: &Office,
    visitor: &Visitor,
    signed: &Signed,
    id: &str,
    told: &Markup,
    status: StatusCode,
) -> Result<Response, Response> {
    let lang = visitor.lang;
    let shown = show::gather(office, id).await.map_err(|failure| failed(web, visitor, &failure))?;
    let figures = figures(office, id, lang).await;
    let body = html! {
        (told)
        p { (shown.collection.say(lang)) }
        p { (shown.state(lang)) }
        (table(&Shown::headers(lang), &shown.rows(lang)))
        @if signed.may(&[Duty::Approve]) { (give_back_form(&shown, id, lang, signed)) }
        h2 { (lang.pick("汇总", "Roll-up")) }
        (figures)
        p { a href="/collections" { (lang.pick("返回归集列表", "Back to the collections")) } }
    };
    let mut response = Page::new(web, visitor, &shown.collection.title).show(&body);
    *response.status_mut() = status;
    Ok(response)
}

/// The roll-up with its method and coverage, or why there is none.
async fn figures(office: &Office, id: &str, lang: Lang) -> Markup {
    match rollup::rolled_up(office, id).await {
        Ok(rolled_up) => {
            let (headers, rows) = rolled_up.rows(lang);
            html! {
                @for line in rolled_up.head(lang).iter().skip(1) { p { (line) } }
                @if rows.is_empty() { p.empty { (lang.pick("还没有可汇总的上报。", "Nothing to roll up yet.")) } }
                @else { (table(&headers, &rows)) }
            }
        }
        Err(failure) => notice(Tone::Warn, &failure.say(lang)),
    }
}

fn table(headers: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        div.wide { table {
            thead { tr { @for header in headers { th scope="col" { (header) } } } }
            tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
        } }
    }
}

fn give_back_form(shown: &Shown, id: &str, lang: Lang, signed: &Signed) -> Markup {
    let latest: Vec<(String, String)> = shown.latest(lang);
    html! {
        @if !latest.is_empty() {
            h2 { (lang.pick("退回上报", "Give a report back")) }
            form.card method="post" action=(format!("/collections/{id}/return")) {
                (token(signed))
                div.field {
                    label for="report" { (lang.pick("哪份上报", "Which report")) }
                    select id="report" name="report" {
                        @for (value, said) in &latest { option value=(value) { (said) } }
                    }
                }
                div.field {
                    label for="reason" { (lang.pick("退回原因", "Reason")) }
                    input id="reason" name="reason" required autocomplete="off" aria-describedby="reason-hint";
                    p.hint id="reason-hint" { (lang.pick("对方会看到这些话，并据此更正后重新上报", "the county reads this and corrects its report")) }
                }
                (sure(lang, "sure-return"))
                button.danger { (lang.pick("退回", "Give back")) }
            }
        }
    }
}

/// Gives a report back with a reason, in a signed receipt.
pub(super) async fn give_back(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
    Path(id): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::Approve]).await?;
    let lang = visitor.lang;
    let reason = typed.text("reason");
    let chosen = typed.raw("report").split_once('/');
    let chosen = chosen.and_then(|(region, number)| Some((RegionCode::new(region).ok()?, number.parse::<u64>().ok()?)));
    let refuse = async |said: &str| {
        let told = notice(Tone::Bad, said);
        show_one(&web, &office, &visitor, &signed, &id, &told, StatusCode::UNPROCESSABLE_ENTITY).await
    };
    let (Some((region, revision)), false, true) = (chosen, reason.is_empty(), typed.checked("sure")) else {
        return refuse(lang.pick("请选择上报、写明原因并勾选“确认”", "choose a report, give a reason, and be sure"))
            .await;
    };
    let reasons = [reason.to_owned()];
    let given = report::give_back(&office.site, &id, &region, revision, &reasons, &person(&signed)).await;
    let done = matches!(&given, Ok(Some(_)));
    let subject = format!("{id} {region} 第 {revision} 次");
    visitor.audit(&web, &signed.account.name, "report_return", &subject, reason, done).await?;
    match given {
        Ok(Some(_)) => {
            let said = lang.pick("已退回，不再计入汇总；对方更正后会重新上报", "given back, and no longer counted");
            let told = notice(Tone::Good, said);
            show_one(&web, &office, &visitor, &signed, &id, &told, StatusCode::OK).await
        }
        Ok(None) => refuse(lang.pick("没有收到过这份上报", "there is no such report")).await,
        Err(error) => refuse(&Failure::from(error).say(lang)).await,
    }
}
