//! 目录发布: every catalog at a glance, with its draft and how far its newest release has come.

use std::collections::BTreeMap;

use axum::response::Response;
use maud::html;
use tongpin_console::web::PageError;
use tongpin_domain::catalog::{self, Release};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;

use super::Context;
use super::WORK;
use crate::app::App;
use crate::failure::Failure;
use crate::ops::catalogs::titled;
use crate::ops::nodes;

/// One catalog.
struct Row {
    name: String,
    number: u64,
    entries: u64,
    signed_at: Option<Moment>,
    draft: Option<(String, Moment)>,
    /// When it is to be published, and whether nothing keeps it from that.
    planned: Option<(Moment, bool)>,
    /// Nodes that hold what they should, of those that should, and those that refused.
    applied: usize,
    due: usize,
    refused: usize,
}

/// The list.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let rows = rows(&cx.app).await?;
    let lang = cx.lang();
    let body = html! {
        p.hint { (lang.pick("先由经办导入文件或在线编辑成草稿，再由另一人核对差异后发布；发布的版本自动送达各区县。",
            "One person makes a draft, another checks the difference and publishes; a release reaches the counties by itself.")) }
        div.wide {
            table {
                thead { tr {
                    th scope="col" { (lang.pick("目录", "catalog")) }
                    th scope="col" { (lang.pick("版本", "release")) }
                    th scope="col" { (lang.pick("条目", "entries")) }
                    th scope="col" { (lang.pick("签发时间", "signed")) }
                    th scope="col" { (lang.pick("草稿", "draft")) }
                    th scope="col" { (lang.pick("已生效的单位", "applied by")) }
                } }
                tbody { @for row in &rows { (line(row, lang)) } }
            }
        }
    };
    Ok(cx.page(lang.pick("目录发布", "Catalogs")).show(&body))
}

fn line(row: &Row, lang: Lang) -> maud::Markup {
    html! {
        tr {
            th scope="row" { a href=(format!("/catalogs/{}", row.name)) { (name(&row.name, lang)) } }
            @if row.number == 0 {
                td colspan="3" { (lang.pick("尚未发布", "not published yet")) }
            } @else {
                td { (lang.pick("第 ", "")) (row.number) (lang.pick(" 版", "")) }
                td { (row.entries) }
                td.when { (row.signed_at.map(|at| at.to_string()).unwrap_or_default()) }
            }
            td {
                @match &row.draft {
                    Some((by, at)) => { span class="mark warn" { (lang.pick("待审核", "waits")) } " " (by) "，" (at) }
                    None => { (lang.pick("无", "none")) }
                }
                @match row.planned {
                    Some((at, true)) => { br; (lang.pick("定于 ", "at ")) (at) (lang.pick(" 发布", "")) }
                    Some((_, false)) => { br; span class="mark bad" { (lang.pick("到时没有发布", "not published in time")) } }
                    None => {}
                }
            }
            td {
                @if row.number > 0 { (row.applied) " / " (row.due) }
                @if row.refused > 0 {
                    " " span class="mark bad" { (row.refused) (lang.pick(" 个拒绝", " refused")) }
                }
            }
        }
    }
}

/// What a catalog is called on pages.
pub(super) fn name(catalog: &str, lang: Lang) -> String {
    let titled = titled(catalog);
    let chinese = titled.split_once('（').and_then(|(_, rest)| rest.strip_suffix('）')).unwrap_or(catalog);
    lang.pick(chinese, catalog).to_owned()
}

async fn rows(app: &App) -> Result<Vec<Row>, Failure> {
    let (own, store) = (app.site.region(), app.store());
    let newest = store.newest_releases(&own).await?.into_iter().map(|signed| signed.release);
    let newest: BTreeMap<String, Release> = newest.map(|release| (release.catalog.name.clone(), release)).collect();
    let mut drafts: BTreeMap<_, _> = store.draft_infos(&own).await?.into_iter().collect();
    let planned = store.planned_releases().await?.into_iter().filter(|plan| plan.catalog.publisher == own);
    let planned: BTreeMap<String, _> = planned.map(|plan| (plan.catalog.name.clone(), plan)).collect();
    let nodes = nodes::rows(app).await?;
    let mut names: Vec<String> = catalog::KNOWN.iter().map(|name| (*name).to_owned()).collect();
    let others = newest.keys().chain(drafts.keys()).filter(|name| !catalog::KNOWN.contains(&name.as_str()));
    names.extend(others.cloned().collect::<std::collections::BTreeSet<_>>());
    let row = |name: String| {
        let release = newest.get(&name);
        let states = nodes.iter().filter(|node| node.status == "active");
        let states =
            states.filter_map(|node| node.catalogs.iter().find(|it| it.publisher == own && it.catalog == name));
        let states: Vec<_> = states.filter(|state| state.due > 0).collect();
        Row {
            number: release.map_or(0, |release| release.number),
            entries: release.map_or(0, |release| release.parts.iter().map(|part| part.count).sum()),
            signed_at: release.map(|release| release.signed_at),
            draft: drafts.remove(&name).map(|draft| (draft.by, draft.at)),
            planned: planned.get(&name).map(|plan| (plan.at, plan.problem.is_empty())),
            applied: states.iter().filter(|state| state.current).count(),
            due: states.len(),
            refused: states.iter().filter(|state| state.state == "refused").count(),
            name,
        }
    };
    Ok(names.into_iter().map(row).collect())
}
