//! 评分: every project with its score, the worst first, and scoring all of them anew.

use std::collections::{BTreeSet, HashMap};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{Asked, Cell, Column, Listing};
use tongpin_console::web::{PageError, PageFailure as _, Posted, Signed, Tone, notice, token};
use tongpin_domain::lang::Lang;
use tongpin_domain::score::ScoreSheet;
use tongpin_store::{ProjectCounts, ProjectFilter, ProjectOrder, ProjectRow, Store, StoreError, UNSCORED};

use super::finding::{self, STATES};
use super::{marks, progress, projects};
use crate::failure::{Failure, page};
use crate::guidance::RuleBook;
use crate::ops::scoring::{self, Material};
use crate::records::answer::some;
use crate::sheets::scores::reviewers;
use crate::web::parts::{Context, WORK, rules, segment};
use crate::words::flag;

/// Projects without a score that are looked at to say why they have none.
const NAMED: u64 = 1000;

const fn column(key: &'static str, zh: &'static str, en: &'static str, sorts: bool) -> Column {
    Column { key, zh, en, number: false, sorts, shown: true }
}

const COLUMNS: [Column; 9] = [
    column("code", "项目代码", "project", true),
    column("name", "项目名称", "name", true),
    Column { key: "total", zh: "总分", en: "total", number: true, sorts: true, shown: true },
    column("rating", "评级", "rating", true),
    column("status", "状态", "status", true),
    column("flags", "提示", "flags", false),
    column("reviewed", "人工复核", "reviewed by", false),
    column("rules", "计分规则", "rules", false),
    column("scored", "评分时间", "scored", true),
];

/// The list.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let done = cx.lang().pick("评分已完成，结果见下", "scoring is done; here are the results");
    let told = if asked.text("scored").is_empty() { Markup::default() } else { notice(Tone::Good, done) };
    show(&cx, &asked, StatusCode::OK, &told).await
}

async fn show(cx: &Context, asked: &Asked, status: StatusCode, told: &Markup) -> Result<Response, PageError> {
    let lang = cx.lang();
    let store = cx.app.store();
    let statistics = cx.app.statistics.now(store).await?;
    let counted = count(store, &statistics.projects).await?;
    let book = RuleBook::load(store).await?;
    let (rows, total) = found(store, asked, &book, lang).await?;
    let title = lang.pick("评分", "Scores");
    let empty = lang.pick("没有符合条件的项目；可放宽查询条件", "nothing fits; ask for less");
    let listing = Listing { title, columns: &COLUMNS, rows: &rows, total, empty };
    if let Some(file) = listing.exported(asked, lang) {
        let detail = format!("{total} 个项目");
        cx.audit("score_export", "", &detail, true).await?;
        return Ok(file);
    }
    let scored: u64 = counted.by_status.iter().sum();
    let standing = cx.app.rescoring.standing();
    let body = html! {
        (told)
        (progress::draw(&standing, lang))
        @if statistics.choices.years.is_empty() {
            p.empty { (lang.pick("还没有项目；请先导入或新建项目，再评分", "There are no projects; import or enter some first."))
                " " a href="/projects" { (lang.pick("项目", "Projects")) } }
        } @else {
            (unscored(&counted, &book, lang))
            (counts(&counted, lang))
            @if cx.may(&[Duty::Enter]) { (form(&book, &cx.signed, lang)) }
            @if scored > 0 {
                (finding::form(asked, &statistics.choices, false, lang))
                (listing.draw(asked, lang))
                p.noprint { a href=(format!("/scores/export.csv{}", asked.query())) {
                    (lang.pick("导出评分明细（CSV，可与上级交换）", "Export the scores in the form that offices exchange (CSV)")) } }
            }
        }
    };
    let page = cx.page(title);
    let page = if standing.is_running() { page.refreshing() } else { page };
    Ok(page.status(status).show(&body))
}

/// How many scores there are, and which projects have none.
struct Counted {
    /// By status, as [`STATES`] has them.
    by_status: [u64; 4],
    /// The first projects without a score.
    without: Vec<ProjectRow>,
    /// How many those are in all.
    open: u64,
}

async fn count(store: &Store, projects: &ProjectCounts) -> Result<Counted, StoreError> {
    let of = |status: &str| projects.by_status.get(status).copied().unwrap_or_default();
    let (mut without, open) = (Vec::new(), of(UNSCORED));
    if open > 0 {
        let filter = ProjectFilter { status: UNSCORED.to_owned(), ..ProjectFilter::default() };
        without = store.projects_page(&filter, ProjectOrder::Code, false, 0, NAMED).await?.0;
    }
    Ok(Counted { by_status: STATES.map(|status| of(status.code())), without, open })
}

/// What is asked for, the worst first unless another order is.
pub(super) async fn page(
    store: &Store,
    asked: &Asked,
    (offset, limit): (u64, u64),
) -> Result<(Vec<ProjectRow>, u64), StoreError> {
    let (key, backwards) = asked.sort(&COLUMNS).unwrap_or(("status", true));
    let filter = ProjectFilter { scored: true, ..finding::filter(asked) };
    store.projects_page(&filter, projects::order(key), backwards, offset, limit).await
}

async fn found(store: &Store, asked: &Asked, book: &RuleBook, lang: Lang) -> Result<(Vec<Vec<Cell>>, u64), Failure> {
    let (projects, total) = page(store, asked, asked.window()).await?;
    let codes: Vec<&str> = projects.iter().map(|project| project.code.as_str()).collect();
    let scores = store.scores_of(&codes).await?;
    let sheets: Result<HashMap<String, ScoreSheet>, _> = scores
        .iter()
        .map(|row| serde_json::from_str(&row.sheet).map(|sheet| (row.project_code.clone(), sheet)))
        .collect();
    let sheets = sheets.map_err(|error| Failure::internal(&error))?;
    let rows = projects.iter().map(|project| cells(project, sheets.get(&project.code), book, lang));
    Ok((rows.collect(), total))
}

/// Which projects have no score yet, and why they cannot get one.
fn unscored(counted: &Counted, book: &RuleBook, lang: Lang) -> Markup {
    if counted.open == 0 {
        return html! {};
    }
    let codes: Vec<String> = counted.without.iter().map(|project| project.code.clone()).collect();
    let years: BTreeSet<i64> = counted.without.iter().map(|project| project.fiscal_year).collect();
    let choices = years.iter().filter_map(|year| book.choose(None, i32::try_from(*year).ok()?).err());
    let reasons: BTreeSet<String> = choices.map(|choice| page::choice(&choice, lang)).collect();
    let zh = format!("有 {} 个项目还没有评分（{}）", counted.open, some(&codes));
    let en = format!("{} projects have no score yet ({})", counted.open, some(&codes));
    html! {
        (notice(Tone::Warn, lang.pick(&zh, &en)))
        @for reason in &reasons { p.hint { (reason) } }
    }
}

/// How many there are of each state.
fn counts(counted: &Counted, lang: Lang) -> Markup {
    let scored: u64 = counted.by_status.iter().sum();
    html! {
        p {
            (lang.pick("共 ", "")) (scored) (lang.pick(" 个项目有评分：", " projects with a score: "))
            @for (at, (status, count)) in STATES.iter().zip(counted.by_status).rev().enumerate() {
                @if at > 0 { (lang.pick("，", ", ")) }
                (status.text(lang)) " " (count)
            }
        }
    }
}

/// Scoring all of them anew. Where there are several rule sets, one can be chosen.
fn form(book: &RuleBook, signed: &Signed, lang: Lang) -> Markup {
    let titles: Vec<(&str, &str)> = book.titles().collect();
    html! {
        form.search method="post" action="/scores" {
            (token(signed))
            @if titles.len() > 1 {
                label { (lang.pick("计分规则", "Rules")) " "
                    select name="rules" {
                        option value="" { (lang.pick("按项目年度选用", "by the project's year")) }
                        @for (key, title) in &titles { option value=(key) { (title) "（" (key) "）" } }
                    }
                }
            }
            button { (lang.pick("重新评分", "Score all anew")) }
            span.hint { (lang.pick("按现有记录和规则重算全部项目，替换原有评分",
                "computes all projects anew from the present records and rules")) }
        }
    }
}

fn cells(project: &ProjectRow, sheet: Option<&ScoreSheet>, book: &RuleBook, lang: Lang) -> Vec<Cell> {
    let flags = sheet.map_or_else(String::new, |sheet| flag::words(&flag::all(sheet), lang));
    let used = sheet.map_or_else(String::new, |sheet| rules(&sheet.rules, lang));
    vec![
        Cell::link(project.code.clone(), &format!("/scores/{}", segment(&project.code))),
        project.name.clone().into(),
        project.total.clone().unwrap_or_else(|| "—".to_owned()).into(),
        project.rating.clone().into(),
        marks::status(project, book, lang),
        flags.into(),
        sheet.map_or_else(String::new, reviewers).into(),
        used.into(),
        project.scored_at.map(|at| at.to_string()).unwrap_or_default().into(),
    ]
}

/// Scores all projects anew, and goes back to where that was asked for.
pub(super) async fn post(cx: Context, Posted(fields): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let name = Some(fields.text("rules")).filter(|name| !name.is_empty());
    let entry = cx.audit_entry("score", name.unwrap_or_default(), "");
    let material = Material::load(cx.app.store()).await?;
    match scoring::all_anew(&cx.app, &material, name, cx.lang(), &entry).await {
        Ok(_) => {
            let back = match fields.text("collection") {
                "" => "/scores?scored=1".to_owned(),
                id => format!("/collections/{}?scored=1", segment(id)),
            };
            Ok(Redirect::to(&back).into_response())
        }
        Err(failure @ Failure::Rules(_)) => {
            let told = notice(Tone::Bad, &failure.on_page(cx.lang()));
            show(&cx, &Asked::default(), StatusCode::CONFLICT, &told).await
        }
        Err(failure) => Err(failure.into()),
    }
}
