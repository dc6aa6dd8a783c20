//! 目录发布: every catalog at a glance, with its draft and how far its newest release has come.

use axum::response::Response;
use maud::html;
use tongpin_console::web::PageError;
use tongpin_domain::lang::Lang;

use super::{Context, WORK, starter};
use crate::ops::catalogs::{Row, rows, titled};

/// The list.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let rows = rows(&cx.app).await?;
    let lang = cx.lang();
    let body = html! {
        (starter::card(&cx.app, &cx.signed, lang).await?)
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
