//! 本月填报: the township's first page. Every project of the year with what was reported of it for one month, and what
//! of that has reached the county; whether there is a line makes no difference to the work.

mod evidence;
mod report;

use std::collections::{BTreeSet, HashMap};

use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get as reading;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{Asked, Cell, Column, Filter, Listing, search};
use tongpin_console::web::{PageError, Signed, Tone, Upload, Web, notice};
use tongpin_domain::form::Definition;
use tongpin_domain::lang::Lang;
use tongpin_domain::month::Month;
use tongpin_domain::observation::OPENING;
use tongpin_domain::region::RegionCode;
use tongpin_link::admin;
use tongpin_link::uplink::LinkState;
use tongpin_store::{MonthCount, MonthFilter, MonthOrder, MonthRow, RECORDS, StoreError};

use crate::app::App;
use crate::failure::Failure;
use crate::guidance::RuleBook;
use crate::guidance::forms::kept as kept_form;
use crate::records;
use crate::records::observations::{self, KeptObservation, month_name};
use crate::web::added::AddedColumns;
use crate::web::amounts::{grouped, typed, yuan};
use crate::web::matrix::Matrix;
use crate::web::parts::{Context, WORK, segment};

const COLUMNS: [Column; 7] = [
    Column::new("name", "项目", "project"),
    Column::new("state", "本月填报", "this month"),
    Column { number: true, ..Column::new("spent", "本月支出（元）", "spent (yuan)") },
    Column { number: true, ..Column::new("executed", "全年执行数（元）", "spent this year") },
    Column { number: true, ..Column::new("budget", "全年预算数（元）", "budget") },
    Column { sorts: false, ..Column::new("sent", "送达县级", "at the county") },
    Column { shown: false, ..Column::new("code", "项目代码", "code") },
];

/// What a column sorts by.
fn order(key: &str) -> MonthOrder {
    match key {
        "name" => MonthOrder::Name,
        "state" => MonthOrder::Reported,
        "spent" => MonthOrder::Spent,
        "executed" => MonthOrder::Executed,
        "budget" => MonthOrder::Adjusted,
        _ => MonthOrder::Code,
    }
}

/// The pages of reporting by month.
pub(super) fn pages() -> Router<Web> {
    Router::new()
        .route("/month", reading(get))
        .route("/month/{code}", reading(report::get).post(report::post).layer(Upload::limit()))
        .route("/month/{code}/evidence/{digest}", reading(evidence::get))
}

/// What the page is made from.
struct MonthPage {
    own: RegionCode,
    /// The years that there are projects of.
    years: BTreeSet<i32>,
    month: Month,
    now: Month,
    count: MonthCount,
    acked: u64,
    link: LinkState,
}

impl MonthPage {
    async fn open(app: &App, asked: &str) -> Result<Self, Failure> {
        let (store, own) = (app.store(), app.site.region());
        let years = store.project_years(&own).await?;
        let now = Month::of(app.site.now());
        let month = asked.parse().unwrap_or_else(|_| usual(&years, now)).min(now);
        let count = app.statistics.month(store, &own, month).await?;
        let (acked, link) = (store.acked(RECORDS).await?, LinkState::load(store).await?);
        Ok(Self { own, years, month, now, count, acked, link })
    }

    /// The projects of the month that are asked for.
    fn filter(&self, asked: &Asked) -> MonthFilter {
        let reported = match asked.text("state") {
            "open" => Some(false),
            "done" => Some(true),
            _ => None,
        };
        MonthFilter { author: self.own.clone(), month: self.month, text: asked.text("q").to_owned(), reported }
    }
}

/// The month that a reader most likely wants: the present one, or the last of the newest year that there are projects
/// of.
fn usual(years: &BTreeSet<i32>, now: Month) -> Month {
    match years.range(..=now.year()).next_back() {
        Some(year) if *year < now.year() => Month::new(*year, 12).unwrap_or(now),
        _ => now,
    }
}

/// The page, or the file that its list is exported to.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let store = cx.app.store();
    let desk = MonthPage::open(&cx.app, asked.text("month")).await?;
    let told = saved(&cx.app, &desk, &asked, lang).await?;
    // What was saved is told once: no way from the page tells it again.
    let asked = asked.but(&["saved"]);
    let title = format!("{} {}", month_name(desk.month, lang), lang.pick("填报", "report"));
    let (key, backwards) = asked.sort(&COLUMNS).unwrap_or(("code", false));
    let (offset, limit) = asked.window();
    let found = store.months_page(&desk.filter(&asked), order(key), backwards, offset, limit).await;
    let (shown, total) = found?;
    // A file tells of this month only; the page of all of them.
    let (year, number) = (desk.month.year(), desk.month.number());
    let months = if asked.format().is_some() { number..=number } else { OPENING..=12 };
    let kept = observations::of_projects(store, &desk.own, &shown, year, months).await;
    let kept = kept?;
    let reported: HashMap<&str, &KeptObservation> = kept
        .iter()
        .filter(|it| it.observation.month == number)
        .map(|it| (it.observation.project_code.as_str(), it))
        .collect();
    let form = kept_form(store, Definition::of_months()).await?.definition;
    let added = AddedColumns::of(&form);
    let columns = added.behind(&COLUMNS);
    let cells = |project: &MonthRow| {
        let reported = reported.get(project.code.as_str()).copied();
        let more = added.cells(reported.map(|it| &it.observation.more), lang);
        row(&desk, project, reported, &cx.signed, lang).into_iter().chain(more).collect()
    };
    let rows: Vec<Vec<Cell>> = shown.iter().map(cells).collect();
    let listing = Listing { title: &title, columns: &columns, rows: &rows, total, empty: empty(&desk, lang) };
    if let Some(file) = listing.exported(&asked, lang) {
        let detail = format!("{}，{total} 个项目", desk.month);
        cx.audit("project_export", "", &detail, true).await?;
        return Ok(file);
    }
    let book = RuleBook::load(store).await?;
    let matrix = Matrix::new(year, &shown, &kept, &book, cx.now(), Some(desk.acked));
    let body = html! {
        (told)
        (line(&cx.app, &desk, lang).await?)
        (filters(&desk, &asked, lang))
        (progress(&desk, lang))
        (listing.draw(&asked, lang))
        @if cx.may(&[Duty::Enter]) { (in_a_table(&desk, lang)) }
        @if !matrix.is_empty() {
            h2 { (lang.pick("各月填报情况", "All months")) }
            (matrix.draw(|code, month| Some(address(code, month)), lang))
        }
    };
    Ok(cx.page(&title).show(&body))
}

/// The month as one table, for whoever would rather fill in many projects at once.
fn in_a_table(desk: &MonthPage, lang: Lang) -> Markup {
    let month = desk.month;
    let name = month_name(month, lang);
    html! {
        @if desk.count.projects > 0 {
            p.noprint {
                (lang.pick("成批填报：", "All in one table: "))
                a href=(format!("/import/data/observations.xlsx?month={month}")) {
                    (name) (lang.pick("填报表（已报的带数，未报的留空）", ", what is reported and room for the rest"))
                }
                (lang.pick("，", ", "))
                a href="/import/data/observations.xlsx" { (lang.pick("全部已报月份", "all that was reported")) }
                (lang.pick("；在 Excel 中填好、改好后到", "; fill it in or correct it, then "))
                a href="/import" { (lang.pick("导入", "import it")) }
                (lang.pick("，佐证材料仍在各月的填报页上附", "; evidence is added on the page of each month"))
            }
        }
    }
}

/// Where a month of a project is reported.
pub(super) fn address(code: &str, month: Month) -> String {
    format!("/month/{}?month={month}", segment(code))
}

fn empty(desk: &MonthPage, lang: Lang) -> &'static str {
    if desk.count.due > 0 {
        return lang.pick("没有符合条件的项目；可放宽查询条件", "nothing fits; ask for less");
    }
    if desk.years.is_empty() {
        return lang.pick(
            "还没有本单位的项目；先导入项目和绩效指标，再按月填报",
            "there are no projects of this office; import them and their indicators first",
        );
    }
    lang.pick("这一年没有项目；请在上面换一个月份", "there are no projects of this year; choose another month")
}

fn row(
    desk: &MonthPage,
    project: &MonthRow,
    reported: Option<&KeptObservation>,
    signed: &Signed,
    lang: Lang,
) -> Vec<Cell> {
    let enters = signed.may(&[Duty::Enter]);
    let word = match (reported.is_some(), enters) {
        (true, true) => lang.pick("已报，可更正", "reported; correct it"),
        (true, false) => lang.pick("已报", "reported"),
        (false, true) => lang.pick("未报，去填报", "report it"),
        (false, false) => lang.pick("未报", "not yet"),
    };
    let class = if reported.is_some() { "mark good" } else { "mark warn" };
    let to = address(&project.code, desk.month);
    let delivered = reported.map(|it| it.seq > 0 && it.seq <= desk.acked);
    vec![
        Cell::link(project.name.clone(), &to),
        Cell::drawn(word, html! { a class=(class) href=(to) { (word) } }),
        reported.map_or_else(|| "—".into(), |it| typed(&it.observation.spent)),
        yuan(project.executed),
        yuan(project.adjusted),
        delivered.map_or_else(|| "—".into(), |delivered| sent(delivered, lang)),
        project.code.clone().into(),
    ]
}

/// Whether a report has reached the county, in words.
fn sent(delivered: bool, lang: Lang) -> Cell {
    let (class, word) = if delivered {
        ("mark good", lang.pick("已送达县级", "at the county"))
    } else {
        ("mark warn", lang.pick("待发送（线路恢复后自动发送）", "waiting (goes by itself once the line is up)"))
    };
    Cell::drawn(word, html! { span class=(class) { (word) } })
}

/// What was just saved, and which project comes next.
async fn saved(app: &App, desk: &MonthPage, asked: &Asked, lang: Lang) -> Result<Markup, StoreError> {
    let (store, code) = (app.store(), asked.text("saved"));
    if code.is_empty() {
        return Ok(html! {});
    }
    let held = records::one(store, code).await?.filter(|held| held.author == desk.own);
    let Some(project) = held.map(|held| held.project) else { return Ok(html! {}) };
    let open = MonthFilter { reported: Some(false), ..desk.filter(&Asked::default()) };
    let (next, _) = store.months_page(&open, MonthOrder::Code, false, 0, 1).await?;
    let over = project.money.executed.fen().zip(project.money.adjusted.fen()).filter(|(spent, budget)| spent > budget);
    let zh = format!("“{}”已保存，随线路自动送县级", project.name);
    let en = format!("{} is saved and goes to the county by itself", project.name);
    Ok(html! {
        (notice(Tone::Good, lang.pick(&zh, &en)))
        @if let Some((spent, budget)) = over {
            @let (spent, budget) = (grouped(spent), grouped(budget));
            @let zh = format!("全年执行数 {spent} 元已超过全年预算数 {budget} 元；如属误填请更正，如属预算调整请先更新预算数");
            @let en = format!("spending of {spent} yuan exceeds the budget of {budget}; correct it, or the budget");
            (notice(Tone::Warn, lang.pick(&zh, &en)))
        }
        @if let Some(next) = next.first() {
            p { a.button href=(address(&next.code, desk.month)) { (lang.pick("填报下一个：", "Next: ")) (next.name) } }
        }
    })
}

/// The line to the county, since when, and what waits: in words, because work goes on in either case.
async fn line(app: &App, desk: &MonthPage, lang: Lang) -> Result<Markup, StoreError> {
    let LinkState { connected, since, .. } = &desk.link;
    let unsent = admin::unsent(&app.site, &app.parent).await.unwrap_or_default();
    let waiting: u64 = unsent.iter().map(|it| it.count).sum();
    let oldest = unsent.iter().filter_map(|it| it.oldest).min();
    let last = app.store().last_acked_at().await?;
    let since =
        since.map_or_else(String::new, |at| lang.pick(&format!("，自 {at} 起"), &format!(", since {at}")).to_owned());
    let problem = lang.pick(&desk.link.problem_zh, &desk.link.problem_en);
    Ok(html! {
        dl {
            div class=(if *connected { "good" } else { "warn" }) {
                dt { (lang.pick("与县级的线路", "Line to the county")) }
                dd { @if *connected { (lang.pick("畅通", "up")) } @else { (lang.pick("不通", "down")) } (since) }
                @if !*connected {
                    dd.hint { (problem) @if !problem.is_empty() { br; }
                        (lang.pick("填报照常保存，线路恢复后自动发送。", "Reports are saved all the same, and go by themselves later.")) }
                }
            }
            div class=(if waiting == 0 { "good" } else { "warn" }) {
                dt { (lang.pick("待发送", "Waiting")) }
                dd { (waiting) (lang.pick(" 条变更", " changes")) }
                @if let Some(oldest) = oldest { dd.hint { (lang.pick("最早的一条写于 ", "the oldest is of ")) (oldest) } }
            }
            div {
                dt { (lang.pick("县级最近一次确认", "Last acknowledged")) }
                dd { (last.map_or_else(|| "—".to_owned(), |at| at.to_string())) }
            }
        }
    })
}

/// The month, to be turned over or typed, and what its projects are found by.
fn filters(desk: &MonthPage, asked: &Asked, lang: Lang) -> Markup {
    let (month, now) = (desk.month, desk.now);
    let to = |month: Month| asked.with("month", &month.to_string());
    let states = [("open", "未报", "not yet"), ("done", "已报", "reported")];
    let filters = [Filter::words("", lang), Filter::one("state", lang.pick("状态", "State"), states, lang)];
    html! {
        h2 { (lang.pick("项目", "Projects")) }
        form.row.noprint method="get" action="/month" {
            (asked.hidden(&["month"]))
            a href=(to(month.previous())) { (lang.pick("上个月", "Month before")) } " "
            label { (lang.pick("月份", "Month")) " "
                input type="month" name="month" value=(month) max=(now) placeholder="2024-11"; } " "
            button { (lang.pick("看这个月", "Show it")) } " "
            @if month < now { a href=(to(month.next())) { (lang.pick("下个月", "Month after")) } }
        }
        (search(&filters, asked, lang))
    }
}

fn progress(desk: &MonthPage, lang: Lang) -> Markup {
    let MonthCount { due, reported, .. } = desk.count;
    let (zh, en) = (format!("已报 {reported} / {due} 个项目"), format!("{reported} of {due} reported"));
    html! { @if due > 0 { p { (lang.pick(&zh, &en)) } } }
}

/// Back to the month's page, with word of what was saved.
fn back(month: Month, code: &str) -> Response {
    Redirect::to(&format!("/month?month={month}&saved={}", segment(code))).into_response()
}
