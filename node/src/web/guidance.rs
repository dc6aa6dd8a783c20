//! 市级下发: what the levels above share, for those who work by it. One page for each catalog, and for each release
//! what it changed.

mod changes;
mod experts;
mod funds;
mod indicator;
mod indicators;
mod procedures;
mod regions;
mod rules;
mod season;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use tongpin_console::web::Web;
use tongpin_console::web::list::{self, Asked, Cell, Column};
use tongpin_domain::lang::{Lang, Say as _};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::search::Texts;
use tongpin_store::{Store, StoreError};

use crate::guidance::{self, Unread};
use crate::web::parts::{Context, WORK, segment};
use crate::words::catalog;
use tongpin_console::web::PageError;

/// The catalogs that have a page of their own.
const PAGES: [&str; 6] = ["indicators", "rules", "procedures", "experts", "funds", "regions"];

/// The pages.
pub(super) fn pages() -> Router<Web> {
    Router::new()
        .route("/guidance", get(overview))
        .route("/guidance/indicators", get(indicators::get))
        .route("/guidance/indicators/{code}", get(indicator::get))
        .route("/guidance/rules", get(rules::get))
        .route("/guidance/procedures", get(procedures::get))
        .route("/guidance/experts", get(experts::get))
        .route("/guidance/funds", get(funds::get))
        .route("/guidance/regions", get(regions::get))
        .route("/guidance/{catalog}/releases/{number}", get(changes::get))
}

/// A catalog as it is held here: whose, which release, and since when.
struct Issue {
    publisher: RegionCode,
    catalog: String,
    number: u64,
    signed_at: Option<Moment>,
    applied_at: Option<Moment>,
    note: String,
}

impl Issue {
    /// Where its newest release is told.
    fn address(&self, number: u64) -> String {
        let (catalog, publisher) = (segment(&self.catalog), segment(self.publisher.as_str()));
        format!("/guidance/{catalog}/releases/{number}?publisher={publisher}")
    }
}

/// The catalogs that are held, the highest level's first; of one name or of all.
async fn issues(store: &Store, name: Option<&str>) -> Result<Vec<Issue>, StoreError> {
    let mut issues = Vec::new();
    for head in store.heads().await?.into_iter().filter(|head| name.is_none_or(|name| head.catalog.name == name)) {
        let release = store.release(&head.catalog, head.number).await?.map(|signed| signed.release);
        issues.push(Issue {
            signed_at: release.as_ref().map(|release| release.signed_at),
            note: release.map(|release| release.note).unwrap_or_default(),
            applied_at: store.applied_at(&head.catalog, head.number).await?,
            publisher: head.catalog.publisher,
            catalog: head.catalog.name,
            number: head.number,
        });
    }
    let place = |issue: &Issue| PAGES.iter().position(|page| *page == issue.catalog).unwrap_or(PAGES.len());
    issues.sort_by_key(|issue| (issue.publisher.level(), issue.publisher.clone(), place(issue)));
    Ok(issues)
}

fn when(at: Option<Moment>) -> String {
    at.map_or_else(|| "—".to_owned(), |at| at.to_string())
}

/// Under the heading of a catalog's page: whose it is, and how new.
async fn origin(store: &Store, catalog: &str, regions: &Regions, lang: Lang) -> Result<Markup, StoreError> {
    let issues = issues(store, Some(catalog)).await?;
    Ok(html! {
        @for issue in &issues {
            p.hint {
                (lang.pick("发布单位 ", "Published by ")) (regions.name(&issue.publisher))
                (lang.pick("，第 ", ", release ")) (issue.number) (lang.pick(" 版，签发 ", ", signed "))
                (when(issue.signed_at)) (lang.pick("，本级启用 ", ", in force here since ")) (when(issue.applied_at))
                " · " a href=(issue.address(issue.number)) { (lang.pick("本版改了什么", "What it changed")) }
            }
        }
        p.noprint { a href="/guidance" { (lang.pick("返回市级下发", "Back to the guidance")) } }
    })
}

/// The list of catalogs.
async fn overview(cx: Context) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let store = cx.app.store();
    let issues = issues(store, None).await?;
    let regions = guidance::regions(store).await?;
    let unread = guidance::unread(store).await?;
    let body = html! {
        (set_aside(&unread, lang))
        @if issues.is_empty() {
            p.empty { (lang.pick("还没有收到上级下发的内容；与上级连通后自动接收。连接情况见“总览”",
                "Nothing has come yet. It comes by itself once the parent is reached; see the overview for the link.")) }
        } @else {
            p { (lang.pick("由上级发布、在本级只读；有新版本时自动更新。",
                "Published above and read-only here; new releases arrive by themselves.")) }
            (table(&issues, &regions, lang))
        }
    };
    Ok(cx.page(lang.pick("市级下发", "Guidance")).show(&body))
}

/// What of it cannot be used here, and why.
fn set_aside(unread: &[Unread], lang: Lang) -> Markup {
    html! {
        @if !unread.is_empty() {
            div.notice.bad role="alert" { ul { @for unread in unread { li { (unread.say(lang)) } } } }
        }
    }
}

fn table(issues: &[Issue], regions: &Regions, lang: Lang) -> Markup {
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("目录", "catalog")) }
                th scope="col" { (lang.pick("发布单位", "publisher")) }
                th scope="col" { (lang.pick("版本", "release")) }
                th scope="col" { (lang.pick("签发时间", "signed")) }
                th scope="col" { (lang.pick("启用时间", "in force")) }
                th scope="col" { (lang.pick("说明", "note")) }
            } }
            tbody { @for issue in issues { tr {
                th scope="row" {
                    @let name = catalog::title(&issue.catalog, lang);
                    @if PAGES.contains(&issue.catalog.as_str()) {
                        a href=(format!("/guidance/{}", issue.catalog)) { (name) }
                    } @else if issue.catalog == "collections" {
                        a href="/collections" { (name) }
                    } @else { (name) }
                }
                td { (regions.name(&issue.publisher)) }
                td { a href=(issue.address(issue.number)) {
                    (lang.pick("第 ", "release ")) (issue.number) (lang.pick(" 版的变化", ": what changed"))
                } }
                td.when { (when(issue.signed_at)) }
                td.when { (when(issue.applied_at)) }
                td { (issue.note) }
            } } }
        } }
    }
}

/// The rows that hold every word, those first that hold it in the column `name`, or in the order that was asked for;
/// and those of the page that was asked for. For lists of some hundreds of rows that no table holds as they are shown:
/// catalogs are JSON of any form.
pub(super) fn chosen(mut rows: Vec<Vec<Cell>>, asked: &Asked, columns: &[Column], name: &str) -> (Vec<Vec<Cell>>, u64) {
    let place = |key: &str| columns.iter().position(|column| column.key == key);
    let words = asked.text("q");
    if !words.is_empty() {
        let text = |cell: Option<&Cell>| cell.map(|cell| cell.text.clone()).unwrap_or_default();
        let names: Vec<String> = rows.iter().map(|row| text(place(name).and_then(|at| row.get(at)))).collect();
        let rest = rows.iter().map(|row| row.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("\n"));
        let texts = Texts::new(names.iter().map(String::as_str).zip(rest));
        let mut left: Vec<Option<Vec<Cell>>> = rows.into_iter().map(Some).collect();
        rows = texts.find(words).into_iter().filter_map(|at| left.get_mut(at)?.take()).collect();
    }
    if let Some((key, backwards)) = asked.sort(columns)
        && let Some(at) = place(key)
    {
        let number = columns.get(at).is_some_and(|column| column.number);
        list::sort(&mut rows, number, backwards, |row| row.get(at).map(|cell| cell.text.clone()).unwrap_or_default());
    }
    let total = rows.len().try_into().unwrap_or(u64::MAX);
    (cut(rows, asked), total)
}

/// The rows of the page that was asked for; behind the last page, those of none.
fn cut<T>(rows: Vec<T>, asked: &Asked) -> Vec<T> {
    let (first, most) = asked.window();
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    rows.into_iter().skip(place(first)).take(place(most)).collect()
}

/// A column that is shown when the reader asks for it.
const fn further(key: &'static str, zh: &'static str, en: &'static str) -> Column {
    Column { shown: false, ..Column::new(key, zh, en) }
}

/// A column of numbers.
const fn figures(key: &'static str, zh: &'static str, en: &'static str) -> Column {
    Column { number: true, ..Column::new(key, zh, en) }
}

/// A filter with a box for words and some choices: name, label, what can be chosen.
fn search(asked: &Asked, hint: &str, choices: &[(&str, &str, Vec<&str>)], lang: Lang) -> Markup {
    let mut own = vec!["q"];
    own.extend(choices.iter().map(|(name, _, _)| *name));
    html! {
        form.search method="get" role="search" {
            (asked.hidden(&own))
            label { (lang.pick("查找", "Find")) " " input type="search" name="q" value=(asked.text("q")) placeholder=(hint); }
            @for (name, label, options) in choices {
                label { (label) " "
                    select name=(name) {
                        option value="" { (lang.pick("全部", "all")) }
                        @for option in options {
                            option value=(option) selected[asked.text(name) == *option] { (option) }
                        }
                    }
                }
            }
            button { (lang.pick("查询", "Search")) }
            a href="?" { (lang.pick("清除条件", "Clear")) }
        }
    }
}
