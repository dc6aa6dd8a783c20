//! 评分: every project with its score, the worst first, and scoring all of them anew.

use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tongpin_console::duty::Duty;
use tongpin_console::web::{Page, Posted, Signed, Tone, Visitor, Web, notice, token};
use tongpin_domain::lang::Lang;
use tongpin_domain::score::Status;

use super::{RIGHT, WORK, failed, rules, segment, words};
use crate::answer::some;
use crate::failure::Failure;
use crate::flag;
use crate::office::Office;
use crate::scoring::{self, Kept, Material};

/// Projects on a page.
const PAGE: usize = 50;
/// The states of a score, the worst first.
pub(super) const STATES: [Status; 4] = [Status::DataError, Status::Incomplete, Status::Review, Status::Scored];

/// What is asked for, as the address says it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    text: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    rating: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    scored: String,
}

impl Asked {
    /// The scores that fit, the worst first.
    pub(super) fn of(&self, mut kept: Vec<Kept>) -> Vec<Kept> {
        kept.retain(|kept| self.fits(kept));
        kept.sort_by(|a, b| {
            let worst = |kept: &Kept| (std::cmp::Reverse(kept.sheet.status), kept.sheet.total);
            worst(a).cmp(&worst(b)).then_with(|| a.project.code.cmp(&b.project.code))
        });
        kept
    }

    fn fits(&self, kept: &Kept) -> bool {
        let (project, sheet) = (&kept.project, &kept.sheet);
        let text = self.text.trim().to_lowercase();
        let places = [&project.code, &project.name, &project.department, &project.fund_code];
        (self.status.is_empty() || self.status == sheet.status.code())
            && (self.rating.is_empty() || sheet.rating.as_ref() == Some(&self.rating))
            && (text.is_empty() || places.iter().any(|place| place.to_lowercase().contains(&text)))
    }

    /// What stands behind the question mark of an address that asks for the same.
    fn query(&self) -> String {
        format!("text={}&status={}&rating={}", segment(&self.text), segment(&self.status), segment(&self.rating))
    }
}

/// The list.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    visitor: Visitor,
    signed: Signed,
    Query(asked): Query<Asked>,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, WORK).await?;
    let done = visitor.lang.pick("评分已完成，结果见下", "scoring is done; here are the results");
    let told = if asked.scored.is_empty() { Markup::default() } else { notice(Tone::Good, done) };
    show(&web, &office, &visitor, &signed, &asked, &told).await
}

async fn show(
    web: &Web,
    office: &Office,
    visitor: &Visitor,
    signed: &Signed,
    asked: &Asked,
    told: &Markup,
) -> Result<Response, Response> {
    let lang = visitor.lang;
    let material = Material::load(office.store()).await.map_err(|error| visitor.failed(error))?;
    let kept = scoring::kept(office.store(), &material.held).await;
    let kept = kept.map_err(|failure| failed(web, visitor, &failure))?;
    let body = html! {
        (told)
        @if material.held.projects.is_empty() {
            p.empty { (lang.pick("还没有项目；请先导入本级项目和绩效指标（import projects、import indicators）",
                "There are no projects; import some first (import projects, import indicators).")) }
        } @else {
            (unscored(&material, &kept, lang))
            (counts(&kept, lang))
            @if signed.may(&[Duty::Enter]) { (form(&material, signed, lang)) }
            @if !kept.is_empty() { (listed(asked, kept, lang)) }
        }
    };
    Ok(Page::new(web, visitor, lang.pick("评分", "Scores")).show(&body))
}

/// Which projects have no score yet, and why they cannot get one.
fn unscored(material: &Material, kept: &[Kept], lang: Lang) -> Markup {
    let without = material.without_score(kept);
    if without.is_empty() {
        return html! {};
    }
    let codes: Vec<String> = without.iter().map(|project| project.code.clone()).collect();
    let mut reasons: Vec<String> = without
        .iter()
        .filter_map(|project| material.book.choose(None, project.fiscal_year).err())
        .map(|choice| words::choice(&choice, lang))
        .collect();
    reasons.sort();
    reasons.dedup();
    let zh = format!("有 {} 个项目还没有评分（{}）", codes.len(), some(&codes));
    let en = format!("{} projects have no score yet ({})", codes.len(), some(&codes));
    html! {
        (notice(Tone::Warn, lang.pick(&zh, &en)))
        @for reason in &reasons { p.hint { (reason) } }
    }
}

/// How many there are of each state, and what does not take part.
fn counts(kept: &[Kept], lang: Lang) -> Markup {
    let count = |status| kept.iter().filter(|kept| kept.sheet.status == status).count();
    html! {
        p {
            (lang.pick("共 ", "")) (kept.len()) (lang.pick(" 个项目有评分：", " projects with a score: "))
            @for (at, status) in STATES.iter().rev().enumerate() {
                @if at > 0 { (lang.pick("，", ", ")) }
                (status.text(lang)) " " (count(*status))
            }
        }
    }
}

/// Scoring all of them anew. Where there are several rule sets, one can be chosen.
fn form(material: &Material, signed: &Signed, lang: Lang) -> Markup {
    let titles: Vec<(&str, &str)> = material.book.titles().collect();
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

/// The search, the table and the pages.
fn listed(asked: &Asked, kept: Vec<Kept>, lang: Lang) -> Markup {
    let mut ratings: Vec<String> = kept.iter().filter_map(|kept| kept.sheet.rating.clone()).collect();
    ratings.sort();
    ratings.dedup();
    let found = asked.of(kept);
    let last = found.len().saturating_sub(1) / PAGE;
    let page = asked.page.min(last);
    let address = |page: usize| format!("/scores?{}&page={page}", asked.query());
    html! {
        (search(asked, &ratings, lang))
        div.row {
            p { (lang.pick("符合条件 ", "")) (found.len()) (lang.pick(" 个", " found")) }
            a href=(format!("/scores/export.csv?{}", asked.query())) { (lang.pick("导出 CSV", "Export CSV")) }
        }
        @if found.is_empty() {
            p.empty { (lang.pick("没有符合条件的项目；可放宽查询条件", "nothing fits; ask for less")) }
        } @else {
            (table(found.iter().skip(page * PAGE).take(PAGE), lang))
        }
        nav.pages aria-label=(lang.pick("翻页", "Pages")) {
            @if page > 0 { a href=(address(page - 1)) { (lang.pick("上一页", "Previous")) } }
            span { (lang.pick("第 ", "page ")) (page + 1) " / " (last + 1) (lang.pick(" 页", "")) }
            @if page < last { a href=(address(page + 1)) { (lang.pick("下一页", "Next")) } }
        }
    }
}

fn search(asked: &Asked, ratings: &[String], lang: Lang) -> Markup {
    let all = lang.pick("全部", "all");
    html! {
        form.search method="get" action="/scores" role="search" {
            label { (lang.pick("包含", "Contains")) " " input name="text" value=(asked.text); }
            label { (lang.pick("状态", "Status")) " "
                select name="status" {
                    option value="" { (all) }
                    @for status in STATES {
                        option value=(status.code()) selected[asked.status == status.code()] { (status.text(lang)) }
                    }
                }
            }
            label { (lang.pick("评级", "Rating")) " "
                select name="rating" {
                    option value="" { (all) }
                    @for rating in ratings { option value=(rating) selected[asked.rating == *rating] { (rating) } }
                }
            }
            button { (lang.pick("查询", "Search")) }
            a href="/scores" { (lang.pick("清除条件", "Clear")) }
        }
    }
}

fn table<'a>(found: impl Iterator<Item = &'a Kept>, lang: Lang) -> Markup {
    html! {
        div.wide {
            table {
                thead { tr {
                    th scope="col" { (lang.pick("项目代码", "project")) }
                    th scope="col" { (lang.pick("项目名称", "name")) }
                    th scope="col" style=(RIGHT) { (lang.pick("总分", "total")) }
                    th scope="col" { (lang.pick("评级", "rating")) }
                    th scope="col" { (lang.pick("状态", "status")) }
                    th scope="col" { (lang.pick("提示", "flags")) }
                    th scope="col" { (lang.pick("计分规则", "rules")) }
                    th scope="col" { (lang.pick("评分时间", "scored")) }
                } }
                tbody { @for kept in found { (row(kept, lang)) } }
            }
        }
    }
}

fn row(kept: &Kept, lang: Lang) -> Markup {
    let sheet = &kept.sheet;
    html! {
        tr {
            th scope="row" { a href=(format!("/scores/{}", segment(&kept.project.code))) { (kept.project.code) } }
            td { (kept.project.name) }
            td style=(RIGHT) { (sheet.total.map_or_else(|| "—".to_owned(), |total| total.to_string())) }
            td { (sheet.rating.as_deref().unwrap_or_default()) }
            td { (mark(sheet.status, lang)) }
            td { (flag::words(&sheet.flags, lang)) }
            td { (rules(&sheet.rules, lang)) }
            td.when { (kept.at) }
        }
    }
}

/// A state on its colour.
pub(super) fn mark(status: Status, lang: Lang) -> Markup {
    let class = match status {
        Status::Scored => "mark good",
        Status::Review | Status::Incomplete => "mark warn",
        Status::DataError => "mark bad",
    };
    html! { span class=(class) { (status.text(lang)) } }
}

/// Scores all projects anew, and goes back to where that was asked for.
pub(super) async fn post(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    visitor: Visitor,
    signed: Signed,
    Posted(fields): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::Enter]).await?;
    let name = Some(fields.text("rules")).filter(|name| !name.is_empty());
    match score(&office, name, visitor.lang).await {
        Ok((scored, skipped)) => {
            let detail = format!("评分 {scored} 个项目，未评分 {skipped} 个");
            visitor.audit(&web, &signed.account.name, "score", name.unwrap_or_default(), &detail, true).await?;
            let back = match fields.text("collection") {
                "" => "/scores?scored=1".to_owned(),
                id => format!("/collections/{}?scored=1", segment(id)),
            };
            Ok(Redirect::to(&back).into_response())
        }
        Err(failure @ Failure::Rules(_)) => {
            let told = notice(Tone::Bad, &words::failure(&failure, visitor.lang));
            let mut shown = show(&web, &office, &visitor, &signed, &Asked::default(), &told).await?;
            *shown.status_mut() = StatusCode::CONFLICT;
            Ok(shown)
        }
        Err(failure) => Err(failed(&web, &visitor, &failure)),
    }
}

/// How many projects were scored, and how many could not be.
async fn score(office: &Office, rules: Option<&str>, lang: Lang) -> Result<(usize, usize), Failure> {
    let material = Material::load(office.store()).await?;
    let (scored, skipped) = material.score(rules, lang)?;
    scoring::keep(office.store(), &scored, office.site.now()).await?;
    Ok((scored.len(), skipped.len()))
}
