//! Choosing from the library: what is found as one types, what the entry means, and how often similar projects use it.

use std::cmp::Reverse;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tongpin_console::web::{Fields, PageError};
use tongpin_domain::indicator::Indicator;
use tongpin_domain::lang::Lang;

use super::Subject;
use crate::guidance::Published;
use crate::guidance::library::{LibraryIndex, Search};
use crate::records::HeldProject;
use crate::records::indicator_use::Used;
use crate::web::parts::{Context, segment};

/// Hits that are shown.
const SHOWN: usize = 20;

/// What was found, as the fragment that replaces what was found before. It changes nothing, so that it needs no token.
pub(super) async fn post(cx: Context, Path(code): Path<String>, fields: Fields) -> Result<Response, PageError> {
    let subject = Subject::open(&cx, &code).await?;
    Ok(section(&cx, &subject, wanted(&fields)).await?.into_response())
}

/// The hits, under the id that a search replaces.
pub(super) async fn section(cx: &Context, subject: &Subject, wanted: Search<'_>) -> Result<Markup, PageError> {
    let index = cx.app.library.index(cx.app.store()).await?;
    let read = cx.app.statistics.read(cx.app.store()).await?;
    Ok(drawn(&index, &read.used, &subject.held, subject.may, wanted, cx.lang()))
}

/// The search itself. With a script it is answered as one types. Whoever fills in the lines sends it with them, so that
/// nothing typed is lost; for the others it is a plain search.
pub(super) fn form(
    action: &str,
    find: &str,
    index: &LibraryIndex,
    wanted: Search<'_>,
    may: bool,
    lang: Lang,
) -> Markup {
    let of = may.then_some("lines");
    let live = may.then_some(find);
    let choice = |name: &str, label: &str, chosen: &str, options: Vec<&str>| {
        html! {
            label { (label) " "
                select name=(name) form=[of] data-live=[live] {
                    option value="" { (lang.pick("全部", "all")) }
                    @for option in options { option value=(option) selected[option == chosen] { (option) } }
                }
            }
        }
    };
    let boxes = html! {
        label { (lang.pick("查找指标", "Find")) " "
            input type="search" name="q" value=(wanted.words) autocomplete="off" form=[of] data-live=[live]
                placeholder=(lang.pick("名称、代码、解释", "name, code, definition"));
        }
        (choice("department", lang.pick("主管部门", "Department"), wanted.department, index.departments().collect()))
        (choice("level1", lang.pick("一级指标", "Level 1"), wanted.level1, index.level1s().collect()))
        button form=[of] name=[may.then_some("do")] value=[may.then_some("search")] { (lang.pick("查找", "Find")) }
    };
    html! {
        @if may { div.search role="search" { (boxes) } }
        @else { form.search method="get" action=(action) role="search" data-live=(find) { (boxes) } }
    }
}

/// What a form of the lines was sent to look for.
pub(super) fn wanted(fields: &Fields) -> Search<'_> {
    Search { words: fields.text("q"), department: fields.text("department"), level1: fields.text("level1") }
}

/// What is shown already, as the hits say themselves.
const SHOWN_BEFORE: &str = "found";

/// What stands for a search among the hits that it gave.
fn mark(wanted: Search<'_>) -> String {
    [wanted.words, wanted.department, wanted.level1].join("\n")
}

/// Whether something else is looked for than what is shown: who presses Enter in the search wants that found, and who
/// presses it elsewhere wants the lines saved.
pub(super) fn asked_anew(fields: &Fields) -> bool {
    let shown = fields.raw(SHOWN_BEFORE).replace("\r\n", "\n");
    shown != mark(wanted(fields))
}

/// The best hits: as the search ranks them, or, where nothing is searched for, what similar projects use most.
fn best<'a>(
    index: &'a LibraryIndex,
    used: &Used,
    held: &HeldProject,
    wanted: Search<'_>,
) -> Vec<&'a Published<Indicator>> {
    let mut found = index.find(wanted);
    if wanted.words.is_empty() {
        let project = &held.project;
        found.sort_by_key(|entry| {
            let it = &entry.value;
            let (similar, all) = (used.times_in(&project.fund_code, &it.code), used.times(&it.code));
            Reverse((similar, it.department == project.department, all))
        });
    }
    found
}

fn drawn(index: &LibraryIndex, used: &Used, held: &HeldProject, may: bool, wanted: Search<'_>, lang: Lang) -> Markup {
    let found = best(index, used, held, wanted);
    let total = found.len();
    html! {
        div id="found" {
            input type="hidden" form="lines" name=(SHOWN_BEFORE) value=(mark(wanted));
            p role="status" {
                @if index.len() == 0 {
                    (lang.pick("还没有收到指标库；与上级连通后自动接收，现在可以自设指标", "The library has not come yet; make indicators of your own for now."))
                } @else if total == 0 {
                    (lang.pick("没有找到；可减少字词、换个说法，或自设指标", "Nothing found: use fewer words, or make an indicator of your own."))
                } @else if wanted.words.is_empty() {
                    (lang.pick(&format!("共 {total} 条；同类项目常用的在前"), &format!("{total} in all, those that similar projects use first")))
                } @else {
                    (lang.pick(&format!("找到 {total} 条"), &format!("{total} found")))
                }
                @if total > SHOWN { (lang.pick(&format!("，显示前 {SHOWN} 条"), &format!(", the first {SHOWN} are shown"))) }
            }
            @for entry in found.into_iter().take(SHOWN) { (hit(&entry.value, used, held, may, lang)) }
        }
    }
}

fn hit(it: &Indicator, used: &Used, held: &HeldProject, may: bool, lang: Lang) -> Markup {
    let taken = held.lines.iter().any(|line| line.indicator_code.as_deref() == Some(&it.code));
    let (similar, all) = (used.times_in(&held.project.fund_code, &it.code), used.times(&it.code));
    let say = |zh: &str, en: &str, value: &str| {
        if value.is_empty() { String::new() } else { format!("{}{value}", lang.pick(zh, en)) }
    };
    let facts = [
        say("性质 ", "nature ", &it.nature),
        say("单位 ", "unit ", &it.unit),
        say("参考值 ", "typical value ", &it.typical_target),
        say("", "", &it.department),
    ];
    let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    html! {
        article.hit {
            p {
                strong { (it.name) } " "
                a href=(format!("/guidance/indicators/{}", segment(&it.code))) { (it.code) } " "
                span.hint { (it.level1) " / " (it.level2) }
            }
            @if !it.definition.is_empty() { p { (it.definition) } }
            p.hint {
                (facts.join(lang.pick("，", ", ")))
                (lang.pick(&format!("；本级已有 {all} 个项目使用，其中同一专项 {similar} 个"),
                    &format!("; used by {all} projects here, {similar} of the same fund")))
            }
            @if taken {
                p { span class="mark good" { (lang.pick("已选用", "chosen")) } }
            } @else if may {
                @let choose = lang.pick("选用", "Choose");
                button form="lines" name="do" value=(format!("add:{}", it.code)) aria-label=(format!("{choose} {}", it.name)) {
                    (choose)
                }
            }
        }
    }
}
