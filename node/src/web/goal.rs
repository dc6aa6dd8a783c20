//! 绩效目标申报: a project's goal in three steps, each saved by itself: what it is for, its indicators, and a last look
//! at all of it, which prints as the form.

mod check;
mod found;
mod lines;
mod paper;
mod removal;
mod table;
mod texts;
mod typed;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, Tone, Web, notice};
use tongpin_domain::form::{Definition, KeptAs};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::rules::RuleSet;

use crate::failure::page;
use crate::guidance::RuleBook;
use crate::ops::saving::SaveError;
use crate::records::kept_form::KeptForm;
use crate::records::{self, HeldProject};
use crate::web::parts::{Context, WORK, segment};

/// The pages.
pub(super) fn pages() -> Router<Web> {
    Router::new()
        .route("/projects/{code}/goal", get(texts::get).post(texts::post))
        .route(&format!("/projects/{{code}}/goal{}", texts::CHECK), post(texts::check))
        .route("/projects/{code}/goal/indicators", get(lines::get).post(lines::post))
        .route("/projects/{code}/goal/weigh", post(lines::weigh))
        .route("/projects/{code}/goal/find", post(found::post))
        .route("/projects/{code}/goal/indicators/{seq}/delete", get(removal::get).post(removal::post))
        .route("/projects/{code}/goal/check", get(check::get))
}

/// The steps: what stands behind the address of a project's goal, and what it is called.
const STEPS: [(&str, &str, &str); 3] = [
    ("", "1. 目标文字", "1. Texts"),
    ("/indicators", "2. 绩效指标", "2. Indicators"),
    ("/check", "3. 检查和打印", "3. Check and print"),
];

/// Where a step of a project's goal is.
fn address(code: &str, step: &str) -> String {
    format!("/projects/{}/goal{step}", segment(code))
}

/// The project that a page is about.
struct Subject {
    held: HeldProject,
    /// Whether it is this bureau's own.
    ours: bool,
    /// Whether this reader may change it.
    may: bool,
    /// The rules of its year, or why there are none to be told.
    rules: Result<RuleSet, String>,
    /// What is asked of its indicators.
    form: KeptForm,
}

impl Subject {
    /// Reads it for whoever does the bureau's work.
    ///
    /// # Errors
    /// The page that says why not.
    async fn open(cx: &Context, code: &str) -> Result<Self, PageError> {
        cx.must(WORK).await?;
        let lang = cx.lang();
        let held = records::one(cx.app.store(), code).await?;
        let Some(held) = held else {
            let title = lang.pick("没有此项目", "No such project");
            let zh = format!("本级没有代码为 {code} 的项目；请核对代码，或先登记项目");
            let en = format!("there is no project {code} here; compare the code, or enter the project first");
            return Err(cx.refused(title, lang.pick(&zh, &en), StatusCode::NOT_FOUND).into());
        };
        let book = RuleBook::load(cx.app.store()).await?;
        let rules = book.choose(None, held.project.fiscal_year);
        let rules = rules.map(|rules| rules.set.clone()).map_err(|choice| page::choice(&choice, lang));
        let ours = held.author == cx.app.site.region();
        let form = KeptForm::load(cx.app.store(), Definition::of_lines()).await?;
        let may = ours && cx.may(&[Duty::Enter]);
        Ok(Self { held, ours, may, rules, form })
    }

    /// The same for whoever may change it.
    ///
    /// # Errors
    /// The page that says why not.
    async fn edit(cx: &Context, code: &str) -> Result<Self, PageError> {
        cx.must(&[Duty::Enter]).await?;
        let subject = Self::open(cx, code).await?;
        if subject.ours {
            return Ok(subject);
        }
        let why = SaveError::NotOurs(subject.held.author).say(cx.lang());
        let title = cx.lang().pick("不能修改", "Not ours to change");
        Err(cx.refused(title, &why, StatusCode::FORBIDDEN).into())
    }

    fn code(&self) -> &str {
        &self.held.project.code
    }

    /// A page of one of the steps, under the project's name.
    fn page(&self, cx: &Context, step: &str, status: StatusCode, body: &Markup) -> Response {
        let lang = cx.lang();
        let project = &self.held.project;
        let title = format!("{}：{}", lang.pick("绩效目标", "Goal"), project.name);
        let whole = html! {
            p.hint { (project.code) " · " (project.fiscal_year) (lang.pick(" 年度 · ", " · ")) (project.department) }
            nav.steps.noprint aria-label=(lang.pick("步骤", "Steps")) {
                @for (at, zh, en) in STEPS {
                    a href=(address(&project.code, at)) aria-current=[(at == step).then_some("step")] { (lang.pick(zh, en)) }
                }
                a href=(format!("/projects/{}", segment(&project.code))) { (lang.pick("返回项目", "Back to the project")) }
            }
            p.row.noprint {
                a href=(format!("/projects/{}/goal.xlsx", segment(&project.code))) {
                    (lang.pick("导出申报表（Excel）", "Export the form (Excel)"))
                }
                @if self.may { a href="/import" { (lang.pick("导入填好的申报表", "Import a filled form")) } }
                a href=(format!("/forms/{}/help", KeptAs::Goal.code())) { (lang.pick("填表说明", "Help")) }
            }
            @if !self.ours { (notice(Tone::Warn, &SaveError::NotOurs(self.held.author.clone()).say(lang))) }
            (body)
        };
        cx.page(&title).status(status).show(&whole)
    }
}

/// What was done, by the word in the address.
fn done(word: &str, lang: Lang) -> Markup {
    let told = match word {
        "saved" => lang.pick("已保存", "Saved"),
        "added" => lang.pick("已加入指标；请填写指标值并核对权重", "Added; fill in its target and look at the weights"),
        "removed" => lang.pick("已删除指标；请核对权重", "Removed; look at the weights"),
        "moved" => lang.pick("已调整顺序", "Moved"),
        _ => return html! {},
    };
    notice(Tone::Good, told)
}

/// Goes on to another step.
fn onward(code: &str, step: &str, word: &str, found: &str) -> Response {
    let found = if found.is_empty() { String::new() } else { format!("&q={}", segment(found)) };
    axum::response::Redirect::to(&format!("{}?done={word}{found}", address(code, step))).into_response()
}
