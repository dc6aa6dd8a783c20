//! One county's report: its figures beside those of the revision before, every revision with its receipts, giving it
//! back, and its signature, checked now from what was stored.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{Ask, Asked, Cell, Column, Filter, Listing, search};
use tongpin_console::web::{PageError, Tone, notice};
use tongpin_domain::collection::Accepting;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::{Receipt, Report};
use tongpin_domain::thousands::marked;
use tongpin_store::{Received, Verdict};

use super::super::Context;
use super::super::WORK;
use super::super::rows::chosen;
use super::one::{View, back_form};
use super::{accept, signature};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::{self, Examined};
use crate::ops::collections::compare::{Figure, side_by_side};
use crate::ops::rollup::rules_text;

const COLUMNS: [Column; 6] = [
    Column { key: "group", zh: "分组", en: "group", number: false, sorts: true, shown: true },
    Column { key: "table", zh: "表", en: "table", number: false, sorts: true, shown: true },
    Column { key: "measure", zh: "项目", en: "measure", number: false, sorts: true, shown: true },
    Column { key: "after", zh: "本次", en: "this revision", number: true, sorts: false, shown: true },
    Column { key: "before", zh: "上次", en: "the one before", number: true, sorts: false, shown: true },
    Column { key: "difference", zh: "差额", en: "difference", number: true, sorts: true, shown: true },
];

/// A county's revisions, oldest first, and the one that is shown at.
struct Revisions {
    all: Vec<Received>,
    at: usize,
    report: Report,
    before: Option<Report>,
    receipts: Vec<Receipt>,
    examined: Examined,
    name: String,
}

/// The page.
pub(in crate::web) async fn get(
    cx: Context,
    Path((id, region)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let lang = cx.lang();
    let view = View::of(cx, id);
    let (app, id) = (&view.cx.app, view.id.as_str());
    let collection = app.collection(id).await?.collection;
    let Some(shown) = look(app, id, &region, asked.text("revision")).await? else {
        return Ok(nothing(&view, &region));
    };
    let state = app.store().collection_state(id).await?;
    let open = state.is_none_or(|state| state.open);
    let figures = side_by_side(&collection, shown.before.as_ref(), &shown.report, lang);
    let differing = figures.iter().filter(|figure| figure.before != figure.after).count();
    let only_changed = !asked.text("changed").is_empty();
    let wanted = figures.iter().filter(|figure| !only_changed || figure.before != figure.after);
    let (rows, total) = chosen(wanted.map(|figure| cells(figure, lang)).collect(), &COLUMNS, &asked);
    let title = format!("{}：{}", shown.name, collection.title);
    let empty = lang.pick("没有符合条件的数", "no figure fits");
    let listing = Listing { title: &title, columns: &COLUMNS, rows: &rows, total, empty };
    if let Some(file) = listing.exported(&asked, lang) {
        return Ok(file);
    }
    let body = html! {
        (head(&shown, collection.accepting, lang))
        (revisions(&shown, lang))
        h2 { (lang.pick("上报的数", "The figures")) }
        @if shown.before.is_some() {
            p { (lang.pick(&format!("与前一次上报相比，{differing} 处不同。"),
                &format!("{differing} figures differ from the revision before."))) }
            (search(&[Filter::words("", lang), Filter::new("changed", lang.pick("只看有变化的", "Changed only"), Ask::Only("1"))],
                &asked, lang))
        } @else {
            p.hint { (lang.pick("这是第一次上报，没有可比较的前一次。", "This is the first revision: there is none before it.")) }
        }
        (listing.draw(&asked, lang))
        (signature::section(&shown.examined, shown.received(), lang))
        @if view.cx.may(&[Duty::Approve]) && shown.awaits() {
            h2 { (lang.pick("审核这份上报", "Review this report")) }
            @if open { (accept::form(&shown.choice(lang).0, id, lang, &view.cx.signed)) }
            @else { (notice(Tone::Warn, lang.pick("此任务已关闭；请先写明原因重新开放，再审核通过。",
                "The collection is closed; open it again with a reason before accepting."))) }
        }
        @if view.cx.may(&[Duty::Approve]) && shown.can_be_returned() {
            h2 { (lang.pick("退回这份上报", "Give this report back")) }
            (back_form(&[shown.choice(lang)], id, lang, &view.cx.signed))
        }
        p { a href=(format!("/collections/{id}")) { (lang.pick("返回归集任务", "Back to the collection")) } }
    };
    Ok(view.cx.page(&title).show(&body))
}

/// A county that has sent nothing, or an address that was typed.
fn nothing(view: &View, region: &str) -> Response {
    let failure = Failure::input(
        format!("没有收到过 {region} 对此任务的这次上报；请回归集任务页查看已收到的上报"),
        format!("there is no such report of {region}; see the page of the collection"),
    );
    view.cx.cannot(&failure.say(view.lang()), StatusCode::NOT_FOUND)
}

/// Reads what there is about a county's report; `None` if there is none of this number.
async fn look(app: &App, id: &str, region: &str, revision: &str) -> Result<Option<Revisions>, Failure> {
    let Ok(region) = RegionCode::new(region) else { return Ok(None) };
    let regions = app.regions().await?;
    let all = collected::revisions(app, id, &regions, &region).await?;
    // Without a number it is what waits for a person, else the newest.
    let waiting = all.iter().rfind(|received| received.verdict == Verdict::Received);
    let wanted = revision.parse::<u64>().ok().or_else(|| waiting.or(all.last()).map(|last| last.revision));
    let Some(at) = all.iter().position(|received| Some(received.revision) == wanted) else { return Ok(None) };
    let Some(received) = all.get(at) else { return Ok(None) };
    let report = collected::read(received)?;
    let before = at.checked_sub(1).and_then(|before| all.get(before)).map(collected::read).transpose()?;
    let made = app.store().receipts_after(&received.region, 0).await?;
    let receipts = made.iter().filter_map(|made| serde_json::from_str::<Receipt>(&made.payload).ok());
    let receipts = receipts.filter(|receipt| receipt.collection == id).collect();
    let examined = collected::examine(app, received).await?;
    let name = regions.name(&region);
    Ok(Some(Revisions { all, at, report, before, receipts, examined, name }))
}

impl Revisions {
    fn received(&self) -> &Received {
        &self.all[self.at]
    }

    fn is_last(&self) -> bool {
        self.at + 1 == self.all.len()
    }

    /// It waits for a person.
    fn awaits(&self) -> bool {
        self.received().verdict == Verdict::Received
    }

    fn can_be_returned(&self) -> bool {
        self.received().verdict == Verdict::Accepted || self.awaits()
    }

    /// It is the newest that was accepted.
    fn counts(&self) -> bool {
        let newest = self.all.iter().rposition(|received| received.verdict == Verdict::Accepted);
        newest == Some(self.at)
    }

    /// As the form to give it back names it.
    fn choice(&self, lang: Lang) -> (String, String) {
        let Received { region, revision, .. } = self.received();
        let said = lang
            .pick(&format!("{} 第 {revision} 次", self.name), &format!("{} revision {revision}", self.name))
            .to_owned();
        (format!("{region}/{revision}"), said)
    }
}

fn head(shown: &Revisions, accepting: Accepting, lang: Lang) -> Markup {
    let (received, report) = (shown.received(), &shown.report);
    let part = |zh: &str, en: &str, text: &str| html! { div { dt { (lang.pick(zh, en)) } dd { (text) } } };
    let warn = |zh: &str, en: &str| notice(Tone::Warn, lang.pick(zh, en));
    let counts = match received.verdict {
        Verdict::Returned => notice(
            Tone::Warn,
            &format!(
                "{}{}{}",
                lang.pick("这份上报已退回，不计入汇总：", "Given back, and not counted: "),
                received.reasons.join(lang.pick("；", "; ")),
                lang.pick(&format!("（{} {}）", received.decided_by, received.decided_at), "")
            ),
        ),
        Verdict::Received => {
            warn("已收，待审核：审核通过后才计入汇总", "Received, awaiting review: it counts once it is accepted")
        }
        Verdict::Replaced => warn(
            "没有审核，已被更新的一次上报取代，不计入汇总",
            "A newer revision took its place before anybody shown at it; it is not counted",
        ),
        Verdict::Accepted if shown.is_last() => {
            notice(Tone::Good, lang.pick("已接收，计入汇总", "Accepted, and counted"))
        }
        Verdict::Accepted if shown.counts() => warn(
            "这不是最近一次上报；最近一次没有被接收，汇总仍用这一次的数",
            "Not the newest revision; the newest is not accepted, so that this one goes on counting",
        ),
        Verdict::Accepted => warn("这不是最近一次上报", "This is not the newest revision"),
    };
    let by_check = accepting.is_by_check();
    html! {
        (counts)
        dl {
            (part("次数", "revision", lang.pick(&format!("第 {} 次", received.revision), &received.revision.to_string())))
            (part("收到时间", "received", &received.received_at.to_string()))
            (part("计算时间", "computed", &report.computed_at.to_string()))
            (part("对方审核", "approved by", &report.approved_by))
            (part("计分规则", "rules", &rules_text(&report.rules, lang)))
            (part("归集任务版本", "asked in release", &report.collection_release.release.to_string()))
        }
        @if by_check { p.hint { (lang.pick("通过系统校验的上报随即接收并签发回执，不必逐份确认；发现问题再写明原因退回。",
            "A report that passes the checks is accepted at once with a receipt; give it back with a reason where something is wrong.")) } }
        @for table in report.tables.iter().filter(|table| table.withheld.groups > 0) {
            p.hint { (lang.pick(
                &format!("表“{}”有 {} 个小于最小分组的分组（{} 条记录）没有上报。", table.answer.table, table.withheld.groups, table.withheld.records),
                &format!("Table {:?}: {} small groups ({} records) were withheld.", table.answer.table, table.withheld.groups, table.withheld.records))) }
        }
    }
}

/// Every revision, each with its receipts: a report that was accepted and given back later has two.
fn revisions(shown: &Revisions, lang: Lang) -> Markup {
    let number = |received: &Received| {
        lang.pick(&format!("第 {} 次", received.revision), &format!("revision {}", received.revision)).to_owned()
    };
    html! {
        h2 { (lang.pick("历次上报与回执", "Revisions and their receipts")) }
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("次数", "revision")) }
                th scope="col" { (lang.pick("收到时间", "received")) }
                th scope="col" { (lang.pick("内容摘要", "digest")) }
                th scope="col" { (lang.pick("状态", "state")) }
                th scope="col" { (lang.pick("回执", "receipts")) }
            } }
            tbody { @for (at, received) in shown.all.iter().enumerate() { tr {
                th scope="row" {
                    @if at == shown.at { (number(received)) " " span.mark { (lang.pick("正在查看", "shown")) } }
                    @else { a href=(format!("?revision={}", received.revision)) { (number(received)) } }
                }
                td.when { (received.received_at) }
                td { code { (received.digest.short()) } }
                td { (state(received.verdict, lang)) }
                td {
                    @let own = shown.receipts.iter().filter(|receipt| receipt.report == received.digest);
                    @for receipt in own { div { (receipt.say(lang)) } }
                }
            } } }
        } }
    }
}

fn state(verdict: Verdict, lang: Lang) -> Markup {
    let (class, word) = match verdict {
        Verdict::Received => ("mark warn", lang.pick("待审核", "to review")),
        Verdict::Accepted => ("mark good", lang.pick("已接收", "accepted")),
        Verdict::Returned => ("mark bad", lang.pick("已退回", "returned")),
        Verdict::Replaced => ("mark", lang.pick("已被取代", "replaced")),
    };
    html! { span class=(class) { (word) } }
}

fn cells(figure: &Figure, lang: Lang) -> Vec<Cell> {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| lang.pick("（无）", "(none)").to_owned());
    let changed = figure.before.is_some() && figure.before != figure.after;
    let difference = match (&figure.difference, changed) {
        (Some(difference), _) => difference.clone(),
        (None, true) => lang.pick("已改", "changed").to_owned(),
        (None, false) => "—".to_owned(),
    };
    let told = marked(&difference);
    let told = html! { @if changed { strong { (told) } } @else { (told) } };
    vec![
        figure.group.clone().into(),
        figure.table.clone().into(),
        figure.measure.clone().into(),
        Cell::amount(shown(&figure.after)),
        Cell::amount(shown(&figure.before)),
        Cell::drawn(difference, told),
    ]
}
