//! 条目一览: what is published of a catalog, or what its draft holds, searched as one types, narrowed, sorted, exported.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::PageError;
use tongpin_console::web::list::{self, Asked, Cell, Filter, Listing};
use tongpin_domain::form::FORMS;
use tongpin_domain::lang::Lang;

use super::entry_lists::{EntryList, EntryLists, Item, columns, filters};
use super::{View, entry_address};
use crate::web::Context;
use crate::web::WORK;

/// The list.
pub(in crate::web) async fn get(
    cx: Context,
    Extension(lists): Extension<Arc<EntryLists>>,
    Path(name): Path<String>,
    asked: Asked,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &WORK).await?;
    let lang = view.cx.lang();
    let drafted = asked.text("draft") == "1";
    // The bodies of entries are JSON of any form, so that lists are searched in memory, where both are prepared once.
    let list = if drafted {
        lists.drafted(&view.cx.app, &view.name).await?
    } else {
        Some(lists.published(&view.cx.app, &view.name).await?)
    };
    let Some(list) = list else {
        let body = html! {
            p.empty { (lang.pick("没有草稿。", "There is no draft.")) }
            p { a href=(view.action("entries")) { (lang.pick("查看已发布的条目", "What is published")) } }
        };
        return Ok(view.cx.page(lang.pick("草稿条目", "Draft entries")).show(&body));
    };
    let columns = columns(&view.name);
    let at = |key: &str| columns.iter().position(|column| column.key == key);
    let narrowed: Vec<(usize, &str)> = filters(&view.name)
        .iter()
        .filter_map(|key| Some((at(key)?, asked.text(key))))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let mut found = list.find(asked.text("q"), &narrowed);
    if let Some((key, backwards)) = asked.sort(columns)
        && let Some(at) = at(key)
    {
        let number = columns.get(at).is_some_and(|column| column.number);
        list::sort(&mut found, number, backwards, |item| item.cells.get(at).cloned().unwrap_or_default());
    }
    let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let (first, count) = asked.window();
    let window = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let rows: Vec<Vec<Cell>> =
        found.into_iter().skip(window(first)).take(window(count)).map(|item| row(&view, item, lang)).collect();
    let title = format!(
        "{}{}",
        view.called(),
        if drafted { lang.pick("草稿", " draft") } else { lang.pick("条目", " entries") }
    );
    let empty =
        lang.pick("没有符合条件的条目；可换个词或清除条件。", "Nothing fits: try another word, or clear the filters.");
    let listing = Listing { title: &title, columns, rows: &rows, total, empty };
    if let Some(file) = listing.exported(&asked, lang) {
        return Ok(file);
    }
    let body = html! {
        (view.entry_links(drafted))
        (search(&view, &list, &asked))
        (listing.draw(&asked, lang))
    };
    Ok(view.cx.page(&title).show(&body))
}

fn row(view: &View, item: &Item, lang: Lang) -> Vec<Cell> {
    let place = entry_address(&view.name, &item.key);
    let cell = |(at, text): (usize, &String)| match columns(&view.name).get(at).map(|column| column.key) {
        Some("key") => Cell::link(text.as_str(), &place),
        Some("audience") => Cell::from(view.audience_said(text)),
        Some("release") if text.is_empty() => {
            Cell::drawn("", html! { span.mark.warn { (lang.pick("草稿", "draft")) } })
        }
        _ => Cell::from(text.as_str()),
    };
    item.cells.iter().enumerate().map(cell).collect()
}

fn search(view: &View, list: &EntryList, asked: &Asked) -> Markup {
    let lang = view.cx.lang();
    let words = Filter::words(lang.pick("编码、名称、解释……", "key, name, text"), lang);
    let columns = columns(&view.name);
    let choices = filters(&view.name).iter().filter_map(|key| {
        let at = columns.iter().position(|column| column.key == *key)?;
        let column = columns.get(at)?;
        Some(Filter::texts(key, lang.pick(column.zh, column.en), list.values(at)))
    });
    list::search(&std::iter::once(words).chain(choices).collect::<Vec<_>>(), asked, lang)
}

impl View {
    fn entry_links(&self, drafted: bool) -> Markup {
        let lang = self.cx.lang();
        html! {
            div.row.noprint {
                @if drafted { a href=(self.action("entries")) { (lang.pick("查看已发布的条目", "What is published")) } }
                @else { a href=(self.action("entries?draft=1")) { (lang.pick("查看草稿条目", "What the draft holds")) } }
                @if self.cx.may(&[Duty::Enter]) {
                    @if self.name == FORMS { a href=(self.action("design")) { (lang.pick("新建表单", "New form")) } }
                    a href=(self.action("new")) { (lang.pick("新增条目", "New entry")) }
                }
                a href=(format!("/catalogs/{}", self.name)) { (lang.pick("返回目录", "Back to the catalog")) }
            }
        }
    }
}
