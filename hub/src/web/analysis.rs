//! 汇总分析: the collections whose reports can be looked at from every side that they were collected by.

mod before;
mod dimension;
mod documents;
pub(super) mod explain;
mod funds;
mod league;
pub(super) mod one;
mod picture;
mod view;

use axum::response::Response;
use maud::html;
use tongpin_console::web::PageError;
use tongpin_console::web::list::{Asked, Cell, Column, Filter, Listing, search};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::rollup::Method;

use super::Context;
use super::WORK;
use super::rows::chosen;
use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;

const COLUMNS: [Column; 5] = [
    Column { key: "title", zh: "归集任务", en: "collection", number: false, sorts: true, shown: true },
    Column { key: "period", zh: "期间", en: "period", number: false, sorts: true, shown: true },
    Column { key: "method", zh: "汇总方法", en: "method", number: false, sorts: true, shown: true },
    Column { key: "reported", zh: "已报", en: "reported", number: false, sorts: false, shown: true },
    Column { key: "due", zh: "截止", en: "due", number: false, sorts: true, shown: true },
];

/// The list.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let lang = cx.lang();
    let all = rows(&cx.app, lang).await?;
    let none = all.is_empty();
    let (rows, total) = chosen(all, &COLUMNS, &asked);
    let title = lang.pick("汇总分析", "Analysis");
    let empty = lang.pick("没有符合条件的归集任务", "no collection fits");
    let listing = Listing { title, columns: &COLUMNS, rows: &rows, total, empty };
    if let Some(file) = listing.exported(&asked, lang) {
        return Ok(file);
    }
    let body = html! {
        @if none {
            p.empty { (lang.pick("还没有归集任务，没有可分析的数。请先在", "There is no collection yet. Begin one at "))
                a href="/collections" { (lang.pick("归集", "Collections")) }
                (lang.pick("中新建并开放一个，区县上报后再来。", ", and come back when counties have reported.")) }
        } @else {
            p.hint { (lang.pick("选一个归集任务，看各区县、专项、部门的汇总、排名和分布。",
                "Choose a collection to see its totals, ranking and spread.")) }
            (search(&[Filter::words("", lang)], &asked, lang))
            (listing.draw(&asked, lang))
        }
    };
    Ok(cx.page(title).show(&body))
}

async fn rows(app: &App, lang: Lang) -> Result<Vec<Vec<Cell>>, Failure> {
    let regions = app.regions().await?;
    let mut rows = Vec::new();
    for published in app.collections().await? {
        let Collected { collection, coverage, .. } = Collected::of(app, published, regions.clone()).await?;
        let method = Method::of(&collection);
        rows.push(vec![
            Cell::link(collection.title.clone(), &format!("/analysis/{}", collection.id)),
            collection.period.clone().into(),
            method.map_or_else(|| lang.pick("合计", "totals").to_owned(), |method| method.say(lang)).into(),
            format!("{}/{}", coverage.reported.len(), coverage.asked).into(),
            collection.due.to_string().into(),
        ]);
    }
    Ok(rows)
}
