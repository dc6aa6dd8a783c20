//! One collection: what it asks, where every county stands with it, giving a report back, and the roll-up.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Reasoned, Signed, Tone, notice};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;

use super::super::Context;
use super::super::WORK;
use super::decide;
use crate::ops::collections::give_back::give_back as returning;
use crate::ops::collections::status::{self as standing, CollectionStatus};
use crate::ops::rollup;

/// A collection's page and who reads it.
pub(super) struct View {
    pub(super) cx: Context,
    pub(super) id: String,
    /// Which counties are shown.
    pub(super) asked: Asked,
}

/// The page.
pub(in crate::web) async fn get(cx: Context, Path(id): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let view = View { asked, ..View::of(cx, id) };
    view.show(&html! {}, StatusCode::OK).await
}

impl View {
    /// The whole page.
    pub(super) fn of(cx: Context, id: String) -> Self {
        let asked = Asked::at(format!("/collections/{id}"));
        Self { cx, id, asked }
    }

    pub(super) fn lang(&self) -> Lang {
        self.cx.lang()
    }

    /// The page, with a notice above.
    pub(super) async fn show(&self, above: &Markup, status: StatusCode) -> Result<Response, PageError> {
        let lang = self.lang();
        let shown = standing::gather(&self.cx.app, &self.id).await?;
        let units = self.units(&shown).await?;
        let figures = self.figures().await;
        let body = html! {
            (above)
            p { (shown.collection.say(lang)) }
            @if !shown.collection.method.is_empty() {
                p { (lang.pick("汇总方法：", "Method: ")) (shown.collection.method) }
            }
            p { (shown.state(lang)) }
            p { (lang.pick("接收方式：", "Accepting: ")) (shown.collection.accepting.say(lang)) }
            (units)
            @if self.cx.may(&[Duty::Approve]) { (give_back_form(&shown, &self.id, lang, &self.cx.signed)) }
            (decide::form(&shown, self))
            h2 { (lang.pick("汇总", "Roll-up")) }
            (figures)
            p { a href=(format!("/analysis/{}", self.id)) { (lang.pick("汇总分析：排名、分布、各维度、与上年比较",
                "Analysis: ranking, spread, dimensions, the year before")) } }
            p { a href="/collections" { (lang.pick("返回归集列表", "Back to the collections")) } }
        };
        Ok(self.cx.page(&shown.collection.title).status(status).show(&body))
    }

    /// The roll-up with its method and coverage, or why there is none.
    async fn figures(&self) -> Markup {
        let lang = self.lang();
        match rollup::rolled_up(&self.cx.app, &self.id).await {
            Ok(rolled_up) => {
                let (headers, rows) = rolled_up.rows(lang);
                html! {
                    @for line in rolled_up.head(lang).iter().skip(1) { p { (line) } }
                    @if rows.is_empty() { p.empty { (lang.pick("还没有可汇总的上报。", "Nothing to roll up yet.")) } }
                    @else { (table(&headers, &rows)) }
                }
            }
            Err(failure) => notice(Tone::Warn, &failure.on_page(lang)),
        }
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

fn give_back_form(shown: &CollectionStatus, id: &str, lang: Lang, signed: &Signed) -> Markup {
    let latest: Vec<(String, String)> = shown.latest(lang);
    html! {
        @if !latest.is_empty() {
            h2 { (lang.pick("退回上报", "Give a report back")) }
            (back_form(&latest, id, lang, signed))
        }
    }
}

/// The form by which a report is given back; `latest` are those that can be.
pub(super) fn back_form(latest: &[(String, String)], id: &str, lang: Lang, signed: &Signed) -> Markup {
    returned(&format!("/collections/{id}/return"), latest, lang).draw(signed, lang)
}

fn returned<'a>(action: &'a str, latest: &[(String, String)], lang: Lang) -> Reasoned<'a> {
    let about = html! {
        div.field {
            label for="report" { (lang.pick("哪份上报", "Which report")) }
            select id="report" name="report" {
                @for (value, said) in latest { option value=(value) { (said) } }
            }
        }
    };
    let label = lang.pick("退回原因", "Reason");
    let zh = "对方会看到这些话，并据此更正后重新上报";
    let hint = lang.pick(zh, "the county reads this and corrects its report");
    Reasoned { action, id: "-return", about, label, hint, button: lang.pick("退回", "Give back"), is_grave: true }
}

/// Which report a form names: `region/revision`.
pub(super) fn chosen_report(text: &str) -> Option<(RegionCode, u64)> {
    let (region, number) = text.split_once('/')?;
    Some((RegionCode::new(region).ok()?, number.parse().ok()?))
}

/// Gives a report back with a reason, in a signed receipt.
pub(in crate::web) async fn give_back(
    cx: Context,
    Path(id): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Approve]).await?;
    let view = View::of(cx, id);
    let lang = view.lang();
    let reason = typed.text("reason");
    let chosen = chosen_report(typed.raw("report"));
    let refuse = async |said: &str| view.show(&notice(Tone::Bad, said), StatusCode::UNPROCESSABLE_ENTITY).await;
    let Some((region, revision)) = chosen else {
        return refuse(lang.pick("请选择要退回的上报", "choose the report to give back")).await;
    };
    let said = format!("{region} {}", lang.pick(&format!("第 {revision} 次"), &format!("revision {revision}")));
    let action = format!("/collections/{}/return", view.id);
    let again = returned(&action, &[(typed.raw("report").to_owned(), said)], lang);
    if let Some(page) = view.cx.lacking(&again, &typed) {
        return Ok(page);
    }
    let (reasons, by) = ([reason.to_owned()], view.cx.person().name);
    let app = &view.cx.app;
    let subject = format!("{} {region} 第 {revision} 次", view.id);
    let entry = view.cx.audit_entry("report_return", &subject, reason);
    let step = returning(app, &view.id, &region, revision, &reasons, &by);
    let done = |given: &Result<Option<u64>, _>| Some(matches!(given, Ok(Some(_))));
    match app.store().audited_as(&entry, step, done).await {
        Ok(Some(_)) => {
            let said = lang.pick("已退回，不再计入汇总；对方更正后会重新上报", "given back, and no longer counted");
            Ok(view.cx.done(&format!("/collections/{}", view.id), said))
        }
        Ok(None) => refuse(lang.pick("没有收到过这份上报", "there is no such report")).await,
        Err(failure) => refuse(&failure.on_page(lang)).await,
    }
}
