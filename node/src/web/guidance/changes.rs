//! What a release changed here: entries that came, changed and went, with both values.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tongpin_console::web::{PageError, Tone, notice};
use tongpin_domain::catalog::changed::{self, FieldChange};
use tongpin_domain::catalog::{self, CatalogId, Changes, Entry, Release};
use tongpin_domain::form::TRIALS;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;
use tongpin_link::history::{self, Passage};

use super::issue::{issues, when};
use super::trials;
use crate::failure::Failure;
use crate::web::parts::{Context, WORK, segment};
use crate::{guidance, words};

/// Entries of each kind that a page shows; the rest is counted.
const SHOWN: usize = 200;

/// Whose catalog, as the address says it; without that, the highest level's.
#[derive(Debug, Deserialize)]
pub(super) struct Whose {
    #[serde(default)]
    publisher: String,
}

/// Shows it.
pub(super) async fn get(
    cx: Context,
    Path((name, number)): Path<(String, u64)>,
    Query(whose): Query<Whose>,
) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let store = cx.app.store();
    let wanted = RegionCode::new(&whose.publisher).ok();
    let held = issues(store, Some(&name)).await?;
    let issue = held.into_iter().find(|issue| wanted.as_ref().is_none_or(|wanted| issue.publisher == *wanted));
    let id = issue.as_ref().map(|issue| CatalogId::new(issue.publisher.clone(), &name));
    let release = match &id {
        Some(id) => store.release(id, number).await?,
        None => None,
    };
    let (Some(issue), Some(id), Some(release)) = (issue, id, release) else {
        let zh = format!(
            "本级没有目录“{}”的第 {number} 版；请在“市级下发”中查看已收到的版本",
            words::catalog::title(&name, Lang::Zh)
        );
        let en = format!("there is no release {number} of {name} here; see Guidance");
        let title = lang.pick("没有此版本", "No such release");
        return Err(cx.refused(title, lang.pick(&zh, &en), StatusCode::NOT_FOUND).into());
    };
    let passage = history::passage(store, &id, number).await;
    let mut passage = passage.map_err(Failure::from)?;
    if let Some(passage) = passage.as_mut().filter(|_| name == TRIALS) {
        *passage = trials::in_words(passage, lang);
    }
    let regions = guidance::regions(store).await?;
    let applied = store.applied_at(&id, number).await?;
    let release = release.release;
    let back = if super::PAGES.contains(&name.as_str()) {
        format!("/guidance/{}", segment(&name))
    } else {
        "/guidance".into()
    };
    let body = html! {
        dl {
            (crate::web::parts::fact(lang.pick("发布单位", "Published by"), regions.name(&issue.publisher)))
            (crate::web::parts::fact(lang.pick("签发时间", "Signed"), release.signed_at))
            (crate::web::parts::fact(lang.pick("本级启用", "In force here"), when(applied)))
            (crate::web::parts::fact(lang.pick("说明", "Note"), if release.note.is_empty() { "—" } else { &release.note }))
        }
        @match &passage {
            Some(passage) => (told(passage, &release, lang)),
            None => p.empty { (lang.pick("本级没有保存这一版的变化", "What it changed is not kept here.")) },
        }
        nav.pages aria-label=(lang.pick("其他版本", "Other releases")) {
            @if number > 1 { a href=(issue.address(number - 1)) rel="prev" { (lang.pick("上一版", "Before")) } }
            @if number < issue.number { a href=(issue.address(number + 1)) rel="next" { (lang.pick("下一版", "After")) } }
            a href=(back) { (lang.pick("返回目录", "Back to the catalog")) }
        }
    };
    let named = words::catalog::title(&name, lang);
    let heading = lang.pick(&format!("{named}第 {number} 版"), &format!("{named}, release {number}")).to_owned();
    Ok(cx.page(&heading).show(&body))
}

fn told(passage: &Passage, release: &Release, lang: Lang) -> Markup {
    let changes = catalog::compare(&passage.before, &passage.after);
    let (before, after) = (by_key(&passage.before), by_key(&passage.after));
    let Changes { added, changed, retired } = &changes;
    let several = passage.from > 0 && (passage.from + 1, passage.to) != (release.number, release.number);
    let (from, to) = (passage.from, passage.to);
    html! {
        @if several {
            (notice(Tone::Warn, lang.pick(
                &format!("本级从第 {from} 版直接更新到第 {to} 版，以下是这几版合起来的变化"),
                &format!("this node went from release {from} straight to {to}: this is what all of them changed"))))
        }
        p { (lang.pick(
            &format!("新增 {} 条，修改 {} 条，停用 {} 条", added.len(), changed.len(), retired.len()),
            &format!("{} added, {} changed, {} retired", added.len(), changed.len(), retired.len()))) }
        (named(lang.pick("停用", "Retired"), retired, &before))
        @if !changed.is_empty() {
            h2 { (lang.pick("修改", "Changed")) }
            (fields(changed, &before, &after, lang))
        }
        (named(lang.pick("新增", "Added"), added, &after))
    }
}

fn by_key(entries: &[Entry]) -> BTreeMap<&str, &Entry> {
    entries.iter().map(|entry| (entry.key.as_str(), entry)).collect()
}

fn named(heading: &str, keys: &[String], side: &BTreeMap<&str, &Entry>) -> Markup {
    html! {
        @if !keys.is_empty() {
            h2 { (heading) }
            ul {
                @for key in keys.iter().take(SHOWN) {
                    li { (key) " " (side.get(key.as_str()).map(|entry| changed::title(&entry.body)).unwrap_or_default()) }
                }
                @if keys.len() > SHOWN { li { "… " (keys.len() - SHOWN) } }
            }
        }
    }
}

fn fields(keys: &[String], before: &BTreeMap<&str, &Entry>, after: &BTreeMap<&str, &Entry>, lang: Lang) -> Markup {
    let both = |key: &String| Some((*before.get(key.as_str())?, *after.get(key.as_str())?));
    let value = |value: Option<&String>| match value.map(String::as_str) {
        None => lang.pick("（无）", "(none)").to_owned(),
        Some("") => lang.pick("（空）", "(blank)").to_owned(),
        Some(text) => text.to_owned(),
    };
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("条目", "entry")) }
                th scope="col" { (lang.pick("字段", "field")) }
                th scope="col" { (lang.pick("原值", "before")) }
                th scope="col" { (lang.pick("新值", "after")) }
            } }
            tbody { @for (old, new) in keys.iter().take(SHOWN).filter_map(both) {
                @let changes = changed::fields(old, new);
                @for (at, FieldChange { field, before, after }) in changes.iter().enumerate() { tr {
                    @if at == 0 { th scope="row" rowspan=(changes.len()) { (new.key) " " (changed::title(&new.body)) } }
                    td { (field) }
                    td { (value(before.as_ref())) }
                    td { (value(after.as_ref())) }
                } }
            } }
        } }
        @if keys.len() > SHOWN { p { "… " (keys.len() - SHOWN) } }
    }
}
