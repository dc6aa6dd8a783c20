//! 目录发布: every catalog at a glance, with its draft and how far its newest release has come.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use maud::html;
use tongpin_console::web::{Page, Signed, Visitor, Web};
use tongpin_domain::catalog::{self, Head};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;

use super::{WORK, failed};
use crate::command::import::titled;
use crate::command::nodes;
use crate::failure::Failure;
use crate::office::Office;

/// One catalog.
struct Row {
    name: String,
    number: u64,
    entries: u64,
    signed_at: Option<Moment>,
    draft: Option<(String, Moment)>,
    /// Nodes that hold what they should, of those that should, and those that refused.
    applied: usize,
    due: usize,
    refused: usize,
}

/// The list.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &WORK).await?;
    let rows = rows(&office).await.map_err(|failure| failed(&web, &visitor, &failure))?;
    let lang = visitor.lang;
    let body = html! {
        p.hint { (lang.pick("先由经办导入草稿，再由另一人核对差异后发布；发布的版本自动送达各区县。",
            "One person imports a draft, another checks the difference and publishes; a release reaches the counties by itself.")) }
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
    Ok(Page::new(&web, &visitor, lang.pick("目录发布", "Catalogs")).show(&body))
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

async fn rows(office: &Office) -> Result<Vec<Row>, Failure> {
    let (own, store) = (office.site.region(), office.store());
    let heads: Vec<Head> = store.heads().await?.into_iter().filter(|head| head.catalog.publisher == own).collect();
    let mut names: Vec<String> = catalog::KNOWN.iter().map(|name| (*name).to_owned()).collect();
    names.extend(
        heads.iter().map(|head| head.catalog.name.clone()).filter(|name| !catalog::KNOWN.contains(&name.as_str())),
    );
    let nodes = nodes::rows(office).await?;
    let mut rows = Vec::new();
    for name in names {
        let id = office.catalog(&name);
        let number = heads.iter().find(|head| head.catalog == id).map_or(0, |head| head.number);
        let release = store.release(&id, number).await?.map(|signed| signed.release);
        let draft = store.draft_info(&id).await?;
        let states = nodes.iter().filter(|node| node.status == "active");
        let states =
            states.filter_map(|node| node.catalogs.iter().find(|it| it.publisher == own && it.catalog == name));
        let states: Vec<_> = states.filter(|state| state.due > 0).collect();
        rows.push(Row {
            number,
            entries: release.as_ref().map_or(0, |release| release.parts.iter().map(|part| part.count).sum()),
            signed_at: release.as_ref().map(|release| release.signed_at),
            draft: draft.map(|draft| (draft.by, draft.at)),
            applied: states.iter().filter(|state| state.current).count(),
            due: states.len(),
            refused: states.iter().filter(|state| state.state == "refused").count(),
            name,
        });
    }
    Ok(rows)
}
