//! Where every county stands with a collection: a table with a filter; who owes a report can be reminded, and what
//! waits for a person leads to the page where it is decided.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::PageError;
use tongpin_console::web::list::{Filter, search};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::one::View;
use crate::ops::collections::status::{CollectionStatus, RegionState};
use crate::ops::guidance;
use crate::ops::nodes::ago;

/// What the table is made of beside the reports.
struct Following {
    /// When each county was last heard of.
    contacts: BTreeMap<RegionCode, Option<Moment>>,
    /// When each was last reminded.
    reminded: BTreeMap<RegionCode, Moment>,
    /// Whoever reads may remind, and the collection takes reports.
    reminds: bool,
}

impl View {
    /// When each county was last heard of.
    pub(super) async fn contacts(&self) -> Result<BTreeMap<RegionCode, Option<Moment>>, PageError> {
        let children = self.cx.app.store().children().await?;
        let regions = self.cx.app.regions().await?;
        Ok(children.into_iter().map(|child| (regions.current(&child.region), child.last_contact)).collect())
    }

    /// Every county with its last report; who owes one stands out.
    pub(super) async fn units(&self, shown: &CollectionStatus) -> Result<Markup, PageError> {
        let lang = self.lang();
        let following = Following {
            contacts: self.contacts().await?,
            reminded: guidance::reminded(&self.cx.app, &self.id).await?,
            reminds: shown.open && self.cx.may(&[Duty::Publish]),
        };
        let coverage = &shown.coverage;
        let returned = shown.regions.iter().filter(|region| region.standing() == "returned").count();
        let count = |zh: &str, en: &str, number: usize| html! { div { dt { (lang.pick(zh, en)) } dd { (number) } } };
        let standing = self.asked.text("state");
        let wanted = |region: &&RegionState| standing.is_empty() || region.standing() == standing;
        let wanted: Vec<&RegionState> = shown.regions.iter().filter(wanted).collect();
        Ok(html! {
            dl {
                (count("应报", "asked", coverage.asked))
                (count("已报", "reported", coverage.reported.len()))
                (count("已收待审核", "to review", coverage.awaiting.len()))
                (count("退回待重报", "returned, to come again", returned))
                (count("迟报", "late", coverage.late.len()))
                (count("未报", "missing", coverage.missing.len()))
            }
            h2 { (lang.pick("各单位上报情况", "Where every county stands")) }
            (self.filter())
            @if wanted.is_empty() { p.empty { (lang.pick("没有符合条件的单位", "Nobody stands like this.")) } }
            @else {
                div.wide { table {
                    thead { tr { @for head in heads(lang) { th scope="col" { (head) } } } }
                    tbody { @for region in &wanted { (self.region(region, shown, &following)) } }
                } }
            }
            @if shown.open && !coverage.missing.is_empty() {
                @if following.reminds {
                    p.noprint { a.button href=(format!("/collections/{}/remind", self.id)) {
                        (lang.pick(&format!("催报（{} 个未报单位）", coverage.missing.len()), &format!("Remind the {} that are missing", coverage.missing.len())))
                    } }
                }
                p.hint { (lang.pick("未报的单位登录本级节点后，在“归集上报”中会看到此任务和截止日期；发布岗催报后，对方的待办首先显示。上次联系较早的，多半是节点未联网，催报要等其联网才能送达，请先电话联系。",
                    "Whoever is missing sees the collection and its due day in its own node; a reminder stands there before all else. Where the last contact is long ago the node is off the line: call the bureau.")) }
            }
        })
    }

    fn filter(&self) -> Markup {
        let lang = self.lang();
        let standings = [
            ("awaiting", "待审核", "to review"),
            ("accepted", "已接收", "accepted"),
            ("returned", "已退回", "returned"),
            ("left_out", "已报，未计入汇总", "reported, not counted"),
            ("missing", "未报", "missing"),
        ];
        search(&[Filter::one("state", lang.pick("状态", "State"), standings, lang)], &self.asked, lang)
    }

    fn region(&self, region: &RegionState, shown: &CollectionStatus, following: &Following) -> Markup {
        let (lang, now) = (self.lang(), self.cx.app.site.now());
        let last = region.telling();
        let class = match region.standing() {
            "accepted" => "mark good",
            "left_out" => "mark bad",
            "returned" | "missing" if shown.coverage.overdue => "mark bad",
            _ => "mark warn",
        };
        let report = format!("/collections/{}/reports/{}", self.id, region.region);
        let heard = match following.contacts.get(&region.region) {
            None => lang.pick("未加入", "not joined").to_owned(),
            Some(None) => lang.pick("尚未联系", "never").to_owned(),
            Some(Some(at)) => ago(*at, now, lang),
        };
        let missing = shown.coverage.missing.iter().any(|unit| unit.code == region.region);
        html! {
            tr {
                th scope="row" { @if last.is_some() { a href=(report) { (region.name) } } @else { (region.name) } }
                td { (region.region) }
                td {
                    span class=(class) { (region.state(shown.coverage.overdue, lang)) }
                    @if region.standing() == "awaiting" && shown.open && self.cx.may(&[Duty::Approve]) {
                        " " a.noprint href=(report) { (lang.pick("去审核", "review")) }
                    }
                }
                td.number { (last.map_or_else(dash, |last| last.number.to_string())) }
                td.when { (last.map_or_else(dash, |last| last.received_at.to_string())) }
                td { (last.map_or_else(dash, |last| last.approved_by.clone())) }
                td { (region.reasons(lang)) }
                td { (heard) }
                td {
                    @if let Some(at) = following.reminded.get(&region.region) { (ago(*at, now, lang)) " " }
                    @if missing && following.reminds {
                        a.noprint href=(format!("/collections/{}/remind?to={}", self.id, region.region)) { (lang.pick("催报", "remind")) }
                    } @else if !following.reminded.contains_key(&region.region) { (dash()) }
                }
            }
        }
    }
}

fn dash() -> String {
    "—".to_owned()
}

fn heads(lang: Lang) -> [&'static str; 9] {
    match lang {
        Lang::Zh => ["单位", "区划", "状态", "次数", "收到时间", "审核", "原因", "节点上次联系", "上次催报"],
        Lang::En => {
            ["County", "Region", "State", "Revision", "Received", "Approved by", "Reasons", "Last contact", "Reminded"]
        }
    }
}
