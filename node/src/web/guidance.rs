//! 市级下发: what the levels above share, for those who work by it. One page for each catalog, and for each release
//! what it changed.

mod changes;
mod experts;
mod funds;
mod indicator;
mod indicators;
mod issue;
mod list;
mod procedures;
mod regions;
mod rules;
mod season;
mod trials;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use tongpin_console::web::{PageError, Web};
use tongpin_domain::lang::Lang;
use tongpin_domain::region::Regions;

use self::issue::{Issue, PAGES, issues, unusable, when};
use crate::guidance;
use crate::web::parts::{Context, WORK};
use crate::words::catalog;

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
        .route("/guidance/trials", get(trials::get))
        .route("/guidance/{catalog}/releases/{number}", get(changes::get))
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
        (unusable(&unread, lang))
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
