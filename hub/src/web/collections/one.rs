//! One collection: what it asks, where every county stands with it, giving a report back, closing and opening again,
//! and the roll-up.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Posted, Signed, Tone, notice, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::report;

use super::super::desk::Desk;
use super::super::{WORK, person, sure};
use super::{decide, reworded, told};
use crate::command::collect::show::{self, RegionState, Shown};
use crate::command::nodes::ago;
use crate::command::rollup;
use crate::failure::Failure;

/// A collection's page and who reads it.
pub(super) struct View {
    pub(super) desk: Desk,
    pub(super) id: String,
}

/// The page.
pub(in crate::web) async fn get(desk: Desk, Path(id): Path<String>) -> Result<Response, Response> {
    desk.must(&WORK).await?;
    let view = View { desk, id };
    view.show(&html! {}, StatusCode::OK).await
}

impl View {
    pub(super) fn lang(&self) -> Lang {
        self.desk.lang()
    }

    /// What was read, or the page that tells of the failure in the words of pages.
    #[expect(clippy::result_large_err, reason = "a handler answers with the response itself")]
    pub(super) fn told<T>(&self, outcome: Result<T, impl Into<Failure>>) -> Result<T, Response> {
        self.desk.told(outcome.map_err(|error| reworded(error.into())))
    }

    /// The page, with a notice above.
    pub(super) async fn show(&self, above: &Markup, status: StatusCode) -> Result<Response, Response> {
        let lang = self.lang();
        let shown = self.told(show::gather(&self.desk.office, &self.id).await)?;
        let contacts = self.contacts().await?;
        let figures = self.figures().await;
        let body = html! {
            (above)
            p { (shown.collection.say(lang)) }
            @if !shown.collection.method.is_empty() {
                p { (lang.pick("汇总方法：", "Method: ")) (shown.collection.method) }
            }
            p { (shown.state(lang)) }
            (self.regions(&shown, &contacts))
            @if self.desk.signed.may(&[Duty::Approve]) { (give_back_form(&shown, &self.id, lang, &self.desk.signed)) }
            (decide::form(&shown, self))
            h2 { (lang.pick("汇总", "Roll-up")) }
            (figures)
            p { a href=(format!("/analysis/{}", self.id)) { (lang.pick("汇总分析：排名、分布、各维度、与上年比较",
                "Analysis: ranking, spread, dimensions, the year before")) } }
            p { a href="/collections" { (lang.pick("返回归集列表", "Back to the collections")) } }
        };
        Ok(self.desk.page(&shown.collection.title, status, &body))
    }

    /// When each county was last heard of.
    async fn contacts(&self) -> Result<BTreeMap<RegionCode, Option<Moment>>, Response> {
        let children = self.told(self.desk.office.store().children().await)?;
        let regions = self.told(self.desk.office.regions().await)?;
        Ok(children.into_iter().map(|child| (regions.current(&child.region), child.last_contact)).collect())
    }

    /// Every county with its last report; who owes one stands out and can be called.
    fn regions(&self, shown: &Shown, contacts: &BTreeMap<RegionCode, Option<Moment>>) -> Markup {
        let lang = self.lang();
        let returned = shown.regions.iter().filter(|region| region.owes() && !region.revisions.is_empty()).count();
        let late = shown.coverage.late.len();
        let count = |zh: &str, en: &str, number: usize| html! { div { dt { (lang.pick(zh, en)) } dd { (number) } } };
        html! {
            dl {
                (count("应报", "asked", shown.coverage.asked))
                (count("已报", "reported", shown.coverage.reported.len()))
                (count("退回待重报", "returned, to come again", returned))
                (count("逾期上报", "late", late))
                (count("未报", "missing", shown.coverage.missing.len()))
            }
            h2 { (lang.pick("各单位上报情况", "Where every county stands")) }
            div.wide { table {
                thead { tr { @for head in heads(lang) { th scope="col" { (head) } } } }
                tbody { @for region in &shown.regions { (self.region(region, shown, contacts)) } }
            } }
            @if shown.open && shown.regions.iter().any(RegionState::owes) {
                p.hint { (lang.pick("未报的单位登录本级节点后，在“归集上报”中会看到此任务和截止日期；上次联系较早的，多半是节点未联网，请先电话联系其财政局。本系统不另发催报通知。",
                    "Whoever is missing sees the collection and its due day in its own node. Where the last contact is long ago the node is off the line: call the bureau. No reminder is sent from here.")) }
            }
        }
    }

    fn region(&self, region: &RegionState, shown: &Shown, contacts: &BTreeMap<RegionCode, Option<Moment>>) -> Markup {
        let (lang, now) = (self.lang(), self.desk.office.site.now());
        let last = region.revisions.last();
        let state = region.state(shown.coverage.overdue, lang);
        let class = if !region.owes() {
            "mark good"
        } else if shown.coverage.overdue {
            "mark bad"
        } else {
            "mark warn"
        };
        let heard = match contacts.get(&region.region) {
            None => lang.pick("未加入", "not joined").to_owned(),
            Some(None) => lang.pick("尚未联系", "never").to_owned(),
            Some(Some(at)) => ago(*at, now, lang),
        };
        html! {
            tr {
                th scope="row" {
                    @if last.is_some() {
                        a href=(format!("/collections/{}/reports/{}", self.id, region.region)) { (region.name) }
                    } @else { (region.name) }
                }
                td { (region.region) }
                td { span class=(class) { (state) } }
                td.number { (last.map_or_else(dash, |last| last.number.to_string())) }
                td.when { (last.map_or_else(dash, |last| last.received_at.to_string())) }
                td { (last.map_or_else(dash, |last| last.approved_by.clone())) }
                td { (last.map(|last| last.reasons.join(lang.pick("；", "; "))).unwrap_or_default()) }
                td { (heard) }
            }
        }
    }

    /// The roll-up with its method and coverage, or why there is none.
    async fn figures(&self) -> Markup {
        let lang = self.lang();
        match rollup::rolled_up(&self.desk.office, &self.id).await {
            Ok(rolled_up) => {
                let (headers, rows) = rolled_up.rows(lang);
                html! {
                    @for line in rolled_up.head(lang).iter().skip(1) { p { (line) } }
                    @if rows.is_empty() { p.empty { (lang.pick("还没有可汇总的上报。", "Nothing to roll up yet.")) } }
                    @else { (table(&headers, &rows)) }
                }
            }
            Err(failure) => notice(Tone::Warn, &told(&failure, lang)),
        }
    }
}

fn dash() -> String {
    "—".to_owned()
}

fn heads(lang: Lang) -> [&'static str; 8] {
    match lang {
        Lang::Zh => ["单位", "区划", "状态", "次数", "收到时间", "审核", "原因", "节点上次联系"],
        Lang::En => ["County", "Region", "State", "Revision", "Received", "Approved by", "Reasons", "Last contact"],
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
            (back_form(&latest, id, lang, signed))
        }
    }
}

/// The form by which a report is given back; `latest` are those that can be.
pub(super) fn back_form(latest: &[(String, String)], id: &str, lang: Lang, signed: &Signed) -> Markup {
    html! {
        form.card method="post" action=(format!("/collections/{id}/return")) {
            (token(signed))
            div.field {
                label for="report" { (lang.pick("哪份上报", "Which report")) }
                select id="report" name="report" {
                    @for (value, said) in latest { option value=(value) { (said) } }
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

/// Gives a report back with a reason, in a signed receipt.
pub(in crate::web) async fn give_back(
    desk: Desk,
    Path(id): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    desk.must(&[Duty::Approve]).await?;
    let view = View { desk, id };
    let lang = view.lang();
    let reason = typed.text("reason");
    let chosen = typed.raw("report").split_once('/');
    let chosen = chosen.and_then(|(region, number)| Some((RegionCode::new(region).ok()?, number.parse::<u64>().ok()?)));
    let refuse = async |said: &str| view.show(&notice(Tone::Bad, said), StatusCode::UNPROCESSABLE_ENTITY).await;
    let (Some((region, revision)), false, true) = (chosen, reason.is_empty(), typed.checked("sure")) else {
        return refuse(lang.pick("请选择上报、写明原因并勾选“确认”", "choose a report, give a reason, and be sure"))
            .await;
    };
    let (reasons, by) = ([reason.to_owned()], person(&view.desk.signed));
    let office = &view.desk.office;
    let subject = format!("{} {region} 第 {revision} 次", view.id);
    let entry = view.desk.entry("report_return", &subject, reason);
    let step = report::give_back(&office.site, &view.id, &region, revision, &reasons, &by);
    let done = |given: &Result<Option<u64>, _>| Some(matches!(given, Ok(Some(_))));
    match office.store().audited_as(&entry, step, done).await {
        Ok(Some(_)) => {
            let said = lang.pick("已退回，不再计入汇总；对方更正后会重新上报", "given back, and no longer counted");
            view.show(&notice(Tone::Good, said), StatusCode::OK).await
        }
        Ok(None) => refuse(lang.pick("没有收到过这份上报", "there is no such report")).await,
        Err(error) => refuse(&Failure::from(error).say(lang)).await,
    }
}
