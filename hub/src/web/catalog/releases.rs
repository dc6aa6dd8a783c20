//! 历次版本: every release of a catalog with who drafted and approved it, and what one of them changed.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::PageError;
use tongpin_console::web::list::{Asked, Cell, Column, Filter, Listing, search};
use tongpin_domain::catalog::Release;
use tongpin_domain::lang::Lang;
use tongpin_link::history::{self, Change};

use super::{View, entry_address};
use crate::failure::Failure;
use crate::ops::diff;
use crate::web::Context;
use crate::web::WORK;
use crate::web::rows::chosen;

const COLUMNS: [Column; 7] = [
    Column { number: true, ..Column::new("number", "版本", "Release") },
    Column::new("signed", "签发时间", "Signed"),
    Column::new("drafted", "经办", "Drafted by"),
    Column::new("approved", "审核", "Approved by"),
    Column::new("note", "说明", "Note"),
    Column { number: true, ..Column::new("entries", "条目数", "Entries") },
    Column { sorts: false, shown: false, ..Column::new("digest", "摘要", "Digest") },
];

/// The list, newest first.
pub(in crate::web) async fn get(cx: Context, Path(name): Path<String>, asked: Asked) -> Result<Response, PageError> {
    let view = View::open(cx, name, &WORK).await?;
    let (lang, store) = (view.cx.lang(), view.cx.app.store());
    let total = store.head(&view.id()).await?.map_or(0, |head| head.number);
    let (first, count) = asked.window();
    let sort = asked.sort(&COLUMNS);
    // Numbers have no gaps, so a page of them is a range. To search or to sort by what only the signed manifests say,
    // all of them are read: a catalog has some dozens of releases a year.
    let by_number = asked.text("q").is_empty() && sort.is_none_or(|(key, _)| key == "number");
    let ascending = sort == Some(("number", false));
    let (after, upto) = match (by_number, ascending) {
        (false, _) => (0, total),
        (true, true) => (first, first.saturating_add(count).min(total)),
        (true, false) => (total.saturating_sub(first.saturating_add(count)), total.saturating_sub(first)),
    };
    let mut releases = store.releases(&view.id(), after, upto).await?;
    if !ascending {
        releases.reverse();
    }
    let rows: Vec<Vec<Cell>> = releases
        .iter()
        .map(|signed| {
            let release = &signed.release;
            vec![
                Cell::link(release.number.to_string(), &view.action(&format!("releases/{}", release.number))),
                release.signed_at.to_string().into(),
                release.drafted_by.as_str().into(),
                release.approved_by.as_str().into(),
                release.note.as_str().into(),
                Cell::amount(entries(release).to_string()),
                signed.digest.to_string().into(),
            ]
        })
        .collect();
    let none = total == 0;
    let (rows, total) = if by_number { (rows, total) } else { chosen(rows, &COLUMNS, &asked) };
    let title = format!("{}{}", view.called(), lang.pick("历次版本", " releases"));
    let empty = if none {
        lang.pick("尚未发布过。", "Nothing is published yet.")
    } else {
        lang.pick("没有符合条件的版本；可换个词。", "No release fits: try another word.")
    };
    let listing = Listing { title: &title, columns: &COLUMNS, rows: &rows, total, empty };
    if let Some(file) = listing.exported(&asked, lang) {
        return Ok(file);
    }
    let body = html! {
        @if !none {
            (search(&[Filter::words(lang.pick("说明、经办、审核、日期", "note, people, day"), lang)], &asked, lang))
        }
        (listing.draw(&asked, lang))
        p { a href=(format!("/catalogs/{}", view.name)) { (lang.pick("返回目录", "Back to the catalog")) } }
    };
    Ok(view.cx.page(&title).show(&body))
}

/// What one release changed.
pub(in crate::web) async fn one(
    cx: Context,
    Path((name, number)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &WORK).await?;
    let (lang, store) = (view.cx.lang(), view.cx.app.store());
    let number = number.parse().unwrap_or(0);
    let Some(signed) = store.release(&view.id(), number).await? else {
        let body = html! {
            p.empty { (lang.pick("没有这个版本。", "There is no such release.")) }
            p { a href=(view.action("releases")) { (lang.pick("返回历次版本", "Back to the releases")) } }
        };
        return Ok(view.cx.page(lang.pick("历次版本", "Releases")).status(StatusCode::NOT_FOUND).show(&body));
    };
    let changes = history::changes_in(store, &view.id(), number).await.map_err(Failure::from)?;
    let release = &signed.release;
    let title = lang
        .pick(&format!("{}第 {number} 版", view.called()), &format!("{} release {number}", view.called()))
        .to_owned();
    let body = html! {
        dl {
            div { dt { (lang.pick("签发时间", "Signed")) } dd { (release.signed_at) } }
            div { dt { (lang.pick("经办", "Drafted by")) } dd { (release.drafted_by) } }
            div { dt { (lang.pick("审核", "Approved by")) } dd { (release.approved_by) } }
            div { dt { (lang.pick("条目数", "Entries")) } dd { (entries(release)) } }
            div { dt { (lang.pick("摘要", "Digest")) } dd { code { (signed.digest.short()) } } }
            @if !release.note.is_empty() { div { dt { (lang.pick("说明", "Note")) } dd { (release.note) } } }
        }
        h2 { (lang.pick("本版的变动", "What it changed")) }
        (view.change_list(&changes))
        p { a href=(view.action("releases")) { (lang.pick("返回历次版本", "Back to the releases")) } }
    };
    Ok(view.cx.page(&title).show(&body))
}

fn entries(release: &Release) -> u64 {
    release.parts.iter().map(|part| part.count).sum()
}

/// What a change is called.
pub(super) fn kind(change: &Change, lang: Lang) -> &'static str {
    match (&change.before, &change.after) {
        (None, Some(_)) => lang.pick("新增", "added"),
        (_, None) => lang.pick("停用", "retired"),
        (Some(_), Some(_)) => lang.pick("修改", "changed"),
    }
}

/// Changes that a page shows; the rest is counted.
const SHOWN: usize = 200;

impl View {
    fn change_list(&self, changes: &[Change]) -> Markup {
        let lang = self.cx.lang();
        let count = |word: &str| changes.iter().filter(|change| kind(change, Lang::Zh) == word).count();
        html! {
            p {
                (lang.pick("新增 ", "added ")) (count("新增")) (lang.pick("，修改 ", ", changed ")) (count("修改"))
                (lang.pick("，停用 ", ", retired ")) (count("停用"))
            }
            @for change in changes.iter().take(SHOWN) {
                @let entry = change.after.as_ref().or(change.before.as_ref());
                @let named = entry.map(|entry| diff::title(&entry.body)).unwrap_or_default();
                h3 { (kind(change, lang)) " " a href=(entry_address(&self.name, &change.key)) { (change.key) " " (named) } }
                @if let (Some(before), Some(after)) = (&change.before, &change.after) {
                    (self.field_changes(&diff::fields(before, after)))
                }
            }
            @if changes.len() > SHOWN { p { "… " (changes.len() - SHOWN) } }
        }
    }
}
